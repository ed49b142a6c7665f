"""Derivatives of a fit against estimates that were made again, and potentials against the chain."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from instances import random_case, with_ratios
from refined import refine

import opiateroutes as opr
from opiateroutes.errors import UnknownNameError
from opiateroutes.flows import reweighting

_FIGURES = {
    "supply": "best_kg",
    "demand": "best_kg",
    "seizures": "best_kg",
    "flows": "best_kg",
    "shares": "best_share",
    "interception": "best_rate",
}


def exits_of(fit):
    """What ends at each place by kind, read off the tables of a network without inland legs."""
    kinds = ("consumption", "seizure", "unaccounted")
    parts = {
        f"{kind}:{node}": fit.nodes.at[node, f"{kind}_kg"]
        for kind in kinds
        for node in fit.nodes.index
    }
    return pd.Series(parts)


def legs_of(fit):
    return fit.legs["flow_kg"]


def assert_near(found, expected, relative=1e-5):
    # Differences of estimates are exact to about 1e-9 of a kilogram for each.
    least = relative * expected.abs().max() + 1e-9
    assert found.to_numpy() == pytest.approx(expected.to_numpy(), rel=relative, abs=least)


def moved(net, evidence, table, row, change):
    """The estimate with one figure moved by a share of itself, and by how much that is."""
    figures = getattr(evidence, table).copy()
    column = _FIGURES[table]
    step = change * figures.at[row, column]
    figures.loc[row, column] += step
    return opr.estimate_flows(net, dataclasses.replace(evidence, **{table: figures})), step


def slope(net, evidence, table, row, read):
    """Return central differences of what is read off a fit."""
    (above, step), (below, _) = (
        moved(net, evidence, table, row, change) for change in (1e-4, -1e-4)
    )
    return [(of(above) - of(below)) / (2 * step) for of in read]


def assert_slopes(fit, net, evidence):
    legs, exits = fit.derivatives("evidence"), fit.derivatives("evidence", of="exits")
    tables = [t for t in _FIGURES if len(getattr(evidence, t))]
    rows = [(t, r) for t in tables for r in getattr(evidence, t).index if r in legs]
    assert len(rows) == legs.shape[1] > 5
    for table, row in rows:
        by_leg, by_exit = slope(net, evidence, table, row, (legs_of, exits_of))
        assert_near(legs[row], by_leg)
        assert_near(exits[row], by_exit.loc[exits.index])


@pytest.mark.parametrize("seed", range(2))
def test_derivatives_by_figures_and_supply_are_those_of_estimates_made_again(seed):
    net, evidence = random_case(seed, n_nodes=6, n_sources=2)
    assert_slopes(opr.estimate_flows(net, evidence), net, evidence)


@pytest.mark.parametrize("sd", [0.0, 0.05])
def test_derivatives_by_shares_and_rates(monkeypatch, sd):
    # Weights of soft shares are settled to the last digit, so that differences say something.
    monkeypatch.setattr(reweighting, "_MOVES_AT_MOST", 1e-12)
    monkeypatch.setattr(reweighting, "_MOST_ROUNDS", 60)
    net, evidence = random_case(8, n_nodes=6, n_sources=1)
    evidence = with_ratios(evidence, 8, sd=sd)
    assert_slopes(opr.estimate_flows(net, evidence), net, evidence)


def test_derivatives_where_there_are_seizures_only():
    net, evidence = random_case(5, n_nodes=6, n_sources=1)
    evidence = dataclasses.replace(evidence, demand=evidence.demand.iloc[:0])
    assert_slopes(opr.estimate_flows(net, evidence), net, evidence)


def by_cost(net, evidence, leg):
    def at(change):
        cost = net.legs["cost"] + change * (net.legs.index == leg)
        return opr.estimate_flows(net, evidence, cost=cost).legs["flow_kg"]

    return (at(1e-4) - at(-1e-4)) / 2e-4


@pytest.mark.parametrize("seed", range(3))
def test_derivatives_by_costs_are_those_of_estimates_made_again(seed):
    net, evidence = random_case(seed, n_nodes=7)
    fit = opr.estimate_flows(net, evidence)
    chosen = net.legs.index[::4].tolist()
    found = fit.derivatives("cost", legs=chosen)
    assert found.columns.tolist() == chosen
    for leg in chosen:
        assert_near(found[leg], by_cost(net, evidence, leg))


def test_derivatives_by_costs_of_inland_and_border_legs():
    coarse, evidence = random_case(2, n_nodes=4, n_sources=1)
    net = refine(coarse)
    # Costs that tell hauls apart: at a tie the cheapest one has no derivative.
    rng = np.random.default_rng(0)
    inland = ~net.legs["border"].to_numpy(bool)
    cost = net.legs["cost"].where(~inland, rng.uniform(0.1, 1.0, len(net.legs)))
    net = opr.RouteNetwork.from_tables(net.nodes, net.legs.assign(cost=cost))
    fit = opr.estimate_flows(net, evidence)
    flows = fit.legs["flow_kg"]
    for leg in [*flows[inland].nlargest(3).index, *flows[~inland].nlargest(3).index]:
        assert_near(fit.derivatives("cost", legs=leg)[leg], by_cost(net, evidence, leg))


def test_all_costs_raised_alike_move_nothing_but_long_routes():
    fit = opr.estimate_flows(*random_case(1))
    every = fit.derivatives("cost")
    assert every.columns.tolist() == fit.legs.index.tolist()
    # A derivative of flows by costs is a covariance: symmetric, and no leg gains by its own cost.
    assert every.to_numpy() == pytest.approx(every.to_numpy().T, abs=1e-9)
    assert (np.diag(every) <= 1e-9).all()


def test_what_is_not_known_is_named():
    fit = opr.estimate_flows(*random_case(1))
    with pytest.raises(UnknownNameError, match="did you mean 'cost'"):
        fit.derivatives("costs")
    with pytest.raises(UnknownNameError, match="legs and exits"):
        fit.derivatives("cost", of="nodes")
    with pytest.raises(UnknownNameError, match="no leg 'n00>n99:leg'"):
        fit.derivatives("cost", legs=["n00>n99:leg"])
    with pytest.raises(ValueError, match="legs= chooses costs"):
        fit.derivatives("evidence", legs=["n00>n01:leg"])


def test_a_baseline_and_a_still_network_have_no_derivatives():
    net, evidence = random_case(1)
    for method in ("shortest_path", "least_squares"):
        fit = opr.estimate_flows(net, evidence, method=method)
        with pytest.raises(ValueError, match=f"no derivatives.*{method}"):
            fit.derivatives()
        with pytest.raises(ValueError, match="no potentials"):
            fit.potentials()
    still = dataclasses.replace(evidence, supply=evidence.supply.assign(best_kg=0.0))
    with pytest.raises(ValueError, match="nothing moves"):
        opr.estimate_flows(net, still).derivatives()


@pytest.mark.parametrize("seed", range(4))
def test_potentials_are_those_of_the_flows(seed):
    net, evidence = random_case(seed)
    fit = opr.estimate_flows(net, evidence)
    measure, potential = fit.measure, fit.potentials()["potential_nats"].to_numpy()
    m = len(measure.legs)
    tilt = fit.conditioned.problem.rows.tilt(fit.conditioned.solution.multipliers)[:, 0]
    through = np.bincount(measure.arc_tail, fit.arcs_kg, measure.n_nodes)
    ahead = np.concatenate([potential[measure.head], np.zeros(len(measure.exit_node))])
    chance = np.exp(measure.log_weight - tilt + potential[measure.arc_tail] - ahead)
    expected = fit.arcs_kg / through[measure.arc_tail]
    assert chance == pytest.approx(expected, rel=1e-9)
    assert len(chance) > m


def test_potentials_survive_costs_that_no_weight_does():
    net = opr.RouteNetwork.from_tables(
        pd.DataFrame({"node": ["a", "b"]}),
        pd.DataFrame({"from": ["a"], "to": ["b"], "cost": [3000.0]}),
    )
    evidence = opr.Evidence.from_tables(
        supply=pd.DataFrame({"node": ["a"], "kg": [1.0]}),
        demand=pd.DataFrame({"node": ["b"], "kg": [1.0]}),
    )
    found = opr.estimate_flows(net, evidence).potentials()["reference_nats"]
    assert found["a"] - found["b"] == pytest.approx(3000.0)
