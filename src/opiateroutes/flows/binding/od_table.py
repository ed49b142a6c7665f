"""Origin-destination tables: checked, and turned into the supply and demand of their margins."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd

from opiateroutes.data import nearest
from opiateroutes.errors import EvidenceError, UnreachableError
from opiateroutes.evidence import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from opiateroutes.flows.binding.places import Places
    from opiateroutes.network import RouteNetwork

__all__ = ["checked_table", "margins_of", "refuse_unreachable", "unreachable_pair"]

_ENDS = ("origin", "destination")
_COLUMNS = (*_ENDS, "kg")
_FAILURE = ["table", "row", "column", "value", "rule", "hint"]


def checked_table(od: pd.DataFrame, places: Places) -> pd.DataFrame:
    """Check an origin-destination table.

    Parameters
    ----------
    od
        Columns ``origin``, ``destination``, ``kg``.
    places
        Places of the network.

    Returns
    -------
    pandas.DataFrame
        Index ``row`` (such as ``od:AFG>IRN``); the three columns, pairs above 0, by id.

    Raises
    ------
    EvidenceError
        With all failures: columns missing, ids that are no node and no group of the network, kg
        that are no finite number of at least 0, a pair twice.
    """
    lacking = [column for column in _COLUMNS if column not in od]
    if lacking:
        rule = "column is missing"
        rows = [("od", "", column, None, rule, f"give {', '.join(_COLUMNS)}") for column in lacking]
        raise EvidenceError("an origin-destination table lacks columns", _failed(rows))
    table = pd.DataFrame(
        {end: od[end].astype("str").str.strip() for end in _ENDS}
        | {"kg": pd.to_numeric(od["kg"], errors="coerce").astype("float64")}
    )
    failures = []
    for row, (given, checked) in enumerate(
        zip(od[list(_COLUMNS)].itertuples(index=False), table.itertuples(index=False), strict=True)
    ):
        for end in _ENDS:
            place = getattr(checked, end)
            if not places.is_one(place):
                hint = nearest(place, places.ids()).removeprefix("; ")
                rule = "the network has no such node"
                failures.append(("od", row, end, getattr(given, end), rule, hint))
        if not (np.isfinite(checked.kg) and checked.kg >= 0):
            rule = "must be a finite number of at least 0"
            failures.append(("od", row, "kg", given.kg, rule, ""))
    for row in np.flatnonzero(table.duplicated(list(_ENDS))).tolist():
        pair = " to ".join(table.loc[table.index[row], list(_ENDS)])
        failures.append(("od", row, "destination", pair, "stands twice", "add the rows up"))
    if failures:
        raise EvidenceError(
            f"an origin-destination table breaks its rules in {len(failures)} place(s)",
            _failed(failures),
        )
    table = table[table["kg"] > 0].sort_values(list(_ENDS), ignore_index=True)
    table.index = pd.Index("od:" + table["origin"] + ">" + table["destination"], name="row")
    return table


def margins_of(table: pd.DataFrame, evidence: Evidence) -> Evidence:
    """Return the sums of a table as supply and demand; nothing is seized or unaccounted for.

    Parameters
    ----------
    table
        Result of `checked_table`, with rows.
    evidence
        Where priors are taken from; they weigh the hauls to several markets of one place alike.
    """
    sides = (table.groupby(end, as_index=False)["kg"].sum() for end in _ENDS)
    supply, demand = (
        side.set_axis(["node", "best_kg"], axis=1).assign(confidence="high") for side in sides
    )
    margins = Evidence.from_tables(supply=supply, demand=demand)
    return replace(margins, priors=evidence.priors.assign(unaccounted_weight=0.0))


def refuse_unreachable(
    table: pd.DataFrame, net: RouteNetwork, places: Places, costs: pd.Series
) -> None:
    """Refuse pairs that no open leg joins.

    Raises
    ------
    UnreachableError
        With both ends of the first such pair, and what lies nearest.
    """
    is_open = np.isfinite(costs.reindex(net.legs.index).to_numpy("float64"))
    legs = net.legs[is_open]
    graph = nx.DiGraph(list(zip(legs["from_node"], legs["to_node"], strict=True)))
    graph.add_nodes_from(net.nodes.index)
    for origin, rows in table.groupby("origin"):
        members = places.members(str(origin))
        reached = set(members).union(*(nx.descendants(graph, node) for node in members))
        for destination in rows["destination"]:
            if not reached.intersection(places.members(destination)):
                raise unreachable_pair(net, places, (str(origin), destination), reached)


def unreachable_pair(
    net: RouteNetwork, places: Places, pair: tuple[str, str], reached: Iterable[str] = ()
) -> UnreachableError:
    """Describe a pair that no route joins, and the node nearest to its end that is reached."""
    origin, destination = pair
    graph = nx.Graph(list(zip(net.legs["from_node"], net.legs["to_node"], strict=True)))
    ends = [node for node in places.members(destination) if node in graph]
    away = nx.multi_source_dijkstra_path_length(graph, ends) if ends else {}
    near = min(((away[node], node) for node in reached if node in away), default=None)
    hint = f"; the nearest node that is reached from there is {near[1]}" if near else ""
    return UnreachableError(
        f"no route leads from {origin} to {destination}{hint}. Add the missing legs, give their "
        "cost a finite value, or take the pair out of the table"
    )


def _failed(rows: Iterable[tuple[object, ...]]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=_FAILURE)
