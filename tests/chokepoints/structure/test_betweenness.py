"""Betweenness against networkx, and what it refuses."""

import networkx as nx
import numpy as np
import pytest
from random_multigraphs import multigraph, network, simple

from opiateroutes.chokepoints.structure import betweenness
from opiateroutes.errors import UnknownNameError


def differences(found, known):
    return max(abs(found.table["betweenness"][node] - known[node]) for node in known)


def test_the_karate_club_as_networkx_has_it():
    graph = nx.karate_club_graph()
    shortest = nx.betweenness_centrality(graph)
    assert differences(betweenness(graph), shortest) < 1e-14
    for strength in (None, "weight"):
        known = nx.current_flow_betweenness_centrality(graph, weight=strength)
        found = betweenness(graph, kind="current_flow", strength=strength)
        assert differences(found, known) < 1e-13
    assert betweenness(graph).table.index[0] == 0


def test_cheapest_routes_with_parallel_legs_and_chosen_ends():
    for seed in range(15):
        graph = multigraph(seed, nodes=(5, 10), edges=(10, 30))
        merged = simple(graph, "cost", min)
        known = nx.betweenness_centrality(merged, weight="cost")
        assert differences(betweenness(network(graph), cost="cost"), known) < 1e-14
        ends = {"sources": ["n0", "n1"], "targets": ["n2"]}
        known = nx.betweenness_centrality_subset(merged, **ends, normalized=True, weight="cost")
        assert differences(betweenness(graph, cost="cost", **ends), known) < 1e-14


def test_current_from_some_to_some_adds_up_to_current_from_all_to_all():
    graph = nx.les_miserables_graph().to_directed()
    everyone = betweenness(graph, kind="current_flow").table["betweenness"]
    names = sorted(graph)
    parts = [
        betweenness(graph, kind="current_flow", sources=half, targets=other).table["betweenness"]
        for half in (names[:30], names[30:])
        for other in (names[:50], names[50:])
    ]
    assert np.abs(sum(p.reindex(names) for p in parts) - everyone.reindex(names)).max() < 1e-12


def test_each_component_by_itself():
    graph = nx.disjoint_union(nx.path_graph(3), nx.cycle_graph(4))
    graph.add_node("alone")
    table = betweenness(graph, kind="current_flow").table
    assert table.loc[1, ["betweenness", "component_nodes", "rank"]].tolist() == pytest.approx(
        [1.0, 3, 1], rel=1e-14
    )
    known = nx.current_flow_betweenness_centrality(nx.cycle_graph(4))
    assert table.loc[3, "betweenness"] == pytest.approx(known[0], abs=1e-15)
    assert table.loc["alone", "betweenness"] == 0.0
    # By symmetry all nodes of the ring are equal.
    assert table.loc[[3, 4, 5, 6], "rank"].tolist() == [2, 2, 2, 2]


def test_a_leg_that_carries_nothing_joins_nothing():
    graph = nx.path_graph(4)
    nx.set_edge_attributes(graph, {(0, 1): 1.0, (1, 2): 1.0, (2, 3): 0.0}, "kg")
    table = betweenness(graph, kind="current_flow", strength="kg").table
    assert table.loc[[1, 2, 3], "betweenness"].tolist() == pytest.approx([1.0, 0.0, 0.0])


def test_a_cost_is_no_strength():
    graph = nx.path_graph(3)
    with pytest.raises(ValueError, match="takes a cost, not a strength"):
        betweenness(graph, strength=1)
    with pytest.raises(ValueError, match="takes a strength, not a cost"):
        betweenness(graph, kind="current_flow", cost=1)
    with pytest.raises(ValueError, match=r"leg \(0, 1\) has cost 0"):
        betweenness(graph, cost={(0, 1): 0, (1, 2): 1})
    with pytest.raises(UnknownNameError, match="there is shortest, current_flow"):
        betweenness(graph, kind="current")


def test_what_it_says_of_itself():
    found = betweenness(nx.star_graph(4), kind="current_flow")
    assert repr(found).startswith("<Betweenness (current_flow): first 0, 1, 2")
    assert found.projection == (
        "undirected; strength: 1 each; all legs between two nodes are summed; each component by "
        "itself"
    )
