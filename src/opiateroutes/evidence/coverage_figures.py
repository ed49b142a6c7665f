"""The figures of the evidence tables as one long list: node, year, kind, source, edition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.data import EVIDENCE_TABLES, nearest, read_evidence_table
from opiateroutes.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

__all__ = ["chosen_kinds", "figures_by_kind", "shipped_tables", "source_keys"]

_TABLES = ("seizures", "prevalence", "population", "supply", "flows", "prices", "purities")
_BY_SUBSTANCE = ("seizures", "prices", "purities")
_ENDS = ("from_group", "to_group", "from_node", "to_node")
_COLUMNS = ["node", "year", "kind", "source", "edition"]


def shipped_tables() -> dict[str, pd.DataFrame]:
    """Read the shipped tables about countries and years, and the groups that flows name.

    Examples
    --------
    >>> "seizures" in shipped_tables()
    True
    """
    names = [name for name in (*_TABLES, "groups") if name in EVIDENCE_TABLES]
    return {name: read_evidence_table(name) for name in names}


def figures_by_kind(tables: Mapping[str, pd.DataFrame]) -> tuple[pd.DataFrame, list[str]]:
    """List every figure with its kind.

    Parameters
    ----------
    tables
        By name. Seizures, prices and purities have a kind for each ``commodity``; flows count for
        the nodes at both ends, groups (table ``groups``) for their members.

    Returns
    -------
    figures : pandas.DataFrame
        ``node``, ``year``, ``kind``, ``source``, ``edition``.
    kinds : list of str
        All kinds, in the order of the tables.

    Examples
    --------
    >>> table = pd.DataFrame({"node": ["a"], "year": [2010], "commodity": ["heroin"]})
    >>> figures_by_kind({"seizures": table})[1]
    ['seizures_heroin']
    """
    groups = tables.get("groups", pd.DataFrame({"group": [], "node": []}))
    parts = []
    for name in [name for name in tables if name != "groups"]:
        table = _by_end(tables[name], groups) if "node" not in tables[name] else tables[name]
        kind = pd.Series(name, index=table.index, dtype="str")
        if name in _BY_SUBSTANCE and "commodity" in table:
            kind = f"{name}_" + table["commodity"].astype("str").str.replace(" ", "_")
        parts.append(table.assign(kind=kind).reindex(columns=_COLUMNS))
    if not parts:
        return pd.DataFrame(columns=_COLUMNS), []
    types = {"year": "int64", "edition": "Int64", "node": "str", "kind": "str"}
    figures = pd.concat(parts).dropna(subset=["node", "year", "kind"]).astype(types)
    kinds = [kind for part in parts for kind in sorted(part["kind"].dropna().unique())]
    return figures, kinds


def chosen_kinds(kinds: Collection[str] | None, known: list[str]) -> list[str]:
    """Resolve kinds, or names of tables that stand for all their kinds.

    Raises
    ------
    UnknownNameError
        If there is no such kind.

    Examples
    --------
    >>> chosen_kinds(["seizures"], ["seizures_heroin", "seizures_opium", "supply"])
    ['seizures_heroin', 'seizures_opium']
    """
    if kinds is None:
        return known
    chosen = []
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        found = [name for name in known if name == kind or name.startswith(f"{kind}_")]
        if not found:
            names = [*{name.partition("_")[0]: None for name in known}, *known]
            raise UnknownNameError(
                f"no kind of evidence {kind!r}{nearest(kind, names)}; there are {', '.join(known)}"
            )
        chosen += found
    return list(dict.fromkeys(chosen))


def source_keys(cells: Iterable[object]) -> list[str]:
    """Take joined keys of sources apart; each once, in order of the alphabet.

    Examples
    --------
    >>> source_keys(["b; a", None, "a"])
    ['a', 'b']
    """
    texts = [cell for cell in cells if isinstance(cell, str)]
    return sorted({key.strip() for text in texts for key in text.split(";")} - {""})


def _by_end(flows: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """One row for each country at an end of a flow; ``*`` stands for none in particular."""
    members = groups.groupby("group")["node"].agg(list).to_dict()
    ends = [end for end in _ENDS if end in flows]
    named = [
        [
            node
            for cell in cells
            for part in str(cell).split(";")
            for node in members.get(part.strip(), [part.strip()])
            if node != "*"
        ]
        for cells in flows[ends].itertuples(index=False)
    ]
    return flows.assign(node=[list(dict.fromkeys(nodes)) for nodes in named]).explode("node")
