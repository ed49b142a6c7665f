"""UNODC data portal: drug seizures by country, drug and year, in kilogram equivalents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.evidence.importers.former_names import present_names
from opiateroutes.evidence.importers.headers import find_header, table_below
from opiateroutes.evidence.importers.imported import Imported, checked, refuse
from opiateroutes.evidence.importers.quantities import numbers, years
from opiateroutes.evidence.importers.seizure_rows import seizure_rows
from opiateroutes.evidence.importers.substances import commodity_of
from opiateroutes.evidence.importers.text_columns import grids
from opiateroutes.evidence.place_names import resolve_places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opiateroutes.evidence.importers.headers import Columns
    from opiateroutes.evidence.importers.opening import OpenedFile

__all__ = ["LAYOUT", "matches", "read"]

LAYOUT = "UNODC data portal, drug seizures (kilogram equivalent)"

_COLUMNS: Columns = {
    "country": ("country", "countryterritory"),
    "code": ("isocode", "iso3code", "iso3", "iso"),
    "substance": ("drug", "drugname", "substance"),
    "year": ("year", "referenceyear"),
    "quantity": ("kgequivalent", "kilogramequivalent", "kgequivalents"),
}


def _find(rows: Sequence[Sequence[object]]) -> tuple[int, dict[str, int]] | None:
    return find_header(rows, _COLUMNS)


def matches(file: OpenedFile) -> bool:
    """Tell whether a file has this layout."""
    return bool(grids(file, _find, head=True))


def read(file: OpenedFile, *, source: str, edition: int | None) -> Imported:
    """Read the seizures of opiates and acetic anhydride, several rows of a cell added up.

    Parameters
    ----------
    file
        Table of text or workbook.
    source
        Key of the publication.
    edition
        Year of the edition; the year after the last figure but one if not given.

    Returns
    -------
    Imported
        Rows of ``seizures``. States that no longer exist and have no code are set aside by name.

    Raises
    ------
    EvidenceError
        With every country, year or quantity that cannot be read.
    """
    parts = [table_below(grid.rows, grid.header, grid.at) for grid in grids(file, _find)]
    table = pd.concat(parts, ignore_index=len(parts) > 1)
    commodity = commodity_of(table["substance"])
    wanted = table[commodity.notna()].assign(commodity=commodity)
    year, no_year = years(wanted["year"], file=file.name)
    quantity, no_number = numbers(wanted["quantity"], file=file.name, column="KG Equivalent")
    refuse([*no_year, *no_number], f"{file.name} cannot be read")
    named = wanted["code"].where(wanted["code"].notna(), wanted["country"])
    present, bygone = present_names(named)
    node = resolve_places(present, file=file.name, column="country")
    cells = wanted[["commodity"]].assign(node=node, year=year, best_kg=quantity)
    frame = seizure_rows(
        cells,
        source=source,
        edition=edition,
        delay=2,
        place="data portal, drug seizures",
        confidence="high",
    )
    gone = {f"{state}: no present country": int(n) for state, n in bygone.value_counts().items()}
    return checked(
        "seizures",
        frame,
        layout=LAYOUT,
        file=file,
        set_aside={
            "other substances": int(commodity.isna().sum()),
            **gone,
            "no country": int((node.isna() & bygone.isna()).sum()),
            "no year or weight": int((node.notna() & cells.isna().any(axis=1)).sum()),
        },
    )
