"""Intervals, leverage and what a number rests on, against slower ways to the same answer."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from instances import random_case

import opiateroutes as opr
from opiateroutes.flows.binding.bind import bind
from opiateroutes.flows.kernel.condition import condition
from opiateroutes.flows.kernel.dual import Problem
from opiateroutes.flows.reading.route_moments import RouteMoments
from opiateroutes.flows.reading.spread import interval, spread_of


def spread(net, evidence, *, n_effective=30.0, structural_sd=0.0, costs=None):
    costs = net.legs["cost"] if costs is None else costs
    bound = bind(net, evidence, costs)
    problem = Problem.of(bound.measure, bound.rows, n_effective=n_effective)
    solution = condition(problem)
    result = spread_of(
        problem,
        solution,
        n_effective=n_effective,
        structural_sd=structural_sd,
        coefficient_spread=np.zeros((len(net.legs), 0)),
        supply_sd=np.zeros(len(bound.measure.sources)),
    )
    return bound, solution, result


def variance_of(result):
    """Variance of each arc, shares of the supply squared."""
    each = sp.eye_array(len(result.moments.arcs), format="csr")
    return (result.sd_kg(each) / result.total_kg) ** 2


@pytest.mark.parametrize("seed", range(6))
def test_structural_variance_is_that_of_finite_differences(seed):
    net, evidence = random_case(seed)
    bound, solution, with_noise = spread(net, evidence, structural_sd=0.5)
    _, _, without = spread(net, evidence)
    variance = np.zeros(bound.measure.n_arcs)
    for leg in bound.measure.legs:
        step = 1e-5
        sides = [
            spread(net, evidence, costs=net.legs["cost"] + s * step * (net.legs.index == leg))[1]
            for s in (1, -1)
        ]
        slope = (sides[0].arcs[:, 0] - sides[1].arcs[:, 0]) / (2 * step)
        variance += (0.5 * slope) ** 2
    difference = variance_of(with_noise) - variance_of(without)
    assert difference == pytest.approx(variance, rel=1e-4, abs=1e-9)
    assert solution.gap[0] <= 1e-10


def test_route_covariance_is_that_of_sampled_routes():
    net, evidence = random_case(4, n_sources=1)
    bound = bind(net, evidence, net.legs["cost"])
    problem = Problem.of(bound.measure, bound.rows, n_effective=30.0)
    solution = condition(problem)
    measure, arcs = bound.measure, solution.arcs[:, 0]
    through = np.bincount(measure.arc_tail, arcs, measure.n_nodes)
    rng = np.random.default_rng(0)
    draws, m = 40_000, len(measure.legs)
    counts = np.zeros((draws, measure.n_arcs))
    out = [np.flatnonzero(measure.arc_tail == k) for k in range(measure.n_nodes)]
    for draw in range(draws):
        node = int(measure.sources[0])
        while True:
            arc = rng.choice(out[node], p=arcs[out[node]] / through[node])
            counts[draw, arc] += 1
            if arc >= m:
                break
            node = int(measure.head[arc])
    sampled = np.cov(counts, rowvar=False)
    each = sp.eye_array(measure.n_arcs, format="csr")
    moments = RouteMoments.of(problem, arcs)
    covariance = moments.covariance(each, each)
    assert np.abs(sampled - covariance).max() < 0.03
    assert moments.variance(each) == pytest.approx(np.diag(covariance), abs=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_leverage_lies_between_model_and_evidence(seed):
    net, evidence = random_case(seed)
    fit = opr.estimate_flows(net, evidence)
    assert fit.legs["leverage"].between(0, 1).all()
    assert set(fit.legs["basis"]) <= {"evidence", "model"}
    assert ((fit.legs["leverage"] >= 0.5) == (fit.legs["basis"] == "evidence")).all()


def test_sharper_evidence_has_more_leverage_and_narrower_intervals():
    net, evidence = random_case(2)
    flows = evidence.flows.reset_index().rename(
        columns={"from_nodes": "from_node", "to_nodes": "to_node"}
    )
    flows["row"] = flows["row"].str.removeprefix("flow:")
    tables = {
        t: getattr(evidence, t).reset_index(drop=True) for t in ("supply", "demand", "seizures")
    }
    legs = {}
    for factor in (10.0, 0.1):
        sharper = opr.Evidence.from_tables(
            **tables, flows=flows.assign(sd_kg=flows["sd_kg"] * factor), priors=evidence.priors
        )
        legs[factor] = opr.estimate_flows(net, sharper).legs.loc["n00>n01:leg"]
    assert legs[0.1]["leverage"] > legs[10.0]["leverage"]
    width = {k: leg["high_kg"] / leg["low_kg"] for k, leg in legs.items()}
    assert width[0.1] < width[10.0]
    assert "flow:first" in legs[0.1]["rests_on"]


def test_a_prior_worth_more_shipments_gives_narrower_intervals():
    net, evidence = random_case(3)
    variances = [
        variance_of(spread(net, evidence, n_effective=n)[2]).sum() for n in (10.0, 30.0, 100.0)
    ]
    assert variances[0] > variances[1] > variances[2]


def test_interval_is_lognormal_with_the_given_moments():
    low, high = interval(np.array([100.0, 0.0]), np.array([50.0, 0.0]))
    assert low[1] == high[1] == 0
    sigma = np.sqrt(np.log(1.25))
    assert np.log(high[0] / low[0]) == pytest.approx(2 * 1.6448536269514722 * sigma)


def test_supply_spread_reaches_the_flows():
    legs = pd.DataFrame({"from_node": ["a"], "to_node": ["b"], "cost": [2.0]})
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": ["a", "b"]}), legs)
    supply = pd.DataFrame({"node": ["a"], "best_kg": [100.0], "sd_kg": [20.0]})
    demand = pd.DataFrame({"node": ["b"], "best_kg": [80.0], "sd_kg": [30.0]})
    fit = opr.estimate_flows(net, opr.Evidence.from_tables(supply=supply, demand=demand))
    low, high = interval(np.array([100.0]), np.array([20.0]))
    leg = fit.legs.iloc[0]
    assert (leg["low_kg"], leg["high_kg"]) == (pytest.approx(low[0]), pytest.approx(high[0]))
    assert (fit.supply_low_kg, fit.supply_high_kg) == (
        pytest.approx(low[0]),
        pytest.approx(high[0]),
    )
