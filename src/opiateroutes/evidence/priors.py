"""Prior values of nodes: how much is seized of what passes, and how strongly markets pull."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from opiateroutes.evidence.parameters import load_parameters
from opiateroutes.evidence.schema import raise_failures

if TYPE_CHECKING:
    from collections.abc import Iterable

    from opiateroutes.evidence.schema import Failure

__all__ = ["OTHERS", "bounds_of", "checked_priors", "shipped_priors"]

OTHERS = "*"
"""Row of the values for all nodes that have none of their own."""

_COLUMNS = ("interception", "consumption_weight", "unaccounted_weight")
_ENDS = ("low", "high")
_BOUNDS = tuple(f"{name}_{end}" for name in _COLUMNS for end in _ENDS)
_MAY_BE_ZERO = {"unaccounted_weight", *_BOUNDS}


def shipped_priors(nodes: Iterable[str] = ()) -> pd.DataFrame:
    """Look the prior values of nodes up in the shipped parameters, and those for all others.

    Examples
    --------
    >>> shipped_priors(["TJK"]).index.tolist()
    ['*', 'TJK']
    """
    parameters = load_parameters()
    index = [OTHERS, *nodes]
    found = {name: [parameters.get(name, node) for node in index] for name in _COLUMNS}
    values = {name: [value.best for value in column] for name, column in found.items()}
    for end in _ENDS:
        values |= {
            f"{name}_{end}": [getattr(value, end) for value in column]
            for name, column in found.items()
        }
    return pd.DataFrame(values, index=pd.Index(index, name="node", dtype="str"))


def checked_priors(priors: pd.DataFrame) -> pd.DataFrame:
    """Check a table of priors and fill what it leaves out with the shipped general values.

    Parameters
    ----------
    priors
        Index (or column) ``node``; some of the columns ``interception`` (above 0 and below 1),
        ``consumption_weight`` (above 0) and ``unaccounted_weight`` (at least 0; 0 closes the exit),
        each with bounds (``interception_low``, ``interception_high``, ...) for draws.

    Returns
    -------
    pandas.DataFrame
        All columns, with a row ``*``.

    Raises
    ------
    EvidenceError
        With every value out of range, unknown column and node that stands twice.

    Examples
    --------
    >>> own = pd.DataFrame({"node": ["a"], "interception": [0.2]})
    >>> checked_priors(own)["interception"].tolist()
    [0.05, 0.2]
    """
    frame = priors.set_index("node") if "node" in priors else priors
    frame = frame.set_axis(pd.Index(frame.index.astype("str"), name="node"), axis=0)
    double = frame.index[frame.index.duplicated()].unique()
    failures: list[Failure] = [
        ("priors", node, "node", node, "the node stands twice", "") for node in double
    ]
    failures += [
        ("priors", "", str(column), column, "no such prior", f"there are {', '.join(_COLUMNS)}")
        for column in frame.columns.difference([*_COLUMNS, *_BOUNDS])
    ]
    values = frame.reindex(columns=[*_COLUMNS, *_BOUNDS]).apply(pd.to_numeric, errors="coerce")
    for column in values:
        given = frame[column].notna() if column in frame else pd.Series(False, index=frame.index)
        number = values[column]
        fine = number >= 0 if column in _MAY_BE_ZERO else number > 0
        fine &= number < (1.0 if str(column).startswith("interception") else np.inf)
        failures += [
            ("priors", node, column, frame.at[node, column], f"out of range for {column}", "")
            for node in frame.index[given & ~fine]
        ]
    raise_failures(failures, "the priors cannot be used")
    general = shipped_priors()
    if OTHERS not in values.index:
        values = pd.concat([general, values])
    missing = values.isna()
    for name, end in itertools.product(_COLUMNS, _ENDS):
        # The bounds of others are not those of a value that somebody gave.
        missing[f"{name}_{end}"] &= missing[name]
    filled = values.fillna(values.loc[OTHERS]).fillna(general.loc[OTHERS])
    return values.mask(missing, filled)


def bounds_of(priors: pd.DataFrame, column: str, node: str) -> tuple[float, float, float]:
    """Look a prior value up with its bounds, which are read as a 90 % interval.

    Parameters
    ----------
    priors
        From `checked_priors` or `shipped_priors`.
    column
        ``interception``, ``consumption_weight`` or ``unaccounted_weight``.
    node
        A node; the row ``*`` serves where it has none of its own.

    Returns
    -------
    tuple of float
        Low, best, high; all equal where no bounds are given.

    Examples
    --------
    >>> bounds_of(shipped_priors(), "consumption_weight", "DEU")
    (2.0, 10.0, 50.0)
    """
    row = node if node in priors.index and not np.isnan(priors.at[node, column]) else OTHERS
    best = float(priors.at[row, column])
    low, high = (float(priors.at[row, f"{column}_{end}"]) for end in _ENDS)
    # Bounds that leave the value out are those of another value.
    return (low, best, high) if low <= best <= high else (best, best, best)
