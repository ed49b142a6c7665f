"""How routes end at the place of a figure, seen from every state where they can."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from opiateroutes.flows.binding.hauls import Hauls, Shares
    from opiateroutes.flows.binding.places import Places
    from opiateroutes.flows.binding.stages import Stages

__all__ = ["Ending", "endings_at"]


class Ending(NamedTuple):
    """How routes in one state end at a place.

    ``inside`` tells that a route in this state is at the place already; ``here`` is where it then
    stands. ``cost`` (nats), ``end`` and ``use`` are the hauls to where it is consumed, and
    ``begin`` is where such routes began; empty unless they start in this state.
    """

    state: int
    inside: bool
    here: Shares
    begin: Shares
    cost: float
    end: Shares
    use: Shares


def endings_at(stages: Stages, places: Places, place: str) -> list[Ending]:
    """Find how routes end at a place.

    A figure about a place where routes arrive concerns what has arrived at any of its nodes (or
    starts there); it ends at those with a population, by population and by nearness. One about
    inland nodes only is met by a haul from wherever routes are. What has arrived and finds no way
    to such a node ends where it is, as if by the dearest of the hauls of the others.

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
    members = {places.position[name] for name in places.members(place)}
    inside = [members.issuperset(stands) for stands in stages.at]
    if stages.hauls is None:
        here = [k for k, is_inside in enumerate(inside) if is_inside]
        return [Ending(k, True, stages.at[k], {}, 0.0, stages.at[k], {}) for k in here]
    arrived = any(is_in and not start for is_in, start in zip(inside, stages.started, strict=True))
    markets = _markets(stages.hauls, places, members)
    endings, stranded = [], []
    for state, stands in enumerate(stages.at):
        if arrived and not inside[state]:
            continue
        way = _way(stages.hauls, stands, markets)
        if way is None:
            stranded += [state] if inside[state] else []
            continue
        begin, cost, end, use = way
        start = begin if stages.started[state] else {}
        endings.append(Ending(state, inside[state], stands, start, cost, end, use))
    dearest = max((ending.cost for ending in endings), default=0.0)
    for state in stranded:
        stands = stages.at[state]
        start = stands if stages.started[state] else {}
        endings.append(Ending(state, True, stands, start, dearest, stands, {}))
    return sorted(endings, key=lambda ending: ending.state)


def _markets(hauls: Hauls, places: Places, members: set[int]) -> Callable[[int], Shares]:
    """Return the markets that a node sees: those of its own commodity, if there are several."""
    layers = list(places.layer.values())
    by_layer = {
        layer: hauls.markets(sorted(node for node in members if layers[node] == layer))
        for layer in {layers[node] for node in members}
    }
    return lambda node: by_layer.get(layers[node], {})


def _way(
    hauls: Hauls, stands: Shares, markets: Callable[[int], Shares]
) -> tuple[Shares, float, Shares, Shares] | None:
    """Choose among the hauls to markets from wherever a route in one state stands."""
    ways = {node: hauls.to_markets(node, markets(node)) for node in stands}
    weight = {
        node: stands[node] * math.exp(-way[0]) for node, way in ways.items() if way is not None
    }
    total = sum(weight.values())
    if total <= 0.0:
        return None
    begin = {node: part / total for node, part in weight.items()}
    end: Shares = {}
    use: Shares = {}
    for node, share in begin.items():
        _, ends, legs = ways[node] or (0.0, {}, {})
        for mixed, parts in ((end, ends), (use, legs)):
            for key, part in parts.items():
                mixed[key] = mixed.get(key, 0.0) + share * part
    return begin, -math.log(total), end, use
