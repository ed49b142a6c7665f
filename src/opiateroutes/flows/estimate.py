"""Estimating flows: the one function that turns a network and evidence into a fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from opiateroutes.flows.baselines.run import baseline_fit, checked_method
from opiateroutes.flows.binding.checks import refuse_unknown
from opiateroutes.flows.binding.costs import leg_costs, where_supply_starts
from opiateroutes.flows.binding.od_table import checked_table
from opiateroutes.flows.binding.places import Places
from opiateroutes.flows.binding.price_gaps import price_costs
from opiateroutes.flows.commodities.layers import layered, of_heroin, with_commodities
from opiateroutes.flows.fit import OD_TABLE, PATH_MEASURE, FlowFit
from opiateroutes.flows.measure_fit import measure_fit
from opiateroutes.flows.od_fit import od_fit
from opiateroutes.flows.provenance import provenance_of, sha256_of
from opiateroutes.flows.zero_supply import nothing_moves

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from opiateroutes.evidence import Evidence
    from opiateroutes.network import RouteNetwork

__all__ = ["estimate_flows"]


def estimate_flows(
    net: RouteNetwork,
    evidence: Evidence,
    *,
    cost: str | pd.Series | None = None,
    n_effective: float = 30.0,
    structural_sd: float = 0.7,
    method: str = PATH_MEASURE,
    k_routes: int = 3,
    commodities: Sequence[str] | None = None,
    conversions: pd.DataFrame | None = None,
    od: pd.DataFrame | None = None,
) -> FlowFit:
    """Estimate how much moves where: the route distribution nearest to the prior given evidence.

    Among all distributions of routes from the supply to consumption, seizure or "unaccounted", the
    estimate minimises the Kullback-Leibler divergence from a reference measure (cheap legs are
    likelier) plus the squared misfit of the evidence in standard deviations [1]_. Measured over
    routes, not legs, the flows do not depend on units, on how finely a corridor is cut, or on how
    parallel legs are grouped (their intervals do: structural noise sits on each stage's leg). The
    supply holds exactly, and so does a figure with a standard deviation of 0; all else is soft.
    Shares and rates compare two sums of flows, and are as exact as the larger of them says: soft
    ones are weighed anew until the estimate settles. Price gaps move the costs beforehand.

    Parameters
    ----------
    net
        The network.
    evidence
        The evidence; its ids must be those of the network.
    cost
        Cost of each leg in nats: a column of ``net.legs``, a series by leg, or ``None`` for the
        column ``cost`` if there is one, else the cost model of ``evidence/costs`` (assumptions with
        bounds). ``inf`` closes a leg.
    n_effective
        Number of independent shipments that the prior is worth. 30 by default: the prior then loses
        to any figure known within a fifth; compare 10 and 100.
    structural_sd
        Standard deviation of what the cost model does not know about a leg, in nats, for the
        intervals. 0.7 by default: a factor of two either way. For ``least_squares`` the standard
        deviation of each prior flow, as a share of it.
    method
        ``"path_measure"`` (default), or a baseline to compare with: ``"import_shares"`` (who
        imports from whom, see ``Evidence.shares``; the supply is then what these ask for),
        ``"shortest_path"`` (all-or-nothing), ``"equal_split"`` (over the cheapest routes),
        ``"gravity"`` (on legs) or ``"least_squares"`` (reconciliation of the prior, the only one
        with intervals). The first four read supply, demand and seizures, not published flows.
    k_routes
        Routes of ``equal_split``. 3 by default: the fewest that show more than a choice of two.
    commodities
        Commodities to tell apart, in the order in which one is made into the next, for example
        ``("opium", "heroin")``. Rows of evidence with a commodity are then in kilograms of it, the
        others bind the sum, and tables have the columns ``commodity`` and ``commodity_kg`` (see
        `opiateroutes.flows.commodities.layers.layered`). None by default: all is heroin.
    conversions
        Where one commodity is made into another: ``node``, ``from_commodity``, ``to_commodity``,
        ``cost``. None: at the places of supply only, an assumption.
    od
        An origin-destination table: ``origin``, ``destination`` (a node, or the ``iso3`` of
        several) and ``kg``. Who sends how much to whom is then fixed, and the measure says by which
        way [2]_. Supply and exits come from the table; no other evidence enters, all of it is
        listed in ``unused``. None by default.

    Returns
    -------
    FlowFit
        Flows with 90 % intervals to first order, leverage, residuals and a certificate.

    Raises
    ------
    EvidenceError
        If evidence names nodes that the network lacks.
    UnreachableError
        If evidence sits where no route from the supply leads.
    ConflictingEvidenceError
        If figures that must hold exactly cannot hold together, or not with the supply (then with
        a minimal set of them), or if the cost model cannot meet them.
    DivergentRoutesError
        If going round a cycle costs too little.
    ConvergenceError
        If the certificate is not reached.
    ValueError
        If ``n_effective`` or ``structural_sd`` is not a finite number above (at least) 0,
        ``k_routes`` not a whole number of at least 1, or ``od`` is given with another method.
    UnknownNameError
        If there is no such method.

    References
    ----------
    .. [1] Akamatsu, T. (1997), "Decomposition of path choice entropy in general transport
       networks", Transportation Science 31(4), 349-362.
    .. [2] Bell, M. G. H. (1995), "Alternatives to Dial's logit assignment algorithm",
       Transportation Research B 29(4), 287-295.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2008))
    >>> float(fit.legs.query("from_node == 'AFG'")["flow_kg"].sum().round())
    375000.0
    """
    options = {
        "n_effective": _number("n_effective", n_effective, above_zero=True),
        "structural_sd": _number("structural_sd", structural_sd, above_zero=False),
    }
    checked_method(method, k_routes=k_routes, structural_sd=options["structural_sd"])
    if commodities is None:
        evidence = of_heroin(evidence, net)
    else:
        net, evidence = layered(net, evidence, commodities=commodities, conversions=conversions)
    if od is not None:
        _refuse_method(method)
        return with_commodities(_from_table(net, evidence, od, cost, options))
    refuse_unknown(evidence, net)
    places = Places.of(net)
    supply = evidence.supply[evidence.supply["node"].map(places.known).astype("bool")]
    costs, coefficients = leg_costs(net, cost, where_supply_starts(net, places, supply))
    priced = price_costs(net, evidence, costs, structural_sd=options["structural_sd"])
    provenance = provenance_of(net, evidence, priced.costs, options | {"method": method})
    if supply["best_kg"].sum() == 0:
        return with_commodities(nothing_moves(net, evidence, provenance))
    if method != PATH_MEASURE:
        provenance["k_routes"] = k_routes
        baseline = baseline_fit(net, evidence, priced, method=method, provenance=provenance)
        return with_commodities(baseline)
    fit = measure_fit(
        net,
        evidence,
        priced,
        supply=supply,
        coefficients=coefficients,
        provenance=provenance,
        **options,
    )
    return with_commodities(fit)


def _from_table(
    net: RouteNetwork,
    evidence: Evidence,
    od: pd.DataFrame,
    cost: str | pd.Series | None,
    options: dict[str, Any],
) -> FlowFit:
    """Spread an origin-destination table over routes."""
    places = Places.of(net)
    table = checked_table(od, places)
    origins, ends = (
        where_supply_starts(net, places, table.rename(columns={side: "node", "kg": "best_kg"}))
        for side in ("origin", "destination")
    )
    # Nothing is carried back to an origin, unless the table sends it there.
    costs, coefficients = leg_costs(net, cost, origins - ends)
    provenance = provenance_of(net, evidence, costs, options | {"method": OD_TABLE})
    provenance["inputs_sha256"]["od"] = sha256_of(table)
    if table.empty:
        return nothing_moves(net, evidence, provenance)
    return od_fit(
        net, evidence, table, costs=costs, coefficients=coefficients, provenance=provenance
    )


def _refuse_method(method: str) -> None:
    if method != PATH_MEASURE:
        raise ValueError(f"od= fixes what {method!r} would estimate: give one or the other")


def _number(name: str, value: float, *, above_zero: bool) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not np.isfinite(number) or number < 0 or (above_zero and number == 0):
        least = "above 0" if above_zero else "of at least 0"
        raise ValueError(f"{name} must be a finite number {least}, not {value!r}")
    return number
