"""Betweenness of nodes, the textbook ranking that chokepoints are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np

from opiateroutes.chokepoints.structure.current_flow import current_through, joined
from opiateroutes.chokepoints.structure.element_tables import node_table
from opiateroutes.chokepoints.structure.ends import nodes_at
from opiateroutes.chokepoints.structure.leg_graph import read_graph
from opiateroutes.chokepoints.structure.numbers import describe, values_of
from opiateroutes.chokepoints.structure.projection import cheapest
from opiateroutes.data import nearest
from opiateroutes.errors import UnknownNameError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from opiateroutes.chokepoints.structure.leg_graph import GraphLike, LegGraph
    from opiateroutes.chokepoints.structure.numbers import Values

__all__ = ["Betweenness", "betweenness"]

KINDS = ("shortest", "current_flow")
"""What routes are counted: the cheapest only, or all, as a current spreads."""


@dataclass(frozen=True, eq=False, repr=False)
class Betweenness:
    """Betweenness of every node.

    Parameters
    ----------
    table
        Index ``node``; ``name``, ``betweenness`` (share of the pairs of other nodes, 0 to 1; with
        sources and targets of the pairs there would be if all nodes were both), ``rank`` (1 is the
        highest; equals share the best), ``component_nodes`` (what the share is of: pairs among the
        other nodes of so many; all nodes for the cheapest routes). The highest first.
    kind
        ``"shortest"`` or ``"current_flow"``.
    projection
        How parallel legs were read.
    """

    table: pd.DataFrame
    kind: str
    projection: str

    def __repr__(self) -> str:
        top = ", ".join(self.table["name"].head(3)) or "none"
        return f"<Betweenness ({self.kind}): first {top}>"


def betweenness(
    net: GraphLike,
    *,
    kind: str = "shortest",
    cost: Values = None,
    strength: Values = None,
    sources: Any = None,
    targets: Any = None,
) -> Betweenness:
    r"""Rank nodes by the share of routes between others that pass them.

    Parameters
    ----------
    net
        Network, fit (``strength="flow_kg"``), ensemble or any networkx graph.
    kind
        ``"shortest"``: cheapest routes, directed. ``"current_flow"``: all routes, as a current
        spreads, without direction, each component by itself.
    cost
        Of each leg, above 0, for the cheapest routes: a column, a number, a series or mapping by
        leg; None counts legs.
    strength
        Conductance of each leg, at least 0, for the current: likewise; None is 1 each.
    sources, targets
        Count only routes between these: nodes, groups, or several of either; all by default. A
        node may be both: no route leads from it to itself.

    Returns
    -------
    Betweenness
        All nodes; 0 for all where fewer than three are connected, or no route leads from a source
        to a target.

    Raises
    ------
    UnknownNameError
        If there is no such kind, node, group or column.
    NetworkError
        If a cost or strength is missing, no number, below 0 or infinite.
    ConvergenceError
        If strengths lie so far apart that currents cannot be worked out.
    ValueError
        If a cost is 0 (nodes at no distance make the number of cheapest routes meaningless), or if
        a strength is given for the cheapest routes or a cost for the current: what is far is not
        what is strong.

    Notes
    -----
    :math:`b(v) = \sum_{s \ne v \ne t} f_{st}(v) / (n-1)(n-2)` over ordered pairs [1]_, where
    :math:`f_{st}(v)` is the share of the cheapest routes from s to t that pass v, or the part of a
    unit of current [2]_. Both equal what networkx gives. Ranking by it ignores that routes move
    when a node is watched: see `opiateroutes.find_chokepoints`.

    References
    ----------
    .. [1] Freeman, L. C. (1977), "A set of measures of centrality based on betweenness",
       Sociometry 40(1), 35-41.
    .. [2] Newman, M. E. J. (2005), "A measure of betweenness centrality based on random walks",
       Social Networks 27(1), 39-54.

    Examples
    --------
    >>> betweenness(nx.path_graph(3)).table["betweenness"].to_dict()
    {1: 1.0, 0: 0.0, 2: 0.0}
    """
    if kind not in KINDS:
        raise UnknownNameError(
            f"no kind of betweenness {kind!r}{nearest(str(kind), KINDS)}; there is "
            f"{', '.join(KINDS)}"
        )
    if (strength if kind == "shortest" else cost) is not None:
        given, wanted = ("strength", "cost") if kind == "shortest" else ("cost", "strength")
        raise ValueError(
            f"betweenness of kind {kind!r} takes a {wanted}, not a {given}: a cost is low where it "
            "is easy to go, a strength is high there"
        )
    graph = read_graph(net)
    places = _mask(graph, sources, "sources"), _mask(graph, targets, "targets")
    if kind == "shortest":
        value, size, rule = _shortest(graph, cost, places)
    else:
        value, size, rule = _current(graph, strength, places)
    order = np.lexsort((np.arange(len(value)), -value))
    # Rounding must not tell apart nodes that are equal by symmetry.
    close = np.round(value, 12)
    rank = 1 + np.searchsorted(np.sort(-close), -close)
    table = node_table(
        graph,
        order,
        betweenness=value[order],
        rank=rank[order].astype(np.int64),
        component_nodes=size[order],
    )
    return Betweenness(table, kind, rule)


def _mask(graph: LegGraph, where: Any, role: str) -> NDArray[np.bool_]:
    mask = np.full(graph.n_nodes, where is None)
    if where is not None:
        mask[nodes_at(graph, where, role=role)] = True
    return mask


Places = tuple["NDArray[np.bool_]", "NDArray[np.bool_]"]
Found = tuple["NDArray[np.float64]", "NDArray[np.int64]", str]


def _shortest(graph: LegGraph, cost: Values, places: Places) -> Found:
    projection = cheapest(graph, cost)
    if (projection.value <= 0.0).any():
        leg = graph.legs.ids[int(projection.leg[projection.value <= 0.0][0])]
        raise ValueError(
            f"leg {leg!r} has cost 0: betweenness counts cheapest routes, and nodes at no distance "
            "make their number meaningless; give it a small cost"
        )
    links = projection.digraph(graph.n_nodes, name="cost")
    if all(mask.all() for mask in places):
        found = nx.betweenness_centrality(links, weight="cost")
    else:
        start, end = (np.flatnonzero(mask).tolist() for mask in places)
        found = nx.betweenness_centrality_subset(
            links, sources=start, targets=end, normalized=True, weight="cost"
        )
    value = np.array([found[k] for k in range(graph.n_nodes)], dtype="f8")
    return value, np.full(graph.n_nodes, graph.n_nodes), projection.rule


def _current(graph: LegGraph, strength: Values, places: Places) -> Found:
    strengths = values_of(graph.legs, strength, role="strength")
    pairs = joined(graph.n_nodes, (graph.from_node, graph.to_node), strengths)
    through, size = current_through(pairs, *places)
    among = np.maximum((size - 1.0) * (size - 2.0), 1.0)
    rule = f"undirected; strength: {describe(strength)}; all legs between two nodes are summed"
    return through / among, size.astype(np.int64), f"{rule}; each component by itself"
