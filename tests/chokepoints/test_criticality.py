import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import random_case

import opiateroutes as opr
from opiateroutes.chokepoints.chain import Enforcement, IntendedChain
from opiateroutes.chokepoints.closures import baseline_kg
from opiateroutes.chokepoints.combinations import find_combinations
from opiateroutes.chokepoints.elements import merged, resolve_elements, resolve_together
from opiateroutes.errors import UnknownNameError
from opiateroutes.flows.kernel.measure import CONSUMPTION, SEIZURE


@pytest.fixture(scope="module")
def fit():
    return opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))


def chain_of(seed, **kwargs):
    net, evidence = random_case(seed, **kwargs)
    fit = opr.estimate_flows(net, evidence)
    return fit, IntendedChain.of(fit.measure, fit.arcs_kg)


def enforced(fit, element, effort):
    found = Enforcement.none(fit.measure)
    found.at_nodes[element.nodes] = 1.0 - effort
    found.on_legs[element.stages] = 1.0 - effort
    return found


@pytest.mark.parametrize("seed", range(8))
def test_closed_forms_equal_solving_again(seed):
    """Nodes, legs and mixed sets, up to full effort and strong reactions, to 1e-12."""
    fit, chain = chain_of(seed)
    ids = [e.id for kind in ("nodes", "legs") for e in resolve_elements(fit, kind)[1]]
    rng = np.random.default_rng(seed)
    sets = {one: [one] for one in ids}
    sets |= {f"set {k}": rng.choice(ids, 3, replace=False).tolist() for k in range(5)}
    found = opr.find_chokepoints(
        fit, elements=sets, effort=(0.3, 0.9, 1.0), reaction=(0.0, 0.5, 4.0)
    )
    for row in found.table.itertuples():
        element = resolve_together(fit, sets[row.element])
        [again] = chain.delivered_kg(enforced(fit, element, row.effort), row.reaction)
        assert row.delivered_kg == pytest.approx(again, abs=1e-12 * fit.supply_kg)


@pytest.mark.parametrize(("effort", "reaction"), [(0.3, 0.0), (0.5, 1.0), (0.8, 3.0)])
def test_delivery_equals_a_sum_over_routes(effort, reaction):
    """The definition itself: every route weighed, reweighted and seized, one by one."""
    fit, chain = chain_of(1, n_nodes=4, n_sources=1)
    measure = fit.measure
    survival = np.array([1.0, 1.0 - effort, 1.0, 1.0])
    move = chain.moves(np.ones(4))[0]
    left, consumed, intercepted = chain.left[0], chain.consumed[0], chain.intercepted[0]
    meant = reached = 0.0
    todo = [((int(measure.sources[0]),), 1.0)]
    while todo:
        path, p = todo.pop()
        here = path[-1]
        kept = np.prod([survival[k] for k in path])
        passed = np.prod([1.0 - intercepted[k] for k in path])
        meant += p * left[here] * kept**reaction
        reached += p * consumed[here] * kept ** (reaction + 1) * passed
        todo += [((*path, j), p * move[here, j]) for j in range(4) if p * move[here, j] > 1e-10]
    enforcement = Enforcement(survival, np.ones(len(measure.legs)))
    assert chain.delivered_kg(enforcement, reaction)[0] == pytest.approx(
        measure.supply_kg.sum() * reached / meant, rel=1e-5
    )


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 0.99), st.floats(0, 4))
def test_flows_after_enforcement_balance_and_deliver_the_same(seed, effort, reaction):
    """With a node and a leg enforced: what arrives leaves, is stopped or is seized."""
    fit, chain = chain_of(seed)
    measure = fit.measure
    enforcement = Enforcement.none(measure)
    enforcement.at_nodes[-1] = 1.0 - effort
    enforcement.on_legs[0] = 1.0 - effort
    flows = chain.flows_kg(enforcement, reaction)[0]
    assert (flows >= 0).all()
    after, ends = np.split(flows, [len(measure.legs)])
    arrived = measure.supply_kg + np.bincount(
        measure.head, after * enforcement.on_legs, measure.n_nodes
    )
    passed = arrived * (1 - chain.intercepted[0]) * enforcement.at_nodes
    leaving = np.bincount(measure.tail, after, measure.n_nodes)
    leaving += np.bincount(measure.exit_node, ends, measure.n_nodes)
    inside = chain.stuck[0] == 0
    assert leaving[inside] == pytest.approx(passed[inside], rel=1e-9, abs=1e-9 * fit.supply_kg)
    eaten = ends[measure.exit_kind == CONSUMPTION].sum()
    assert eaten == pytest.approx(chain.delivered_kg(enforcement, reaction)[0], rel=1e-9)


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
        "drop_low", "drop_high", "rank_low", "rank_high", "in_top",
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
    assert baseline_kg(chain)[0] == pytest.approx(consumed)
    assert chain.supply_kg.sum() == pytest.approx(fit.supply_kg)
    assert chain.intercepted.max() < 1
    assert exits[measure.exit_kind == SEIZURE].sum() > 0


def test_closures_agree_without_reaction_and_differ_with_it(fit):
    sent, ordered = (
        opr.find_chokepoints(fit, effort=0.6, reaction=(0, 2), closure=closure).table.set_index(
            ["reaction", "node"]
        )["delivered_kg"]
        for closure in ("dispatch", "orders")
    )
    ordered = ordered.reindex(sent.index)
    assert ordered[0].to_numpy() == pytest.approx(sent[0].to_numpy(), rel=1e-10)
    assert (ordered[2] - sent[2]).abs().max() > 1e-3 * fit.supply_kg


def test_orders_are_worked_out_destination_by_destination():
    """Each destination alone: its own intended routes, reweighted and seized."""
    fit, chain = chain_of(3, n_sources=1)
    [element] = resolve_elements(fit, candidates=[resolve_elements(fit)[1][1].id])[1]
    effort, reaction = 0.7, 2.0
    enforcement = enforced(fit, element, effort)
    kept, meant = enforcement.to_the(reaction + 1), enforcement.to_the(reaction)
    total = extra = 0.0
    at = chain.measure.sources
    for k in np.flatnonzero(chain.consumed[0] > 0):
        ends = np.zeros((1, chain.measure.n_nodes, 1))
        ends[0, k, 0] = chain.consumed[0, k]
        ones = np.ones((1, chain.measure.n_nodes))
        legs = np.ones(len(chain.measure.legs))
        order = chain.supply_kg[0, 0] * chain.value(ones, legs, ends)[0, at[0], 0]
        got = chain.supply_kg[0, 0] * chain.value(chain.passed, legs, ends)[0, at[0], 0]
        reached = chain.value(chain.passed * kept.at_nodes, kept.on_legs, ends)[0, at[0], 0]
        ratio = reached / chain.value(ones * meant.at_nodes, meant.on_legs, ends)[0, at[0], 0]
        total += order * ratio
        extra += got / ratio - order
    options = {"candidates": [element.id], "effort": effort, "reaction": reaction}
    ordered = opr.find_chokepoints(fit, closure="orders", **options).table
    assert ordered["delivered_kg"].item() == pytest.approx(total, rel=1e-10)
    wanted = opr.find_chokepoints(fit, closure="demand", **options)
    assert wanted.table["extra_kg"].item() == pytest.approx(extra, rel=1e-10)
    assert wanted.ranking().columns[1] == "extra_share_2"
    assert "dispatched in addition" in wanted._repr_html_()


def test_demand_that_can_no_longer_be_met_needs_more_than_any_amount():
    legs = pd.DataFrame({"from_node": ["a", "b"], "to_node": ["b", "c"], "cost": 2.0})
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": list("abc")}), legs)
    tables = {
        name: pd.DataFrame({"node": [node], "kg": [kg]})
        for name, node, kg in (("supply", "a", 10.0), ("demand", "c", 8.0))
    }
    fit = opr.estimate_flows(net, opr.Evidence.from_tables(**tables))
    found = opr.find_chokepoints(fit, effort=1.0, closure="demand", candidates="b")
    assert np.isinf(found.table["extra_share"]).all()


def test_legs_borders_groups_and_routes_of_the_shipped_network(fit):
    kinds = {
        kind: opr.find_chokepoints(fit, elements=kind, reaction=1)
        for kind in ("legs", "borders", "groups", "routes")
    }
    assert [found.kind for found in kinds.values()] == ["leg", "border", "group", "route"]
    groups = kinds["groups"].table.set_index("group")["drop_share"]
    nodes = opr.find_chokepoints(fit, reaction=1).table.set_index("node")["drop_share"]
    assert groups.to_numpy() == pytest.approx(nodes.reindex(groups.index).to_numpy())
    border = resolve_together(fit, "AFG - IRN")
    assert set(fit.measure.legs[border.stages]) <= {"AFG>IRN:land", "IRN>AFG:land"}
    trunk = kinds["routes"].table.set_index("route")["drop_share"]
    assert trunk["balkan"] > trunk["balkan_hub_nl"]
    assert "Pakistan (land)" in kinds["legs"].table.loc[0, "name"]


def test_elements_that_do_not_exist_are_refused(fit):
    for options, words in (
        ({"elements": "roads"}, "no elements 'roads'"),
        ({"elements": "borders", "candidates": ["AFG - IRM"]}, "did you mean"),
        ({"elements": {"x": ["nowhere"]}}, "nowhere"),
        ({"closure": "prices"}, "no closure"),
    ):
        with pytest.raises(UnknownNameError, match=words):
            opr.find_chokepoints(fit, **options)
    with pytest.raises(ValueError, match="top must"):
        opr.find_chokepoints(fit, top=0)
    with pytest.raises(UnknownNameError, match="receivers by"):
        opr.find_chokepoints(fit).receivers("IRN", by="roads")
    with pytest.raises(UnknownNameError, match="no effort"):
        opr.find_chokepoints(fit).ranking(effort=0.25)


def test_who_receives_adds_up_to_the_legs(fit):
    found = opr.find_chokepoints(fit)
    moved, received = found.displacement("IRN"), found.receivers("IRN")
    into = moved.groupby("to_node")["change_kg"].sum()
    both = received["change_kg"].reindex(into.index)
    assert both.to_numpy() == pytest.approx(into.to_numpy(), abs=1e-6)
    assert received["change_kg"].is_monotonic_decreasing


@pytest.mark.parametrize("size", [2, 3])
def test_combinations_equal_solving_again(size):
    fit, chain = chain_of(5)
    for elements in ("nodes", "legs"):
        _, chosen = resolve_elements(fit, elements)
        by_id = {e.id: e for e in chosen[:9]}
        found = find_combinations(
            fit,
            size=size,
            elements=elements,
            effort=0.95,
            reaction=3.0,
            candidates=by_id,
            most=None,
        )
        assert len(found) == len(list(itertools.combinations(by_id, size)))
        single = opr.find_chokepoints(
            fit, elements=elements, effort=0.95, reaction=3.0, candidates=by_id
        ).table.set_index(elements.removesuffix("s"))["drop_share"]
        for row in found.itertuples():
            together = merged([by_id[e] for e in row.elements])
            [again] = chain.delivered_kg(enforced(fit, together, 0.95), 3.0)
            assert row.delivered_kg == pytest.approx(again, abs=1e-12 * fit.supply_kg)
            assert row.alone_share == pytest.approx(single[list(row.elements)].sum(), abs=1e-12)
        assert found["drop_share"].is_monotonic_decreasing


def test_combinations_that_overlap_act_once_where_they_do(fit):
    sets = {"a": ["IRN", "PAK"], "b": ["PAK", "TJK"], "c": ["TUR"]}
    found = find_combinations(fit, elements=sets).set_index("elements")
    chain = IntendedChain.of(fit.measure, fit.arcs_kg)
    [again] = chain.delivered_kg(
        enforced(fit, resolve_together(fit, ["IRN", "PAK", "TJK"]), 0.5), 2.0
    )
    assert found["delivered_kg"][[("a", "b")]].item() == pytest.approx(again, rel=1e-10)


def test_combinations_of_no_size_or_of_nothing(fit):
    with pytest.raises(ValueError, match="size must be 2 or 3"):
        find_combinations(fit, size=4)
    assert find_combinations(fit, candidates=["IRN"]).empty
