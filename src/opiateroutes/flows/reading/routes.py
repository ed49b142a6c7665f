"""The most likely routes of a fit, with their probability and how sure it is."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from opiateroutes.flows.kernel.measure import CONSUMPTION
from opiateroutes.flows.reading.fitted_chain import FittedChain
from opiateroutes.flows.reading.route_moments import RouteMoments
from opiateroutes.flows.reading.route_spread import routes_sd_kg
from opiateroutes.flows.reading.spread import interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.fit import FlowFit
    from opiateroutes.flows.kernel.measure import PathMeasure
    from opiateroutes.flows.reading.spread import Spread

__all__ = ["likely_paths", "likely_routes"]

_MAX_STEPS = 200_000

_COLUMNS = ["nodes", "start", "end", "probability", "flow_kg", "low_kg", "high_kg"]


def likely_routes(fit: FlowFit, count: int) -> pd.DataFrame:
    """List the most likely routes of a fit; see `FlowFit.likely_routes`."""
    tables = [
        _frame(likely_paths(*chain, count), FittedChain(*chain), fit.spread) for chain in fit.chains
    ]
    frame = pd.concat(tables) if tables else pd.DataFrame(columns=_COLUMNS)
    if len(tables) > 1:
        # A probability was that within its own chain.
        frame["probability"] = frame["flow_kg"] / fit.supply_kg
        frame = frame.sort_values(["flow_kg", "nodes"], ascending=[False, True]).head(count)
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="route")
    return frame


def likely_paths(
    measure: PathMeasure, arcs_kg: NDArray[np.float64], count: int
) -> list[tuple[float, tuple[int, ...]]]:
    """Find the most likely routes that end in consumption, most likely first.

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
    list of (float, tuple of int)
        Minus the logarithm of the probability (share of all that is dispatched that is consumed at
        the end of this very route), and the nodes.
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
    return found


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
    found: list[tuple[float, tuple[int, ...]]], chain: FittedChain, spread: Spread | None
) -> pd.DataFrame:
    names = chain.measure.nodes
    paths = [path for _, path in found]
    probability = np.exp([-cost for cost, _ in found])
    flow = probability * chain.measure.supply_kg.sum()
    low = high = np.full(len(found), np.nan)
    # The spread of a baseline is one of legs; what it says of routes is not known.
    if found and spread is not None and isinstance(spread.moments, RouteMoments):
        low, high = interval(flow, routes_sd_kg(spread, chain, paths, flow))
    ends = ([names[path[k]] for path in paths] for k in (0, -1))
    values = ([">".join(names[list(path)]) for path in paths], *ends, probability, flow, low, high)
    return pd.DataFrame(dict(zip(_COLUMNS, values, strict=True)))
