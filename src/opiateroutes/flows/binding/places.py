"""What an id of the evidence stands for: one node, all nodes of a place, or a list of both.

Figures are published for places that a fine network cuts into many nodes. An id that is no node of
the network but the ``iso3`` of some stands for all of them; so does a list joined by ``;`` for its
parts. A figure about several nodes is one about their sum.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from opiateroutes.data import area_labels
from opiateroutes.errors import NetworkWarning

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from opiateroutes.network import RouteNetwork

__all__ = ["ANYWHERE", "Places", "legs_between"]

ANYWHERE = "*"
"""Stands for any node at one end of a flow."""


@dataclass(frozen=True, eq=False)
class Places:
    """Nodes and groups of nodes of a network, by id.

    Parameters
    ----------
    nodes
        Names of the nodes by id.
    groups
        Members of each group by its id; no id is both a node and a group.
    layer
        Commodity that each node is about; one and the same where the network has no layers.
    """

    nodes: Mapping[str, str]
    groups: Mapping[str, tuple[str, ...]]
    layer: Mapping[str, str]

    @classmethod
    def of(cls, net: RouteNetwork) -> Places:
        """Read nodes and groups off a network.

        Warns
        -----
        NetworkWarning
            If the id of a node is the ``iso3`` of others: figures under it bind that node only.
        """
        nodes = dict(zip(net.nodes.index, net.nodes["name"], strict=True))
        codes = net.nodes["iso3"].dropna()
        hidden = sorted(set(codes[codes != codes.index]) & set(nodes))
        if hidden:
            warnings.warn(
                f"{', '.join(hidden[:5])}: id of a node and iso3 of others; figures about it bind "
                "that node only",
                NetworkWarning,
                stacklevel=4,
            )
        groups = {
            str(code): tuple(members)
            for code, members in codes.groupby(codes).groups.items()
            if code not in nodes
        }
        layer = dict.fromkeys(nodes, "")
        if "commodity" in net.nodes:
            layer = dict(net.nodes["commodity"].astype("str"))
        return cls(nodes, groups, layer)

    def known(self, place: str) -> bool:
        """Tell whether an id is a node, a group, or a list of such."""
        return self.is_one(place) or all(self.is_one(part) for part in self.parts(place))

    def is_one(self, place: str) -> bool:
        """Tell whether an id is a node or a group."""
        return place in self.nodes or place in self.groups

    def members(self, place: str) -> tuple[str, ...]:
        """Return the nodes that an id stands for; none if it is not known."""
        if place in self.nodes:
            return (place,)
        if place in self.groups or not self.known(place):
            return self.groups.get(place, ())
        return tuple(dict.fromkeys(n for part in self.parts(place) for n in self.members(part)))

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Position of each node in the network."""
        return {node: k for k, node in enumerate(self.nodes)}

    def positions(self, nodes: pd.Series) -> NDArray[np.intp]:
        """Return the positions of a column of nodes."""
        positions: NDArray[np.intp] = nodes.map(self.position).to_numpy("intp")
        return positions

    def siblings(self, node: str) -> tuple[str, ...]:
        """Return the nodes of the group that a node lies in, itself included."""
        return self.groups.get(self._group_of.get(node, ""), (node,))

    @cached_property
    def _group_of(self) -> Mapping[str, str]:
        return {node: group for group, members in self.groups.items() for node in members}

    def parts(self, places: str) -> list[str]:
        """Read one end of a flow: an id that has semicolons in it goes before a list."""
        return [places] if self.is_one(places) else [part.strip() for part in places.split(";")]

    def name(self, place: str) -> str:
        """Return the name of a node or a group, or the names of a list."""
        names = (self.nodes.get(part, self._labels.get(part, part)) for part in self.parts(place))
        return ", ".join(str(name) for name in names)

    def ids(self) -> list[str]:
        """Return all ids that evidence may name."""
        return [*self.nodes, *self.groups]

    @cached_property
    def _labels(self) -> Mapping[str, str]:
        return dict(area_labels()["name"]) if self.groups else {}


def legs_between(legs: pd.DataFrame, places: Places, from_places: str, to_places: str) -> pd.Index:
    """Legs from one set of places into another; ``*`` is any node outside of the other set.

    Parameters
    ----------
    legs
        Legs of the network.
    places
        Its places.
    from_places, to_places
        Ids separated by ``;``, or ``*``.

    Returns
    -------
    pandas.Index
        Ids of legs.
    """
    starts, ends = places.parts(from_places), places.parts(to_places)
    tails, heads = (
        {node for place in side for node in places.members(place)} for side in (starts, ends)
    )
    tail, head = legs["from_node"], legs["to_node"]
    leaves = ~tail.isin(heads) if starts == [ANYWHERE] else tail.isin(tails)
    enters = ~head.isin(tails) if ends == [ANYWHERE] else head.isin(heads)
    return legs.index[leaves & enters]
