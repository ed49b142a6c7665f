"""A user's tables as rows of evidence: named, each with a best estimate and a spread.

Nothing is raised here: what is wrong, and what is doubtful, is handed back to be collected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from opiateroutes.evidence.parameters import Z90, load_parameters, relative_sd
from opiateroutes.evidence.schema import bound_failures, numbers_of, row_failures, text_failures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opiateroutes.evidence.schema import Failure

__all__ = ["Checked", "flow_rows", "node_rows"]

QUANTITIES = ["best_kg", "low_kg", "high_kg", "sd_kg"]
ABOUT = ["source", "edition", "confidence", "note"]
_ALIASES = {"value_kg": "best_kg", "kg": "best_kg", "quantity_kg": "best_kg"}


class Checked(NamedTuple):
    """Rows, what is wrong with them and what is doubtful."""

    rows: pd.DataFrame
    failures: list[Failure]
    doubtful: list[Failure]


def node_rows(frame: pd.DataFrame | None, table: str) -> Checked:
    """Read a table about nodes; rows are called by the table and the node.

    Examples
    --------
    >>> node_rows(pd.DataFrame({"node": ["a"], "kg": [100.0]}), "supply").rows.index.tolist()
    ['supply:a']
    """
    columns = ["node", *QUANTITIES, *ABOUT]
    if frame is None or len(frame) == 0:
        return Checked(_empty(columns), [], [])
    frame = _renamed(frame, ("node",))
    missing = _missing_columns(frame, table, ("node",))
    if missing:
        return Checked(_empty(columns), missing, [])
    kind = "seizure" if table == "seizures" else table
    frame.index = _names(kind, frame["node"])
    hint = "add the figures up, or choose one"
    failures = _twice(frame.index, table, "node", "the node stands twice", hint)
    checked = _with_spread(frame, table, ("node",))
    rows = checked.rows.astype({"node": "str"})[columns].sort_index()
    return Checked(rows, [*failures, *checked.failures], checked.doubtful)


def flow_rows(frame: pd.DataFrame | None, groups: Mapping[str, list[str]]) -> Checked:
    """Read a table of flows; the names of groups become their members.

    Examples
    --------
    >>> flows = pd.DataFrame({"from_node": ["a"], "to_node": ["East"], "kg": [5.0]})
    >>> flow_rows(flows, {"East": ["c", "b"]}).rows["to_nodes"].tolist()
    ['b;c']
    """
    ends = ("from_node", "to_node")
    columns = ["from_nodes", "to_nodes", *QUANTITIES, *ABOUT]
    if frame is None or len(frame) == 0:
        return Checked(_empty(columns), [], [])
    frame = _renamed(frame, ends)
    nowhere: list[Failure] = [
        ("flows", row, end, None, "must not be empty", "name a node, a group or *")
        for end in ends
        if end in frame
        for row in frame.index[frame[end].isna()]
    ]
    if nowhere:
        return Checked(_empty(columns), nowhere, [])
    missing = _missing_columns(frame, "flows", ends)
    if missing:
        return Checked(_empty(columns), missing, [])
    for end in ends:
        frame[f"{end}s"] = [_members(name, groups) for name in frame[end].astype("str")]
    joined = frame["from_node"].astype("str") + ">" + frame["to_node"].astype("str")
    frame.index = _names("flow", frame.get("row", joined))
    hint = "give each flow its own name"
    failures = _twice(frame.index, "flows", "row", "the name stands twice", hint)
    checked = _with_spread(frame, "flows", ends)
    rows = checked.rows[columns].sort_index()
    return Checked(rows, [*failures, *checked.failures], checked.doubtful)


def _members(names: str, groups: Mapping[str, list[str]]) -> str:
    """Write one end of a flow with the members of groups in place of their names."""
    parts = [name.strip() for name in names.split(";")]
    if not any(name in groups for name in (names, *parts)):
        return names
    chosen = [names] if names in groups else parts
    members = [str(node) for name in chosen for node in groups.get(name, [name])]
    return ";".join(sorted(dict.fromkeys(members)))


def _renamed(frame: pd.DataFrame, keys: tuple[str, ...]) -> pd.DataFrame:
    alias = next((a for a in _ALIASES if a in frame and "best_kg" not in frame), None)
    # Evidence's own tables may come back changed: their columns are known here too.
    names = {f"{key}s": key for key in keys if key not in frame}
    if alias is not None:
        names[alias] = "best_kg"
    frame = pd.DataFrame(frame.rename(columns=names))
    if frame.index.name in (*keys, "row") and frame.index.name not in frame:
        frame = frame.reset_index()
    for column in (*QUANTITIES, *ABOUT):
        if column not in frame:
            frame[column] = pd.NA
    return frame


def _names(kind: str, ids: pd.Series) -> pd.Index:
    # A row without an id is called by its position, so that a message can point at it.
    position = np.arange(len(ids)).astype("str")
    named = ids.astype("str").str.removeprefix(f"{kind}:").where(ids.notna(), position)
    return pd.Index(kind + ":" + named.to_numpy(dtype=object), name="row", dtype="str")


def _missing_columns(frame: pd.DataFrame, table: str, keys: tuple[str, ...]) -> list[Failure]:
    return [
        (table, "", key, None, "the column is missing", f"there are {', '.join(map(str, frame))}")
        for key in keys
        if key not in frame
    ]


def _twice(index: pd.Index, table: str, column: str, rule: str, hint: str) -> list[Failure]:
    double = index[index.duplicated()].unique()
    return [(table, row, column, row.partition(":")[2], rule, hint) for row in double]


def _with_spread(frame: pd.DataFrame, table: str, keys: tuple[str, ...]) -> Checked:
    """Fill the best estimate and the standard deviation from whatever was published."""
    failures = text_failures(frame, table, QUANTITIES)
    unread = {(row, column) for _, row, column, *_ in failures}
    frame = frame.copy()
    for column in QUANTITIES:
        frame[column] = numbers_of(frame[column])
    failures += row_failures(frame, table, keys=keys)
    middle = (frame["low_kg"] + frame["high_kg"]) / 2
    from_middle = frame["best_kg"].isna() & middle.notna()
    best = frame["best_kg"].fillna(middle)
    notes = frame["note"].astype("object").where(frame["note"].notna(), "").astype("str")
    frame["note"] = notes.where(~from_middle, (notes + " [middle of the bounds]").str.strip())
    failures += [
        (table, row, "best_kg", None, "no figure and no pair of bounds", "remove the row")
        for row in frame.index[best.isna()]
        if (row, "best_kg") not in unread
    ]
    frame["best_kg"] = best
    crossed, doubtful = bound_failures(frame, table)
    both = (frame["high_kg"] - frame["low_kg"]) / (2 * Z90)
    one = (frame["high_kg"].fillna(frame["low_kg"]) - best).abs() / Z90
    relative = best * relative_sd(frame["confidence"], load_parameters())
    spread = frame["sd_kg"].fillna(both.where(both >= 0)).fillna(one.where(one > 0))
    frame["sd_kg"] = spread.fillna(relative)
    return Checked(frame, [*failures, *crossed], doubtful)


def _empty(columns: list[str]) -> pd.DataFrame:
    types = {c: "float64" if c in QUANTITIES else "str" for c in columns}
    return pd.DataFrame({c: pd.Series(dtype=types[c]) for c in columns}).rename_axis("row")
