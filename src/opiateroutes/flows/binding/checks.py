"""Evidence that does not fit a network: refused with names, or set aside and listed."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import networkx as nx
import pandas as pd

from opiateroutes.errors import ConflictingEvidenceError, EvidenceError, UnreachableError
from opiateroutes.flows.binding.places import ANYWHERE, Places
from opiateroutes.flows.conflicts.exact import exact_failures

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.kernel.measure import PathMeasure
    from opiateroutes.flows.kernel.rows import Rows
    from opiateroutes.network import RouteNetwork

__all__ = [
    "exact_excess",
    "listed_rows",
    "refuse_excess",
    "refuse_or_set_aside",
    "refuse_overlaps",
    "refuse_unknown",
    "unreachable_message",
]

_ROUNDING = 1e-9
"""Totals that differ by less than this share of the supply are equal."""

_NOT_IN_NETWORK = "the network has no such node"
_NOT_REACHED = "no route from the supply leads there"


def refuse_unknown(evidence: Evidence, net: RouteNetwork) -> None:
    """Refuse evidence about nodes that the network lacks, unless it may lie outside.

    Parameters
    ----------
    evidence
        The evidence; its ``outside`` decides.
    net
        The network.

    Raises
    ------
    EvidenceError
        With every such row and the nearest name, or if no supply lies in the network.
    """
    places = Places.of(net)
    rows = _at_places(evidence)
    named = list(zip(rows.index, rows["node"], strict=True))
    for table in (evidence.flows, evidence.shares, evidence.price_gaps):
        for end in (column for column in table.columns if column.endswith("_nodes")):
            for row, nodes in table[end].items():
                parts = [node for node in places.parts(nodes) if node != ANYWHERE]
                named += [(row, node) for node in parts if (row, node) not in named]
    lacking = [(row, node) for row, node in named if not places.known(node)]
    if lacking and evidence.outside == "error":
        raise EvidenceError(
            f"evidence names {len(lacking)} node(s) that the network lacks",
            _lacking_failures(lacking, places),
        )
    if not any(places.known(node) for node in evidence.supply["node"]):
        failure = [("supply", "", "node", None, "no supply at a node of the network", "")]
        columns = ["table", "row", "column", "value", "rule", "hint"]
        raise EvidenceError("nothing can move", pd.DataFrame(failure, columns=columns))


def refuse_overlaps(evidence: Evidence, places: Places) -> None:
    """Refuse figures of one kind about places that share a node: they count twice.

    Raises
    ------
    EvidenceError
        With every such pair.
    """
    failures = []
    seized = pd.concat([evidence.seizures["node"], evidence.interception["node"]])
    for table, nodes in (
        ("supply", evidence.supply["node"]),
        ("demand", evidence.demand["node"]),
        # A rate is one of seizures, known or not.
        ("seizures", seized),
    ):
        owner: dict[str, str] = {}
        # Figures about many nodes come first, so that the failure is that of the narrower one.
        for place in sorted(set(nodes), key=lambda p: (-len(places.members(p)), p)):
            members = places.members(place)
            for wider in sorted({owner[node] for node in members if node in owner}):
                rule = f"lies in {wider}, which has a figure of its own"
                hint = f"give {wider} the rest, spread over its other nodes, or leave one out"
                failures.append((table, f"{table}:{place}", "node", place, rule, hint))
            owner |= dict.fromkeys(members, place)
    if failures:
        columns = ["table", "row", "column", "value", "rule", "hint"]
        raise EvidenceError(
            f"{len(failures)} figure(s) would count twice", pd.DataFrame(failures, columns=columns)
        )


def refuse_or_set_aside(
    evidence: Evidence,
    net: RouteNetwork,
    places: Places,
    met: AbstractSet[str],
    reached: AbstractSet[str],
) -> pd.DataFrame:
    """Find rows about nodes that the network lacks (if it may) or that no route reaches.

    Parameters
    ----------
    evidence
        The evidence; its ``outside`` decides between an error and a list.
    net, places
        The network and its places.
    met
        Places where a route from the supply can end.
    reached
        States that a supply reaches.

    Returns
    -------
    pandas.DataFrame
        Index ``row``; columns ``why``, ``best_kg``.

    Raises
    ------
    UnreachableError
        For figures above 0 at nodes that no route reaches.
    """
    rows = _at_places(evidence)
    known = rows["node"].map(places.known).astype("bool")
    lacking = rows[~known]
    present = rows[known & ~rows["node"].isin(met) & ~rows.index.isin(evidence.supply.index)]
    # A missing weight is one of a rate.
    stranded = present[present["best_kg"].fillna(present["best_rate"]) > 0]
    if evidence.outside == "error" and len(stranded):
        raise UnreachableError(_stranded_message(stranded, net, places, reached))
    return pd.concat([listed_rows(lacking, _NOT_IN_NETWORK), listed_rows(stranded, _NOT_REACHED)])


def unreachable_message(what: str, nodes: list[str], graph: nx.DiGraph, ends: Iterable[str]) -> str:
    """Say which nodes are cut off from every end, and what lies nearest."""
    near = next((n for node in nodes for n in sorted(nx.descendants(graph, node))), "none")
    return (
        f"no route leads from the {what} at {', '.join(nodes[:5])} to a demand or seizure "
        f"({', '.join(sorted(ends)[:5])}); furthest reached: {near}. Add the missing legs, or "
        "give their cost a finite value"
    )


def _at_places(evidence: Evidence) -> pd.DataFrame:
    """Return all figures about a node or a group; rates have no ``best_kg``."""
    weights = pd.concat([evidence.supply, evidence.demand, evidence.seizures])
    columns = [*weights.columns, "best_rate"]
    return pd.concat(
        [weights.reindex(columns=columns), evidence.interception.reindex(columns=columns)]
    )


def _lacking_failures(lacking: list[tuple[str, str]], places: Places) -> pd.DataFrame:
    known = places.ids()
    rows = []
    for row, node in lacking:
        close = difflib.get_close_matches(str(node), known, n=1, cutoff=0.6)
        hint = f"did you mean {close[0]!r}?" if close else "add it to the network"
        rows.append(("evidence", row, "node", node, _NOT_IN_NETWORK, hint))
    return pd.DataFrame(rows, columns=["table", "row", "column", "value", "rule", "hint"])


def _stranded_message(
    stranded: pd.DataFrame, net: RouteNetwork, places: Places, reached: AbstractSet[str]
) -> str:
    graph = nx.Graph(list(zip(net.legs["from_node"], net.legs["to_node"], strict=True)))
    parts = []
    for row in stranded.head(5).itertuples():
        members = [node for node in places.members(row.node) if node in graph]
        distance: dict[str, int] = {}
        for node in members[:1]:
            distance = nx.single_source_shortest_path_length(graph, node)
        near = (
            min((d, n) for n, d in distance.items() if n in reached)
            if (set(distance) & set(reached))
            else None
        )
        nearest = f"nearest reached node: {near[1]}" if near else "no leg links it to any route"
        parts.append(f"{row.Index} ({nearest})")
    return (
        f"{len(stranded)} figure(s) sit where no route from the supply leads: {'; '.join(parts)}. "
        "Add the missing legs, or remove the figures"
    )


def listed_rows(rows: pd.DataFrame, why: str) -> pd.DataFrame:
    """List rows that are set aside, with the reason; only weights have a ``best_kg``."""
    return rows.reindex(columns=["best_kg"]).assign(why=why)[["why", "best_kg"]]


def exact_excess(measure: PathMeasure, rows: Rows) -> float:
    """Return the exits that must hold exactly less the supply, kg; 0 within rounding."""
    supply = float(measure.supply_kg.sum())
    gap = float(rows.target_kg[rows.exact_on_exits].sum()) - supply
    return 0.0 if abs(gap) <= _ROUNDING * supply else gap


def refuse_excess(measure: PathMeasure, rows: Rows) -> None:
    """Refuse exits that must hold exactly and do not fit the supply.

    Raises
    ------
    ConflictingEvidenceError
        With the gap, and a minimal set of rows that clash.
    """
    gap = exact_excess(measure, rows)
    fits = gap == 0 if rows.all_exits_hard else gap < 0
    if rows.exact_on_exits.any() and not fits:
        supply = measure.supply_kg.sum()
        side = "more than" if gap > 0 else "less than" if gap < 0 else "which leaves nothing of"
        raise ConflictingEvidenceError(
            f"demand and seizures that must hold exactly add up to {supply + gap:,.6g} kg, "
            f"{f'{abs(gap):,.6g} kg ' if gap else ''}{side} the supply of {supply:,.6g} kg: "
            "give some of them an interval",
            exact_failures(measure, rows),
        )
