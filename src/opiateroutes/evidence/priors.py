"""Prior values of nodes: how much is seized of what passes, and how strongly markets pull."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from opiateroutes.evidence.parameters import load_parameters
from opiateroutes.evidence.schema import raise_failures

if TYPE_CHECKING:
    from collections.abc import Iterable

    from opiateroutes.evidence.schema import Failure

__all__ = ["OTHERS", "checked_priors", "shipped_priors"]

OTHERS = "*"
"""Row of the values for all nodes that have none of their own."""

_COLUMNS = ("interception", "consumption_weight", "unaccounted_weight")


def shipped_priors(nodes: Iterable[str] = ()) -> pd.DataFrame:
    """Look the prior values of nodes up in the shipped parameters, and those for all others.

    Examples
    --------
    >>> shipped_priors(["TJK"]).index.tolist()
    ['*', 'TJK']
    """
    parameters = load_parameters()
    index = [OTHERS, *nodes]
    values = {name: [parameters.get(name, node).best for node in index] for name in _COLUMNS}
    return pd.DataFrame(values, index=pd.Index(index, name="node", dtype="str"))


def checked_priors(priors: pd.DataFrame) -> pd.DataFrame:
    """Check a table of priors and fill what it leaves out with the shipped general values.

    Parameters
    ----------
    priors
        Index (or column) ``node``; some of the columns ``interception`` (above 0 and below 1),
        ``consumption_weight`` (above 0) and ``unaccounted_weight`` (at least 0; 0 closes the exit).

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
        for column in frame.columns.difference(list(_COLUMNS))
    ]
    values = frame.reindex(columns=list(_COLUMNS)).apply(pd.to_numeric, errors="coerce")
    upper = {"interception": 1.0}
    for column in _COLUMNS:
        least_excluded = column != "unaccounted_weight"
        given = frame[column].notna() if column in frame else pd.Series(False, index=frame.index)
        number = values[column]
        fine = number > 0 if least_excluded else number >= 0
        fine &= number < upper.get(column, np.inf)
        failures += [
            ("priors", node, column, frame.at[node, column], f"out of range for {column}", "")
            for node in frame.index[given & ~fine]
        ]
    raise_failures(failures, "the priors cannot be used")
    general = shipped_priors()
    if OTHERS not in values.index:
        values = pd.concat([general, values])
    return values.fillna(values.loc[OTHERS]).fillna(general.loc[OTHERS])
