"""Join listed places to the roads of their country, where a road is near enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tools.build_geo.points import Place
    from tools.build_geo.road_graph import RoadGraph

FARTHEST_KM = 30.0
"""A place is never joined to a farther road: without a cap, roads over the sea appear."""

ALWAYS_NEAR_KM = 3.0
FARTHER_THAN_NEAREST = 1.5
"""All roads up to these limits are joined, so that both carriageways of a road are."""

MOST_ROADS = 25
DETOUR = 1.3
"""Length of the way from a place to a road over the straight line: usual for streets."""

KM_PER_DEGREE = 111.2


@dataclass(frozen=True)
class Access:
    """Ways from one place to the roads near it.

    Attributes
    ----------
    edges : numpy.ndarray
        Numbers of the edges.
    shares : numpy.ndarray
        How far along each edge its nearest point lies, from 0 to 1.
    km : numpy.ndarray
        Length of the way to that point, detour included.
    """

    edges: NDArray[np.int64]
    shares: NDArray[np.float64]
    km: NDArray[np.float64]


def access_to_roads(
    place: Place,
    graph: RoadGraph,
    *,
    tree: shapely.STRtree,
) -> Access | None:
    """Find the roads that a place is joined to.

    Parameters
    ----------
    place : (float, float)
        Longitude and latitude in degrees.
    graph : RoadGraph
        The roads of one country.
    tree : shapely.STRtree
        Index of the edges of the graph as straight lines.

    Returns
    -------
    Access or None
        None if no road is near enough.
    """
    lon, lat = place
    scale = np.array([np.cos(np.radians(lat)), 1.0]) * KM_PER_DEGREE
    reach = FARTHEST_KM / scale
    near = tree.query(shapely.box(lon - reach[0], lat - reach[1], lon + reach[0], lat + reach[1]))
    start = (graph.positions[graph.ends[near, 0]] - place) * scale
    along = (graph.positions[graph.ends[near, 1]] - place) * scale - start
    length = np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip(-(start * along).sum(axis=1) / length, 0.0, 1.0)
    foot = start + share[:, None] * along
    km = np.hypot(*foot.T)
    order = np.lexsort((near, km))[:MOST_ROADS]
    if len(order) == 0 or km[order[0]] > FARTHEST_KM:
        return None
    limit = min(max(ALWAYS_NEAR_KM, FARTHER_THAN_NEAREST * km[order[0]]), FARTHEST_KM)
    order = order[km[order] <= limit]
    return Access(near[order], share[order], km[order] * DETOUR)
