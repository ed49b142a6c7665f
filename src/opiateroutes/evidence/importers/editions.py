"""Which edition of the World Drug Report a table belongs to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["edition_of", "text_of"]

_NAMED = re.compile(r"(?:world drug report|wdr)[\s_-]*((?:19|20)\d\d)(?!\d)", re.IGNORECASE)

_SPAN = re.compile(r"(?<!\d)(?:19|20)\d\d\s*[-–]\s*((?:19|20)\d\d)(?!\d)")


def text_of(rows: Iterable[Iterable[object]]) -> str:
    """Join the text of cells.

    Examples
    --------
    >>> text_of([["Prices", None], [2019.0, "USD"]])
    'Prices USD'
    """
    return " ".join(cell for row in rows for cell in row if isinstance(cell, str) and cell.strip())


def edition_of(title: str, *, last_year: int, lag: int) -> int:
    """Return the year of the report: named in the title, or so long after the last year covered.

    Parameters
    ----------
    title
        Text above the table, name of the sheet and name of the file.
    last_year
        Newest year in the table.
    lag
        Years from the newest figure of this annex to its publication.

    Examples
    --------
    >>> edition_of("WDR_2025 annex", last_year=2019, lag=2)
    2025
    >>> edition_of("Prices, 2018-2022", last_year=2021, lag=2)
    2024
    """
    named = [int(year) for year in _NAMED.findall(title)]
    covered = [int(year) for year in _SPAN.findall(title)]
    return max(named) if named else max([last_year, *covered]) + lag
