"""What shape a network has: size, density, degrees, parts, and how it falls apart.

A share of connected nodes means nothing without its denominator: the nodes that remain, or all that
there were. The same network can be "fully connected" with the one and "a quarter smaller" with the
other, so every such figure here names the one it uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import networkx as nx

from opiateroutes.data import nearest
from opiateroutes.errors import UnknownNameError
from opiateroutes.network.removal import DENOMINATORS, ORDERS, removal_curves
from opiateroutes.network.topology_figures import figure_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd

    from opiateroutes.network.route_network import RouteNetwork

__all__ = ["Topology", "describe_topology"]


@dataclass(frozen=True, eq=False, repr=False)
class Topology:
    """Figures of a network's shape and what is left as nodes are removed.

    Made by `opiateroutes.describe_topology`.

    Parameters
    ----------
    table
        Index ``figure``; columns ``value``, ``unit``, ``denominator`` (empty where the figure has
        none), ``who`` (the nodes it is about) and ``note``.
    removal
        One row a removal and number of nodes removed: ``removal`` (``"targeted"`` or
        ``"random"``), ``removed_nodes``, ``removed_share`` (of the original nodes), ``node`` (the
        one removed last; missing for random removal), ``largest_nodes`` (size of the largest
        component; the mean of random removals), ``denominator`` and ``denominator_nodes``,
        ``largest_share`` with ``low_share`` and ``high_share`` (90 % of random removals; missing
        for targeted removal).
    denominator
        ``"remaining"`` or ``"original"`` nodes.
    provenance
        Version, options and seed.
    """

    table: pd.DataFrame
    removal: pd.DataFrame
    denominator: str
    provenance: Mapping[str, Any]

    def __repr__(self) -> str:
        value = self.table["value"]
        return (
            f"<Topology: {value['nodes']:.0f} nodes, {value['edges']:.0f} directed pairs, "
            f"shares of {self.denominator} nodes>"
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(str(row.Index).replace('_', ' '))}</th>"
            f"<td>{row.value:.4g}</td>"
            f"<td style='text-align:left'>{escape(str(row.unit))}</td>"
            f"<td style='text-align:left'>{escape(str(row.denominator))}</td>"
            f"<td style='text-align:left'>{escape(str(row.who))}</td>"
            f"<td style='text-align:left'>{escape(str(row.note))}</td></tr>"
            for row in self.table.itertuples()
        )
        heads = "".join(
            f"<th>{head}</th>" for head in ("figure", "value", "unit", "denominator", "who", "note")
        )
        return (
            f"<div><strong>{escape(repr(self)[1:-1])}</strong>"
            f"<table style='margin-top:4px'><thead><tr>{heads}</tr></thead>"
            f"<tbody>{rows}</tbody></table></div>"
        )


def describe_topology(
    net: RouteNetwork,
    *,
    denominator: str = "remaining",
    order: str = "degree",
    recompute: bool = True,
    steps: int | None = None,
    draws: int = 100,
    rng: int | np.random.Generator | None = 0,
) -> Topology:
    r"""Describe the shape of a network and how it falls apart when nodes are removed.

    Legs that join the same pair in the same direction count as one edge; legs from a node to
    itself do not count; the note of ``edges`` says how many there were. Legs are not weighted.

    Parameters
    ----------
    net
        Any network.
    denominator
        Of every share of connected nodes after a removal: ``"remaining"`` (nodes not removed) or
        ``"original"`` (all nodes). They make different claims: see the examples.
    order
        Targeted removal takes the node with the highest ``"degree"`` (edges in and out) or
        ``"betweenness"`` (share of shortest paths, directed) first; of equals, the first id.
    recompute
        Work the order out again after each removal, or keep that of the whole network. Betweenness
        of a large network is slow to work out again and again: limit ``steps``.
    steps
        How many nodes to remove at most; by default all but one.
    draws
        How many random removals the mean and interval rest on.
    rng
        Seed or generator of random removals.

    Returns
    -------
    Topology
        ``.table`` with the figures, ``.removal`` with the curves.

    Raises
    ------
    UnknownNameError
        If there is no such denominator or order.

    Notes
    -----
    Density is :math:`m / n(n-1)` for :math:`m` directed pairs. Centralisation [1]_ compares the
    degrees :math:`d_i` with those of a star: :math:`\sum_i (\max d - d_i)` over its largest
    possible value, :math:`(n-1)^2` for degrees in or out and :math:`(n-1)(n-2)` for neighbours
    whatever the direction. Reciprocity is the share of directed pairs whose way back is one too.
    A component is weak (joined whatever the direction) unless a figure says strong. Removal of
    the nodes with most links against removal at random is the comparison of [2]_.

    References
    ----------
    .. [1] Freeman, L. C. (1979), Centrality in social networks: conceptual clarification.
       *Social Networks* 1(3), 215-239.
    .. [2] Albert, R., Jeong, H., Barabasi, A.-L. (2000), Error and attack tolerance of complex
       networks. *Nature* 406, 378-382.

    Examples
    --------
    Four countries, each linked with each other one; one of them is removed. Of those that remain
    all are still connected; of those that there were, three quarters are. Both are true:

    >>> import networkx as nx
    >>> import opiateroutes as opr
    >>> net = opr.from_networkx(nx.complete_graph(4))
    >>> for denominator in ("remaining", "original"):
    ...     shape = describe_topology(net, denominator=denominator)
    ...     row = shape.table.loc["connected_share_after_first_removal"]
    ...     print(row["value"], "of", row["denominator"])
    1.0 of 3 remaining nodes
    0.75 of 4 original nodes
    >>> shape
    <Topology: 4 nodes, 12 directed pairs, shares of original nodes>
    """
    for name, value, known in (
        ("denominator", denominator, DENOMINATORS),
        ("order", order, ORDERS),
    ):
        if value not in known:
            raise UnknownNameError(
                f"no {name} {value!r}{nearest(value, known)}; there is {', '.join(known)}"
            )
    graph = _simple(net)
    removal = removal_curves(
        graph,
        denominator=denominator,
        order=order,
        recompute=recompute,
        steps=steps,
        draws=draws,
        rng=rng,
    )
    table = figure_table(graph, removal, legs=net.legs, denominator=denominator)
    from importlib.metadata import version

    provenance = {
        "package": f"opiateroutes {version('opiateroutes')}",
        "denominator": denominator,
        "order": order,
        "recompute": recompute,
        "draws": draws,
        "rng": rng if isinstance(rng, int) else str(rng),
    }
    return Topology(table, removal, denominator, provenance)


def _simple(net: RouteNetwork) -> nx.DiGraph[str]:
    """Merge parallel legs into directed pairs, without legs from a node to itself."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(sorted(net.nodes.index))
    pairs = net.legs[["from_node", "to_node"]].drop_duplicates()
    ends = zip(pairs["from_node"], pairs["to_node"], strict=True)
    graph.add_edges_from(sorted((str(a), str(b)) for a, b in ends if a != b))
    return graph
