import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import random_case

import opiateroutes as opr
from opiateroutes.chokepoints.chain import IntendedChain
from opiateroutes.errors import UnknownNameError
from opiateroutes.flows.kernel.measure import CONSUMPTION, SEIZURE


@pytest.fixture(scope="module")
def fit():
    return opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))


def chain_of(seed, **kwargs):
    net, evidence = random_case(seed, **kwargs)
    fit = opr.estimate_flows(net, evidence)
    return fit, IntendedChain.of(fit.measure, fit.arcs_kg)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 1), st.sampled_from([0.0, 0.5, 1.0, 2.0, 4.0]))
def test_closed_form_equals_solving_again(seed, effort, reaction):
    fit, chain = chain_of(seed)
    n = fit.measure.n_nodes
    closed = chain.delivered_by_single_node_kg(effort, reaction)
    again = [
        chain.delivered_kg(np.where(np.arange(n) == k, 1.0 - effort, 1.0), reaction)
        for k in range(n)
    ]
    assert closed == pytest.approx(again, abs=1e-10 * fit.supply_kg)


@pytest.mark.parametrize(("effort", "reaction"), [(0.3, 0.0), (0.5, 1.0), (0.8, 3.0)])
def test_delivery_equals_a_sum_over_routes(effort, reaction):
    """The definition itself: every route weighed, reweighted and seized, one by one."""
    fit, chain = chain_of(1, n_nodes=4, n_sources=1)
    measure = fit.measure
    survival = np.array([1.0, 1.0 - effort, 1.0, 1.0])
    move = chain.moves(np.ones(4))
    meant = reached = 0.0
    todo = [((int(measure.sources[0]),), 1.0)]
    while todo:
        path, p = todo.pop()
        here = path[-1]
        kept = np.prod([survival[k] for k in path])
        passed = np.prod([1.0 - chain.intercepted[k] for k in path])
        meant += p * chain.left[here] * kept**reaction
        reached += p * chain.consumed[here] * kept ** (reaction + 1) * passed
        todo += [((*path, j), p * move[here, j]) for j in range(4) if p * move[here, j] > 1e-10]
    assert chain.delivered_kg(survival, reaction) == pytest.approx(
        measure.supply_kg.sum() * reached / meant, rel=1e-5
    )


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 0.99), st.floats(0, 4))
def test_flows_after_enforcement_balance_and_deliver_the_same(seed, effort, reaction):
    fit, chain = chain_of(seed)
    measure = fit.measure
    survival = np.ones(measure.n_nodes)
    survival[-1] = 1.0 - effort
    flows = chain.flows_kg(survival, reaction)
    assert (flows >= 0).all()
    after, ends = np.split(flows, [len(measure.legs)])
    arriving = measure.supply_kg + np.bincount(measure.head, after, measure.n_nodes)
    meant = survival**reaction
    value = np.linalg.solve(np.eye(len(meant)) - chain.moves(meant), meant * chain.left)
    consumed = arriving * (1 - chain.intercepted) * survival * meant * chain.consumed / value
    assert consumed.sum() == pytest.approx(chain.delivered_kg(survival, reaction), rel=1e-9)
    eaten = np.where(measure.exit_kind == CONSUMPTION, ends, 0.0)
    assert np.bincount(measure.exit_node, eaten, measure.n_nodes) == pytest.approx(consumed)


def test_no_enforcement_changes_nothing(fit):
    table = opr.find_chokepoints(fit, effort=0.0).table
    assert table["drop_share"].abs().max() < 1e-12
    moved = opr.find_chokepoints(fit).displacement("IRN", effort=0.0)
    assert moved["change_kg"].abs().max() < 1e-6


def test_without_reaction_more_effort_never_delivers_more(fit):
    drops = [
        opr.find_chokepoints(fit, effort=e, reaction=0).table.set_index("node")["drop_share"]
        for e in (0.1, 0.4, 0.7, 1.0)
    ]
    for less, more in itertools.pairwise(drops):
        assert (more.reindex(less.index) >= less - 1e-12).all()


def test_baseline_is_what_the_fit_consumes(fit):
    table = opr.find_chokepoints(fit).table
    baseline = table["delivered_kg"] + table["drop_kg"]
    assert baseline.to_numpy() == pytest.approx(fit.nodes["consumption_kg"].sum())


def test_table_is_tidy_and_ranked(fit):
    found = opr.find_chokepoints(fit, effort=(0.2, 0.5), reaction=(0, 2))
    assert found.table.columns.tolist() == [
        "node", "name", "effort", "reaction", "drop_share", "drop_kg", "delivered_kg", "rank",
    ]  # fmt: skip
    for _, block in found.table.groupby(["effort", "reaction"]):
        assert block["rank"].tolist() == list(range(1, len(block) + 1))
        assert block["drop_share"].is_monotonic_decreasing
    assert "AFG" not in set(found.table["node"])


def test_default_scan_is_the_documented_one(fit):
    found = opr.find_chokepoints(fit)
    assert sorted(found.table["reaction"].unique()) == [0, 1, 2, 4]
    assert found.table["effort"].unique().tolist() == [0.5]


def test_displacement_moves_pressure_away_from_the_node(fit):
    moved = opr.find_chokepoints(fit).displacement("IRN", effort=0.5, reaction=2)
    into = moved[moved["to_node"] == "IRN"]["change_kg"].sum()
    elsewhere = moved[(moved["from_node"] == "AFG") & (moved["to_node"] != "IRN")][
        "change_kg"
    ].sum()
    assert into < 0 < elsewhere
    assert moved["change_kg"].is_monotonic_decreasing


def test_full_closure_of_the_only_way_delivers_nothing():
    legs = pd.DataFrame({"from_node": ["a", "b"], "to_node": ["b", "c"], "cost": 2.0})
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": list("abc")}), legs)
    figures = pd.DataFrame({"node": ["a"], "kg": [10.0]})
    demand = pd.DataFrame({"node": ["c"], "kg": [8.0]})
    fit = opr.estimate_flows(net, opr.Evidence.from_tables(supply=figures, demand=demand))
    found = opr.find_chokepoints(fit, effort=1.0)
    assert found.table.query("node == 'b'")["drop_share"].tolist() == pytest.approx([1.0] * 4)
    assert found.displacement("b", effort=1.0)["after_kg"].tolist() == pytest.approx([0.0, 0.0])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"effort": 1.5}, "effort"),
        ({"effort": -0.1}, "effort"),
        ({"effort": float("nan")}, "effort"),
        ({"reaction": -1}, "reaction"),
        ({"reaction": float("inf")}, "reaction"),
        ({"effort": []}, "at least one"),
    ],
)
def test_options_out_of_range_are_refused(fit, options, words):
    with pytest.raises(ValueError, match=words):
        opr.find_chokepoints(fit, **options)


def test_unknown_nodes_are_refused_with_the_nearest(fit):
    with pytest.raises(UnknownNameError, match="did you mean"):
        opr.find_chokepoints(fit, candidates=["IRM"])
    with pytest.raises(UnknownNameError, match="USA"):
        opr.find_chokepoints(fit).displacement("USA")


def test_candidates_limit_the_table(fit):
    found = opr.find_chokepoints(fit, candidates=["TUR", "IRN", "TUR"])
    assert sorted(found.table["node"].unique()) == ["IRN", "TUR"]


def test_a_fit_of_nothing_has_no_chokepoints():
    net, evidence = random_case(1)
    nothing = evidence.supply.assign(best_kg=0.0, sd_kg=0.0).reset_index(drop=True)
    zero = opr.Evidence.from_tables(supply=nothing, demand=evidence.demand.reset_index(drop=True))
    found = opr.find_chokepoints(opr.estimate_flows(net, zero))
    assert found.table.empty
    with pytest.raises(ValueError, match="nothing moves"):
        found.displacement("n01")


def test_cards_name_the_first_chokepoints(fit):
    found = opr.find_chokepoints(fit)
    assert "Pakistan" in repr(found)
    assert "Pakistan" in found._repr_html_()


def test_chain_of_a_fit_keeps_its_exits(fit):
    measure, arcs = fit.measure, fit.arcs_kg
    chain = IntendedChain.of(measure, arcs)
    exits = arcs[len(measure.legs) :]
    consumed = exits[measure.exit_kind == CONSUMPTION].sum()
    assert chain.delivered_kg(np.ones(measure.n_nodes), 0.0) == pytest.approx(consumed)
    assert chain.intercepted.max() < 1
    assert exits[measure.exit_kind == SEIZURE].sum() > 0
