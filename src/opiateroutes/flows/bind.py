"""From a network and its evidence to arcs, weights and rows: ids become positions here.

Only nodes that lie on some route from a supply to an exit are kept. What the evidence says about
others is refused, or set aside and listed, never dropped in silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import networkx as nx
import numpy as np
import pandas as pd
import scipy.sparse as sp

from opiateroutes.errors import ConflictingEvidenceError, UnreachableError
from opiateroutes.flows.binding_checks import (
    ANYWHERE,
    ends_of,
    refuse_or_set_aside,
    reported_zeros,
    unreachable_message,
)
from opiateroutes.flows.measure import CONSUMPTION, SEIZURE, UNACCOUNTED, PathMeasure
from opiateroutes.flows.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.network import RouteNetwork

__all__ = ["Bound", "bind", "legs_between"]

_ROUNDING = 1e-9
"""Totals that differ by less than this share of the supply are equal."""


@dataclass(frozen=True, eq=False)
class Bound:
    """The estimation problem of a network and its evidence.

    Parameters
    ----------
    measure, rows
        The path measure and the evidence on its arcs.
    unused
        Evidence rows that were set aside: index ``row``; columns ``why``, ``best_kg``.
    """

    measure: PathMeasure
    rows: Rows
    unused: pd.DataFrame


def bind(net: RouteNetwork, evidence: Evidence, costs: pd.Series) -> Bound:
    """Bind evidence to the arcs of a network.

    Parameters
    ----------
    net
        The network.
    evidence
        The evidence; its ids must be the network's.
    costs
        Index ``leg``, nats; infinite closes a leg.

    Returns
    -------
    Bound
        Ready to be conditioned.

    Raises
    ------
    EvidenceError
        If evidence names nodes that the network lacks (and ``evidence.outside`` is ``"error"``).
    UnreachableError
        If evidence sits where no route leads, or if there is nowhere for routes to end.
    ConflictingEvidenceError
        If what must hold exactly exceeds the supply.
    """
    open_legs = net.legs[np.isfinite(costs)]
    supply = _known(evidence.supply, net.nodes.index)
    supply = supply[supply["best_kg"] > 0]
    graph = nx.DiGraph()
    graph.add_nodes_from(net.nodes.index)
    graph.add_edges_from(zip(open_legs["from_node"], open_legs["to_node"], strict=True))
    reached = _reached(graph, supply["node"])
    unused = refuse_or_set_aside(evidence, net, reached)
    demand, seizures = (
        table[~table.index.isin(unused.index) & (table["best_kg"] > 0)]
        for table in (evidence.demand, evidence.seizures)
    )
    if demand.empty and seizures.empty:
        raise UnreachableError(
            "routes have nowhere to end: the evidence has no demand and no seizures at a node that "
            "the supply reaches"
        )
    ends = set(demand["node"]) | set(seizures["node"])
    live = reached & _reached(graph.reverse(copy=False), ends)
    stranded = sorted(set(supply["node"]) - live)
    if stranded:
        raise UnreachableError(unreachable_message("supply", stranded, graph, ends))
    figures = _Figures(supply, demand, seizures)
    weighted = open_legs.assign(cost_nats=costs[open_legs.index])
    measure = _measure(weighted, live, figures, evidence.priors)
    rows, unused_flows = _rows(measure, net, evidence, demand, seizures)
    if rows.all_bound_hard and _excess(measure, rows) == 0.0:
        # The figures use the supply up exactly: nothing is left for a way out without a figure.
        none = evidence.priors.assign(unaccounted_weight=0.0)
        measure = _measure(weighted, live, figures, none)
        rows, unused_flows = _rows(measure, net, evidence, demand, seizures)
    _refuse_excess(measure, rows)
    listed = pd.concat([unused, reported_zeros(evidence, unused.index), unused_flows])
    return Bound(measure, rows, listed.rename_axis("row"))


def _known(table: pd.DataFrame, nodes: pd.Index) -> pd.DataFrame:
    return table[table["node"].isin(nodes)]


def _reached(graph: nx.DiGraph, start: pd.Series | AbstractSet[str]) -> set[str]:
    found: set[str] = set()
    for node in sorted(set(start)):
        if node not in found:
            found |= {node, *nx.descendants(graph, node)}
    return found


def _prior(priors: pd.DataFrame, column: str, nodes: NDArray[np.object_]) -> NDArray[np.float64]:
    values = priors[column].reindex(nodes)
    general = priors[column].get("*", np.nan)
    prior: NDArray[np.float64] = values.fillna(general).to_numpy("float64")
    return prior


class _Figures(NamedTuple):
    """The figures of node tables that enter the problem."""

    supply: pd.DataFrame
    demand: pd.DataFrame
    seizures: pd.DataFrame


def _measure(
    legs: pd.DataFrame, live: set[str], figures: _Figures, priors: pd.DataFrame
) -> PathMeasure:
    # Ids are opaque: numpy's own text type would drop characters at their end.
    nodes = np.array(sorted(live), dtype=object)
    position = {node: k for k, node in enumerate(nodes.tolist())}
    used = legs[legs["from_node"].isin(live) & legs["to_node"].isin(live)].sort_index()
    tail, head = (used[end].map(position).to_numpy(np.intp) for end in ("from_node", "to_node"))
    supply_kg = np.zeros(len(nodes))
    at = figures.supply["node"].map(position).to_numpy(np.intp)
    np.add.at(supply_kg, at, figures.supply["best_kg"])
    passed, exits = _exits(nodes, figures, priors)
    return PathMeasure(
        nodes=nodes,
        legs=used.index.to_numpy(object),
        tail=tail,
        head=head,
        leg_log_weight=passed[tail] - used["cost_nats"].to_numpy("float64"),
        exit_node=np.concatenate([node for node, _, _ in exits]),
        exit_kind=np.concatenate([np.full(len(node), kind) for node, kind, _ in exits]),
        exit_log_weight=np.concatenate([weight for _, _, weight in exits]),
        supply_kg=supply_kg,
    )


_Exits = tuple["NDArray[np.intp]", str, "NDArray[np.float64]"]


def _exits(
    nodes: NDArray[np.object_], figures: _Figures, priors: pd.DataFrame
) -> tuple[NDArray[np.float64], list[_Exits]]:
    """Find the exits and their weights, and the log share that interception lets pass."""
    consumed, seized = (
        np.flatnonzero(np.isin(nodes, table["node"]))
        for table in (figures.demand, figures.seizures)
    )
    interception = np.zeros(len(nodes))
    interception[seized] = _prior(priors, "interception", nodes[seized])
    passed = np.log1p(-interception)
    # A market pulls by its share of the demand, so does what is unaccounted: adding a small market
    # does not open a large way out.
    # Without any market what is not seized must still end somewhere.
    market, at = (figures.demand, consumed) if len(consumed) else (figures.seizures, seized)
    wanted = market.set_index("node")["best_kg"].reindex(nodes[at]).to_numpy("float64")
    share = wanted / wanted.max()
    share /= share.sum()
    consumption = share[: len(consumed)] * _prior(priors, "consumption_weight", nodes[consumed])
    unaccounted = share * _prior(priors, "unaccounted_weight", nodes[at])
    spare = unaccounted > 0
    return passed, [
        (consumed, CONSUMPTION, passed[consumed] + np.log(consumption)),
        (seized, SEIZURE, np.log(interception[seized])),
        (at[spare], UNACCOUNTED, np.log(unaccounted[spare])),
    ]


def _rows(
    measure: PathMeasure,
    net: RouteNetwork,
    evidence: Evidence,
    demand: pd.DataFrame,
    seizures: pd.DataFrame,
) -> tuple[Rows, pd.DataFrame]:
    names: list[str] = []
    target, sd, exits = [], [], []
    exit_at = {
        (kind, measure.nodes[node]): k
        for k, (kind, node) in enumerate(zip(measure.exit_kind, measure.exit_node, strict=True))
    }
    for kind, table in ((CONSUMPTION, demand), (SEIZURE, seizures)):
        for row in table.itertuples():
            names.append(row.Index)
            exits.append(exit_at[kind, row.node])
            target.append(row.best_kg)
            sd.append(row.sd_kg)
    general, kept, unused = _flow_rows(measure, net, evidence)
    flows = evidence.flows.loc[kept]
    rows = Rows(
        names=np.array([*kept, *names], dtype=object),
        general=general,
        n_exits=len(measure.exit_node),
        exit_of_row=np.array(exits, dtype=np.intp),
        target_kg=np.concatenate([flows["best_kg"].to_numpy("float64"), np.array(target)]),
        sd_kg=np.concatenate([flows["sd_kg"].to_numpy("float64"), np.array(sd)]),
    )
    return rows, unused


def legs_between(net: RouteNetwork, from_nodes: str, to_nodes: str) -> pd.Index:
    """Legs from one set of nodes into another; ``*`` stands for any node outside of the other."""
    known = net.nodes.index
    starts, ends = ends_of(from_nodes, known), ends_of(to_nodes, known)
    tail, head = net.legs["from_node"], net.legs["to_node"]
    leaves = ~tail.isin(ends) if starts == [ANYWHERE] else tail.isin(starts)
    enters = ~head.isin(starts) if ends == [ANYWHERE] else head.isin(ends)
    return net.legs.index[leaves & enters]


def _flow_rows(
    measure: PathMeasure, net: RouteNetwork, evidence: Evidence
) -> tuple[sp.csr_matrix, list[str], pd.DataFrame]:
    position = {leg: k for k, leg in enumerate(measure.legs.tolist())}
    kept: list[str] = []
    unused: dict[str, dict[str, object]] = {}
    rows: list[int] = []
    columns: list[int] = []
    for row in evidence.flows.itertuples():
        legs = legs_between(net, row.from_nodes, row.to_nodes)
        used = [position[leg] for leg in legs if leg in position]
        if used:
            rows += [len(kept)] * len(used)
            columns += used
            kept.append(str(row.Index))
            continue
        why = "no leg joins these nodes" if len(legs) == 0 else "no route uses these legs"
        if evidence.outside == "error":
            raise UnreachableError(
                f"{row.Index} cannot be met: {why} ({row.from_nodes} to {row.to_nodes})"
            )
        unused[row.Index] = {"why": why, "best_kg": row.best_kg}
    shape = (len(kept), measure.n_arcs)
    matrix = sp.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)
    frame = pd.DataFrame.from_dict(unused, orient="index", columns=["why", "best_kg"])
    return matrix, kept, frame


def _excess(measure: PathMeasure, rows: Rows) -> float:
    """Return the exits that must hold exactly less the supply, kg; 0 within rounding."""
    hard = rows.sd_kg[rows.n_general :] == 0
    supply = float(measure.supply_kg.sum())
    gap = float(rows.target_kg[rows.n_general :][hard].sum()) - supply
    return 0.0 if abs(gap) <= _ROUNDING * supply else gap


def _refuse_excess(measure: PathMeasure, rows: Rows) -> None:
    """Refuse exits that must hold exactly and do not fit the supply."""
    gap = _excess(measure, rows)
    hard = bool((rows.sd_kg[rows.n_general :] == 0).any())
    fits = gap == 0 if rows.all_exits_hard else gap < 0
    if hard and not fits:
        supply = measure.supply_kg.sum()
        side = "more than" if gap > 0 else "less than" if gap < 0 else "which leaves nothing of"
        raise ConflictingEvidenceError(
            f"demand and seizures that must hold exactly add up to {supply + gap:,.6g} kg, "
            f"{f'{abs(gap):,.6g} kg ' if gap else ''}{side} the supply of {supply:,.6g} kg: "
            "give some of them an interval"
        )
