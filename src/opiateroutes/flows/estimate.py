"""Estimating flows: the one function that turns a network and evidence into a fit."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from opiateroutes.errors import ConvergenceError
from opiateroutes.flows.baselines.run import baseline_fit, checked_method
from opiateroutes.flows.binding.bind import bind
from opiateroutes.flows.binding.checks import refuse_unknown
from opiateroutes.flows.binding.costs import leg_costs
from opiateroutes.flows.binding.places import Places
from opiateroutes.flows.binding.price_gaps import price_costs
from opiateroutes.flows.commodities import layered, of_heroin, with_commodities
from opiateroutes.flows.conditioned import Conditioned
from opiateroutes.flows.conflicts.exact import far_apart, refuse_beyond_model
from opiateroutes.flows.fit import PATH_MEASURE, Certificate, FlowFit
from opiateroutes.flows.kernel.dual import evaluate, primal_value
from opiateroutes.flows.reading.frames import FitTables
from opiateroutes.flows.reading.residuals import RESIDUAL_COLUMNS, residual_frame
from opiateroutes.flows.reading.spread import interval, spread_of
from opiateroutes.flows.reweighting import settle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.binding.bind import Bound
    from opiateroutes.flows.kernel.condition import Solution
    from opiateroutes.flows.kernel.dual import Problem
    from opiateroutes.flows.kernel.measure import PathMeasure
    from opiateroutes.flows.reweighting import Settled
    from opiateroutes.network import RouteNetwork

__all__ = ["estimate_flows"]

GAP_AT_MOST = 1e-10
"""Largest duality gap of a result, relative to the objective where that is above 1 nat."""

BALANCE_AT_MOST = 1e-9
"""Largest imbalance of a node, and miss of an exact row, in shares of the supply."""


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
        `opiateroutes.flows.commodities.layered`). None by default: all is heroin.
    conversions
        Where one commodity is made into another: ``node``, ``from_commodity``, ``to_commodity``,
        ``cost``. None: at the places of supply only, an assumption.

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
        If ``n_effective`` or ``structural_sd`` is not a finite number above (at least) 0, or
        ``k_routes`` not a whole number of at least 1.
    UnknownNameError
        If there is no such method.

    References
    ----------
    .. [1] Akamatsu, T. (1997), "Decomposition of path choice entropy in general transport
       networks", Transportation Science 31(4), 349-362.

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
    refuse_unknown(evidence, net)
    places = Places.of(net)
    supply = evidence.supply[evidence.supply["node"].map(places.known).astype("bool")]
    costs, coefficients = leg_costs(net, cost, _where_supply_starts(net, places, supply))
    priced = price_costs(net, evidence, costs, structural_sd=options["structural_sd"])
    provenance = _provenance(net, evidence, priced.costs, options | {"method": method})
    if supply["best_kg"].sum() == 0:
        return with_commodities(_nothing(net, evidence, provenance))
    if method != PATH_MEASURE:
        provenance["k_routes"] = k_routes
        baseline = baseline_fit(net, evidence, priced, method=method, provenance=provenance)
        return with_commodities(baseline)
    bound, problem, solution, rounds = _settled(
        bind(net, evidence, priced.costs), options["n_effective"]
    )
    if rounds > 1:
        provenance["rounds"] = rounds
    certificate = _certificate(problem, solution)
    total = float(bound.measure.supply_kg.sum())
    spread = spread_of(
        problem,
        solution,
        **options,
        coefficient_spread=coefficients.to_numpy("float64"),
        supply_sd=_supply_sd(bound.measure, supply) / total,
    )
    arcs_kg = solution.arcs[:, 0] * total
    tables = FitTables(net, bound.measure, bound.rows.names, arcs_kg, spread)
    low, high = interval(np.array([total]), np.array([np.sqrt((supply["sd_kg"] ** 2).sum())]))
    fit = FlowFit(
        network=net,
        evidence=evidence,
        legs=tables.legs(),
        nodes=tables.nodes(),
        residuals=residual_frame(
            net,
            evidence,
            bound.rows,
            bound.rows.values(arcs_kg[:, None])[:, 0],
            solution.multipliers[:, 0],
            estimates=pd.concat([bound.ratios.estimates(arcs_kg), priced.estimates]),
        ),
        unused=pd.concat([bound.unused, priced.unused]).rename_axis("row"),
        certificate=certificate,
        provenance=provenance,
        measure=bound.measure,
        arcs_kg=arcs_kg,
        supply_kg=total,
        supply_low_kg=float(low[0]),
        supply_high_kg=float(high[0]),
        spread=spread,
        conditioned=Conditioned(
            bound,
            problem,
            solution,
            coefficients,
            _supply_sd(bound.measure, supply),
            **options,
        ),
    )
    return with_commodities(fit)


def _where_supply_starts(net: RouteNetwork, places: Places, supply: pd.DataFrame) -> set[str]:
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


def _number(name: str, value: float, *, above_zero: bool) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not np.isfinite(number) or number < 0 or (above_zero and number == 0):
        least = "above 0" if above_zero else "of at least 0"
        raise ValueError(f"{name} must be a finite number {least}, not {value!r}")
    return number


def _supply_sd(measure: PathMeasure, supply: pd.DataFrame) -> NDArray[np.float64]:
    """Return the standard deviation of each source of the measure, kg."""
    by_node = supply.set_index("node")["sd_kg"]
    sd: NDArray[np.float64] = by_node.reindex(measure.nodes[measure.sources]).to_numpy("float64")
    return sd


def _settled(bound: Bound, n_effective: float) -> Settled:
    """Condition a bound problem; evidence that stops the solver is named."""
    try:
        return settle(bound, n_effective=n_effective)
    except ConvergenceError as error:
        nowhere = np.full(bound.measure.n_arcs, np.nan)
        refuse_beyond_model(bound.measure, bound.rows, nowhere)
        raise ConvergenceError(f"{error}.{far_apart(bound.measure, bound.rows)}") from error


def _certificate(problem: Problem, solution: Solution) -> Certificate:
    """Compute gap and balance from the flows alone, not from how they were found; enforce them."""
    measure = problem.measure
    dual = float(evaluate(problem, solution.multipliers).value[0])
    primal = float(primal_value(problem, solution.arcs)[0])
    arcs = solution.arcs[:, 0]
    n, m = measure.n_nodes, len(measure.legs)
    leaving = np.bincount(measure.arc_tail, arcs, n)
    arriving = np.bincount(measure.head, arcs[:m], n)
    supply = measure.supply_kg / measure.supply_kg.sum()
    gap = abs(primal - dual) / max(1.0, abs(primal))
    balance = float(np.abs(supply + arriving - leaving).max())
    hard = float(solution.hard_residual[0])
    if not (gap <= GAP_AT_MOST and balance <= BALANCE_AT_MOST and hard <= BALANCE_AT_MOST):
        refuse_beyond_model(measure, problem.rows, arcs * measure.supply_kg.sum())
        exact = problem.rows.names[problem.variance[:, 0] == 0]
        clash = f" Rows that must hold exactly: {', '.join(exact[:5])}." if len(exact) else ""
        clash += far_apart(measure, problem.rows) or " The evidence may be too far from the costs."
        raise ConvergenceError(
            f"the estimate did not reach its certificate: gap {gap:.2g} (at most 1e-10), balance "
            f"{balance:.2g} (at most 1e-9), exact rows missed by {hard:.2g} of the supply."
            f"{clash} Widen the intervals of the evidence or lower n_effective"
        )
    return Certificate(gap=gap, balance=balance, iterations=solution.iterations)


def _nothing(net: RouteNetwork, evidence: Evidence, provenance: dict[str, Any]) -> FlowFit:
    """Return the fit of a supply of zero: nothing moves, and the tables say so."""
    legs = pd.DataFrame(net.legs[["from_node", "to_node", "mode"]])
    nodes = pd.DataFrame(net.nodes[["name"]])
    note = "supply of zero: nothing moves"
    kilograms = ("supply", "throughput", "throughput_low", "throughput_high")
    exits = ("consumption", "seizure", "unaccounted")
    zero = {f"{name}_kg": 0.0 for name in (*kilograms, *exits)}
    rates = dict.fromkeys(("interception", "interception_low", "interception_high"), np.nan)
    weights = (evidence.demand, evidence.seizures, evidence.flows)
    ratios = (evidence.shares, evidence.interception, evidence.price_gaps)
    figures = pd.concat([table.reindex(columns=["best_kg"]) for table in (*weights, *ratios)])
    return FlowFit(
        network=net,
        evidence=evidence,
        legs=legs.assign(
            flow_kg=0.0, low_kg=0.0, high_kg=0.0, net_kg=0.0, leverage=1.0, basis="evidence"
        ).assign(rests_on=note),
        nodes=nodes.assign(**zero, **rates, leverage=1.0, rests_on=note),
        residuals=pd.DataFrame(columns=RESIDUAL_COLUMNS).rename_axis("row"),
        unused=pd.DataFrame({"why": note, "best_kg": figures["best_kg"]}),
        certificate=Certificate(gap=0.0, balance=0.0, iterations=0),
        provenance={**provenance, "flag": note},
        measure=None,
        arcs_kg=np.zeros(0),
        supply_kg=0.0,
        supply_low_kg=0.0,
        supply_high_kg=0.0,
        spread=None,
        method=provenance["method"],
    )


def _provenance(
    net: RouteNetwork, evidence: Evidence, costs: pd.Series, options: dict[str, Any]
) -> dict[str, Any]:
    from importlib.metadata import version

    tables = {
        "nodes": net.nodes.drop(columns="geometry"),
        "legs": net.legs.drop(columns="geometry"),
        "costs": costs,
        "supply": evidence.supply,
        "demand": evidence.demand,
        "seizures": evidence.seizures,
        "flows": evidence.flows,
        "shares": evidence.shares,
        "interception": evidence.interception,
        "price_gaps": evidence.price_gaps,
        "priors": evidence.priors,
    }
    hashes = {
        name: hashlib.sha256(table.to_csv(lineterminator="\n").encode()).hexdigest()[:16]
        for name, table in tables.items()
    }
    return {
        "package": f"opiateroutes {version('opiateroutes')}",
        "year": evidence.year,
        **options,
        "inputs_sha256": hashes,
    }
