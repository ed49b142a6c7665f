"""The generalised cost of a leg, in nats: features of the leg times coefficients with a source."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pyproj import Geod

from opiateroutes.data import load_routes, read_evidence_table
from opiateroutes.errors import NetworkError, UnknownNameError
from opiateroutes.evidence.parameters import Z90

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from opiateroutes.flows.binding.places import Places
    from opiateroutes.network import RouteNetwork

__all__ = ["CONVERSION", "leg_costs", "leg_features", "where_supply_starts"]

CONVERSION = "conversion"
"""Mode of legs on which one commodity becomes another: they lead nowhere else."""

_KM_PER_1000_KM = 1000.0
_METRES_PER_KM = 1000.0
_GEOD = Geod(ellps="WGS84")


def leg_features(net: RouteNetwork, supply_nodes: AbstractSet[str]) -> pd.DataFrame:
    """Read the features of each leg off the network.

    Parameters
    ----------
    net
        The network.
    supply_nodes
        Nodes with a supply.

    Returns
    -------
    pandas.DataFrame
        Index ``leg``; one column for each row of ``evidence/costs``: ``land_border`` (1 for a leg
        by land, or of a mode not known, that is not inland), ``distance`` (1000 km), ``sea``,
        ``air``, ``named_route`` (1 for a leg that a published route names in this direction),
        ``into_supply`` (1 for a leg that ends where a supply starts), ``one_of_several`` (logarithm
        of the number of legs of a mode that join the same two groups of nodes).
    """
    legs = net.legs
    outer = pd.Series(True, index=legs.index)
    if "border" in legs:
        outer = legs["border"].fillna(value=True).astype("bool")
    features = pd.DataFrame(
        {
            "land_border": (outer & ~legs["mode"].isin(["sea", "air"])).astype("float64"),
            "distance": _lengths(net) / _KM_PER_1000_KM,
            "sea": (legs["mode"] == "sea").astype("float64"),
            "air": (legs["mode"] == "air").astype("float64"),
            "named_route": _on_named_route(net),
            "into_supply": (outer & legs["to_node"].isin(supply_nodes)).astype("float64"),
            "one_of_several": _log_of_siblings(net, outer),
        },
        index=legs.index,
    )
    features[legs["mode"] == CONVERSION] = 0.0
    # What a network says of a feature itself goes before what is read off it.
    own = legs.columns.intersection(features.columns)
    return features.assign(**{name: legs[name].astype("float64") for name in own})


def _lengths(net: RouteNetwork) -> pd.Series:
    """Return the length of each leg, km; where none is given the straight line, else the median."""
    legs, place = net.legs, net.nodes.geometry
    if "distance_km" not in legs:
        return pd.Series(0.0, index=legs.index)
    given = legs["distance_km"].astype("float64")
    if given.notna().all():
        return given
    tail, head = (place.reindex(legs[end]) for end in ("from_node", "to_node"))
    ends = (tail.x.to_numpy(), tail.y.to_numpy(), head.x.to_numpy(), head.y.to_numpy())
    known = np.isfinite(ends).all(axis=0)
    straight = np.full(len(legs), given.median())
    straight[known] = _GEOD.inv(*(axis[known] for axis in ends))[2] / _METRES_PER_KM
    return given.fillna(pd.Series(straight, index=legs.index)).fillna(0.0)


def _groups_at_ends(net: RouteNetwork) -> tuple[pd.Series, pd.Series]:
    """Return the group (or, without one, the node) at both ends of each leg."""
    group = net.nodes["iso3"].where(net.nodes["iso3"].notna(), net.nodes.index.to_numpy())
    return net.legs["from_node"].map(group), net.legs["to_node"].map(group)


def _on_named_route(net: RouteNetwork) -> pd.Series:
    chains = [nodes.split(">") for nodes in load_routes()["nodes"]]
    named = {pair for chain in chains for pair in itertools.pairwise(chain)}
    pairs = zip(*_groups_at_ends(net), strict=True)
    return pd.Series([float(p in named) for p in pairs], index=net.legs.index, dtype="float64")


def _log_of_siblings(net: RouteNetwork, outer: pd.Series) -> pd.Series:
    """Return the logarithm of how many border legs of one mode join the same two groups."""
    if "border" not in net.legs:
        # Without it nothing says that parallel legs are several ways through one border.
        return pd.Series(0.0, index=net.legs.index)
    start, end = _groups_at_ends(net)
    # Road and rail share the border: what crosses it by one does not cross by the other.
    mode = net.legs["mode"].where(net.legs["mode"].isin(["sea", "air"]), "land")
    keys = [start, end, mode, *([net.legs["commodity"]] if "of_leg" in net.legs else [])]
    count = outer.groupby(keys).transform("sum")
    return pd.Series(np.log(count.where(outer, 1)), index=net.legs.index, dtype="float64")


def leg_costs(
    net: RouteNetwork, cost: str | pd.Series | None, supply_nodes: AbstractSet[str]
) -> tuple[pd.Series, pd.DataFrame]:
    """Find the cost of each leg in nats, and how it would move with the coefficients.

    Parameters
    ----------
    net
        The network.
    cost
        A column of ``net.legs``, a series by leg, or ``None``: the column ``cost`` if there is one,
        else the cost model of ``evidence/costs``. An infinite cost closes a leg.
    supply_nodes
        Nodes with a supply.

    Returns
    -------
    costs : pandas.Series
        Index ``leg``, nats.
    spread : pandas.DataFrame
        Index ``leg``, one column a coefficient: change of the cost for one standard deviation of
        the coefficient (its bounds are read as a 90 % interval); empty for costs given.

    Raises
    ------
    UnknownNameError
        If the column does not exist.
    NetworkError
        If a cost is missing or minus infinity.
    """
    given: pd.Series | None = None
    if isinstance(cost, str):
        if cost not in net.legs:
            raise UnknownNameError(f"legs have no column {cost!r} to use as cost")
        given = net.legs[cost]
    elif cost is not None:
        given = pd.Series(cost)
        if "of_leg" in net.legs and not net.legs.index.isin(given.index).any():
            # Costs of the legs of a network are those of their copies for each commodity.
            given = net.legs["of_leg"].map(given)
        given = given.reindex(net.legs.index)
    elif "cost" in net.legs:
        given = net.legs["cost"]
    conversion = net.legs.get("conversion_cost", pd.Series(np.nan, index=net.legs.index))
    if given is not None:
        return _checked(conversion.fillna(given)), pd.DataFrame(index=net.legs.index)
    features = leg_features(net, supply_nodes)
    table = read_evidence_table("costs").set_index("feature")
    total = pd.Series(0.0, index=net.legs.index)
    spread = {}
    for feature, row in table.iterrows():
        x = features[str(feature)]
        # 0 x infinity is not a number: a closed feature acts only where it is present.
        total += (x * row["best"]).where(x > 0, 0.0)
        if np.isfinite(row["best"]):
            spread[feature] = x * (row["high"] - row["low"]) / (2 * Z90)
    return conversion.fillna(total), pd.DataFrame(spread)


def _checked(given: pd.Series) -> pd.Series:
    costs = pd.to_numeric(given, errors="coerce").astype("float64")
    bad = costs.index[costs.isna() | (costs == -np.inf)]
    if len(bad):
        rows = [
            ("legs", leg, "cost", given.get(leg), "must be a number, not missing or -inf", "")
            for leg in bad
        ]
        columns = ["table", "row", "column", "value", "rule", "hint"]
        raise NetworkError(f"{len(bad)} leg(s) have no cost", pd.DataFrame(rows, columns=columns))
    return costs


def where_supply_starts(net: RouteNetwork, places: Places, supply: pd.DataFrame) -> set[str]:
    """Return the nodes into which nothing is carried back, since it comes from there."""
    starts = supply.loc[supply["best_kg"] > 0, "node"]
    nodes = {n for p in starts for n in places.members(p)}
    if "border" in net.legs:
        # What a city supplies is not carried back over the border of its group either.
        nodes = {n for node in nodes for n in places.siblings(node)}
    if "place" in net.nodes:
        # Where one commodity comes from, others are not carried to.
        place = net.nodes["place"]
        nodes |= set(place.index[place.isin(place[place.index.isin(nodes)])])
    return nodes
