"""What is read of networks, fits and graphs, and how ids and numbers are taken."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import opiateroutes as opr
from opiateroutes.chokepoints.structure import minimum_cut
from opiateroutes.chokepoints.structure.ends import nodes_at
from opiateroutes.chokepoints.structure.leg_graph import read_graph
from opiateroutes.chokepoints.structure.numbers import chosen, describe, values_of
from opiateroutes.chokepoints.structure.projection import cheapest, summed
from opiateroutes.errors import NetworkError, UnknownNameError


@pytest.fixture(scope="module")
def fit():
    return opr.estimate_flows(opr.load_network("countries"), opr.load_evidence(2010))


def test_of_a_fit_the_flows_are_columns(fit):
    cut = minimum_cut(fit, "AFG", "DEU", strength="flow_kg")
    flows = fit.legs["flow_kg"]
    assert cut.value == pytest.approx(flows[list(cut.legs)].sum(), rel=1e-14)
    assert 0.0 < cut.value <= fit.nodes.loc["DEU", "throughput_kg"] * (1 + 1e-9)
    graph = read_graph(fit)
    assert list(graph.legs.read("flow_kg")) == flows.tolist()
    assert list(graph.legs.read("distance_km")) == fit.network.legs["distance_km"].tolist()


def test_of_an_ensemble_its_best_values():
    net, evidence = opr.load_network("countries"), opr.load_evidence(2010)
    drawn = opr.sample_flows(net, evidence, draws=8, rng=1)
    assert minimum_cut(drawn, "AFG", "DEU", strength="flow_kg").value > 0.0


def test_a_tuple_may_be_one_node_or_several():
    grid = read_graph(nx.grid_2d_graph(2, 2))
    assert nodes_at(grid, (0, 1), role="source").tolist() == [1]
    assert nodes_at(grid, ((0, 1), (1, 0)), role="source").tolist() == [1, 2]
    with pytest.raises(UnknownNameError, match="no node and no group"):
        nodes_at(grid, ([0], [1]), role="source")
    with pytest.raises(UnknownNameError, match="called 7"):
        nodes_at(grid, 7, role="source")


def test_numbers_that_became_text_are_found():
    net = opr.from_networkx(nx.path_graph(3))
    assert nodes_at(read_graph(net), 2, role="target").tolist() == [2]


def test_an_undirected_edge_is_one_leg_with_two_arcs():
    graph = read_graph(nx.MultiGraph([("a", "b"), ("b", "b"), ("a", "b")]))
    tail, head, leg = graph.arcs()
    assert graph.legs.ids == [("a", "b", 0), ("a", "b", 1), ("b", "b", 0)]
    assert leg.tolist() == [0, 1, 0, 1]
    assert (tail[:2], head[:2]) == (pytest.approx(head[2:]), pytest.approx(tail[2:]))
    assert cheapest(graph, None).leg.tolist() == [0, 0]
    assert summed(graph, None).value.tolist() == [2.0, 2.0]


def test_names_stand_in_where_they_are_known():
    graph = nx.DiGraph([("a", "b")])
    graph.nodes["a"]["name"] = "Alpha"
    cut = minimum_cut(nx.DiGraph([("s", "a"), ("a", "t")]), "s", "t", nodes=True)
    assert cut.table.loc["a", "name"] == "a"
    assert read_graph(graph).named(np.array([0, 1])) == ["Alpha", "b"]


def test_values_by_column_number_series_or_mapping():
    legs = read_graph(nx.DiGraph([("a", "b", {"kg": 2}), ("b", "c", {"kg": "x"})])).legs
    assert values_of(legs, None, role="cost").tolist() == [1.0, 1.0]
    assert values_of(legs, 3, role="cost").tolist() == [3.0, 3.0]
    series = pd.Series([1.0, 2.0], index=pd.Index(legs.ids, tupleize_cols=False))
    assert values_of(legs, series[::-1], role="cost").tolist() == [1.0, 2.0]
    with pytest.raises(UnknownNameError, match="names 1 legs that the graph does not have"):
        values_of(legs, {("a", "c"): 1.0}, role="cost")
    with pytest.raises(NetworkError, match="1 of 2 legs"):
        values_of(legs, {("a", "b"): 1.0}, role="cost")
    with pytest.raises(NetworkError) as raised:
        values_of(legs, "kg", role="cost")
    assert raised.value.failures["value"].tolist() == ["x"]
    with pytest.raises(NetworkError) as raised:
        values_of(legs, float("inf"), role="cost")
    assert raised.value.failures["rule"].tolist() == ["finite", "finite"]
    with pytest.raises(TypeError, match="not list"):
        values_of(legs, [1.0, 2.0], role="cost")
    assert describe({}) == "the values given"
    with pytest.raises(UnknownNameError, match="there are no columns"):
        values_of(read_graph(nx.path_graph(2)).legs, "kg", role="cost")


def test_choices_by_column_series_or_ids():
    edges = [("a", "b", {"open": 1, "kg": 5}), ("b", "c", {"open": 0, "kg": 1})]
    legs = read_graph(nx.DiGraph(edges)).legs
    assert chosen(legs, None, role="blockable").all()
    assert chosen(legs, "open", role="blockable").tolist() == [True, False]
    assert chosen(legs, dict.fromkeys(legs.ids, True), role="blockable").all()
    assert not chosen(legs, [], role="blockable").any()
    with pytest.raises(NetworkError, match="blockable must be true or false"):
        chosen(legs, "kg", role="blockable")
    with pytest.raises(UnknownNameError, match="1 legs that the graph does not have"):
        chosen(legs, {("c", "a")}, role="blockable")
    with pytest.raises(TypeError, match="not int"):
        chosen(legs, 3, role="blockable")


def test_a_graph_without_legs():
    graph = nx.DiGraph()
    graph.add_nodes_from("ab")
    assert minimum_cut(graph, "a", "b").value == 0.0
    assert summed(read_graph(graph), None).value.tolist() == []
