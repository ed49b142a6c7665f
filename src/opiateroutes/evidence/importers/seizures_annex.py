"""World Drug Report, annex 7.1: drug seizures by country, substance and year, in every edition.

Editions differ in the names and the order of columns and in the unit: since 2020 kilograms, before
that a quantity with a unit of its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.evidence.importers.headers import find_header, table_below
from opiateroutes.evidence.importers.imported import Imported, checked, refuse
from opiateroutes.evidence.importers.quantities import kilograms, numbers, years
from opiateroutes.evidence.importers.substances import commodity_of
from opiateroutes.evidence.place_names import resolve_places

if TYPE_CHECKING:
    from opiateroutes.evidence.importers.headers import Columns
    from opiateroutes.evidence.importers.opening import OpenedFile

__all__ = ["LAYOUT", "matches", "read", "read_rows"]

Found = tuple["list[list[object]]", int, dict[str, int]]
"""Rows of a sheet, position of its header, position of each column."""

LAYOUT = "UNODC World Drug Report, annex 7.1 (drug seizures)"

_COLUMNS: Columns = {
    "country": ("country", "countryterritory", "countryorterritory", "countryarea"),
    "substance": ("drugname", "drug", "drugsubstance"),
    "year": ("referenceyear", "year"),
    "quantity": ("kilograms", "kilogram", "kgs", "quantity", "amount"),
    "code": ("mscode", "iso3code", "iso3", "code"),
    "unit": ("unit", "drugunit", "measurementunit"),
    "group": ("druggroup",),
}
_OPTIONAL = ("code", "unit", "group")


def matches(file: OpenedFile) -> bool:
    """Tell whether a workbook has this layout."""
    return any(find_header(rows, _COLUMNS, optional=_OPTIONAL) for rows in file.sheets.values())


def read(file: OpenedFile, *, source: str, edition: int | None) -> Imported:
    """Read the seizures of opiates and acetic anhydride, several rows of a cell added up.

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
        Rows of ``seizures``.

    Raises
    ------
    EvidenceError
        With every country, year or quantity that cannot be read.
    """
    tables = [
        (rows, *found)
        for rows in file.sheets.values()
        if (found := find_header(rows, _COLUMNS, optional=_OPTIONAL)) is not None
    ]
    titles = [_edition(rows[:header]) for rows, header, _ in tables]
    return read_rows(
        tables,
        file=file,
        layout=LAYOUT,
        source=source,
        edition=edition or next((title for title in titles if title), None),
        place="annex 7.1",
        confidence="high",
    )


def read_rows(
    tables: list[Found],
    *,
    file: OpenedFile,
    layout: str,
    source: str,
    edition: int | None,
    place: str,
    confidence: str,
) -> Imported:
    """Read lists of seizures below their headers; rows of one cell are added up.

    Parameters
    ----------
    tables
        Rows of each sheet, position of its header, position of its columns.
    file, layout, source, edition, place, confidence
        What is written beside every row.

    Raises
    ------
    EvidenceError
        With every country, year or quantity that cannot be read.
    """
    table = pd.concat([table_below(rows, header, at) for rows, header, at in tables])
    table["commodity"] = commodity_of(table["substance"])
    wanted = table[table["commodity"].notna()]
    year, no_year = years(wanted["year"], file=file.name)
    quantity, no_number = numbers(wanted["quantity"], file=file.name, column="quantity")
    refuse([*no_year, *no_number], f"{file.name} cannot be read")
    unit = wanted["unit"] if "unit" in wanted else pd.Series("kg", index=wanted.index)
    weight = kilograms(quantity, unit, wanted["commodity"])
    named = wanted["country"]
    if "code" in wanted:
        named = wanted["code"].where(wanted["code"].notna(), wanted["country"])
    node = resolve_places(named, file=file.name, column="country")
    usable = weight.notna() & node.notna() & year.notna()
    keys = {"node": node, "year": year, "commodity": wanted["commodity"]}
    cells = pd.DataFrame({**keys, "best_kg": weight})[usable]
    summed = cells.groupby(list(keys), as_index=False).agg(
        best_kg=("best_kg", "sum"), rows=("best_kg", "size")
    )
    edition = edition or (int(summed["year"].max()) + 1 if len(summed) else None)
    frame = pd.DataFrame(
        {
            "node": summed["node"].astype("str"),
            "year": summed["year"].astype("Int64"),
            "commodity": summed["commodity"].astype("str"),
            "best_kg": summed["best_kg"].astype("float64"),
            "source": source,
            "edition": pd.array([edition] * len(summed), dtype="Int64"),
            "place": place or None,
            "confidence": confidence,
            "note": [f"{n} rows added up" if n > 1 else None for n in summed["rows"]],
        }
    ).astype({"place": "str", "note": "str", "source": "str", "confidence": "str"})
    return checked(
        "seizures",
        frame,
        layout=layout,
        file=file,
        set_aside={
            "other substances": int(table["commodity"].isna().sum()),
            "no weight (not reported, or a unit that is no weight)": int(weight.isna().sum()),
            "no country or year": int((weight.notna() & ~usable).sum()),
        },
    )


def _edition(above: list[list[object]]) -> int | None:
    """Read the edition off the title: figures to 2023 came out in 2025."""
    text = " ".join(str(cell) for row in above for cell in row if cell is not None)
    found = [int(year) for year in re.findall(r"\b(20[0-4]\d)\b", text)]
    return max(found) + 2 if found else None
