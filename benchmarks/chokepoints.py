# ruff: noqa: E402, INP001 - started by itself; threads are set before numpy is there
"""Chokepoints over draws, and triples, beside solving each again.

Run ``python benchmarks/chokepoints.py``. (1) All nodes of a network of 64 nodes at five efforts and
four reactions over 10,000 draws, made once; (2) all places of the shipped crossings over draws (100
by default, ``--crossings 1000`` for the goal); (3) all triples of 100 legs by updates of one
inverse, and by solving some of them again. BLAS has one thread. Making the draws is not counted.
"""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import argparse
import itertools
import math
import platform
import time

import numpy as np
import pandas as pd

import opiateroutes as opr
from opiateroutes.chokepoints.chain import Enforcement, IntendedChain
from opiateroutes.chokepoints.elements import merged, resolve_elements

EFFORTS = (0.1, 0.3, 0.5, 0.7, 0.9)
REACTIONS = (0.0, 1.0, 2.0, 4.0)
AGAIN = 200
"""Triples that are solved again, to know what one costs."""


def made_up(nodes: int, legs: int) -> tuple[opr.RouteNetwork, opr.Evidence]:
    """Make a network of places joined to those near them, with a source and many markets."""
    rng = np.random.default_rng(0)
    place = rng.random((nodes, 2))
    place = place[np.argsort(place[:, 0])]
    near = np.argsort(((place[:, None] - place[None]) ** 2).sum(axis=-1), axis=1)
    pairs = {(k, k + 1) for k in range(nodes - 1)}
    for rank, k in itertools.product(range(1, nodes), range(nodes)):
        if len(pairs) < legs:
            pairs.add((k, int(near[k, rank])))
    names = [f"n{k:02d}" for k in range(nodes)]
    frame = pd.DataFrame(
        [(names[a], names[b]) for a, b in sorted(pairs)], columns=["from_node", "to_node"]
    )
    frame["cost"] = rng.uniform(2.0, 4.0, len(frame))
    ends = names[1:]
    amount = 300.0 * rng.dirichlet(np.ones(len(ends)))
    demand = pd.DataFrame({"node": ends, "best_kg": amount, "sd_kg": 0.3 * amount})
    seized = pd.DataFrame({"node": ends, "best_kg": 0.1 * amount, "sd_kg": 0.05 * amount})
    supply = pd.DataFrame({"node": ["n00"], "best_kg": [400.0], "sd_kg": [40.0]})
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": names}), frame)
    return net, opr.Evidence.from_tables(supply=supply, demand=demand, seizures=seized)


def scan(ens: opr.FlowEnsemble) -> float:
    """Return the seconds that all nodes, efforts and reactions take over all draws."""
    start = time.perf_counter()
    opr.find_chokepoints(ens, effort=EFFORTS, reaction=REACTIONS)
    return time.perf_counter() - start


def triples(fit: opr.FlowFit) -> tuple[float, float, int, float]:
    """Time all triples of 100 legs, and a single triple solved again; compare what both say."""
    _, legs = resolve_elements(fit, "legs")
    chosen = {leg.id: leg for leg in legs[:100]}
    start = time.perf_counter()
    table = opr.find_combinations(fit, size=3, elements="legs", candidates=chosen, most=AGAIN)
    updated = time.perf_counter() - start
    chain = IntendedChain.of(fit.measure, fit.arcs_kg)
    worst = 0.0
    start = time.perf_counter()
    for row in table.head(AGAIN).itertuples():
        enforcement = Enforcement.none(fit.measure)
        enforcement.on_legs[merged([chosen[one] for one in row.elements]).stages] = 0.5
        [kg] = chain.delivered_kg(enforcement, 2.0)
        worst = max(worst, abs(kg - row.delivered_kg) / fit.supply_kg)
    again = (time.perf_counter() - start) / AGAIN
    return updated, again, math.comb(len(chosen), 3), worst


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--crossings", type=int, default=100, help="draws of the crossings")
    options = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} processors, numpy {np.__version__}")
    net, evidence = made_up(64, 303)
    ens = opr.sample_flows(net, evidence, draws=options.draws)
    took = scan(ens)
    print(
        f"all nodes x {len(EFFORTS)} efforts x {len(REACTIONS)} reactions, {options.draws} draws "
        f"of 64 nodes: {took:.2f} s (goal 8 s for 10,000)"
    )
    updated, again, count, worst = triples(ens.fit)
    print(
        f"{count} triples of 100 legs: {updated:.2f} s (goal 3 s); solved again one by one "
        f"{again * count:.0f} s, {again * count / updated:.0f} times as long (goal 50); largest "
        f"difference {worst:.1e} of the supply"
    )
    crossings = opr.sample_flows(
        opr.load_network("crossings"), opr.load_evidence(2010), draws=options.crossings
    )
    took = scan(crossings)
    print(
        f"the same on {crossings.measure.n_nodes} places of the crossings, {options.crossings} "
        f"draws: {took:.1f} s, {1000 * took / options.crossings:.0f} s for 1,000 (goal 60 s)"
    )


if __name__ == "__main__":
    main()
