"""Which nodes all routes from a source to a node pass."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np

from opiateroutes.chokepoints.structure.element_tables import ids_column, node_table
from opiateroutes.chokepoints.structure.ends import nodes_at
from opiateroutes.chokepoints.structure.leg_graph import read_graph
from opiateroutes.data import nearest
from opiateroutes.errors import UnknownNameError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from opiateroutes.chokepoints.structure.leg_graph import GraphLike, LegGraph

__all__ = ["Dominators", "dominators"]


@dataclass(frozen=True, eq=False, repr=False)
class Dominators:
    """The dominator tree of a source.

    Parameters
    ----------
    table
        Index ``node``, one row for each node that is reached and not of the source; ``name``,
        ``immediate`` (the last node that all routes to it pass; missing where they have only the
        source in common), ``dominated_nodes`` (how many others are reached only through it),
        ``reached_nodes`` (all that the source reaches, without the source) and ``network_nodes``
        (all there are), with ``dominated_share_of_reached`` and ``dominated_share_of_network``.
        Of a fit also ``dominated_kg``: estimated consumption at the node and at those it dominates.
        The node that dominates most first.
    unreached
        Nodes that no route from the source reaches.
    projection
        How legs were read.
    """

    table: pd.DataFrame
    unreached: tuple[Any, ...]
    projection: str

    def before(self, node: Any) -> tuple[Any, ...]:
        """Return all nodes that every route from the source to a node passes, in order.

        Parameters
        ----------
        node
            Id of a node of the table.

        Returns
        -------
        tuple
            Without the source and the node itself.

        Raises
        ------
        UnknownNameError
            If the table has no such node: it is not reached, is of the source, or does not exist.

        Examples
        --------
        >>> dominators(nx.path_graph(4, create_using=nx.DiGraph), 0).before(3)
        (1, 2)
        """
        immediate = dict(zip(self.table.index, self.table["immediate"].tolist(), strict=True))
        if not isinstance(node, Hashable) or node not in immediate:
            raise UnknownNameError(
                f"no route from the source leads to a node {node!r}: it is not reached, is of the "
                f"source, or does not exist{nearest(str(node), map(str, immediate))}"
            )
        passed: list[Any] = []
        above = immediate[node]
        while above in immediate:
            passed.append(above)
            above = immediate[above]
        return tuple(reversed(passed))

    def __repr__(self) -> str:
        several = int((self.table["dominated_nodes"] > 0).sum())
        return f"<Dominators: {several} of {len(self.table)} reached nodes dominate others>"


def dominators(net: GraphLike, source: Any) -> Dominators:
    """Find, for each node, which nodes all routes from the source to it pass.

    Parameters
    ----------
    net
        Network, fit (then the estimated consumption that depends on each node is added up),
        ensemble, or any networkx graph.
    source
        A node, the ``iso3`` of a group of nodes, or several of either, which act as one.

    Returns
    -------
    Dominators
        Their tree as a table; without rows if the source reaches nothing.

    Raises
    ------
    UnknownNameError
        If there is no such node or group.
    ValueError
        If the source names no node.

    Notes
    -----
    Parallel legs make no difference here: only which nodes are joined counts. Immediate dominators
    by [1]_, as networkx has it.

    References
    ----------
    .. [1] Cooper, K. D., Harvey, T. J., Kennedy, K. (2001), "A simple, fast dominance algorithm",
       Rice University, Computer Science Technical Report 06-33870.

    Examples
    --------
    >>> graph = nx.DiGraph([("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("d", "e"), ("e", "f")])
    >>> found = dominators(graph, "a")
    >>> found.table["dominated_nodes"].to_dict()
    {'d': 2, 'e': 1, 'b': 0, 'c': 0, 'f': 0}
    >>> found.before("f")
    ('d', 'e')
    """
    graph = read_graph(net)
    start = nodes_at(graph, source, role="source")
    first = graph.n_nodes
    tail, head, _ = graph.arcs()
    links: nx.DiGraph[int] = nx.DiGraph()
    links.add_edges_from((first, node) for node in start.tolist())
    links.add_edges_from(zip(tail.tolist(), head.tolist(), strict=True))
    above = nx.immediate_dominators(links, first)
    # Which of several nodes of the source a route leaves from is no matter: they act as one.
    origin = {first, *start.tolist()}
    reached = np.array(sorted(set(above) - origin), dtype=np.intp)
    below = _added_up(reached, above, links, first)
    size = below(np.ones(graph.n_nodes)) - 1.0
    columns = _columns(graph, reached, above, origin, size)
    if graph.fit is not None:
        used = np.array(graph.nodes.read("consumption_kg"), dtype="f8")
        columns["dominated_kg"] = below(used)[reached]
    table = node_table(graph, reached, **columns)
    order = np.lexsort((reached, -size[reached]))
    rest = np.setdiff1d(np.arange(graph.n_nodes), np.r_[reached, start])
    several = "" if len(start) == 1 else f"; {len(start)} nodes are one source"
    rule = f"directed; parallel legs are one edge{several}"
    return Dominators(table.iloc[order], graph.node_ids(rest), rule)


def _columns(
    graph: LegGraph,
    reached: NDArray[np.intp],
    above: dict[int, int],
    origin: set[int],
    size: NDArray[np.float64],
) -> dict[str, Any]:
    ids = graph.nodes.ids
    last = [None if above[k] in origin else ids[above[k]] for k in reached.tolist()]
    text = all(isinstance(k, str) for k in ids)
    counts = np.rint(size[reached]).astype(np.int64)
    return {
        "immediate": ids_column(last).astype("str" if text else "object"),
        "dominated_nodes": counts,
        "reached_nodes": np.full(len(reached), len(reached)),
        "network_nodes": np.full(len(reached), graph.n_nodes),
        "dominated_share_of_reached": counts / max(len(reached), 1),
        "dominated_share_of_network": counts / max(graph.n_nodes, 1),
    }


def _added_up(
    reached: NDArray[np.intp],
    above: dict[int, int],
    links: nx.DiGraph[int],
    first: int,
) -> Any:
    """Return a function that adds a value of nodes up along the tree, each with those below it."""
    # A dominator of a node is met before it in any search from the source.
    order = [k for k in nx.dfs_preorder_nodes(links, first) if k != first]
    inside = set(reached.tolist())

    def below(value: NDArray[np.float64]) -> NDArray[np.float64]:
        total = value.astype("f8", copy=True)
        for node in reversed(order):
            if node in inside and above[node] in inside:
                total[above[node]] += total[node]
        return total

    return below
