"""Equal split: each order is divided equally over the few cheapest simple routes that serve it.

References
----------
.. [1] Yen, J. Y. (1971), "Finding the k shortest loopless paths in a network", Management Science
   17(11), 712-716.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice, pairwise
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

from opiateroutes.flows.baselines.cheapest_plan import cheapest_plan
from opiateroutes.flows.baselines.orders import orders_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.baselines.assigned import Assigned
    from opiateroutes.flows.baselines.orders import Orders
    from opiateroutes.flows.binding.bind import Bound
    from opiateroutes.flows.kernel.measure import PathMeasure

__all__ = ["equal_split"]

_END = -1
"""Node of the route graph where an order is served."""

_NOTHING = 1e-12
"""Share of the supply below which a supply sends nothing to an order."""

Route = tuple[int, ...]


def equal_split(bound: Bound, evidence: Evidence, *, k_routes: int) -> Assigned:
    """Split each order equally over its cheapest simple routes.

    How much each supply sends to each order is taken from the cheapest plan (with one supply there
    is nothing to choose). A route is a sequence of nodes and costs what the cheapest legs along it
    cost; parallel legs then share it by their reference weight. Where there are fewer routes than
    asked for, those there are share equally.

    Parameters
    ----------
    bound
        The bound problem.
    evidence
        Its evidence.
    k_routes
        Routes for each supply and order.

    Returns
    -------
    Assigned
        Flows in balance, in closed form given the routes.
    """
    measure = bound.measure
    orders = orders_of(bound, evidence)
    plan = cheapest_plan(measure, orders)
    parts = _Parallel(measure, orders)
    arcs = np.zeros(measure.n_arcs)
    sent = _sent(measure, plan.arcs, orders)
    known: dict[tuple[object, ...], list[Route]] = {}
    for order in range(len(orders.names)):
        ends = parts.ends(order)
        first = min(ends.values())
        for source in np.flatnonzero(sent[:, order]):
            start = int(measure.sources[source])
            # Routes to orders at the same states differ by a constant at most.
            key = (start, *((state, round(c - first, 9)) for state, c in sorted(ends.items())))
            if key not in known:
                known[key] = _cheapest_routes(parts.graph, start, ends, k_routes)
            routes = known[key]
            for route in routes:
                parts.put(arcs, route, order, sent[source, order] / len(routes))
    return replace(plan, arcs=arcs, gap=0.0, iterations=0)


def _sent(measure: PathMeasure, arcs: NDArray[np.float64], orders: Orders) -> NDArray[np.float64]:
    """Return how much each source sends to each order, shape ``(sources, orders)``."""
    n, m = measure.n_nodes, len(measure.legs)
    through = np.bincount(measure.arc_tail, arcs, n)
    share = arcs / np.where(through > 0, through, 1.0)[measure.arc_tail]
    step = np.zeros((n, n))
    np.add.at(step, (measure.head, measure.tail), share[:m])
    supply = measure.supply_kg[measure.sources] / measure.supply_kg.sum()
    start = np.zeros((n, len(supply)))
    start[measure.sources, np.arange(len(supply))] = supply
    visits = np.linalg.solve(np.eye(n) - step, start)
    leaving = (visits[measure.exit_node] * share[m:, None]).T
    sent = np.asarray(leaving @ orders.exits.T, dtype=np.float64)
    sent[sent < _NOTHING] = 0.0
    balanced: NDArray[np.float64] = sent * (supply / sent.sum(axis=1))[:, None]
    return balanced


class _Parallel:
    """The route graph, and which arcs lie parallel on each of its edges."""

    def __init__(self, measure: PathMeasure, orders: Orders) -> None:
        self._log = measure.centred
        self._beside: dict[tuple[int, int], list[int]] = {}
        for arc, pair in enumerate(zip(measure.tail, measure.head, strict=True)):
            self._beside.setdefault((int(pair[0]), int(pair[1])), []).append(arc)
        self._exits: list[dict[int, list[int]]] = []
        exits, m = orders.exits, len(measure.legs)
        for order in range(len(orders.names)):
            own: dict[int, list[int]] = {}
            for exit_ in exits.indices[exits.indptr[order] : exits.indptr[order + 1]]:
                own.setdefault(int(measure.exit_node[exit_]), []).append(m + int(exit_))
            self._exits.append(own)
        self.graph = nx.DiGraph()
        self.graph.add_nodes_from(range(measure.n_nodes))
        for (tail, head), arcs in self._beside.items():
            if tail != head:
                self.graph.add_edge(tail, head, cost=self._cheapest(arcs))

    def _cheapest(self, arcs: list[int]) -> float:
        return max(0.0, -float(self._log[arcs].max()))

    def ends(self, order: int) -> dict[int, float]:
        """Return the states where an order is served, with the cost of ending there."""
        return {state: self._cheapest(arcs) for state, arcs in self._exits[order].items()}

    def put(self, arcs: NDArray[np.float64], route: Route, order: int, amount: float) -> None:
        """Add an amount to all arcs of a route; parallel ones share it by weight."""
        steps = [self._beside[pair] for pair in pairwise(route)]
        for beside in (*steps, self._exits[order][route[-1]]):
            weight = np.exp(self._log[beside] - self._log[beside].max())
            arcs[beside] += amount * weight / weight.sum()


def _cheapest_routes(
    graph: nx.DiGraph, start: int, ends: dict[int, float], count: int
) -> list[Route]:
    graph.add_weighted_edges_from(((s, _END, c) for s, c in ends.items()), weight="cost")
    paths = nx.shortest_simple_paths(graph, start, _END, weight="cost")
    routes = [tuple(path[:-1]) for path in islice(paths, count)]
    graph.remove_node(_END)
    return routes
