"""Shipped and own figures put together, by rules that are stated and shown.

A figure of a later folder goes before one of an earlier folder, and any folder goes before what
ships; within one origin the newest edition of a cell counts. What gave way is listed, never lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CELLS", "merged"]

CELLS: dict[str, tuple[str, ...]] = {
    "consumption": ("node", "year", "commodity"),
    "flows": ("year", "from_group", "to_group", "commodity"),
    "population": ("node", "year"),
    "prevalence": ("node", "territory", "year", "age_group"),
    "seizures": ("node", "year", "commodity"),
    "supply": ("node", "year", "indicator"),
}
"""What makes two rows of a table speak of the same thing."""

_VALUES = {"population": "persons", "prevalence": "best_percent"}


def merged(
    table: str, frames: Sequence[tuple[str, pd.DataFrame]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put the frames of one table together, the last one going before the others.

    Parameters
    ----------
    table
        Name of the table.
    frames
        Origin (the word "shipped", or a folder) and rows, weakest first.

    Returns
    -------
    rows : pandas.DataFrame
        Rows that count, with the types of the first frame.
    replaced : pandas.DataFrame
        One row for each figure that gave way: ``table``, ``cell``, ``kept_from``, ``kept``,
        ``replaced_from``, ``replaced``.

    Examples
    --------
    >>> cell = {"node": ["IRN"], "year": [2010], "commodity": ["heroin"]}
    >>> old, new = (pd.DataFrame({**cell, "best_kg": [kg], "edition": [1]}) for kg in (1.0, 2.0))
    >>> rows, replaced = merged("seizures", [("shipped", old), ("own", new)])
    >>> rows["best_kg"].tolist(), replaced["replaced"].tolist()
    ([2.0], [1.0])
    """
    keys = list(CELLS[table])
    value = _VALUES.get(table, "best_kg")
    kept, gone = frames[-1][1], []
    origin = pd.Series(frames[-1][0], index=kept.index)
    for name, frame in reversed(frames[:-1]):
        taken = _cells(kept, keys)
        mine = _cells(frame, keys)
        beaten = mine.isin(set(taken))
        if beaten.any():
            best = pd.DataFrame({"cell": taken, "kept_from": origin, "kept": kept[value]})
            best = best.drop_duplicates("cell", keep="last").set_index("cell")
            out = pd.DataFrame({"cell": mine[beaten], "replaced": frame.loc[beaten, value]})
            out = out.join(best, on="cell").assign(table=table, replaced_from=name)
            gone.append(out)
        rest = frame[~beaten]
        kept = pd.concat([rest, kept[frame.columns]], ignore_index=True)
        origin = pd.concat([pd.Series(name, index=rest.index), origin], ignore_index=True)
    columns = ["table", "cell", "kept_from", "kept", "replaced_from", "replaced"]
    replaced = (
        pd.concat(gone, ignore_index=True)[columns] if gone else pd.DataFrame(columns=columns)
    )
    return kept.astype(frames[0][1].dtypes.to_dict()), replaced


def _cells(frame: pd.DataFrame, keys: list[str]) -> pd.Series:
    parts = [
        frame[key].astype("object").where(frame[key].notna(), "").astype("str") for key in keys
    ]
    cells = parts[0]
    for part in parts[1:]:
        cells = cells + " | " + part
    return cells
