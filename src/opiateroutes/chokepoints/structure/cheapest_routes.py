"""The few cheapest routes without a loop."""

from __future__ import annotations

from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np

from opiateroutes.chokepoints.options import checked_count
from opiateroutes.chokepoints.structure.ends import both_ends
from opiateroutes.chokepoints.structure.leg_graph import read_graph
from opiateroutes.chokepoints.structure.numbers import values_of
from opiateroutes.chokepoints.structure.projection import cheapest
from opiateroutes.chokepoints.structure.routes import routes_of

if TYPE_CHECKING:
    from opiateroutes.chokepoints.structure.leg_graph import GraphLike
    from opiateroutes.chokepoints.structure.numbers import Values
    from opiateroutes.chokepoints.structure.routes import Routes

__all__ = ["cheapest_routes"]


def cheapest_routes(
    net: GraphLike, source: Any, target: Any, *, k: int = 5, cost: Values = "distance_km"
) -> Routes:
    """Find the k cheapest routes from source to target that pass no node twice.

    Parameters
    ----------
    net
        Network, fit, ensemble or any networkx graph.
    source, target
        A node, the ``iso3`` of a group of nodes, or several of either. Routes go from any node of
        the source to any of the target and pass through no other node of either.
    k
        How many; 5 by default. Fewer come back where there are fewer.
    cost
        Of each leg, at least 0: a column, a number, a series or mapping by leg, None for 1 each;
        the distance by default.

    Returns
    -------
    Routes
        The cheapest first; none if no route leads from source to target. Routes differ in the nodes
        they pass: of parallel legs each takes the cheapest, which it names.

    Raises
    ------
    UnknownNameError
        If there is no such node, group or column.
    NetworkError
        If a cost is missing, no number, below 0 or infinite.
    ValueError
        If source and target share a node or name none, or ``k`` is no whole number of at least 1.

    References
    ----------
    .. [1] Yen, J. Y. (1971), "Finding the k shortest loopless paths in a network", Management
       Science 17(11), 712-716.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph()
    >>> graph.add_weighted_edges_from(
    ...     [("a", "b", 1), ("b", "d", 1), ("a", "c", 2), ("c", "d", 3)], weight="km"
    ... )
    >>> cheapest_routes(graph, "a", "d", cost="km").table["nodes"].tolist()
    [('a', 'b', 'd'), ('a', 'c', 'd')]
    """
    k = checked_count(k, "k")
    graph = read_graph(net)
    start, end = both_ends(graph, source, target)
    projection = cheapest(graph, cost)
    # Legs into the source or out of the target would only lengthen a route.
    kept = ~np.isin(projection.head, start) & ~np.isin(projection.tail, end)
    edges = zip(
        projection.tail[kept].tolist(),
        projection.head[kept].tolist(),
        projection.value[kept].tolist(),
        strict=True,
    )
    first, last = graph.n_nodes, graph.n_nodes + 1
    links: nx.DiGraph[int] = nx.DiGraph()
    links.add_nodes_from((first, last))
    links.add_weighted_edges_from(edges, weight="cost")
    links.add_weighted_edges_from(((first, node, 0.0) for node in start.tolist()), weight="cost")
    links.add_weighted_edges_from(((node, last, 0.0) for node in end.tolist()), weight="cost")
    pairs = zip(projection.tail.tolist(), projection.head.tolist(), strict=True)
    taken = dict(zip(pairs, projection.leg.tolist(), strict=True))
    found = []
    if nx.has_path(links, first, last):
        paths = nx.shortest_simple_paths(links, first, last, weight="cost")
        for path in islice(paths, k):
            way = path[1:-1]
            found.append((way, [taken[pair] for pair in pairwise(way)]))
    costs = values_of(graph.legs, cost, role="cost")
    return routes_of(graph, found, cost=costs.tolist(), rule=projection.rule)
