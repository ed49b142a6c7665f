"""Cells of the tables of a chokepoint report: an estimate above, its interval below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from opiateroutes.reports.document import Cell, Column

if TYPE_CHECKING:
    from collections.abc import Callable

    from opiateroutes.reports.wording import Wording

__all__ = [
    "KILOGRAMS",
    "PERCENT",
    "WHOLE",
    "drop_interval",
    "interval_column",
    "known",
    "range_cell",
    "range_column",
    "rank_interval",
    "share_cell",
    "unit_name",
    "weight_cell",
]

PERCENT, KILOGRAMS, WHOLE = "0.0%", "#,##0", "0"
"""Formats of numbers in a workbook."""


def known(value: Any) -> float | None:
    """Return a number, or None where it is missing."""
    return None if value is None or pd.isna(value) else float(value)


def interval_column(words: Wording, heading: str, number_format: str) -> Column:
    """Make a column of estimates with intervals; a workbook has three for it."""
    whole = f"{heading}, kg" if number_format == KILOGRAMS else heading
    low, high = words.say("low"), words.say("high")
    heads = (whole, f"{whole}, {low}", f"{whole}, {high}")
    return Column(heading, "end", heads, number_format)


def range_column(words: Wording, heading: str, number_format: str) -> Column:
    """Make a column of intervals, beside one of estimates; a workbook has two for it."""
    whole = f"{heading}, kg" if number_format == KILOGRAMS else heading
    low, high = words.say("low"), words.say("high")
    heads = (f"{whole}, {low}", f"{whole}, {high}")
    return Column(words.say("90% interval"), "end", heads, number_format)


def range_cell(words: Wording, write: Callable[[float], str], low: Any, high: Any) -> Cell:
    """Make a cell of an interval, which may be missing."""
    ends = known(low), known(high)
    if ends[0] is None or ends[1] is None:
        return Cell(words.say("not known"), numbers=ends)
    return Cell(words.interval(write(ends[0]), write(ends[1])), numbers=ends)


def share_cell(words: Wording, share: Any, low: Any = None, high: Any = None) -> Cell:
    """Make a cell of a share with its interval, which may be missing."""
    return _cell(words, words.percent, share, low, high)


def weight_cell(words: Wording, quantity_kg: Any, low_kg: Any = None, high_kg: Any = None) -> Cell:
    """Make a cell of a weight with its interval, which may be missing."""
    return _cell(words, words.weight, quantity_kg, low_kg, high_kg)


def drop_interval(words: Wording, row: Any) -> str:
    """Say the interval of a drop; the row has ``drop_low`` and ``drop_high``."""
    low, high = (_field(row, name) for name in ("drop_low", "drop_high"))
    return words.interval(words.percent(low), words.percent(high))


def rank_interval(words: Wording, row: Any) -> str:
    """Say the interval of a rank; one number where both ends are the same."""
    low, high = round(float(row["rank_low"])), round(float(row["rank_high"]))
    return str(low) if low == high else words.interval(str(low), str(high))


def unit_name(words: Wording, unit: str) -> str:
    """Name the unit of the flows in the language of the report."""
    return words.say("heroin equivalent") if unit == "kg heroin equivalent" else unit


def _field(row: Any, name: str) -> float:
    value = row[name] if isinstance(row, pd.Series) else getattr(row, name)
    return float("nan") if known(value) is None else float(value)


def _cell(words: Wording, write: Callable[[float], str], *values: Any) -> Cell:
    best, low, high = (known(value) for value in values)
    text = words.say("not known") if best is None else write(best)
    detail = ""
    if low is not None and high is not None:
        detail = words.interval(write(low), write(high))
    return Cell(text, detail, (best, low, high))
