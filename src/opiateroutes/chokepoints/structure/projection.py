"""A multigraph as a graph with one edge for each ordered pair of nodes, by a declared rule.

Many functions of networkx raise on parallel legs or merge them silently, and read ``weight`` as a
distance in one place and as a strength in the next. Here the rule is named, and stated in results.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

from opiateroutes.chokepoints.structure.numbers import describe, values_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.chokepoints.structure.leg_graph import LegGraph
    from opiateroutes.chokepoints.structure.numbers import Values

__all__ = ["Projection", "cheapest", "summed"]


@dataclass(frozen=True, eq=False)
class Projection:
    """One edge for each ordered pair of nodes that legs join; no edge from a node to itself.

    Parameters
    ----------
    tail, head
        Shape ``(edges,)``: positions of nodes, sorted.
    leg
        Shape ``(edges,)``: the cheapest leg of each pair, by position; of equals the first.
    value
        Shape ``(edges,)``: cost of that leg, or summed strength of the pair.
    rule
        In words.
    """

    tail: NDArray[np.intp]
    head: NDArray[np.intp]
    leg: NDArray[np.intp]
    value: NDArray[np.float64]
    rule: str

    def digraph(self, n_nodes: int, *, name: str) -> nx.DiGraph[int]:
        """Make a networkx graph of positions, with the values under a name.

        Examples
        --------
        >>> from opiateroutes.chokepoints.structure.leg_graph import read_graph
        >>> graph = read_graph(nx.MultiDiGraph([("a", "b"), ("a", "b")]))
        >>> summed(graph, None).digraph(2, name="strength").edges[0, 1]
        {'strength': 2.0}
        """
        graph: nx.DiGraph[int] = nx.DiGraph()
        graph.add_nodes_from(range(n_nodes))
        edges = zip(self.tail.tolist(), self.head.tolist(), self.value.tolist(), strict=True)
        graph.add_edges_from((tail, head, {name: value}) for tail, head, value in edges)
        return graph


def cheapest(graph: LegGraph, cost: Values) -> Projection:
    """Keep the cheapest of parallel legs: who moves takes one of them.

    Parameters
    ----------
    graph
        The graph.
    cost
        A column, a number, or a series or mapping by leg: finite, at least 0. None: 1 each.

    Returns
    -------
    Projection
        With the cost of the leg that is kept.

    Raises
    ------
    UnknownNameError
        If there is no such column or leg.
    NetworkError
        If a cost is missing, no number, below 0 or infinite.

    Examples
    --------
    >>> from opiateroutes.chokepoints.structure.leg_graph import read_graph
    >>> legs = [("a", "b", {"km": 5}), ("a", "b", {"km": 3})]
    >>> found = cheapest(read_graph(nx.MultiDiGraph(legs)), "km")
    >>> found.value.tolist(), found.leg.tolist(), found.rule
    ([3.0], [1], 'directed; cost: km; of parallel legs the cheapest')
    """
    costs = values_of(graph.legs, cost, role="cost")
    tail, head, leg = graph.arcs()
    order = np.lexsort((leg, costs[leg], head, tail))
    first = order[_starts(tail[order], head[order])]
    rule = f"directed; cost: {describe(cost)}; of parallel legs the cheapest"
    return Projection(tail[first], head[first], leg[first], costs[leg[first]], rule)


def summed(graph: LegGraph, strength: Values) -> Projection:
    """Add up the strengths of parallel legs: together they carry what each does.

    Parameters
    ----------
    graph
        The graph.
    strength
        A column, a number, or a series or mapping by leg: finite, at least 0. None: 1 each.

    Returns
    -------
    Projection
        With the sum over the legs of each ordered pair.

    Raises
    ------
    UnknownNameError
        If there is no such column or leg.
    NetworkError
        If a strength is missing, no number, below 0 or infinite.

    Examples
    --------
    >>> from opiateroutes.chokepoints.structure.leg_graph import read_graph
    >>> legs = [("a", "b", {"kg": 5}), ("a", "b", {"kg": 3})]
    >>> summed(read_graph(nx.MultiDiGraph(legs)), "kg").value.tolist()
    [8.0]
    """
    strengths = values_of(graph.legs, strength, role="strength")
    tail, head, leg = graph.arcs()
    order = np.lexsort((leg, head, tail))
    first = _starts(tail[order], head[order])
    total = np.add.reduceat(strengths[leg[order]], first) if len(first) else np.zeros(0)
    at = order[first]
    rule = f"directed; strength: {describe(strength)}; parallel legs are summed"
    return Projection(tail[at], head[at], leg[at], total, rule)


def _starts(tail: NDArray[np.intp], head: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return where each run of equal pairs starts."""
    new = np.ones(len(tail), dtype=bool)
    new[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    return np.flatnonzero(new)
