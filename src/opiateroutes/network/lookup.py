"""Finding a node by what a person would type."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from opiateroutes.data import nearest
from opiateroutes.errors import UnknownNameError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["find_node"]

_FIRST_KINDS = ("country", "hub")
"""Kinds that a bare name means before any other: a city, not its port or its airport."""

_SHOWN = 5


def find_node(nodes: pd.DataFrame, name: str) -> str:
    """Find a node by id, name or label; see `RouteNetwork.find_node`."""
    wanted = _folded(name)
    by_id = [str(node) for node in nodes.index if _folded(str(node)) == wanted]
    if by_id:
        return name if name in by_id else by_id[0]
    columns = [column for column in ("name", "label") if column in nodes]
    known = nodes[columns].map(_folded)
    found = nodes[(known == wanted).any(axis=1)]
    meant = found[found["kind"].isin(_FIRST_KINDS)]
    found = meant if len(meant) else found
    if len(found) == 1:
        return str(found.index[0])
    if len(found) > 1:
        ids = ", ".join(map(str, found.index[:_SHOWN]))
        raise UnknownNameError(f"{len(found)} nodes are called {name!r}: give an id ({ids})")
    proper = nodes[columns[-1]].tolist()
    raise UnknownNameError(f"no node {name!r}{nearest(name, proper)}")


def _folded(text: object) -> str:
    """Return text without case and marks.

    Examples
    --------
    >>> _folded("Mazār-e Sharīf")
    'mazar-e sharif'
    """
    parts = unicodedata.normalize("NFKD", str(text).casefold())
    return "".join(c for c in parts if not unicodedata.combining(c))
