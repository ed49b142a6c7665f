"""Every draw carries its certificate, checked here from the flows alone."""

import dataclasses

import numpy as np
import pytest
from instances import random_case, with_ratios
from small_ensembles import all_of_it_arrives, network, two_routes

import opiateroutes as opr
from opiateroutes.errors import ConvergenceError, DivergentRoutesError
from opiateroutes.flows.ensemble import draws as draws_module
from opiateroutes.flows.ensemble.draws import reference_legs
from opiateroutes.flows.kernel.dual import evaluate, primal_value


def cases():
    yield "shipped", opr.load_network(), opr.load_evidence(2010)
    for seed in (1, 6):
        yield f"random {seed}", *random_case(seed)
    net, evidence = random_case(2)
    yield "ratios", net, with_ratios(evidence, 2)
    yield "exact", two_routes(1.0), all_of_it_arrives()


CASES = {name: (net, evidence) for name, net, evidence in cases()}


@pytest.mark.parametrize("points", ["sobol", "independent"])
@pytest.mark.parametrize("case", list(CASES))
def test_the_gap_of_a_draw_is_primal_less_dual(case, points):
    ens = opr.sample_flows(*CASES[case], draws=32, rng=2, points=points)
    plan = ens.plan
    numbers = plan.numbers(0)[:, :32]
    for k in np.flatnonzero(ens.attempts):
        numbers[:, k] = plan.again(int(k), int(ens.attempts[k]))
    problem, supply = plan.inputs.problem(numbers)
    solution = plan._condition(problem, supply, np.arange(32))
    primal = primal_value(problem, solution.arcs)
    dual = evaluate(problem, solution.multipliers).value
    # What rounding leaves of a difference of two numbers of this size.
    assert np.abs(primal - dual - solution.gap).max() <= 2e-12 * max(1.0, np.abs(primal).max())
    assert np.abs(primal - dual).max() <= 1e-10
    assert 0 <= ens.certificate.gap <= draws_module.GAP_AT_MOST
    # What is kept is this very solution, in kilograms and single precision.
    assert ens.supply_kg == pytest.approx(supply, rel=1e-14)
    assert ens.arcs_kg == pytest.approx((solution.arcs * supply).T, rel=1e-6)
    for row in problem.rows.values(solution.arcs)[(problem.variance == 0).all(axis=1)]:
        assert row == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("case", list(CASES))
def test_every_draw_is_in_balance(case):
    ens = opr.sample_flows(*CASES[case], draws=64, rng=4)
    measure, arcs = ens.measure, ens.arcs_kg.astype("float64").T
    m = len(measure.legs)
    surplus = measure.arcs_at_nodes @ arcs - measure.legs_into_nodes @ arcs[:m]
    started = surplus[measure.sources]
    rounding = 1e-6 * (measure.arcs_at_nodes @ arcs).max(axis=0)
    assert (np.abs(started.sum(axis=0) - ens.supply_kg) <= rounding).all()
    others = np.delete(surplus, measure.sources, axis=0)
    assert (np.abs(others) <= rounding).all()
    assert ens.certificate.balance <= 1e-12
    assert (arcs >= 0).all()


def test_a_draw_without_a_certificate_is_refused_by_its_number(monkeypatch):
    monkeypatch.setattr(draws_module, "GAP_AT_MOST", -1.0)
    with pytest.raises(ConvergenceError, match=r"^draw 0 did not reach its certificate: gap \d"):
        opr.sample_flows(*random_case(1), draws=8)


def test_the_number_is_that_of_the_draw_in_the_sample(monkeypatch):
    found = draws_module._certified

    def spoiled(problem, solution, start):
        if start:
            solution.gap[3] = 1e-3
        return found(problem, solution, start)

    monkeypatch.setattr(draws_module, "_certified", spoiled)
    with pytest.raises(ConvergenceError, match=r"^draw 259 did not reach"):
        opr.sample_flows(*random_case(1), draws=300)


def test_an_imbalance_is_refused(monkeypatch):
    monkeypatch.setattr(draws_module, "BALANCE_AT_MOST", -1.0)
    with pytest.raises(ConvergenceError, match=r"balance .* \(at most 1e-9\)"):
        opr.sample_flows(*random_case(1), draws=8)


def test_a_solver_that_stops_says_in_which_draws(monkeypatch):
    def stops(*_, **__):
        raise ConvergenceError("the weights have left the range of numbers")

    monkeypatch.setattr(draws_module, "condition", stops)
    with pytest.raises(ConvergenceError, match=r"^in draws 0 to 7: the weights"):
        opr.sample_flows(*random_case(1), draws=8)


def going_round(cost):
    """A network with a circle that costs little."""
    legs = [("s", "a", 2.0), ("a", "b", cost), ("b", "a", cost), ("b", "d", 2.0)]
    return network(*legs)


def test_draws_that_go_in_circles_are_taken_again_and_counted():
    ens = opr.sample_flows(going_round(0.5), all_of_it_arrives(), draws=256, rng=0)
    assert ens.attempts.any()
    assert ens.provenance["taken_again"] == ens.attempts.sum()
    at_best = reference_legs(ens.fit.conditioned.problem)[0]
    assert ens.plan.legs_at_most == pytest.approx(3.0 * at_best)
    numbers = ens.plan.numbers(0)[:, :256]
    again = ens.attempts > 0
    long = ~(reference_legs(ens.plan.inputs.problem(numbers)[0]) <= ens.plan.legs_at_most)
    assert np.array_equal(long, again)
    for k in np.flatnonzero(again):
        numbers[:, k] = ens.plan.again(int(k), int(ens.attempts[k]))
    assert (reference_legs(ens.plan.inputs.problem(numbers)[0]) <= ens.plan.legs_at_most).all()
    assert f"{ens.attempts.sum()} draws taken again" in ens.summary()


def test_a_draw_that_is_never_fine_is_refused(monkeypatch):
    plan = opr.sample_flows(going_round(0.5), all_of_it_arrives(), draws=2).plan
    never = dataclasses.replace(plan, legs_at_most=0.0)
    monkeypatch.setattr(draws_module, "_MOST_ATTEMPTS", 3)
    with pytest.raises(DivergentRoutesError, match=r"^draw 256 was taken 3 times and its routes"):
        never.solve(256, 260)
