"""How routes end at the place of a figure, seen from every state where they can."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from opiateroutes.flows.hauls import Shares, Way
    from opiateroutes.flows.places import Places
    from opiateroutes.flows.stages import Stages

__all__ = ["Ending", "endings_at"]


class Ending(NamedTuple):
    """How routes in one state end at a place.

    ``inside`` tells that a route in this state has arrived at the place already; ``here`` is where
    it then stands. ``cost`` (nats), ``end`` and ``use`` are the hauls to where it is consumed.
    """

    state: int
    inside: bool
    here: Shares
    cost: float
    end: Shares
    use: Shares


def endings_at(stages: Stages, places: Places, place: str) -> list[Ending]:
    """Find how routes end at a place.

    A figure about a node where routes arrive concerns what arrives there. One about a group
    concerns what has arrived at any of its members, and ends at those with a population, by
    population and by nearness (or where it has arrived, if none has one). One about an inland node
    is met by a haul from wherever routes have arrived.

    Parameters
    ----------
    stages
        The states of routes.
    places
        Nodes and groups of the network.
    place
        A node or a group.

    Returns
    -------
    list of Ending
        In the order of the states; empty where no route can arrive.
    """
    state_of = {node: state for state, node in stages.node_of.items()}
    node = places.position.get(place)
    if node in state_of:
        return [Ending(state_of[node], True, {node: 1.0}, 0.0, {node: 1.0}, {})]
    if stages.hauls is None:
        return []
    members = [places.position[name] for name in places.members(place)]
    markets = stages.hauls.markets(members)
    arrived = sorted(state_of[member] for member in members if member in state_of)
    endings = []
    for state in arrived or sorted(stages.node_of):
        here = stages.node_of[state]
        stays: Way | None = (0.0, {here: 1.0}, {}) if arrived else None
        way = stages.hauls.to_markets(here, markets) or stays
        if way is not None:
            endings.append(Ending(state, bool(arrived), {here: 1.0}, *way))
    starts = [
        k for k, name in enumerate(stages.states) if name == place and k not in stages.node_of
    ]
    for state in starts:
        # A route that starts in the group may end in it at once.
        begins = stages.hauls.beginnings(members)
        share = dict.fromkeys(begins, 1.0 / len(begins))
        endings.append(Ending(state, True, share, 0.0, markets or share, {}))
    return sorted(endings)
