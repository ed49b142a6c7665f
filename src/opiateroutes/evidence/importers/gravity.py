"""CEPII Gravity and GeoDist: distance, borders, languages and trade of pairs of countries.

Gravity has more than four million rows in hundreds of megabytes. It is read as a stream, of which
one year is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from opiateroutes.errors import DataFileError
from opiateroutes.evidence.importers.covariate_rows import (
    codes_of,
    figures,
    imported_covariates,
)
from opiateroutes.evidence.importers.headers import find_header, table_below
from opiateroutes.evidence.importers.opening import CSV
from opiateroutes.evidence.importers.quantities import year_of
from opiateroutes.evidence.importers.text_columns import column_batches, grids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opiateroutes.evidence.importers.headers import Columns
    from opiateroutes.evidence.importers.imported import Imported
    from opiateroutes.evidence.importers.opening import OpenedFile
    from opiateroutes.evidence.importers.text_columns import Grid

__all__ = ["LAYOUT", "matches", "read"]

LAYOUT = "CEPII Gravity or GeoDist (pairs of countries)"

_PLACES: Columns = {
    "from": ("iso3o", "isoo"),
    "to": ("iso3d", "isod"),
}
_EXISTS: Columns = {
    "from_exists": ("countryexistso",),
    "to_exists": ("countryexistsd",),
}
_FIGURES: dict[str, tuple[str, str]] = {
    "dist": ("distance_km", "km"),
    "distcap": ("distance_capitals_km", "km"),
    "distw": ("distance_weighted_km", "km"),
    "distwces": ("distance_weighted_harmonic_km", "km"),
    "distwarithmetic": ("distance_weighted_km", "km"),
    "distwharmonic": ("distance_weighted_harmonic_km", "km"),
    "contig": ("shared_border", "0 or 1"),
    "comlangoff": ("shared_official_language", "0 or 1"),
    "comlangethno": ("shared_spoken_language", "0 or 1"),
    "comcol": ("shared_coloniser", "0 or 1"),
    "comrelig": ("shared_religion_index", "0 to 1"),
    "scaledsci2021": ("social_connectedness_index", "scaled index"),
    "tradeflowbaci": ("trade_thousand_usd", "1,000 USD"),
    "ftawto": ("free_trade_agreement", "0 or 1"),
}
"""Figures of pairs; those of single countries (population, income) come from their own sources."""

_ALL: Columns = {
    **_PLACES,
    "year": ("year",),
    **_EXISTS,
    **{name: (name,) for name in _FIGURES},
}


def _find(rows: Sequence[Sequence[object]]) -> tuple[int, dict[str, int]] | None:
    return find_header(rows, _ALL, optional=[n for n in _ALL if n not in ("from", "to", "dist")])


def matches(file: OpenedFile) -> bool:
    """Tell whether a file has this layout."""
    return bool(grids(file, _find, head=True))


def read(
    file: OpenedFile, *, source: str, edition: int | None = None, year: int | None = None
) -> Imported:
    """Read the figures of pairs of countries.

    Parameters
    ----------
    file
        Table of text, however large, or workbook.
    source
        Key of the publication.
    edition
        Not used.
    year
        Of Gravity: this year, by default the latest one. GeoDist has no years.

    Returns
    -------
    Imported
        Rows of ``pair_covariates``; without a year where the figure does not change.

    Raises
    ------
    DataFileError
        If the file is damaged, or the year is not in it.
    EvidenceError
        With every figure that cannot be read.
    """
    del edition
    grid = grids(file, _find, head=True)[0]
    if file.kind == CSV:
        table = _streamed(file, grid, year)
    else:
        table = _of_year(table_below(grid.rows, grid.header, grid.at), year)
    if table.empty:
        what = f"no rows of {year}" if year is not None else "no rows"
        raise DataFileError(f"{file.name} has {what}")
    for column in ("from_exists", "to_exists"):
        if column in table:
            table = table[table[column].astype("str") != "0"]
    table["from_node"], left_from = codes_of(table["from"])
    table["to_node"], left_to = codes_of(table["to"])
    left = int((left_from | left_to).sum())
    table = table[table["from_node"].notna() & table["to_node"].notna()]
    if "year" not in table:
        table["year"] = pd.NA
    columns = {name: _FIGURES[name] for name in _FIGURES if name in table}
    rows = figures(table, ["from_node", "to_node", "year"], columns, file=file.name)
    notes = (f"the figures of {table['year'].max()}",) if "year" in grid.at else ()
    return imported_covariates(
        "pair_covariates",
        rows,
        layout=LAYOUT,
        file=file,
        source=source,
        set_aside={"pairs with a state that no longer exists": left},
        notes=notes,
    )


def _streamed(file: OpenedFile, grid: Grid, year: int | None) -> pd.DataFrame:
    """Keep the rows of one year; without a year, those of the latest one met so far."""
    kept: list[pd.DataFrame] = []
    latest = year
    for first, whole in column_batches(file, grid, list(grid.at)):
        batch, numbers = whole, pa.array(range(first, first + whole.num_rows))
        if "year" in grid.at:
            years = batch.column("year").dictionary_encode()
            names = years.dictionary.to_pylist()
            of = [year_of(name.decode("ascii", errors="replace")) for name in names]
            newest = max((y for y in of if y is not None), default=None)
            if year is None and newest is not None and (latest is None or newest > latest):
                latest, kept = newest, []
            codes = pa.array([i for i, y in enumerate(of) if y == latest], pa.int32())
            wanted = pc.is_in(years.indices, value_set=codes)
            batch, numbers = whole.filter(wanted), numbers.filter(wanted)
        texts = {name: [_text(cell) for cell in batch.column(name).to_pylist()] for name in grid.at}
        kept.append(pd.DataFrame(texts, index=numbers.to_numpy(), dtype="object"))
    table = pd.concat(kept) if kept else pd.DataFrame(columns=list(grid.at))
    return table.assign(year=latest) if "year" in table else table


def _text(cell: bytes) -> str | None:
    return cell.decode("utf-8", errors="replace").strip() or None


def _of_year(table: pd.DataFrame, year: int | None) -> pd.DataFrame:
    if "year" not in table:
        return table
    of = table["year"].map(year_of)
    wanted = of.max() if year is None else year
    return table.assign(year=of)[of == wanted]
