"""A user's tables of shares, interception rates and price gaps: figures that are no kilograms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.evidence.quantity import LOG_RATIO, RATE, SHARE
from opiateroutes.evidence.rows import Checked, Kind, link_rows, node_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opiateroutes.evidence.schema import Failure

__all__ = ["interception_rows", "price_gap_rows", "share_rows"]

_ANYWHERE = "*"
_SHARE_ENDS = ("from_node", "to_node", "of_from_node", "of_to_node")
_SHARE = Kind("shares", "share", SHARE)
_PRICE_GAP = Kind("price_gaps", "price_gap", LOG_RATIO)


def share_rows(frame: pd.DataFrame | None, groups: Mapping[str, list[str]]) -> Checked:
    """Read a table of shares: the flow from one place to another is a share of another flow.

    Parameters
    ----------
    frame
        ``from_node``, ``to_node``, ``share`` (or ``best_share``); optional ``of_from`` and
        ``of_to``, the flow that it is a share of: by default from anywhere into ``to_node``, which
        makes it an import share.
    groups
        Members of the groups that it names.

    Returns
    -------
    Checked
        Rows called ``share:<row>``.

    Examples
    --------
    >>> shares = pd.DataFrame({"from_node": ["a"], "to_node": ["b"], "share": [0.4]})
    >>> row = share_rows(shares, {}).rows.loc["share:a>b"]
    >>> row["of_from_nodes"], row["of_to_nodes"], float(row["best_share"])
    ('*', 'b', 0.4)
    """
    if frame is not None:
        short = {"of_from": "of_from_node", "of_to": "of_to_node"}
        frame = frame.rename(columns={a: b for a, b in short.items() if b not in frame})
    return link_rows(frame, groups, _SHARE, ends=_SHARE_ENDS, complete=_with_whole)


def interception_rows(frame: pd.DataFrame | None) -> Checked:
    """Read a table of interception rates: shares seized of what passes a node or a group.

    Examples
    --------
    >>> rates = pd.DataFrame({"node": ["a"], "rate": [0.1], "sd_rate": [0.02]})
    >>> interception_rows(rates).rows["best_rate"].tolist()
    [0.1]
    """
    return node_rows(frame, "interception", RATE)


def price_gap_rows(frame: pd.DataFrame | None, groups: Mapping[str, list[str]]) -> Checked:
    """Read a table of price gaps: ``ln(price at to_node / price at from_node)``.

    Without bounds the standard deviation is that of the ratio of two prices, each with the spread
    of its confidence.

    Examples
    --------
    >>> gaps = pd.DataFrame({"from_node": ["a"], "to_node": ["b"], "log_ratio": [0.7]})
    >>> price_gap_rows(gaps, {}).rows["sd_log_ratio"].round(3).tolist()
    [0.707]
    """
    checked = link_rows(frame, groups, _PRICE_GAP)
    anywhere: list[Failure] = [
        ("price_gaps", row, end, _ANYWHERE, "a price stands at a place", "name a node or a group")
        for end in ("from_node", "to_node")
        for row in checked.rows.index[checked.rows[f"{end}s"] == _ANYWHERE]
    ]
    return checked._replace(failures=[*checked.failures, *anywhere])


def _with_whole(frame: pd.DataFrame) -> pd.DataFrame:
    """Fill what a share is a share of: all that enters its destination."""
    defaults = {"of_from_node": _ANYWHERE}
    if "to_node" in frame:
        defaults["of_to_node"] = frame["to_node"]
    for end, whole in defaults.items():
        given = frame.get(end, pd.Series(pd.NA, index=frame.index)).astype("object")
        frame[end] = given.where(given.notna(), whole)
    return frame
