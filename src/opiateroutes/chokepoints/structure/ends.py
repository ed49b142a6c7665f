"""Where routes start and end: a node, several nodes, or a group of nodes."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from opiateroutes.chokepoints.structure.leg_graph import GROUP
from opiateroutes.data import nearest
from opiateroutes.errors import UnknownNameError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.chokepoints.structure.leg_graph import LegGraph

__all__ = ["both_ends", "nodes_at"]


def nodes_at(graph: LegGraph, where: Any, *, role: str) -> NDArray[np.intp]:
    """Find nodes by id, by the group they belong to, or by several of either.

    Parameters
    ----------
    graph
        The graph.
    where
        A node; the ``iso3`` of several; or several of either. An id that is both means the node.
    role
        Name of the argument, for messages.

    Returns
    -------
    numpy.ndarray
        Positions in ascending order, each once.

    Raises
    ------
    UnknownNameError
        If there is no such node or group.
    ValueError
        If nothing is named.

    Examples
    --------
    >>> import networkx as nx
    >>> from opiateroutes.chokepoints.structure.leg_graph import read_graph
    >>> graph = nx.DiGraph([("p", "q"), ("q", "r")])
    >>> graph.add_node("p", iso3="AAA")
    >>> graph.add_node("r", iso3="AAA")
    >>> nodes_at(read_graph(graph), "AAA", role="source").tolist()
    [0, 2]
    """
    position = {node: k for k, node in enumerate(graph.nodes.ids)}
    groups: dict[Any, list[int]] = {}
    if GROUP in graph.nodes.columns:
        for k, group in enumerate(graph.nodes.read(GROUP)):
            groups.setdefault(group, []).append(k)
    found: set[int] = set()
    # A tuple can be the id of one node: only what is no id is taken apart.
    one = _in(where, position) or _in(where, groups) or isinstance(where, str)
    names = [where] if one or not isinstance(where, Iterable) else list(where)
    for name in names:
        if _in(name, position):
            found.add(position[name])
        elif _in(name, groups):
            found.update(groups[name])
        elif str(name) in position:
            # Ids that built a network as numbers are text in it.
            found.add(position[str(name)])
        else:
            known = [*map(str, position), *map(str, groups)]
            raise UnknownNameError(
                f"{role}: no node and no group of nodes is called {name!r}"
                f"{nearest(str(name), known)}"
            )
    if not found:
        raise ValueError(f"{role} names no node: give a node, several, or a group")
    return np.array(sorted(found), dtype=np.intp)


def both_ends(
    graph: LegGraph, source: Any, target: Any
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Find source and target, which must not share a node.

    Raises
    ------
    UnknownNameError
        If there is no such node or group.
    ValueError
        If a node is in both: nothing can come between it and itself.
    """
    start = nodes_at(graph, source, role="source")
    end = nodes_at(graph, target, role="target")
    shared = np.intersect1d(start, end)
    if len(shared):
        name = graph.nodes.ids[int(shared[0])]
        raise ValueError(
            f"{name!r} is in the source and in the target: nothing can separate a node from "
            "itself; give two places"
        )
    return start, end


def _in(key: Any, where: dict[Any, Any]) -> bool:
    return isinstance(key, Hashable) and _hashes(key) and key in where


def _hashes(key: Any) -> bool:
    try:
        hash(key)
    except TypeError:  # a tuple with a list in it
        return False
    return True
