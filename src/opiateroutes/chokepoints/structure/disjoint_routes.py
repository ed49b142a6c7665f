"""As many routes as there are without a leg, or a node, in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from opiateroutes.chokepoints.structure.ends import both_ends
from opiateroutes.chokepoints.structure.leg_graph import read_graph
from opiateroutes.chokepoints.structure.max_flow import max_flow
from opiateroutes.chokepoints.structure.numbers import describe, values_of
from opiateroutes.chokepoints.structure.projection import cheapest
from opiateroutes.chokepoints.structure.routes import routes_of
from opiateroutes.data import nearest
from opiateroutes.errors import ConvergenceError, UnknownNameError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.chokepoints.structure.leg_graph import GraphLike, LegGraph
    from opiateroutes.chokepoints.structure.numbers import Values
    from opiateroutes.chokepoints.structure.routes import Routes

__all__ = ["disjoint_routes"]

_APART = ("legs", "nodes")

_INNER = -1
"""Leg of an arc that stands for passing a node."""


def disjoint_routes(
    net: GraphLike, source: Any, target: Any, *, by: str = "legs", cost: Values = None
) -> Routes:
    """Find as many routes as there are that share no leg, or no node; the cheapest such set.

    Parameters
    ----------
    net
        Network, fit, ensemble or any networkx graph.
    source, target
        A node, the ``iso3`` of a group of nodes, or several of either. Several act as one: routes
        may share nodes of the source and of the target.
    by
        ``"legs"``: parallel legs are different legs. ``"nodes"``: routes share no node between
        source and target, and no two pass the same nodes; of parallel legs each takes the cheapest.
    cost
        Of each leg, at least 0: a column, a number, a series or mapping by leg. None, the default,
        counts legs.

    Returns
    -------
    Routes
        Their number is the largest there is, and their summed cost the least for that number. None
        if no route leads from source to target.

    Raises
    ------
    UnknownNameError
        If there is no such node, group or column, or ``by`` is neither.
    NetworkError
        If a cost is missing, no number, below 0 or infinite.
    ValueError
        If source and target share a node, or name none.
    ConvergenceError
        If the linear program is not solved.

    Notes
    -----
    By [1]_ their number equals the fewest legs (or nodes, where no leg leads straight from source
    to target) that separate the two: `minimum_cut` with strength 1. The cheapest set is a minimum
    cost flow of that value; the corners of its linear program are whole [2]_.

    References
    ----------
    .. [1] Menger, K. (1927), "Zur allgemeinen Kurventheorie", Fundamenta Mathematicae 10, 96-115.
    .. [2] Ahuja, R. K., Magnanti, T. L., Orlin, J. B. (1993), *Network Flows*, ch. 11.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph([("a", "b"), ("b", "d"), ("a", "c"), ("c", "d"), ("d", "e"), ("b", "e")])
    >>> disjoint_routes(graph, "a", "e").table["nodes"].tolist()
    [('a', 'b', 'e'), ('a', 'c', 'd', 'e')]
    """
    if by not in _APART:
        raise UnknownNameError(
            f"no way to keep routes apart {by!r}{nearest(str(by), _APART)}; there is "
            f"{', '.join(_APART)}"
        )
    graph = read_graph(net)
    start, end = both_ends(graph, source, target)
    costs = values_of(graph.legs, cost, role="cost")
    if by == "nodes":
        projection = cheapest(graph, cost)
        tail, head, leg = projection.tail, projection.head, projection.leg
        rule = f"{projection.rule}; no node in common"
    else:
        tail, head, leg = graph.arcs()
        rule = f"directed; cost: {describe(cost)}; parallel legs are different; no leg in common"
    # Legs into the source or out of the target are of no use: several nodes act as one.
    kept = ~np.isin(head, start) & ~np.isin(tail, end)
    tail, head, leg = tail[kept], head[kept], leg[kept]
    if by == "nodes":
        tail, head, leg = _split(graph, tail, head, leg)
    into, out = 2 * graph.n_nodes, 2 * graph.n_nodes + 1
    leave = start + graph.n_nodes if by == "nodes" else start
    ones = np.ones(len(tail))
    if by == "nodes":
        ones[(leg == _INNER) & np.isin(tail, np.r_[start, end])] = np.inf
    flow = max_flow(2 * graph.n_nodes, (tail, head), ones, sources=leave, targets=end)
    number = round(flow.value)
    tail = np.r_[tail, np.full(len(leave), into), end]
    head = np.r_[head, leave, np.full(len(end), out)]
    leg = np.r_[leg, np.full(len(leave) + len(end), _INNER)]
    limit = np.r_[ones, np.full(len(leave) + len(end), np.inf)]
    price = np.where(leg == _INNER, 0.0, costs[leg])
    used = _cheapest_flow((tail, head), price, limit, (into, out), number) if number else ones < 0
    found = _taken_apart(graph, (tail, head, leg), used, (into, out), number)
    ordered = sorted(found, key=lambda route: (sum(costs[route[1]]), route[1]))
    return routes_of(graph, ordered, cost=costs.tolist(), rule=rule)


def _split(
    graph: LegGraph, tail: NDArray[np.intp], head: NDArray[np.intp], leg: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Make each node k an arc from k, where routes arrive, to n + k, where they leave."""
    n = graph.n_nodes
    return (
        np.r_[tail + n, np.arange(n)],
        np.r_[head, np.arange(n) + n],
        np.r_[leg, np.full(n, _INNER)],
    )


def _cheapest_flow(
    ends: tuple[NDArray[np.intp], NDArray[np.intp]],
    price: NDArray[np.float64],
    limit: NDArray[np.float64],
    between: tuple[int, int],
    number: int,
) -> NDArray[np.float64]:
    """Send a number of units at least cost; return how many each arc carries."""
    tail, head = ends
    arcs, count = np.arange(len(tail)), between[1] + 1
    leaving = sp.coo_array((np.ones(len(tail)), (tail, arcs)), shape=(count, len(tail)))
    arriving = sp.coo_array((np.ones(len(tail)), (head, arcs)), shape=(count, len(tail)))
    balance = np.zeros(count)
    balance[list(between)] = number, -number
    # Units of cost must not decide how closely the program is solved.
    scale = max(float(price.max(initial=0.0)), np.finfo(float).tiny)
    solved = linprog(
        price / scale,
        A_eq=sp.csr_array(leaving - arriving),
        b_eq=balance,
        bounds=np.column_stack([np.zeros(len(limit)), limit]),
        method="highs-ds",
    )
    if solved.status != 0:
        raise ConvergenceError(f"the cheapest set of routes was not found: {solved.message}")
    return np.asarray(np.rint(solved.x), dtype=np.float64)


def _taken_apart(
    graph: LegGraph,
    arcs: tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]],
    used: NDArray[Any],
    between: tuple[int, int],
    number: int,
) -> list[tuple[list[int], list[int]]]:
    """Follow a whole flow from its source, one unit at a time, leaving out what goes round."""
    tail, head, leg = arcs
    onward: dict[int, list[tuple[int, int]]] = {}
    for arc in np.flatnonzero(used)[::-1].tolist():
        step = (int(head[arc]), int(leg[arc]))
        onward.setdefault(int(tail[arc]), []).extend([step] * int(used[arc]))
    found = []
    for _ in range(number):
        way, taken = [between[0]], [_INNER]
        while way[-1] != between[1]:
            node, passed = onward[way[-1]].pop()
            if node in way:
                back = way.index(node) + 1
                del way[back:], taken[back:]
                continue
            way.append(node)
            taken.append(passed)
        legs = [k for k in taken if k != _INNER]
        states = [k for k in way if k not in between]
        nodes = [k % graph.n_nodes for k in states]
        found.append(([k for i, k in enumerate(nodes) if i == 0 or k != nodes[i - 1]], legs))
    return found
