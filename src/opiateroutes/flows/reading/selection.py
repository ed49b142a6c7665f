"""Which legs, or which place, a question about a fit is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.data import nearest
from opiateroutes.errors import UnknownNameError
from opiateroutes.flows.binding.places import ANYWHERE, Places, legs_between

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from opiateroutes.flows.kernel.trace import Trace
    from opiateroutes.network import RouteNetwork

__all__ = ["Selection", "known_legs"]

_SHOWN = 5


@dataclass(frozen=True, eq=False)
class Selection:
    """Legs that are passed, and nodes where routes end, of a network.

    Parameters
    ----------
    legs
        Shape ``(legs,)``.
    nodes
        Shape ``(nodes,)``.
    """

    legs: NDArray[np.bool_]
    nodes: NDArray[np.bool_]

    @classmethod
    def of(cls, net: RouteNetwork, leg_or_place: str, to_place: str | None) -> Selection:
        """Select a leg, the legs between two places, or what passes a place.

        What passes a place is what leaves it, over legs to nodes outside of it or by exits that end
        in it: what moves from one of its nodes to another does not count.

        Parameters
        ----------
        net
            The network.
        leg_or_place, to_place
            See `FlowFit.composition`.

        Raises
        ------
        UnknownNameError
            If there is no such leg or place, or if no leg joins the two places.
        """
        legs, nobody = net.legs, np.zeros(len(net.nodes), dtype=bool)
        is_text = isinstance(leg_or_place, str)
        if to_place is None and is_text and (leg_or_place in legs.index or ">" in leg_or_place):
            return cls(legs.index.isin(known_legs(net, leg_or_place)), nobody)
        places = Places.of(net)
        start = _place(net, places, leg_or_place)
        if to_place is None:
            members = places.members(start)
            leaves = legs["from_node"].isin(members) & ~legs["to_node"].isin(members)
            return cls(leaves.to_numpy(bool), net.nodes.index.isin(members))
        end = _place(net, places, to_place)
        chosen = legs.index.isin(legs_between(legs, places, start, end))
        if not chosen.any():
            raise UnknownNameError(_no_leg(net, places, start, end))
        return cls(chosen, nobody)

    def passed(self, trace: Trace) -> NDArray[np.float64]:
        """Say how often each arc passes what is selected, shape ``(arcs,)``."""
        over = trace.use[np.flatnonzero(self.legs)].sum(axis=0)
        ends = trace.end[np.flatnonzero(self.nodes)].sum(axis=0)
        return np.asarray(over + ends, dtype=np.float64)


def known_legs(net: RouteNetwork, legs: str | Iterable[str]) -> list[str]:
    """Return the ids of one leg or several.

    Raises
    ------
    UnknownNameError
        If one is no leg of the network, with the nearest id.
    """
    several = [legs] if isinstance(legs, str) else list(legs)
    for leg in several:
        if not (isinstance(leg, str) and leg in net.legs.index):
            raise UnknownNameError(f"no leg {leg!r}{nearest(str(leg), net.legs.index)}")
    return list(dict.fromkeys(several))


def _place(net: RouteNetwork, places: Places, name: str) -> str:
    """Return the id of a place: a node, a group, or what a person would type for a node."""
    if isinstance(name, str) and (name == ANYWHERE or places.known(name)):
        return name
    return net.find_node(name)


def _no_leg(net: RouteNetwork, places: Places, start: str, end: str) -> str:
    leaving = legs_between(net.legs, places, start, ANYWHERE)
    ends = list(dict.fromkeys(net.legs.loc[leaving, "to_node"]))
    more = ", ..." if len(ends) > _SHOWN else ""
    others = f"legs from there lead to {', '.join(ends[:_SHOWN])}{more}" if ends else "none does"
    return f"no leg leads from {start!r} to {end!r}; {others}"
