"""Frames of legs and of nodes with ids of any kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from opiateroutes.chokepoints.structure.leg_graph import LegGraph

__all__ = ["ids_column", "ids_index", "leg_table", "node_table"]


def ids_column(ids: Sequence[Any]) -> pd.Series:
    """Make a column of ids: text if all are text, else as they are; tuples stay whole.

    Examples
    --------
    >>> ids_column([("a", "b"), ("b", "c")]).tolist()
    [('a', 'b'), ('b', 'c')]
    """
    return pd.Series(list(ids), dtype="str" if all(isinstance(k, str) for k in ids) else "object")


def ids_index(ids: Sequence[Any], name: str) -> pd.Index:
    """Make an index of ids that does not take tuples apart.

    Examples
    --------
    >>> ids_index([("a", "b")], "leg").nlevels
    1
    """
    return pd.Index(ids_column(ids), name=name, tupleize_cols=False)


def leg_table(graph: LegGraph, legs: NDArray[Any], **columns: NDArray[Any]) -> pd.DataFrame:
    """Lay legs out by position: index ``leg``; ``from_node``, ``to_node``, then the columns.

    Examples
    --------
    >>> import networkx as nx, numpy as np
    >>> from opiateroutes.chokepoints.structure.leg_graph import read_graph
    >>> graph = read_graph(nx.DiGraph([("a", "b"), ("b", "c")]))
    >>> leg_table(graph, np.array([1]), cost=np.array([2.0])).reset_index().values.tolist()
    [[('b', 'c'), 'b', 'c', 2.0]]
    """
    frame = pd.DataFrame(
        {
            "from_node": ids_column(graph.node_ids(graph.from_node[legs])),
            "to_node": ids_column(graph.node_ids(graph.to_node[legs])),
            **columns,
        }
    )
    return frame.set_axis(ids_index(graph.leg_ids(legs), "leg"))


def node_table(graph: LegGraph, nodes: NDArray[Any], **columns: NDArray[Any]) -> pd.DataFrame:
    """Lay nodes out by position: index ``node``; ``name`` (the id if there is none), the columns.

    Examples
    --------
    >>> import networkx as nx, numpy as np
    >>> from opiateroutes.chokepoints.structure.leg_graph import read_graph
    >>> graph = read_graph(nx.DiGraph([(1, 2)]))
    >>> node_table(graph, np.array([1]), visits=np.array([3])).reset_index().values.tolist()
    [[2, '2', 3]]
    """
    frame = pd.DataFrame({"name": pd.Series(graph.named(nodes), dtype="str"), **columns})
    return frame.set_axis(ids_index(graph.node_ids(nodes), "node"))
