"""What a rule finds wrong: one row a failure, with the same columns in every error and finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Failure", "failure_table"]

Failure = tuple[str, str, str, object, str, str]
"""Table, row, column, value, rule and hint."""


def failure_table(failures: Sequence[Failure]) -> pd.DataFrame:
    """Lay failures out as the table that an error carries.

    Examples
    --------
    >>> failure_table([("legs", "a>b:leg", "cost", "x", "must be a number", "")])["value"].tolist()
    ['x']
    """
    columns = ["table", "row", "column", "value", "rule", "hint"]
    return pd.DataFrame(list(failures), columns=columns)
