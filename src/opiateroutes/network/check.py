"""Findings about a network that loads but may not mean what its author thinks."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
from pyproj import Geod

from opiateroutes.errors import NetworkError, NetworkWarning
from opiateroutes.network.failures import failure_table

if TYPE_CHECKING:
    import pandas as pd

    from opiateroutes.network.failures import Failure
    from opiateroutes.network.route_network import RouteNetwork

__all__ = ["check_network"]

_GEOD = Geod(ellps="WGS84")
_SHORTER_THAN_STRAIGHT = 0.95
"""A leg may be this share of the great circle before it is doubtful: node positions are rough."""


def check_network(net: RouteNetwork, *, strict: bool) -> pd.DataFrame:
    """Collect all findings, then warn or raise; see `RouteNetwork.check`."""
    findings = [*_parts(net), *_loops(net), *_distances(net), *_unexplained(net)]
    frame = failure_table(findings)
    if len(frame):
        message = f"{len(frame)} findings in {net!r}"
        if strict:
            raise NetworkError(message, frame)
        first = "; ".join(f"{f.row}: {f.rule}" for f in frame.head(3).itertuples())
        warnings.warn(f"{message}: {first}", NetworkWarning, stacklevel=3)
    return frame


def _parts(net: RouteNetwork) -> list[Failure]:
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(net.nodes.index)
    graph.add_edges_from(zip(net.legs["from_node"], net.legs["to_node"], strict=True))
    parts = sorted(nx.connected_components(graph), key=lambda part: (-len(part), min(part)))
    return [
        (
            "nodes",
            min(part),
            "",
            len(part),
            f"{len(part)} node(s) not connected to the largest part",
            "add a leg or say why there is none",
        )
        for part in parts[1:]
    ]


def _loops(net: RouteNetwork) -> list[Failure]:
    loops = net.legs.index[net.legs["from_node"] == net.legs["to_node"]]
    return [("legs", leg, "to_node", "", "starts where it ends", "remove the leg") for leg in loops]


def _distances(net: RouteNetwork) -> list[Failure]:
    if "distance_km" not in net.legs or net.nodes.geometry.isna().all():
        return []
    ends = [net.nodes.geometry.reindex(net.legs[c]) for c in ("from_node", "to_node")]
    known = np.logical_and(*(~e.isna().to_numpy() for e in ends))
    tail, head = (e[known] for e in ends)
    straight = np.full(len(net.legs), np.nan)
    straight[known] = _GEOD.inv(tail.x, tail.y, head.x, head.y)[2]
    short = net.legs["distance_km"].to_numpy("float64") < _SHORTER_THAN_STRAIGHT * straight / 1000
    return [
        (
            "legs",
            leg,
            "distance_km",
            distance,
            f"shorter than the great circle ({straight[row] / 1000:.0f} km)",
            "check unit and position of the nodes",
        )
        for row, (leg, distance) in enumerate(net.legs["distance_km"].items())
        if short[row]
    ]


def _unexplained(net: RouteNetwork) -> list[Failure]:
    if "why" not in net.legs:
        return []
    return [
        ("legs", leg, "why", None, "does not say why it exists", "name the crossing or the source")
        for leg in net.legs.index[net.legs["why"].isna()]
    ]
