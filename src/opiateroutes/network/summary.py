"""A network in numbers: what it has of each kind, how it hangs together, how exact it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from opiateroutes.network.route_network import RouteNetwork

__all__ = ["network_summary"]


def network_summary(net: RouteNetwork) -> dict[str, Any]:
    """Count what a network has.

    Parameters
    ----------
    net
        Any network; what it does not say is None.

    Returns
    -------
    dict
        ``level``, ``title``; ``nodes`` by kind, ``precision`` (nodes by class); ``legs`` by mode,
        ``border_legs`` (they cross from one country to another), ``one_way_legs`` (no leg of the
        mode leads back), ``distance_km`` by mode, over all directed legs; ``components``
        (nodes of each connected part, largest first); ``licence``, ``geometry``.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> found = network_summary(opr.load_network("countries"))
    >>> found["level"], found["nodes"]
    ('countries', {'country': 84})
    """
    nodes, legs = net.nodes, net.legs
    return {
        "level": net.meta.get("level"),
        "title": net.meta.get("title"),
        "nodes": _counts(nodes["kind"]),
        "precision": _counts(nodes["precision"]) if "precision" in nodes else None,
        "legs": _counts(legs["mode"]),
        "border_legs": int(_crosses(net).sum()),
        "one_way_legs": int(_without_way_back(legs).sum()),
        "distance_km": _lengths(legs),
        "components": _components(net),
        "licence": net.meta.get("licence"),
        "geometry": net.meta.get("geometry"),
    }


def _counts(column: pd.Series) -> dict[str, int]:
    return {str(value): int(n) for value, n in sorted(column.value_counts().items())}


def _crosses(net: RouteNetwork) -> Any:
    if "border" in net.legs:
        return net.legs["border"].fillna(value=False).astype(bool)
    start, end = (net.legs[column].map(net.nodes["iso3"]) for column in ("from_node", "to_node"))
    return start.notna() & end.notna() & (start != end)


def _without_way_back(legs: pd.DataFrame) -> Any:
    back = set(zip(legs["to_node"], legs["from_node"], legs["mode"], strict=True))
    there = zip(legs["from_node"], legs["to_node"], legs["mode"], strict=True)
    return np.array([leg not in back for leg in there], dtype=bool)


def _lengths(legs: pd.DataFrame) -> dict[str, float] | None:
    if "distance_km" not in legs:
        return None
    sums = legs.groupby("mode")["distance_km"].sum()
    return {str(mode): round(float(km), 1) for mode, km in sorted(sums.items())}


def _components(net: RouteNetwork) -> list[int]:
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(net.nodes.index)
    graph.add_edges_from(zip(net.legs["from_node"], net.legs["to_node"], strict=True))
    return sorted((len(part) for part in nx.connected_components(graph)), reverse=True)
