"""A user's tables as rows of evidence: named, each with a best estimate and a spread.

Nothing is raised here: what is wrong, and what is doubtful, is handed back to be collected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from opiateroutes.evidence.commodity_ids import commodity_suffix, with_suffix
from opiateroutes.evidence.parameters import Z90, load_parameters, relative_sd
from opiateroutes.evidence.quantity import KILOGRAMS
from opiateroutes.evidence.schema import bound_failures, numbers_of, row_failures, text_failures

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from opiateroutes.evidence.quantity import Quantity
    from opiateroutes.evidence.schema import Failure

__all__ = ["Checked", "Kind", "flow_rows", "link_rows", "node_rows"]

ABOUT = ["source", "edition", "confidence", "note"]


class Checked(NamedTuple):
    """Rows, what is wrong with them and what is doubtful."""

    rows: pd.DataFrame
    failures: list[Failure]
    doubtful: list[Failure]


class Kind(NamedTuple):
    """A kind of row about places at both ends: its table, what its names begin with, its figure."""

    table: str
    prefix: str
    quantity: Quantity


_FLOW = Kind("flows", "flow", KILOGRAMS)


def node_rows(frame: pd.DataFrame | None, table: str, quantity: Quantity = KILOGRAMS) -> Checked:
    """Read a table about nodes; rows are called by the table and the node.

    Examples
    --------
    >>> node_rows(pd.DataFrame({"node": ["a"], "kg": [100.0]}), "supply").rows.index.tolist()
    ['supply:a']
    """
    columns = ["node", *quantity.columns, *ABOUT]
    nothing = _empty(columns, quantity)
    if frame is None or len(frame) == 0:
        return Checked(nothing, [], [])
    frame = _renamed(frame, ("node",), quantity)
    missing = _missing_columns(frame, table, ("node",))
    if missing:
        return Checked(nothing, missing, [])
    suffix = commodity_suffix(frame)
    frame["node"] = (frame["node"].astype("str") + suffix).where(frame["node"].notna())
    kind = "seizure" if table == "seizures" else table
    frame.index = _names(kind, frame["node"])
    hint = "add the figures up, or choose one"
    failures = _twice(frame.index, table, "node", "the node stands twice", hint)
    checked = _with_spread(frame, table, ("node",), quantity)
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
    return link_rows(frame, groups, _FLOW)


def link_rows(
    frame: pd.DataFrame | None,
    groups: Mapping[str, list[str]],
    kind: Kind,
    *,
    ends: tuple[str, ...] = ("from_node", "to_node"),
    complete: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame,
) -> Checked:
    """Read a table about places at both ends of something.

    Parameters
    ----------
    frame
        The table.
    groups
        Members of the groups that it names.
    kind
        What its rows are.
    ends
        Columns that name places; in what comes back they end in ``s``.
    complete
        Fills the ends that the table may leave out.

    Returns
    -------
    Checked
        Rows by name, the names of groups replaced by their members.

    Examples
    --------
    >>> link_rows(pd.DataFrame({"from_node": ["a"], "kg": [1.0]}), {}, _FLOW).failures[0][:3]
    ('flows', '', 'to_node')
    """
    table, quantity = kind.table, kind.quantity
    columns = [*(f"{end}s" for end in ends), *quantity.columns, *ABOUT]
    nothing = _empty(columns, quantity)
    if frame is None or len(frame) == 0:
        return Checked(nothing, [], [])
    frame = complete(_renamed(frame, ends, quantity))
    nowhere: list[Failure] = [
        (table, row, end, None, "must not be empty", "name a node, a group or *")
        for end in ends
        if end in frame
        for row in frame.index[frame[end].isna()]
    ]
    if nowhere:
        return Checked(nothing, nowhere, [])
    missing = _missing_columns(frame, table, ends)
    if missing:
        return Checked(nothing, missing, [])
    suffix = commodity_suffix(frame)
    for end in ends:
        members = (_members(name, groups) for name in frame[end].astype("str"))
        frame[f"{end}s"] = [with_suffix(*pair) for pair in zip(members, suffix, strict=True)]
    joined = frame["from_node"].astype("str") + ">" + frame["to_node"].astype("str") + suffix
    frame.index = _names(kind.prefix, frame.get("row", joined))
    hint = f"give each {kind.prefix.replace('_', ' ')} its own name"
    failures = _twice(frame.index, table, "row", "the name stands twice", hint)
    checked = _with_spread(frame, table, ends, quantity)
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


def _renamed(frame: pd.DataFrame, keys: tuple[str, ...], quantity: Quantity) -> pd.DataFrame:
    best = quantity.best
    alias = next((a for a in quantity.aliases if a in frame and best not in frame), None)
    # Evidence's own tables may come back changed: their columns are known here too.
    names = {f"{key}s": key for key in keys if key not in frame}
    if alias is not None:
        names[alias] = best
    frame = pd.DataFrame(frame.rename(columns=names))
    if frame.index.name in (*keys, "row") and frame.index.name not in frame:
        frame = frame.reset_index()
    for column in (*quantity.columns, *ABOUT):
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


def _with_spread(
    frame: pd.DataFrame, table: str, keys: tuple[str, ...], quantity: Quantity
) -> Checked:
    """Fill the best estimate and the standard deviation from whatever was published."""
    failures = text_failures(frame, table, quantity.columns)
    unread = {(row, column) for _, row, column, *_ in failures}
    frame = frame.copy()
    for column in quantity.columns:
        frame[column] = numbers_of(frame[column])
    failures += row_failures(frame, table, keys=keys, quantity=quantity)
    low, high = frame[quantity.low], frame[quantity.high]
    middle = (low + high) / 2
    from_middle = frame[quantity.best].isna() & middle.notna()
    best = frame[quantity.best].fillna(middle)
    notes = frame["note"].astype("object").where(frame["note"].notna(), "").astype("str")
    frame["note"] = notes.where(~from_middle, (notes + " [middle of the bounds]").str.strip())
    failures += [
        (table, row, quantity.best, None, "no figure and no pair of bounds", "remove the row")
        for row in frame.index[best.isna()]
        if (row, quantity.best) not in unread
    ]
    frame[quantity.best] = best
    crossed, doubtful = bound_failures(frame, table, quantity)
    both = (high - low) / (2 * Z90)
    one = (high.fillna(low) - best).abs() / Z90
    relative = relative_sd(frame["confidence"], load_parameters())
    # Both figures of a ratio have that spread; of its logarithm it is the spread itself.
    assumed = relative * np.sqrt(2.0) if quantity.compared else best * relative
    spread = frame[quantity.sd].fillna(both.where(both >= 0)).fillna(one.where(one > 0))
    frame[quantity.sd] = spread.fillna(assumed)
    return Checked(frame, [*failures, *crossed], doubtful)


def _empty(columns: list[str], quantity: Quantity) -> pd.DataFrame:
    types = {c: "float64" if c in quantity.columns else "str" for c in columns}
    return pd.DataFrame({c: pd.Series(dtype=types[c]) for c in columns}).rename_axis("row")
