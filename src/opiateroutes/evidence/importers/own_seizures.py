"""A plain list of seizures: anybody's spreadsheet with country, substance, year and weight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opiateroutes.evidence.importers.delimited import all_rows, csv_rows
from opiateroutes.evidence.importers.headers import find_header
from opiateroutes.evidence.importers.opening import CSV
from opiateroutes.evidence.importers.seizures_annex import read_rows

if TYPE_CHECKING:
    from opiateroutes.evidence.importers.headers import Columns
    from opiateroutes.evidence.importers.imported import Imported
    from opiateroutes.evidence.importers.opening import OpenedFile

__all__ = ["LAYOUT", "matches", "read"]

LAYOUT = "list of seizures with country, substance, year and quantity"

COLUMNS: Columns = {
    "country": ("country", "countryterritory", "node", "iso3", "code", "countrycode", "place"),
    "substance": ("substance", "commodity", "drug", "drugname", "drugsubstance"),
    "year": ("year", "referenceyear", "date"),
    "quantity": (
        "bestkg",
        "kg",
        "kilograms",
        "weightkg",
        "quantitykg",
        "quantity",
        "amount",
        "weight",
    ),
    "unit": ("unit", "measurementunit", "drugunit"),
}
_OPTIONAL = ("unit",)
_HEAD_ROWS = 15


def matches(file: OpenedFile) -> bool:
    """Tell whether any sheet has the columns, under one of their usual names."""
    sheets = {"": csv_rows(file, most=_HEAD_ROWS)} if file.kind == CSV else file.sheets
    return any(find_header(rows, COLUMNS, optional=_OPTIONAL) for rows in sheets.values())


def read(file: OpenedFile, *, source: str, edition: int | None) -> Imported:
    """Read the list; rows of one country, year and substance are added up.

    Parameters
    ----------
    file
        Workbook or CSV file.
    source
        Key of the publication.
    edition
        Year of the edition; the year after the last one in the list if not given.

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
        for rows in all_rows(file).values()
        if (found := find_header(rows, COLUMNS, optional=_OPTIONAL)) is not None
    ]
    return read_rows(
        tables,
        file=file,
        layout=LAYOUT,
        source=source,
        edition=edition,
        place="",
        confidence="medium",
    )
