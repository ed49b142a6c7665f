r"""Networks as a folder of CSV files, which every spreadsheet and every language opens.

``nodes.csv`` and ``legs.csv`` hold one row each, geometry as WKT; ``types.json`` says what the text
in the cells means, ``meta.json`` what the network is. An empty cell is missing. Text that a cell
cannot hold as it is stands escaped: no text as ``\e``, control characters, backslashes and what a
spreadsheet would run as a formula as ``\uXXXX``.
"""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

from opiateroutes.network.column_types import column_types, restored

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import geopandas as gpd

    from opiateroutes.network.route_network import RouteNetwork

__all__ = ["CSV_FILES", "is_csv_folder", "read_csv_folder", "write_csv_folder"]

CSV_FILES = frozenset({"nodes.csv", "legs.csv", "types.json", "meta.json"})
"""What such a folder holds."""

_TYPES = "types.json"
_KEYS = {"nodes": "node", "legs": "leg"}
_CONTROL = re.compile(
    "[\\\\\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
)
_FORMULA = re.compile(r"\A[=+\-@\t\n]")
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|e)")
_EMPTY = "\\e"
# The usual 16 digits would lose the last bit of some coordinates.
_ALL_DIGITS = 20
_LONGEST_CELL = 2**30


def is_csv_folder(folder: Path) -> bool:
    """Tell whether a folder holds a network in this format; tables of other origin do not count.

    Examples
    --------
    >>> from pathlib import Path
    >>> is_csv_folder(Path("."))
    False
    """
    return (folder / _TYPES).is_file() and (folder / "nodes.csv").is_file()


def write_csv_folder(net: RouteNetwork, folder: Path) -> None:
    """Write both tables, their column types and the metadata into a new folder."""
    folder.mkdir()
    for table, frame in (("nodes", net.nodes), ("legs", net.legs)):
        _write_table(frame, folder / f"{table}.csv")
    for name, value in ((_TYPES, column_types(net)), ("meta.json", dict(net.meta))):
        text = json.dumps(value, indent=1, ensure_ascii=True)
        (folder / name).write_text(f"{text}\n", encoding="utf-8")


def read_csv_folder(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Read what `write_csv_folder` wrote."""
    types, meta = (
        json.loads((folder / name).read_text(encoding="utf-8")) for name in (_TYPES, "meta.json")
    )
    nodes, legs = (
        _read_table(folder / f"{table}.csv", key, types[table]) for table, key in _KEYS.items()
    )
    return nodes, legs, meta


def _write_table(frame: gpd.GeoDataFrame, path: Path) -> None:
    columns: dict[str, list[str]] = {
        _escaped(str(frame.index.name)): [_escaped(str(key)) for key in frame.index]
    }
    for name in frame.columns:
        if name == "geometry":
            wkt = shapely.to_wkt(frame.geometry.to_numpy(), rounding_precision=_ALL_DIGITS)
            columns[name] = ["" if text is None else str(text) for text in wkt]
        else:
            columns[_escaped(str(name))] = _cells(frame[name])
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def _cells(column: pd.Series) -> list[str]:
    text_only = column.dtype == "object"
    return [
        "" if missing else _cell(value, str(column.name), text_only=text_only)
        for value, missing in zip(column.tolist(), column.isna(), strict=True)
    ]


def _cell(value: Any, column: str, *, text_only: bool) -> str:
    if isinstance(value, str):
        return _escaped(value)
    if isinstance(value, pd.Timestamp) and not text_only:
        return str(value.isoformat())
    if isinstance(value, bool | int | float) and not text_only:
        # repr, unlike str of some types, gives every digit back.
        return repr(value)
    raise TypeError(f"a CSV file cannot hold the column {column!r}; write a folder of GeoParquet")


def _read_table(path: Path, key: str, types: dict[str, str]) -> pd.DataFrame:
    heads, *rows = _rows(path)
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(heads)
    found = dict(zip(map(_plain, heads), cells, strict=True))
    index = pd.Index([_plain(cell) for cell in found.pop(key)], name=key, dtype="str")
    shapes = found.pop("geometry", None)
    frame = pd.DataFrame(
        {name: _column(values, types[name]) for name, values in found.items()}, dtype="object"
    )
    frame.index = index
    if shapes is not None:
        frame["geometry"] = shapely.from_wkt([shape or None for shape in shapes])
    return restored(frame, types)


def _rows(path: Path) -> list[list[str]]:
    # A line of a few thousand points is longer than the cells that the module takes by itself.
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            return list(csv.reader(stream, strict=True))
    finally:
        csv.field_size_limit(before)


def _column(cells: tuple[str, ...], kind: str) -> list[Any]:
    read = _reader(kind)
    return [None if cell == "" else read(cell) for cell in cells]


def _reader(kind: str) -> Callable[[str], Any]:
    """Choose the function that reads a cell of a type of column."""
    if kind in ("bool", "boolean"):
        return {"True": True, "False": False}.__getitem__
    if kind.lower().startswith(("int", "uint")):
        return int
    if kind.lower().startswith("float"):
        return float
    if kind.startswith("datetime"):
        read: Callable[[str], Any] = pd.Timestamp
        return read
    return _plain


def _escaped(text: str) -> str:
    r"""Write what a cell cannot hold as ``\uXXXX``, and no text as ``\e``.

    Examples
    --------
    >>> _escaped("=1+1"), _escaped("a\\b"), _escaped("")
    ('\\u003d1+1', 'a\\u005cb', '\\e')
    """
    safe = _CONTROL.sub(_code, text)
    return _FORMULA.sub(_code, safe) or _EMPTY


def _code(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _plain(text: str) -> str:
    """Undo `_escaped`."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else "", text)
