"""Values of the columns that the library computes with: numbers, and yes or no."""

from __future__ import annotations

import numbers
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from opiateroutes.network.failures import Failure

__all__ = ["read_leg_values", "read_node_values"]

_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}
_AMOUNT = "a finite number of at least 0"


def read_node_values(frame: pd.DataFrame) -> list[Failure]:
    """Read ``population`` of a table of nodes in place; return what is wrong with it.

    Examples
    --------
    >>> frame = pd.DataFrame({"population": ["12", None]})
    >>> read_node_values(frame), frame["population"].tolist()
    ([], [12.0, nan])
    """
    if "population" not in frame:
        return []
    given = frame["population"]
    found, failures = _numbers(given, "nodes", _AMOUNT)
    failures += [
        ("nodes", str(row), "population", value, f"must be {_AMOUNT}", "")
        for row, value in given.items()
        if isinstance(value, bool | np.bool_)
    ]
    if not pd.api.types.is_numeric_dtype(given.dtype) or failures:
        frame["population"] = found
    return failures


def read_leg_values(frame: pd.DataFrame) -> list[Failure]:
    """Read ``distance_km``, ``cost`` and ``border`` of a table of legs in place.

    Examples
    --------
    >>> frame = pd.DataFrame({"border": ["Yes", "no"], "cost": ["much", "1"]})
    >>> read_leg_values(frame)
    [('legs', '0', 'cost', 'much', 'must be a number', '')]
    >>> frame["border"].tolist()
    [True, False]
    """
    failures: list[Failure] = []
    for column, allowed in (("distance_km", _AMOUNT), ("cost", "a number")):
        if column in frame:
            frame[column], wrong = _numbers(frame[column], "legs", allowed)
            failures += wrong
    if "border" in frame:
        frame["border"], wrong = _truths(frame["border"])
        failures += wrong
    return failures


def _numbers(given: pd.Series, table: str, allowed: str) -> tuple[pd.Series, list[Failure]]:
    found = pd.to_numeric(given, errors="coerce").astype("float64")
    bad = given.notna() & found.isna()
    if allowed == _AMOUNT:
        bad |= (found < 0) | np.isinf(found)
    failures: list[Failure] = [
        (table, str(row), str(given.name), value, f"must be {allowed}", "")
        for row, value in given[bad.to_numpy()].items()
    ]
    return found, failures


def _truths(given: pd.Series) -> tuple[pd.Series, list[Failure]]:
    missing = given.isna().to_numpy()
    read = [
        None if gap else _truth(value) for value, gap in zip(given.tolist(), missing, strict=True)
    ]
    failures: list[Failure] = [
        ("legs", str(row), "border", value, "must be true or false", "yes, no, 1 and 0 also do")
        for (row, value), truth, gap in zip(given.items(), read, missing, strict=True)
        if truth is None and not gap
    ]
    kind = "bool" if not missing.any() and not failures else "boolean"
    return pd.Series(pd.array(read, dtype="boolean"), index=given.index).astype(kind), failures


def _truth(value: Any) -> bool | None:
    """Return what a value means, or nothing.

    Examples
    --------
    >>> _truth(" YES "), _truth(0.0), _truth(2), _truth("maybe")
    (True, False, None, None)
    """
    if isinstance(value, str):
        return _TRUTHS.get(value.strip().casefold())
    if isinstance(value, bool | np.bool_ | numbers.Real) and value in (0, 1):
        return bool(value)
    return None
