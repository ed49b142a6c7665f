"""Each evidence row beside its estimate, in its own unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from opiateroutes.evidence.parameters import Z90
from opiateroutes.evidence.quantity import KILOGRAMS, LOG_RATIO, RATE, SHARE
from opiateroutes.flows.binding.places import ANYWHERE, Places, legs_between

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.kernel.rows import Rows
    from opiateroutes.network import RouteNetwork

__all__ = ["RESIDUAL_COLUMNS", "residual_frame"]

_KILOGRAMS = {
    "evidence_kg": "figure",
    "low_kg": "low",
    "high_kg": "high",
    "estimate_kg": "estimate",
}
"""Columns that are missing in rows that are no kilograms, and the column of all rows."""

RESIDUAL_COLUMNS = [
    *("kind", "target", *_KILOGRAMS, "residual_sigmas", "multiplier"),
    *("unit", *_KILOGRAMS.values()),
    *("nodes", "legs", "source", "edition", "confidence", "note"),
]


def residual_frame(
    net: RouteNetwork,
    evidence: Evidence,
    rows: Rows,
    values_kg: NDArray[np.float64],
    multipliers: NDArray[np.float64],
    *,
    estimates: pd.Series | None = None,
) -> pd.DataFrame:
    """Tabulate each evidence row beside its estimate; see `FlowFit`.

    Parameters
    ----------
    net, evidence, rows
        What was estimated from what.
    values_kg, multipliers
        Shape ``(rows,)``: what the fit says of each row, and its multiplier.
    estimates
        Index ``row``: estimates of shares, rates and price gaps in their own unit. Without them
        (None, the default: a method that does not read such rows) those are left out.

    Returns
    -------
    pandas.DataFrame
        Index ``row``; `RESIDUAL_COLUMNS`. Shares, rates and price gaps have no kilograms.
    """
    places = Places.of(net)
    figures = _figures(evidence)
    in_kg = pd.Series(values_kg, index=rows.names, dtype="float64")
    in_kg = in_kg[(figures.loc[in_kg.index, "unit"] == KILOGRAMS.unit).to_numpy()]
    supply_in = evidence.supply[evidence.supply["node"].map(places.known).astype("bool")]
    found = [supply_in["best_kg"], in_kg, *([] if estimates is None else [estimates])]
    estimate = pd.concat([part for part in found if len(part)])
    frame = figures.loc[estimate.index].assign(estimate=estimate)
    frame["multiplier"] = pd.Series(multipliers, index=rows.names).reindex(frame.index)
    difference = frame["estimate"] - frame["figure"]
    frame["residual_sigmas"] = (difference / frame["sd"].where(frame["sd"] > 0)).fillna(0.0)
    frame["kind"] = [str(name).split(":", 1)[0] for name in frame.index]
    between = frame["from_nodes"].notna()
    frame["legs"] = [
        ";".join(legs_between(net.legs, places, r.from_nodes, r.to_nodes)) if is_between else ""
        for r, is_between in zip(frame.itertuples(), between, strict=True)
    ]
    frame["nodes"] = frame["node"].where(~between, "")
    frame["target"] = [_target(row, places) for row in frame.itertuples()]
    frame = _with_bounds(frame)
    for column, of_all in _KILOGRAMS.items():
        frame[column] = frame[of_all].where(frame["unit"] == KILOGRAMS.unit)
    return frame[RESIDUAL_COLUMNS].rename_axis("row")


def _figures(evidence: Evidence) -> pd.DataFrame:
    """Put the tables of evidence together: figure, bounds and spread in their own unit."""
    weights = (evidence.supply, evidence.demand, evidence.seizures, evidence.flows)
    tables = [(table, KILOGRAMS) for table in weights]
    tables += [
        (evidence.shares, SHARE),
        (evidence.interception, RATE),
        (evidence.price_gaps, LOG_RATIO),
    ]
    plain = ("figure", "low", "high", "sd")
    renamed = [
        table.rename(columns=dict(zip(quantity.columns, plain, strict=True))).assign(
            unit=quantity.unit
        )
        for table, quantity in tables
        if len(table)
    ]
    ends = ["node", "from_nodes", "to_nodes", "of_from_nodes", "of_to_nodes"]
    columns = [*ends, *plain, "unit", "source", "edition", "confidence", "note"]
    return pd.concat([table.reindex(columns=columns) for table in renamed])


def _with_bounds(frame: pd.DataFrame) -> pd.DataFrame:
    """Fill bounds that were not published by the 90 % interval of the spread."""
    least = frame["unit"].map({LOG_RATIO.unit: LOG_RATIO.least}).fillna(KILOGRAMS.least)
    most = frame["unit"].map({SHARE.unit: SHARE.most, RATE.unit: RATE.most}).fillna(np.inf)
    low, high = (frame["figure"] + sign * Z90 * frame["sd"] for sign in (-1.0, 1.0))
    return frame.assign(
        low=frame["low"].fillna(low).clip(lower=least),
        high=frame["high"].fillna(high).clip(upper=most),
    )


def _target(row: Any, places: Places) -> str:
    """Say in words what a row speaks of."""
    if pd.isna(row.from_nodes):
        return f"{row.kind}, {places.name(row.node)}"
    between = f"{_named(row.from_nodes, places)} to {_named(row.to_nodes, places)}"
    if row.kind != "share":
        return f"{row.kind.replace('_', ' ')} {between}"
    whole = f"{_named(row.of_from_nodes, places)} to {_named(row.of_to_nodes, places)}"
    return f"share {between} of flow {whole}"


def _named(ids: str, places: Places) -> str:
    if ids == ANYWHERE:
        return "anywhere"
    return ", ".join(places.name(place) for place in places.parts(ids))
