"""How far the cells of a workbook reach, found out before it is read.

A sheet is read as a full rectangle. One stray cell in the last row and column of an otherwise small
file makes that rectangle seventeen billion cells, more than any memory: so it is measured first.
"""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING

from opiateroutes.errors import DataFileError

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator

__all__ = ["MOST_CELLS", "refuse_vast_sheets"]

MOST_CELLS = 30_000_000
"""Largest rectangle of all sheets together; a million seizure records take half of it."""

_CHUNK_BYTES = 1 << 20
_LONGEST_REFERENCE = 32
_REFERENCE = re.compile(rb"""r=["']([A-Z]{1,3})(\d{1,7})["']""")
_FAR = re.compile(rb"""r=["'](?:[A-Z]{2,3}\d|[A-Z]\d{7})""")
_ROW = re.compile(rb"""<row\b[^>]*?\br=["'](\d{5,7})["']""")
_LETTERS = 26


def refuse_vast_sheets(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse a workbook whose sheets would fill the memory once they are read.

    Parameters
    ----------
    archive
        The workbook.
    name
        For the message.

    Raises
    ------
    DataFileError
        If the rectangles that hold the cells of its sheets are too large together.
    """
    cells = 0
    for member in archive.infolist():
        if member.filename.startswith("xl/worksheets/") and not member.is_dir():
            with archive.open(member) as stream:
                narrow = _narrow_rectangle(stream)
            if narrow is None:
                with archive.open(member) as stream:
                    narrow = _rectangle(stream)
            cells += narrow
    if cells > MOST_CELLS:
        raise DataFileError(
            f"{name} has sheets that reach over {cells:,} cells, because cells far away from the "
            "table are filled: delete the rows and columns around the table and save it again"
        )


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield a file in pieces that overlap, so that no reference is cut in two."""
    tail = b""
    while chunk := stream.read(_CHUNK_BYTES):
        yield tail + chunk
        tail = chunk[-_LONGEST_REFERENCE:]


def _narrow_rectangle(stream: IO[bytes]) -> int | None:
    """Bound the cells of a sheet by its rows, fast; None if there are columns beyond Z.

    Every published table is narrow, and looking at rows only takes a tenth of the time.
    """
    last_row = 0
    for chunk in _chunks(stream):
        if _FAR.search(chunk):
            return None
        last_row = max(last_row, max(map(int, _ROW.findall(chunk)), default=0))
    return last_row * _LETTERS


def _rectangle(stream: IO[bytes]) -> int:
    """Return the cells between the first cell of a sheet and the last one of any row or column."""
    columns: set[bytes] = set()
    last_row = 0
    for chunk in _chunks(stream):
        found = _REFERENCE.findall(chunk)
        columns.update(column for column, _ in found)
        last_row = max(last_row, max((int(row) for _, row in found), default=0))
    return last_row * max((_number(column) for column in columns), default=0)


def _number(column: bytes) -> int:
    number = 0
    for letter in column:
        number = number * 26 + letter - ord("A") + 1
    return number
