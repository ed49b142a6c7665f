"""Estimates by country and year, made of the cells of a wide table; doubtful ones are refused."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from opiateroutes.errors import EvidenceWarning
from opiateroutes.evidence.importers.bounds import is_crossed, is_outside, joined_notes
from opiateroutes.evidence.importers.cell_facts import cell_facts
from opiateroutes.evidence.importers.crop_table import crop_cells
from opiateroutes.evidence.importers.editions import edition_of
from opiateroutes.evidence.importers.imported import refuse
from opiateroutes.evidence.importers.quantities import numbers
from opiateroutes.evidence.place_names import resolve_places

if TYPE_CHECKING:
    from opiateroutes.evidence.importers.crop_table import CropSheet
    from opiateroutes.evidence.importers.opening import OpenedFile
    from opiateroutes.evidence.schema import Failure

__all__ = ["CropEstimates", "crop_estimates"]

_LAG = 1
_KEYS = ["node", "year"]
_BOUNDS = ("low", "best", "high")

LINKED = "a formula that links to another workbook, whose value is stale"
CROSSED = "with bounds in the wrong order"
OUTSIDE = "outside of its own bounds"
ZERO = "0 where bounds or other years are positive"


class CropEstimates(NamedTuple):
    """Columns ``node``, ``year``, ``low``, ``best``, ``high``, ``confidence``, ``note``."""

    rows: pd.DataFrame
    set_aside: dict[str, int]
    edition: int


def crop_estimates(
    file: OpenedFile, sheets: list[CropSheet], *, edition: int | None
) -> CropEstimates:
    """Read the estimates of all countries.

    Parameters
    ----------
    file
        The workbook.
    sheets
        Its sheets that are to be read.
    edition
        Year of the edition; found in the title or the years if not given.

    Returns
    -------
    CropEstimates
        Estimates that were refused are missing; their bounds remain.

    Raises
    ------
    EvidenceError
        With every country or number that cannot be read, and countries that stand twice.

    Warns
    -----
    EvidenceWarning
        With every estimate that was refused.
    """
    counts: dict[str, int] = {}
    parts = [_sheet_cells(file, sheet, counts) for sheet in sheets]
    rows = _without_refused(_rows(pd.concat(parts), file), file, counts)
    title = " ".join(f"{sheet.name} {sheet.title}" for sheet in sheets)
    last = max((year for sheet in sheets for year in sheet.years.values()), default=0)
    edition = edition or edition_of(f"{title} {file.path.stem}", last_year=last, lag=_LAG)
    return CropEstimates(rows.sort_values(_KEYS, ignore_index=True), counts, edition)


def _sheet_cells(file: OpenedFile, sheet: CropSheet, counts: dict[str, int]) -> pd.DataFrame:
    """Read the numbers of a sheet: country, bound, year, value, and what is special of the cell."""
    cells = crop_cells(sheet, counts, name=file.name)
    where = f"{file.name}, sheet {sheet.name}"
    value, unread = numbers(cells["cell"], file=where, column="year")
    failures: list[Failure] = [
        (table, cells.at[n, "row"], str(cells.at[n, "year"]), cell, rule, hint)
        for table, n, _, cell, rule, hint in unread
    ]
    refuse(failures, f"{file.name} cannot be read")
    labels = cells["label"].set_axis(cells["row"].to_numpy())
    node = resolve_places(labels, file=where, column="country").to_numpy()
    facts = cell_facts(file, sheet.name)
    places = list(zip(cells["row"], cells["column"], strict=True))
    cells = cells.assign(
        node=node,
        value=value,
        linked=np.array([place in facts.linked for place in places], dtype=bool),
        italic=np.array([place in facts.italic for place in places], dtype=bool),
    )
    return cells[cells["value"].notna() & cells["node"].notna()]


def _rows(cells: pd.DataFrame, file: OpenedFile) -> pd.DataFrame:
    """Bring cells into one row for each country and year."""
    again = cells[cells.duplicated([*_KEYS, "bound"])]
    twice: list[Failure] = [
        (file.name, row, "country", f"{node} {year}", f"{bound} stands twice", "delete one of them")
        for row, node, year, bound in again[["row", *_KEYS, "bound"]].itertuples(index=False)
    ]
    refuse(twice, f"{file.name} has several estimates for one country and year")
    # The value of a linked cell is as stale in a bound as it is in an estimate.
    sound = cells[(cells["bound"] == "best") | ~cells["linked"]]
    rows = cells[_KEYS].drop_duplicates()
    for bound in _BOUNDS:
        given = sound.loc[sound["bound"] == bound, [*_KEYS, "value", "linked", "italic"]]
        if bound != "best":
            given = given[[*_KEYS, "value"]]
        rows = rows.merge(given.rename(columns={"value": bound}), on=_KEYS, how="left")
    flags = {flag: rows[flag].eq(True) for flag in ("linked", "italic")}
    return rows.assign(**flags)


def _without_refused(rows: pd.DataFrame, file: OpenedFile, counts: dict[str, int]) -> pd.DataFrame:
    """Refuse best estimates that cannot be right, keep their bounds, and say so."""
    best = rows["best"]
    positive_elsewhere = best.gt(0).groupby(rows["node"]).transform("any")
    reasons = {
        LINKED: rows["linked"],
        CROSSED: is_crossed(rows),
        ZERO: best.eq(0) & (rows["high"].gt(0) | rows["low"].gt(0) | positive_elsewhere),
        OUTSIDE: is_outside(rows),
    }
    note = pd.Series("", index=rows.index, dtype="object")
    refused = pd.Series(False, index=rows.index)
    said = []
    for why, where in reasons.items():
        now = where & best.notna() & ~refused
        refused |= now
        for row in rows.index[now]:
            figure = f"{best[row]:,.10g}"
            words = f"best estimate {figure} left out: {why}"
            note[row] = words
            said.append(f"{rows.at[row, 'node']} {rows.at[row, 'year']}: {words}")
    if said:
        warnings.warn(f"{file.name}: {'; '.join(said)}", EvidenceWarning, stacklevel=5)
        counts["best estimates that cannot be right (in the notes)"] = len(said)
    crossed = is_crossed(rows)
    left = rows.assign(
        best=best.where(~refused),
        low=rows["low"].where(~crossed),
        high=rows["high"].where(~crossed),
        note=joined_notes(note, rows["italic"] & ~refused, "preliminary (in italics)"),
        confidence=pd.Series("high", index=rows.index).where(
            ~(refused | rows["italic"] | best.isna()), "medium"
        ),
    )
    return left[left[list(_BOUNDS)].notna().any(axis=1)]
