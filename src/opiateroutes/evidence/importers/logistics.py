"""World Bank Logistics Performance Index: a workbook with a sheet for each year."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.errors import DataFileError
from opiateroutes.evidence.importers.covariate_rows import (
    figures,
    imported_covariates,
    snake,
)
from opiateroutes.evidence.importers.former_names import present_names
from opiateroutes.evidence.importers.headers import find_header, folded, table_below
from opiateroutes.evidence.importers.text_columns import grids
from opiateroutes.evidence.place_names import resolve_places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opiateroutes.evidence.importers.headers import Columns
    from opiateroutes.evidence.importers.imported import Imported
    from opiateroutes.evidence.importers.opening import OpenedFile

__all__ = ["LAYOUT", "matches", "read"]

LAYOUT = "World Bank Logistics Performance Index"

_COLUMNS: Columns = {
    "country": ("economy", "country", "countryname"),
    "lpi": ("lpiscore", "overalllpiscore", "lpiscoreoverall"),
}
_MOST_SCORE = 5.0


def _find(rows: Sequence[Sequence[object]]) -> tuple[int, dict[str, int]] | None:
    found = find_header(rows, _COLUMNS)
    if found is None:
        return None
    header, at = found
    scores = {
        snake(cell): place
        for place, cell in enumerate(rows[header])
        if folded(cell).endswith(("score", "rank")) and place != at["lpi"]
    }
    return header, {"country": at["country"], "lpi_score": at["lpi"]} | scores


def matches(file: OpenedFile) -> bool:
    """Tell whether a file has this layout."""
    return bool(grids(file, _find, head=True))


def read(
    file: OpenedFile, *, source: str, edition: int | None = None, year: int | None = None
) -> Imported:
    """Read scores (1 to 5) and ranks of all countries.

    Parameters
    ----------
    file
        Workbook, or one of its sheets as a table of text.
    source
        Key of the publication.
    edition
        Not used: the year of a sheet is the year of its figures.
    year
        Only this year; needed where neither sheet nor file name a year.

    Returns
    -------
    Imported
        Rows of ``covariates``, called ``lpi_score``, ``lpi_customs_score`` and so on.

    Raises
    ------
    DataFileError
        If the year is not known.
    EvidenceError
        With every country and score that cannot be read.
    """
    del edition
    parts = []
    for grid in grids(file, _find):
        of = year_in(grid.sheet, file.member or file.path.stem) or year
        if of is None:
            raise DataFileError(f"{file.name} does not say which year it is about: give year=")
        if year not in (None, of):
            continue
        table = table_below(grid.rows, grid.header, grid.at)
        table = table[table["country"].notna() & table["lpi_score"].notna()]
        present, _ = present_names(table["country"])
        node = resolve_places(present, file=file.name, column="country")
        table = table.assign(node=node, year=of)[node.notna()]
        names = {c: c if c.startswith("lpi") else f"lpi_{c}" for c in grid.at if c != "country"}
        ranks = {c: (name, "rank") for c, name in names.items() if name.endswith("rank")}
        scores = {c: (name, "score 1-5") for c, name in names.items() if c not in ranks}
        keys = ["node", "year"]
        parts.append(figures(table, keys, scores, file=file.name, most=_MOST_SCORE))
        parts.append(figures(table, keys, ranks, file=file.name))
    empty = pd.DataFrame(columns=["node", "year", "covariate", "value", "unit"])
    return imported_covariates(
        "covariates",
        pd.concat(parts, ignore_index=True) if parts else empty,
        layout=LAYOUT,
        file=file,
        source=source,
    )


def year_in(*texts: str) -> int | None:
    """Return the one year that the first text with a year names.

    Examples
    --------
    >>> year_in("Sheet1", "LPI_2023"), year_in("2007"), year_in("from 2007 to 2023")
    (2023, 2007, None)
    """
    for text in texts:
        found = set(re.findall(r"(?<!\d)((?:19|20)\d\d)(?!\d)", text))
        if found:
            return int(found.pop()) if len(found) == 1 else None
    return None
