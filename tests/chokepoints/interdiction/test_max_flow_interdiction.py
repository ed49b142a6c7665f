"""Max-flow interdiction: the published instance, every set of small graphs, and the corners."""

import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from enumeration import MAX_FLOW_LEGS, every_blocking, gallery, largest_flow, small_graph

import opiateroutes as opr
from opiateroutes.chokepoints.interdiction import max_flow_interdiction
from opiateroutes.errors import NetworkError, UnknownNameError


@pytest.mark.parametrize(("budget", "left"), [(0, 80), (1, 10), (2, 0)])
def test_the_instance_of_the_pyomo_gallery(budget, left):
    graph = gallery(MAX_FLOW_LEGS, "capacity")
    found = max_flow_interdiction(graph, "Start", "End", budget=budget)
    assert found.value == found.bound == left
    assert (found.before, found.gap, found.status) == (80, 0.0, "optimal")
    assert len(found.blocked) == found.cost == budget
    net = opr.from_networkx(graph)
    again = max_flow_interdiction(net, "Start", "End", budget=budget)
    assert again.value == left
    assert set(again.blocked) <= set(net.legs.index)


@pytest.mark.parametrize("tens", range(10))
def test_equal_to_looking_at_every_set(tens):
    moved = 0
    for seed in range(10 * tens, 10 * tens + 10):
        graph, budget = small_graph(seed)
        known = min(largest_flow(graph, blocked) for blocked in every_blocking(graph, budget))
        found = max_flow_interdiction(
            graph, 0, 1, budget=budget, cost_to_block="price", blockable="open"
        )
        assert found.value == pytest.approx(known, rel=1e-9, abs=1e-9)
        assert largest_flow(graph, set(found.blocked)) == pytest.approx(found.value, abs=1e-9)
        assert found.before == pytest.approx(largest_flow(graph, set()), abs=1e-12)
        assert found.status == "optimal"
        assert found.cost <= budget * (1.0 + 1e-9)
        assert all(graph.edges[leg]["open"] for leg in found.blocked)
        moved += found.value < found.before
    assert moved > 0


def test_budgets_at_the_ends():
    graph = gallery(MAX_FLOW_LEGS, "capacity")
    nothing = max_flow_interdiction(graph, "Start", "End", budget=0)
    assert nothing.blocked == ()
    assert nothing.table.empty
    for budget in (6, 1e9, math.inf):
        everything = max_flow_interdiction(graph, "Start", "End", budget=budget)
        assert everything.value == 0.0
        assert everything.blocked == (("Start", "B"), ("Start", "C"))
    walled = max_flow_interdiction(
        graph, "Start", "End", budget=math.inf, blockable=[("B", "End"), ("C", "B")]
    )
    assert walled.value == 40
    for budget in (-1, math.nan, None, "much"):
        with pytest.raises(ValueError, match="budget must be a number of at least 0"):
            max_flow_interdiction(graph, "Start", "End", budget=budget)


def test_costs_at_the_ends():
    graph = gallery(MAX_FLOW_LEGS, "capacity")
    price = dict.fromkeys(graph.edges, 5.0)
    free = max_flow_interdiction(
        graph, "Start", "End", budget=0, cost_to_block=price | {("B", "End"): 0}
    )
    assert (free.blocked, free.value, free.cost) == ((("B", "End"),), 40, 0.0)
    dear = max_flow_interdiction(graph, "Start", "End", budget=4.99, cost_to_block=5)
    assert dear.blocked == ()
    # Three times 0.1 is 0.30000000000000004 and still within 0.3.
    thirds = nx.DiGraph([("a", k) for k in "xyz"] + [(k, "b") for k in "xyz"])
    found = max_flow_interdiction(thirds, "a", "b", budget=0.3, strength=1, cost_to_block=0.1)
    assert found.value == 0.0
    with pytest.raises(NetworkError, match="cost_to_block"):
        max_flow_interdiction(
            graph, "Start", "End", budget=1, cost_to_block=price | {("B", "End"): -1}
        )


def test_ends_that_are_no_ends():
    graph = gallery(MAX_FLOW_LEGS, "capacity")
    with pytest.raises(ValueError, match="nothing can separate a node from itself"):
        max_flow_interdiction(graph, "End", "End", budget=1)
    away = max_flow_interdiction(graph, "End", "Start", budget=1)
    assert (away.value, away.before, away.bound, away.blocked) == (0.0, 0.0, 0.0, ())
    with pytest.raises(UnknownNameError, match=r"Strat.*Start"):
        max_flow_interdiction(graph, "Strat", "End", budget=1)


def test_an_edge_without_capacity_is_not_one_without_limit():
    graph = gallery(MAX_FLOW_LEGS, "capacity")
    del graph.edges["B", "End"]["capacity"]
    with pytest.raises(NetworkError, match="missing is not 0"):
        max_flow_interdiction(graph, "Start", "End", budget=1)


def test_legs_without_limit():
    graph = nx.DiGraph()
    graph.add_edge("a", "b", capacity=math.inf)
    graph.add_edge("a", "c", capacity=math.inf)
    graph.add_edge("b", "d", capacity=math.inf)
    graph.add_edge("c", "d", capacity=2.5)
    found = max_flow_interdiction(graph, "a", "d", budget=1)
    assert (found.before, found.value, found.bound) == (math.inf, 2.5, 2.5)
    kept = max_flow_interdiction(graph, "a", "d", budget=1, blockable=[("a", "c")])
    assert (kept.value, kept.bound, kept.blocked) == (math.inf, math.inf, ())
    assert kept.status == "optimal"


def test_groups_parallel_legs_and_the_table():
    nodes = pd.DataFrame({"node": list("pqrs"), "iso3": ["AAA", "AAA", "BBB", "CCC"]})
    legs = pd.DataFrame(
        {
            "leg": ["road", "rail", "other", "last"],
            "from": ["p", "p", "q", "r"],
            "to": ["r", "r", "r", "s"],
            "flow": [3.0, 4.0, 1.0, 100.0],
            "watch": [True, True, True, False],
        }
    )
    net = opr.RouteNetwork.from_tables(nodes, legs)
    found = max_flow_interdiction(
        net, "AAA", "CCC", budget=2, strength="flow", blockable="watch", cost_to_block=None
    )
    assert found.blocked == ("rail", "road")
    assert found.table.loc["rail"].tolist() == ["p", "r", 4.0, 1.0]
    assert repr(found) == "<Interdiction: 2 legs blocked, flow 8 -> 1, optimal>"


def test_the_time_limit_brings_the_best_bound():
    rng = np.random.default_rng(2)
    graph = nx.grid_2d_graph(12, 14).to_directed()
    for edge in graph.edges:
        graph.edges[edge].update(capacity=float(rng.random()), price=float(rng.random()))
    first, last = [(k, 0) for k in range(12)], [(k, 13) for k in range(12)]
    options = {"budget": 1.5, "cost_to_block": "price"}
    known = max_flow_interdiction(graph, first, last, **options)
    assert known.status == "optimal"
    hasty = max_flow_interdiction(graph, first, last, **options, time_limit=0.0)
    assert hasty.status == "time limit"
    assert hasty.bound <= known.value <= hasty.value <= hasty.before
    assert hasty.gap > 0.0
    assert hasty.cost <= 1.5


def test_the_unit_of_strength_is_no_matter():
    graph = nx.grid_2d_graph(4, 5).to_directed()
    rng = np.random.default_rng(4)
    for edge in graph.edges:
        graph.edges[edge]["capacity"] = float(rng.random())
    first, last = [(k, 0) for k in range(4)], [(k, 4) for k in range(4)]
    known = max_flow_interdiction(graph, first, last, budget=2)
    for unit in (1e-12, 1e12):
        for edge in graph.edges:
            graph.edges[edge]["scaled"] = graph.edges[edge]["capacity"] * unit
        found = max_flow_interdiction(graph, first, last, budget=2, strength="scaled")
        assert found.blocked == known.blocked
        assert found.value == pytest.approx(known.value * unit, rel=1e-12)
