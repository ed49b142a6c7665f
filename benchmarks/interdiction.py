# ruff: noqa: E402, INP001 - started by itself; threads are set before numpy is there
"""Interdiction and minimum cuts: this library beside scipy's own maximum flow and networkx.

Run ``python benchmarks/interdiction.py``. Max-flow interdiction on grids of about 2,000 legs, from
all nodes of the first column to all of the last, budget 10, with strengths that are whole, real,
and all alike. Shortest-path interdiction on a grid of the same size, with legs that are delayed.
Minimum cuts on 30,000 nodes in the plane, each joined to its four nearest both ways, between all
nodes near two opposite sides; scipy is timed on the same graph from the arrays that it is made of
to the value of the flow, without a cut. Every figure is the median of five runs after one that
warms up; networkx runs once. BLAS has one thread.
"""

from __future__ import annotations

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import platform
import statistics
import time
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd
import scipy
import scipy.sparse as sp
from scipy.sparse.csgraph import maximum_flow
from scipy.spatial import cKDTree

from opiateroutes.chokepoints.interdiction import (
    max_flow_interdiction,
    shortest_path_interdiction,
)
from opiateroutes.chokepoints.structure import minimum_cut
from opiateroutes.network import RouteNetwork

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS, COLUMNS = 22, 24
NODES = 30_000
LARGE = 1_000_000_000


def median_seconds(run: Callable[[], object], repeats: int = 5) -> float:
    """Time a call, after one that warms up."""
    run()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def grid(strengths: str) -> tuple[nx.DiGraph, list[tuple[int, int]], list[tuple[int, int]]]:
    """Join the nodes of a grid to their neighbours, both ways."""
    rng = np.random.default_rng(1)
    graph = nx.grid_2d_graph(ROWS, COLUMNS).to_directed()
    draw = {
        "whole": lambda: int(rng.integers(1, 100)),
        "real": lambda: float(rng.random() * 100.0),
        "alike": lambda: 1,
    }[strengths]
    for edge in graph.edges:
        graph.edges[edge]["capacity"] = draw()
    first = [(row, 0) for row in range(ROWS)]
    last = [(row, COLUMNS - 1) for row in range(ROWS)]
    return graph, first, last


def interdictions() -> None:
    """Time both problems on grids."""
    for strengths in ("whole", "real", "alike"):
        graph, first, last = grid(strengths)
        found = max_flow_interdiction(graph, first, last, budget=10)
        seconds = median_seconds(
            lambda g=graph, s=first, t=last: max_flow_interdiction(g, s, t, budget=10)
        )
        print(
            f"max-flow interdiction, {len(graph.edges)} legs, {strengths} strengths, budget 10: "
            f"{seconds:.2f} s (goal 1 s), {found.before:g} -> {found.value:g}, {found.status}"
        )
    graph, first, last = grid("whole")
    options = {"budget": 10, "cost": "capacity", "added": 20}
    found = shortest_path_interdiction(graph, first, last, **options)
    seconds = median_seconds(
        lambda: shortest_path_interdiction(graph, first, last, **options), repeats=1
    )
    print(
        f"shortest-path interdiction, {len(graph.edges)} legs, delay 20, budget 10: "
        f"{seconds:.2f} s, {found.before:g} -> {found.value:g}, {found.status}"
    )


def plane() -> tuple[RouteNetwork, list[str], list[str], tuple[np.ndarray, ...]]:
    """Make a network in the plane, and the arrays it is made of."""
    rng = np.random.default_rng(1)
    place = rng.random((NODES, 2))
    _, near = cKDTree(place).query(place, 5)
    one = np.repeat(np.arange(NODES), 4)
    pairs = np.stack([np.r_[one, near[:, 1:].ravel()], np.r_[near[:, 1:].ravel(), one]])
    tail, head = np.unique(pairs, axis=1)
    strength = rng.integers(1, 100, len(tail))
    ids = np.array([f"N{k:05d}" for k in range(NODES)])
    net = RouteNetwork.from_tables(
        pd.DataFrame({"node": ids}),
        pd.DataFrame({"from": ids[tail], "to": ids[head], "capacity": strength}),
    )
    west, east = np.flatnonzero(place[:, 0] < 0.05), np.flatnonzero(place[:, 0] > 0.95)  # noqa: PLR2004
    return net, ids[west].tolist(), ids[east].tolist(), (tail, head, strength, west, east)


def minimum_cuts() -> None:
    """Time minimum cuts beside scipy's maximum flow and networkx."""
    net, west, east, (tail, head, strength, start, end) = plane()
    source, target = NODES, NODES + 1
    rows = np.r_[tail, np.full(len(start), source), end]
    columns = np.r_[head, start, np.full(len(end), target)]
    data = np.r_[strength, np.full(len(start) + len(end), LARGE)].astype(np.int32)

    def peer() -> int:
        shape = (NODES + 2, NODES + 2)
        matrix = sp.csr_array(sp.coo_array((data, (rows, columns)), shape=shape))
        return int(maximum_flow(matrix, source, target).flow_value)

    cut = minimum_cut(net, west, east, strength="capacity")
    assert cut.value == peer()  # noqa: S101
    own = median_seconds(lambda: minimum_cut(net, west, east, strength="capacity"))
    theirs = median_seconds(peer)
    print(
        f"minimum cut, {NODES} nodes, {len(tail)} legs, {len(cut.legs)} legs cut: {own:.3f} s; "
        f"scipy's maximum flow {theirs:.3f} s; ratio {own / theirs:.2f} (goal 3)"
    )
    real = pd.Series(strength * np.pi, index=net.legs.index)
    seconds = median_seconds(lambda: minimum_cut(net, west, east, strength=real))
    print(f"the same with real strengths: {seconds:.3f} s, ratio {seconds / theirs:.2f}")
    graph = nx.DiGraph()
    edges = zip(rows.tolist(), columns.tolist(), data.tolist(), strict=True)
    graph.add_edges_from((a, b, {"capacity": c}) for a, b, c in edges)
    begin = time.perf_counter()
    value, _ = nx.minimum_cut(graph, source, target)
    seconds = time.perf_counter() - begin
    assert value == cut.value  # noqa: S101
    print(f"networkx: {seconds:.1f} s, {seconds / own:.0f} times as long")


def main() -> None:
    """Print all figures."""
    print(f"Python {platform.python_version()}, scipy {scipy.__version__}, nx {nx.__version__}")
    interdictions()
    minimum_cuts()


if __name__ == "__main__":
    main()
