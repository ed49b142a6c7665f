"""Shortest-path interdiction: the published instance, every set of small graphs, the corners."""

import math
import sys
from types import SimpleNamespace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from enumeration import SHORTEST_PATH_LEGS, cheapest_route, every_blocking, gallery, small_graph

import opiateroutes as opr
from opiateroutes.chokepoints.interdiction import shortest_path_interdiction
from opiateroutes.errors import NetworkError


@pytest.mark.parametrize(("budget", "cost"), [(0, 5), (1, 17), (2, math.inf)])
def test_the_instance_of_the_pyomo_gallery(budget, cost):
    graph = gallery(SHORTEST_PATH_LEGS, "cost")
    found = shortest_path_interdiction(graph, "Start", "End", budget=budget, cost="cost")
    assert found.value == found.bound == cost
    assert (found.before, found.gap, found.status) == (5, 0.0, "optimal")
    assert len(found.blocked) == budget


def test_a_price_for_staying_away_is_a_leg_that_cannot_be_blocked():
    # The published instance charges 100 for what does not arrive.
    graph = gallery(SHORTEST_PATH_LEGS, "cost")
    may = list(graph.edges)
    graph.add_edge("Start", "End", cost=100)
    for budget, cost in ((0, 5), (1, 17), (2, 100), (math.inf, 100)):
        found = shortest_path_interdiction(
            graph, "Start", "End", budget=budget, cost="cost", blockable=may
        )
        assert found.value == found.bound == cost


@pytest.mark.parametrize("tens", range(10))
def test_equal_to_looking_at_every_set(tens):
    moved = 0
    for seed in range(10 * tens, 10 * tens + 10):
        graph, budget = small_graph(seed)
        known = max(cheapest_route(graph, blocked) for blocked in every_blocking(graph, budget))
        found = shortest_path_interdiction(
            graph,
            0,
            1,
            budget=budget,
            cost="km",
            added="delay",
            cost_to_block="price",
            blockable="open",
        )
        assert found.value == pytest.approx(known, rel=1e-9)
        assert cheapest_route(graph, set(found.blocked)) == pytest.approx(found.value, rel=1e-12)
        assert found.before == pytest.approx(cheapest_route(graph, set()), rel=1e-12)
        assert found.status == "optimal"
        assert found.cost <= budget * (1.0 + 1e-9)
        assert all(graph.edges[leg]["open"] for leg in found.blocked)
        moved += found.value > found.before
    assert moved > 0


def test_closing_and_delaying_are_different():
    graph = nx.DiGraph()
    graph.add_edge("a", "b", distance_km=3.0)
    graph.add_edge("a", "c", distance_km=4.0)
    graph.add_edge("c", "b", distance_km=4.0)
    closed = shortest_path_interdiction(graph, "a", "b", budget=1)
    assert (closed.value, closed.blocked) == (8.0, (("a", "b"),))
    slowed = shortest_path_interdiction(graph, "a", "b", budget=1, added=2.0)
    assert (slowed.value, slowed.bound) == (5.0, 5.0)
    everything = shortest_path_interdiction(graph, "a", "b", budget=math.inf, added=2.0)
    assert everything.value == 5.0
    assert everything.blocked == (("a", "b"),)
    mixed = {("a", "b"): math.inf, ("a", "c"): 0.5, ("c", "b"): 1.0}
    found = shortest_path_interdiction(graph, "a", "b", budget=2, added=mixed)
    assert found.value == 9.0
    assert found.table.loc[[("c", "b")], "added"].tolist() == [1.0]
    useless = shortest_path_interdiction(graph, "a", "b", budget=2, added=0)
    assert (useless.value, useless.blocked) == (3.0, ())


def test_routes_free_of_cost():
    graph = nx.DiGraph([("a", "b"), ("b", "d"), ("a", "c"), ("c", "d")])
    found = shortest_path_interdiction(graph, "a", "d", budget=2, cost=0, added=1)
    assert (found.before, found.value) == (0.0, 1.0)
    assert shortest_path_interdiction(graph, "a", "d", budget=1, cost=0).value == 0.0


def test_budgets_and_costs_at_the_ends():
    graph = gallery(SHORTEST_PATH_LEGS, "cost")
    price = dict.fromkeys(graph.edges, 3)
    free = shortest_path_interdiction(
        graph, "Start", "End", budget=0, cost="cost", cost_to_block=price | {("B", "End"): 0}
    )
    assert (free.value, free.blocked, free.cost) == (17, (("B", "End"),), 0.0)
    with pytest.raises(ValueError, match="budget must be"):
        shortest_path_interdiction(graph, "Start", "End", budget=-1, cost="cost")
    for bad in ({"cost_to_block": -1}, {"added": -1}, {"cost": -1}, {"cost": math.inf}):
        with pytest.raises(NetworkError, match="cannot be used as"):
            shortest_path_interdiction(graph, "Start", "End", **{"cost": "cost", "budget": 1} | bad)


def test_ends_that_are_no_ends():
    graph = gallery(SHORTEST_PATH_LEGS, "cost")
    with pytest.raises(ValueError, match="nothing can separate a node from itself"):
        shortest_path_interdiction(graph, "B", "B", budget=1, cost="cost")
    away = shortest_path_interdiction(graph, "End", "Start", budget=1, cost="cost")
    assert away.value == away.before == away.bound == math.inf
    assert (away.blocked, away.gap, away.status) == ((), 0.0, "optimal")


def test_a_network_with_groups_and_parallel_legs():
    nodes = pd.DataFrame({"node": list("pqrs"), "iso3": ["AAA", "AAA", "BBB", "CCC"]})
    legs = pd.DataFrame(
        {
            "leg": ["road", "rail", "other", "last"],
            "from": ["p", "p", "q", "r"],
            "to": ["r", "r", "r", "s"],
            "distance_km": [3.0, 4.0, 9.0, 1.0],
        }
    )
    net = opr.RouteNetwork.from_tables(nodes, legs)
    fixed = {"blockable": ["road", "rail", "other"]}
    values = [
        shortest_path_interdiction(net, "AAA", "CCC", budget=budget, **fixed).value
        for budget in range(4)
    ]
    assert values == [4.0, 5.0, 10.0, math.inf]
    found = shortest_path_interdiction(net, "AAA", "CCC", budget=2, **fixed)
    assert found.blocked == ("rail", "road")
    assert repr(found) == "<Interdiction: 2 legs blocked, cheapest route 4 -> 10, optimal>"


def test_a_grid_in_any_unit():
    rng = np.random.default_rng(5)
    graph = nx.grid_2d_graph(7, 8).to_directed()
    for edge in graph.edges:
        graph.edges[edge]["km"] = float(rng.random())
        graph.edges[edge]["tiny"] = graph.edges[edge]["km"] * 1e-9
    found = shortest_path_interdiction(graph, (0, 0), (6, 7), budget=3, cost="km", added=0.2)
    again = shortest_path_interdiction(graph, (0, 0), (6, 7), budget=3, cost="tiny", added=2e-10)
    assert found.status == again.status == "optimal"
    assert again.value == pytest.approx(found.value * 1e-9, rel=1e-6)
    assert found.value == pytest.approx(found.bound, rel=1e-6)
    assert found.value > found.before + 0.2


def test_without_the_bound_of_a_flow_the_answer_is_the_same(monkeypatch):
    module = sys.modules["opiateroutes.chokepoints.interdiction.shortest_path"]
    graph = gallery(SHORTEST_PATH_LEGS, "cost")
    monkeypatch.setattr(module, "linprog", lambda *_, **__: SimpleNamespace(status=4))
    for budget, cost in ((0, 5), (1, 17), (2, math.inf)):
        found = shortest_path_interdiction(graph, "Start", "End", budget=budget, cost="cost")
        assert found.value == found.bound == cost


def test_the_time_limit_brings_the_best_bound():
    rng = np.random.default_rng(5)
    graph = nx.grid_2d_graph(7, 8).to_directed()
    for edge in graph.edges:
        graph.edges[edge]["km"] = float(rng.random())
    first, last = [(k, 0) for k in range(7)], [(k, 7) for k in range(7)]
    options = {"budget": 2, "cost": "km"}
    known = shortest_path_interdiction(graph, first, last, **options)
    hasty = shortest_path_interdiction(graph, first, last, **options, time_limit=0.0)
    assert known.status == "optimal"
    assert hasty.status == "time limit"
    assert hasty.before <= hasty.value <= known.value <= hasty.bound < math.inf
    assert hasty.gap > 0.0
