"""The wide tables of annex 6.2: years across, and below each country the bounds of its estimate.

Rows are told by their label: a country (with or without the words "best estimate"), "lower bound"
and "upper bound" of the country above, totals and other countries. Columns are told by the row of
years; whatever has no year above it (footnote letters) is not read.

What is not used, and why: a best estimate that is a formula with a link to another workbook (its
value is whatever that workbook held when the file was saved), one outside of its own bounds, and a
0 where bounds or other years are positive. Bounds remain and the note says what was left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from opiateroutes.errors import DataFileError
from opiateroutes.evidence.importers.editions import text_of
from opiateroutes.evidence.importers.headers import folded
from opiateroutes.evidence.importers.quantities import year_of
from opiateroutes.evidence.place_names import find_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opiateroutes.evidence.importers.opening import OpenedFile

__all__ = ["CropSheet", "crop_cells", "crop_sheets"]

_SEARCHED_ROWS = 15
_FEWEST_YEARS = 3
_LONGEST_LABEL = 90

_LOWER = re.compile(r"\b(lower|low|minimum)\b", re.IGNORECASE)
_UPPER = re.compile(r"\b(upper|high|maximum)\b", re.IGNORECASE)
_BEST = re.compile(r"[\s(\-–:,]*\bbest estimate.*$", re.IGNORECASE)
_TOTAL = re.compile(r"\btotals?\b|^\s*world\b|^\s*global\b", re.IGNORECASE)
_OTHER = re.compile(r"^\s*(all\s+)?other\b|^\s*rest of\b", re.IGNORECASE)
_FOOTNOTES = re.compile(r"(\s+[a-z](\s*,\s*[a-z])*|[\s*\d,]+)\s*$")


class CropSheet(NamedTuple):
    """A sheet with its row of years (from 0) and the year of each column (from 0)."""

    name: str
    rows: Sequence[Sequence[object]]
    header: int
    years: dict[int, int]

    @property
    def title(self) -> str:
        """Text above and beside the years."""
        return text_of(self.rows[: self.header + 1])


def crop_sheets(file: OpenedFile) -> list[CropSheet]:
    """Find the sheets that have a row of years."""
    found = []
    for name, rows in file.sheets.items():
        headers = [(n, _years(row)) for n, row in enumerate(rows[:_SEARCHED_ROWS])]
        header, columns = max(headers, key=lambda pair: len(pair[1]), default=(0, {}))
        if len(set(columns.values())) >= _FEWEST_YEARS:
            found.append(CropSheet(name, rows, header, columns))
    return found


def _years(row: Sequence[object]) -> dict[int, int]:
    return {n: year for n, cell in enumerate(row) if n and (year := year_of(cell)) is not None}


def crop_cells(sheet: CropSheet, counts: dict[str, int], *, name: str) -> pd.DataFrame:
    """List the cells of countries, one row for each country, bound and year.

    Parameters
    ----------
    sheet
        The sheet.
    counts
        Cells left out so far by reason; the new ones are added.
    name
        Of the file, for messages.

    Returns
    -------
    pandas.DataFrame
        Columns ``label``, ``bound``, ``year``, ``cell``, ``row`` and ``column`` (from 1).

    Raises
    ------
    DataFileError
        If a year stands above two columns.
    """
    twice = {year for year in sheet.years.values() if list(sheet.years.values()).count(year) > 1}
    if twice:
        years = ", ".join(str(year) for year in sorted(twice))
        raise DataFileError(f"{name}, sheet {sheet.name}: two columns for the year(s) {years}")
    found = []
    owner: str | None = None
    first = min(sheet.years)
    for number, row in enumerate(sheet.rows[sheet.header + 1 :], start=sheet.header + 2):
        cells = {n: row[n] for n in sheet.years if n < len(row) and row[n] not in ("", None)}
        beside = [cell for n, cell in enumerate(row) if n not in sheet.years]
        label = _label(row[:first]) or _label(beside)
        owner, bound, why = _meaning(label, owner, has_cells=bool(cells))
        if owner is None:
            if cells:
                counts[why] = counts.get(why, 0) + len(cells)
            continue
        found += [(owner, bound, sheet.years[n], cell, number, n + 1) for n, cell in cells.items()]
    return pd.DataFrame(found, columns=["label", "bound", "year", "cell", "row", "column"])


def _label(cells: Sequence[object]) -> str:
    """Return the label of a row: the last text before the years that is no footnote letter."""
    texts = [cell.strip() for cell in cells if isinstance(cell, str) and cell.strip()]
    words = [text for text in texts if len(folded(text)) > 1]
    return (words or texts or [""])[-1]


def _meaning(label: str, owner: str | None, *, has_cells: bool) -> tuple[str | None, str, str]:
    """Tell of which country a row is, which bound, and why it is not read if it is of none."""
    if len(label) <= _LONGEST_LABEL:
        for bound, pattern in (("low", _LOWER), ("high", _UPPER)):
            if found := pattern.search(label):
                own = label[: found.start()].strip(" (-–:,")
                return (_country(own) if own else owner), bound, "bounds of totals"
    country = _country(label)
    why = ""
    if _TOTAL.search(label):
        why = "totals"
    elif _OTHER.search(label):
        why = "other countries, not named"
    elif not label:
        why = "rows without a label"
    elif (country.isupper() or not has_cells) and not _is_known(country):
        why = "figures of regions"
    return (None if why else country), "best", why


def _is_known(name: str) -> bool:
    return len(name) <= _LONGEST_LABEL and find_place(name)[0] is not None


def _country(label: str) -> str:
    """Take the words "best estimate" and footnote letters off the name of a country.

    Examples
    --------
    >>> _country("Myanmar (best estimate) b, c"), _country("Mexico d,e,f"), _country("Colombia")
    ('Myanmar', 'Mexico', 'Colombia')
    """
    return _FOOTNOTES.sub("", _BEST.sub("", label.strip())).strip()
