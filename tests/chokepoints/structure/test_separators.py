"""Bridges, articulation points and dominators against their definitions."""

import networkx as nx
import pytest
from random_multigraphs import multigraph, network

import opiateroutes as opr
from opiateroutes.chokepoints.structure import articulation_points, bridges, dominators


def test_bridges_are_those_of_networkx_and_cut_off_what_is_counted():
    found = 0
    for seed in range(60):
        graph = multigraph(seed, nodes=(4, 12), edges=(3, 16))
        table = bridges(network(graph)).table
        plain = nx.Graph(graph)
        plain.remove_edges_from(nx.selfloop_edges(plain))
        pairs = {frozenset(pair) for pair in zip(table["from_node"], table["to_node"], strict=True)}
        assert pairs == {frozenset(pair) for pair in nx.bridges(plain)}
        for row in table.itertuples():
            left = plain.copy()
            left.remove_edge(row.from_node, row.to_node)
            away = len(nx.node_connected_component(left, row.to_node))
            stays = len(nx.node_connected_component(left, row.from_node))
            assert row.cut_off_nodes == away <= stays
            assert row.component_nodes == away + stays
            assert row.network_nodes == len(graph)
            assert row.cut_off_share_of_component == away / (away + stays)
            assert row.cut_off_share_of_network == away / len(graph)
            ends = {row.from_node, row.to_node}
            assert set(row.legs) == {k for u, v, k in graph.edges(keys=True) if {u, v} == ends}
        assert table["cut_off_nodes"].is_monotonic_decreasing
        found += len(table)
    assert found > 60


def test_articulation_points_are_those_of_networkx():
    found = 0
    for seed in range(60):
        graph = multigraph(seed, nodes=(4, 12), edges=(3, 16))
        table = articulation_points(network(graph)).table
        plain = nx.Graph(graph)
        plain.remove_edges_from(nx.selfloop_edges(plain))
        assert set(table.index) == set(nx.articulation_points(plain))
        for node, row in table.iterrows():
            whole = nx.node_connected_component(plain, node)
            parts = [len(p) for p in nx.connected_components(plain.subgraph(whole - {node}))]
            assert row["parts"] == len(parts)
            assert row["cut_off_nodes"] == sum(parts) - max(parts)
            assert row["component_nodes"] == len(whole)
        found += len(table)
    assert found > 60


def test_long_routes_do_not_exhaust_the_stack():
    found = bridges(nx.path_graph(5000))
    assert len(found) == 4999
    assert found.table.loc[1, "cut_off_nodes"] == 2500
    assert repr(found) == "<Separators: 4999, undirected>"


def test_nothing_to_separate():
    assert len(bridges(nx.complete_graph(4))) == 0
    assert len(articulation_points(nx.DiGraph([("a", "b"), ("b", "a")]))) == 0


def test_a_dominator_is_what_no_route_goes_round():
    found = 0
    for seed in range(40):
        graph = multigraph(seed, nodes=(4, 9), edges=(5, 20))
        tree = dominators(network(graph), "n0")
        reached = nx.descendants(graph, "n0")
        assert set(tree.table.index) == reached
        assert set(tree.unreached) == set(graph) - reached - {"n0"}
        for node in reached:
            left = graph.copy()
            left.remove_node(node)
            lost = reached - nx.descendants(left, "n0") - {node}
            row = tree.table.loc[node]
            assert row["dominated_nodes"] == len(lost)
            assert row["reached_nodes"] == len(reached)
            assert row["dominated_share_of_network"] == len(lost) / len(graph)
            assert {other for other in reached if node in tree.before(other)} == lost
            found += len(lost)
    assert found > 40


def test_several_sources_act_as_one():
    graph = nx.DiGraph([("a", "c"), ("b", "c"), ("c", "d"), ("a", "b")])
    tree = dominators(graph, ["a", "b"])
    assert tree.before("d") == ("c",)
    assert tree.table["immediate"].isna().tolist() == [True, False]
    assert tree.projection == "directed; parallel legs are one edge; 2 nodes are one source"
    assert repr(tree) == "<Dominators: 1 of 2 reached nodes dominate others>"
    with pytest.raises(KeyError):
        tree.before("a")


def test_of_a_fit_the_consumption_that_depends_on_a_node():
    net = opr.load_network("countries")
    fit = opr.estimate_flows(net, opr.load_evidence(2010))
    tree = dominators(fit, "AFG")
    used = fit.nodes["consumption_kg"]
    for node in tree.table.index[:3]:
        below = [other for other in tree.table.index if node in tree.before(other)]
        assert len(below) == tree.table.loc[node, "dominated_nodes"] > 0
        known = used[node] + used[below].sum()
        assert tree.table.loc[node, "dominated_kg"] == pytest.approx(known, rel=1e-12)
    assert "dominated_kg" not in dominators(net, "AFG").table
