"""The most likely routes of a fit, with their probability."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from opiateroutes.flows.kernel.measure import CONSUMPTION

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.kernel.measure import PathMeasure

__all__ = ["likely_routes"]

_MAX_STEPS = 200_000


def likely_routes(
    measure: PathMeasure, arcs_kg: NDArray[np.float64], *, count: int
) -> pd.DataFrame:
    """List the most likely routes that end in consumption, most likely first.

    Best-first search with the exact best completion as its bound, so that routes come out in order
    of probability and the search stops after ``count`` of them. Parallel legs are merged.

    Parameters
    ----------
    measure
        The path measure.
    arcs_kg
        Shape ``(arcs,)``: fitted flows.
    count
        How many routes at most.

    Returns
    -------
    pandas.DataFrame
        Index ``route`` (from 1); columns ``nodes`` (ids joined by ``>``), ``start``, ``end``,
        ``probability`` (share of all that is dispatched that is consumed at the end of this very
        route), ``flow_kg``.
    """
    n, m = measure.n_nodes, len(measure.legs)
    through = np.bincount(measure.arc_tail, arcs_kg, n)
    share = np.divide(
        arcs_kg, through[measure.arc_tail], where=arcs_kg > 0, out=np.zeros(len(arcs_kg))
    )
    consumed = measure.exit_kind == CONSUMPTION
    with np.errstate(divide="ignore"):
        stop = -np.log(np.bincount(measure.exit_node[consumed], share[m:][consumed], n))
        onward: dict[int, dict[int, float]] = {k: {} for k in range(n)}
        for i, j, p in zip(measure.tail, measure.head, share[:m], strict=True):
            onward[int(i)][int(j)] = onward[int(i)].get(int(j), 0.0) + float(p)
        legs = {i: [(j, -np.log(p)) for j, p in go.items() if p > 0] for i, go in onward.items()}
    bound = _best_completion(stop, legs)
    total = measure.supply_kg.sum()
    heap: list[tuple[float, float, tuple[int, ...], bool]] = []
    for source in measure.sources.tolist():
        cost = float(-np.log(measure.supply_kg[source] / total))
        heap.append((cost + bound[source], cost, (source,), False))
    heapq.heapify(heap)
    found: list[tuple[float, tuple[int, ...]]] = []
    for _ in range(_MAX_STEPS):
        if not heap or len(found) == count:
            break
        _, cost, path, ended = heapq.heappop(heap)
        if ended:
            found.append((cost, path))
            continue
        here = path[-1]
        if np.isfinite(stop[here]):
            end = cost + stop[here]
            heapq.heappush(heap, (end, end, path, True))
        for j, step in legs[here]:
            if np.isfinite(bound[j]):
                heapq.heappush(heap, (cost + step + bound[j], cost + step, (*path, j), False))
    return _frame(found, measure, total)


def _best_completion(
    stop: NDArray[np.float64], legs: dict[int, list[tuple[int, float]]]
) -> NDArray[np.float64]:
    """Return the least cost from each node to a consumption, Dijkstra on the reversed graph."""
    back: dict[int, list[tuple[int, float]]] = {k: [] for k in legs}
    for i, go in legs.items():
        for j, step in go:
            back[j].append((i, step))
    best = np.full(len(stop), np.inf)
    heap = [(float(s), k) for k, s in enumerate(stop) if np.isfinite(s)]
    heapq.heapify(heap)
    while heap:
        cost, node = heapq.heappop(heap)
        if cost >= best[node]:
            continue
        best[node] = cost
        for before, step in back[node]:
            if cost + step < best[before]:
                heapq.heappush(heap, (cost + step, before))
    return best


def _frame(
    found: list[tuple[float, tuple[int, ...]]], measure: PathMeasure, total: float
) -> pd.DataFrame:
    names = measure.nodes.tolist()
    rows = [
        {
            "nodes": ">".join(names[k] for k in path),
            "start": names[path[0]],
            "end": names[path[-1]],
            "probability": float(np.exp(-cost)),
            "flow_kg": float(np.exp(-cost) * total),
        }
        for cost, path in found
    ]
    columns = ["nodes", "start", "end", "probability", "flow_kg"]
    index = pd.RangeIndex(1, len(rows) + 1, name="route")
    return pd.DataFrame(rows, columns=columns, index=index)
