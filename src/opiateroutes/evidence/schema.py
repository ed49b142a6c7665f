"""The rules of evidence tables, read from the data dictionary and checked with pandera.

All failures of a table are collected into one error. What is doubtful but usable (a best estimate
outside of its own bounds, as in some published annexes) is a warning, or an error when ``strict``.
"""

from __future__ import annotations

import datetime as dt
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pandera.errors
import pandera.pandas as pa

from opiateroutes.data import dictionary
from opiateroutes.errors import EvidenceError, EvidenceWarning
from opiateroutes.evidence.quantity import KILOGRAMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opiateroutes.evidence.quantity import Quantity

__all__ = [
    "Failure",
    "bound_failures",
    "check_table",
    "raise_failures",
    "row_failures",
    "text_failures",
    "warn_of_bounds",
]

Failure = tuple[str, Any, str, Any, str, str]
"""Table, row, column, value, rule and hint."""

_CONFIDENCE = ("high", "medium", "low")


_NO_WEIGHTS = (bool, np.bool_, complex, dt.date, dt.timedelta, np.datetime64)
"""Types that pandas would turn into numbers."""


def check_table(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Check a table in the project's schema against the data dictionary.

    Parameters
    ----------
    frame
        The table.
    table
        Its name in the dictionary, for example ``"seizures"``.

    Returns
    -------
    pandas.DataFrame
        The table as it came.

    Raises
    ------
    EvidenceError
        With every failure: columns missing, types wrong, required cells empty, values not allowed,
        numbers negative or not finite.

    Examples
    --------
    >>> from opiateroutes.data import read_evidence_table
    >>> len(check_table(read_evidence_table("groups"), "groups"))
    5
    """
    rules = dictionary(table)
    numbers = [row["column"] for row in rules if row["type"] != "text" and row["column"] in frame]
    # pandera says of text among numbers that the column has the wrong type, not where it stands.
    failures = text_failures(frame, table, numbers)
    unread = {column for _, _, column, *_ in failures}
    columns = {row["column"]: _column(row) for row in rules if row["column"] not in unread}
    failures += _schema_failures(frame, pa.DataFrameSchema(columns), table)
    raise_failures(failures, f"table {table!r} breaks its rules in {len(failures)} place(s)")
    return frame


def numbers_of(cells: pd.Series) -> pd.Series:
    """Read cells as numbers; what is no number is missing.

    Examples
    --------
    >>> numbers_of(pd.Series([1, "2", "about 3", True])).tolist()
    [1.0, 2.0, nan, nan]
    """
    # pandas would count truth as 1 and a date in nanoseconds.
    odd = cells.map(lambda value: isinstance(value, _NO_WEIGHTS)).astype("bool")
    plain = cells.astype("object").where(~odd, None)
    return pd.to_numeric(plain, errors="coerce").astype("float64")


def text_failures(frame: pd.DataFrame, table: str, numbers: Sequence[str]) -> list[Failure]:
    """Find cells of number columns that hold something else.

    Examples
    --------
    >>> text_failures(pd.DataFrame({"kg": [1, "about 2"]}), "supply", ["kg"])[0][:4]
    ('supply', 1, 'kg', 'about 2')
    """
    failures: list[Failure] = []
    for column in numbers:
        given = frame[column]
        unread = given.notna() & numbers_of(given).isna()
        failures += [
            (table, row, column, value, "must be a number", "")
            for row, value in given[unread].items()
        ]
    return failures


def row_failures(
    frame: pd.DataFrame, table: str, *, keys: tuple[str, ...], quantity: Quantity = KILOGRAMS
) -> list[Failure]:
    """Check a user's table of quantities: keys present, figures finite and within their range.

    Examples
    --------
    >>> rows = {"node": ["a"], "low_kg": [0.0], "best_kg": [-1.0], "high_kg": [2.0], "sd_kg": [1.0]}
    >>> row_failures(pd.DataFrame({**rows, "confidence": "low"}), "supply", keys=("node",))[0][2:5]
    ('best_kg', -1.0, 'must be at least 0')
    """
    text = {key: pa.Column(nullable=False) for key in keys}
    ranges = dict.fromkeys(quantity.columns, (quantity.least, quantity.most))
    ranges[quantity.sd] = (0.0, np.inf)
    figures = {
        name: pa.Column(float, nullable=True, checks=_range_checks(*ranges[name]))
        for name in (quantity.low, quantity.best, quantity.high, quantity.sd)
    }
    confidence = {"confidence": pa.Column(nullable=True, checks=[_one_of(_CONFIDENCE)])}
    return _schema_failures(frame, pa.DataFrameSchema({**text, **figures, **confidence}), table)


def bound_failures(
    frame: pd.DataFrame, table: str, quantity: Quantity = KILOGRAMS
) -> tuple[list[Failure], list[Failure]]:
    """Find bounds in the wrong order, and best estimates outside of their own bounds.

    Returns
    -------
    crossed : list
        Lower bounds above their upper bounds: wrong.
    outside : list
        Best estimates outside of their bounds: doubtful, as in some published annexes.

    Examples
    --------
    >>> rows = pd.DataFrame({"low_kg": [2.0, 5.0], "best_kg": [1.0, 4.0], "high_kg": [3.0, 3.0]})
    >>> [len(failures) for failures in bound_failures(rows, "supply")]
    [1, 1]
    """
    best, low, high = (frame[name] for name in (quantity.best, quantity.low, quantity.high))
    is_crossed = low > high
    is_outside = (best < low) | (best > high)
    crossed: list[Failure] = [
        (table, row, quantity.low, value, "lower bound above upper bound", "swap them")
        for row, value in low[is_crossed.to_numpy()].items()
    ]
    outside: list[Failure] = [
        (table, row, quantity.best, value, "best estimate outside of its bounds", "")
        for row, value in best[(is_outside & ~is_crossed).to_numpy()].items()
    ]
    return crossed, outside


def warn_of_bounds(doubtful: list[Failure], *, stacklevel: int) -> None:
    """Warn of best estimates outside of their own bounds.

    Warns
    -----
    EvidenceWarning
        Always.
    """
    rows = ", ".join(str(row) for _, row, *_ in doubtful[:5])
    warnings.warn(
        f"best estimate outside of its own bounds in {len(doubtful)} row(s): {rows}; "
        "the estimate is used, the bounds give its spread",
        EvidenceWarning,
        stacklevel=stacklevel,
    )


def raise_failures(failures: list[Failure], message: str) -> None:
    """Raise one `EvidenceError` with all failures; do nothing when there is none."""
    if failures:
        columns = ["table", "row", "column", "value", "rule", "hint"]
        raise EvidenceError(message, pd.DataFrame(failures, columns=columns))


def _range_checks(least: float = 0.0, most: float = np.inf) -> list[pa.Check]:
    infinite = [bound for bound in (least, most) if np.isinf(bound)]
    checks = [pa.Check(lambda s: ~s.isin(infinite), error="must be finite")]
    if np.isfinite(least):
        checks.append(pa.Check(lambda s: s >= least, error=f"must be at least {least:g}"))
    if np.isfinite(most):
        checks.append(pa.Check(lambda s: s <= most, error=f"must be at most {most:g}"))
    return checks


def _one_of(allowed: Sequence[str]) -> pa.Check:
    return pa.Check.isin(allowed, error=f"must be one of {', '.join(allowed)}")


def _column(row: dict[str, str]) -> pa.Column:
    checks: list[pa.Check] = []
    if row["type"] != "text" and row["unit"] != "as unit":
        checks = _range_checks()
    elif "|" in row["unit"]:
        checks = [_one_of(row["unit"].split("|"))]
    types: dict[str, Any] = {"text": "str", "integer": "Int64", "number": float}
    return pa.Column(types[row["type"]], nullable=row["required"] != "yes", checks=checks)


def _schema_failures(frame: pd.DataFrame, schema: pa.DataFrameSchema, table: str) -> list[Failure]:
    try:
        schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        return [
            (
                table,
                "" if pd.isna(case.index) else case.index,
                case.failure_case if str(case.check) == "column_in_dataframe" else case.column,
                case.failure_case,
                _rule(str(case.check)),
                "",
            )
            for case in error.failure_cases.itertuples(index=False)
        ]
    return []


def _rule(check: str) -> str:
    if check == "column_in_dataframe":
        return "the column is missing"
    if check == "not_nullable":
        return "must not be empty"
    if check.startswith(("dtype", "coerce_dtype")):
        return f"wrong type, {check} expected"
    return check
