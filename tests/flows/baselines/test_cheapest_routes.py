"""Shortest path and equal split: known answers on small networks."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from instances import random_case

import opiateroutes as opr
from opiateroutes.errors import ConflictingEvidenceError, DivergentRoutesError
from opiateroutes.evidence.priors import shipped_priors
from opiateroutes.flows.baselines import gravity, shortest_path
from opiateroutes.flows.baselines.orders import orders_of
from opiateroutes.flows.binding.bind import bind


def network(rows):
    legs = pd.DataFrame(rows, columns=["from_node", "to_node", "cost"])
    nodes = sorted({*legs["from_node"], *legs["to_node"]})
    return opr.RouteNetwork.from_tables(pd.DataFrame({"node": nodes}), legs)


def figures(**nodes):
    return pd.DataFrame({"node": list(nodes), "kg": [float(v) for v in nodes.values()]})


def evidence(supply, demand=None, **more):
    return opr.Evidence.from_tables(supply=supply, demand=demand, **more)


def flows(fit):
    return fit.legs.groupby(["from_node", "to_node"])["flow_kg"].sum()


DIAMOND = network(
    [("s", "a", 1.0), ("a", "t", 1.0), ("s", "b", 1.5), ("b", "t", 1.2), ("s", "t", 4)]
)


def test_all_goes_along_the_cheapest_route():
    fit = opr.estimate_flows(DIAMOND, evidence(figures(s=10), figures(t=6)), method="shortest_path")
    assert flows(fit).to_dict() == {
        ("a", "t"): 10.0,
        ("b", "t"): 0.0,
        ("s", "a"): 10.0,
        ("s", "b"): 0.0,
        ("s", "t"): 0.0,
    }
    assert fit.nodes.at["t", "consumption_kg"] == 6.0
    assert fit.nodes.at["t", "unaccounted_kg"] == pytest.approx(4.0)
    assert fit.certificate.gap <= 1e-12


def test_what_is_left_goes_out_in_proportion_to_demand():
    fit = opr.estimate_flows(
        DIAMOND, evidence(figures(s=10), figures(a=1, t=3)), method="shortest_path"
    )
    assert fit.nodes["unaccounted_kg"].to_dict() == pytest.approx(
        {"a": 1.5, "b": 0.0, "s": 0.0, "t": 4.5}
    )
    assert fit.provenance["notes"] == []


def test_figures_above_the_supply_are_scaled_down_and_a_note_says_so():
    demand = figures(a=10, t=30)
    fit = opr.estimate_flows(DIAMOND, evidence(figures(s=20), demand), method="shortest_path")
    assert fit.nodes["consumption_kg"].to_dict() == pytest.approx({"a": 5, "b": 0, "s": 0, "t": 15})
    note = "demand and seizures exceed the supply by 20 kg: all figures are scaled down"
    assert fit.provenance["notes"] == [note]
    assert note in fit.summary()


def test_exact_figures_stay_and_the_others_are_scaled():
    demand = figures(a=10, t=30).assign(sd_kg=[0.0, 3.0])
    fit = opr.estimate_flows(DIAMOND, evidence(figures(s=20), demand), method="shortest_path")
    assert fit.nodes.loc[["a", "t"], "consumption_kg"].tolist() == pytest.approx([10.0, 10.0])


def test_exact_figures_above_the_supply_are_refused():
    demand = figures(a=10, t=30).assign(sd_kg=0.0)
    with pytest.raises(ConflictingEvidenceError, match="more than the supply"):
        opr.estimate_flows(DIAMOND, evidence(figures(s=20), demand), method="shortest_path")


def test_without_an_unaccounted_exit_figures_are_scaled_up():
    priors = shipped_priors().assign(unaccounted_weight=0.0)
    given = evidence(figures(s=20), figures(a=2, t=3), priors=priors)
    fit = opr.estimate_flows(DIAMOND, given, method="shortest_path")
    assert fit.nodes.loc[["a", "t"], "consumption_kg"].tolist() == pytest.approx([8.0, 12.0])
    assert "scaled up" in fit.provenance["notes"][0]


def test_a_node_without_an_unaccounted_exit_leaves_it_to_the_others():
    general = shipped_priors().loc["*"]
    priors = pd.DataFrame([general, general], index=pd.Index(["*", "a"], name="node"))
    priors.loc["a", "unaccounted_weight"] = 0.0
    given = evidence(figures(s=20), figures(a=2, b=4, t=4), priors=priors)
    fit = opr.estimate_flows(DIAMOND, given, method="shortest_path")
    assert fit.nodes["unaccounted_kg"].to_dict() == pytest.approx({"a": 0, "b": 5, "s": 0, "t": 5})


def test_seizures_alone_are_served_too():
    given = evidence(figures(s=9), seizures=figures(a=1, t=2))
    fit = opr.estimate_flows(DIAMOND, given, method="shortest_path")
    assert fit.nodes["seizure_kg"].to_dict() == pytest.approx({"a": 1, "b": 0, "s": 0, "t": 2})
    assert fit.nodes["unaccounted_kg"].to_dict() == pytest.approx({"a": 2, "b": 0, "s": 0, "t": 4})


def test_several_supplies_follow_the_cheapest_plan():
    net = network([("s", "x", 1), ("s", "y", 5), ("r", "x", 2), ("r", "y", 3)])
    given = evidence(figures(s=10, r=10), figures(x=10, y=10).assign(sd_kg=1.0))
    found = flows(opr.estimate_flows(net, given, method="shortest_path"))
    # s to x and r to y costs 4 a unit; the other way round 7.
    assert found.to_dict() == pytest.approx(
        {("r", "x"): 0, ("r", "y"): 10, ("s", "x"): 10, ("s", "y"): 0}
    )


@pytest.mark.parametrize("method", ["shortest_path", "equal_split", "gravity"])
def test_supplies_that_do_not_reach_their_share_make_orders_give_way(method):
    net = network([("s", "x", 1), ("r", "y", 1)])
    given = evidence(figures(s=30, r=10), figures(x=10, y=20))
    fit = opr.estimate_flows(net, given, method=method)
    assert flows(fit).to_dict() == pytest.approx({("r", "y"): 10, ("s", "x"): 30})
    assert "the supplies do not" in fit.provenance["notes"][-1]
    assert fit.certificate.balance < 1e-12


@pytest.mark.parametrize("method", ["shortest_path", "equal_split", "gravity"])
def test_exact_orders_that_supplies_do_not_reach_are_refused(method):
    net = network([("s", "x", 1), ("r", "y", 1)])
    given = evidence(figures(s=30, r=10), figures(x=10, y=20).assign(sd_kg=[3.0, 0.0]))
    with pytest.raises(ConflictingEvidenceError):
        opr.estimate_flows(net, given, method=method)


def test_costs_below_zero_are_fine_and_gaining_cycles_are_not():
    net = network([("s", "a", -2.0), ("a", "t", -1.0), ("s", "t", -2.9)])
    given = evidence(figures(s=1), figures(t=1))
    assert flows(opr.estimate_flows(net, given, method="shortest_path"))["s", "a"] == 1
    turning = network([("s", "a", -2.0), ("a", "s", 1.0), ("a", "t", 1.0)])
    with pytest.raises(DivergentRoutesError, match="Raise the cost"):
        opr.estimate_flows(turning, given, method="shortest_path")


def test_a_cycle_that_costs_nothing_carries_nothing():
    net = network([("s", "a", 1.0), ("a", "b", 0.0), ("b", "a", 0.0), ("a", "t", 1.0)])
    given = evidence(figures(s=1), figures(t=1))
    fit = opr.estimate_flows(net, given, method="shortest_path")
    assert flows(fit)["a", "b"] == flows(fit)["b", "a"] == 0


@pytest.mark.parametrize("seed", range(8))
def test_one_supply_is_served_at_the_cost_of_shortest_paths(seed):
    net, given = random_case(seed, n_sources=1)
    fit = opr.estimate_flows(net, given, method="shortest_path")
    measure = fit.measure
    graph = nx.DiGraph()
    for tail, head, log in zip(measure.tail, measure.head, measure.leg_log_weight, strict=True):
        cost = min(-log, graph.get_edge_data(tail, head, {"cost": np.inf})["cost"])
        graph.add_edge(int(tail), int(head), cost=cost)
    away = nx.single_source_dijkstra_path_length(graph, int(measure.sources[0]), weight="cost")
    m = len(measure.legs)
    best = sum(
        kg * away[int(node)] for node, kg in zip(measure.exit_node, fit.arcs_kg[m:], strict=True)
    )
    assert -(measure.leg_log_weight @ fit.arcs_kg[:m]) == pytest.approx(best)


@pytest.mark.parametrize(
    ("k_routes", "expected"),
    [
        (1, {("s", "a"): 12, ("s", "b"): 0, ("s", "t"): 0}),
        (2, {("s", "a"): 6, ("s", "b"): 6, ("s", "t"): 0}),
        (3, {("s", "a"): 4, ("s", "b"): 4, ("s", "t"): 4}),
        (9, {("s", "a"): 4, ("s", "b"): 4, ("s", "t"): 4}),
    ],
)
def test_an_order_is_split_equally_over_its_routes(k_routes, expected):
    given = evidence(figures(s=12), figures(t=6))
    fit = opr.estimate_flows(DIAMOND, given, method="equal_split", k_routes=k_routes)
    found = flows(fit)
    assert {pair: found[pair] for pair in expected} == pytest.approx(expected)
    assert fit.provenance["k_routes"] == k_routes


def test_one_route_each_is_all_or_nothing():
    net, given = random_case(3, n_sources=1)
    one = opr.estimate_flows(net, given, method="equal_split", k_routes=1)
    all_ = opr.estimate_flows(net, given, method="shortest_path")
    assert flows(one).to_numpy() == pytest.approx(flows(all_).to_numpy(), abs=1e-9)


def test_parallel_legs_share_a_route_by_their_weight():
    legs = pd.DataFrame(
        {"from_node": "s", "to_node": "t", "mode": ["road", "sea"], "cost": [1.0, 2.0]}
    )
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": ["s", "t"]}), legs)
    fit = opr.estimate_flows(net, evidence(figures(s=1), figures(t=1)), method="equal_split")
    flow = fit.legs.set_index("mode")["flow_kg"]
    assert flow["road"] / flow["sea"] == pytest.approx(np.e)


def test_what_is_wanted_where_it_is_supplied_does_not_move():
    net = network([("s", "a", 1.0), ("a", "s", 1.0)])
    given = evidence(figures(s=1), figures(s=1))
    for method in ("shortest_path", "equal_split"):
        assert flows(opr.estimate_flows(net, given, method=method)).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("method", [shortest_path, gravity])
def test_orders_that_must_hold_and_cannot_are_refused_by_the_method_itself(method, monkeypatch):
    net = network([("s", "x", 1), ("r", "y", 1)])
    given = evidence(figures(s=30, r=10), figures(x=10, y=20))
    exact = replace(orders_of(bind(net, given, net.legs["cost"]), given), hard=np.ones(4, bool))
    monkeypatch.setattr(method, "orders_of", lambda *_: exact)
    with pytest.raises(ConflictingEvidenceError, match="must hold exactly") as error:
        opr.estimate_flows(net, given, method=method.__name__.rpartition(".")[2])
    assert "demand:y" in error.value.failures["row"].tolist()
