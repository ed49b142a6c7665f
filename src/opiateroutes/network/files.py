"""Networks on disk: GeoPackage, GeoParquet, GraphML and CSV, each with a typed way back.

A network is written beside its place and moved there when it is complete, so that an older one
survives whatever goes wrong.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from opiateroutes.data import nearest, put_in_place
from opiateroutes.data.fixed_date import fixed_date
from opiateroutes.errors import DataFileError, OutputError, UnknownNameError
from opiateroutes.network.column_types import column_types, restored
from opiateroutes.network.csv_folder import (
    CSV_FILES,
    is_csv_folder,
    read_csv_folder,
    write_csv_folder,
)
from opiateroutes.network.graphml import read_graphml, write_graphml

if TYPE_CHECKING:
    from collections.abc import Callable

    from opiateroutes.network.route_network import RouteNetwork

__all__ = ["NETWORK_FORMATS", "read_tables", "save_network"]

NETWORK_FORMATS: dict[str, str] = {
    "gpkg": ".gpkg",
    "parquet": "",
    "graphml": ".graphml",
    "csv": "",
}
"""Formats of a network, each with the ending of its name: none for a folder."""

_TYPES = "_column_types"
_META = "_meta"
_FOLDER_FILES = {"nodes.parquet", "legs.parquet", "meta.json"}


def save_network(net: RouteNetwork, path: str | Path, format_: str | None = None) -> Path:
    """Write a network; see `RouteNetwork.save`."""
    target = Path(path)
    writer = _writer(target, format_)
    if target.is_dir() and not _is_ours(target):
        raise OutputError(f"{target} is a folder that holds something else; give another name")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".writing-") as folder:
            draft = Path(folder) / target.name
            writer(net, draft)
            put_in_place(draft, target)
    except Exception as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"cannot write the network to {target}: {reason}") from error
    return target


def _writer(target: Path, format_: str | None) -> Callable[[RouteNetwork, Path], None]:
    writers: dict[str, Callable[[RouteNetwork, Path], None]] = {
        "gpkg": _write_gpkg,
        "graphml": write_graphml,
        "parquet": _write_folder,
        "csv": write_csv_folder,
    }
    ending = target.suffix.lower()
    if format_ is None:
        # A folder without a word about its format is one of GeoParquet files.
        format_ = next((f for f, end in NETWORK_FORMATS.items() if end == ending), None)
        if format_ is None:
            raise OutputError(
                f"cannot write a network to {target}: the ending {target.suffix!r} is not one of "
                ".gpkg, .graphml, or none for a folder of GeoParquet files"
            )
    if format_ not in writers:
        raise UnknownNameError(
            f"no format {format_!r} of networks{nearest(format_, writers)}; "
            f"there are {', '.join(NETWORK_FORMATS)}"
        )
    if NETWORK_FORMATS[format_] != ending:
        wanted = NETWORK_FORMATS[format_] or "none: it is a folder"
        raise OutputError(
            f"cannot write a network to {target}: the ending of the format {format_!r} is {wanted}"
        )
    return writers[format_]


def read_tables(path: Path) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Read the nodes, legs and metadata of a network; see `opiateroutes.read_network`."""
    folder = read_csv_folder if is_csv_folder(path) else _read_folder
    readers = {".gpkg": _read_gpkg, ".graphml": read_graphml, "": folder}
    if not path.exists():
        raise DataFileError(f"there is no network at {path}")
    if path.suffix.lower() not in readers:
        raise DataFileError(
            f"{path} is not a .gpkg, a .graphml or a folder of GeoParquet or CSV files"
        )
    try:
        return readers[path.suffix.lower()](path)
    except Exception as error:
        raise DataFileError(f"{path} does not hold a network: {error}") from error


def _is_ours(folder: Path) -> bool:
    names = {entry.name for entry in folder.iterdir()}
    # Tables called nodes.csv are common: only the file of types shows that we wrote them.
    return folder.suffix == "" and (
        names <= _FOLDER_FILES or (names <= CSV_FILES and is_csv_folder(folder))
    )


def _write_folder(net: RouteNetwork, folder: Path) -> None:
    folder.mkdir()
    net.nodes.to_parquet(folder / "nodes.parquet", compression="zstd")
    net.legs.to_parquet(folder / "legs.parquet", compression="zstd")
    (folder / "meta.json").write_text(json.dumps(dict(net.meta), sort_keys=True), encoding="utf-8")


def _read_folder(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    nodes, legs = (gpd.read_parquet(folder / f"{t}.parquet") for t in ("nodes", "legs"))
    return nodes, legs, meta


def _write_gpkg(net: RouteNetwork, path: Path) -> None:
    about = pd.DataFrame(
        {
            "key": [_TYPES, _META],
            "value": [json.dumps(column_types(net)), json.dumps(dict(net.meta))],
        }
    )
    layers = {
        "nodes": net.nodes.reset_index(),
        "legs": net.legs.reset_index(),
        "about": gpd.GeoDataFrame(about, geometry=[None, None], crs=net.nodes.crs),
    }
    for frame in (net.nodes, net.legs):
        _refuse_untyped(frame)
    with fixed_date():
        for layer, frame in layers.items():
            frame.to_file(path, layer=layer, driver="GPKG", engine="pyogrio")


def _refuse_untyped(frame: gpd.GeoDataFrame) -> None:
    # The driver would write the text of any object, and take a column "fid" for its own numbers.
    for column in frame.columns:
        odd = frame[column].dtype == "object" and frame[column].dropna().map(type).ne(str).any()
        if odd or str(column).lower() in ("fid", "geom"):
            raise TypeError(f"a GeoPackage cannot hold the column {column!r}; write a folder")


def _read_gpkg(path: Path) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    about = gpd.read_file(path, layer="about", engine="pyogrio")
    notes = {row.key: json.loads(row.value) for row in about.itertuples()}
    frames = []
    for layer, key in (("nodes", "node"), ("legs", "leg")):
        frame = gpd.read_file(path, layer=layer, engine="pyogrio").set_index(key)
        frames.append(restored(frame, notes[_TYPES][layer]))
    return frames[0], frames[1], notes[_META]
