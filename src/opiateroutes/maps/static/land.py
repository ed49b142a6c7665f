"""Land and boundary lines of a printed map: projected, clipped to the frame, simplified."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from opiateroutes.data import data_path
from opiateroutes.errors import MapError
from opiateroutes.maps.static.styles import BOUNDARIES

if TYPE_CHECKING:
    import os

    import numpy.typing as npt

    from opiateroutes.maps.static.frame import Frame

    Geometries = npt.NDArray[np.object_]

__all__ = ["Land", "draw_ready", "land_layer", "layer_path", "on_map"]

# The shipped layers end this near the antimeridian; what ends there continues on the other side.
_SEAM_DEGREES = 179.895
_HALF_TURN = 180.0
_LONGEST_EDGE_DEGREES = 1.0
# Land so far from the centre is smeared along the rim of the map.
_RIM_DEGREES = 172.0
_LAYERS = ("countries.parquet", "boundaries.parquet", "disputed_lines.parquet")


@dataclass(frozen=True)
class Land:
    """What lies in the frame, in metres on the map.

    Attributes
    ----------
    owners
        Country code of each polygon.
    parts
        Polygons of the countries.
    lines
        Boundary lines by status.
    """

    owners: npt.NDArray[np.object_]
    parts: Geometries
    lines: dict[str, Geometries]


def layer_path(name: str, basemap: str | os.PathLike[str] | None) -> Path:
    """Find a layer in the folder given, or else among the shipped data.

    Raises
    ------
    MapError
        If the folder does not have it.

    Examples
    --------
    >>> layer_path("countries.parquet", None).name
    'countries.parquet'
    """
    path = data_path(f"geo/{name}") if basemap is None else Path(basemap) / name
    if not path.is_file():
        raise MapError(f"base map layer not found: {path}")
    return path


def land_layer(
    basemap: str | os.PathLike[str] | None,
) -> tuple[npt.NDArray[np.object_], Geometries]:
    """Read the polygons of all countries with the code of each, in degrees.

    Examples
    --------
    >>> owners, parts = land_layer(None)
    >>> "AFG" in owners, len(owners) == len(parts)
    (True, True)
    """
    path = layer_path(_LAYERS[0], basemap)
    return _polygons(path, path.stat().st_mtime_ns)


def draw_ready(
    frame: Frame, *, detail: float, basemap: str | os.PathLike[str] | None = None
) -> Land:
    """Prepare the base map for a frame.

    Parameters
    ----------
    frame : Frame
        What will be seen.
    detail : float
        Smallest distance worth drawing, in metres on the map.
    basemap : path-like, optional
        Folder with the three layers, in place of the shipped ones.

    Returns
    -------
    Land
        Clipped a little outside the frame, so that no cut edge is seen.

    Raises
    ------
    MapError
        A layer is missing.

    Examples
    --------
    >>> from opiateroutes.maps.static.frame import Frame
    >>> land = draw_ready(Frame(66.0, 34.0, 9e5, 6e5), detail=1000.0)
    >>> "AFG" in land.owners, "USA" in land.owners
    (True, False)
    """
    owners, parts = land_layer(basemap)
    seen = _near(frame, parts)
    owners, parts = owners[seen], on_map(frame, parts[seen])
    parts = shapely.coverage_simplify(parts, detail)
    clipped, index = shapely.get_parts(_clipped(frame, parts), return_index=True)
    kept = shapely.area(clipped) > detail**2
    paths = [layer_path(name, basemap) for name in _LAYERS[1:]]
    lines = {
        status: _line_parts(frame, found, detail)
        for status, found in _boundaries(*paths, paths[0].stat().st_mtime_ns).items()
    }
    return Land(owners[index[kept]], clipped[kept], lines)


def on_map(frame: Frame, shapes: Geometries) -> Geometries:
    """Project shapes, with long edges cut up so that they bend as the projection does."""
    dense = shapely.segmentize(shapes, _LONGEST_EDGE_DEGREES)
    return np.asarray(shapely.transform(dense, frame.to_map), dtype=object)


@lru_cache(maxsize=2)
def _polygons(path: Path, _changed: int) -> tuple[npt.NDArray[np.object_], Geometries]:
    """Read polygons; the time of change keeps the cache honest."""
    countries = gpd.read_parquet(path)
    if countries.crs is not None:
        countries = countries.to_crs(4326)
    parts, index = shapely.get_parts(countries.geometry.to_numpy(), return_index=True)
    return countries["iso3"].to_numpy(dtype=object)[index], _to_the_seam(parts)


@lru_cache(maxsize=2)
def _boundaries(boundaries: Path, disputed: Path, _changed: int) -> dict[str, Geometries]:
    frames = [gpd.read_parquet(path)[["status", "geometry"]] for path in (boundaries, disputed)]
    lines: dict[str, Geometries] = {}
    for status in BOUNDARIES:
        found = [frame.geometry[frame["status"] == status].to_numpy() for frame in frames]
        # A line of both layers is drawn once: two dashed lines on top of each other look solid.
        merged = shapely.line_merge(shapely.union_all(np.concatenate(found)))
        lines[status] = _to_the_seam(shapely.get_parts(merged))
    return lines


def _to_the_seam(shapes: Geometries) -> Geometries:
    def moved(coordinates: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        lon, lat = coordinates.T
        at_seam = np.abs(lon) > _SEAM_DEGREES
        return np.column_stack((np.where(at_seam, np.copysign(_HALF_TURN, lon), lon), lat))

    return np.asarray(shapely.transform(shapes, moved), dtype=object)


def _near(frame: Frame, shapes: Geometries) -> npt.NDArray[np.bool_]:
    """Mark what may be seen; land around the point opposite to the centre would turn inside out."""
    dense = shapely.segmentize(shapes, _LONGEST_EDGE_DEGREES)
    coordinates, index = shapely.get_coordinates(dense, return_index=True)
    angles = frame.angles(coordinates)
    nearest, farthest = np.full(len(shapes), 360.0), np.zeros(len(shapes))
    np.minimum.at(nearest, index, angles)
    np.maximum.at(farthest, index, angles)
    opposite_lon = frame.lon + _HALF_TURN if frame.lon <= 0 else frame.lon - _HALF_TURN
    opposite = shapely.contains_xy(shapes, opposite_lon, -frame.lat)
    around = shapely.contains_xy(shapes, frame.lon, frame.lat)
    reached = (nearest <= frame.reach + _LONGEST_EDGE_DEGREES) | around
    return np.asarray(reached & ~opposite & (farthest < _RIM_DEGREES), dtype=np.bool_)


def _clipped(frame: Frame, shapes: Geometries) -> Geometries:
    left, bottom, right, top = (1.02 * side for side in frame.bounds)
    return np.asarray(shapely.clip_by_rect(shapes, left, bottom, right, top), dtype=object)


def _line_parts(frame: Frame, shapes: Geometries, detail: float) -> Geometries:
    if not len(shapes):
        return shapes
    projected = on_map(frame, shapes[_near(frame, shapes)])
    found = shapely.get_parts(_clipped(frame, shapely.simplify(projected, detail)))
    return np.asarray(found[shapely.get_dimensions(found) == 1], dtype=object)
