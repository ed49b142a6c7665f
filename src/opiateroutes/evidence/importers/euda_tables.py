"""EUDA Statistical Bulletin: seizures in wide tables, a row a country and a column a year.

Which substance a table is about often stands only in its title or in the name of the file.
"""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.errors import DataFileError, EvidenceWarning
from opiateroutes.evidence.importers.euda_titles import (
    COMMODITIES,
    OTHER,
    edition_in,
    subject_of,
    unit_of,
    words_around,
)
from opiateroutes.evidence.importers.former_names import present_names
from opiateroutes.evidence.importers.headers import folded, table_below
from opiateroutes.evidence.importers.imported import Imported, checked, refuse
from opiateroutes.evidence.importers.quantities import kilograms, numbers
from opiateroutes.evidence.importers.seizure_rows import seizure_rows
from opiateroutes.evidence.importers.text_columns import grids
from opiateroutes.evidence.place_names import resolve_places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opiateroutes.evidence.importers.opening import OpenedFile
    from opiateroutes.evidence.importers.text_columns import Grid
    from opiateroutes.evidence.schema import Failure

__all__ = ["COMMODITIES", "LAYOUT", "matches", "read"]

LAYOUT = "EUDA Statistical Bulletin, seizures (countries by years)"

_COUNTRY = ("country", "countries", "memberstate", "countryterritory", "geo")
_BESIDE = ("", "code", "iso", "iso2", "iso3", "countrycode", "notes", "note", "footnotes", "unit")
_YEAR = re.compile(r"\s*((?:19|20)\d\d)(?:\.0)?\s*(?:\(?[a-z\d*]\)?)?\s*")
_FEWEST_YEARS = 2
_SEARCHED_ROWS = 15
_OTHER_TABLES = re.compile(r"price|purity|potency|prevalence|offence|death|treatment|\bppp\b")
_NO_COUNTRY_ROW = re.compile(r"total|sum|average|median|overall|eu\d*$|eu[+\d].*|europeanunion.*")


def _year(cell: object) -> str | None:
    if isinstance(cell, bool):
        return None
    found = _YEAR.fullmatch(str(cell))
    return found[1] if found else None


def _find(rows: Sequence[Sequence[object]]) -> tuple[int, dict[str, int]] | None:
    """Find the row with a column of countries and columns of years, and nothing else."""
    for number, row in enumerate(rows[:_SEARCHED_ROWS]):
        at: dict[str, int] = {}
        for place, cell in enumerate(row):
            year = _year(cell)
            if year is not None:
                at.setdefault(year, place)
            elif folded(cell) in _COUNTRY:
                at.setdefault("country", place)
            elif folded(cell) not in _BESIDE:
                break
        else:
            if len(at) - ("country" in at) < _FEWEST_YEARS:
                continue
            if "country" not in at and _year(row[0]) is None and not folded(row[0]):
                at["country"] = 0
            if "country" in at:
                return number, at
    return None


def matches(file: OpenedFile) -> bool:
    """Tell whether a file has this layout."""
    for grid in grids(file, _find, head=True):
        words = " ".join(words_around(file, grid))
        named = folded(grid.rows[grid.header][grid.at["country"]])
        if not _OTHER_TABLES.search(words) and (named or re.search("szr|seiz", words)):
            return True
    return False


def read(
    file: OpenedFile, *, source: str, edition: int | None, commodity: str | None = None
) -> Imported:
    """Read the seizures of one substance.

    Parameters
    ----------
    file
        Table of text or workbook.
    source
        Key of the publication.
    edition
        Year of the edition; read off the title, or the year after the last figure but one.
    commodity
        One of `COMMODITIES`; needed where neither title nor name of sheet and file tell it.

    Returns
    -------
    Imported
        Rows of ``seizures``.

    Raises
    ------
    DataFileError
        If the substance is not known, or the table counts seizures instead of weighing them.
    EvidenceError
        With every country and quantity that cannot be read.

    Warns
    -----
    EvidenceWarning
        If the table does not say its unit: kilograms are assumed.
    """
    if commodity is not None and commodity not in COMMODITIES:
        raise DataFileError(f"commodity {commodity!r} is not one of {', '.join(COMMODITIES)}")
    wanted = _wanted(file, commodity)
    cells, totals, notes = _read_tables(file, wanted)
    if notes:
        warnings.warn(f"{file.name}: {'; '.join(notes)}", EvidenceWarning, stacklevel=3)
    frame = seizure_rows(
        cells,
        source=source,
        edition=edition or edition_in(file, [grid for grid, _ in wanted]),
        delay=2,
        place="statistical bulletin, seizures",
        confidence="high",
    )
    return checked(
        "seizures",
        frame,
        layout=LAYOUT,
        file=file,
        set_aside={"totals and averages": totals},
        notes=notes,
    )


def _read_tables(
    file: OpenedFile, wanted: list[tuple[Grid, str]]
) -> tuple[pd.DataFrame, int, tuple[str, ...]]:
    """Read tables one below the other; also count rows of totals, and say what was assumed."""
    failures: list[Failure] = []
    parts, totals, notes = [], 0, dict[str, None]()
    for grid, substance in wanted:
        unit, note = unit_of(file, grid)
        cells, left = _cells(file, grid, substance, unit, failures)
        parts.append(cells)
        totals += left
        notes |= {note: None} if note else {}
    refuse(failures, f"{file.name} cannot be read")
    return pd.concat(parts, ignore_index=True), totals, tuple(notes)


def _wanted(file: OpenedFile, commodity: str | None) -> list[tuple[Grid, str]]:
    """Find the tables of one substance, or of all opiates, and what each is about."""
    if commodity is not None and commodity not in COMMODITIES:
        raise DataFileError(f"commodity {commodity!r} is not one of {', '.join(COMMODITIES)}")
    wanted = []
    for grid in grids(file, _find):
        subject = subject_of(file, grid)
        if subject == OTHER or (commodity and subject not in (None, commodity)):
            continue
        substance = commodity or subject
        if substance is None:
            raise DataFileError(
                f"{file.name} does not say which substance {grid.sheet or 'its table'} is about: "
                f"give commodity= as one of {', '.join(COMMODITIES)}"
            )
        wanted.append((grid, substance))
    if not wanted:
        raise DataFileError(f"{file.name} has no table of {commodity or 'opiates'}")
    return wanted


def _cells(
    file: OpenedFile, grid: Grid, commodity: str, unit: str, failures: list[Failure]
) -> tuple[pd.DataFrame, int]:
    """Read a wide table into one row for each country and year; also count rows of totals."""
    table = table_below(grid.rows, grid.header, grid.at)
    years = [column for column in table if column != "country"]
    # Notes below the table have no figures; a country without any has nothing to tell either.
    table = table[table[years].notna().any(axis=1) & table["country"].notna()]
    is_total = table["country"].map(lambda name: bool(_NO_COUNTRY_ROW.match(folded(name))))
    is_total = is_total.astype("bool")
    table = table[~is_total]
    # A footnote letter may stand behind the name.
    names = table["country"].map(lambda name: re.sub(r"\s+[a-z]$", "", str(name).strip()))
    present, _ = present_names(names)
    node = resolve_places(present, file=file.name, column="country")
    parts = []
    for year in years:
        quantity, unread = numbers(table[year], file=file.name, column=year)
        failures += unread
        of = pd.Series(commodity, index=table.index)
        weight = kilograms(quantity, pd.Series(unit, index=table.index), of)
        cell = {"node": node, "year": int(year), "commodity": of, "best_kg": weight}
        parts.append(pd.DataFrame(cell))
    return pd.concat(parts, ignore_index=True), int(is_total.sum())
