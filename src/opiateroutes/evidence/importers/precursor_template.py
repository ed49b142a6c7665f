"""Figures of acetic anhydride typed in from reports that come as PDF only, in a small template.

The International Narcotics Control Board publishes seizures of precursors in litres, in annexes of
its yearly report that cannot be read by a program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from opiateroutes.evidence.importers.former_names import present_names
from opiateroutes.evidence.importers.headers import find_header, folded, table_below
from opiateroutes.evidence.importers.imported import Imported, checked, refuse
from opiateroutes.evidence.importers.quantities import kilograms, numbers, years
from opiateroutes.evidence.importers.seizure_rows import seizure_rows
from opiateroutes.evidence.importers.substances import commodity_of
from opiateroutes.evidence.importers.text_columns import grids
from opiateroutes.evidence.place_names import resolve_places
from opiateroutes.units import ACETIC_ANHYDRIDE_KG_PER_LITRE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from opiateroutes.evidence.importers.headers import Columns
    from opiateroutes.evidence.importers.opening import OpenedFile
    from opiateroutes.evidence.schema import Failure

__all__ = ["LAYOUT", "matches", "precursor_template", "read"]

LAYOUT = "template for figures of precursors (INCB)"

_NAMES = ("iso3", "year", "substance", "amount", "unit", "source")
_COLUMNS: Columns = {name: (name,) for name in _NAMES}


def precursor_template() -> str:
    """Return the text of an empty template for figures of acetic anhydride.

    Fill in one row for each country and year and give the file to `read_seizures`. ``iso3`` is a
    code or the name of a country, ``unit`` litres or kilograms (or another unit of weight),
    ``source`` the report and the page.

    Returns
    -------
    str
        The first line of a CSV file.

    Examples
    --------
    >>> row = "AFG,2019,acetic anhydride,1000,litres,E/INCB/2020/4 annex VIII"
    >>> print(precursor_template() + row)
    iso3,year,substance,amount,unit,source
    AFG,2019,acetic anhydride,1000,litres,E/INCB/2020/4 annex VIII
    """
    return ",".join(_NAMES) + "\n"


def _find(rows: Sequence[Sequence[object]]) -> tuple[int, dict[str, int]] | None:
    found = find_header(rows, _COLUMNS)
    if found is None:
        return None
    # Lists with further columns are of another kind.
    named = [cell for cell in rows[found[0]] if folded(cell)]
    return found if len(named) == len(_NAMES) else None


def matches(file: OpenedFile) -> bool:
    """Tell whether a file is a template that was filled in."""
    return bool(grids(file, _find, head=True))


def read(file: OpenedFile, *, source: str, edition: int | None) -> Imported:
    """Read a template that was filled in.

    Parameters
    ----------
    file
        Table of text or workbook.
    source
        Key of the publication; what the column ``source`` says becomes the place in it.
    edition
        Year of the edition; the year after the last figure but one if not given.

    Returns
    -------
    Imported
        Rows of ``seizures``, litres as kilograms.

    Raises
    ------
    EvidenceError
        With every cell that is missing, cannot be read, or is given twice.
    """
    grid = grids(file, _find)[0]
    table = table_below(grid.rows, grid.header, grid.at)
    commodity = commodity_of(table["substance"])
    wanted = table[commodity.notna()].assign(commodity=commodity)
    year, no_year = years(wanted["year"], file=file.name)
    amount, no_number = numbers(wanted["amount"], file=file.name, column="amount")
    unit = wanted["unit"].where(wanted["unit"].notna(), "not given")
    weight = kilograms(amount, unit, wanted["commodity"])
    present, _ = present_names(wanted["iso3"])
    node = resolve_places(present, file=file.name, column="iso3")
    cells = wanted.assign(node=node, year=year, amount=amount, best_kg=weight)
    refuse(
        [*no_year, *no_number, *_failures(wanted, cells, file.name)],
        f"{file.name} cannot be read",
    )
    frame = seizure_rows(
        cells[["node", "year", "commodity", "best_kg"]],
        source=source,
        edition=edition,
        delay=2,
        place=wanted["source"].astype("str"),
        confidence="medium",
    )
    return checked(
        "seizures",
        frame,
        layout=LAYOUT,
        file=file,
        set_aside={"other substances": int(commodity.isna().sum())},
        notes=(
            f"litres of acetic anhydride weigh {ACETIC_ANHYDRIDE_KG_PER_LITRE} kg each",
            "figures were typed in by hand: the column source is kept as the place of each",
        ),
    )


def _failures(wanted: pd.DataFrame, cells: pd.DataFrame, file: str) -> list[Failure]:
    """Find what is missing or given twice: whoever typed a row in can mend it."""
    failures: list[Failure] = []
    for column in ("iso3", "year", "amount", "source"):
        failures += [
            (file, row, column, None, "must not be empty", "")
            for row in wanted.index[wanted[column].isna()]
        ]
    unknown = cells["best_kg"].isna() & cells["amount"].notna()
    failures += [
        (file, row, "unit", wanted.at[row, "unit"], "must be litres or a unit of weight", "")
        for row in wanted.index[unknown]
    ]
    keys = cells[["node", "year", "commodity"]]
    twice = keys.duplicated() & keys.notna().all(axis=1)
    failures += [
        (file, row, "iso3", wanted.at[row, "iso3"], "is given twice for one year", "add them up")
        for row in wanted.index[twice]
    ]
    return failures
