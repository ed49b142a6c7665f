"""Measure the sea links between listed ports along the schematic shipping lanes of the marnet."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from itertools import pairwise, product
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from tools.build_geo.points import GEOD, read_points
from tools.build_geo.sources import fetch_member, read_lock
from tools.build_geo.tables import read_table, write_table

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from tools.build_geo.workspace import Workspace

log = logging.getLogger(__name__)

VOLGA_EDGE = frozenset({(47.12, 47.30), (46.98, 47.43)})
"""The one edge that joins the Caspian to the other seas, by river and canal.

Kept, it would make the Black Sea and the Caspian one sea for every ship.
"""

METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True)
class LaneNetwork:
    """The shipping lanes as a graph.

    Attributes
    ----------
    positions : numpy.ndarray
        Longitude and latitude of every node.
    ends : numpy.ndarray
        Node numbers at the two ends of every edge.
    lengths : numpy.ndarray
        Geodesic length of every edge in metres.
    """

    positions: NDArray[np.float64]
    ends: NDArray[np.int64]
    lengths: NDArray[np.float64]


@dataclass(frozen=True)
class Mooring:
    """Where a port joins the lanes: an edge, the share of it, and the distance from the port."""

    edge: int
    share: float
    offset_m: float


def build_lanes(work: Workspace) -> None:
    """Fill the column ``lane_km`` of ``sea_links.csv``.

    Parameters
    ----------
    work : Workspace
        Folders of the build; ``sea_links.csv`` and ``points.csv`` are read.
    """
    network = read_lanes(fetch_member(read_lock()["searoute"], work.cache))
    links = read_table(work.geo / "sea_links.csv", dtype=str)
    points = read_points(work.geo / "points.csv")
    ports = sorted(set(links["point_a"]) | set(links["point_b"]))
    moorings = {port: moor(network, *points[port].place) for port in ports}
    lengths = _node_distances(network, moorings)
    metres = [
        _link_length(network, moorings[first], moorings[second], lengths)
        for first, second in zip(links["point_a"], links["point_b"], strict=True)
    ]
    links["lane_km"] = [f"{value / 1000:.1f}" for value in metres]
    write_table(links, work.geo / "sea_links.csv", sort_by=["point_a", "point_b"])
    log.info("sea links: %d port pairs measured", len(links))


def read_lanes(path: Path) -> LaneNetwork:
    """Read the marnet, without its Volga edge, with longitudes wrapped to one world.

    Parameters
    ----------
    path : Path
        GeoJSON of lines.

    Returns
    -------
    LaneNetwork
        Nodes and undirected edges, each edge once.
    """
    numbers: dict[tuple[float, float], int] = {}
    edges: set[tuple[int, int]] = set()
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        shape = feature["geometry"]
        lines = (
            shape["coordinates"] if shape["type"] == "MultiLineString" else [shape["coordinates"]]
        )
        for start, end in (step for line in lines for step in pairwise(line)):
            places = [
                (round((lon + 180) % 360 - 180, 6), round(lat, 6)) for lon, lat, *_ in (start, end)
            ]
            if frozenset((round(lon, 2), round(lat, 2)) for lon, lat in places) == VOLGA_EDGE:
                continue
            first, second = sorted(numbers.setdefault(place, len(numbers)) for place in places)
            if first != second:
                edges.add((first, second))
    positions = np.array(list(numbers), dtype=np.float64)
    ends = np.array(sorted(edges), dtype=np.int64)
    start, end = positions[ends[:, 0]], positions[ends[:, 1]]
    _, _, lengths = GEOD.inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
    return LaneNetwork(positions, ends, np.asarray(lengths, dtype=np.float64))


def moor(network: LaneNetwork, lon: float, lat: float) -> Mooring:
    """Find the place on the lanes that is nearest to a port.

    Edges are used and not nodes, because nodes lie up to 200 km from the ports of the Makran coast.

    Parameters
    ----------
    network : LaneNetwork
        The lanes.
    lon, lat : float
        Position of the port in degrees.

    Returns
    -------
    Mooring
        The nearest place.
    """
    scale = np.array([np.cos(np.radians(lat)), 1.0]) * METRES_PER_DEGREE
    first, second = network.positions[network.ends[:, 0]], network.positions[network.ends[:, 1]]
    start = _shortest_step(first - [lon, lat]) * scale
    along = _shortest_step(second - first) * scale
    share = np.clip(-(start * along).sum(axis=1) / (along**2).sum(axis=1), 0.0, 1.0)
    distance = np.hypot(*(start + share[:, None] * along).T)
    edge = int(distance.argmin())
    place = (start[edge] + share[edge] * along[edge]) / scale + [lon, lat]
    _, _, offset = GEOD.inv(lon, lat, place[0], place[1])
    return Mooring(edge=edge, share=float(share[edge]), offset_m=float(offset))


def _shortest_step(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return steps in longitude and latitude that go the short way round the world."""
    wrapped = steps.copy()
    wrapped[:, 0] = (wrapped[:, 0] + 180) % 360 - 180
    return wrapped


def _node_distances(
    network: LaneNetwork, moorings: dict[str, Mooring]
) -> dict[int, NDArray[np.float64]]:
    """Return the distances from every node next to a port to all nodes."""
    count = len(network.positions)
    first, second = network.ends.T
    graph = csr_array((network.lengths, (first, second)), shape=(count, count))
    sources = sorted(
        {int(node) for mooring in moorings.values() for node in network.ends[mooring.edge]}
    )
    distances = dijkstra(graph, directed=False, indices=sources)
    return dict(zip(sources, distances, strict=True))


def _link_length(
    network: LaneNetwork,
    origin: Mooring,
    target: Mooring,
    distances: dict[int, NDArray[np.float64]],
) -> float:
    """Return the length in metres from port to port: to the lane, along it, and off it."""
    routes = [
        from_place + distances[int(start)][int(end)] + to_place
        for (start, from_place), (end, to_place) in product(
            _ways_off(network, origin), _ways_off(network, target)
        )
    ]
    if origin.edge == target.edge:
        routes.append(abs(origin.share - target.share) * network.lengths[origin.edge])
    return origin.offset_m + float(min(routes)) + target.offset_m


def _ways_off(network: LaneNetwork, mooring: Mooring) -> list[tuple[int, float]]:
    """Return the two ends of the edge of a mooring, each with the distance to it."""
    length = float(network.lengths[mooring.edge])
    first, second = (int(node) for node in network.ends[mooring.edge])
    return [(first, mooring.share * length), (second, (1 - mooring.share) * length)]
