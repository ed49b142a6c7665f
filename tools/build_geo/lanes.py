"""Measure the sea links between listed ports along the schematic shipping lanes of the marnet."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from itertools import pairwise, product
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from tools.build_geo.points import GEOD, Place, read_points
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

LONGEST_STRAIGHT_METRES = 800_000.0
STRAIGHT_PIECES = 8
MOST_LAND_METRES = 8_000.0
"""Land on a straight way between ports that harbours and generalised coasts explain."""

SAME_PLACE_DEGREES = 1e-9

NEAREST_LANES = 12
LAND_PRICE = 3.0
"""A metre over land on the way from a port to a lane counts as this many more metres."""


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
    """Where a port joins the lanes: an edge, the share of it, and the way from the port."""

    edge: int
    share: float
    offset_m: float
    port: Place


@dataclass(frozen=True)
class Lane:
    """The way of a ship between two ports.

    Attributes
    ----------
    metres : float
        From port to port: to the lane, along it, and off it.
    line : shapely.LineString
        Schematic; longitudes run on beyond 180 degrees where the way does.
    """

    metres: float
    line: shapely.LineString


def build_lanes(work: Workspace) -> None:
    """Fill the column ``lane_km`` of ``sea_links.csv``.

    Parameters
    ----------
    work : Workspace
        Folders of the build; ``sea_links.csv``, ``points.csv`` and ``countries.parquet`` are read.
    """
    links = read_table(work.geo / "sea_links.csv", dtype=str)
    lanes = lanes_between(work, list(zip(links["point_a"], links["point_b"], strict=True)))
    links["lane_km"] = [f"{lane.metres / 1000:.1f}" for lane in lanes]
    write_table(links, work.geo / "sea_links.csv", sort_by=["point_a", "point_b"])
    log.info("sea links: %d port pairs measured", len(links))


def lanes_between(work: Workspace, pairs: list[tuple[str, str]]) -> list[Lane]:
    """Trace the lanes between pairs of listed ports, in the order of the pairs.

    Parameters
    ----------
    work : Workspace
        Folders of the build; ``points.csv`` and ``countries.parquet`` are read.
    pairs : list of (str, str)
        Identifiers of ports.
    """
    network = read_lanes(fetch_member(read_lock()["searoute"], work.cache))
    points = read_points(work.geo / "points.csv")
    land = gpd.read_parquet(work.geo / "countries.parquet").geometry.to_numpy()
    shore = shapely.STRtree(np.concatenate([shapely.get_parts(shape) for shape in land]))
    moorings = {
        port: moor(network, *points[port].place, shore=shore)
        for port in sorted({port for pair in pairs for port in pair})
    }
    ways = _Ways.from_ends(network, moorings)
    lanes = []
    for first, second in pairs:
        lane = _lane(network, moorings[first], moorings[second], ways)
        straight = _open_water(points[first].place, points[second].place, shore)
        lanes.append(straight if straight is not None else lane)
    return lanes


def _open_water(start: Place, end: Place, shore: shapely.STRtree) -> Lane | None:
    """Return the great circle between two near ports, if it hardly touches land.

    The lanes are those of ocean shipping: none crosses the Gulf of Oman or the Adriatic.
    """
    _, _, metres = GEOD.inv(*start, *end)
    if metres > LONGEST_STRAIGHT_METRES:
        return None
    line = shapely.LineString([start, *GEOD.npts(*start, *end, STRAIGHT_PIECES), end])
    land = shapely.intersection(line, shapely.union_all(shore.geometries[shore.query(line)]))
    on_land = GEOD.geometry_length(land) if not land.is_empty else 0.0
    return Lane(float(metres), line) if on_land <= MOST_LAND_METRES else None


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


def moor(
    network: LaneNetwork, lon: float, lat: float, *, shore: shapely.STRtree | None = None
) -> Mooring:
    """Find the place on the lanes that is easiest to reach from a port.

    Edges are used and not nodes, because nodes lie up to 200 km from the ports of the Makran coast.

    Parameters
    ----------
    network : LaneNetwork
        The lanes.
    lon, lat : float
        Position of the port in degrees.
    shore : shapely.STRtree, optional
        Index of land polygons; the way to the lane counts more where it crosses land.

    Returns
    -------
    Mooring
        The place.
    """
    scale = np.array([np.cos(np.radians(lat)), 1.0]) * METRES_PER_DEGREE
    first, second = network.positions[network.ends[:, 0]], network.positions[network.ends[:, 1]]
    start = _shortest_step(first - [lon, lat]) * scale
    along = _shortest_step(second - first) * scale
    share = np.clip(-(start * along).sum(axis=1) / (along**2).sum(axis=1), 0.0, 1.0)
    foot = start + share[:, None] * along
    distance = np.hypot(*foot.T)
    near = np.argsort(distance, kind="stable")[:NEAREST_LANES]
    places = foot[near] / scale + [lon, lat]
    price = distance[near] + LAND_PRICE * _metres_on_land((lon, lat), places, scale, shore)
    best = int(price.argmin())
    edge = int(near[best])
    _, _, offset = GEOD.inv(lon, lat, *places[best])
    return Mooring(edge=edge, share=float(share[edge]), offset_m=float(offset), port=(lon, lat))


def _metres_on_land(
    port: Place,
    places: NDArray[np.float64],
    scale: NDArray[np.float64],
    shore: shapely.STRtree | None,
) -> NDArray[np.float64]:
    """Return how much of the straight way from a port to each place lies on land."""
    if shore is None:
        return np.zeros(len(places))
    ways = shapely.linestrings([[port, tuple(place)] for place in places])
    found, polygon = shore.query(ways, predicate="intersects")
    parts = shapely.intersection(ways[found], shore.geometries[polygon])
    metres = shapely.length(shapely.transform(parts, lambda xy: xy * scale))
    return np.bincount(found, metres, len(places))


def _shortest_step(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return steps in longitude and latitude that go the short way round the world."""
    wrapped = steps.copy()
    wrapped[:, 0] = (wrapped[:, 0] + 180) % 360 - 180
    return wrapped


@dataclass(frozen=True)
class _Ways:
    """Shortest ways along the lanes from the nodes next to ports: metres, and the node before."""

    metres: dict[int, NDArray[np.float64]]
    before: dict[int, NDArray[np.int64]]

    @classmethod
    def from_ends(cls, network: LaneNetwork, moorings: dict[str, Mooring]) -> _Ways:
        count = len(network.positions)
        first, second = network.ends.T
        graph = csr_array((network.lengths, (first, second)), shape=(count, count))
        starts = sorted(
            {int(node) for mooring in moorings.values() for node in network.ends[mooring.edge]}
        )
        metres, before = dijkstra(graph, directed=False, indices=starts, return_predecessors=True)
        return cls(dict(zip(starts, metres, strict=True)), dict(zip(starts, before, strict=True)))

    def nodes(self, start: int, end: int) -> list[int]:
        path = [end]
        while path[-1] != start:
            path.append(int(self.before[start][path[-1]]))
        return path[::-1]


def _lane(network: LaneNetwork, origin: Mooring, target: Mooring, ways: _Ways) -> Lane:
    """Trace the lane from port to port: to the lane, along it, and off it."""
    routes = [
        (from_place + ways.metres[start][end] + to_place, start, end)
        for (start, from_place), (end, to_place) in product(
            _ways_off(network, origin), _ways_off(network, target)
        )
    ]
    metres, start, end = min(routes)
    nodes = ways.nodes(start, end)
    if origin.edge == target.edge:
        direct = abs(origin.share - target.share) * network.lengths[origin.edge]
        if direct <= metres:
            metres, nodes = direct, []
    places = [
        origin.port,
        _foot(network, origin),
        *(tuple(network.positions[node]) for node in nodes),
        _foot(network, target),
        target.port,
    ]
    return Lane(origin.offset_m + float(metres) + target.offset_m, _unwrapped(places))


def _foot(network: LaneNetwork, mooring: Mooring) -> Place:
    """Return the place on the lane where a port joins it."""
    first, second = network.positions[network.ends[mooring.edge]]
    step = _shortest_step((second - first)[None])[0]
    lon, lat = first + mooring.share * step
    return float(lon), float(lat)


def _unwrapped(places: list[Place]) -> shapely.LineString:
    """Return a line that never jumps across the antimeridian, without repeated places."""
    steps = _shortest_step(np.diff(np.array(places), axis=0))
    moved = steps[(np.abs(steps) > SAME_PLACE_DEGREES).any(axis=1)]
    line = np.array(places[0]) + np.concatenate([np.zeros((1, 2)), np.cumsum(moved, axis=0)])
    return shapely.LineString(line)


def _ways_off(network: LaneNetwork, mooring: Mooring) -> list[tuple[int, float]]:
    """Return the two ends of the edge of a mooring, each with the distance to it."""
    length = float(network.lengths[mooring.edge])
    first, second = (int(node) for node in network.ends[mooring.edge])
    return [(first, mooring.share * length), (second, (1 - mooring.share) * length)]
