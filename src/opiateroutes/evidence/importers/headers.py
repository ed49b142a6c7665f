"""Finding the header of a published table and reading its columns, whatever they are called.

Agencies rename, reorder and re-punctuate columns from one edition to the next, and put titles above
them. A layout says which columns it needs and under which names they have been seen; the row that
has them all is the header.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Columns", "find_header", "folded", "table_below"]

Columns = dict[str, tuple[str, ...]]
"""Names under which each column has been seen, folded; the first is the usual one."""

_SEARCHED_ROWS = 15


def folded(name: object) -> str:
    r"""Return a column name without case, marks, spaces and punctuation.

    Examples
    --------
    >>> folded("Country/Territory"), folded("Adjustment/\n notes"), folded(None)
    ('countryterritory', 'adjustmentnotes', '')
    """
    if name is None or name != name:  # noqa: PLR0124 - NaN
        return ""
    text = unicodedata.normalize("NFKD", str(name)).casefold()
    return re.sub(r"[^0-9a-z]+", "", text)


def find_header(
    rows: Sequence[Sequence[object]], columns: Columns, *, optional: Sequence[str] = ()
) -> tuple[int, dict[str, int]] | None:
    """Find the row that names all columns, among the first fifteen.

    Parameters
    ----------
    rows
        Rows of a sheet.
    columns
        What is looked for.
    optional
        Columns that may be absent.

    Returns
    -------
    (int, dict) or None
        Position of the header, and of each column that it has.

    Examples
    --------
    >>> find_header([["Title"], ["Kg", "Country"]], {"country": ("country",), "kg": ("kg",)})
    (1, {'country': 1, 'kg': 0})
    """
    for number, row in enumerate(rows[:_SEARCHED_ROWS]):
        at: dict[str, int] = {}
        names = [folded(cell) for cell in row]
        for column, aliases in columns.items():
            place = next((names.index(alias) for alias in aliases if alias in names), None)
            if place is not None:
                at[column] = place
        if set(columns) - set(optional) <= set(at):
            return number, at
    return None


def table_below(
    rows: Sequence[Sequence[object]], header: int, at: Mapping[str, int]
) -> pd.DataFrame:
    """Return the rows below a header that are not empty.

    Returns
    -------
    pandas.DataFrame
        One column for each of ``at``, untyped, empty text as missing; the index is the row number
        in the sheet, counted from 1 as a spreadsheet does.

    Examples
    --------
    >>> table_below([["a", "b"], [1, ""], ["", ""]], 0, {"x": 0, "y": 1})
       x     y
    2  1  None
    """
    cells = [
        [_given(row[place]) if place < len(row) else None for place in at.values()]
        for row in rows[header + 1 :]
    ]
    index = range(header + 2, header + 2 + len(cells))
    frame = pd.DataFrame(cells, columns=list(at), index=index, dtype="object")
    return frame.dropna(how="all")


def _given(cell: object) -> object:
    """Return a cell, or None if it is blank; pandas would turn whole numbers into fractions."""
    blank = isinstance(cell, str) and not cell.strip()
    return None if blank or cell != cell else cell  # noqa: PLR0124 - NaN
