"""Where a group of nodes stands on the map, and how long the way through groups is.

A group stands at one of its own nodes, so that it never lies in the sea or abroad: the node nearest
to the mean position of the group, weighted by population where that is known. The length of a leg
between two groups is that of the shortest way from the one's node over such a leg to the other's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pyproj import Geod
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.network.route_network import RouteNetwork

__all__ = ["representatives", "through_distances"]

_GEOD = Geod(ellps="WGS84")
_SHORTEST_KM = 1e-6
"""A sparse graph takes a length of 0 for no edge."""


def representatives(net: RouteNetwork, group: pd.Series) -> pd.Series:
    """Choose the node at which each group stands.

    Parameters
    ----------
    net
        The network.
    group
        Index ``node``: group of each node.

    Returns
    -------
    pandas.Series
        Index: groups, sorted; values: node ids. The first node of the group where no node has a
        position.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> net = opr.load_network("crossings")
    >>> representatives(net, net.nodes["iso3"])["TUR"]
    'H-TUR-ANKARA'
    """
    shape = net.nodes.geometry
    lon, lat = (np.radians(axis.to_numpy("float64")) for axis in (shape.x, shape.y))
    place = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    weight = np.ones(len(net.nodes))
    if "population" in net.nodes:
        known = net.nodes["population"].fillna(0.0).to_numpy("float64")
        total = pd.Series(known).groupby(group.to_numpy()).transform("sum").to_numpy()
        weight = np.where(total > 0, known, 1.0)
    weight = np.where(np.isfinite(place).all(axis=1), weight, 0.0)
    chosen = {}
    for name, rows in pd.Series(np.arange(len(group))).groupby(group.to_numpy()):
        here = rows.to_numpy()
        candidates = here[weight[here] > 0]
        if len(candidates) == 0:
            chosen[name] = str(net.nodes.index[here[0]])
            continue
        mean = np.average(place[candidates], axis=0, weights=weight[candidates])
        nearest = candidates[int(np.argmax(place[candidates] @ mean))]
        chosen[name] = str(net.nodes.index[nearest])
    return pd.Series(chosen, dtype="str").sort_index()


def through_distances(net: RouteNetwork, group: pd.Series, place: pd.Series) -> pd.Series:
    """Measure, for each leg, the way from the node of its first group over it to that of the other.

    Parameters
    ----------
    net
        The network, with ``distance_km``.
    group
        Index ``node``: group of each node.
    place
        Index: groups; the node at which each stands.

    Returns
    -------
    pandas.Series
        Index ``leg``, km. Where a group has no way of its own between two nodes (an exclave, an
        island), the straight line stands in for it.
    """
    position = pd.Series(np.arange(len(net.nodes)), index=net.nodes.index)
    tail, head = (net.legs[end].map(position).to_numpy() for end in ("from_node", "to_node"))
    code = pd.Categorical(group, categories=place.index).codes
    km = net.legs["distance_km"].to_numpy("float64")
    inner = (code[tail] == code[head]) & np.isfinite(km)
    count = len(net.nodes)
    order = np.argsort(-km[inner], kind="stable")
    # The shortest of parallel legs is written last and stays.
    links = zip(tail[inner][order].tolist(), head[inner][order].tolist(), strict=True)
    pairs = dict(zip(links, km[inner][order].tolist(), strict=True))
    ends = np.array(list(pairs), dtype=np.intp).reshape(-1, 2)
    length = np.maximum(np.array(list(pairs.values()), dtype=np.float64), _SHORTEST_KM)
    graph = coo_array((length, (ends[:, 0], ends[:, 1])), shape=(count, count)).tocsr()
    starts = place.map(position).to_numpy()
    outward = dijkstra(graph, indices=starts)
    inward = dijkstra(graph.T.tocsr(), indices=starts)
    straight = _straight_km(net, starts)
    outward = np.where(np.isfinite(outward), outward, straight)
    inward = np.where(np.isfinite(inward), inward, straight)
    way = outward[code[tail], tail] + km + inward[code[head], head]
    return pd.Series(way, index=net.legs.index)


def _straight_km(net: RouteNetwork, starts: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return great-circle distances from some nodes to all, km; shape ``(starts, nodes)``."""
    lon, lat = net.nodes.geometry.x.to_numpy(), net.nodes.geometry.y.to_numpy()
    first, second = np.meshgrid(starts, np.arange(len(lon)), indexing="ij")
    _, _, metres = _GEOD.inv(lon[first], lat[first], lon[second], lat[second])
    km: NDArray[np.float64] = np.asarray(metres) / 1000
    return km
