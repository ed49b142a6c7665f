"""The cheapest set of legs, or of nodes, without which nothing gets through."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp

from opiateroutes.chokepoints.structure.element_tables import leg_table, node_table
from opiateroutes.chokepoints.structure.ends import both_ends
from opiateroutes.chokepoints.structure.leg_graph import read_graph
from opiateroutes.chokepoints.structure.max_flow import max_flow, reached_from
from opiateroutes.chokepoints.structure.numbers import describe, values_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from opiateroutes.chokepoints.structure.leg_graph import GraphLike, LegGraph
    from opiateroutes.chokepoints.structure.numbers import Values

__all__ = ["MinimumCut", "minimum_cut"]


@dataclass(frozen=True, eq=False, repr=False)
class MinimumCut:
    """A set of least strength that all routes from source to target pass.

    Parameters
    ----------
    value
        What the elements of the cut add up to; equal to the largest flow. Infinite if no set of
        them separates source and target.
    legs, nodes
        Ids of the cut; one of the two is empty.
    source_side, target_side
        The nodes on either side; nodes of the cut itself are on neither. Of all minimum cuts this
        is the one nearest to the source.
    table
        Index ``leg`` (with ``from_node``, ``to_node``) or ``node`` (with ``name``); ``strength``.
        The strongest first.
    projection
        How parallel legs were read.
    """

    value: float
    legs: tuple[Any, ...]
    nodes: tuple[Any, ...]
    source_side: tuple[Any, ...]
    target_side: tuple[Any, ...]
    table: pd.DataFrame
    projection: str

    def __repr__(self) -> str:
        what = f"{len(self.nodes)} nodes" if self.nodes else f"{len(self.legs)} legs"
        sides = f"{len(self.source_side)} | {len(self.target_side)} nodes"
        return f"<MinimumCut: {self.value:g} over {what}, {sides}>"


def minimum_cut(
    net: GraphLike, source: Any, target: Any, *, strength: Values = None, nodes: bool = False
) -> MinimumCut:
    """Find the weakest set of legs (or nodes) that separates target from source.

    Parameters
    ----------
    net
        Network, fit (``strength="flow_kg"`` is then a column of the legs), ensemble, or any
        networkx graph.
    source, target
        A node, the ``iso3`` of a group of nodes, or several of either. Several act as one.
    strength
        Of each leg, or of each node with ``nodes``: a column, a number, a series or mapping by id;
        at least 0, infinite where it cannot be cut. 1 each by default: the fewest legs or nodes.
    nodes
        Cut nodes in place of legs. Nodes of source and target cannot be cut.

    Returns
    -------
    MinimumCut
        With value 0 and nothing in the cut if no route leads from source to target. Legs of
        strength 0 that cross are part of the cut: without them it would not separate. Where nothing
        separates (a leg straight from source to target, with ``nodes``; only legs that cannot be
        cut) the value is infinite, and cut and sides are empty.

    Raises
    ------
    UnknownNameError
        If there is no such node, group or column.
    NetworkError
        If a strength is missing, no number, or below 0.
    ValueError
        If source and target share a node, or name none.

    Notes
    -----
    Parallel legs add up and are cut together, since a cut that keeps one of them separates nothing.
    By the theorem of [1]_ the value equals the largest flow; nodes are cut as legs of a graph in
    which each node is a leg from where routes arrive to where they leave. Whole strengths are
    exact; others are exact to what a double holds of the value (`max_flow`).

    References
    ----------
    .. [1] Ford, L. R., Fulkerson, D. R. (1956), "Maximal flow through a network", Canadian Journal
       of Mathematics 8, 399-404.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph([("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("d", "e")])
    >>> minimum_cut(graph, "a", "e").legs
    (('d', 'e'),)
    >>> minimum_cut(graph, "a", "e", nodes=True).nodes
    ('d',)
    """
    graph = read_graph(net)
    start, end = both_ends(graph, source, target)
    table = graph.nodes if nodes else graph.legs
    values = values_of(table, strength, role="strength", infinite=True)
    find = _node_cut if nodes else _leg_cut
    separated, cut, near, far = find(graph, values, start, end)
    rule = f"directed; strength: {describe(strength)}; "
    rule += "nodes are cut" if nodes else "parallel legs are summed"
    if not separated:
        cut, near, far = cut[:0], np.zeros_like(near), np.zeros_like(far)
    order = cut[np.lexsort((cut, -values[cut]))]
    lay_out = node_table if nodes else leg_table
    ids = tuple(table.ids[k] for k in cut.tolist())
    return MinimumCut(
        math.fsum(values[cut]) if separated else math.inf,
        () if nodes else ids,
        ids if nodes else (),
        graph.node_ids(near),
        graph.node_ids(far),
        lay_out(graph, order, strength=values[order]),
        rule,
    )


Cut = tuple[bool, "NDArray[np.intp]", "NDArray[np.bool_]", "NDArray[np.bool_]"]
"""Whether anything separates; positions of the cut; masks of the two sides."""


def _leg_cut(
    graph: LegGraph, strength: NDArray[np.float64], start: NDArray[np.intp], end: NDArray[np.intp]
) -> Cut:
    tail, head, leg = graph.arcs()
    flow = max_flow(graph.n_nodes, (tail, head), strength[leg], sources=start, targets=end)
    near = flow.source_side
    across = np.flatnonzero(near[tail] & ~near[head])
    if (strength[leg[across]] == 0.0).any():
        # A leg of strength 0 into a dead end separates nothing.
        across = across[_leads_to(graph.n_nodes, tail, head, end)[head[across]]]
    return bool(flow.value < np.inf), np.unique(leg[across]), near, ~near


def _node_cut(
    graph: LegGraph, strength: NDArray[np.float64], start: NDArray[np.intp], end: NDArray[np.intp]
) -> Cut:
    n = graph.n_nodes
    tail, head, _ = graph.arcs()
    # Routes arrive at node k as k and leave it as n + k.
    ends = np.r_[tail + n, np.arange(n)], np.r_[head, np.arange(n) + n]
    through = strength.copy()
    through[start] = through[end] = np.inf
    capacity = np.r_[np.full(len(tail), np.inf), through]
    flow = max_flow(2 * n, ends, capacity, sources=start + n, targets=end)
    arrives, leaves = flow.source_side[:n], flow.source_side[n:]
    far = ~arrives
    far[start] = False
    return bool(flow.value < np.inf), np.flatnonzero(arrives & ~leaves), leaves, far


def _leads_to(
    n_nodes: int, tail: NDArray[np.intp], head: NDArray[np.intp], end: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Mark the nodes from which legs of any strength lead to the target."""
    back = sp.csr_array(
        (
            np.ones(len(tail) + len(end), dtype=np.int8),
            (np.r_[head, np.full(len(end), n_nodes)], np.r_[tail, end]),
        ),
        shape=(n_nodes + 1, n_nodes + 1),
    )
    return reached_from(back, n_nodes)[:n_nodes]
