"""Where nodes and legs lie: geometry in any CRS, or degrees, brought to longitude and latitude."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from opiateroutes.network.failures import Failure

__all__ = ["CRS", "geometry_of"]

CRS = "EPSG:4326"
"""Coordinates are stored as longitude and latitude on WGS 84."""

_LIMITS = {"lon": 180.0, "lat": 90.0}


def geometry_of(frame: pd.DataFrame, table: str) -> tuple[gpd.array.GeometryArray, list[Failure]]:
    """Read the geometry of a table off its column ``geometry`` or, for nodes, ``lon`` and ``lat``.

    Parameters
    ----------
    frame
        The table; its index names the rows of failures.
    table
        ``"nodes"`` (points only) or ``"legs"``.

    Returns
    -------
    geometry : geopandas.array.GeometryArray
        In EPSG:4326; missing where nothing is given.
    failures : list
        Values that are no geometry, or no position on the globe.

    Examples
    --------
    >>> geometry_of(pd.DataFrame({"lon": [7], "lat": [46]}), "nodes")[0][0].wkt
    'POINT (7 46)'
    """
    if "geometry" in frame:
        return _of_shapes(frame["geometry"], table)
    if table == "nodes" and set(_LIMITS) <= set(frame.columns):
        return _of_degrees(frame)
    return _nothing(len(frame)), []


def _nothing(count: int) -> gpd.array.GeometryArray:
    return gpd.array.from_shapely(np.full(count, None, dtype=object), crs=CRS)


def _of_shapes(column: pd.Series, table: str) -> tuple[gpd.array.GeometryArray, list[Failure]]:
    kind, rule, hint = (
        (shapely.Point, "must be a point", "take representative_point()")
        if table == "nodes"
        else (shapely.Geometry, "must be a geometry", "read WKT with geopandas.GeoSeries.from_wkt")
    )
    failures = [
        (table, str(row), "geometry", shape, rule, hint)
        for row, shape, missing in zip(column.index, column, column.isna(), strict=True)
        if not (missing or isinstance(shape, kind))
    ]
    if failures:
        return _nothing(len(column)), failures
    shapes = gpd.GeoSeries(column.where(column.notna(), None), crs=getattr(column, "crs", None))
    placed = shapes.set_crs(CRS) if shapes.crs is None else shapes.to_crs(CRS)
    # Text formats know no negative zero: what is read must be what was written.
    plain = shapely.transform(placed.to_numpy(), lambda xy: xy + 0.0, interleaved=True)
    return gpd.array.from_shapely(plain, crs=CRS), []


def _of_degrees(frame: pd.DataFrame) -> tuple[gpd.array.GeometryArray, list[Failure]]:
    failures: list[Failure] = []
    degrees = []
    for column, limit in _LIMITS.items():
        given = frame[column]
        numbers = pd.to_numeric(given, errors="coerce").astype("float64")
        bad = (given.notna() & numbers.isna()) | (numbers.abs() > limit)
        failures += [
            ("nodes", str(row), column, value, f"must be degrees from -{limit:g} to {limit:g}", "")
            for row, value in given[bad].items()
        ]
        degrees.append(numbers.to_numpy("float64"))
    if failures:
        return _nothing(len(frame)), failures
    lon, lat = (axis + 0.0 for axis in degrees)  # no negative zero, as for shapes
    known = np.isfinite(lon) & np.isfinite(lat)
    points = np.full(len(frame), None, dtype=object)
    points[known] = shapely.points(lon[known], lat[known])
    return gpd.array.from_shapely(points, crs=CRS), []
