"""World Drug Report, annex 8.1: prices by country, year, drug and level of sale, in US dollars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.evidence.importers.bounds import joined_notes
from opiateroutes.evidence.importers.editions import edition_of
from opiateroutes.evidence.importers.imported import Imported, checked
from opiateroutes.evidence.importers.market_table import market_rows, market_sheets
from opiateroutes.evidence.importers.quantities import kg_of_unit
from opiateroutes.evidence.importers.setting_aside import without

if TYPE_CHECKING:
    from opiateroutes.evidence.importers.opening import OpenedFile

__all__ = ["LAYOUT", "matches", "price_frame", "read"]

LAYOUT = "UNODC World Drug Report, annex 8.1 (prices)"

_LAG = 2
_CELL = ["node", "year", "commodity", "level"]


def matches(file: OpenedFile) -> bool:
    """Tell whether a workbook has this layout."""
    return bool(market_sheets(file, "prices"))


def read(file: OpenedFile, *, source: str, edition: int | None) -> Imported:
    """Read the prices of opiates; nothing is averaged, and purity stays as sold.

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
        Rows of ``prices``. Prices of units that are no weight (doses, tablets) are set aside.

    Raises
    ------
    EvidenceError
        With every country, year or price that cannot be read.
    """
    rows, counts, title = market_rows(file, "prices")
    rows = rows.reset_index(drop=True)
    weight = kg_of_unit(rows["unit"])
    for unit in rows.loc[weight.isna(), "unit"].map(_words_of_unit).unique():
        here = weight.isna() & (rows["unit"].map(_words_of_unit) == unit)
        why = f"a unit that is no weight: {unit}" if unit else "no unit"
        rows, weight = without(rows, here, why, counts), weight[~here]
    prices = {
        f"{bound}_usd_per_kg": (rows[bound] / weight).round(6) for bound in ("low", "best", "high")
    }
    frame = rows.assign(
        **prices,
        source_unit=rows["unit"].map(_words_of_unit).astype("object"),
        typical_is_midpoint=rows["midpoint"].map({True: "yes", False: "no"}).astype("object"),
        place="sheet " + rows["sheet"].astype("str"),
        confidence=rows["midpoint"].map({True: "medium", False: "high"}).astype("object"),
    )
    last = int(rows["year"].max()) if len(rows) else 0
    edition = edition or edition_of(title, last_year=last, lag=_LAG)
    return checked(
        "prices",
        price_frame(frame, source=source, edition=edition),
        layout=LAYOUT,
        file=file,
        set_aside=counts,
        notes=("prices of a drug as it is sold: purity is not adjusted for",),
    )


def price_frame(rows: pd.DataFrame, *, source: str, edition: int) -> pd.DataFrame:
    """Bring rows of prices into the columns and types of the table ``prices``.

    Rows of one country, year, substance and level are numbered and stay apart.
    """
    groups = rows.groupby(_CELL, sort=False)
    size = groups["node"].transform("size") if len(rows) else pd.Series(dtype="int64")
    note = rows["note"]
    for number in size[size > 1].unique():
        words = f"one of {number} rows of the annex for this cell"
        note = joined_notes(note, size == number, words)
    text = (*_CELL[2:], "typical_is_midpoint", "source_unit", "place", "confidence")
    return pd.DataFrame(
        {
            "node": rows["node"].astype("str"),
            "year": rows["year"].astype("Int64"),
            **{column: rows[column].astype("str") for column in text[:2]},
            "item": (groups.cumcount() + 1).astype("Int64"),
            **{
                f"{bound}_usd_per_kg": rows[f"{bound}_usd_per_kg"].astype("float64")
                for bound in ("low", "best", "high")
            },
            **{column: rows[column].astype("str") for column in text[2:4]},
            "source": pd.Series(source, index=rows.index, dtype="str"),
            "edition": pd.Series(edition, index=rows.index, dtype="Int64"),
            **{column: rows[column].astype("str") for column in text[4:]},
            "note": note.replace({"": None}).astype("str"),
        }
    ).sort_values([*_CELL, "item"], ignore_index=True)


def _words_of_unit(unit: object) -> str:
    return unit.strip() if isinstance(unit, str) else ""
