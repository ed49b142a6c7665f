"""Positive figures of nodes with bounds, such as prices: checked, each with a lognormal spread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from opiateroutes.evidence.parameters import Z90, load_parameters, relative_sd
from opiateroutes.evidence.schema import numbers_of, raise_failures, text_failures

if TYPE_CHECKING:
    from opiateroutes.evidence.schema import Failure

__all__ = ["spread_figures"]


def spread_figures(frame: pd.DataFrame, table: str, unit: str, *, commodity: str) -> pd.DataFrame:
    """Check a table of positive figures about nodes and give each a spread.

    Parameters
    ----------
    frame
        ``node`` and ``best_<unit>``; optional ``low_<unit>``, ``high_<unit>`` (read as a 90 %
        interval), ``commodity``, ``confidence`` (``high``, ``medium``, ``low``), ``note``. Rows
        without a best estimate take the middle of their bounds, and are left out where a bound is
        missing: no figure is no figure.
    table
        Its name, for messages.
    unit
        ``"usd_per_kg"`` or ``"percent"``.
    commodity
        What rows without a commodity are about.

    Returns
    -------
    pandas.DataFrame
        Index ``node`` and ``commodity``; ``best``, ``log_sd`` (standard deviation of the logarithm:
        from the bounds; without them 15, 25 or 50 % of the figure by confidence, an assumption of
        ``evidence/parameters``), ``note``.

    Raises
    ------
    EvidenceError
        With every failure: columns missing, no number, not above 0, bounds that do not enclose the
        best estimate, a node (and commodity) twice.

    Examples
    --------
    >>> own = pd.DataFrame({"node": ["a"], "best_usd_per_kg": [2000.0]})
    >>> spread_figures(own, "prices", "usd_per_kg", commodity="heroin")["log_sd"].round(2).tolist()
    [0.47]
    """
    names = [f"{part}_{unit}" for part in ("low", "best", "high")]
    if frame.index.name == "node" and "node" not in frame:
        frame = frame.reset_index()
    lacking: list[Failure] = [
        (
            table,
            "",
            column,
            None,
            "the column is missing",
            f"there are {', '.join(map(str, frame))}",
        )
        for column in ("node", names[1])
        if column not in frame
    ]
    raise_failures(lacking, f"{table} cannot be used")
    frame = frame.reindex(columns=[*names, "node", "commodity", "confidence", "note"])
    failures = text_failures(frame, table, names)
    low, best, high = (numbers_of(frame[name]) for name in names)
    middle = best.isna() & low.notna() & high.notna()
    best = best.where(~middle, (low + high) / 2)
    notes = frame["note"].astype("object").where(frame["note"].notna(), "").astype("str")
    figures = pd.DataFrame(
        {
            "node": frame["node"].astype("str"),
            "commodity": frame["commodity"].astype("object").fillna(commodity).astype("str"),
            "best": best,
            "low": low,
            "high": high,
            "confidence": frame["confidence"],
            "note": notes.where(~middle, (notes + " [middle of the bounds]").str.strip()),
        }
    )
    raise_failures(
        [*failures, *_range_failures(figures, table, unit)],
        f"{table} cannot be used",
    )
    figures = figures[figures["best"].notna()]
    figures = figures.assign(log_sd=_log_sd(figures)).set_index(["node", "commodity"])
    return figures[["best", "log_sd", "note"]]


def _range_failures(figures: pd.DataFrame, table: str, unit: str) -> list[Failure]:
    failures: list[Failure] = [
        (table, row, f"{part}_{unit}", value, "must be above 0 and finite", "leave the cell empty")
        for part in ("low", "best", "high")
        for row, value in figures[part].items()
        if value <= 0 or value == np.inf
    ]
    outside = (figures["low"] > figures["best"]) | (figures["high"] < figures["best"])
    failures += [
        (table, row, f"best_{unit}", value, "outside of its bounds", "correct or empty the bounds")
        for row, value in figures.loc[outside, "best"].items()
    ]
    given = figures[figures["best"].notna()]
    double = given[given.duplicated(["node", "commodity"])]
    failures += [
        (table, row, "node", node, "the node stands twice", "choose one level, year and row")
        for row, node in double["node"].items()
    ]
    return failures


def _log_sd(figures: pd.DataFrame) -> pd.Series:
    low, best, high = (np.log(figures[part]) for part in ("low", "best", "high"))
    both = (high - low) / (2 * Z90)
    one = (high.fillna(low) - best).abs() / Z90
    relative = relative_sd(figures["confidence"], load_parameters())
    stated = both.where(both > 0).fillna(one.where(one > 0))
    # A bound equal to the figure is a figure without bounds.
    return stated.fillna(np.sqrt(np.log1p(relative**2))).astype("float64")
