"""Leaving figures out of an estimate without closing the exits that they open.

A place without a figure has no exit, so that a figure which is simply dropped is predicted to be
nothing. What is left out here keeps its exit and its row, worth nothing: its spread is a hundred
times the supply, and its value is that of an ordinary other figure of its table.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from opiateroutes.evidence import Evidence

__all__ = ["PREDICTED", "worthless"]

PREDICTED = ("demand", "seizures", "flows")
"""Tables of figures that can be left out and predicted."""

_RATIOS = ("shares", "interception", "price_gaps")
_TIMES_THE_SUPPLY = 100.0


def worthless(evidence: Evidence, rows: Collection[object]) -> Evidence:
    """Take what some rows say out of the evidence.

    Parameters
    ----------
    evidence
        The evidence.
    rows
        Names of rows. Those of supply stay as they are: without it nothing moves. Shares, rates and
        price gaps are dropped.

    Returns
    -------
    Evidence
        In which ``rows`` of demand, seizures and flows stand with the median of the other figures
        of their table (of the supply, if there are none) and a spread beyond all use.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> evidence = opr.load_evidence(2010)
    >>> left = worthless(evidence, evidence.seizures.index)
    >>> bool(left.seizures["sd_kg"].min() > 10 * evidence.supply["best_kg"].sum())
    True
    """
    supply = float(evidence.supply["best_kg"].sum())
    tables: dict[str, Any] = {
        name: _without_weight(getattr(evidence, name), rows, supply) for name in PREDICTED
    }
    for name in _RATIOS:
        table = getattr(evidence, name)
        tables[name] = table[~table.index.isin(list(rows))]
    return replace(evidence, **tables)


def _without_weight(
    table: pd.DataFrame, rows: Collection[object], supply_kg: float
) -> pd.DataFrame:
    out = table.index.isin(list(rows))
    others = table.loc[~out & (table["best_kg"] > 0), "best_kg"]
    ordinary = float(others.median()) if len(others) else supply_kg / max(1, len(table))
    changed = table.copy()
    changed.loc[out, "best_kg"] = ordinary
    changed.loc[out, ["low_kg", "high_kg"]] = float("nan")
    changed.loc[out, "sd_kg"] = _TIMES_THE_SUPPLY * max(supply_kg, ordinary)
    return changed
