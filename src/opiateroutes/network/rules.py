"""Rules by which the columns of many rows become those of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from opiateroutes.data import nearest
from opiateroutes.errors import NetworkError
from opiateroutes.network.failures import failure_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from opiateroutes.network.route_network import RouteNetwork

    Rule = str | Callable[[pd.Series], Any]

__all__ = ["chosen_rules", "reduced"]

OWN = "own"
"""Worked out for the coarse network itself: ends, place, length of the way through."""

RULES: dict[str, dict[str, str]] = {
    "nodes": {
        "name": OWN,
        "label": OWN,
        "kind": OWN,
        "iso3": "same",
        "population": "sum",
        "precision": OWN,
        "point": "drop",
        "why": OWN,
        "source": "union",
        "geometry": OWN,
    },
    "legs": {
        "from_node": OWN,
        "to_node": OWN,
        "mode": OWN,
        "border": "any",
        "distance_km": OWN,
        "crossings": "sum",
        "cases": "sum",
        "kg_heroin_equivalent": "sum",
        "rail": "any",
        "points": "union",
        "why": "join",
        "source": "union",
        "geometry": OWN,
    },
}

REDUCERS: dict[str, Callable[[pd.Series], Any]] = {
    "sum": lambda values: values.sum(min_count=1),
    "min": lambda values: values.min(),
    "max": lambda values: values.max(),
    "mean": lambda values: values.mean(),
    "any": lambda values: _truth(values).any(skipna=False),
    "all": lambda values: _truth(values).all(skipna=False),
    "first": lambda values: values.iloc[0],
    "same": lambda values: values.iloc[0] if len(values.unique()) == 1 else None,
    "union": lambda values: ";".join(sorted(set(";".join(_texts(values)).split(";")) - {""})),
    "join": lambda values: "; ".join(dict.fromkeys(_texts(values))),
}


def chosen_rules(
    net: RouteNetwork, rules: Mapping[str, Rule] | None
) -> tuple[dict[str, Rule], dict[str, Rule]]:
    """Add the caller's rules to those for the library's own columns.

    Returns
    -------
    nodes, legs : dict
        Rules by column.

    Raises
    ------
    NetworkError
        For rules of columns that do not exist, or that the library works out itself.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> chosen_rules(opr.load_network("countries"), {"crossings": "max"})[1]["crossings"]
    'max'
    """
    given = dict(rules or {})
    tables = {"nodes": net.nodes, "legs": net.legs}
    free = {
        column
        for table, frame in tables.items()
        for column in map(str, frame.columns)
        if RULES[table].get(column) != OWN
    }
    own = {c for known in RULES.values() for c, rule in known.items() if rule == OWN} - free
    said = []
    for column in map(str, given):
        if column in own:
            said.append((column, "is worked out by the library itself and takes no rule"))
        elif column not in free:
            said.append((column, f"is no column of nodes or legs{nearest(column, sorted(free))}"))
    if said:
        raise NetworkError(
            "; ".join(f"rules: {column!r} {why}" for column, why in said),
            failure_table([("rules", "", c, given[c], why, "leave it out") for c, why in said]),
        )
    nodes, legs = (
        {**known, **{c: rule for c, rule in given.items() if known.get(c) != OWN}}
        for known in RULES.values()
    )
    return nodes, legs


def reduced(
    frame: pd.DataFrame, key: pd.Series, table: str, rules: Mapping[str, Rule]
) -> pd.DataFrame:
    """Apply the rule of every column to the rows of each group.

    Parameters
    ----------
    frame
        Table of nodes or of legs.
    key
        Group of each row, in the order of the rows.
    table
        ``"nodes"`` or ``"legs"``.
    rules
        By column.

    Returns
    -------
    pandas.DataFrame
        One row a group, sorted; without the columns that the library works out or that are dropped.

    Raises
    ------
    NetworkError
        If a column has no rule, or one that does not fit its values.
    """
    _refuse_unruled(frame, table, rules)
    plain = pd.DataFrame(frame)
    groups = key.to_numpy()
    ids = pd.Index(sorted(key.unique()), name=frame.index.name, dtype="str")
    coarse = pd.DataFrame(index=ids)
    for column in plain.columns:
        rule = _rule(str(column), table, rules)
        if not callable(rule):
            continue
        found = {}
        for name, values in plain[column].groupby(groups):
            try:
                found[name] = rule(values)
            except (TypeError, ValueError) as error:
                raise NetworkError(
                    f"the rule of the column {column!r} of {table} does not fit its values "
                    f"({plain[column].dtype}): {error}",
                    failure_table([(table, str(name), str(column), None, str(error), "")]),
                ) from error
        coarse[column] = _typed([found[name] for name in ids], ids, plain[column].dtype)
    return coarse


def _refuse_unruled(frame: pd.DataFrame, table: str, rules: Mapping[str, Rule]) -> None:
    unknown = [
        (table, "", column, rules.get(column), "no such rule" if column in rules else "no rule", "")
        for column in map(str, frame.columns)
        if not callable(rule := _rule(column, table, rules)) and rule not in (OWN, "drop")
    ]
    if unknown:
        named = ", ".join(repr(row[2]) for row in unknown)
        raise NetworkError(
            f"columns without a rule cannot be aggregated: {named}. Pass rules={{column: rule}} "
            f"with one of {', '.join(REDUCERS)}, 'drop', or a function of a series",
            failure_table(unknown),
        )


def _rule(column: str, table: str, rules: Mapping[str, Rule]) -> Rule | None:
    """Return the rule of a column as a function, ``own``, ``drop`` or nothing."""
    rule = rules.get(column, "sum" if column.endswith("_kg") else None)
    if rule == OWN and RULES[table].get(column) != OWN:
        return None
    return REDUCERS.get(rule, rule) if isinstance(rule, str) else rule


def _typed(values: list[Any], ids: pd.Index, dtype: Any) -> pd.Series:
    """Give values the type that the column had, if that loses nothing.

    Examples
    --------
    >>> _typed([1.5], pd.Index(["a"]), "int64").tolist()
    [1.5]
    >>> _typed([2.0], pd.Index(["a"]), "int64").tolist()
    [2]
    """
    plain = pd.Series(values, index=ids, dtype="object")
    missing = plain.isna()
    try:
        cast = plain.astype(dtype)
        pairs = zip(cast[~missing], plain[~missing], strict=True)
        if cast.isna().equals(missing) and all(_is_same(new, old) for new, old in pairs):
            return cast
    except (TypeError, ValueError, OverflowError):
        pass
    known = [None if gap else value for value, gap in zip(values, missing, strict=True)]
    if all(isinstance(value, bool | np.bool_) for value in plain[~missing]):
        return pd.Series(known, index=ids, dtype="boolean")
    return pd.Series(known, index=ids)


def _is_same(new: Any, old: Any) -> bool:
    # True equals 1, but a number of yeses is no yes.
    truths = [isinstance(value, bool | np.bool_) for value in (new, old)]
    return new is old or (truths[0] == truths[1] and bool(new == old))


def _truth(values: pd.Series) -> pd.Series:
    """Return yes, no or unknown: one that is unknown leaves the whole unknown if it matters."""
    known = [None if gap else bool(v) for v, gap in zip(values, values.isna(), strict=True)]
    return pd.Series(known, dtype="boolean")


def _texts(values: pd.Series) -> list[str]:
    return [str(value) for value in values.dropna()]
