"""What is probably wrong in a table although it breaks no rule.

Published tables do hold such figures, so they are warnings; ``strict=True`` makes them errors.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.errors import EvidenceWarning
from opiateroutes.evidence.merging import CELLS
from opiateroutes.evidence.schema import raise_failures

if TYPE_CHECKING:
    import pandas as pd

    from opiateroutes.evidence.schema import Failure

__all__ = ["check_doubts", "doubts_of"]

_JUMP = 20.0
"""Factor between two years that is more often a unit or a comma than the world."""

_JUMP_YEARS = 3
_SMALLEST_OF_JUMP = {"seizures": 100.0, "population": 1.0, "prevalence": 0.01}
"""Small quantities jump by chance: one consignment of 90 kg makes a year."""

_USUAL: dict[str, tuple[str, float, float, str]] = {
    "seizures": ("best_kg", 0.0, 2e6, "kilograms expected; grams or litres?"),
    "prevalence": ("best_percent", 0.0, 20.0, "percent of the population expected"),
    "population": ("persons", 100.0, 2e9, "persons aged 15-64 expected; thousands?"),
    "prices": ("best_usd_per_kg", 10.0, 5e6, "USD per kilogram expected; per gram?"),
    "purities": ("best_percent", 0.0, 100.0, "percent expected"),
}
"""Column, lowest and highest usual value, hint: wide enough for every figure that ships."""

_UNNAMED_SOURCES = ("user_file", "unknown")


def doubts_of(frame: pd.DataFrame, table: str) -> list[Failure]:
    """List what is doubtful in a table of the project's schema.

    Best estimates outside of their own bounds; jumps by a factor of 20 within three years; sources
    without a name; magnitudes that suggest another unit.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = {"node": ["IRN"] * 2, "commodity": "opium", "year": [2009, 2010]}
    >>> rows["best_kg"] = [500.0, 5e5]
    >>> [doubt[4] for doubt in doubts_of(pd.DataFrame(rows), "seizures")]
    ['1,000 times the figure of 2009']
    """
    return [
        *_outside_bounds(frame, table),
        *_jumps(frame, table),
        *_unnamed_sources(frame, table),
        *_odd_magnitudes(frame, table),
    ]


def check_doubts(frame: pd.DataFrame, table: str, *, strict: bool) -> None:
    """Warn of what is doubtful in a table, or refuse it.

    Raises
    ------
    EvidenceError
        If ``strict`` and something is doubtful.

    Warns
    -----
    EvidenceWarning
        If something is doubtful and not ``strict``.
    """
    found = doubts_of(frame, table)
    if strict:
        raise_failures(found, f"table {table!r} is doubtful in {len(found)} place(s)")
    elif found:
        first = "; ".join(
            f"row {row}, {column}: {rule}" for _, row, column, _, rule, _ in found[:3]
        )
        warnings.warn(
            f"table {table!r} is doubtful in {len(found)} place(s): {first}",
            EvidenceWarning,
            stacklevel=3,
        )


def _outside_bounds(frame: pd.DataFrame, table: str) -> list[Failure]:
    found: list[Failure] = []
    for column in frame.columns:
        name = str(column)
        low, high = name.replace("best_", "low_"), name.replace("best_", "high_")
        if not name.startswith("best_") or low not in frame or high not in frame:
            continue
        outside = (frame[name] < frame[low]) | (frame[name] > frame[high])
        rule = "best estimate outside of its own bounds"
        found += [(table, row, name, frame.at[row, name], rule, "") for row in frame.index[outside]]
    return found


def _jumps(frame: pd.DataFrame, table: str) -> list[Failure]:
    usual = _USUAL.get(table)
    keys = [key for key in CELLS.get(table, ()) if key != "year"]
    if table not in _SMALLEST_OF_JUMP or usual is None or not {*keys, "year"} <= {*frame.columns}:
        return []
    value = usual[0]
    ordered = frame.sort_values([*keys, "year"], kind="stable")
    before = ordered.groupby(keys, dropna=False)[[value, "year"]].shift()
    ratio = (ordered[value] / before[value]).astype("float64")
    near = (ordered["year"] - before["year"]).astype("float64") <= _JUMP_YEARS
    large = np.maximum(ordered[value], before[value]) >= _SMALLEST_OF_JUMP[table] * _JUMP
    jump = near & large & np.isfinite(ratio) & ((ratio >= _JUMP) | (ratio <= 1 / _JUMP))
    return [
        (
            table,
            row,
            value,
            ordered.at[row, value],
            f"{_figure(ratio[row])} times the figure of {int(before.at[row, 'year'])}",
            "check the unit and the decimal point",
        )
        for row in ordered.index[jump]
    ]


def _figure(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 1 else f"{ratio:.2g}"


def _unnamed_sources(frame: pd.DataFrame, table: str) -> list[Failure]:
    if "source" not in frame:
        return []
    unnamed = frame["source"].isin(_UNNAMED_SOURCES)
    hint = "name the publication"
    return [
        (table, row, "source", frame.at[row, "source"], "the source has no name", hint)
        for row in frame.index[unnamed][:1]
    ]


def _odd_magnitudes(frame: pd.DataFrame, table: str) -> list[Failure]:
    if table not in _USUAL or _USUAL[table][0] not in frame:
        return []
    column, low, high, hint = _USUAL[table]
    odd = (frame[column] < low) | (frame[column] > high)
    return [
        (table, row, column, frame.at[row, column], "unusual magnitude", hint)
        for row in frame.index[odd.fillna(value=False)]
    ]
