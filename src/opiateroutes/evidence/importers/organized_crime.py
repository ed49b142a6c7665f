"""Global Organized Crime Index: markets, actors and resilience by country, scores from 1 to 10."""

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
from opiateroutes.evidence.importers.headers import folded, table_below
from opiateroutes.evidence.importers.logistics import year_in
from opiateroutes.evidence.importers.quantities import numbers
from opiateroutes.evidence.importers.text_columns import grids
from opiateroutes.evidence.place_names import resolve_places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opiateroutes.evidence.importers.imported import Imported
    from opiateroutes.evidence.importers.opening import OpenedFile

__all__ = ["LAYOUT", "matches", "read"]

LAYOUT = "Global Organized Crime Index"

_COUNTRY = ("country", "countries", "countryname")
_NO_SCORES = (*_COUNTRY, "continent", "region", "subregion", "iso3", "year", "edition")
_SEARCHED_ROWS = 15
_MOST_SCORE = 10.0


def _covariate(name: object) -> str:
    """Name a covariate; punctuation and the word "avg" differ between editions.

    Examples
    --------
    >>> _covariate("Criminality avg,"), _covariate("State-embedded actors")
    ('criminality', 'state_embedded_actors')
    """
    return re.sub(r"_(avg|average|score)$", "", snake(name))


def _find(rows: Sequence[Sequence[object]]) -> tuple[int, dict[str, int]] | None:
    for number, row in enumerate(rows[:_SEARCHED_ROWS]):
        names = [_covariate(cell) for cell in row]
        country = next((i for i, cell in enumerate(row) if folded(cell) in _COUNTRY), None)
        if country is None or not {"criminality", "heroin_trade"} <= set(names):
            continue
        at = {"country": country}
        for place, (cell, name) in enumerate(zip(row, names, strict=True)):
            if name and folded(cell) not in _NO_SCORES:
                at.setdefault(name, place)
        return number, at
    return None


def matches(file: OpenedFile) -> bool:
    """Tell whether a file has this layout."""
    return bool(grids(file, _find, head=True))


def read(
    file: OpenedFile, *, source: str, edition: int | None = None, year: int | None = None
) -> Imported:
    """Read all scores.

    Parameters
    ----------
    file
        Workbook or table of text.
    source
        Key of the publication.
    edition
        Year of the figures, where neither sheet nor file name it.
    year
        Only this year; the year of the figures where nothing else names it.

    Returns
    -------
    Imported
        Rows of ``covariates``, called ``oci_criminality``, ``oci_heroin_trade`` and so on.

    Raises
    ------
    DataFileError
        If the year is not known.
    EvidenceError
        With every country and score that cannot be read.
    """
    parts = []
    for grid in grids(file, _find):
        of = year_in(grid.sheet, file.member or file.path.stem) or year or edition
        if of is None:
            raise DataFileError(f"{file.name} does not say which year it is about: give year=")
        if year not in (None, of):
            continue
        table = table_below(grid.rows, grid.header, grid.at)
        table = table[table["country"].notna() & table["criminality"].notna()]
        present, _ = present_names(table["country"])
        node = resolve_places(present, file=file.name, column="country")
        table = table.assign(node=node, year=of)[node.notna()]
        columns = {
            name: (f"oci_{name}", "score 1-10")
            for name in grid.at
            if name != "country" and _is_score(table[name], file.name)
        }
        parts.append(figures(table, ["node", "year"], columns, file=file.name, most=_MOST_SCORE))
    empty = pd.DataFrame(columns=["node", "year", "covariate", "value", "unit"])
    return imported_covariates(
        "covariates",
        pd.concat(parts, ignore_index=True) if parts else empty,
        layout=LAYOUT,
        file=file,
        source=source,
    )


def _is_score(cells: pd.Series, file: str) -> bool:
    """Tell columns of scores from columns of words, which differ between editions."""
    read = numbers(cells, file=file, column="")
    return 2 * len(read.failures) < int(cells.notna().sum())
