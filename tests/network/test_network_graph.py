from __future__ import annotations

import networkx as nx
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from network_strategies import networks
from shapely.geometry import Point

import opiateroutes as opr
from opiateroutes.errors import NetworkError, UnknownNameError


def small(**columns):
    legs = {"u": ["b", "a"], "v": ["a", "b"], "leg": ["2", "1"], **columns}
    return opr.RouteNetwork.from_tables(pd.DataFrame({"node": ["b", "a"]}), pd.DataFrame(legs))


def ends(net):
    return sorted(zip(net.legs["from_node"], net.legs["to_node"], strict=True))


@given(networks())
@settings(max_examples=12, deadline=None)
def test_a_network_comes_back_from_networkx(net):
    back = opr.from_networkx(net.to_networkx())
    assert back.nodes.index.equals(net.nodes.index)
    assert back.legs.index.equals(net.legs.index)
    for column in ("from_node", "to_node", "mode"):
        assert back.legs[column].tolist() == net.legs[column].tolist()
    assert back.nodes["name"].tolist() == net.nodes["name"].tolist()
    assert back.nodes.geometry.to_wkt().tolist() == net.nodes.geometry.to_wkt().tolist()
    assert back.meta == dict(net.meta)


@given(networks())
@settings(max_examples=12, deadline=None)
def test_a_graph_is_sorted_and_never_has_a_weight(net):
    graph = net.to_networkx()
    assert list(graph.nodes) == sorted(graph.nodes)
    assert sorted(key for _, _, key in graph.edges(keys=True)) == net.legs.index.tolist()
    for node in graph:
        keys = [key for _, _, key in graph.out_edges(node, keys=True)]
        assert keys == sorted(keys) or len(set(graph.successors(node))) > 1
    assert all("weight" not in data for *_, data in graph.edges(data=True))
    assert graph.size(weight="weight") == graph.number_of_edges()


def test_a_graph_is_fresh_each_time():
    net = small()
    graph = net.to_networkx()
    graph.remove_node("a")
    graph.graph["level"] = "broken"
    assert list(net.to_networkx()) == ["a", "b"]
    assert dict(net.meta) == {}


@pytest.mark.parametrize("role", ["cost", "strength"])
def test_a_column_becomes_cost_or_strength(role):
    graph = small(weight=[3, 4]).to_networkx(**{role: "weight"})
    assert {key: data[role] for *_, key, data in graph.edges(keys=True, data=True)} == {
        "1": 4.0,
        "2": 3.0,
    }


@pytest.mark.parametrize("role", ["cost", "strength"])
def test_an_unknown_column_suggests_the_nearest(role):
    with pytest.raises(UnknownNameError, match="did you mean 'distance_km'"):
        small(distance_km=[1, 2]).to_networkx(**{role: "distance"})


@pytest.mark.parametrize("values", [[1.0, None], [1.0, "far"]])
def test_a_column_with_gaps_or_text_is_no_cost_and_the_error_lists_the_legs(values):
    with pytest.raises(NetworkError, match="no number") as raised:
        small(toll=values).to_networkx(cost="toll")
    assert raised.value.failures["row"].tolist() == ["1"]
    assert raised.value.failures["column"].tolist() == ["toll"]


def test_missing_attributes_are_left_out_of_the_graph():
    graph = small(why=[None, "bridge"]).to_networkx()
    assert "why" not in graph.edges["b", "a", "2"]
    assert graph.edges["a", "b", "1"]["why"] == "bridge"


@pytest.mark.parametrize("name", ["key", "u_for_edge", "v_for_edge"])
def test_a_column_may_be_called_like_an_argument_of_networkx(name):
    assert small(**{name: [1, 2]}).to_networkx().edges["a", "b", "1"][name] == 2


def test_undirected_edges_become_two_legs_and_loops_one():
    graph = nx.Graph([("a", "b"), ("b", "b")])
    assert ends(opr.from_networkx(graph)) == [("a", "b"), ("b", "a"), ("b", "b")]


def test_undirected_string_keys_give_the_way_back_an_id_of_its_own():
    graph = nx.MultiGraph()
    graph.add_edge("a", "b", key="road", distance_km=3.0)
    legs = opr.from_networkx(graph).legs
    assert legs["from_node"].to_dict() == {"road": "a", "road:back": "b"}
    assert legs["distance_km"].tolist() == [3.0, 3.0]


def test_string_keys_that_are_unique_only_between_two_nodes_become_a_column():
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "b", key="road")
    graph.add_edge("b", "c", key="road")
    graph.add_edge("a", "b", key="rail")
    legs = opr.from_networkx(graph).legs
    assert legs["key"].to_dict() == {"a>b:leg": "road", "a>b:leg:2": "rail", "b>c:leg": "road"}


def test_some_edges_without_a_string_key_do_not_cost_the_others_their_place():
    graph = nx.MultiDiGraph([("a", "b"), ("b", "c", "named")])
    legs = opr.from_networkx(graph).legs
    assert legs.index.tolist() == ["a>b:leg", "b>c:leg"]
    assert legs["key"].fillna("").tolist() == ["", "named"]


def test_numbered_keys_are_not_ids():
    graph = nx.MultiDiGraph([("a", "b"), ("a", "b")])
    legs = opr.from_networkx(graph).legs
    assert legs.index.tolist() == ["a>b:leg", "a>b:leg:2"]
    assert "key" not in legs


def test_attributes_named_like_endpoints_do_not_move_an_edge():
    graph = nx.DiGraph()
    graph.add_edge("a", "b", from_node="x", to_node="y")
    assert ends(opr.from_networkx(graph)) == [("a", "b")]


def test_sparse_attributes_stay_with_their_nodes_in_any_order():
    graph = nx.DiGraph()
    graph.add_node("d", late=5)
    graph.add_node("c", early=1)
    graph.add_node("a")
    nodes = opr.from_networkx(graph).nodes
    assert nodes["late"].dropna().to_dict() == {"d": 5}
    assert nodes["early"].dropna().to_dict() == {"c": 1}


def test_tuples_may_be_nodes():
    net = opr.from_networkx(nx.grid_2d_graph(2, 2))
    assert net.nodes.index.tolist() == ["(0, 0)", "(0, 1)", "(1, 0)", "(1, 1)"]
    assert len(net.legs) == 8


def test_x_and_y_place_nodes():
    graph = nx.Graph()
    graph.add_node("a", x=7.0, y=46.0)
    assert opr.from_networkx(graph).nodes.geometry.loc["a"] == Point(7, 46)


def test_nodes_with_the_same_text_are_refused():
    with pytest.raises(NetworkError, match="stands twice"):
        opr.from_networkx(nx.Graph([(1, "1")]))


def test_the_shipped_network_comes_back_from_networkx():
    net = opr.load_network("countries")
    back = opr.from_networkx(net.to_networkx())
    assert_geodataframe_equal(back.nodes, net.nodes, check_like=True)
    assert_geodataframe_equal(back.legs, net.legs, check_like=True)
