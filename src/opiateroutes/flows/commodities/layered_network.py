"""A network with one layer for each commodity, joined by legs where one is made into the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from opiateroutes.errors import EvidenceError
from opiateroutes.evidence.commodity_ids import commodity_id
from opiateroutes.flows.binding.costs import CONVERSION
from opiateroutes.flows.binding.places import Places
from opiateroutes.network import RouteNetwork

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from opiateroutes.evidence import Value

__all__ = ["layered_network"]

_REQUIRED = ["node", "from_commodity", "to_commodity"]


def layered_network(
    net: RouteNetwork,
    commodities: Sequence[str],
    conversions: pd.DataFrame,
    kg_per_heroin_kg: Mapping[str, Value],
) -> RouteNetwork:
    """Copy a network for each commodity and join the copies where conversion takes place.

    Parameters
    ----------
    net
        The network.
    commodities
        The layers.
    conversions
        See `opiateroutes.flows.commodities.layers.layered`.
    kg_per_heroin_kg
        Kilograms of each commodity that make one of heroin.

    Returns
    -------
    RouteNetwork
        Nodes ``<node>/<commodity>`` with ``place`` (the node they copy), ``commodity`` and
        ``kg_per_heroin_kg`` with its bounds; legs ``<leg>/<commodity>`` with ``of_leg``,
        ``commodity`` and, where they are conversions, mode ``conversion`` and ``conversion_cost``.

    Raises
    ------
    EvidenceError
        If ``conversions`` lacks columns, or names nodes or commodities that are not there.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> from opiateroutes.evidence import Value
    >>> net = RouteNetwork.from_tables(
    ...     pd.DataFrame({"node": ["a", "b"]}), pd.DataFrame({"from": ["a"], "to": ["b"]})
    ... )
    >>> made = pd.DataFrame(
    ...     {"node": ["a"], "from_commodity": ["opium"], "to_commodity": ["heroin"]}
    ... )
    >>> kilograms = {"opium": Value(8.5, 7, 10, ""), "heroin": Value(1, 1, 1, "")}
    >>> layered_network(net, ["opium", "heroin"], made, kilograms).legs.index.tolist()
    ['a:opium>heroin', 'a>b:leg/heroin', 'a>b:leg/opium']
    """
    nodes, legs = [], []
    for commodity in commodities:
        value = kg_per_heroin_kg[commodity]
        ids = [commodity_id(node, commodity) for node in net.nodes.index]
        nodes.append(
            net.nodes.set_axis(pd.Index(ids, name="node"), axis=0).assign(
                name=net.nodes["name"].to_numpy() + f" ({commodity})",
                place=net.nodes.index.to_numpy(),
                commodity=commodity,
                kg_per_heroin_kg=value.best,
                kg_per_heroin_kg_low=value.low,
                kg_per_heroin_kg_high=value.high,
            )
        )
        ids = [commodity_id(leg, commodity) for leg in net.legs.index]
        ends = {
            end: [commodity_id(node, commodity) for node in net.legs[end]]
            for end in ("from_node", "to_node")
        }
        copied = net.legs.set_axis(pd.Index(ids, name="leg"), axis=0)
        legs.append(
            copied.assign(
                **ends,
                of_leg=net.legs.index.to_numpy(),
                commodity=commodity,
                conversion_cost=np.nan,
            )
        )
    made = _conversion_legs(net, commodities, conversions)
    joined = pd.concat([pd.DataFrame(frame) for frame in (*legs, *([made] if len(made) else []))])
    if "border" in net.legs:
        # A conversion is a choice of its own: no haul runs through it.
        joined["border"] = joined["border"].fillna(value=True)
    return RouteNetwork.from_tables(
        pd.concat([pd.DataFrame(frame) for frame in nodes]),
        joined,
        meta={**net.meta, "commodities": ";".join(commodities)},
    )


def _conversion_legs(
    net: RouteNetwork, commodities: Sequence[str], conversions: pd.DataFrame
) -> pd.DataFrame:
    places = Places.of(net)
    failures = _failures(places, commodities, conversions)
    if failures:
        columns = ["table", "row", "column", "value", "rule", "hint"]
        raise EvidenceError("conversions cannot be used", pd.DataFrame(failures, columns=columns))
    rows = []
    for row in conversions.to_dict("records"):
        members = places.members(str(row["node"]))
        start, end = row["from_commodity"], row["to_commodity"]
        # However finely a place is cut, what is made there is one choice.
        cost = float(row.get("cost", 0.0)) + float(np.log(len(members)))
        rows += [
            {
                "leg": f"{node}:{start}>{end}",
                "from_node": commodity_id(node, start),
                "to_node": commodity_id(node, end),
                "mode": CONVERSION,
                "distance_km": 0.0,
                "why": f"{start} is made into {end}",
                "commodity": end,
                "conversion_cost": cost,
            }
            for node in members
        ]
    frame = pd.DataFrame(rows).set_index("leg") if rows else pd.DataFrame()
    return frame.drop(columns=[c for c in ("distance_km", "why") if rows and c not in net.legs])


def _failures(
    places: Places, commodities: Sequence[str], conversions: pd.DataFrame
) -> list[tuple[str, object, str, object, str, str]]:
    lacking = [column for column in _REQUIRED if column not in conversions]
    if lacking:
        return [("conversions", "", c, None, "the column is missing", "") for c in lacking]
    failures: list[tuple[str, object, str, object, str, str]] = [
        ("conversions", row, "node", node, "the network has no such node", "")
        for row, node in conversions["node"].items()
        if not places.known(str(node))
    ]
    for column in _REQUIRED[1:]:
        failures += [
            ("conversions", row, column, name, "no such commodity", f"of {', '.join(commodities)}")
            for row, name in conversions[column].items()
            if name not in commodities
        ]
    costs = pd.to_numeric(conversions.get("cost", pd.Series(dtype="float64")), errors="coerce")
    failures += [
        ("conversions", row, "cost", cost, "must be a number of nats", "inf closes it")
        for row, cost in costs.items()
        if np.isnan(cost) or cost == -np.inf
    ]
    return failures
