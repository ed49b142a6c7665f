"""Stages: the moves of a route from one place of arrival to the next, over legs of the network.

In a network whose legs all cross borders (or that does not tell), a stage is a leg. Where some legs
are inland (column ``border`` is false), a stage is a haul over inland legs and then one border leg.
What a group supplies starts with a haul too, from any of its members.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import logsumexp

from opiateroutes.flows.binding.hauls import Hauls, Shares
from opiateroutes.flows.kernel.trace import sparse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd
    import scipy.sparse as sp
    from numpy.typing import NDArray

    from opiateroutes.flows.binding.places import Places
    from opiateroutes.network import RouteNetwork

__all__ = ["Stages", "stages_of"]


@dataclass(frozen=True, eq=False)
class Stages:
    """The states of a route and the moves between them.

    Parameters
    ----------
    states
        Ids of states, sorted: nodes where routes arrive, and places where a supply starts.
    at
        For each state the nodes (positions) where a route in it stands, with their shares: one for
        a place of arrival, several where a group's supply starts.
    started
        Shape ``(states,)``: states in which a supply starts by haul.
    tail, head
        Shape ``(m,)``: positions of states.
    cost
        Shape ``(m,)``, nats.
    leg
        Shape ``(m,)``: position, among all legs, of the leg that ends each stage.
    use
        Shape ``(legs, m)``: how much of a stage's flow passes each leg.
    begin
        Shape ``(nodes, m)``: where what starts with a stage begins; empty but for supplies by haul.
    hauls
        The hauls; None where no leg is inland and no figure is about a group.
    """

    states: NDArray[np.object_]
    at: tuple[Shares, ...]
    started: NDArray[np.bool_]
    tail: NDArray[np.intp]
    head: NDArray[np.intp]
    cost: NDArray[np.float64]
    leg: NDArray[np.intp]
    use: sp.csr_array
    begin: sp.csr_array
    hauls: Hauls | None


class _BorderLegs(NamedTuple):
    """Border legs that are open: position among all legs, ends, cost."""

    leg: NDArray[np.intp]
    tail: NDArray[np.intp]
    head: NDArray[np.intp]
    cost: NDArray[np.float64]


def stages_of(
    net: RouteNetwork,
    costs: pd.Series,
    places: Places,
    *,
    supply: Iterable[str],
    named: Iterable[str] = (),
) -> Stages:
    """Build the stages of a network.

    Parameters
    ----------
    net
        The network; a boolean column ``border`` of the legs says which are not inland.
    costs
        Index ``leg``, nats; infinite closes a leg.
    places
        Nodes and groups of the network.
    supply
        Ids (nodes or groups) where a supply starts.
    named
        Ids of all other figures.

    Returns
    -------
    Stages
        Of the open legs.

    Raises
    ------
    NetworkError
        If an inland leg has a negative cost.
    """
    costs = costs.reindex(net.legs.index)
    border = np.ones(len(net.legs), dtype=bool)
    if "border" in net.legs:
        border = net.legs["border"].fillna(value=True).to_numpy(bool)
    starts = sorted(set(supply))
    grouped = any(part in places.groups for place in named for part in places.parts(place))
    if border.all() and not grouped and all(place in places.nodes for place in starts):
        return _one_leg_each(net, costs, places)
    tail, head = (places.positions(net.legs[end]) for end in ("from_node", "to_node"))
    price = costs.to_numpy("float64")
    outer = np.flatnonzero(border & np.isfinite(price))
    legs = _BorderLegs(outer, tail[outer], head[outer], price[outer])
    nodes = net.nodes.index.to_numpy(object)
    arrivals = {str(nodes[k]): int(k) for k in np.unique(legs.head)}
    begins = {
        place: [places.position[node] for node in places.members(place)]
        for place in starts
        if place not in arrivals
    }
    population = np.zeros(len(nodes))
    if "population" in net.nodes:
        population = net.nodes["population"].fillna(0.0).to_numpy("float64")
    origins = sorted({*arrivals.values(), *(node for group in begins.values() for node in group)})
    inland = costs.where(~border, np.inf)
    gates = np.zeros(len(nodes), dtype=bool)
    gates[legs.tail] = True
    at = np.array(origins, dtype=np.intp)
    hauls = Hauls.over((tail, head), inland, population, gates, at)
    return _by_hauls(hauls, legs, arrivals, begins, len(price))


def _one_leg_each(net: RouteNetwork, costs: pd.Series, places: Places) -> Stages:
    """Return the open legs as stages."""
    price = costs.to_numpy("float64")
    kept = np.flatnonzero(np.isfinite(price))
    count, n = len(kept), len(net.nodes)
    return Stages(
        states=net.nodes.index.to_numpy(object),
        at=tuple({k: 1.0} for k in range(n)),
        started=np.zeros(n, dtype=bool),
        tail=places.positions(net.legs["from_node"])[kept],
        head=places.positions(net.legs["to_node"])[kept],
        cost=price[kept],
        leg=kept,
        use=sparse(kept, np.arange(count), np.ones(count), (len(price), count)),
        begin=sparse([], [], [], (n, count)),
        hauls=None,
    )


def _by_hauls(
    hauls: Hauls,
    legs: _BorderLegs,
    arrivals: Mapping[str, int],
    begins: Mapping[str, list[int]],
    n_legs: int,
) -> Stages:
    """Put hauls and border legs together, state by state."""
    states = sorted([*arrivals, *begins])
    state_of = {arrivals[state]: k for k, state in enumerate(states) if state in arrivals}
    head_state = np.array([state_of[int(node)] for node in legs.head], dtype=np.intp)
    chosen: list[NDArray[np.intp]] = []
    costs: list[NDArray[np.float64]] = []
    use: list[tuple[int, int, float]] = []
    begin: list[tuple[int, int, float]] = []
    stands: list[Shares] = []
    column = 0
    for state in states:
        nodes = [arrivals[state]] if state in arrivals else hauls.beginnings(begins[state])
        # What a group supplies may begin at any of its members alike.
        stands.append(dict.fromkeys(nodes, 1.0 / len(nodes)))
        log = -np.array([hauls.costs(node, legs.tail) for node in nodes]) - np.log(len(nodes))
        total = logsumexp(log, axis=0)
        reached = np.flatnonzero(np.isfinite(total))
        chosen.append(reached)
        costs.append(legs.cost[reached] - total[reached])
        for stage in reached.tolist():
            use.append((int(legs.leg[stage]), column, 1.0))
            for node, share in zip(nodes, np.exp(log[:, stage] - total[stage]), strict=True):
                if share > 0:
                    passed = hauls.legs(node, int(legs.tail[stage]))
                    use += [(leg, column, float(share)) for leg in passed]
                    if state not in arrivals:
                        begin.append((node, column, float(share)))
            column += 1
    leg_of_stage = np.concatenate(chosen)
    return Stages(
        states=np.array(states, dtype=object),
        at=tuple(stands),
        started=np.array([state in begins for state in states], dtype=bool),
        tail=np.repeat(np.arange(len(states)), [len(reached) for reached in chosen]),
        head=head_state[leg_of_stage],
        cost=np.concatenate(costs),
        leg=legs.leg[leg_of_stage],
        use=_entries(use, (n_legs, column)),
        begin=_entries(begin, (len(hauls.population), column)),
        hauls=hauls,
    )


def _entries(entries: list[tuple[int, int, float]], shape: tuple[int, int]) -> sp.csr_array:
    rows, columns, values = zip(*entries, strict=True) if entries else ((), (), ())
    return sparse(list(rows), list(columns), list(values), shape)
