"""Workbooks in the layout of published annexes, and the same workbooks gone wrong.

A reader of published files may give a table or one of the errors that this library raises on
purpose; anything else (a bare KeyError, a process that dies) is a fault.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
from hypothesis import strategies as st
from openpyxl.styles import Font

from opiateroutes.errors import EvidenceWarning, OpiateRoutesError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Rows = list[list[Any]]

_TEXT = st.text(
    st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), max_size=12
)
CELLS = st.one_of(
    st.none(),
    _TEXT,
    st.integers(-(10**6), 10**9),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.booleans(),
    st.dates(dt.date(1950, 1, 1), dt.date(2090, 1, 1)),
    st.times(),
    st.sampled_from(
        ["..", "-", "n.a.", "1,234", "12 a", "0.5*", "#REF!", "2019/20", "Total", "best estimate"]
    ),
    st.sampled_from(
        ["Afganistan", "KKK", "Unknown", "Iran", "Lower bound", "heroin", "kg", "100 g"]
    ),
    st.sampled_from([0, 2019, 1e300, "1e400", "-5", "<0.1", "5%", "=1/0", "='[1]Sheet'!A1"]),
)
"""What may stand in a cell of a file that somebody edited."""


def write_book(
    path: Path,
    sheets: Mapping[str, Sequence[Sequence[Any]]],
    *,
    italic: Sequence[tuple[str, str]] = (),
    percent: Sequence[tuple[str, str]] = (),
) -> Path:
    """Write a workbook; ``italic`` and ``percent`` name cells by sheet and place."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    for name, place in italic:
        book[name][place].font = Font(italic=True)
    for name, place in percent:
        book[name][place].number_format = "0.0%"
    book.save(path)
    return path


@st.composite
def mutated(draw: st.DrawFn, sheets: Mapping[str, Rows]) -> dict[str, Rows]:
    """Change cells and headers, drop and swap columns and rows, put rows above the table."""
    changed = {name: [list(row) for row in rows] for name, rows in sheets.items()}
    for _ in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(sorted(changed)))
        rows = changed[name]
        if not any(rows):
            continue
        kind = draw(
            st.sampled_from(
                ["cell", "cell", "header", "column", "row", "double", "above", "rename"]
            )
        )
        number = draw(st.integers(0, len(rows) - 1))
        width = max(len(row) for row in rows)
        column = draw(st.integers(0, width - 1))
        if kind == "cell":
            _put(rows[number], column, draw(CELLS))
        elif kind == "header":
            _put(rows[min(number, 2)], column, draw(st.one_of(_TEXT, CELLS)))
        elif kind == "column":
            other = draw(st.integers(0, width - 1))
            for row in rows:
                _swap(row, column, other)
        elif kind == "row":
            del rows[number]
        elif kind == "double":
            rows.insert(number, list(rows[number]))
        elif kind == "above":
            rows.insert(0, draw(st.lists(CELLS, max_size=width)))
        else:
            changed[draw(st.text("abc Purities", min_size=1, max_size=20))] = changed.pop(name)
    return changed


def _put(row: list[Any], column: int, cell: object) -> None:
    if column < len(row):
        row[column] = cell


def _swap(row: list[Any], one: int, other: int) -> None:
    if max(one, other) < len(row):
        row[one], row[other] = row[other], row[one]


def assert_table_or_named_error(
    read: Callable[[Path], pd.DataFrame], sheets: Mapping[str, Rows]
) -> None:
    """Write a workbook and read it; a table or an error of this library may come out."""
    with tempfile.TemporaryDirectory() as folder:
        path = write_book(Path(folder) / "annex.xlsx", sheets)
        assert_read_or_refused(read, path)


def assert_read_or_refused(read: Callable[[Path], pd.DataFrame], path: Path) -> None:
    """Read a file; a table or an error of this library may come out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EvidenceWarning)
        with contextlib.suppress(OpiateRoutesError):
            assert isinstance(read(path), pd.DataFrame)


def cut_off(path: Path, share: float) -> Path:
    """Write the first part of a file beside it."""
    content = path.read_bytes()
    short = path.with_name(f"short_{path.name}")
    short.write_bytes(content[: int(len(content) * share)])
    return short
