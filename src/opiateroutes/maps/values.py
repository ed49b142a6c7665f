"""Cells of a table as JSON values: a missing number is null, a missing text is empty."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd


def number(value: Any, *, digits: int = 1) -> float | None:
    """Turn a cell into a finite number or None.

    Parameters
    ----------
    value : object
        A cell of a table.
    digits : int, default 1
        Decimal places kept: 0.1 kg is below every rounding on the map and keeps the file small.

    Returns
    -------
    float or None
        None for NA, NaN and infinities, which JSON cannot hold.

    Examples
    --------
    >>> number(12.345), number(float("nan")), number(3.0)
    (12.3, None, 3)
    """
    if value is None or pd.isna(value):
        return None
    result = float(value)
    if not math.isfinite(result):
        return None
    rounded = round(result, digits)
    # 3.0 as 3 and -0.0 as 0: the same number in fewer bytes.
    return int(rounded) if rounded == int(rounded) else rounded


def text(value: Any) -> str:
    """Turn a cell into text, empty where it is missing.

    Examples
    --------
    >>> text(None), text(2010.0), text("Herat")
    ('', '2010', 'Herat')
    """
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def split_ids(value: Any) -> list[str]:
    """Split ids joined by semicolons.

    Examples
    --------
    >>> split_ids("AFG; IRN;")
    ['AFG', 'IRN']
    """
    return [part.strip() for part in text(value).split(";") if part.strip()]
