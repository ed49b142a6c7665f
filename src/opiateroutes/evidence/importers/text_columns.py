"""Tables of text: which sign separates the columns, where the header stands, and what is below it.

Small tables are read whole, as rows of a sheet would be. Large ones are read as a stream in which
only the columns that are asked for are ever parsed.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.csv as pacsv

from opiateroutes.errors import DataFileError
from opiateroutes.evidence.importers.opening import CSV

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from opiateroutes.evidence.importers.opening import OpenedFile

    Find = Callable[[Sequence[Sequence[object]]], tuple[int, dict[str, int]] | None]
    """Finds the row of a header and the position of its columns."""

__all__ = ["Grid", "column_batches", "grids", "unpacked_bytes"]

DELIMITERS = (";", ",", "\t", "|")

MOST_BYTES_HELD = 64_000_000
"""Largest text that is held as rows; published tables of countries and years stay below 5 MB."""

_HEAD_LINES = 40
_BLOCK_BYTES = 2_097_152

_ODD_ROW = re.compile(r"Expected (\d+) columns, got (\d+)")
"""What the reader says of a row with a wrong number of cells.

Its own hook for such rows is not used: it decodes the row, and fails unseen where that is no UTF-8.
"""


class Grid(NamedTuple):
    """Rows of a sheet, or of a text, with a header."""

    sheet: str
    rows: Sequence[Sequence[object]]
    header: int
    at: dict[str, int]
    delimiter: str = ""
    header_line: int = 0


def unpacked_bytes(file: OpenedFile) -> int:
    """Return the size of the table once it is unpacked."""
    if not file.member:
        return file.path.stat().st_size
    with zipfile.ZipFile(file.path) as archive:
        return archive.getinfo(file.member).file_size


def grids(file: OpenedFile, find: Find, *, head: bool = False) -> list[Grid]:
    """Return the sheets, or the text, in which a header is found.

    Parameters
    ----------
    file
        The file.
    find
        Finds the header among rows.
    head
        Only look: a text comes with its first lines.

    Returns
    -------
    list of Grid
        Empty if there is no such header.

    Raises
    ------
    DataFileError
        If a text is too large to be such a table, or damaged.
    """
    if file.kind != CSV:
        found = [(name, rows, find(rows)) for name, rows in file.sheets.items()]
        return [Grid(name, rows, *place) for name, rows, place in found if place is not None]
    first = io.StringIO(file.head(), newline="")
    lines = [line for _, line in zip(range(_HEAD_LINES), first, strict=False)]
    for delimiter in DELIMITERS:
        rows, ends = _parsed(lines, delimiter, file)
        place = find(rows)
        if place is not None:
            whole = rows if head else _whole(file, delimiter)
            return [Grid("", whole, *place, delimiter, ends[place[0]])]
    return []


def _parsed(
    lines: Iterable[str], delimiter: str, file: OpenedFile
) -> tuple[list[list[object]], list[int]]:
    """Split lines; also return the number of the line on which each row ends."""
    reader = csv.reader(lines, delimiter=delimiter)
    rows: list[list[object]] = []
    ends: list[int] = []
    try:
        for row in reader:
            rows.append(list(row))
            ends.append(reader.line_num)
    except csv.Error as error:
        raise DataFileError(
            f"{file.name} is no table of text at line {reader.line_num}: {error}"
        ) from error
    return rows, ends


def _whole(file: OpenedFile, delimiter: str) -> list[list[object]]:
    size = unpacked_bytes(file)
    if size > MOST_BYTES_HELD:
        raise DataFileError(
            f"{file.name} has {size / 1e6:,.0f} MB, more than a table of this layout can have "
            f"({MOST_BYTES_HELD / 1e6:.0f} MB): save the part that is needed"
        )
    try:
        with (
            file.open() as stream,
            io.TextIOWrapper(stream, file.encoding, errors="replace", newline="") as text,
        ):
            return _parsed(text, delimiter, file)[0]
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, UnicodeError) as error:
        raise _damaged(file, error) from error


def _damaged(file: OpenedFile, error: Exception) -> DataFileError:
    return DataFileError(f"{file.name} is damaged or cut off ({error}): download it again")


def column_batches(
    file: OpenedFile, grid: Grid, names: Sequence[str]
) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Read some columns of a text as a stream of batches; no other column is parsed into values.

    Parameters
    ----------
    file
        A table of text, however large.
    grid
        Where its header stands.
    names
        Columns that are wanted, of those in ``grid.at``.

    Yields
    ------
    int
        Number of the first row of the batch, counted as a spreadsheet does.
    pyarrow.RecordBatch
        The columns, as bytes: which encoding they have is for the reader to decide, value by value.

    Raises
    ------
    DataFileError
        If the text is damaged, or a row has not as many cells as the header.
    """
    row = grid.header + 2
    if not any(any(cells) for cells in grid.rows[grid.header + 1 :]):
        return
    try:
        with file.open() as stream:
            for batch in pacsv.open_csv(stream, **_options(file, grid, names)):
                yield row, batch
                row += batch.num_rows
    except (pa.ArrowException, zipfile.BadZipFile, zlib.error, OSError, EOFError) as error:
        odd = _ODD_ROW.search(str(error))
        if odd:
            wanted, got = odd.groups()
            # The row itself is not shown: it may name a place.
            raise DataFileError(
                f"{file.name} has a row with {got} cells where its header has {wanted}, at or "
                f"after row {row}: the file is cut off or damaged there"
            ) from None
        raise _damaged(file, error) from error
    except UnicodeError as error:
        raise _damaged(file, error) from error


def _options(
    file: OpenedFile,
    grid: Grid,
    names: Sequence[str],
) -> dict[str, Any]:
    """Return what the reader is told; columns that are not wanted have a number for a name."""
    name_at = {place: name for name, place in grid.at.items() if name in names}
    width = len(grid.rows[grid.header])
    return {
        "read_options": pacsv.ReadOptions(
            column_names=[name_at.get(i, f"unread {i}") for i in range(width)],
            skip_rows=grid.header_line,
            block_size=_BLOCK_BYTES,
            encoding=file.encoding if file.encoding.startswith("utf-16") else "utf8",
        ),
        "parse_options": pacsv.ParseOptions(delimiter=grid.delimiter, newlines_in_values=True),
        "convert_options": pacsv.ConvertOptions(
            include_columns=list(names), column_types=dict.fromkeys(names, pa.binary())
        ),
    }
