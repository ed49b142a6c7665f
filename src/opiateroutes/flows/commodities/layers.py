"""Commodities as layers of one network: opium, morphine and heroin, conserved through conversion.

A network with commodities is a network: its nodes are places by commodity, its legs are copies for
each, and where one is made into the next a leg leads from layer to layer. In kilograms of heroin
equivalent nothing is lost on the way, so that the estimate of one commodity is that of several.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from opiateroutes.errors import EvidenceError, UnknownNameError
from opiateroutes.evidence.commodity_ids import split_id
from opiateroutes.evidence.parameters import Z90, Value, load_parameters
from opiateroutes.flows.commodities.layered_evidence import layered_evidence
from opiateroutes.flows.commodities.layered_network import layered_network
from opiateroutes.flows.reading.node_prices import HEROIN
from opiateroutes.flows.reading.values import log_sd_of_flows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.fit import FlowFit
    from opiateroutes.network import RouteNetwork

__all__ = ["layered", "of_heroin", "with_commodities"]

_ONE = Value(1.0, 1.0, 1.0, "definition")
_PARAMETERS = {"opium": "opium_per_heroin", "morphine": "morphine_per_heroin"}


def layered(
    net: RouteNetwork,
    evidence: Evidence,
    *,
    commodities: Sequence[str] = ("opium", "morphine", HEROIN),
    conversions: pd.DataFrame | None = None,
    kg_per_heroin_kg: Mapping[str, tuple[float, float, float]] | None = None,
) -> tuple[RouteNetwork, Evidence]:
    """Lay a network and its evidence out by commodity.

    Parameters
    ----------
    net
        The network.
    evidence
        Rows with a commodity (column ``commodity`` of the tables they came from, or ids such as
        ``IRN/opium``) are in kilograms of it; rows without one bind the sum over the commodities,
        in kilograms of heroin equivalent.
    commodities
        The layers, in the order in which one is made into the next.
    conversions
        Where one commodity is made into another: ``node`` (a node or a group), ``from_commodity``,
        ``to_commodity``, optional ``cost`` in nats (0). None: at the places of supply only, from
        each commodity to the next unless that one has a supply of its own there (what left as each
        is then known). An assumption: where laboratories are, no shipped table says; name the
        places if you know better.
    kg_per_heroin_kg
        Low, best and high kilograms of a commodity that make a kilogram of heroin, by commodity. By
        default those of ``evidence/parameters``: 8.5 (7 to 10) of opium; 1 (0.77 to 1.3) of
        morphine, which seizure statistics count like heroin.

    Returns
    -------
    net : RouteNetwork
        Nodes ``<node>/<commodity>``, legs ``<leg>/<commodity>``, and conversions.
    evidence : Evidence
        In kilograms of heroin equivalent, on the nodes of that network.

    Raises
    ------
    UnknownNameError
        If nothing is known of how much of a commodity makes heroin.
    EvidenceError
        If ``conversions`` cannot be used.
    ValueError
        If a commodity stands twice, or there is none.

    Notes
    -----
    The measure is one: its effective shipments, and the pull of its markets, are shared by all
    commodities. With one commodity the estimate is that without commodities, to the last digit.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> evidence = opr.load_evidence(2008, commodities=("opium", "heroin"))
    >>> net, evidence = layered(opr.load_network(), evidence, commodities=("opium", "heroin"))
    >>> evidence.supply["node"].tolist(), evidence.supply["best_kg"].round(-3).tolist()
    (['AFG/heroin', 'AFG/opium'], [375000.0, 106000.0])
    """
    if not commodities or len(set(commodities)) != len(commodities):
        raise ValueError(f"commodities must be different names, at least one: {commodities!r}")
    values = {name: _value(name, kg_per_heroin_kg or {}) for name in commodities}
    if conversions is None:
        conversions = _at_supply(evidence, commodities, set(net.nodes.index) | _groups(net))
    layers = layered_network(net, commodities, conversions, values)
    return layers, layered_evidence(evidence, net, layers, commodities, values)


def of_heroin(evidence: Evidence, net: RouteNetwork) -> Evidence:
    """Read evidence for an estimate without commodities, which is one of heroin.

    Parameters
    ----------
    evidence, net
        Evidence and network; ids of the network stay what they are.

    Returns
    -------
    Evidence
        Figures about heroin, under the ids of their places.

    Raises
    ------
    EvidenceError
        If there are figures about other commodities: kilograms that are not of heroin.
    """
    known = set(net.nodes.index) | _groups(net)
    others = []
    tables = {}
    for table in ("supply", "demand", "seizures", "flows", "shares", "interception", "price_gaps"):
        rows = getattr(evidence, table).copy()
        for column in rows.columns[rows.columns.str.match(r"node$|.*_nodes$")]:
            parts = {
                part: split_id(part, [HEROIN, *_PARAMETERS])
                for names in rows[column]
                for part in ([names] if names in known else names.split(";"))
                if part not in known
            }
            others += [
                (table, row, column, names, "is not about heroin", "estimate with commodities=")
                for row, names in rows[column].items()
                if any(parts.get(part, ("", None))[1] in _PARAMETERS for part in names.split(";"))
            ]
            rows[column] = [
                ";".join(parts.get(part, (part,))[0] for part in names.split(";"))
                if names not in known
                else names
                for names in rows[column]
            ]
        tables[table] = rows
    if others:
        columns = ["table", "row", "column", "value", "rule", "hint"]
        raise EvidenceError(
            f"{len(others)} figure(s) are of other commodities",
            pd.DataFrame(others, columns=columns),
        )
    return replace(evidence, **tables)


def with_commodities(fit: FlowFit) -> FlowFit:
    """Add to a fit on a layered network what each row is about, and the kilograms of it.

    Parameters
    ----------
    fit
        A fit; one on a network without layers comes back as it is.

    Returns
    -------
    FlowFit
        ``legs`` with ``of_leg`` (empty for a conversion), ``commodity`` (what a conversion makes),
        ``commodity_kg``, ``commodity_low_kg``, ``commodity_high_kg``; ``nodes`` with ``place`` and
        ``commodity``.

    Notes
    -----
    The interval takes the conversion as independent of the flow. Where a figure was published in
    kilograms of the commodity, its conversion is already in the flow's own interval and counts
    twice: the interval is then wide rather than narrow.
    """
    nodes, legs = fit.network.nodes, fit.network.legs
    if "kg_per_heroin_kg" not in nodes:
        return fit
    best, low, high = (
        legs["to_node"].map(nodes[f"kg_per_heroin_kg{end}"]).to_numpy("float64")
        for end in ("", "_low", "_high")
    )
    flow = fit.legs["flow_kg"].to_numpy("float64")
    width = np.hypot(Z90 * log_sd_of_flows(fit.legs), np.log(high / low) / 2)
    of_legs = fit.legs.assign(
        of_leg=legs["of_leg"],
        commodity=legs["commodity"],
        commodity_kg=flow * best,
        commodity_low_kg=flow * best * np.exp(-width),
        commodity_high_kg=flow * best * np.exp(width),
    )
    of_nodes = fit.nodes.assign(place=nodes["place"], commodity=nodes["commodity"])
    return replace(fit, legs=of_legs, nodes=of_nodes)


def _value(commodity: str, given: Mapping[str, tuple[float, float, float]]) -> Value:
    if commodity in given:
        low, best, high = (float(x) for x in given[commodity])
        if not 0 < low <= best <= high < np.inf:
            raise ValueError(
                f"kg_per_heroin_kg of {commodity} must be low, best and high above 0, in order: "
                f"{given[commodity]!r}"
            )
        return Value(best, low, high, "given")
    if commodity == HEROIN:
        return _ONE
    if commodity not in _PARAMETERS:
        raise UnknownNameError(
            f"how many kilograms of {commodity!r} make one of heroin is not known: give "
            "kg_per_heroin_kg"
        )
    return load_parameters().get(_PARAMETERS[commodity])


def _at_supply(evidence: Evidence, commodities: Sequence[str], known: set[str]) -> pd.DataFrame:
    """Convert where supply begins, but not into what has a supply of its own there."""
    rows = evidence.supply[evidence.supply["best_kg"] > 0]
    supplied: dict[str, set[str | None]] = {}
    for node in rows["node"]:
        place, commodity = (node, None) if node in known else split_id(node, commodities)
        supplied.setdefault(place, set()).add(commodity)
    made = [
        (place, start, end)
        for place, own in supplied.items()
        # What is supplied without a commodity begins in any of them.
        if place in known and None not in own
        for start, end in itertools.pairwise(commodities)
        if end not in own
    ]
    return pd.DataFrame(made, columns=["node", "from_commodity", "to_commodity"])


def _groups(net: RouteNetwork) -> set[str]:
    return set(net.nodes["iso3"].dropna())
