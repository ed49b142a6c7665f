"""What a workbook says about its cells besides their values: italics, per cent, links.

Agencies set estimates in italics, store percentages as fractions that are only shown as per cent,
and leave formulas that point into workbooks which nobody else has.
"""

from __future__ import annotations

import io
import re
import warnings
from typing import TYPE_CHECKING, NamedTuple

from opiateroutes.errors import DataFileError

if TYPE_CHECKING:
    from opiateroutes.evidence.importers.opening import OpenedFile

__all__ = ["Cell", "CellFacts", "cell_facts"]

Cell = tuple[int, int]
"""Row and column of a cell, both counted from 1 as a spreadsheet does."""

_LINK = re.compile(r"\[\d+\][^\[\]]*!")
"""Files refer to other workbooks by number; Excel shows their path in this place."""


class CellFacts(NamedTuple):
    """Cells of a sheet that are special."""

    italic: frozenset[Cell]
    percent: frozenset[Cell]
    linked: frozenset[Cell]


def cell_facts(file: OpenedFile, sheet: str) -> CellFacts:
    """Find the cells of a sheet that are in italics, shown as per cent, or linked to other files.

    Parameters
    ----------
    file
        The workbook.
    sheet
        Name of the sheet.

    Returns
    -------
    CellFacts
        Places of such cells; empty cells are not in them.

    Raises
    ------
    DataFileError
        If the workbook is damaged.
    """
    from openpyxl import load_workbook

    italic, percent, linked = set(), set(), set()
    try:
        with file.open() as stream, warnings.catch_warnings():
            # Decorations that openpyxl does not know are no concern of ours.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(stream.read()), read_only=True)
            for row in book[sheet].iter_rows():
                for cell in row:
                    if cell.value is None:
                        continue
                    place = (cell.row, cell.column)
                    if cell.font.i:
                        italic.add(place)
                    if "%" in cell.number_format:
                        percent.add(place)
                    if cell.data_type == "f" and _LINK.search(str(cell.value)):
                        linked.add(place)
    except Exception as error:
        # openpyxl lets through whatever its parsers raise on a damaged part.
        raise DataFileError(f"{file.name} is a damaged workbook: {error}") from error
    return CellFacts(frozenset(italic), frozenset(percent), frozenset(linked))
