"""Single pairs and single nodes without which a network falls apart.

References
----------
.. [1] Hopcroft, J., Tarjan, R. (1973), "Algorithm 447: efficient algorithms for graph
   manipulation", Communications of the ACM 16(6), 372-378.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from opiateroutes.chokepoints.structure.element_tables import ids_column, node_table
from opiateroutes.chokepoints.structure.leg_graph import read_graph

if TYPE_CHECKING:
    from opiateroutes.chokepoints.structure.leg_graph import GraphLike, LegGraph

__all__ = ["Separators", "articulation_points", "bridges"]

_RULE = "undirected; all legs between two nodes, whatever the direction, are one edge"


@dataclass(frozen=True, eq=False, repr=False)
class Separators:
    """What single elements cut off.

    Parameters
    ----------
    table
        One row an element, the one that cuts off most first; see `bridges` and
        `articulation_points`.
    projection
        How legs were read.
    """

    table: pd.DataFrame
    projection: str

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        return f"<Separators: {len(self)}, {self.projection.partition(';')[0]}>"


def bridges(net: GraphLike) -> Separators:
    """Find the pairs of nodes whose legs, all taken away, leave two parts without connection.

    Parameters
    ----------
    net
        Network, fit, ensemble or any networkx graph.

    Returns
    -------
    Separators
        Index ``bridge`` (from 1); ``from_node`` and ``to_node`` (the side cut off), ``legs`` (ids
        of all legs between the two, in both directions), ``cut_off_nodes`` (the smaller side; of
        equals the one found later), ``component_nodes`` (all that were connected before) and
        ``network_nodes`` (all there are), with ``cut_off_share_of_component`` and
        ``cut_off_share_of_network``.

    Notes
    -----
    Directions are not looked at: a leg that can only be used one way also connects. For routes from
    a source see `dominators` and `minimum_cut`. Algorithm of [1]_, linear in the number of legs.

    References
    ----------
    .. [1] Hopcroft, J., Tarjan, R. (1973), "Algorithm 447: efficient algorithms for graph
       manipulation", Communications of the ACM 16(6), 372-378.

    Examples
    --------
    >>> import networkx as nx
    >>> found = bridges(nx.DiGraph([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("d", "c")]))
    >>> row = found.table.loc[1]
    >>> row["from_node"], row["to_node"], row["legs"], float(row["cut_off_share_of_network"])
    ('c', 'd', (('c', 'd'), ('d', 'c')), 0.25)
    """
    graph = read_graph(net)
    tree = _search(graph)
    rows = []
    for node in tree.order:
        above = tree.parent[node]
        if above >= 0 and tree.low[node] > tree.time[above]:
            below, whole = tree.size[node], tree.size[tree.root[node]]
            near, far = (above, node) if 2 * below <= whole else (node, above)
            rows.append((near, far, min(below, whole - below), whole))
    rows.sort(key=lambda row: (-row[2], row[0], row[1]))
    between: dict[tuple[int, int], list[int]] = {}
    ends = zip(graph.from_node.tolist(), graph.to_node.tolist(), strict=True)
    for leg, (tail, head) in enumerate(ends):
        between.setdefault((min(tail, head), max(tail, head)), []).append(leg)
    legs = [tuple(graph.legs.ids[k] for k in between[min(a, b), max(a, b)]) for a, b, _, _ in rows]
    table = pd.DataFrame(
        {
            "from_node": ids_column([graph.nodes.ids[row[0]] for row in rows]),
            "to_node": ids_column([graph.nodes.ids[row[1]] for row in rows]),
            "legs": pd.Series(legs, dtype="object"),
            **_sizes(graph, [row[2] for row in rows], [row[3] for row in rows]),
        },
    )
    return Separators(table.set_axis(pd.RangeIndex(1, len(rows) + 1, name="bridge")), _RULE)


def articulation_points(net: GraphLike) -> Separators:
    """Find the nodes without which those around them are no longer all connected.

    Parameters
    ----------
    net
        Network, fit, ensemble or any networkx graph.

    Returns
    -------
    Separators
        Index ``node``; ``name``, ``parts`` (how many parts are left of its component),
        ``cut_off_nodes`` (all but the largest of them, without the node itself),
        ``component_nodes`` (all that were connected before, with the node) and ``network_nodes``
        (all there are), with ``cut_off_share_of_component`` and ``cut_off_share_of_network``.

    Notes
    -----
    Directions are not looked at; see `bridges`. Algorithm of [1]_.

    References
    ----------
    .. [1] Hopcroft, J., Tarjan, R. (1973), "Algorithm 447: efficient algorithms for graph
       manipulation", Communications of the ACM 16(6), 372-378.

    Examples
    --------
    >>> import networkx as nx
    >>> articulation_points(nx.star_graph(3)).table.loc[0, ["parts", "cut_off_nodes"]].tolist()
    [3, 2]
    """
    graph = read_graph(net)
    tree = _search(graph)
    cut: dict[int, list[int]] = {}
    for node in tree.order:
        above = tree.parent[node]
        if above >= 0 and tree.low[node] >= tree.time[above]:
            cut.setdefault(above, []).append(tree.size[node])
    rows = []
    for node, sizes in cut.items():
        whole = tree.size[tree.root[node]]
        rest = whole - 1 - sum(sizes)
        parts = [*sizes, rest] if rest else sizes
        if len(parts) > 1:
            rows.append((node, len(parts), sum(parts) - max(parts), whole))
    rows.sort(key=lambda row: (-row[2], row[0]))
    table = node_table(
        graph,
        np.array([row[0] for row in rows], dtype=np.intp),
        parts=np.array([row[1] for row in rows], dtype=np.int64),
        **_sizes(graph, [row[2] for row in rows], [row[3] for row in rows]),
    )
    return Separators(table, _RULE)


def _sizes(graph: LegGraph, cut_off: list[int], component: list[int]) -> dict[str, Any]:
    small, whole = np.array(cut_off, dtype=np.int64), np.array(component, dtype=np.int64)
    return {
        "cut_off_nodes": small,
        "component_nodes": whole,
        "network_nodes": np.full(len(small), graph.n_nodes),
        "cut_off_share_of_component": small / whole,
        "cut_off_share_of_network": small / max(graph.n_nodes, 1),
    }


@dataclass(frozen=True, eq=False)
class _Tree:
    """A depth-first search: when nodes are met, and how far up their branches reach."""

    order: list[int]
    parent: list[int]
    time: list[int]
    low: list[int]
    size: list[int]
    root: list[int]


def _search(graph: LegGraph) -> _Tree:
    """Search every component depth first, without recursion: routes may be long."""
    beside: list[set[int]] = [set() for _ in range(graph.n_nodes)]
    for tail, head in zip(graph.from_node.tolist(), graph.to_node.tolist(), strict=True):
        if tail != head:
            beside[tail].add(head)
            beside[head].add(tail)
    n = graph.n_nodes
    tree = _Tree([], [-1] * n, [-1] * n, [0] * n, [1] * n, list(range(n)))
    for start in range(n):
        if tree.time[start] < 0:
            _search_from(tree, start, beside)
    for node in reversed(tree.order):
        above = tree.parent[node]
        if above >= 0:
            tree.size[above] += tree.size[node]
            tree.low[above] = min(tree.low[above], tree.low[node])
    return tree


def _search_from(tree: _Tree, start: int, beside: list[set[int]]) -> None:
    stack = [(start, iter(sorted(beside[start])))]
    _meet(tree, start, start)
    while stack:
        node, others = stack[-1]
        other = next(others, None)
        if other is None:
            stack.pop()
        elif tree.time[other] < 0:
            tree.parent[other] = node
            _meet(tree, other, start)
            stack.append((other, iter(sorted(beside[other]))))
        elif other != tree.parent[node]:
            tree.low[node] = min(tree.low[node], tree.time[other])


def _meet(tree: _Tree, node: int, root: int) -> None:
    tree.time[node] = tree.low[node] = len(tree.order)
    tree.order.append(node)
    tree.root[node] = root
