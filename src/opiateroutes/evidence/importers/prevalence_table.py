"""The sheets of annex 1.2: prevalence of use by country, several years below each other.

Region and subregion stand in the first row of their group only, and so may a country. The columns
for men and women are not bounds and are not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.evidence.importers.bounds import joined_notes, mended_bounds
from opiateroutes.evidence.importers.editions import edition_of, text_of
from opiateroutes.evidence.importers.headers import find_header, folded, table_below
from opiateroutes.evidence.importers.imported import Imported, checked, refuse
from opiateroutes.evidence.importers.quantities import numbers, years
from opiateroutes.evidence.importers.setting_aside import without
from opiateroutes.evidence.place_names import resolve_places

if TYPE_CHECKING:
    from opiateroutes.evidence.importers.headers import Columns
    from opiateroutes.evidence.importers.opening import OpenedFile
    from opiateroutes.evidence.schema import Failure

__all__ = ["prevalence_sheets", "read_prevalence_sheets"]

_COLUMNS: Columns = {
    "country": ("countryterritory", "country", "countryorterritory", "countryarea"),
    "best": ("best", "bestestimate", "prevalence"),
    "low": ("low", "lower", "lowerbound", "lowestimate"),
    "high": ("high", "upper", "upperbound", "highestimate"),
    "year": ("year", "yearofestimate", "referenceyear"),
    "age": ("age", "agegroup", "ages"),
    "region": ("region",),
    "subregion": ("subregion",),
    "origin": ("source",),
    "method": ("method",),
    "adjustment": ("adjustmentnotes", "adjustment"),
    "remark": ("specificnotes", "notes", "note"),
}
_REMARKS = ("origin", "method", "adjustment", "remark")
_OPTIONAL = ("region", "subregion", *_REMARKS)
_BOUNDS = ("low", "best", "high")
_LAG = 2
_ALL = 100.0
_NO_AGE = "not stated"

_TERRITORIES = {
    "england": "GBR-EAW",
    "gbrew": "GBR-EAW",
    "northernireland": "GBR-NIR",
    "gbrni": "GBR-NIR",
    "scotland": "GBR-SCT",
    "gbrs": "GBR-SCT",
}
_OTHER_PARTS = ("wales", "kurdistan", "centraliraq", "irqkr")
"""Parts whose share of the population of their country is not at hand."""

Sheet = tuple[list[list[object]], int, dict[str, int]]


def prevalence_sheets(file: OpenedFile, substance: str) -> dict[str, Sheet]:
    """Find the sheets on a substance by their name ("Prescription opioids" is another one)."""
    found = {}
    for name, rows in file.sheets.items():
        if folded(name).strip("0123456789") == substance:
            header = find_header(rows, _COLUMNS, optional=_OPTIONAL)
            if header is not None:
                found[name] = (rows, *header)
    return found


def read_prevalence_sheets(
    file: OpenedFile, substance: str, *, layout: str, table: str, source: str, edition: int | None
) -> Imported:
    """Read the sheets on a substance into a table.

    Parameters
    ----------
    file
        The workbook.
    substance
        ``opiates`` or ``opioids``.
    layout, table
        In words, and of the project's schema.
    source
        Key of the publication.
    edition
        Year of the edition; found in the title or the years if not given.

    Raises
    ------
    EvidenceError
        With every country, year or share that cannot be read.

    Warns
    -----
    EvidenceWarning
        If bounds are in the wrong order, or best estimates outside of theirs.
    """
    counts: dict[str, int] = {}
    sheets = prevalence_sheets(file, substance)
    rows = pd.concat([_sheet_rows(file, name, sheet, counts) for name, sheet in sheets.items()])
    title = " ".join(text_of(cells[:header]) for cells, header, _ in sheets.values())
    last = int(rows["year"].max()) if len(rows) else 0
    edition = edition or edition_of(f"{title} {file.path.stem}", last_year=last, lag=_LAG)
    frame = pd.DataFrame(
        {
            "node": rows["node"].astype("str"),
            "territory": rows["territory"].astype("str"),
            "year": rows["year"].astype("Int64"),
            **{f"{bound}_percent": rows[bound].astype("float64") for bound in _BOUNDS},
            "age_group": rows["age"].astype("str"),
            "source": pd.Series(source, index=rows.index, dtype="str"),
            "edition": pd.Series(edition, index=rows.index, dtype="Int64"),
            "place": rows["place"].astype("str"),
            "confidence": pd.Series("high", index=rows.index, dtype="str"),
            "note": rows["note"].replace({"": None}).astype("str"),
        }
    ).sort_values(["node", "territory", "year"], ignore_index=True, kind="stable")
    return checked(table, frame, layout=layout, file=file, set_aside=counts)


def _sheet_rows(file: OpenedFile, name: str, sheet: Sheet, counts: dict[str, int]) -> pd.DataFrame:
    where = f"{file.name}, sheet {name}"
    rows = table_below(*sheet)
    # Headings and footnotes have no figure and no year.
    rows = rows[rows[["year", *_BOUNDS]].notna().any(axis=1)]
    rows = rows.assign(country=_filled(rows))
    rows = without(rows, rows["country"].isna(), "no country (figures of regions)", counts)
    read = {column: numbers(rows[column], file=where, column=column) for column in _BOUNDS}
    year = years(rows["year"], file=where)
    failures = [*year.failures, *(failure for r in read.values() for failure in r.failures)]
    for column, r in read.items():
        failures += _above_all(rows[column], r.values, where, column)
    refuse([*failures, *_no_ages(rows["age"], where)], f"{file.name} cannot be read")
    node = resolve_places(rows["country"], file=where, column="country")
    rows = rows.assign(
        node=node,
        territory=rows["country"].map(_territory).astype("object"),
        year=year.values,
        age=rows["age"].map(lambda age: _NO_AGE if age is None else str(age).strip()),
        place=f"sheet {name}",
        note=_remarks(rows),
        **{column: value for column, (value, _) in read.items()},
    )
    rows = without(rows, rows["node"].isna() | rows["year"].isna(), "no country or year", counts)
    parts = rows["territory"].isna() & rows["country"].map(_is_other_part).astype("bool")
    rows = without(rows, parts, "parts of a country with no known share of its population", counts)
    rows = without(rows, rows["best"].isna(), "no best estimate", counts)
    return mended_bounds(rows, file=where)


def _filled(rows: pd.DataFrame) -> pd.Series:
    """Repeat the country in rows below it that leave it out; rows of a new region have none."""
    country = rows["country"]
    starts = country.notna()
    for group in ("region", "subregion"):
        if group in rows:
            starts |= rows[group].notna()
    return country.groupby(starts.cumsum()).transform("first").astype("object")


def _above_all(cells: pd.Series, values: pd.Series, where: str, column: str) -> list[Failure]:
    return [
        (where, row, column, cells[row], "must be at most 100 per cent", "")
        for row in values.index[values > _ALL]
    ]


def _no_ages(ages: pd.Series, where: str) -> list[Failure]:
    """Find age groups that a spreadsheet turned into dates ("12-17" into December 2017)."""
    hint = "write the age group as text"
    return [
        (where, row, "age", age, "must be an age group", hint)
        for row, age in ages.items()
        if age is not None and not isinstance(age, (str, int, float))
    ]


def _territory(country: object) -> str | None:
    text = folded(country)
    return next((code for word, code in _TERRITORIES.items() if word in text), None)


def _is_other_part(country: object) -> bool:
    return any(word in folded(country) for word in _OTHER_PARTS)


def _remarks(rows: pd.DataFrame) -> pd.Series:
    """Join what the annex says of a figure: source, method, adjustments, notes."""
    given = [rows[column] for column in _REMARKS if column in rows]
    text = [
        " | ".join(str(cell).strip() for cell in cells if cell is not None)
        for cells in zip(*given, strict=True)
    ]
    note = pd.Series(text or "", index=rows.index, dtype="object")
    unstated = rows["age"].isna()
    return joined_notes(note, unstated, "age group not stated")
