"""Any graph by position: nodes, directed arcs, and which leg each arc belongs to.

Structure and interdiction look at a network, at the network of a fit with its flows beside it, and
at any networkx graph; ids are opaque. Undirected edges are one leg with two arcs: what blocks the
leg blocks both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import networkx as nx
import numpy as np
import pandas as pd

from opiateroutes.flows import FlowEnsemble, FlowFit
from opiateroutes.network import RouteNetwork

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from numpy.typing import NDArray

__all__ = ["ElementTable", "GraphLike", "LegGraph", "read_graph"]

GraphLike: TypeAlias = "RouteNetwork | FlowFit | FlowEnsemble | nx.Graph[Any]"
"""What is read: a network, a fit or ensemble (its network, with the flows), a networkx graph."""

GROUP = "iso3"
"""Column of nodes that names the group a node belongs to."""


@dataclass(frozen=True, eq=False)
class ElementTable:
    """The nodes or the legs of a graph, with columns that are read when they are asked for.

    Parameters
    ----------
    name
        ``"nodes"`` or ``"legs"``.
    ids
        In order of position.
    columns
        Names of the columns.
    read
        Gives the values of a column by position; missing ones are NaN or None.
    """

    name: str
    ids: Sequence[Any]
    columns: tuple[str, ...]
    read: Callable[[str], Sequence[Any]]


@dataclass(frozen=True, eq=False)
class LegGraph:
    """Nodes and legs by position.

    Parameters
    ----------
    nodes, legs
        Ids and columns.
    from_node, to_node
        Shape ``(legs,)``: positions of the ends of each leg.
    directed
        Whether a leg leads one way only.
    fit
        The fit that the network belongs to, if there is one.
    """

    nodes: ElementTable
    legs: ElementTable
    from_node: NDArray[np.intp]
    to_node: NDArray[np.intp]
    directed: bool
    fit: FlowFit | None = None

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.nodes.ids)

    def arcs(self) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
        """Return tail, head and leg of each arc; legs from a node to itself have none.

        Returns
        -------
        tuple of numpy.ndarray
            Shape ``(arcs,)`` each: first all legs as they are written down, then, in an undirected
            graph, all of them the other way.
        """
        leg = np.flatnonzero(self.from_node != self.to_node)
        tail, head = self.from_node[leg], self.to_node[leg]
        if self.directed:
            return tail, head, leg
        return np.r_[tail, head], np.r_[head, tail], np.r_[leg, leg]

    def node_ids(self, positions: NDArray[Any]) -> tuple[Any, ...]:
        """Return the ids of nodes, given by position or by a mask."""
        where = np.flatnonzero(positions) if positions.dtype == bool else positions
        return tuple(self.nodes.ids[k] for k in where.tolist())

    def leg_ids(self, positions: NDArray[Any]) -> tuple[Any, ...]:
        """Return the ids of legs, given by position or by a mask."""
        where = np.flatnonzero(positions) if positions.dtype == bool else positions
        return tuple(self.legs.ids[k] for k in where.tolist())

    def named(self, positions: NDArray[Any]) -> list[Any]:
        """Return the names of nodes, given by position; the id where there is no name."""
        ids = [self.nodes.ids[k] for k in positions.tolist()]
        if "name" not in self.nodes.columns:
            return [str(node) for node in ids]
        names = self.nodes.read("name")
        found = [names[k] for k in positions.tolist()]
        return [str(node) if pd.isna(name) else name for node, name in zip(ids, found, strict=True)]


def read_graph(net: Any) -> LegGraph:
    """Read nodes and legs by position.

    Parameters
    ----------
    net
        A network; a fit or an ensemble, of which the network is read and its flows beside the
        other columns of legs and nodes; or any networkx graph: its legs are called ``(u, v)``, in a
        multigraph ``(u, v, key)``.

    Returns
    -------
    LegGraph
        Nodes and legs in the order in which the network or graph has them.

    Raises
    ------
    TypeError
        If it is none of these.

    Examples
    --------
    >>> graph = read_graph(nx.MultiDiGraph([("a", "b"), ("a", "b"), ("b", "c")]))
    >>> graph.legs.ids
    [('a', 'b', 0), ('a', 'b', 1), ('b', 'c', 0)]
    >>> graph.to_node.tolist()
    [1, 1, 2]
    """
    if isinstance(net, FlowEnsemble):
        net = net.as_fit()
    if isinstance(net, FlowFit):
        return _of_network(net.network, net)
    if isinstance(net, RouteNetwork):
        return _of_network(net, None)
    if isinstance(net, nx.Graph):
        return _of_networkx(net)
    raise TypeError(
        f"expected a RouteNetwork, a FlowFit, a FlowEnsemble or a networkx graph, "
        f"not {type(net).__name__}"
    )


def _of_network(net: RouteNetwork, fit: FlowFit | None) -> LegGraph:
    index = net.nodes.index
    return LegGraph(
        _table("nodes", net.nodes, None if fit is None else fit.nodes),
        _table("legs", net.legs, None if fit is None else fit.legs),
        np.asarray(index.get_indexer(net.legs["from_node"]), dtype=np.intp),
        np.asarray(index.get_indexer(net.legs["to_node"]), dtype=np.intp),
        directed=True,
        fit=fit,
    )


def _table(name: str, frame: pd.DataFrame, fitted: pd.DataFrame | None) -> ElementTable:
    own = [str(column) for column in frame.columns]
    more = [] if fitted is None else [str(c) for c in fitted.columns if c not in own]

    def read(column: str) -> Sequence[Any]:
        if column in own or fitted is None:
            return list(frame[column])
        return list(fitted[column].reindex(frame.index))

    return ElementTable(name, frame.index.tolist(), (*own, *more), read)


def _of_networkx(graph: nx.Graph[Any]) -> LegGraph:
    ids: list[Hashable] = list(graph.nodes)
    position = {node: k for k, node in enumerate(ids)}
    edges: list[Any] = (
        list(graph.edges(keys=True)) if isinstance(graph, nx.MultiGraph) else list(graph.edges())
    )
    node_data = [graph.nodes[node] for node in ids]
    # The attribute dictionaries come in the order of the edges themselves.
    leg_data = [row[-1] for row in graph.edges(data=True)]
    return LegGraph(
        _attributes("nodes", ids, node_data),
        _attributes("legs", edges, leg_data),
        np.array([position[edge[0]] for edge in edges], dtype=np.intp),
        np.array([position[edge[1]] for edge in edges], dtype=np.intp),
        directed=graph.is_directed(),
    )


def _attributes(name: str, ids: list[Any], data: list[dict[str, Any]]) -> ElementTable:
    columns = dict.fromkeys(str(key) for row in data for key in row)
    return ElementTable(name, ids, tuple(columns), lambda key: [row.get(key) for row in data])
