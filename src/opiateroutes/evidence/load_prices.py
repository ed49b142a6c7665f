"""The shipped prices of one year and one level of the trade, one row a node."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.data import nearest, read_evidence_table
from opiateroutes.errors import UnknownNameError
from opiateroutes.evidence.seizures import latest_edition

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["load_prices"]

_CONFIDENCE = ("low", "medium", "high")
_BOUNDS = ["low_usd_per_kg", "high_usd_per_kg"]


def load_prices(
    year: int,
    *,
    level: str = "wholesale",
    commodity: str = "heroin",
    years_apart: int = 0,
    min_confidence: str = "medium",
) -> pd.DataFrame:
    """Load the shipped prices of a year, at one level of the trade.

    Prices are those of a kilogram as sold, at whatever purity is usual there, in US dollars of the
    time: they are adjusted neither for purity nor for inflation. A node without a published price
    has no row; nothing is imputed.

    Parameters
    ----------
    year
        Year wanted. Wholesale prices of many nodes ship for 2018 to 2022 only.
    level
        ``"wholesale"`` (default: what moves between nodes is traded by the kilogram), ``"retail"``,
        ``"border"``, ``"market"`` or ``"farmgate"``.
    commodity
        ``"heroin"`` (default), ``"morphine"`` or ``"opium"``.
    years_apart
        How many years a price may be away from ``year``; the nearest counts, of two equally near
        the earlier one, and the note says which year it is of. 0 by default: only the year itself,
        because prices double and halve within a few years.
    min_confidence
        Prices below this confidence are left out: ``"low"``, ``"medium"`` (default) or ``"high"``.
        Low are those whose unit is doubtful or whose bounds contradict them.

    Returns
    -------
    pandas.DataFrame
        One row a node: ``node``, ``year`` (of the figure), ``commodity``, ``level``,
        ``low_usd_per_kg``, ``best_usd_per_kg``, ``high_usd_per_kg``, ``source``, ``edition``,
        ``confidence``, ``note``. Where an edition lists several rows for a cell, the best price is
        their mean and the bounds are the lowest and the highest of all.

    Raises
    ------
    UnknownNameError
        If there is no such level, commodity or confidence, or no price near the year.
    ValueError
        If ``years_apart`` is negative.

    Examples
    --------
    >>> prices = load_prices(2019)
    >>> float(prices.set_index("node").at["DEU", "best_usd_per_kg"].round())
    33595.0
    >>> load_prices(2017, years_apart=1)["note"].iloc[0]
    'price of 2018, for 2017'
    """
    table = read_evidence_table("prices")
    _known("level", level, table["level"])
    _known("commodity", commodity, table["commodity"])
    _known("confidence", min_confidence, _CONFIDENCE)
    if years_apart < 0:
        raise ValueError(f"years_apart must be at least 0, not {years_apart!r}")
    enough = _CONFIDENCE[_CONFIDENCE.index(min_confidence) :]
    rows = table[
        (table["level"] == level)
        & (table["commodity"] == commodity)
        & table["confidence"].isin(enough)
        & table["best_usd_per_kg"].notna()
    ]
    apart = (rows["year"] - year).abs()
    near = rows[apart <= years_apart]
    if near.empty:
        years = ", ".join(str(y) for y in sorted(rows["year"].unique()))
        raise UnknownNameError(
            f"no {level} price of {commodity} for {year}: there are prices for "
            f"{years or 'no year at all'}; years_apart= takes those of other years"
        )
    order = near.assign(apart=apart).sort_values(["node", "apart", "year"])
    chosen = order.drop_duplicates("node")[["node", "year"]]
    cells = near.merge(chosen, on=["node", "year"])
    newest = latest_edition(cells, ["node"])[["node", "edition", "source"]]
    cells = cells.merge(newest, on=["node", "edition", "source"])
    groups = cells.groupby("node", sort=True)
    return pd.DataFrame([_one_row(cell, year) for _, cell in groups])


def _one_row(cell: pd.DataFrame, year: int) -> dict[str, object]:
    """Put the rows of one cell of one edition together."""
    first = cell.iloc[0]
    cell = _without_false_bounds(cell)
    best = float(cell["best_usd_per_kg"].mean())
    low, high = (cell[bound] for bound in _BOUNDS)
    said = [] if first["year"] == year else [f"price of {first['year']}, for {year}"]
    if len(cell) > 1:
        said.append(f"mean of {len(cell)} rows of the edition, bounds of all")
        low, high = (bound.fillna(cell["best_usd_per_kg"]) for bound in (low, high))
    said += [str(note) for note in cell["note"].dropna().unique()]
    return {
        **first[["node", "year", "commodity", "level"]].to_dict(),
        "low_usd_per_kg": float(low.min()),
        "best_usd_per_kg": best,
        "high_usd_per_kg": float(high.max()),
        **first[["source", "edition"]].to_dict(),
        "confidence": min(cell["confidence"], key=_CONFIDENCE.index),
        "note": "; ".join(said),
    }


def _without_false_bounds(cell: pd.DataFrame) -> pd.DataFrame:
    """Empty bounds that contradict their best estimate: they say nothing of its spread."""
    best = cell["best_usd_per_kg"]
    false = (cell["low_usd_per_kg"] > best) | (cell["high_usd_per_kg"] < best)
    return cell.assign(**{bound: cell[bound].mask(false) for bound in _BOUNDS})


def _known(what: str, name: str, known: Iterable[str]) -> None:
    names = sorted(set(known))
    if name not in names:
        raise UnknownNameError(
            f"no {what} {name!r}; there are {', '.join(names)}{nearest(name, names)}"
        )
