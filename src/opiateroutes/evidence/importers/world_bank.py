"""World Bank indicators, as the API and the site give them: a row a country, a column a year."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.evidence.importers.covariate_rows import (
    codes_of,
    figures,
    imported_covariates,
)
from opiateroutes.evidence.importers.headers import find_header, table_below
from opiateroutes.evidence.importers.text_columns import grids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opiateroutes.evidence.importers.headers import Columns
    from opiateroutes.evidence.importers.imported import Imported
    from opiateroutes.evidence.importers.opening import OpenedFile

__all__ = ["LAYOUT", "matches", "read"]

LAYOUT = "World Bank indicator (countries by years)"

_COLUMNS: Columns = {
    "code": ("countrycode",),
    "indicator": ("indicatorname", "seriesname"),
    "indicator_code": ("indicatorcode", "seriescode"),
}
_YEAR = re.compile(r"\s*((?:19|20)\d\d)(?:\.0)?(?:\s*\[YR\d{4}\])?\s*")


def _find(rows: Sequence[Sequence[object]]) -> tuple[int, dict[str, int]] | None:
    found = find_header(rows, _COLUMNS)
    if found is None:
        return None
    header, at = found
    years = {
        match[1]: place
        for place, cell in enumerate(rows[header])
        if (match := _YEAR.fullmatch(str(cell)))
    }
    return (header, at | years) if years else None


def matches(file: OpenedFile) -> bool:
    """Tell whether a file has this layout."""
    return bool(grids(file, _find, head=True))


def read(
    file: OpenedFile, *, source: str, edition: int | None = None, year: int | None = None
) -> Imported:
    """Read the figures of all countries; groups of countries are set aside.

    Parameters
    ----------
    file
        Table of text or workbook.
    source
        Key of the publication.
    edition
        Not used: the figures have no edition.
    year
        Only this year.

    Returns
    -------
    Imported
        Rows of ``covariates``; the covariate is the code of the indicator, its unit what the name
        of the indicator says in brackets.

    Raises
    ------
    EvidenceError
        With every cell that cannot be read.
    """
    del edition
    parts, left = [], 0
    for grid in grids(file, _find):
        table = table_below(grid.rows, grid.header, grid.at)
        table = table[table["indicator_code"].notna() & table["code"].notna()]
        table["node"], is_group = codes_of(table["code"])
        left += int(is_group.sum())
        table = table[table["node"].notna()]
        years = [column for column in grid.at if column.isdigit() and year in (None, int(column))]
        for number in years:
            wide = table[["node", "indicator", "indicator_code", number]].assign(year=int(number))
            # The covariate differs from row to row, so it is a key here and filled in below.
            rows = figures(
                wide,
                ["node", "year", "indicator", "indicator_code"],
                {number: (number, "")},
                file=file.name,
            )
            parts.append(
                rows.assign(covariate=rows["indicator_code"], unit=rows["indicator"].map(_unit))
            )
    empty = pd.DataFrame(columns=["node", "year", "covariate", "value", "unit"])
    return imported_covariates(
        "covariates",
        pd.concat(parts, ignore_index=True) if parts else empty,
        layout=LAYOUT,
        file=file,
        source=source,
        set_aside={"groups of countries and states that no longer exist": left},
    )


def _unit(indicator: object) -> str:
    """Read the unit off the name of an indicator.

    Examples
    --------
    >>> _unit("GDP per capita (current US$)"), _unit("Population, total")
    ('current US$', 'as published')
    """
    found = re.search(r"\(([^()]+)\)\s*$", str(indicator))
    return found[1].strip() if found else "as published"
