"""The network that a precursor moves on: the given one without layers, its legs turned round."""

from __future__ import annotations

import pandas as pd

from opiateroutes.flows.binding.costs import CONVERSION
from opiateroutes.flows.binding.places import Places
from opiateroutes.flows.reading.node_prices import HEROIN
from opiateroutes.network import RouteNetwork

__all__ = ["ABOUT", "reversed_network", "without_layers"]

ABOUT = {"commodities": "acetic anhydride", "unit": "kg acetic anhydride"}
"""What such a network says of its flows."""

_LAYER = ["place", "commodity", "kg_per_heroin_kg", "kg_per_heroin_kg_low", "kg_per_heroin_kg_high"]
_ENDS = {"from_node": "to_node", "to_node": "from_node"}


def reversed_network(net: RouteNetwork, laboratories: list[str]) -> RouteNetwork:
    """Turn all legs of a network round.

    Parameters
    ----------
    net
        The network.
    laboratories
        Nodes or groups that the chemical is not carried out of.

    Returns
    -------
    RouteNetwork
        The same ids; columns ``into_supply`` and ``named_route`` of the legs say what the cost
        model is to take for these features.

    Examples
    --------
    >>> net = RouteNetwork.from_tables(
    ...     pd.DataFrame({"node": ["a", "b"]}), pd.DataFrame({"from": ["a"], "to": ["b"]})
    ... )
    >>> reversed_network(net, ["b"]).legs[["from_node", "to_node"]].iloc[0].tolist()
    ['b', 'a']
    """
    places = Places.of(net)
    inside = {n for place in laboratories for n in places.members(place)}
    if "border" in net.legs:
        inside = {n for node in inside for n in places.siblings(node)}
    leaves = net.legs["from_node"].isin(inside) & ~net.legs["to_node"].isin(inside)
    turned = net.legs.rename(columns=_ENDS).assign(
        into_supply=leaves.astype("float64"), named_route=0.0
    )
    return RouteNetwork.from_tables(net.nodes, turned, meta={**net.meta, **ABOUT})


def without_layers(net: RouteNetwork) -> RouteNetwork:
    """Return the network that a layered one was made of; one without layers as it is.

    Examples
    --------
    >>> net = RouteNetwork.from_tables(
    ...     pd.DataFrame({"node": ["a", "b"]}), pd.DataFrame({"from": ["a"], "to": ["b"]})
    ... )
    >>> without_layers(net) is net
    True
    """
    if "place" not in net.nodes:
        return net
    nodes = net.nodes[net.nodes["commodity"] == HEROIN]
    name = nodes["name"].str.removesuffix(f" ({HEROIN})")
    of_node = nodes["place"]
    legs = net.legs[(net.legs["commodity"] == HEROIN) & (net.legs["mode"] != CONVERSION)]
    ends = {end: legs[end].map(of_node) for end in _ENDS}
    meta = {key: value for key, value in net.meta.items() if key != "commodities"}
    return RouteNetwork.from_tables(
        nodes.assign(name=name).set_index(pd.Index(of_node, name="node")).drop(columns=_LAYER),
        legs.assign(**ends)
        .set_index(pd.Index(legs["of_leg"], name="leg"))
        .drop(columns=["of_leg", "commodity", "conversion_cost"]),
        meta=meta,
    )
