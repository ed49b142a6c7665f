"""Large sheets of a workbook, block by block, with the columns that are asked for and no others."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import TYPE_CHECKING

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from opiateroutes.errors import DataFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from python_calamine import CalamineSheet

    from opiateroutes.evidence.importers.opening import OpenedFile
    from opiateroutes.evidence.importers.text_columns import Find

__all__ = ["cell_text", "has_sheet", "sheet_batches"]

_BLOCK_ROWS = 20_000
_HEAD_ROWS = 15


def _sheets(file: OpenedFile) -> Iterator[tuple[str, CalamineSheet]]:
    try:
        book = CalamineWorkbook.from_path(str(file.path))
        for name in book.sheet_names:
            yield name, book.get_sheet_by_name(name)
    except (CalamineError, OSError, ValueError) as error:
        raise DataFileError(f"{file.name} is a damaged workbook: {error}") from error


def has_sheet(file: OpenedFile, find: Find) -> bool:
    """Tell whether a sheet of a workbook has a header; the rows below it are not kept."""
    return any(
        find(list(itertools.islice(sheet.iter_rows(), _HEAD_ROWS))) is not None
        for _, sheet in _sheets(file)
    )


def sheet_batches(
    file: OpenedFile, find: Find, names: Sequence[str]
) -> Iterator[tuple[str, int, pa.RecordBatch]]:
    """Read some columns of all sheets that have a header, block by block.

    Parameters
    ----------
    file
        A workbook.
    find
        Finds the header among the first rows of a sheet.
    names
        Columns wanted.

    Yields
    ------
    str
        Name of file and sheet, for messages.
    int
        Number of the first row of the block, as in a spreadsheet.
    pyarrow.RecordBatch
        The columns that the sheet has, as bytes.

    Raises
    ------
    DataFileError
        If the workbook is damaged.
    """
    for name, sheet in _sheets(file):
        rows = sheet.iter_rows()
        head = list(itertools.islice(rows, _HEAD_ROWS))
        place = find(head)
        if place is None:
            continue
        header, at = place
        wanted = {column: at[column] for column in names if column in at}
        rest = itertools.chain(head[header + 1 :], rows)
        number = header + 2
        while block := list(itertools.islice(rest, _BLOCK_ROWS)):
            yield f"{file.name}, sheet {name}", number, _batch(block, wanted)
            number += len(block)


def _batch(block: Sequence[Sequence[object]], wanted: dict[str, int]) -> pa.RecordBatch:
    columns = {}
    for name, place in wanted.items():
        cells = [cell_text(row[place]) if place < len(row) else "" for row in block]
        columns[name] = pa.array([c.encode() for c in cells], pa.binary())
    return pa.RecordBatch.from_pydict(columns)


def cell_text(cell: object) -> str:
    """Write a cell of a workbook as a text file would have it.

    Examples
    --------
    >>> cell_text(dt.datetime(2015, 3, 1)), cell_text(2.5), cell_text(None)
    ('2015-03-01', '2.5', '')
    """
    if cell is None or cell != cell:  # noqa: PLR0124 - NaN
        return ""
    if isinstance(cell, (dt.datetime, dt.date)):
        return cell.isoformat()[:10]
    return str(cell)
