"""The base map: land and boundary lines as small integer arrays that the browser adds up again.

Countries are simplified together (`shapely.coverage_simplify`), so that neighbours keep one common
edge. Land that is far from the centre of the map, and has no land bridge to what is near, is
simplified four times harder: nobody zooms in there and it would otherwise be half of the file.
Coordinates are hundredths of a degree, each stored as the difference to the one before.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from opiateroutes.errors import MapError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    Geometries = npt.NDArray[np.object_]

QUANTUM_DEGREES = 0.01
NEAR_TOLERANCE = 0.07
FAR_TOLERANCE = 0.28
CENTRE_LON, CENTRE_LAT = 55.0, 36.0
# Beyond this angle no named route passes; the Americas, Australia and the Pacific lie there.
FAR_DEGREES = 75.0
# In square degrees at the equator: an island of 15 by 15 km is half a pixel in the first view.
SMALLEST_NEAR = 0.02
SMALLEST_FAR = 0.25
# Numbers in a triangle and in one edge.
SHORTEST_RING, SHORTEST_LINE = 6, 4
HALF_TURN, FULL_TURN = 180, 360
DRAWN_LINES = ("international", "undetermined", "administrative", "line_of_control")


def build_basemap(
    countries_path: Path,
    boundaries_path: Path,
    disputed_path: Path,
    *,
    points: list[tuple[float, float]],
) -> dict[str, Any]:
    """Read, simplify and encode the base map.

    Parameters
    ----------
    countries_path, boundaries_path, disputed_path : pathlib.Path
        GeoParquet layers in EPSG:4326, cut at the antimeridian.
    points : list of (float, float)
        Longitude and latitude of the nodes, in degrees; the land they stand on is drawn lighter.

    Returns
    -------
    dict
        ``quantum`` (degrees), ``crossed`` and ``other`` (polygons) and ``lines`` by status.

    Raises
    ------
    MapError
        A layer is missing.

    Examples
    --------
    >>> from opiateroutes.data import data_path
    >>> names = ("countries", "boundaries", "disputed_lines")
    >>> layers = [data_path(f"geo/{name}.parquet") for name in names]
    >>> base = build_basemap(*layers, points=[(66.0, 33.8)])
    >>> base["quantum"]
    0.01
    """
    for path in (countries_path, boundaries_path, disputed_path):
        if not path.is_file():
            raise MapError(
                f"base map layer not found: {path}; rebuild data/geo or reinstall the package"
            )
    owners, parts = _land(countries_path, countries_path.stat().st_mtime_ns)
    lines = _lines(boundaries_path, disputed_path, boundaries_path.stat().st_mtime_ns)
    lon, lat = np.array(points, dtype=float).reshape(-1, 2).T
    tree = shapely.STRtree(parts)
    # Land joined across the antimeridian lies beyond 180 degrees.
    places = shapely.points(np.concatenate([lon, lon + FULL_TURN]), np.concatenate([lat, lat]))
    hits = tree.query(places, predicate="intersects")[1]
    crossed = np.isin(owners, owners[hits])
    return {
        "quantum": QUANTUM_DEGREES,
        "crossed": encode_polygons(parts[crossed]),
        "other": encode_polygons(parts[~crossed]),
        "lines": lines,
    }


def encode_polygons(polygons: Geometries) -> list[list[list[int]]]:
    """Encode polygons as rings, outer ring first.

    Parameters
    ----------
    polygons : array of shapely.Polygon
        In degrees.

    Returns
    -------
    list
        One list of rings for each polygon; a ring is ``[x0, y0, dx, dy, ...]`` without its closing
        point.

    Examples
    --------
    >>> encode_polygons(np.array([shapely.box(0, 0, 0.02, 0.01)]))
    [[[2, 0, 0, 1, -2, 0, 0, -1]]]
    """
    encoded = []
    for polygon in polygons:
        rings = [encode_line(ring)[:-2] for ring in (polygon.exterior, *polygon.interiors)]
        # A ring that quantization has emptied goes, and with the outer ring the whole polygon.
        if len(rings[0]) >= SHORTEST_RING:
            encoded.append([ring for ring in rings if len(ring) >= SHORTEST_RING])
    return encoded


def encode_line(line: shapely.Geometry) -> list[int]:
    """Encode one line as differences of whole quanta, without repeated points.

    Examples
    --------
    >>> encode_line(shapely.LineString([(1, 1), (1.001, 1), (1.5, 0.9)]))
    [100, 100, 50, -10]
    """
    cells = np.rint(shapely.get_coordinates(line) / QUANTUM_DEGREES).astype(np.int64)
    moved = np.ones(len(cells), dtype=bool)
    moved[1:] = (np.diff(cells, axis=0) != 0).any(axis=1)
    cells = cells[moved]
    steps = np.diff(cells, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    return [int(step) for step in steps.ravel()]


@lru_cache(maxsize=2)
def _land(path: Path, _changed: int) -> tuple[npt.NDArray[np.intp], Geometries]:
    """Simplify polygons, each with its country; the time of change keeps the cache honest."""
    countries = gpd.read_parquet(path)
    if countries.crs is not None:
        countries = countries.to_crs(4326)
    parts, owners = _joined_at_antimeridian(
        *shapely.get_parts(countries.geometry.to_numpy(), return_index=True)
    )
    far = _is_far(parts)
    keep = _worth_drawing(parts, owners, far)
    parts, owners, far = parts[keep], owners[keep], far[keep]
    simplified = parts.copy()
    for group, tolerance in ((~far, NEAR_TOLERANCE), (far, FAR_TOLERANCE)):
        if group.any():
            simplified[group] = shapely.coverage_simplify(parts[group], tolerance)
    return owners, simplified


def _joined_at_antimeridian(
    parts: Geometries, owners: npt.NDArray[np.intp]
) -> tuple[Geometries, npt.NDArray[np.intp]]:
    """Join what the cut at 180 degrees has divided; the projection of the map has no seam there."""
    west, _, east, _ = shapely.bounds(parts).T
    narrow = east - west < HALF_TURN
    starts, ends = (
        narrow & (west <= QUANTUM_DEGREES - HALF_TURN),
        narrow & (east >= HALF_TURN - QUANTUM_DEGREES),
    )
    divided = np.intersect1d(owners[starts], owners[ends])
    cut = (starts | ends) & np.isin(owners, divided)
    joined, joined_owners = [parts[~cut]], [owners[~cut]]
    for owner in divided:
        mine = owners == owner
        shifted = shapely.transform(parts[mine & starts], lambda xy: xy + np.array([FULL_TURN, 0]))
        whole = shapely.get_parts(
            shapely.union_all(np.concatenate([parts[mine & ends], shifted]), grid_size=1e-6)
        )
        joined.append(whole)
        joined_owners.append(np.full(len(whole), owner))
    return np.concatenate(joined), np.concatenate(joined_owners)


def _is_far(parts: Geometries) -> npt.NDArray[np.bool_]:
    """Mark land of which no point is near: whole masses, so that no common edge is split."""
    left, right = shapely.STRtree(parts).query(parts, predicate="intersects")
    links = coo_array(
        (np.ones(len(left), dtype=np.int8), (left, right)), shape=(len(parts), len(parts))
    )
    _, mass = connected_components(links, directed=False)
    coordinates, part = shapely.get_coordinates(parts, return_index=True)
    near = _angle_from_centre(coordinates) < FAR_DEGREES
    near_masses = np.unique(mass[part[near]])
    return ~np.isin(mass, near_masses)


def _angle_from_centre(coordinates: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    lon, lat = np.radians(coordinates).T
    lon0, lat0 = np.radians([CENTRE_LON, CENTRE_LAT])
    cosine = np.sin(lat0) * np.sin(lat) + np.cos(lat0) * np.cos(lat) * np.cos(lon - lon0)
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1, 1))), dtype=np.float64)


def _worth_drawing(
    parts: Geometries, owners: npt.NDArray[np.intp], far: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Parts above the smallest size, and the largest part of each country whatever its size."""
    latitude = shapely.get_y(shapely.point_on_surface(parts))
    area = shapely.area(parts) * np.cos(np.radians(latitude))
    largest = np.zeros(owners.max() + 1)
    np.maximum.at(largest, owners, area)
    large = area >= np.where(far, SMALLEST_FAR, SMALLEST_NEAR)
    return np.asarray(large | (area >= largest[owners]), dtype=np.bool_)


@lru_cache(maxsize=2)
def _lines(boundaries_path: Path, disputed_path: Path, _changed: int) -> dict[str, list[list[int]]]:
    frames = [
        gpd.read_parquet(path)[["status", "geometry"]] for path in (boundaries_path, disputed_path)
    ]
    lines: dict[str, list[list[int]]] = {}
    for status in DRAWN_LINES:
        found = np.concatenate(
            [frame.geometry[frame["status"] == status].to_numpy() for frame in frames]
        )
        # A line that is in both layers is drawn once: two dashed lines on top of each other look
        # solid.
        merged = shapely.get_parts(shapely.line_merge(shapely.union_all(found)))
        simple = shapely.simplify(merged, NEAR_TOLERANCE / 2)
        encoded = (encode_line(line) for line in simple if shapely.get_dimensions(line) == 1)
        lines[status] = [line for line in encoded if len(line) >= SHORTEST_LINE]
    return lines
