"""Ids of places by commodity: ``IRN/opium`` is what concerns opium at ``IRN``.

Figures about one commodity carry it in their id, so that several stand beside each other and a
network with a layer for each commodity can be asked for them by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["ANYWHERE", "commodity_id", "commodity_suffix", "split_id", "with_suffix"]

ANYWHERE = "*"
"""Any node at one end of a flow: it takes the commodity of the other end."""

_SEPARATOR = "/"


def commodity_id(place: str, commodity: str) -> str:
    """Return the id of a commodity at a place.

    Examples
    --------
    >>> commodity_id("IRN", "opium")
    'IRN/opium'
    """
    return f"{place}{_SEPARATOR}{commodity}"


def split_id(name: str, commodities: Collection[str]) -> tuple[str, str | None]:
    """Split an id into its place and its commodity, None for the sum over all.

    Examples
    --------
    >>> split_id("IRN/opium", ["opium"]), split_id("a/b", ["opium"])
    (('IRN', 'opium'), ('a/b', None))
    """
    place, mark, commodity = name.rpartition(_SEPARATOR)
    return (place, commodity) if mark and commodity in commodities else (name, None)


def commodity_suffix(frame: pd.DataFrame) -> pd.Series:
    """Return what the ids of each row end in; nothing where no commodity is given.

    Examples
    --------
    >>> commodity_suffix(pd.DataFrame({"commodity": ["opium", None]})).tolist()
    ['/opium', '']
    """
    if "commodity" not in frame:
        return pd.Series("", index=frame.index, dtype="object")
    given = frame["commodity"].astype("object")
    named = _SEPARATOR + given.where(given.notna(), "").astype("str")
    return named.where(given.notna(), "").astype("object")


def with_suffix(names: str, suffix: str) -> str:
    """Add a suffix to each id of a list that is joined by ``;``, but not to ``*``.

    Examples
    --------
    >>> with_suffix("a;b", "/opium"), with_suffix("*", "/opium")
    ('a/opium;b/opium', '*')
    """
    if not suffix or names == ANYWHERE:
        return names
    return ";".join(f"{part.strip()}{suffix}" for part in names.split(";"))
