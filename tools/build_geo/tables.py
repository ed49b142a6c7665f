"""Read and write tables and layers in one fixed form, so that equal content gives equal files."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

CRS = "EPSG:4326"
GRID_DECIMALS = 4
"""Coordinates are kept to about ten metres: far finer than the generalised source."""


def read_table(path: Path, **options: Any) -> pd.DataFrame:
    """Read a CSV table; an empty cell is empty text, and "NA" stays a code.

    Parameters
    ----------
    path : Path
        File to read.
    **options
        Passed on to :func:`pandas.read_csv`.

    Returns
    -------
    pandas.DataFrame
        The table, unsorted, as it is in the file.
    """
    table: pd.DataFrame = pd.read_csv(path, keep_default_na=False, encoding="utf-8", **options)
    return table


def read_records(path: Path) -> list[dict[str, str]]:
    """Read a small CSV table as rows of text, in the order of the file."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write_table(table: pd.DataFrame, path: Path, *, sort_by: list[str]) -> None:
    """Write a CSV table with sorted rows and plain line ends."""
    ordered = table.sort_values(sort_by, kind="stable")
    ordered.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def write_layer(
    layer: gpd.GeoDataFrame, path: Path, *, sort_by: list[str], directed: bool = False
) -> None:
    """Write a GeoParquet layer with sorted rows and normalised geometries.

    Normalising fixes the order of parts, the start of rings and the direction of lines, which the
    geometry engine does not promise from one version to the next. ``directed`` lines keep the
    direction that they were made with.
    """
    ordered = layer.sort_values(sort_by, kind="stable").reset_index(drop=True)
    if not directed:
        ordered = ordered.set_geometry(shapely.normalize(ordered.geometry.to_numpy()), crs=CRS)
    ordered.to_parquet(path, compression="zstd", index=False)


def line_parts(geometry: shapely.Geometry) -> list[shapely.LineString]:
    """Return the lines of a geometry, merged end to end; points and areas are dropped."""
    kinds = {"LineString", "LinearRing"}
    lines = [
        part
        for part in shapely.get_parts(geometry)
        if part.geom_type in kinds and not part.is_empty
    ]
    if not lines:
        return []
    merged = shapely.line_merge(shapely.MultiLineString(lines))
    return list(shapely.get_parts(merged))


def polygon_parts(geometry: shapely.Geometry) -> list[shapely.Polygon]:
    """Return the polygons of a geometry, also those inside nested collections."""
    collected: list[shapely.Polygon] = []
    for part in shapely.get_parts(geometry):
        if part.geom_type == "Polygon":
            collected.append(part)
        elif part.geom_type in {"MultiPolygon", "GeometryCollection"}:
            collected.extend(polygon_parts(part))
    return collected
