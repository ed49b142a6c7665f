"""The long tables of annex 8.1: a row for each country, year, drug and level of sale."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from opiateroutes.evidence.importers.bounds import is_crossed, mended_bounds
from opiateroutes.evidence.importers.editions import text_of
from opiateroutes.evidence.importers.headers import find_header, folded, table_below
from opiateroutes.evidence.importers.imported import refuse
from opiateroutes.evidence.importers.quantities import numbers, years
from opiateroutes.evidence.importers.setting_aside import without
from opiateroutes.evidence.importers.substances import commodity_of
from opiateroutes.evidence.place_names import resolve_places

if TYPE_CHECKING:
    from opiateroutes.evidence.importers.headers import Columns
    from opiateroutes.evidence.importers.opening import OpenedFile

__all__ = ["Market", "market_rows", "market_sheets"]

_COLUMNS: Columns = {
    "country": ("country", "countryterritory", "countryorterritory", "countryarea"),
    "substance": ("drug", "drugname", "drugsubstance", "substance"),
    "level": ("levelofsale", "saleslevel", "marketlevel", "level"),
    "year": ("year", "referenceyear"),
    "best": ("typicalusd", "typical", "typicalpriceusd", "typicalprice", "typicalpurity"),
    "low": ("minimumusd", "minimum", "minimumpriceusd", "minimumprice", "minusd", "min"),
    "high": ("maximumusd", "maximum", "maximumpriceusd", "maximumprice", "maxusd", "max"),
    "unit": ("unit", "measurement", "unitofmeasurement", "measurementunit"),
    "code": ("mscode", "iso3code", "iso3", "code"),
}
_OPTIONAL = ("code",)
_LEVELS = ("retail", "wholesale")


class _Sheet(NamedTuple):
    rows: list[list[object]]
    header: int
    at: dict[str, int]


class Market(NamedTuple):
    """Rows of opiates, and what was left out.

    ``rows`` has the columns ``node``, ``year``, ``commodity``, ``level``, ``low``, ``best``,
    ``high``, ``unit``, ``midpoint``, ``sheet`` and ``note``; units are as published.
    """

    rows: pd.DataFrame
    set_aside: dict[str, int]
    title: str


def market_sheets(file: OpenedFile, kind: str) -> dict[str, _Sheet]:
    """Find the sheets with prices in US dollars, or with purities.

    Parameters
    ----------
    file
        The workbook.
    kind
        ``prices`` or ``purities``.
    """
    found = {}
    for name, rows in file.sheets.items():
        header = find_header(rows, _COLUMNS, optional=_OPTIONAL)
        if header is not None and _kind(name, rows, *header) == kind:
            found[name] = _Sheet(rows, *header)
    return found


def _kind(name: str, rows: list[list[object]], header: int, at: dict[str, int]) -> str | None:
    """Tell prices from purities; prices in other currencies are neither."""
    sheet, columns = folded(name), [folded(cell) for cell in rows[header]]
    if "usd" in columns[at["best"]]:
        return "prices"
    if "purit" in sheet or columns[at["unit"]] == "measurement":
        return "purities"
    said = f"{name} {text_of(rows[:header])}".casefold()
    dollars = any(word in said for word in ("usd", "us$", "us dollar", "united states dollar"))
    return "prices" if "price" in said and dollars else None


def market_rows(file: OpenedFile, kind: str) -> Market:
    """Read the rows of opiates from all sheets of a kind.

    Parameters
    ----------
    file
        The workbook.
    kind
        ``prices`` or ``purities``.

    Returns
    -------
    Market
        A typical value that is not given is the middle of its bounds, and flagged.

    Raises
    ------
    EvidenceError
        With every country, year or number that cannot be read.

    Warns
    -----
    EvidenceWarning
        If bounds are in the wrong order, or typical values outside of them.
    """
    counts: dict[str, int] = {}
    sheets = market_sheets(file, kind)
    parts = [_sheet_rows(file, name, sheet, counts) for name, sheet in sheets.items()]
    title = " ".join([*sheets, *(text_of(sheet.rows[: sheet.header]) for sheet in sheets.values())])
    return Market(pd.concat(parts), counts, f"{title} {file.path.stem}")


def _sheet_rows(file: OpenedFile, name: str, sheet: _Sheet, counts: dict[str, int]) -> pd.DataFrame:
    table = table_below(sheet.rows, sheet.header, sheet.at)
    commodity = commodity_of(table["substance"])
    rows = without(table.assign(commodity=commodity), commodity.isna(), "other substances", counts)
    where = f"{file.name}, sheet {name}"
    read = {column: numbers(rows[column], file=where, column=column) for column in _VALUES}
    year = years(rows["year"], file=where)
    failures = [*year.failures, *(failure for r in read.values() for failure in r.failures)]
    refuse(failures, f"{file.name} cannot be read")
    place = rows["country"]
    if "code" in rows:
        place = rows["code"].where(rows["code"].notna(), place)
    rows = rows.assign(
        node=resolve_places(place, file=where, column="country"),
        year=year.values,
        level=rows["level"].map(_level).astype("object"),
        sheet=name,
        note=rows["substance"].map(_name_of_form).astype("object"),
        **{column: value for column, (value, _) in read.items()},
    )
    rows = without(rows, rows["node"].isna() | rows["year"].isna(), "no country or year", counts)
    why = "level of sale neither retail nor wholesale"
    return _with_midpoints(without(rows, rows["level"].isna(), why, counts), where, counts)


_VALUES = ("low", "best", "high")


def _with_midpoints(rows: pd.DataFrame, where: str, counts: dict[str, int]) -> pd.DataFrame:
    """Fill typical values that are not given, and leave out rows that say nothing."""
    missing = rows["best"].isna()
    one = missing & (rows["low"].isna() | rows["high"].isna())
    rows = without(rows, one, "no typical value and not both bounds", counts)
    why = "no typical value and bounds in the wrong order"
    rows = without(rows, rows["best"].isna() & is_crossed(rows), why, counts)
    missing = rows["best"].isna()
    middle = (rows["low"] + rows["high"]) / 2
    rows = rows.assign(best=rows["best"].where(~missing, middle), midpoint=missing)
    rows = without(rows, rows["best"] == 0, "a typical value of 0", counts)
    return mended_bounds(rows, file=where)


def _level(cell: object) -> str | None:
    return next((level for level in _LEVELS if folded(cell).startswith(level)), None)


def _name_of_form(substance: object) -> str:
    """Keep the published name where it says more than the commodity ("Heroin No. 4")."""
    return "" if folded(substance) in ("heroin", "morphine", "opium") else str(substance).strip()
