"""Bounds as published: in the wrong order, or with the best estimate outside of them.

Published tables hold both. Bounds in the wrong order are not used; a best estimate outside of its
bounds is used as it stands. Either is said in the note of its row and in a warning.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from opiateroutes.errors import EvidenceWarning

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CROSSED", "OUTSIDE", "is_crossed", "is_outside", "joined_notes", "mended_bounds"]

CROSSED = "bounds published in the wrong order, left out"
OUTSIDE = "best estimate outside of its own bounds, as published"


def is_crossed(frame: pd.DataFrame) -> pd.Series:
    """Tell where ``low`` is above ``high``."""
    return frame["low"] > frame["high"]


def is_outside(frame: pd.DataFrame) -> pd.Series:
    """Tell where ``best`` is below ``low`` or above ``high``.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"low": [1.0, None], "best": [0.5, 3.0], "high": [2.0, 4.0]})
    >>> is_outside(rows).tolist()
    [True, False]
    """
    return (frame["best"] < frame["low"]) | (frame["best"] > frame["high"])


def joined_notes(note: pd.Series, where: pd.Series, words: str) -> pd.Series:
    """Add words to the notes of some rows.

    Examples
    --------
    >>> import pandas as pd
    >>> joined_notes(pd.Series(["a", ""]), pd.Series([True, True]), "b").tolist()
    ['a; b', 'b']
    """
    longer = note.map(lambda text: f"{text}; {words}" if text else words)
    return note.where(~where, longer)


def mended_bounds(frame: pd.DataFrame, *, file: str) -> pd.DataFrame:
    """Leave out bounds in the wrong order, and say so where best estimates are outside of theirs.

    Parameters
    ----------
    frame
        Columns ``low``, ``best``, ``high``, ``note``; the index tells rows in the warning.
    file
        For the warning.

    Returns
    -------
    pandas.DataFrame
        The same rows.

    Warns
    -----
    EvidenceWarning
        If there are such rows.
    """
    crossed = is_crossed(frame)
    outside = is_outside(frame) & ~crossed
    note = joined_notes(frame["note"], crossed, CROSSED)
    note = joined_notes(note, outside, OUTSIDE)
    for rows, words in ((crossed, CROSSED), (outside, OUTSIDE)):
        if rows.any():
            listed = ", ".join(str(row) for row in frame.index[rows][:5])
            warnings.warn(
                f"{file}: {words}, in {int(rows.sum())} row(s): {listed}",
                EvidenceWarning,
                stacklevel=4,
            )
    return frame.assign(
        low=frame["low"].where(~crossed), high=frame["high"].where(~crossed), note=note
    )
