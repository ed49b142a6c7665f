"""Compare two builds by content: equal tables and equal shapes, whatever the bytes are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely
from tools.build_geo.manifest import MANIFEST
from tools.build_geo.tables import read_table

if TYPE_CHECKING:
    from pathlib import Path

TOLERANCE_DEGREES = 1e-6
"""Far below the storage grid, far above what versions of the geometry engine differ by."""


def differing_files(first: Path, second: Path) -> list[str]:
    """Return the names of the files whose content differs between two folders.

    Parameters
    ----------
    first, second : Path
        Folders with the files of one build each.

    Returns
    -------
    list of str
        Sorted names; a file that is in one folder only is among them.
    """
    names = {path.name for folder in (first, second) for path in folder.iterdir() if path.is_file()}
    return sorted(name for name in names if not _same(first / name, second / name))


def _same(first: Path, second: Path) -> bool:
    """Tell whether two files hold the same content."""
    if not (first.exists() and second.exists()):
        return False
    if first.name == MANIFEST:
        return _manifest(first) == _manifest(second)
    if first.suffix == ".parquet":
        return _same_layer(gpd.read_parquet(first), gpd.read_parquet(second))
    if first.suffix == ".csv":
        return read_table(first, dtype=str).equals(read_table(second, dtype=str))
    return first.read_bytes() == second.read_bytes()


def _manifest(path: Path) -> dict[str, Any]:
    """Return a manifest without the checksums of layers, which depend on the writer's version."""
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for name, entry in manifest["files"].items():
        if name.endswith(".parquet"):
            del entry["sha256"]
    return manifest


def _same_layer(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame) -> bool:
    """Tell whether two layers have the same attributes and, vertex by vertex, the same shapes."""
    if (
        list(first.columns) != list(second.columns)
        or len(first) != len(second)
        or first.crs != second.crs
    ):
        return False
    attributes = [name for name in first.columns if name != first.geometry.name]
    if not first[attributes].equals(second[attributes]):
        return False
    shapes = first.geometry.to_numpy(), second.geometry.to_numpy()
    return bool(shapely.equals_exact(*shapes, tolerance=TOLERANCE_DEGREES).all())
