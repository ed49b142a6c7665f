"""World Drug Report, annex 8.3: heroin prices year by year, Western Europe and United States.

Sheets whose name starts with "Heroin" hold blocks of countries by years: retail prices per gram,
then wholesale prices per kilogram, then the same adjusted for inflation, which are left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from opiateroutes.evidence.importers.cell_facts import cell_facts
from opiateroutes.evidence.importers.editions import edition_of, text_of
from opiateroutes.evidence.importers.headers import folded
from opiateroutes.evidence.importers.imported import Imported, checked, refuse
from opiateroutes.evidence.importers.price_blocks import Row, has_blocks, price_rows
from opiateroutes.evidence.importers.prices_annex import price_frame
from opiateroutes.evidence.importers.quantities import numbers
from opiateroutes.evidence.importers.setting_aside import without
from opiateroutes.evidence.place_names import resolve_places

if TYPE_CHECKING:
    from opiateroutes.evidence.importers.opening import OpenedFile

__all__ = ["LAYOUT", "matches", "read"]

LAYOUT = "UNODC World Drug Report, annex 8.3 (heroin price series)"

_LAG = 1
_TITLE_ROWS = 15
_AVERAGES = re.compile(r"average|\bmean\b|\btotal\b|weighted", re.IGNORECASE)
_ADJUSTED = re.compile(r"inflation|adjusted|constant|purity", re.IGNORECASE)
_UNITED_STATES = re.compile(r"(us|usa|unitedstates)$")
_FOOTNOTES = re.compile(r"(\s+[a-z]([\s,]+[a-z])*|[\s*\d]+)$")


class _Cell(NamedTuple):
    row: int
    column: int
    place: str | None
    year: int
    price: object
    level: str
    unit: str
    sheet: str
    aside: str | None


def matches(file: OpenedFile) -> bool:
    """Tell whether a workbook has this layout."""
    return any(has_blocks(rows) for rows in _sheets(file).values())


def read(file: OpenedFile, *, source: str, edition: int | None) -> Imported:
    """Read nominal prices in US dollars; averages and adjusted prices are set aside.

    Parameters
    ----------
    file
        The workbook.
    source
        Key of the publication.
    edition
        Year of the edition; found in the title or the years if not given.

    Returns
    -------
    Imported
        Rows of ``prices``. Figures in italics are estimates of UNODC: their confidence is low.

    Raises
    ------
    DataFileError
        If a block of prices says neither retail nor wholesale.
    EvidenceError
        With every country or price that cannot be read.
    """
    counts: dict[str, int] = {}
    notes: list[str] = []
    cells = [c for name, rows in _sheets(file).items() for c in _cells(name, rows, notes)]
    table = pd.DataFrame(cells, columns=list(_Cell._fields))
    price, failures = numbers(table["price"], file=file.name, column="price")
    known = table.assign(price=price)[price.notna()]
    for why in known["aside"].dropna().unique():
        known = without(known, known["aside"] == why, str(why), counts)
    refuse(_named(failures, table), f"{file.name} cannot be read")
    known = without(known, known["price"] == 0, "a price of 0", counts)
    where = known.set_axis(known["row"].to_numpy())
    node = resolve_places(where["place"], file=file.name, column="country")
    known = known.assign(node=node.to_numpy())
    known = without(known, known["node"].isna(), "no country", counts)
    title = " ".join(text_of(rows[:_TITLE_ROWS]) for rows in _sheets(file).values())
    last = int(known["year"].max()) if len(known) else 0
    frame = price_frame(
        _prices(known, _italic(file)),
        source=source,
        edition=edition or edition_of(f"{title} {file.path.stem}", last_year=last, lag=_LAG),
    )
    said = ("nominal US dollars; purity is not adjusted for", *dict.fromkeys(notes))
    return checked("prices", frame, layout=LAYOUT, file=file, set_aside=counts, notes=said)


def _sheets(file: OpenedFile) -> dict[str, list[list[object]]]:
    return {name: rows for name, rows in file.sheets.items() if folded(name).startswith("heroin")}


def _cells(name: str, rows: list[list[object]], notes: list[str]) -> list[_Cell]:
    """List the prices of a sheet, with the reason where one is not used."""
    found = []
    for row in price_rows(rows):
        if row.block.assumed:
            notes.append(f"sheet {name}: {row.block.assumed}")
        place, why = _place(row, name)
        found += [
            _Cell(
                row.number, column, place, year, price, row.block.level, row.block.unit, name, why
            )
            for column, (year, price) in row.prices.items()
        ]
    return found


def _place(row: Row, sheet: str) -> tuple[str | None, str | None]:
    """Return the country of a row, or why the row is not used."""
    label = row.label.strip()
    if row.block.aside:
        return None, row.block.aside
    if not label:
        return None, "rows without a label"
    if _ADJUSTED.search(label):
        return None, "prices adjusted for inflation or purity"
    if _AVERAGES.search(label):
        # The sheet of a single country has no rows of countries.
        if _UNITED_STATES.search(folded(sheet)) and "euro" not in label.casefold():
            return "USA", None
        return None, "averages of several countries"
    return _FOOTNOTES.sub("", label), None


def _named(
    failures: list[tuple[str, object, str, object, str, str]], table: pd.DataFrame
) -> list[tuple[str, object, str, object, str, str]]:
    """Say where failures are in the sheet; cells that are not used cannot fail."""
    named: list[tuple[str, object, str, object, str, str]] = []
    for file, position, _, value, rule, hint in failures:
        cell = table.loc[position]
        if pd.isna(cell["aside"]):
            where = f"{file}, sheet {cell['sheet']}"
            named.append((where, cell["row"], str(cell["year"]), value, rule, hint))
    return named


def _italic(file: OpenedFile) -> set[tuple[str, int, int]]:
    return {(name, *place) for name in _sheets(file) for place in cell_facts(file, name).italic}


def _prices(known: pd.DataFrame, italic: set[tuple[str, int, int]]) -> pd.DataFrame:
    """Bring the cells into the columns that prices have."""
    places = zip(known["sheet"], known["row"], known["column"], strict=True)
    estimate = pd.Series([place in italic for place in places], index=known.index, dtype="bool")
    per_kg = known["unit"].map({"g": 1000.0, "kg": 1.0}).astype("float64")
    street = known["level"].map({"retail": "street price", "wholesale": "wholesale price"})
    note = (street + " in nominal USD").astype("object")
    missing = pd.Series(float("nan"), index=known.index)
    return known.assign(
        commodity="heroin",
        low_usd_per_kg=missing,
        best_usd_per_kg=(known["price"] * per_kg).round(6),
        high_usd_per_kg=missing,
        typical_is_midpoint="no",
        source_unit=known["unit"],
        place="sheet " + known["sheet"].astype("str"),
        confidence=estimate.map({True: "low", False: "high"}).astype("object"),
        note=note.where(~estimate, note + "; an estimate of UNODC (in italics)"),
    )
