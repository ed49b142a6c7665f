"""Cheapest ways over arcs, past legs that are delayed or gone."""

from __future__ import annotations

import heapq
import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.chokepoints.structure.leg_graph import LegGraph

__all__ = ["Travel"]


class Travel:
    """Arcs with costs, and the costs that blocking adds to them.

    Parameters
    ----------
    graph
        The graph.
    cost
        Shape ``(legs,)``: at least 0.
    added
        Shape ``(legs,)``: what blocking adds; infinite where it closes the leg.
    start, end
        Positions of source and target.

    Examples
    --------
    >>> import networkx as nx
    >>> from opiateroutes.chokepoints.structure.leg_graph import read_graph
    >>> graph = read_graph(nx.DiGraph([("a", "b"), ("b", "c"), ("a", "c")]))
    >>> travel = Travel(
    ...     graph, np.array([1.0, 2.0, 5.0]), np.full(3, np.inf), np.array([0]), np.array([2])
    ... )
    >>> travel.cheapest(np.array([], dtype=int)), travel.cheapest(np.array([1]))
    (2.0, 6.0)
    """

    def __init__(
        self,
        graph: LegGraph,
        cost: NDArray[np.float64],
        added: NDArray[np.float64],
        start: NDArray[np.intp],
        end: NDArray[np.intp],
    ) -> None:
        self.n_nodes, self.start, self.end = graph.n_nodes, start, end
        self.tail, self.head, self.leg = graph.arcs()
        self.cost, self.added = cost[self.leg], added[self.leg]
        self._onward = _beside(graph.n_nodes, self.tail, self.head, self.leg)
        self._back = _beside(graph.n_nodes, self.head, self.tail, self.leg)
        self._leg_cost, self._leg_added = cost, added

    def from_source(self) -> NDArray[np.float64]:
        """Return the cost of the cheapest way from the source to each node; infinite for none."""
        return _distances(self._onward, self.start, self._leg_cost.tolist(), None)

    def to_target(self) -> NDArray[np.float64]:
        """Return the cost of the cheapest way from each node to the target."""
        return _distances(self._back, self.end, self._leg_cost.tolist(), None)

    def cheapest(self, blocked: NDArray[np.intp]) -> float:
        """Return the cost of the cheapest route past blocked legs; infinite if none is left."""
        cost = self._leg_cost.copy()
        cost[blocked] += self._leg_added[blocked]
        goal = set(self.end.tolist())
        reached = _distances(self._onward, self.start, cost.tolist(), goal)
        return float(reached[self.end].min())

    def without_idle(
        self, blocked: NDArray[np.intp], order: NDArray[np.float64]
    ) -> NDArray[np.intp]:
        """Leave out legs, those of highest order first, that the cheapest route does not feel."""
        value = self.cheapest(blocked)
        for leg in blocked[np.lexsort((blocked, -order[blocked]))]:
            fewer = blocked[blocked != leg]
            if self.cheapest(fewer) >= value:
                blocked = fewer
        return blocked


Beside = list[list[tuple[int, int]]]


def _beside(
    n_nodes: int, tail: NDArray[np.intp], head: NDArray[np.intp], leg: NDArray[np.intp]
) -> Beside:
    beside: Beside = [[] for _ in range(n_nodes)]
    for a, b, k in zip(tail.tolist(), head.tolist(), leg.tolist(), strict=True):
        beside[a].append((b, k))
    return beside


def _distances(
    beside: Beside, start: NDArray[np.intp], cost: list[float], goal: set[int] | None
) -> NDArray[np.float64]:
    """Dijkstra's algorithm; nodes beyond the nearest goal keep what was known of them."""
    distance = [math.inf] * len(beside)
    heap = [(0.0, node) for node in start.tolist()]
    for _, node in heap:
        distance[node] = 0.0
    while heap:
        so_far, node = heapq.heappop(heap)
        if so_far > distance[node]:
            continue
        if goal is not None and node in goal:
            break
        for other, leg in beside[node]:
            further = so_far + cost[leg]
            if further < distance[other]:
                distance[other] = further
                heapq.heappush(heap, (further, other))
    return np.array(distance, dtype="f8")
