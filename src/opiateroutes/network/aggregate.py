"""From a fine network to a coarse one: groups of nodes become nodes, by one rule for each column.

Nothing is guessed: a column without a rule is an error that says which rules there are. Legs inside
a group disappear; legs between two groups become one leg for each mode.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd
import shapely

from opiateroutes.data import area_labels
from opiateroutes.errors import NetworkError, UnknownNameError
from opiateroutes.network.failures import failure_table
from opiateroutes.network.rules import chosen_rules, reduced
from opiateroutes.network.through import representatives, through_distances

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opiateroutes.network.route_network import RouteNetwork
    from opiateroutes.network.rules import Rule

    Groups: TypeAlias = str | pd.Series | Mapping[str, object]

__all__ = ["aggregated_tables"]

COUNTRIES = "countries"

LAND_MODES = ("road", "rail")
"""Modes that a coarse network calls ``land``: at one border they are the same way through."""


def aggregated_tables(
    net: RouteNetwork, by: Groups, rules: Mapping[str, Rule] | None
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Tabulate the coarse network; see `RouteNetwork.aggregate`."""
    group = _groups(net, by)
    node_rules, leg_rules = chosen_rules(net, rules)
    place = representatives(net, group)
    nodes = reduced(net.nodes, group, "nodes", node_rules)
    _describe_nodes(nodes, net, group, place, countries=isinstance(by, str) and by == COUNTRIES)
    ends = [net.legs[end].map(group) for end in ("from_node", "to_node")]
    outer = (ends[0] != ends[1]).to_numpy()
    legs = net.legs[outer]
    mode = legs["mode"].where(~legs["mode"].isin(LAND_MODES), "land")
    key = _leg_names(ends[0][outer], ends[1][outer], mode)
    coarse = reduced(legs, key, "legs", leg_rules)
    first = legs.index.to_series().groupby(key).first().reindex(coarse.index)
    for column, values in (("from_node", ends[0]), ("to_node", ends[1]), ("mode", mode)):
        coarse[column] = values.loc[first].to_numpy()
    if "distance_km" in legs:
        way = through_distances(net, group, place)[outer].groupby(key).min()
        coarse["distance_km"] = way.reindex(coarse.index).round(3)
    coarse["geometry"] = _straight(coarse, nodes)
    order = [column for column in net.legs.columns if column in coarse]
    meta = {**net.meta, "geometry": "schematic: straight between representative nodes"}
    meta["level"] = by if isinstance(by, str) else _called(by)
    kept = [column for column in net.nodes.columns if column in nodes]
    return nodes[kept], coarse[order], meta


def _leg_names(start: pd.Series, end: pd.Series, mode: pd.Series) -> pd.Series:
    """Name the coarse leg of each leg; two that would have one name get numbers.

    Examples
    --------
    >>> start, end = pd.Series(["a>b", "a"]), pd.Series(["c", "b>c"])
    >>> _leg_names(start, end, pd.Series(["sea", "sea"])).tolist()
    ['a>b>c:sea:2', 'a>b>c:sea']
    """
    joined = list(zip(start, end, mode, strict=True))
    names: dict[tuple[str, str, str], str] = {}
    taken: set[str] = set()
    for triple in sorted(set(joined)):
        stem = name = f"{triple[0]}>{triple[1]}:{triple[2]}"
        number = 1
        while name in taken:
            number += 1
            name = f"{stem}:{number}"
        taken.add(name)
        names[triple] = name
    return pd.Series([names[triple] for triple in joined], index=start.index, dtype="str")


def _called(by: Groups) -> str:
    """Return what a grouping is called: the column that it is read from, or its own name."""
    if isinstance(by, str):
        return "iso3" if by == COUNTRIES else by
    name = by.name if isinstance(by, pd.Series) else None
    return "groups" if name is None else str(name)


def _groups(net: RouteNetwork, by: Groups) -> pd.Series:
    """Return the group of every node; a node without one is an error."""
    if isinstance(by, str):
        column = _called(by)
        if column not in net.nodes:
            raise UnknownNameError(
                f"nodes have no column {column!r} to aggregate by; there are "
                f"{', '.join(map(str, net.nodes.columns))}"
            )
        group = net.nodes[column]
    else:
        given = by if isinstance(by, pd.Series) else pd.Series(dict(by), dtype="object")
        given = given.set_axis(given.index.astype("str"))
        _refuse(given.index[given.index.duplicated()].unique(), by, "stand(s) in several groups")
        group = given.reindex(net.nodes.index)
    _refuse(group.index[group.isna()], by, "belong to no group")
    return group.astype("str")


def _refuse(nodes: pd.Index, by: Groups, why: str) -> None:
    if len(nodes):
        raise NetworkError(
            f"{len(nodes)} node(s) {why}",
            failure_table(
                [("nodes", str(n), _called(by), None, why, "give it one") for n in nodes]
            ),
        )


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
