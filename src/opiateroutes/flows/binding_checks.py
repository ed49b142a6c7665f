"""Evidence that does not fit a network: refused with names, or set aside and listed."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import networkx as nx
import pandas as pd

from opiateroutes.errors import EvidenceError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from opiateroutes.evidence import Evidence
    from opiateroutes.network import RouteNetwork

__all__ = [
    "ANYWHERE",
    "ends_of",
    "refuse_or_set_aside",
    "refuse_unknown",
    "reported_zeros",
    "unreachable_message",
]

ANYWHERE = "*"
"""Stands for any node at one end of a flow."""

_NOT_IN_NETWORK = "the network has no such node"
_NOT_REACHED = "no route from the supply leads there"


def ends_of(nodes: str, known: pd.Index) -> list[str]:
    """Read one end of a flow: an id that has semicolons in it goes before a list."""
    return [nodes] if nodes in known else [part.strip() for part in nodes.split(";")]


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
    known = net.nodes.index
    rows = pd.concat([evidence.supply, evidence.demand, evidence.seizures])
    named = list(zip(rows.index, rows["node"], strict=True))
    for row in evidence.flows.itertuples():
        ends = [*ends_of(row.from_nodes, known), *ends_of(row.to_nodes, known)]
        named += [(row.Index, node) for node in ends if node != ANYWHERE]
    lacking = [(row, node) for row, node in named if node not in known]
    if lacking and evidence.outside == "error":
        raise EvidenceError(
            f"evidence names {len(lacking)} node(s) that the network lacks",
            _lacking_failures(lacking, net),
        )
    if not evidence.supply["node"].isin(known).any():
        failure = [("supply", "", "node", None, "no supply at a node of the network", "")]
        columns = ["table", "row", "column", "value", "rule", "hint"]
        raise EvidenceError("nothing can move", pd.DataFrame(failure, columns=columns))


def reported_zeros(evidence: Evidence, listed: pd.Index) -> pd.DataFrame:
    """List demand and seizures reported as zero: they close an exit and bind nothing."""
    rows = pd.concat([evidence.demand, evidence.seizures])
    zero = rows[(rows["best_kg"] == 0) & ~rows.index.isin(listed)]
    return _listed(zero, "reported as zero: nothing ends here")


def refuse_or_set_aside(
    evidence: Evidence, net: RouteNetwork, reached: AbstractSet[str]
) -> pd.DataFrame:
    """Find rows about nodes that the network lacks (if it may) or that no route reaches.

    Parameters
    ----------
    evidence
        The evidence; its ``outside`` decides between an error and a list.
    net
        The network.
    reached
        Nodes that a supply reaches.

    Returns
    -------
    pandas.DataFrame
        Index ``row``; columns ``why``, ``best_kg``.

    Raises
    ------
    UnreachableError
        For figures above 0 at nodes that no route reaches.
    """
    rows = pd.concat([evidence.supply, evidence.demand, evidence.seizures])
    lacking = rows[~rows["node"].isin(net.nodes.index)]
    present = pd.concat([evidence.demand, evidence.seizures])
    present = present[present["node"].isin(net.nodes.index) & ~present["node"].isin(reached)]
    stranded = present[present["best_kg"] > 0]
    if evidence.outside == "error" and len(stranded):
        raise UnreachableError(_stranded_message(stranded, net, reached))
    return pd.concat([_listed(lacking, _NOT_IN_NETWORK), _listed(stranded, _NOT_REACHED)])


def unreachable_message(what: str, nodes: list[str], graph: nx.DiGraph, ends: Iterable[str]) -> str:
    """Say which nodes are cut off from every end, and what lies nearest."""
    near = next((n for node in nodes for n in sorted(nx.descendants(graph, node))), "none")
    return (
        f"no route leads from the {what} at {', '.join(nodes[:5])} to a demand or seizure "
        f"({', '.join(sorted(ends)[:5])}); furthest reached: {near}. Add the missing legs, or "
        "give their cost a finite value"
    )


def _lacking_failures(lacking: list[tuple[str, str]], net: RouteNetwork) -> pd.DataFrame:
    known = net.nodes.index.tolist()
    rows = []
    for row, node in lacking:
        close = difflib.get_close_matches(str(node), known, n=1, cutoff=0.6)
        hint = f"did you mean {close[0]!r}?" if close else "add it to the network"
        rows.append(("evidence", row, "node", node, _NOT_IN_NETWORK, hint))
    return pd.DataFrame(rows, columns=["table", "row", "column", "value", "rule", "hint"])


def _stranded_message(stranded: pd.DataFrame, net: RouteNetwork, reached: AbstractSet[str]) -> str:
    graph = nx.Graph(list(zip(net.legs["from_node"], net.legs["to_node"], strict=True)))
    parts = []
    for row in stranded.head(5).itertuples():
        distance = (
            nx.single_source_shortest_path_length(graph, row.node) if row.node in graph else {}
        )
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


def _listed(rows: pd.DataFrame, why: str) -> pd.DataFrame:
    return pd.DataFrame({"why": why, "best_kg": rows["best_kg"]}, index=rows.index)
