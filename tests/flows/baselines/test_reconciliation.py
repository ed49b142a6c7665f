"""Least squares: against a general solver, known answers, and the spread after reconciliation."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from instances import random_case

import opiateroutes as opr
from opiateroutes.errors import ConvergenceError, DivergentRoutesError
from opiateroutes.flows.baselines.cheapest_plan import balance_matrix
from opiateroutes.flows.baselines.nearest_point import nearest_point
from opiateroutes.flows.binding.bind import bind
from opiateroutes.flows.kernel.dual import Problem, evaluate, flows_at


def figures(**nodes):
    return pd.DataFrame({"node": list(nodes), "kg": [float(v) for v in nodes.values()]})


def parts_of(net, evidence):
    bound = bind(net, evidence, net.legs["cost"])
    problem = Problem.of(bound.measure, bound.rows, n_effective=1.0)
    point = evaluate(problem, np.zeros_like(problem.target))
    return bound, flows_at(problem, point)[:, 0]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("relative_sd", [0.3, 0.7])
def test_flows_are_those_of_a_general_solver(seed, relative_sd):
    import cvxpy as cp

    net, evidence = random_case(seed)
    fit = opr.estimate_flows(net, evidence, method="least_squares", structural_sd=relative_sd)
    bound, prior = parts_of(net, evidence)
    measure, rows = bound.measure, bound.rows
    total = measure.supply_kg.sum()
    u = cp.Variable(len(prior))
    flow = prior + cp.multiply(relative_sd * prior, u)
    misfit = (rows.matrix() @ flow - rows.target_kg / total) / (rows.sd_kg / total)
    balance = balance_matrix(measure) @ flow == measure.supply_kg / total
    problem = cp.Problem(
        cp.Minimize(cp.sum_squares(u) + cp.sum_squares(misfit)), [balance, u >= -1 / relative_sd]
    )
    tight = dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), 1e-12)
    problem.solve(solver=cp.CLARABEL, **tight, reduced_tol_gap_rel=1e-9, max_iter=400)
    assert fit.arcs_kg / total == pytest.approx(flow.value, abs=2e-6)
    assert fit.certificate.gap <= 1e-10


def test_two_measurements_of_one_flow_meet_by_their_variances():
    legs = pd.DataFrame({"from_node": ["s", "s"], "to_node": ["a", "b"], "cost": [1.0, 1.0]})
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": list("abs")}), legs)
    evidence = opr.Evidence.from_tables(
        supply=figures(s=100).assign(sd_kg=0.0),
        demand=figures(a=50, b=50).assign(sd_kg=1e6),
        flows=pd.DataFrame({"from_node": ["s"], "to_node": ["a"], "kg": [80.0], "sd_kg": [10.0]}),
    )
    fit = opr.estimate_flows(net, evidence, method="least_squares", structural_sd=0.4)
    # The prior says 50 for each; both are bound to add up to 100. What leaves at a (consumption and
    # unaccounted, c and u) and at b has the spread 0.4 c and 0.4 u: one free direction.
    end = fit.arcs_kg[2:]
    bound, prior = parts_of(net, evidence)
    exits = 0.4 * 100 * prior[2:]
    at_a = bound.measure.exit_node == list(bound.measure.nodes).index("a")
    own = 1 / (1 / 20.0**2 + 1 / (exits[at_a] ** 2).sum())
    variance = 1 / (1 / own + 1 / (1 / (1 / 20.0**2 + 1 / (exits[~at_a] ** 2).sum())))
    expected = (50 / variance + 80 / 10.0**2) / (1 / variance + 1 / 10.0**2)
    posterior = 1 / (1 / variance + 1 / 10.0**2)
    leg = fit.legs.loc["s>a:leg"]
    assert leg["flow_kg"] == pytest.approx(expected, rel=1e-6)
    assert leg["leverage"] == pytest.approx(1 - posterior / variance, rel=1e-4)
    assert end.sum() == pytest.approx(100.0)
    ratio = np.sqrt(posterior) / expected
    width = 1.6448536269514722 * np.sqrt(np.log1p(ratio**2))
    assert leg["high_kg"] == pytest.approx(expected * np.exp(width), rel=1e-4)


def test_the_supply_has_its_own_spread_and_rests_on_evidence():
    legs = pd.DataFrame({"from_node": ["s"], "to_node": ["t"], "cost": [1.0]})
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": list("st")}), legs)
    supply = figures(s=100).assign(sd_kg=20.0)
    evidence = opr.Evidence.from_tables(supply=supply, demand=figures(t=60))
    leg = opr.estimate_flows(net, evidence, method="least_squares").legs.iloc[0]
    assert leg["flow_kg"] == pytest.approx(100.0)
    assert (leg["low_kg"], leg["high_kg"]) == (
        pytest.approx(72.2, 1e-3),
        pytest.approx(138.5, 1e-3),
    )
    assert (leg["leverage"], leg["rests_on"]) == (1.0, "supply:s")


def test_no_flow_falls_below_zero():
    legs = pd.DataFrame({"from_node": ["s", "s"], "to_node": ["a", "b"], "cost": [1.0, 1.0]})
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": list("abs")}), legs)
    demand = figures(a=100, b=1e-9).assign(sd_kg=1e-3)
    evidence = opr.Evidence.from_tables(supply=figures(s=100), demand=demand)
    fit = opr.estimate_flows(net, evidence, method="least_squares", structural_sd=2.0)
    assert fit.legs["flow_kg"].min() >= 0
    assert fit.arcs_kg.min() >= 0
    assert fit.nodes.at["a", "consumption_kg"] == pytest.approx(100.0, abs=0.01)


def test_exact_figures_hold_exactly():
    net, evidence = random_case(2)
    demand = evidence.demand.assign(sd_kg=0.0)
    exact = opr.Evidence.from_tables(
        supply=evidence.supply, demand=demand[["node", "best_kg", "sd_kg"]]
    )
    fit = opr.estimate_flows(net, exact, method="least_squares")
    rows = fit.residuals[fit.residuals["kind"] == "demand"]
    assert rows["estimate_kg"].to_numpy() == pytest.approx(rows["evidence_kg"].to_numpy(), abs=1e-7)


def test_all_figures_exact_and_as_much_as_the_supply():
    legs = pd.DataFrame({"from_node": list("sab"), "to_node": list("aba"), "cost": [1.0, 1.0, 2.0]})
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": list("abs")}), legs)
    demand = figures(a=40, b=60).assign(sd_kg=0.0)
    evidence = opr.Evidence.from_tables(supply=figures(s=100), demand=demand)
    fit = opr.estimate_flows(net, evidence, method="least_squares")
    assert fit.nodes.loc[["a", "b"], "consumption_kg"].tolist() == pytest.approx([40.0, 60.0])
    assert fit.certificate.balance <= 1e-9


def test_shares_are_met_by_their_spread():
    legs = pd.DataFrame({"from_node": ["s", "r"], "to_node": ["t", "t"], "cost": [1.0, 1.0]})
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": list("rst")}), legs)
    rows = pd.DataFrame({"from_node": ["s", "s"], "to_node": ["a", "b"], "cost": [1.0, 1.0]})
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": list("abs")}), rows)
    shares = pd.DataFrame(
        {"from_node": ["s"], "to_node": ["a"], "of_to": ["*"], "of_from": ["s"], "share": [0.8]}
    ).assign(sd_share=0.001)
    evidence = opr.Evidence.from_tables(
        supply=figures(s=100), demand=figures(a=40, b=40).assign(sd_kg=40.0), shares=shares
    )
    fit = opr.estimate_flows(net, evidence, method="least_squares")
    assert fit.legs.at["s>a:leg", "flow_kg"] == pytest.approx(80.0, abs=0.5)


def test_the_pull_of_a_row_is_its_misfit_in_variances():
    net, evidence = random_case(4)
    fit = opr.estimate_flows(net, evidence, method="least_squares")
    rows = fit.residuals[fit.residuals["multiplier"].notna()]
    sd = fit.residuals.index.map(
        pd.concat([evidence.demand, evidence.seizures, evidence.flows])["sd_kg"]
    )
    sd = pd.Series(sd, index=fit.residuals.index).loc[rows.index] / fit.supply_kg
    assert rows["multiplier"].to_numpy() == pytest.approx(
        (rows["residual_sigmas"] / sd).to_numpy(), rel=1e-5, abs=1e-6
    )
    assert list(fit.conflicts(threshold=0.5).columns[:2]) == ["kind", "target"]


def test_a_prior_that_diverges_is_refused():
    legs = pd.DataFrame({"from_node": list("sab"), "to_node": list("aba"), "cost": 0.0})
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": list("abs")}), legs)
    evidence = opr.Evidence.from_tables(supply=figures(s=3), demand=figures(b=3))
    with pytest.raises(DivergentRoutesError, match="Raise the cost"):
        opr.estimate_flows(net, evidence, method="least_squares")


def test_a_prior_without_spread_is_refused():
    net, evidence = random_case(0)
    with pytest.raises(ValueError, match="structural_sd must be above 0"):
        opr.estimate_flows(net, evidence, method="least_squares", structural_sd=0.0)


def test_intervals_are_wider_where_evidence_is_vaguer():
    net, evidence = random_case(1)
    vague = opr.Evidence.from_tables(
        supply=evidence.supply,
        demand=evidence.demand.assign(sd_kg=evidence.demand["sd_kg"] * 20),
        seizures=evidence.seizures,
    )
    sharp = opr.Evidence.from_tables(
        supply=evidence.supply, demand=evidence.demand, seizures=evidence.seizures
    )
    fits = [opr.estimate_flows(net, e, method="least_squares") for e in (sharp, vague)]
    low, high = (fit.legs["leverage"].mean() for fit in reversed(fits))
    assert low < high


@pytest.mark.parametrize("seed", range(20))
def test_the_nearest_point_satisfies_its_conditions(seed):
    rng = np.random.default_rng(seed)
    k = sp.csr_array(rng.normal(size=(6, 15)) * (rng.uniform(size=(6, 15)) < 0.5))
    floor = np.where(rng.uniform(size=15) < 0.7, -rng.uniform(0.01, 0.5, 15), -np.inf)
    inside = np.maximum(rng.normal(size=15), np.where(np.isfinite(floor), floor, -9.0))
    found = nearest_point(k, k @ inside, floor)
    assert k @ found.point == pytest.approx(k @ inside, abs=1e-9)
    assert (found.point >= floor).all()
    pull = found.point - k.T @ found.multipliers
    assert pull[found.point > floor] == pytest.approx(0.0, abs=1e-9)
    assert pull.min() >= -1e-9
    assert found.gap < 1e-9


def test_constraints_that_do_not_hold_together_have_no_nearest_point():
    k = sp.csr_array([[1.0, 1.0], [1.0, 1.0]])
    assert nearest_point(k, np.array([1.0, 2.0]), np.full(2, -np.inf)) is None
    above = np.array([0.0, 0.0])
    assert nearest_point(sp.csr_array([[1.0, 1.0]]), np.array([-1.0]), above) is None


def test_a_reconciliation_that_does_not_settle_says_so(monkeypatch):
    from opiateroutes.flows.baselines import least_squares

    net, evidence = random_case(0)
    monkeypatch.setattr(least_squares, "nearest_point", lambda *_: None)
    with pytest.raises(ConvergenceError, match="did not settle"):
        opr.estimate_flows(net, evidence, method="least_squares")
