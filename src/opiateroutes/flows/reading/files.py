"""A fit on disk: a folder of tables, a workbook, one JSON file or a GeoPackage.

All tables go together with the provenance and the certificate. What is written is complete before
it takes its place, and the same for the same fit.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from opiateroutes.data import nearest, put_in_place, require_writable, write_table
from opiateroutes.data.fixed_date import fixed_date
from opiateroutes.data.spreadsheet import write_workbook
from opiateroutes.errors import OutputError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable

    from opiateroutes.flows.fit import FlowFit

__all__ = ["FIT_FORMATS", "save_fit"]

FIT_FORMATS: dict[str, str] = {
    "csv": "",
    "xlsx": ".xlsx",
    "json": ".json",
    "gpkg": ".gpkg",
    "parquet": "",
}
"""Formats of a fit, each with the ending of its name: none for a folder, of CSV by default."""

_TABLES = ("legs", "nodes", "routes", "residuals", "unused")
_ON_MAP = ("legs", "nodes")
_PROVENANCE = "provenance.json"
_FOLDER_FILES = {f"{t}.{end}" for t in _TABLES for end in ("csv", "parquet")} | {_PROVENANCE}


def save_fit(fit: FlowFit, path: str | Path, format_: str | None) -> Path:
    """Write a fit; see `FlowFit.save`."""
    target = Path(path)
    writer = _writer(target, format_)
    _require_place(target)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".writing-") as folder:
            draft = Path(folder) / target.name
            writer(fit, draft)
            put_in_place(draft, target)
    except Exception as error:
        # Each writer has its own errors for what its format cannot hold.
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"cannot write the fit to {target}: {reason}") from error
    return target


def _writer(target: Path, format_: str | None) -> Callable[[FlowFit, Path], object]:
    writers = {
        "csv": _write_csv,
        "xlsx": _write_xlsx,
        "json": _write_json,
        "gpkg": _write_gpkg,
        "parquet": _write_parquet,
    }
    ending = target.suffix.lower()
    if format_ is None:
        format_ = next((name for name, end in FIT_FORMATS.items() if end == ending), None)
        if format_ is None:
            raise OutputError(
                f"cannot write a fit to {target}: the ending {target.suffix!r} is not one of "
                ".xlsx, .json, .gpkg, or none for a folder of CSV files"
            )
    if format_ not in writers:
        raise UnknownNameError(
            f"no format {format_!r} of fits{nearest(str(format_), writers)}; "
            f"there are {', '.join(FIT_FORMATS)}"
        )
    if FIT_FORMATS[format_] != ending:
        wanted = FIT_FORMATS[format_] or "none: it is a folder"
        raise OutputError(
            f"cannot write a fit to {target}: the ending of the format {format_!r} is {wanted}"
        )
    return writers[format_]


def _require_place(target: Path) -> None:
    if target.is_symlink():
        raise OutputError(
            f"cannot write a fit to {target}: it is a link to {target.readlink()}; give that name"
        )
    if not target.is_dir():
        require_writable(target)
        return
    names = {entry.name for entry in target.iterdir()}
    if not (target.suffix == "" and names <= _FOLDER_FILES):
        raise OutputError(f"{target} is a folder that holds something else; give another name")


def _tables(fit: FlowFit) -> dict[str, pd.DataFrame]:
    """Return all tables, the index as a column; a column of numbers is one, not one of objects."""
    return {name: getattr(fit, name).reset_index().infer_objects() for name in _TABLES}


def _provenance(fit: FlowFit) -> dict[str, Any]:
    supply = {name: getattr(fit, name) for name in ("supply_kg", "supply_low_kg", "supply_high_kg")}
    known = {name: None if np.isnan(value) else value for name, value in supply.items()}
    about = {"unit": fit.unit, "method": fit.method, "certificate": asdict(fit.certificate)}
    return {**fit.provenance, **about, **known}


def _text(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False, default=_plain)


def _plain(value: object) -> object:
    """Give up the type of a number of numpy; anything else has no place in JSON."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"JSON cannot hold {value!r}")


def _write_csv(fit: FlowFit, folder: Path) -> None:
    folder.mkdir()
    for name, frame in _tables(fit).items():
        write_table(frame, folder / f"{name}.csv")
    (folder / _PROVENANCE).write_text(f"{_text(_provenance(fit))}\n", encoding="utf-8")


def _write_parquet(fit: FlowFit, folder: Path) -> None:
    folder.mkdir()
    for name, frame in _tables(fit).items():
        table = _placed(fit, name, frame) if name in _ON_MAP else frame
        table.to_parquet(folder / f"{name}.parquet", index=False, compression="zstd")
    (folder / _PROVENANCE).write_text(f"{_text(_provenance(fit))}\n", encoding="utf-8")


def _write_xlsx(fit: FlowFit, path: Path) -> None:
    write_workbook({**_tables(fit), "provenance": _lines(fit)}, path)


def _write_json(fit: FlowFit, path: Path) -> None:
    tables = {
        name: frame.astype("object").where(frame.notna(), None).to_dict("records")
        for name, frame in _tables(fit).items()
    }
    path.write_text(f"{_text({**tables, 'provenance': _provenance(fit)})}\n", encoding="utf-8")


def _write_gpkg(fit: FlowFit, path: Path) -> None:
    with fixed_date():
        for name, frame in {**_tables(fit), "provenance": _lines(fit)}.items():
            layer = _placed(fit, name, frame) if name in _ON_MAP else frame
            pyogrio.write_dataframe(layer, path, layer=name, driver="GPKG")


def _placed(fit: FlowFit, name: str, frame: pd.DataFrame) -> gpd.GeoDataFrame:
    """Put the geometry of the network beside a table of its legs or nodes."""
    places = getattr(fit.network, name)
    return gpd.GeoDataFrame(frame, geometry=places.geometry.to_numpy(), crs=places.crs)


def _lines(fit: FlowFit) -> pd.DataFrame:
    """Return the provenance as a table."""
    said = {
        key: value if isinstance(value, str) else _text(value)
        for key, value in _provenance(fit).items()
    }
    return pd.DataFrame({"key": list(said), "value": list(said.values())}, dtype="str")
