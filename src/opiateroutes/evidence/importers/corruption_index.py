"""Transparency International, Corruption Perceptions Index: one year, or years side by side."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.evidence.importers.covariate_rows import (
    codes_of,
    figures,
    imported_covariates,
)
from opiateroutes.evidence.importers.headers import find_header, folded, table_below
from opiateroutes.evidence.importers.text_columns import grids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opiateroutes.evidence.importers.headers import Columns
    from opiateroutes.evidence.importers.imported import Imported
    from opiateroutes.evidence.importers.opening import OpenedFile

__all__ = ["LAYOUT", "matches", "read"]

LAYOUT = "Corruption Perceptions Index"

_COLUMNS: Columns = {"code": ("iso3", "iso3code", "countrycode", "wbcode")}
_SCORE = re.compile(r"cpi(?:score)?((?:19|20)\d\d)(?:score)?|((?:19|20)\d\d)cpi(?:score)?")
_ERROR = re.compile(r"standarderror((?:19|20)\d\d)?|((?:19|20)\d\d)standarderror")
_RANK = re.compile(r"rank((?:19|20)\d\d)?|((?:19|20)\d\d)rank")
_KINDS = {
    "corruption_perceptions_score": (_SCORE, "score 0-100"),
    "corruption_perceptions_standard_error": (_ERROR, "score points"),
    "corruption_perceptions_rank": (_RANK, "rank"),
}
_MOST_SCORE = 100.0


def _find(rows: Sequence[Sequence[object]]) -> tuple[int, dict[str, int]] | None:
    """Find the header; columns are named by covariate and year."""
    found = find_header(rows, _COLUMNS)
    if found is None:
        return None
    header, at = found
    names = [folded(cell) for cell in rows[header]]
    years = {m[1] or m[2] for name in names if (m := _SCORE.fullmatch(name))}
    # Where one year is shown, only its score says which.
    single = next(iter(years)) if len(years) == 1 else None
    for place, name in enumerate(names):
        for covariate, (pattern, _) in _KINDS.items():
            match = pattern.fullmatch(name)
            year = (match[1] or match[2] or single) if match else None
            if year is not None:
                at.setdefault(f"{covariate} {year}", place)
    return (header, at) if years else None


def matches(file: OpenedFile) -> bool:
    """Tell whether a file has this layout."""
    return bool(grids(file, _find, head=True))


def read(
    file: OpenedFile, *, source: str, edition: int | None = None, year: int | None = None
) -> Imported:
    """Read scores, standard errors and ranks; the first sheet that has a figure counts.

    Parameters
    ----------
    file
        Workbook, or one of its sheets as a table of text.
    source
        Key of the publication.
    edition
        Not used.
    year
        Only this year.

    Returns
    -------
    Imported
        Rows of ``covariates``, called ``corruption_perceptions_score`` (100 is clean),
        ``..._standard_error`` and ``..._rank``.

    Raises
    ------
    EvidenceError
        With every figure that cannot be read.
    """
    del edition
    parts, left = [], 0
    for grid in grids(file, _find):
        table = table_below(grid.rows, grid.header, grid.at)
        table["node"], is_other = codes_of(table["code"])
        left += int(is_other.sum())
        table = table[table["node"].notna()]
        for column in [name for name in grid.at if name != "code"]:
            covariate, _, of = column.partition(" ")
            if year in (None, int(of)):
                most = None if covariate.endswith("rank") else _MOST_SCORE
                wanted = {column: (covariate, _KINDS[covariate][1])}
                rows = figures(
                    table.assign(year=int(of)), ["node", "year"], wanted, file=file.name, most=most
                )
                parts.append(rows)
    empty = pd.DataFrame(columns=["node", "year", "covariate", "value", "unit"])
    rows = pd.concat(parts, ignore_index=True) if parts else empty
    again = rows.duplicated(["node", "year", "covariate"])
    return imported_covariates(
        "covariates",
        rows[~again],
        layout=LAYOUT,
        file=file,
        source=source,
        set_aside={
            "areas without a code of their own": left,
            "figures that an earlier sheet has": int(again.sum()),
        },
    )
