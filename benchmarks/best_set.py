# ruff: noqa: E402, INP001 - started by itself; threads are set before numpy is there
"""Exact best sets of five places: seconds, beside the goals of 2 s and 5 s.

Run ``python benchmarks/best_set.py``: five made-up networks of 64 nodes with one source, and the
shipped network with the evidence of 2010; budget 5, effort 0.5, without reaction (a mixed-integer
program) and with a reaction of 2 (Dinkelbach's method). Every set must be proved optimal. Figures
are the median and the largest of three runs each; BLAS has one thread. Then once, without a goal,
the set of the highest expected drop over 64 draws, and of that in the worst tenth of them.
"""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from instances import random_case

import opiateroutes as opr
from opiateroutes.chokepoints.best_set import best_set

GOALS_S = {0.0: 2.0, 2.0: 5.0}
RUNS = 3


def main() -> None:
    """Time both programs and say how they stand to the goals."""
    fits = {
        f"64 nodes, seed {seed}": opr.estimate_flows(*random_case(seed, n_nodes=64, n_sources=1))
        for seed in range(5)
    }
    fits["shipped, 2010"] = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
    for label, fit in fits.items():
        for reaction, goal in GOALS_S.items():
            taken = []
            for _ in range(RUNS):
                start = time.perf_counter()
                found = best_set(fit, budget=5, reaction=reaction)
                taken.append(time.perf_counter() - start)
            middle = statistics.median(taken)
            sys.stdout.write(
                f"{label}: reaction {reaction:g}: {middle:.2f} s, at most {max(taken):.2f} s "
                f"(goal {goal:g} s, ratio {middle / goal:.2f}), {found.status}\n"
            )
    ensemble = opr.sample_flows(
        opr.load_network(), opr.load_evidence(2010), draws=64, progress=False
    )
    for tail in (1.0, 0.1):
        start = time.perf_counter()
        found = best_set(ensemble, budget=5, reaction=0.0, tail=tail)
        sys.stdout.write(
            f"shipped, 2010, 64 draws, tail {tail:g}: {time.perf_counter() - start:.1f} s, "
            f"{found.status}\n"
        )


if __name__ == "__main__":
    main()
