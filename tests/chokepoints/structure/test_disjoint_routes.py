"""Menger's theorem: as many disjoint routes as the smallest cut has elements."""

import sys
from itertools import pairwise
from types import SimpleNamespace

import networkx as nx
import pytest
from random_multigraphs import multigraph, network

from opiateroutes.chokepoints.structure import cheapest_routes, disjoint_routes, minimum_cut
from opiateroutes.errors import ConvergenceError, UnknownNameError


@pytest.mark.parametrize("by", ["legs", "nodes"])
def test_as_many_as_the_cut_and_nothing_in_common(by):
    found = 0
    for seed in range(40):
        graph = multigraph(seed, nodes=(5, 9), edges=(8, 25))
        if by == "nodes":
            graph.remove_edges_from([e for e in graph.edges if e[:2] == ("n0", "n1")])
        routes = disjoint_routes(network(graph), "n0", "n1", by=by, cost="cost")
        assert routes.count == minimum_cut(graph, "n0", "n1", nodes=by == "nodes").value
        used = routes.steps["leg"].tolist()
        assert len(set(used)) == len(used)
        for row in routes.table.itertuples():
            assert row.nodes[0] == "n0"
            assert row.nodes[-1] == "n1"
            assert len(set(row.nodes)) == len(row.nodes)
            for leg, pair in zip(row.legs, pairwise(row.nodes), strict=True):
                assert graph.has_edge(*pair, key=leg)
        if by == "nodes":
            inner = [node for row in routes.table["nodes"] for node in row[1:-1]]
            assert len(set(inner)) == len(inner)
        found += routes.count
    assert found > 20


def test_the_set_is_the_cheapest_of_its_number():
    # Suurballe's case: the cheapest single route would block the second one.
    graph = nx.DiGraph()
    for u, v, cost in [("a", "b", 1), ("b", "c", 1), ("c", "d", 1), ("a", "c", 4), ("b", "d", 4)]:
        graph.add_edge(u, v, cost=cost)
    routes = disjoint_routes(graph, "a", "d", cost="cost")
    assert routes.table["nodes"].tolist() == [("a", "b", "d"), ("a", "c", "d")]
    assert routes.table["cost"].sum() == 10
    for seed in range(20):
        graph = multigraph(seed, nodes=(5, 8), edges=(10, 20))
        routes = disjoint_routes(graph, "n0", "n1", cost="cost")
        flow = nx.DiGraph()
        for u, v, key, data in graph.edges(keys=True, data=True):
            # networkx wants simple graphs: each leg by way of a node of its own.
            flow.add_edge(u, key, capacity=1, weight=int(data["cost"]))
            flow.add_edge(key, v, capacity=1, weight=0)
        flow.add_edge("start", "n0", capacity=routes.count)
        flow.add_node("n1")
        plan = nx.max_flow_min_cost(flow, "start", "n1")
        assert routes.table["cost"].sum() == nx.cost_of_flow(flow, plan)


def test_parallel_legs_are_different_legs_but_the_same_nodes():
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "b", key="slow", cost=5.0)
    graph.add_edge("a", "b", key="fast", cost=2.0)
    assert disjoint_routes(graph, "a", "b", cost="cost").table["cost"].tolist() == [2.0, 5.0]
    by_nodes = disjoint_routes(graph, "a", "b", by="nodes", cost="cost")
    assert by_nodes.table["legs"].tolist() == [(("a", "b", "fast"),)]
    assert by_nodes.steps.loc[0, ["route", "step", "cost"]].tolist() == [1, 1, 2.0]
    assert by_nodes.projection.endswith("of parallel legs the cheapest; no node in common")


def test_an_undirected_leg_serves_one_route_only():
    routes = disjoint_routes(nx.cycle_graph(6), 0, 3)
    assert sorted(routes.table["nodes"]) == [(0, 1, 2, 3), (0, 5, 4, 3)]


def test_several_nodes_act_as_one():
    graph = nx.DiGraph([("a", "b"), ("b", "x"), ("a", "x"), ("x", "y"), ("b", "y")])
    routes = disjoint_routes(graph, ["a", "b"], ["y"])
    assert routes.table["nodes"].tolist() == [("b", "y"), ("a", "x", "y")]


def test_routes_free_of_cost_do_not_go_round():
    graph = nx.complete_graph(6, create_using=nx.DiGraph)
    routes = disjoint_routes(graph, 0, 5, cost=0)
    assert routes.count == 5
    assert all(len(set(way)) == len(way) for way in routes.table["nodes"])


def test_a_program_that_fails_is_no_answer(monkeypatch):
    failed = SimpleNamespace(status=4, message="numbers went wrong")
    # The function has the name of its module.
    module = sys.modules["opiateroutes.chokepoints.structure.disjoint_routes"]
    monkeypatch.setattr(module, "linprog", lambda *_, **__: failed)
    with pytest.raises(ConvergenceError, match="numbers went wrong"):
        disjoint_routes(nx.path_graph(3), 0, 2)


def test_no_route():
    for routes in (
        disjoint_routes(nx.DiGraph([("b", "a")]), "a", "b"),
        cheapest_routes(nx.DiGraph([("b", "a")]), "a", "b", cost=1),
    ):
        assert len(routes) == 0
        assert repr(routes) == "<Routes: none>"
        assert routes.steps.empty
    with pytest.raises(UnknownNameError, match="there is legs, nodes"):
        disjoint_routes(nx.path_graph(3), 0, 2, by="leg")
