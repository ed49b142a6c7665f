"""Finding a node by what a person would type."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd

from opiateroutes.data import area_labels, nearest
from opiateroutes.errors import UnknownNameError

__all__ = ["find_node", "folded", "name_parts"]

_FIRST_KINDS = ("country", "hub")
"""Kinds that a bare name means before any other: a city, not its port or its airport."""

_SHOWN = 5
_BRACKET = re.compile(r"^([^()]*)\(([^()]*)\)")
# Letters that no decomposition takes apart.
_LETTERS = str.maketrans(
    {
        **dict(zip("ıøłđðħŧŋə’‘ʻʼ`‐‑–—", "iolddhtna'''''----", strict=True)),
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
    }
)


def find_node(nodes: pd.DataFrame, name: object) -> str:
    """Find a node by id, name or label; see `RouteNetwork.find_node`."""
    if not isinstance(name, str):
        raise UnknownNameError(f"no node {name!r}: give an id or a name as text")
    wanted = folded(name)
    by_id = [str(node) for node in nodes.index if folded(node) == wanted]
    if by_id:
        return next((node for node in (name, name.strip()) if node in by_id), by_id[0])
    columns = [column for column in ("name", "label") if column in nodes]
    known = {
        str(node): [str(text) for text in texts if not pd.isna(text) and str(text).strip()]
        for node, *texts in zip(nodes.index, *(nodes[c] for c in columns), strict=True)
    }
    found = [node for node, names in known.items() if wanted in map(folded, names)]
    if not found:
        found = _of_country(nodes, name, wanted) or _airport(nodes, wanted)
    if not found:
        found = [
            node
            for node, names in known.items()
            if wanted in (folded(part) for text in names for part in name_parts(text))
        ]
    meant = [node for node in found if nodes.at[node, "kind"] in _FIRST_KINDS]
    found = meant or found
    if len(found) == 1:
        return found[0]
    if found:
        more = ", ..." if len(found) > _SHOWN else ""
        ids = ", ".join(_described(nodes, node) for node in found[:_SHOWN])
        raise UnknownNameError(f"{len(found)} nodes are called {name!r}: give an id ({ids}{more})")
    proper = [t for names in known.values() for text in names for t in (text, *name_parts(text))]
    raise UnknownNameError(f"no node {name!r}{nearest(name.strip(), proper)}")


def folded(text: object) -> str:
    """Return text without case, marks, special letters and needless blanks.

    Examples
    --------
    >>> folded(" Mazār-e  Sharīf"), folded("Iğdır"), folded("Ålesund – Tromsø")
    ('mazar-e sharif', 'igdir', 'alesund - tromso')
    """
    parts = unicodedata.normalize("NFKD", str(text).casefold())
    plain = "".join(c for c in parts if not unicodedata.combining(c))
    return " ".join(plain.translate(_LETTERS).split())


def name_parts(name: object) -> list[str]:
    """Return what stands before a bracket in a name, and inside it.

    Examples
    --------
    >>> name_parts("Spin Boldak (Wesh)"), name_parts("Chaman")
    (['Spin Boldak', 'Wesh'], [])
    """
    found = _BRACKET.match(str(name))
    return [part.strip() for part in found.groups() if part.strip()] if found else []


def _described(nodes: pd.DataFrame, node: str) -> str:
    codes = nodes["iso3"].dropna() if "iso3" in nodes else {}
    return f"{node} ({codes[node]})" if node in codes else node


def _of_country(nodes: pd.DataFrame, name: str, wanted: str) -> list[str]:
    """Return the one node that stands for a country; many nodes of a country are no node."""
    if "iso3" not in nodes:
        return []
    codes = nodes["iso3"].dropna()
    labels = area_labels()
    labels = labels[labels.index.isin(codes)]
    named = labels.index[labels.map(folded).eq(wanted).any(axis=1)]
    code = next((c for c in (*codes.unique(), *named) if wanted == folded(c) or c in named), None)
    if code is None:
        return []
    members = [str(node) for node in codes.index[codes == code]]
    ours = [node for node in members if nodes.at[node, "kind"] == "country"]
    if len(ours) == 1:
        return ours
    # Some codes are those of an airport too: it stands first among what may be meant.
    shown = list(dict.fromkeys([*_airport(nodes, wanted), *members]))
    raise UnknownNameError(
        f"{name!r} is no node but a country of {len(members)} node(s) in this network: give one of "
        f"them ({', '.join(shown[:_SHOWN])}{', ...' * (len(shown) > _SHOWN)}); "
        f"figures and the extent of a map may name the country by its code, {code}"
    )


def _airport(nodes: pd.DataFrame, wanted: str) -> list[str]:
    airports = nodes.index[nodes["kind"] == "airport"]
    return [str(node) for node in airports if folded(node) == f"a-{wanted}"]
