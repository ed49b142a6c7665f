# ruff: noqa: E402, INP001 - started by itself; threads are set before numpy is there
"""Fully reconciled draws: this library beside a compiled convex program solved in a loop.

Run ``python benchmarks/flow_draws.py``: a made-up network of 64 nodes, 303 legs and 129 exits with
140 rows of evidence (12 on legs, 128 on exits), each draw with its own supply, figures and leg
costs. The peer is the same problem in cvxpy, compiled once with parameters (DPP), solved by
Clarabel draw by draw; both must agree. Then margins only (one source, all exits known), and single
solves on grids of 60,000 and 600,000 legs with 12 rows, and the shipped networks with the evidence
of 2010. Every figure is the median of three runs after one that warms up, but for draws of the
shipped networks, which run once; BLAS has one thread.
"""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import argparse
import dataclasses
import platform
import resource
import statistics
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import scipy
import scipy.sparse as sp

from opiateroutes.flows.kernel.condition import condition
from opiateroutes.flows.kernel.dual import Problem, evaluate, flows_at
from opiateroutes.flows.kernel.measure import CONSUMPTION, SEIZURE, UNACCOUNTED, PathMeasure
from opiateroutes.flows.kernel.rows import Rows
from opiateroutes.flows.kernel.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Callable

N_EFFECTIVE = 30.0
WIDTH = 256
SUPPLY_KG = 415_000.0
CORNER = 8
"""Evidence lies on legs among so many rows and columns of a grid: flows further off are small."""


def neighbours(rng: np.random.Generator, n: int, legs: int) -> tuple[np.ndarray, np.ndarray]:
    """Join points of a square to those nearest to them, and all in a chain."""
    place = rng.random((n, 2))
    place = place[np.argsort(place[:, 0])]
    near = np.argsort(((place[:, None] - place[None]) ** 2).sum(axis=-1), axis=1)
    pairs = {(k, k + 1) for k in range(n - 1)}
    for rank in range(1, n):
        for k in range(n):
            if len(pairs) < legs:
                pairs.add((k, int(near[k, rank])))
    tail, head = np.array(sorted(pairs)).T
    return tail, head


def grid(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Join the nodes of a square grid to their neighbours, both ways."""
    node = np.arange(side * side).reshape(side, side)
    along = np.stack([node[:, :-1].ravel(), node[:, 1:].ravel()])
    across = np.stack([node[:-1].ravel(), node[1:].ravel()])
    one_way = np.concatenate([along, across], axis=1)
    tail, head = np.concatenate([one_way, one_way[::-1]], axis=1)
    return tail, head


def measure_on(
    rng: np.random.Generator,
    n: int,
    ends: tuple[np.ndarray, np.ndarray],
    exits: tuple[np.ndarray, np.ndarray, np.ndarray],
    supply_kg: dict[int, float],
) -> PathMeasure:
    """Put costs between 1.8 and 4 nats on the legs of a graph."""
    tail, head = ends
    node, kind, log_weight = exits
    supply = np.zeros(n)
    for k, kg in supply_kg.items():
        supply[k] = kg
    return PathMeasure(
        nodes=np.arange(n).astype(object),
        legs=np.arange(len(tail)).astype(object),
        tail=tail.astype(np.intp),
        head=head.astype(np.intp),
        leg_log_weight=np.log(0.95) - rng.uniform(1.8, 4.0, len(tail)),
        exit_node=node.astype(np.intp),
        exit_kind=kind,
        exit_place=node.astype(object),
        exit_log_weight=log_weight,
        supply_kg=supply,
        trace=Trace.nowhere(len(tail) + len(node)),
    )


def rows_on(
    rng: np.random.Generator, measure: PathMeasure, legs: np.ndarray, exits: np.ndarray
) -> Rows:
    """Make figures on legs and exits: the flows of the reference measure, off by half a nat."""
    k, arcs = len(legs), measure.n_arcs
    rows = Rows(
        names=np.arange(k + len(exits)).astype(object),
        general=sp.csr_matrix((np.ones(k), (np.arange(k), legs)), shape=(k, arcs)),
        n_flows=k,
        n_exits=len(measure.exit_node),
        exit_of_row=exits.astype(np.intp),
        target_kg=np.zeros(k + len(exits)),
        sd_kg=np.ones(k + len(exits)),
    )
    problem = Problem.of(measure, rows, n_effective=N_EFFECTIVE)
    reference = flows_at(problem, evaluate(problem, np.zeros((k + len(exits), 1))))[:, 0]
    total = measure.supply_kg.sum()
    target = rows.values(reference[:, None])[:, 0] * total
    target = target * np.exp(rng.normal(0.0, 0.5, len(target)))
    return dataclasses.replace(rows, target_kg=target, sd_kg=0.2 * target + 1e-4 * total)


def small_instance() -> tuple[PathMeasure, Rows]:
    """Build the instance of 64 nodes, 303 legs, 129 exits and 140 rows."""
    rng = np.random.default_rng(1)
    n = 64
    node = np.concatenate([np.arange(n), np.arange(1, n), [n // 2, n - 1]])
    kind = np.array([CONSUMPTION] * n + [SEIZURE] * (n - 1) + [UNACCOUNTED] * 2, dtype=object)
    log_weight = np.log(np.concatenate([rng.uniform(0.02, 0.2, n), np.full(n + 1, 0.05)]))
    ends = neighbours(rng, n, 303)
    supply = {0: 0.9 * SUPPLY_KG, 1: 0.1 * SUPPLY_KG}
    measure = measure_on(rng, n, ends, (node, kind, log_weight), supply)
    return measure, rows_on(rng, measure, rng.choice(303, 12, replace=False), np.arange(128))


def batch_of(measure: PathMeasure, rows: Rows, first: int, count: int) -> Problem:
    """Draw supply, figures and leg costs for one batch."""
    rng = np.random.default_rng([7, first])
    one = Problem.of(measure, rows, n_effective=N_EFFECTIVE)
    noise = np.zeros((measure.n_arcs, count))
    noise[: len(measure.legs)] = rng.normal(0.0, 0.3, (len(measure.legs), count))
    scale = np.exp(rng.normal(0.0, 0.1, count))
    return Problem(
        measure,
        rows,
        supply=np.repeat(one.supply, count, axis=1),
        target=one.target * np.exp(rng.normal(0.0, 0.2, (len(one.target), count))) / scale,
        variance=one.variance / scale**2,
        log_weight=measure.centred[:, None] - noise,
    )


def solve_draws(job: tuple[PathMeasure, Rows, np.ndarray, range]) -> float:
    """Solve batches; return the largest gap."""
    measure, rows, start, firsts = job
    gap = 0.0
    for first in firsts:
        problem = batch_of(measure, rows, first, WIDTH)
        gap = max(gap, float(condition(problem, start=start, polish=False).gap.max()))
    return gap


class Peer:
    """The same problem as a compiled convex program."""

    def __init__(self, problem: Problem) -> None:
        import cvxpy as cp

        measure, rows = problem.measure, problem.rows
        self.flows = cp.Variable(measure.n_arcs, nonneg=True)
        self.log_weight = cp.Parameter(measure.n_arcs)
        self.target = cp.Parameter(len(problem.target))
        self.inverse_sd = cp.Parameter(len(problem.target), nonneg=True)
        self.supply = cp.Parameter(measure.n_nodes, nonneg=True)
        self.scaled = cp.Parameter(len(problem.target))
        through = measure.arcs_at_nodes @ self.flows
        arriving = measure.legs_into_nodes @ self.flows[: len(measure.legs)]
        misfit = cp.multiply(self.inverse_sd, rows.matrix() @ self.flows) - self.scaled
        objective = (
            cp.sum(cp.rel_entr(self.flows, through[measure.arc_tail]))
            - self.log_weight @ self.flows
            + 0.5 * cp.sum_squares(misfit)
        )
        self.program = cp.Problem(cp.Minimize(objective), [through == self.supply + arriving])

    def solve(self, problem: Problem, column: int) -> np.ndarray:
        """Solve one draw."""
        supply = np.zeros(problem.measure.n_nodes)
        supply[problem.measure.sources] = problem.supply[:, column]
        self.supply.value = supply
        self.log_weight.value = problem.log_reference[:, column]
        self.inverse_sd.value = 1.0 / np.sqrt(problem.variance[:, column])
        self.scaled.value = problem.target[:, column] * self.inverse_sd.value
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.program.solve(solver="CLARABEL")
        return np.asarray(self.flows.value)


def timed(work: Callable[[], object], repeats: int = 3) -> float:
    """Return the median time of some runs after one that warms up, seconds."""
    work()
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def compare_draws(draws: int, peer_draws: int) -> None:
    """Print draws of the small instance beside the peer."""
    measure, rows = small_instance()
    start = condition(Problem.of(measure, rows, n_effective=N_EFFECTIVE)).multipliers
    count = -(-draws // WIDTH)
    alone = timed(lambda: solve_draws((measure, rows, start, range(count))))
    halves = [range(0, count, 2), range(1, count, 2)]
    with ProcessPoolExecutor(2) as pool:
        both = timed(
            lambda: list(pool.map(solve_draws, [(measure, rows, start, half) for half in halves]))
        )
    problem = batch_of(measure, rows, 0, WIDTH)
    solution = condition(problem, start=start, polish=False)
    peer = Peer(problem)
    peer.solve(problem, 0)
    begin = time.perf_counter()
    flows = [peer.solve(problem, column) for column in range(peer_draws)]
    loop = (time.perf_counter() - begin) / peer_draws
    apart = max(np.abs(f - solution.arcs[:, k]).max() for k, f in enumerate(flows))
    each = alone / (count * WIDTH)
    print(f"64 nodes, 303 legs, 129 exits, 140 rows: {count * WIDTH:,} draws")
    print(f"  one process {alone:8.2f} s   {1e3 * each:.3f} ms a draw   goal: 2 s on two cores")
    print(f"  two processes {both:6.2f} s")
    print(
        f"  cvxpy + Clarabel {1e3 * loop:.1f} ms a draw: {loop / each:.0f} times as long; goal: 60"
    )
    print(f"  largest difference of a flow {apart:.1e} of the supply, gap {solution.gap.max():.1e}")


def solve_margins(job: tuple[PathMeasure, Rows, range]) -> float:
    """Solve batches whose exits are all known; return the largest miss."""
    measure, rows, firsts = job
    miss = 0.0
    for first in firsts:
        problem = batch_of(measure, rows, first, WIDTH)
        target = problem.target * (0.98 / problem.target.sum(axis=0))
        solution = condition(dataclasses.replace(problem, target=target), polish=False)
        miss = max(miss, float(solution.hard_residual.max()))
    return miss


def margins_only(draws: int) -> None:
    """Print draws with one source and hard margins only."""
    measure, rows = small_instance()
    supply = np.zeros(measure.n_nodes)
    supply[0] = SUPPLY_KG
    measure = dataclasses.replace(measure, supply_kg=supply)
    share = rows.target_kg[12:] / rows.target_kg[12:].sum()
    rows = dataclasses.replace(
        rows,
        names=rows.names[12:],
        general=rows.general[:0],
        n_flows=0,
        target_kg=0.98 * SUPPLY_KG * share,
        sd_kg=np.zeros(len(share)),
    )
    count = -(-draws // WIDTH)

    seconds = timed(lambda: solve_margins((measure, rows, range(count))))
    halves = [(measure, rows, range(begin, count, 2)) for begin in (0, 1)]
    with ProcessPoolExecutor(2) as pool:
        both = timed(lambda: list(pool.map(solve_margins, halves)))
    print(f"margins only, one source: {count * WIDTH:,} draws")
    print(f"  one process {seconds:.2f} s, two {both:.2f} s, drawing included; goal: 0.3 s on two")


def one_large_solve(side: int, goal: str) -> None:
    """Print one solve on a grid, with evidence on 12 legs near the source."""
    rng = np.random.default_rng(0)
    n = side * side
    node = np.concatenate([np.arange(n), np.arange(n)])
    kind = np.array([CONSUMPTION] * n + [SEIZURE] * n, dtype=object)
    log_weight = np.log(rng.uniform(0.001, 0.02, 2 * n))
    measure = measure_on(rng, n, grid(side), (node, kind, log_weight), {0: SUPPLY_KG})
    near = np.flatnonzero((measure.tail < CORNER * side) & (measure.tail % side < CORNER))
    rows = rows_on(rng, measure, rng.choice(near, 12, replace=False), np.zeros(0, dtype=np.intp))
    problem = Problem.of(measure, rows, n_effective=N_EFFECTIVE)
    seconds = timed(lambda: condition(problem))
    gap = condition(problem).gap.max()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"grid of {len(measure.legs):,} legs, 12 rows: {seconds:.2f} s, goal {goal}")
    print(f"  gap {gap:.1e}, peak of memory {peak:,.0f} MB")


def real_networks(draws: int) -> None:
    """Print the fit of 2010 and draws of it, at both resolutions, by one and two processes."""
    import opiateroutes as opr

    evidence = opr.load_evidence(2010)
    with ProcessPoolExecutor(2) as pool:
        for level, goal in (("countries", "none"), ("crossings", "fit 1 s, 1,000 draws 30 s")):
            net = opr.load_network(level)
            fit = timed(lambda net=net: opr.estimate_flows(net, evidence))
            seconds = []
            for executor in (None, pool):
                begin = time.perf_counter()
                ensemble = opr.sample_flows(
                    net, evidence, draws=draws, executor=executor, progress=False
                )
                seconds.append(f"{time.perf_counter() - begin:.1f} s")
            print(f"2010, {level}: fit {fit:.2f} s; goal: {goal}")
            print(f"  {draws:,} draws by one process {seconds[0]}, by two {seconds[1]}")
            print(f"  gap {ensemble.certificate.gap:.1e}, {ensemble.certificate.balance:.1e}")


def main() -> None:
    """Run all."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--draws", type=int, default=10_000)
    options.add_argument("--peer-draws", type=int, default=20)
    chosen = options.parse_args()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}, numpy {np.__version__}, scipy {scipy.__version__}")
    compare_draws(chosen.draws, chosen.peer_draws)
    margins_only(chosen.draws)
    one_large_solve(123, "0.5 s")
    one_large_solve(388, "15 s")
    real_networks(1_000)


if __name__ == "__main__":
    main()
