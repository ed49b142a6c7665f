import functools
import itertools

import numpy as np
import pandas as pd
import pytest
from instances import random_case

import opiateroutes as opr
from opiateroutes.chokepoints.best_set import best_set, best_sets, exact
from opiateroutes.chokepoints.chain import Enforcement, IntendedChain
from opiateroutes.chokepoints.elements import merged, resolve_elements
from opiateroutes.errors import UnknownNameError

NETWORKS = 25


@pytest.fixture(scope="module")
def fit():
    return opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))


@functools.cache
def small(seed, **kwargs):
    return opr.estimate_flows(*random_case(seed, **kwargs))


def exhaustive(fit, elements, budget, costs, *, effort, reaction):
    """Solve for every set within the budget, by the chain itself; return the largest drop."""
    chain = IntendedChain.of(fit.measure, fit.arcs_kg)
    none = Enforcement.none(fit.measure)
    [before] = chain.delivered_kg(none, reaction)
    least = before
    for size in range(len(elements) + 1):
        for chosen in itertools.combinations(elements, size):
            if sum(costs.get(e.id, 1.0) for e in chosen) > budget + 1e-9:
                continue
            whole, on = merged(chosen), Enforcement.none(fit.measure)
            on.at_nodes[whole.nodes] = 1.0 - effort
            on.on_legs[whole.stages] = 1.0 - effort
            least = min(least, chain.delivered_kg(on, reaction)[0])
    return 1.0 - least / before


@pytest.mark.parametrize("network", range(NETWORKS))
def test_equals_exhaustive_search(network):
    """200 random instances: nodes, legs and overlapping groups; unit and other costs."""
    for seed in range(network, 200, NETWORKS):
        rng = np.random.default_rng(seed)
        fit = small(network, n_nodes=7, n_sources=1 if network % 3 else 2)
        effort = float(rng.choice([0.3, 0.5, 0.9, 1.0]))
        reaction = float(rng.choice([0.0, 0.5, 2.0, 4.0]))
        kind = ("nodes", "legs", "groups")[seed % 3]
        if kind == "groups":
            nodes = [e.id for e in resolve_elements(fit, "nodes")[1]]
            kind = {f"g{k}": rng.choice(nodes, 2, replace=False).tolist() for k in range(5)}
        ids = [e.id for e in resolve_elements(fit, kind)[1]][:7]
        costs = {} if seed % 2 else {one: float(rng.integers(0, 4)) for one in ids}
        elements = resolve_elements(fit, kind, ids)[1]
        budget = float(rng.integers(0, 4))
        options = {"effort": effort, "reaction": reaction, "elements": kind, "candidates": ids}
        best = best_set(fit, budget=budget, costs=costs, **options)
        want = exhaustive(fit, elements, budget, costs, effort=effort, reaction=reaction)
        assert best.status == "optimal", seed
        assert best.drop_share == pytest.approx(want, abs=1e-10), (seed, options)
        assert best.cost <= budget


@pytest.mark.parametrize("reaction", [0.0, 2.0])
def test_nothing_to_choose(fit, reaction):
    for options in ({"budget": 0}, {"budget": 3, "candidates": []}, {"budget": 3, "effort": 0.0}):
        best = best_set(fit, reaction=reaction, **options)
        assert best.elements == ()
        assert (best.drop_share, best.gap, best.status) == (0.0, 0.0, "optimal")


def test_a_budget_above_all_takes_all_that_helps():
    fit = small(3, n_nodes=6, n_sources=1)
    for budget in (100, float("inf")):
        best = best_set(fit, budget=budget, reaction=0.0)
        want = exhaustive(fit, resolve_elements(fit)[1], 100, {}, effort=0.5, reaction=0.0)
        assert best.drop_share == pytest.approx(want, abs=1e-10)


def test_free_elements_need_no_budget(fit):
    assert best_set(fit, budget=0, costs={"IRN": 0}, reaction=0.0).elements == ("IRN",)


@pytest.mark.parametrize("cost", [-1.0, float("nan"), float("inf")])
def test_costs_must_be_numbers_of_at_least_nothing(fit, cost):
    with pytest.raises(ValueError, match="cost of 'IRN'"):
        best_set(fit, budget=1, costs={"IRN": cost})


def test_conditions_hold_and_conflicts_are_named(fit):
    best = best_set(fit, budget=2, must=["TUR"], must_not="PAK", reaction=0.0)
    assert "TUR" in best.elements
    assert "PAK" not in best.elements
    assert len(best.elements) == 2
    with pytest.raises(ValueError, match="IRN: in must and in must_not"):
        best_set(fit, budget=2, must=["IRN"], must_not=["IRN"])
    with pytest.raises(ValueError, match="more than the budget"):
        best_set(fit, budget=1, must=["IRN", "PAK"])
    with pytest.raises(UnknownNameError, match="must names 'XXX'"):
        best_set(fit, budget=1, must=["XXX"])
    with pytest.raises(UnknownNameError, match="no method"):
        best_set(fit, budget=1, method="guess")


@pytest.mark.parametrize("wrong", [{"budget": -1}, {"budget": "x"}, {"time_limit": -1.0}])
def test_options_out_of_range(fit, wrong):
    with pytest.raises(ValueError, match="at least 0"):
        best_set(fit, **{"budget": 1, **wrong})


@pytest.mark.parametrize("reaction", [0.0, 2.0])
def test_out_of_time_there_is_a_set_and_a_bound(fit, reaction):
    found = best_set(fit, budget=5, reaction=reaction, time_limit=0.0)
    best = best_set(fit, budget=5, reaction=reaction)
    assert found.status == "time limit"
    assert best.status == "optimal"
    assert found.drop_share <= best.drop_share + 1e-12 <= found.bound_share + 1e-9
    assert found.gap == pytest.approx(found.bound_share - found.drop_share)


def test_several_sources_beyond_trying_all(monkeypatch):
    fit = small(12, n_nodes=8, n_sources=2)
    proved = best_set(fit, budget=2)
    monkeypatch.setattr(exact, "_TRY_ALL", 1)
    found = best_set(fit, budget=2)
    assert found.status == "bound"
    assert found.drop_share <= proved.drop_share + 1e-12 <= found.bound_share + 1e-9


def test_comparison_and_curve(fit):
    best = best_set(fit, budget=3)
    table = best.compare()
    assert table.loc["exact", "drop_share"] >= table["drop_share"].max() - 1e-12
    assert table["status"].tolist() == ["optimal", "heuristic", "heuristic"]
    assert best_set(fit, budget=3, method="betweenness").elements == table.elements["betweenness"]
    assert np.isnan(best_set(fit, budget=3, method="greedy").gap)
    assert "optimal" in repr(best)
    curve = best_sets(fit, budgets=(0, 1, 2, 3))
    assert curve["drop_share"].is_monotonic_increasing
    assert curve.loc[3.0, "elements"] == best.elements
    assert curve["gain_share"].sum() == pytest.approx(best.drop_share)


def test_where_nothing_moves_there_is_nothing_to_choose():
    net, evidence = random_case(1)
    supply = pd.DataFrame({"node": ["n00"], "best_kg": [0.0], "sd_kg": [0.0]})
    zero = opr.Evidence.from_tables(supply=supply, demand=evidence.demand.reset_index(drop=True))
    best = best_set(opr.estimate_flows(net, zero), budget=2)
    assert (best.elements, best.drop_share, best.status) == ((), 0.0, "optimal")


@pytest.mark.parametrize("kind", ["one way", "open"])
def test_full_effort_beyond_trying_all(monkeypatch, kind):
    """A separator stops everything; without one the bound is that everything might be."""
    fit = small(3, n_nodes=8, n_sources=1)
    nodes = [e.id for e in resolve_elements(fit)[1]]
    chosen = nodes if kind == "one way" else nodes[-2:]
    monkeypatch.setattr(exact, "_TRY_ALL", 1)
    found = best_set(fit, budget=8, effort=1.0, candidates=chosen)
    want = exhaustive(
        fit, resolve_elements(fit, "nodes", chosen)[1], 8, {}, effort=1.0, reaction=2.0
    )
    assert found.drop_share == pytest.approx(want, abs=1e-10)
    assert found.bound_share == 1.0


def test_what_no_route_uses_cannot_be_chosen(fit):
    with pytest.raises(UnknownNameError, match="no route of the fit uses"):
        best_set(fit, budget=1, candidates=["nowhere"])


def in_a_row(*, way_round):
    """A source, two gates one behind the other and a market; perhaps a way round the second."""
    pairs = [("a", "b"), ("b", "c"), ("c", "d"), *([("b", "d")] if way_round else [])]
    legs = pd.DataFrame(pairs, columns=["from_node", "to_node"]).assign(cost=1.0)
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": list("abcd")}), legs)
    evidence = opr.Evidence.from_tables(
        supply=pd.DataFrame({"node": ["a"], "best_kg": [100.0], "sd_kg": [1.0]}),
        demand=pd.DataFrame({"node": ["d"], "best_kg": [100.0], "sd_kg": [1.0]}),
    )
    return opr.estimate_flows(net, evidence)


@pytest.mark.parametrize(("effort", "reaction"), [(0.9, 1000.0), (0.5, 5000.0)])
def test_a_strong_reaction_closes_no_route_that_has_no_other_way(effort, reaction):
    """The weight of every route vanishes in a double, and yet each place stops its share alone."""
    fit = in_a_row(way_round=False)
    found = best_set(fit, budget=2, effort=effort, reaction=reaction, candidates=["b", "c"])
    assert found.elements == ("b", "c")
    assert found.drop_share == pytest.approx(1.0 - (1.0 - effort) ** 2, abs=1e-9)
    way_round = in_a_row(way_round=True)
    found = best_set(way_round, budget=1, effort=effort, reaction=reaction, candidates=["b", "c"])
    assert found.elements == ("b",)
    assert found.drop_share == pytest.approx(effort, abs=1e-9)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"budget": "1"}, ValueError, "budget"),
        ({"budget": True}, ValueError, "budget"),
        ({"costs": {"IRN": True}}, ValueError, "cost of 'IRN'"),
        ({"costs": {"IRN": "x"}}, ValueError, "cost of 'IRN'"),
        ({"costs": {"IRN": None}}, ValueError, "cost of 'IRN'"),
        ({"costs": 5}, TypeError, "costs must map"),
        ({"must": None}, TypeError, "must must be ids"),
        ({"time_limit": "x"}, ValueError, "time_limit"),
        ({"scenarios": 2.5}, ValueError, "scenarios"),
    ],
)
def test_what_is_no_number_or_no_list_is_named(fit, options, error, words):
    with pytest.raises(error, match=words):
        best_set(fit, **{"budget": 1, **options})


def test_budgets_are_several_and_each_counts_once(fit):
    for budgets in ("12", 5, None):
        with pytest.raises(TypeError, match="budgets must be several"):
            best_sets(fit, budgets=budgets)
    assert best_sets(fit, budgets=(1, 1.0, 0), reaction=0.0).index.tolist() == [1.0, 0.0]


def test_no_time_limit_proves_the_best(fit):
    assert best_set(fit, budget=2, time_limit=None).status == "optimal"
