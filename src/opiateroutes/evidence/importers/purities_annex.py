"""World Drug Report, annex 8.1: purity by country, year, drug and level of sale, in per cent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.evidence.importers.cell_facts import cell_facts
from opiateroutes.evidence.importers.editions import edition_of
from opiateroutes.evidence.importers.imported import Imported, checked
from opiateroutes.evidence.importers.market_table import market_rows, market_sheets
from opiateroutes.evidence.importers.setting_aside import without

if TYPE_CHECKING:
    from opiateroutes.evidence.importers.opening import OpenedFile

__all__ = ["LAYOUT", "matches", "read"]

LAYOUT = "UNODC World Drug Report, annex 8.1 (purities)"

_LAG = 2
_BOUNDS = ("low", "best", "high")
_ALL = 100.0


def matches(file: OpenedFile) -> bool:
    """Tell whether a workbook has this layout."""
    return bool(market_sheets(file, "purities"))


def read(file: OpenedFile, *, source: str, edition: int | None) -> Imported:
    """Read the purities of opiates; rows of one cell stay apart.

    Cells that the workbook shows as per cent are stored as fractions and are multiplied by 100; so
    is a sheet whose purities are all at most 1. A purity of at most 1 among larger ones may be
    either: it is set aside.

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
        Rows of ``purities``.

    Raises
    ------
    EvidenceError
        With every country, year or purity that cannot be read.
    """
    rows, counts, title = market_rows(file, "purities")
    percent = rows["unit"].map(_is_percent).astype("bool")
    rows = without(rows, ~percent, "a purity that is not in per cent", counts)
    notes: list[str] = []
    parts = []
    sheets = market_sheets(file, "purities")
    for name, part in rows.groupby("sheet", sort=False):
        at = sheets[str(name)].at
        shown = cell_facts(file, str(name)).percent
        as_percent = pd.DataFrame(
            {bound: [(row, at[bound] + 1) in shown for row in part.index] for bound in _BOUNDS},
            index=part.index,
        )
        # The middle of two bounds is stored as they are.
        as_percent["best"] = as_percent["best"] | (part["midpoint"] & as_percent["low"])
        parts.append(_in_percent(part, as_percent, str(name), counts, notes))
    rows = pd.concat(parts) if parts else rows
    rows = without(rows, rows["best"] > _ALL, "a purity above 100 per cent", counts)
    last = int(rows["year"].max()) if len(rows) else 0
    return checked(
        "purities",
        _frame(rows, source, edition or edition_of(title, last_year=last, lag=_LAG)),
        layout=LAYOUT,
        file=file,
        set_aside=counts,
        notes=tuple(notes),
    )


def _in_percent(
    part: pd.DataFrame,
    as_percent: pd.DataFrame,
    name: str,
    counts: dict[str, int],
    notes: list[str],
) -> pd.DataFrame:
    """Bring the purities of a sheet to per cent."""
    plain = part["best"].where(~as_percent["best"])
    if plain.notna().any() and (plain.dropna() <= 1).all():
        notes.append(f"sheet {name}: all purities are at most 1 and were read as fractions")
        as_percent = as_percent | True
    scaled = {b: part[b].where(~as_percent[b], part[b] * _ALL).round(6) for b in _BOUNDS}
    doubtful = ~as_percent["best"] & (part["best"] <= 1)
    why = "a purity of at most 1 among larger ones: per cent or a fraction?"
    return without(part.assign(**scaled), doubtful, why, counts)


def _is_percent(measurement: object) -> bool:
    text = str(measurement).casefold()
    return "percent" in text or "per cent" in text or "%" in text


def _frame(rows: pd.DataFrame, source: str, edition: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "node": rows["node"].astype("str"),
            "year": rows["year"].astype("Int64"),
            "commodity": rows["commodity"].astype("str"),
            "level": rows["level"].astype("str"),
            **{f"{bound}_percent": rows[bound].astype("float64") for bound in _BOUNDS},
            "typical_is_midpoint": rows["midpoint"].map({True: "yes", False: "no"}).astype("str"),
            "source": pd.Series(source, index=rows.index, dtype="str"),
            "edition": pd.Series(edition, index=rows.index, dtype="Int64"),
            "place": ("sheet " + rows["sheet"].astype("str")).astype("str"),
            "confidence": rows["midpoint"].map({True: "medium", False: "high"}).astype("str"),
            "note": rows["note"].replace({"": None}).astype("str"),
        }
    ).sort_values(["node", "year", "commodity", "level"], ignore_index=True, kind="stable")
