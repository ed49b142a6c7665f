"""Acetic anhydride: the same measure on the reversed network, coupled at the laboratories.

Routes of the chemical are followed backwards: from the laboratories, where heroin takes so many
kilograms of it, and from where it was seized, to where it was diverted. What arrives, and what was
seized before, is then what was diverted: the balance of the reversed network is the chemical's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from opiateroutes.errors import EvidenceError
from opiateroutes.evidence import Evidence
from opiateroutes.evidence.parameters import Value, load_parameters
from opiateroutes.flows.binding.costs import CONVERSION
from opiateroutes.flows.binding.places import Places
from opiateroutes.flows.commodities.precursor_network import ABOUT, reversed_network, without_layers
from opiateroutes.flows.estimate import estimate_flows
from opiateroutes.flows.reading.node_prices import HEROIN
from opiateroutes.flows.reading.values import log_sd_of_flows
from opiateroutes.network import RouteNetwork

if TYPE_CHECKING:
    from opiateroutes.flows.fit import FlowFit

__all__ = ["estimate_precursor_flows", "heroin_made"]

_ENDS = {"from_node": "to_node", "to_node": "from_node"}


def estimate_precursor_flows(
    fit: FlowFit,
    diverted: pd.DataFrame,
    *,
    seized: pd.DataFrame | None = None,
    flows: pd.DataFrame | None = None,
    ratio: tuple[float, float, float] | None = None,
    cost: str | pd.Series | None = None,
    n_effective: float = 30.0,
    structural_sd: float = 0.7,
    outside: str = "error",
) -> FlowFit:
    """Estimate how acetic anhydride reaches the laboratories that a fit of heroin has.

    The coupling is one linear row for each place with laboratories: acetic anhydride arriving =
    ratio x heroin made there. The balance of the reversed network is that of the chemical:
    diverted = arriving + seized on the way.

    Parameters
    ----------
    fit
        A fit of heroin, with commodities or without: heroin is made where it is supplied, and where
        its commodities are converted into it.
    diverted
        One row a node (or group): where the chemical leaves lawful trade; ``node``, ``best_kg``,
        optional bounds, source and so on as in `Evidence.from_tables`. No table of it ships: name
        the places, with wide bounds where little is known.
    seized
        The same for what was seized on its way, see `opiateroutes.load_precursor_seizures`. What is
        seized at a place has come from further back and never reaches a laboratory.
    flows
        Published flows of the chemical, in the direction in which it moves.
    ratio
        Low, best and high kilograms of acetic anhydride that a kilogram of heroin takes. By default
        0.55, 1.2 and 2.5: the least that chemistry allows, the published upper figure, and their
        middle on a logarithmic scale, an assumption.
    cost
        Cost of each leg in the direction in which the chemical moves, nats, as in `estimate_flows`;
        named routes of opiates do not count for it, and it is not carried out of the places where
        it is needed.
    n_effective, structural_sd
        As in `estimate_flows`.
    outside
        ``"error"`` or ``"skip"``: rows about nodes that the network lacks.

    Returns
    -------
    FlowFit
        In kilograms of acetic anhydride. ``legs`` in the direction in which it moves; ``nodes``
        with ``supply_kg`` (diverted), ``seizure_kg`` (seized), ``consumption_kg`` (arriving at
        laboratories) and ``unaccounted_kg`` (diverted beyond what the figures say). Routes run
        from the laboratory, or the seizure, back to the diversion.

    Raises
    ------
    EvidenceError
        If the fit does not say where heroin is made, or a table breaks its rules.
    UnreachableError
        If no way leads from a diversion to what was seized or needed.
    ValueError
        If ``ratio`` is not low, best and high above 0, in order.

    Notes
    -----
    The fit of heroin is taken as it is, its spread included: figures on the chemical do not change
    it, since a ratio known within a factor of two says little of it. Where no diversion is known
    there is no estimate.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2018))
    >>> diverted = pd.DataFrame({"node": ["DEU", "CHN"], "low_kg": 0, "high_kg": 900_000})
    >>> seized = opr.load_precursor_seizures(2018)
    >>> chemical = opr.estimate_precursor_flows(fit, diverted, seized=seized)
    >>> float((chemical.nodes["consumption_kg"].sum() / fit.supply_kg).round(6))
    1.2
    """
    value = _ratio(ratio)
    net = without_layers(fit.network)
    needed = _needed(heroin_made(fit), value)
    starts = _added(needed, seized)
    evidence = Evidence.from_tables(
        supply=starts,
        demand=diverted,
        flows=None if flows is None else _turned(flows),
        year=fit.year,
        outside=outside,
    )
    backward = reversed_network(net, needed["node"].tolist())
    found = estimate_flows(
        backward, evidence, cost=cost, n_effective=n_effective, structural_sd=structural_sd
    )
    return _forward(found, net, needed, value)


def heroin_made(fit: FlowFit) -> pd.DataFrame:
    """Return how much heroin is made where, by a fit.

    Parameters
    ----------
    fit
        With commodities: what is supplied as heroin, and what is converted into it; without: the
        supply.

    Returns
    -------
    pandas.DataFrame
        ``node`` (a node or a group of the network without layers), ``best_kg``, ``sd_kg``.

    Raises
    ------
    EvidenceError
        If there is a supply whose commodity is not known, or no heroin is made.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> heroin_made(opr.estimate_flows(opr.load_network(), opr.load_evidence(2008)))
      node   best_kg    sd_kg
    0  AFG  375000.0  56250.0
    """
    places = Places.of(fit.network)
    supply = fit.evidence.supply[fit.evidence.supply["best_kg"] > 0]
    supply = supply[supply["node"].map(places.known).astype("bool")]
    made = [supply[["node", "best_kg", "sd_kg"]]]
    if "place" in fit.network.nodes:
        of = {row: {places.layer[n] for n in places.members(row)} for row in supply["node"]}
        mixed = [row for row, layers in of.items() if HEROIN in layers and len(layers) > 1]
        if mixed:
            rule = "a sum over commodities does not say how much is made into heroin"
            failures = [("supply", f"supply:{r}", "node", r, rule, "split it") for r in mixed]
            columns = ["table", "row", "column", "value", "rule", "hint"]
            raise EvidenceError("heroin made is not known", pd.DataFrame(failures, columns=columns))
        heroin = supply[[of[row] == {HEROIN} for row in supply["node"]]]
        place = fit.network.nodes["place"]
        named = [";".join(place[list(places.members(row))]) for row in heroin["node"]]
        made = [heroin.assign(node=named)[["node", "best_kg", "sd_kg"]], _converted(fit)]
    found = [rows for rows in made if len(rows)]
    frame = pd.concat(found) if found else made[0]
    grouped = frame.assign(variance=frame["sd_kg"] ** 2).groupby("node")
    total = pd.DataFrame(
        {"best_kg": grouped["best_kg"].sum(), "sd_kg": np.sqrt(grouped["variance"].sum())}
    )
    return total[total["best_kg"] > 0].reset_index()


def _ratio(given: tuple[float, float, float] | None) -> Value:
    if given is None:
        return load_parameters().get("acetic_anhydride_spent_per_heroin")
    low, best, high = (float(x) for x in given)
    if not 0 < low <= best <= high < np.inf:
        raise ValueError(f"ratio must be low, best and high above 0, in order: {given!r}")
    return Value(best, low, high, "given")


def _converted(fit: FlowFit) -> pd.DataFrame:
    """Return what is converted into heroin, by place."""
    legs = fit.legs[(fit.legs["mode"] == CONVERSION) & (fit.legs["commodity"] == HEROIN)]
    flow = legs["flow_kg"].to_numpy("float64")
    sd = flow * np.sqrt(np.expm1(log_sd_of_flows(legs) ** 2))
    place = legs["to_node"].map(fit.network.nodes["place"])
    return pd.DataFrame({"node": place.to_numpy(object), "best_kg": flow, "sd_kg": sd})


def _needed(made: pd.DataFrame, ratio: Value) -> pd.DataFrame:
    """Write the coupling: what arrives at each place is the ratio times the heroin made there."""
    if made.empty:
        columns = ["table", "row", "column", "value", "rule", "hint"]
        failure = [("supply", "", "node", None, "no heroin is made anywhere", "name conversions")]
        raise EvidenceError("nothing needs the chemical", pd.DataFrame(failure, columns=columns))
    best = made["best_kg"] * ratio.best
    sd = best * np.hypot(made["sd_kg"] / made["best_kg"], ratio.relative_sd)
    note = [f"{ratio.best:g} kg for each kg of heroin, {kg:,.0f} kg made" for kg in made["best_kg"]]
    return pd.DataFrame({"node": made["node"], "best_kg": best, "sd_kg": sd, "note": note}).assign(
        source=ratio.source
    )


def _added(needed: pd.DataFrame, seized: pd.DataFrame | None) -> pd.DataFrame:
    """Add what was seized at a place to what is needed there: both came from further back."""
    if seized is None or len(seized) == 0:
        return needed
    rows = Evidence.from_tables(supply=seized).supply
    both = pd.concat([needed, rows]).fillna({"note": "", "source": ""})
    grouped = both.assign(variance=both["sd_kg"] ** 2).groupby("node", sort=False)
    return pd.DataFrame(
        {
            "best_kg": grouped["best_kg"].sum(),
            "sd_kg": np.sqrt(grouped["variance"].sum()),
            **{text: grouped[text].agg("; ".join) for text in ("note", "source")},
        }
    ).reset_index()


def _turned(flows: pd.DataFrame) -> pd.DataFrame:
    both = {**_ENDS, "from_nodes": "to_nodes", "to_nodes": "from_nodes"}
    return flows.rename(columns=both)


def _forward(found: FlowFit, net: RouteNetwork, needed: pd.DataFrame, ratio: Value) -> FlowFit:
    """Tell a fit of the reversed network in the direction in which the chemical moves."""
    members = Places.of(net)
    begun = found.nodes["supply_kg"]
    arriving = pd.Series(0.0, index=begun.index)
    for row in needed.itertuples():
        own = begun[list(members.members(row.node))]
        # Where something was seized at a laboratory's place too, both begin there alike.
        arriving[own.index] += own * (row.best_kg / own.sum() if own.sum() > 0 else 0.0)
    nodes = found.nodes.assign(
        supply_kg=found.nodes["consumption_kg"] + found.nodes["unaccounted_kg"],
        consumption_kg=arriving,
        seizure_kg=begun - arriving,
    )
    order = [*found.legs.columns]
    legs = found.legs.rename(columns=_ENDS)[order]
    provenance = {**found.provenance, "ratio": [ratio.low, ratio.best, ratio.high]}
    return replace(
        found,
        network=RouteNetwork(net.nodes, net.legs, {**net.meta, **ABOUT}),
        legs=legs,
        nodes=nodes,
        provenance=provenance,
    )
