"""Rows that do not enter a table: left out one reason at a time, and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["without"]


def without(
    frame: pd.DataFrame, unusable: pd.Series, why: str, counts: dict[str, int]
) -> pd.DataFrame:
    """Return a table without some of its rows, and count them under a reason.

    Parameters
    ----------
    frame
        The table.
    unusable
        True where a row is left out; same index.
    why
        The reason, in words that a reader understands.
    counts
        Rows left out so far by reason; the new ones are added.

    Returns
    -------
    pandas.DataFrame
        The other rows.

    Examples
    --------
    >>> import pandas as pd
    >>> counts = {}
    >>> rows = pd.DataFrame({"kg": [1.0, None]})
    >>> len(without(rows, rows["kg"].isna(), "no weight", counts)), counts
    (1, {'no weight': 1})
    """
    number = int(unusable.sum())
    if number:
        counts[why] = counts.get(why, 0) + number
    return frame[~unusable]
