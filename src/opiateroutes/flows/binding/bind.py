"""From a network and its evidence to arcs, weights and rows: ids become positions here.

Only states that lie on some route from a supply to an exit are kept. What the evidence says about
others is refused, or set aside and listed, never dropped in silence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd
import scipy.sparse as sp

from opiateroutes.errors import UnreachableError
from opiateroutes.flows.binding.checks import (
    exact_excess,
    refuse_excess,
    refuse_or_set_aside,
    refuse_overlaps,
    unreachable_message,
)
from opiateroutes.flows.binding.endings import endings_at
from opiateroutes.flows.binding.exits import Figures, exits_of
from opiateroutes.flows.binding.places import Places
from opiateroutes.flows.binding.ratios import closed_by_shares, ratios_of
from opiateroutes.flows.binding.row_builder import rows_of
from opiateroutes.flows.binding.stages import stages_of
from opiateroutes.flows.binding.zeros import bound_rates, reported_zeros
from opiateroutes.flows.conflicts.exact import refuse_conflicts
from opiateroutes.flows.kernel.measure import PathMeasure
from opiateroutes.flows.kernel.trace import Trace, sparse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.binding.endings import Ending
    from opiateroutes.flows.binding.exits import Exits
    from opiateroutes.flows.binding.ratios import Ratios
    from opiateroutes.flows.binding.stages import Stages
    from opiateroutes.flows.kernel.rows import Rows
    from opiateroutes.network import RouteNetwork

__all__ = ["Bound", "bind"]


@dataclass(frozen=True, eq=False)
class Bound:
    """The estimation problem of a network and its evidence.

    Parameters
    ----------
    measure, exits, rows
        The path measure, where its exits come from, and the evidence on its arcs.
    ratios
        Shares and rates, those among the rows and those that hold whatever moves. At first a soft
        one has the spread that it has if it is a share of all the supply: the least it can say.
    unused
        Evidence rows that were set aside: index ``row``; columns ``why``, ``best_kg`` (missing for
        shares and rates).
    """

    measure: PathMeasure
    exits: Exits
    rows: Rows
    ratios: Ratios
    unused: pd.DataFrame

    def weighed(self, wholes_kg: NDArray[np.float64]) -> Bound:
        """Give the bound ratios the spread that they have as shares of given flows.

        Parameters
        ----------
        wholes_kg
            Shape ``(bound ratios,)``; see `Ratios.wholes_kg`.
        """
        sd = self.rows.sd_kg.copy()
        last = self.rows.n_flows
        sd[last - len(wholes_kg) : last] = self.ratios.sd[self.ratios.bound] * wholes_kg
        return replace(self, rows=replace(self.rows, sd_kg=sd))


def bind(net: RouteNetwork, evidence: Evidence, costs: pd.Series) -> Bound:
    """Bind evidence to the arcs of a network.

    Parameters
    ----------
    net
        The network.
    evidence
        The evidence; its ids are nodes of the network, or the ``iso3`` of several.
    costs
        Index ``leg``, nats; infinite closes a leg.

    Returns
    -------
    Bound
        Ready to be conditioned.

    Raises
    ------
    EvidenceError
        If figures about a group and about one of its nodes overlap.
    UnreachableError
        If evidence sits where no route leads, or if there is nowhere for routes to end.
    ConflictingEvidenceError
        If what must hold exactly exceeds the supply, or clashes in any other way.
    """
    places = Places.of(net)
    supply = evidence.supply[evidence.supply["node"].map(places.known).astype("bool")]
    supply = supply[supply["best_kg"] > 0]
    refuse_overlaps(evidence, places)
    costs = costs.mask(costs.index.isin(closed_by_shares(net, places, evidence.shares)), np.inf)
    tables = (evidence.demand, evidence.seizures, evidence.interception)
    others = [node for table in tables for node in table["node"]]
    stages = stages_of(net, costs, places, supply=supply["node"], named=others)
    graph = _graph(stages)
    starts = set(supply["node"])
    reached = _reached(graph, starts)
    endings = _endings(stages, evidence, places)
    met = {place for place, ways in endings.items() if _states(stages, ways) & reached}
    unused = refuse_or_set_aside(evidence, net, places, met, reached)
    demand, seizures = (
        table[~table.index.isin(unused.index) & (table["best_kg"] > 0)]
        for table in (evidence.demand, evidence.seizures)
    )
    if demand.empty and seizures.empty:
        raise UnreachableError(
            "routes have nowhere to end: the evidence has no demand and no seizures at a node that "
            "the supply reaches"
        )
    used = [*demand["node"], *seizures["node"]]
    ends = {state for place in used for state in _states(stages, endings[place])}
    live = reached & _reached(graph.reverse(copy=False), ends)
    stranded = sorted(starts - live)
    if stranded:
        raise UnreachableError(unreachable_message("supply", stranded, graph, ends))
    figures = Figures(supply, demand, seizures, bound_rates(evidence, unused.index), endings)
    bound = _problem(net, stages, live, figures, evidence)
    if bound.rows.all_bound_hard and exact_excess(bound.measure, bound.rows) == 0.0:
        # The figures use the supply up exactly: nothing is left for a way out without a figure.
        none = evidence.priors.assign(unaccounted_weight=0.0)
        bound = _problem(net, stages, live, figures, replace(evidence, priors=none))
    refuse_excess(bound.measure, bound.rows)
    refuse_conflicts(bound.measure, bound.rows)
    listed = pd.concat([unused, reported_zeros(evidence, unused.index), bound.unused])
    return replace(bound, unused=listed.rename_axis("row"))


def _problem(
    net: RouteNetwork, stages: Stages, live: set[str], figures: Figures, evidence: Evidence
) -> Bound:
    """Build the measure and the rows; of the unused, those on legs."""
    measure, exits = _measure(net, stages, live, figures, evidence.priors)
    ratios, unused_ratios = ratios_of(net, measure, exits, evidence, figures.rates)
    rows, unused_flows = rows_of(net, measure, exits, evidence, figures=figures, ratios=ratios)
    bound = Bound(measure, exits, rows, ratios, pd.concat([unused_flows, unused_ratios]))
    total = float(measure.supply_kg.sum())
    return bound.weighed(np.full(int(ratios.bound.sum()), total))


def _graph(stages: Stages) -> nx.DiGraph:
    names = stages.states
    graph = nx.DiGraph()
    graph.add_nodes_from(names.tolist())
    graph.add_edges_from(zip(names[stages.tail], names[stages.head], strict=True))
    return graph


def _reached(graph: nx.DiGraph, start: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for node in sorted(set(start)):
        if node not in found:
            found |= {node, *nx.descendants(graph, node)}
    return found


def _endings(stages: Stages, evidence: Evidence, places: Places) -> dict[str, list[Ending]]:
    tables = (evidence.demand, evidence.seizures, evidence.interception)
    named = {node for table in tables for node in table["node"]}
    known = sorted(place for place in named if places.known(place))
    return {place: endings_at(stages, places, place) for place in known}


def _states(stages: Stages, endings: list[Ending]) -> set[str]:
    return {str(stages.states[ending.state]) for ending in endings}


def _measure(
    net: RouteNetwork, stages: Stages, live: set[str], figures: Figures, priors: pd.DataFrame
) -> tuple[PathMeasure, Exits]:
    kept_states = np.flatnonzero([state in live for state in stages.states])
    position = np.full(len(stages.states), -1, dtype=np.intp)
    position[kept_states] = np.arange(len(kept_states))
    tail, head = position[stages.tail], position[stages.head]
    kept = np.flatnonzero((tail >= 0) & (head >= 0))
    order = kept[np.argsort(_sort_key(stages, kept, net), kind="stable")]
    nodes = stages.states[kept_states]
    at = {node: k for k, node in enumerate(nodes.tolist())}
    supply_kg = np.zeros(len(nodes))
    np.add.at(supply_kg, [at[node] for node in figures.supply["node"]], figures.supply["best_kg"])
    exits = exits_of(figures, position, priors, len(nodes))
    measure = PathMeasure(
        nodes=nodes,
        legs=net.legs.index.to_numpy(object)[stages.leg[order]],
        tail=tail[order],
        head=head[order],
        leg_log_weight=exits.passed[tail[order]] - stages.cost[order],
        exit_node=exits.node,
        exit_kind=exits.kind,
        exit_place=exits.place,
        exit_log_weight=exits.log_weight,
        supply_kg=supply_kg,
        trace=_trace(net, stages, order, exits),
    )
    return measure, exits


def _sort_key(stages: Stages, kept: NDArray[np.intp], net: RouteNetwork) -> NDArray[np.intp]:
    """Order stages by the id of their leg, as the legs of a network are."""
    return np.argsort(np.argsort(net.legs.index.to_numpy(object)))[stages.leg[kept]]


def _beside(stages: sp.csr_array, exits: sp.csr_array) -> sp.csr_array:
    return sp.hstack([stages, exits], format="csr")


def _trace(net: RouteNetwork, stages: Stages, order: NDArray[np.intp], exits: Exits) -> Trace:
    n, m = len(net.nodes), len(net.legs)
    tail = net.legs["from_node"].map({node: k for k, node in enumerate(net.nodes.index)})
    return Trace(
        legs=net.legs.index.to_numpy(object),
        nodes=net.nodes.index.to_numpy(object),
        use=_beside(stages.use[:, order], exits.use(m)),
        begin=_beside(stages.begin[:, order], exits.begin(n)),
        end=_beside(sparse([], [], [], (n, len(order))), exits.end(n)),
        out=sparse(tail.to_numpy(np.intp), np.arange(m), np.ones(m), (n, m)),
    )
