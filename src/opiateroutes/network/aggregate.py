"""From a fine network to a coarse one: groups of nodes become nodes, by one rule for each column.

Nothing is guessed: a column without a rule is an error that says which rules there are. Legs inside
a group disappear; legs between two groups become one leg for each mode.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

from opiateroutes.data import area_labels
from opiateroutes.errors import NetworkError, UnknownNameError
from opiateroutes.network.failures import failure_table
from opiateroutes.network.through import representatives, through_distances

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from opiateroutes.network.route_network import RouteNetwork

    Rule = str | Callable[[pd.Series], Any]

__all__ = ["aggregated_tables"]

COUNTRIES = "countries"

LAND_MODES = ("road", "rail")
"""Modes that a coarse network calls ``land``: at one border they are the same way through."""

NODE_RULES: dict[str, str] = {
    "name": "own",
    "label": "own",
    "kind": "own",
    "iso3": "same",
    "population": "sum",
    "precision": "own",
    "point": "drop",
    "why": "own",
    "source": "union",
    "geometry": "own",
}
LEG_RULES: dict[str, str] = {
    "from_node": "own",
    "to_node": "own",
    "mode": "own",
    "border": "any",
    "distance_km": "own",
    "crossings": "sum",
    "cases": "sum",
    "kg_heroin_equivalent": "sum",
    "rail": "any",
    "points": "union",
    "why": "join",
    "source": "union",
    "geometry": "own",
}
"""``own`` is worked out for the coarse network itself: ends, place, length of the way through."""

REDUCERS: dict[str, Callable[[pd.Series], Any]] = {
    "sum": lambda values: values.sum(min_count=1),
    "min": lambda values: values.min(),
    "max": lambda values: values.max(),
    "mean": lambda values: values.mean(),
    "any": lambda values: bool(values.any()),
    "all": lambda values: bool(values.all()),
    "first": lambda values: values.iloc[0],
    "same": lambda values: values.iloc[0] if len(values.unique()) == 1 else None,
    "union": lambda values: ";".join(sorted(set(";".join(_texts(values)).split(";")) - {""})),
    "join": lambda values: "; ".join(dict.fromkeys(_texts(values))),
}


def aggregated_tables(
    net: RouteNetwork, by: str | pd.Series, rules: Mapping[str, Rule] | None
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Tabulate the coarse network; see `RouteNetwork.aggregate`."""
    group = _groups(net, by)
    chosen = dict(rules or {})
    place = representatives(net, group)
    nodes = _reduced(net.nodes, group, "nodes", {**NODE_RULES, **chosen})
    _describe_nodes(nodes, net, group, place, countries=isinstance(by, str) and by == COUNTRIES)
    ends = [net.legs[end].map(group) for end in ("from_node", "to_node")]
    outer = (ends[0] != ends[1]).to_numpy()
    legs = net.legs[outer]
    mode = legs["mode"].where(~legs["mode"].isin(LAND_MODES), "land")
    key = ends[0][outer] + ">" + ends[1][outer] + ":" + mode
    coarse = _reduced(legs, key, "legs", {**LEG_RULES, **chosen})
    first = legs.index.to_series().groupby(key).first().reindex(coarse.index)
    for column, values in (("from_node", ends[0]), ("to_node", ends[1]), ("mode", mode)):
        coarse[column] = values.loc[first].to_numpy()
    if "distance_km" in legs:
        way = through_distances(net, group, place)[outer].groupby(key).min()
        coarse["distance_km"] = way.reindex(coarse.index).round(3)
    coarse["geometry"] = _straight(coarse, nodes)
    order = [column for column in net.legs.columns if column in coarse]
    meta = {**net.meta, "geometry": "schematic: straight between representative nodes"}
    meta["level"] = by if isinstance(by, str) else str(by.name or "groups")
    kept = [column for column in net.nodes.columns if column in nodes]
    return nodes[kept], coarse[order], meta


def _groups(net: RouteNetwork, by: str | pd.Series) -> pd.Series:
    """Return the group of every node; a node without one is an error."""
    if isinstance(by, str):
        column = "iso3" if by == COUNTRIES else by
        if column not in net.nodes:
            raise UnknownNameError(
                f"nodes have no column {column!r} to aggregate by; there are "
                f"{', '.join(map(str, net.nodes.columns))}"
            )
        group = net.nodes[column]
    else:
        group = by.reindex(net.nodes.index)
    missing = group.index[group.isna()]
    if len(missing):
        raise NetworkError(
            f"{len(missing)} node(s) belong to no group",
            failure_table(
                [("nodes", node, str(by), None, "no group", "give it one") for node in missing]
            ),
        )
    return group.astype("str")


def _reduced(
    frame: pd.DataFrame, key: pd.Series, table: str, rules: Mapping[str, Rule]
) -> pd.DataFrame:
    """Apply the rule of every column to the rows of each group."""
    unknown = [
        (table, "", column, rules.get(column), "no such rule" if column in rules else "no rule", "")
        for column in map(str, frame.columns)
        if not callable(_rule(column, rules)) and _rule(column, rules) not in ("own", "drop")
    ]
    if unknown:
        named = ", ".join(repr(row[2]) for row in unknown)
        raise NetworkError(
            f"columns without a rule cannot be aggregated: {named}. Pass rules={{column: rule}} "
            f"with one of {', '.join(REDUCERS)}, 'drop', or a function of a series",
            failure_table(unknown),
        )
    plain = pd.DataFrame(frame)
    ids = pd.Index(sorted(key.unique()), name=frame.index.name, dtype="str")
    reduced = pd.DataFrame(index=ids)
    for column in plain.columns:
        rule = _rule(str(column), rules)
        if callable(rule):
            values = plain[column].groupby(key.to_numpy()).agg(rule).reindex(ids)
            reduced[column] = values.astype(plain[column].dtype)
    return reduced


def _rule(column: str, rules: Mapping[str, Rule]) -> Rule | None:
    """Return the rule of a column as a function, ``own``, ``drop`` or nothing."""
    rule = rules.get(column, "sum" if column.endswith("_kg") else None)
    return REDUCERS.get(rule, rule) if isinstance(rule, str) else rule


def _describe_nodes(
    nodes: pd.DataFrame,
    net: RouteNetwork,
    group: pd.Series,
    place: pd.Series,
    *,
    countries: bool,
) -> None:
    """Fill what a group has of its own: name, kind, position and the reason for it."""
    names = area_labels() if countries else pd.DataFrame(columns=["name", "short_name"])
    own = nodes.index.to_series()
    nodes["name"] = names["name"].reindex(nodes.index).fillna(own).astype("str")
    nodes["kind"] = "country" if countries else "group"
    nodes["geometry"] = net.nodes.geometry.reindex(place.reindex(nodes.index)).to_numpy()
    label = net.nodes["label" if "label" in net.nodes else "name"]
    count = group.value_counts().reindex(nodes.index)
    if "label" in net.nodes:
        nodes["label"] = names["short_name"].reindex(nodes.index).fillna(own).astype("str")
    if "precision" in net.nodes:
        nodes["precision"] = "representative"
    if "why" in net.nodes:
        at = label.reindex(place.reindex(nodes.index)).to_numpy()
        nodes["why"] = [
            f"stands at {name}, one of {n} nodes" if n > 1 else f"stands at {name}, its only node"
            for name, n in zip(at, count, strict=True)
        ]


def _straight(legs: pd.DataFrame, nodes: pd.DataFrame) -> list[shapely.LineString | None]:
    """Return straight lines between the nodes; nothing where one has no position."""
    at = nodes["geometry"]
    pairs = zip(at.reindex(legs["from_node"]), at.reindex(legs["to_node"]), strict=True)
    return [
        None if start is None or end is None else shapely.LineString([start, end])
        for start, end in pairs
    ]


def _texts(values: pd.Series) -> list[str]:
    return [str(value) for value in values.dropna()]
