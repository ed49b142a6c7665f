"""The shipped figures of a year, commodity by commodity, in kilograms of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from opiateroutes.errors import UnknownNameError
from opiateroutes.evidence.origin import afghan_part
from opiateroutes.evidence.parameters import Z90, relative_sd
from opiateroutes.evidence.seizures import seized_heroin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from opiateroutes.evidence.parameters import Parameters

__all__ = ["COMMODITIES", "by_commodity"]

COMMODITIES = ("opium", "morphine", "heroin")
"""Commodities that have figures of their own, in the order in which one is made into the next."""

_STEPS = ["node", "step", "best", "low", "high", "unit", "source"]


def by_commodity(
    year: int,
    commodities: Sequence[str],
    tables: Mapping[str, pd.DataFrame],
    rows: Mapping[str, pd.DataFrame],
    parameters: Parameters,
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Split the figures of a year by commodity.

    Heroin keeps its figures, but for the morphine seized where that is a commodity of its own.
    Opium has its seizures, what is published of its consumption (Iran in 2008; other years take
    that figure, flagged and with a standard deviation of half of it, since without a market all
    opium would have to be seized), and a supply: the published export, else what the harvests leave
    after heroin. Of morphine there are seizures only; what is not published stays missing.

    Parameters
    ----------
    year
        Year wanted.
    commodities
        Some of `COMMODITIES`.
    tables
        ``seizures``, ``consumption`` and ``supply``.
    rows
        ``supply``, ``demand`` and ``seizures`` of heroin (and morphine).
    parameters
        The shipped parameters.

    Returns
    -------
    rows : dict
        The three tables with a column ``commodity``.
    steps : pandas.DataFrame
        How the supply of opium was derived.

    Raises
    ------
    UnknownNameError
        If there is no such commodity, or heroin is not among them.
    """
    unknown = [name for name in commodities if name not in COMMODITIES]
    if unknown or "heroin" not in commodities:
        raise UnknownNameError(
            f"commodities are some of {', '.join(COMMODITIES)}, heroin always: {commodities!r}"
        )
    at_home = rows["supply"]["node"].tolist()
    seized = []
    for name in commodities:
        counted = [name]
        if name == "heroin" and "morphine" not in commodities:
            counted.append("morphine")
        figures = seized_heroin(year, tables["seizures"], parameters, counted=counted)
        if len(figures):
            part = afghan_part(figures.drop(index=at_home, errors="ignore"), parameters)
            seized.append(part.assign(commodity=name))
    demand, supply = [rows["demand"]], [rows["supply"]]
    demand, supply = ([frames[0].assign(commodity="heroin")] for frames in (demand, supply))
    steps = pd.DataFrame(columns=_STEPS)
    if "opium" in commodities:
        demand.append(_opium_consumed(year, tables["consumption"], parameters))
        row, steps = _opium_supply(year, tables["supply"], parameters, at_home)
        supply.append(row)
    split = {"supply": supply, "demand": demand, "seizures": seized}
    joined = {
        name: pd.concat([f for f in frames if len(f)], ignore_index=True) if frames else None
        for name, frames in split.items()
    }
    return {name: rows[name] if f is None else f for name, f in joined.items()}, steps


def _opium_consumed(year: int, consumption: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Return the published consumption of opium nearest in time; of another year it is doubtful."""
    rows = consumption[consumption["commodity"] == "opium"]
    rows = rows.assign(apart=(rows["year"] - year).abs())
    # Of two years equally far the earlier one, in its newest edition.
    order = {"node": True, "apart": True, "year": True, "edition": False}
    rows = rows.sort_values(list(order), ascending=list(order.values()))
    rows = rows.drop_duplicates("node").set_index("node")
    other = rows["apart"] > 0
    rows["confidence"] = rows["confidence"].mask(other, "low")
    rows["note"] = rows["note"].where(
        ~other, rows["note"] + [f"; of {y}, for want of a figure of {year}" for y in rows["year"]]
    )
    rows["sd_kg"] = rows["best_kg"] * relative_sd(rows["confidence"], parameters)
    columns = ["best_kg", "sd_kg", "source", "edition", "confidence", "note"]
    return afghan_part(rows[columns], parameters).assign(commodity="opium")


def _opium_supply(
    year: int, supply: pd.DataFrame, parameters: Parameters, nodes: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the opium that left as opium: published, or derived from the harvests."""
    rows, steps = [], []
    for node in nodes:
        figures = supply[supply["node"] == node].sort_values(["year", "edition"])
        published = figures[(figures["indicator"] == "opium_export") & (figures["year"] == year)]
        if len(published):
            columns = ["node", "best_kg", "low_kg", "high_kg", "source", "edition", "confidence"]
            last = published.iloc[-1]
            rows.append({**last[columns].to_dict(), "note": f"published export: {last['note']}"})
            continue
        span = round(parameters.get("harvests_in_supply").best)
        harvests = figures[
            (figures["indicator"] == "opium_production")
            & figures["year"].between(year - span + 1, year)
        ].drop_duplicates("year", keep="last")
        if harvests.empty:
            continue
        row, how = _left_as_opium(str(node), harvests, parameters)
        rows.append(row)
        steps += how
    frame = pd.DataFrame(rows)
    return frame.assign(commodity="opium"), pd.DataFrame(steps, columns=_STEPS)


def _left_as_opium(
    node: str, harvests: pd.DataFrame, parameters: Parameters
) -> tuple[dict[str, object], list[tuple[object, ...]]]:
    """Take what is made into heroin off the exported part of the mean harvest."""
    opium = harvests["best_kg"].astype("float64")
    mean, low, high = opium.mean(), opium.min(), opium.max()
    made = parameters.get("share_of_opium_made_into_heroin")
    exported = parameters.get("share_of_harvest_exported")
    spread = (high - low) / (2 * Z90) / mean
    if len(harvests) == 1:
        spread = parameters.get("relative_sd", "medium").best
    kept = (1 - made.high, 1 - made.best, 1 - made.low)
    best = mean * exported.best * kept[1]
    of_kept = (kept[2] - kept[0]) / (2 * Z90) / kept[1]
    wider = Z90 * best * float(np.sqrt(spread**2 + exported.relative_sd**2 + of_kept**2))
    bounds = (best, max(best - wider, 0.0), best + wider)
    source = "; ".join(sorted(set(harvests["source"])))
    years = ", ".join(str(y) for y in harvests["year"])
    harvest = f"opium harvests of {years}, mean"
    left = "share not made into heroin"
    shipped = (exported.best, exported.low, exported.high)
    steps: list[tuple[object, ...]] = [
        (node, harvest, mean, low, high, "kg", source),
        (node, "share exported", *shipped, "share", exported.source),
        (node, left, kept[1], kept[0], kept[2], "share", made.source),
        (node, "opium leaving as opium", *bounds, "kg", "derived"),
    ]
    row = {
        "node": node,
        **dict(zip(("best_kg", "low_kg", "high_kg"), bounds, strict=True)),
        "source": f"{source}; {exported.source}; {made.source}",
        "edition": int(harvests["edition"].max()),
        "confidence": "low",
        "note": f"opium that left as such, derived from the harvests of {years}",
    }
    return row, steps
