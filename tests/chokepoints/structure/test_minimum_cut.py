"""Minimum cuts against networkx, by hand, and with strengths that integers do not hold."""

import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from random_multigraphs import multigraph, network, simple

import opiateroutes as opr
from opiateroutes.chokepoints.structure import minimum_cut
from opiateroutes.chokepoints.structure.max_flow import max_flow
from opiateroutes.errors import NetworkError, UnknownNameError


def without(graph, legs=(), nodes=()):
    left = graph.copy()
    left.remove_edges_from([e for e in graph.edges(keys=True) if e[2] in legs])
    left.remove_nodes_from(nodes)
    return left


@pytest.mark.parametrize("whole", [True, False])
def test_value_sides_and_legs_agree_with_networkx(whole):
    cuts = 0
    for seed in range(60):
        graph = multigraph(seed, whole=whole)
        cut = minimum_cut(network(graph), "n0", "n1", strength="strength")
        merged = simple(graph, "strength", sum)
        known = nx.maximum_flow_value(merged, "n0", "n1", capacity="strength")
        assert cut.value == pytest.approx(known, rel=1e-12, abs=1e-12)
        assert cut.value == pytest.approx(cut.table["strength"].sum(), rel=1e-15)
        assert sorted(cut.source_side + cut.target_side) == sorted(graph)
        assert "n0" in cut.source_side
        assert "n1" in cut.target_side
        assert not nx.has_path(without(graph, cut.legs), "n0", "n1")
        cuts += bool(cut.legs)
    assert cuts > 20


def test_nodes_are_cut_as_networkx_does():
    cuts = 0
    for seed in range(60):
        graph = multigraph(seed, nodes=(5, 9), edges=(8, 25))
        cut = minimum_cut(graph, "n0", "n1", nodes=True)
        if graph.has_edge("n0", "n1"):
            assert cut.value == math.inf
            assert cut.nodes == cut.source_side == ()
            continue
        assert cut.value == len(cut.nodes) == nx.node_connectivity(nx.DiGraph(graph), "n0", "n1")
        assert not nx.has_path(without(graph, nodes=cut.nodes), "n0", "n1")
        assert not {"n0", "n1"} & set(cut.nodes)
        everyone = cut.source_side + cut.nodes + cut.target_side
        assert sorted(everyone) == sorted(graph)
        cuts += bool(cut.nodes)
    assert cuts > 10


def test_parallel_legs_add_up_and_are_cut_together():
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "b", key="road", kg=2.0)
    graph.add_edge("a", "b", key="rail", kg=1.5)
    graph.add_edge("b", "c", key="sea", kg=9.0)
    graph.add_edge("c", "b", key="back", kg=9.0)
    cut = minimum_cut(network(graph), "a", "c", strength="kg")
    assert cut.value == 3.5
    assert cut.legs == ("rail", "road")
    assert cut.table.index.tolist() == ["road", "rail"]
    assert cut.table.loc["road"].tolist() == ["a", "b", 2.0]
    assert cut.projection == "directed; strength: kg; parallel legs are summed"
    assert repr(cut) == "<MinimumCut: 3.5 over 2 legs, 1 | 2 nodes>"


def test_of_equal_cuts_the_one_nearest_the_source():
    cut = minimum_cut(nx.path_graph(5, create_using=nx.DiGraph), 0, 4)
    assert cut.legs == ((0, 1),)
    assert minimum_cut(nx.path_graph(5), 0, 4, nodes=True).nodes == (1,)


def test_an_unreachable_target_needs_no_cut():
    graph = nx.DiGraph([("a", "b"), ("c", "b")])
    for nodes in (False, True):
        cut = minimum_cut(graph, "a", "c", nodes=nodes)
        assert cut.value == 0.0
        assert cut.legs == cut.nodes == ()
        assert cut.source_side == ("a", "b")
        assert cut.target_side == ("c",)


def test_legs_of_strength_0_are_cut_where_they_lead_on_only():
    graph = nx.DiGraph()
    graph.add_edge("a", "b", kg=0)
    graph.add_edge("a", "dead end", kg=0)
    graph.add_edge("b", "c", kg=3)
    cut = minimum_cut(graph, "a", "c", strength="kg")
    assert cut.value == 0.0
    assert cut.legs == (("a", "b"),)


def test_legs_without_limit():
    graph = nx.DiGraph()
    graph.add_edge("a", "b", kg=math.inf)
    graph.add_edge("b", "c", kg=0.1)
    assert minimum_cut(graph, "a", "c", strength="kg").value == 0.1
    graph.add_edge("a", "c", kg=math.inf)
    cut = minimum_cut(graph, "a", "c", strength="kg")
    assert cut.value == math.inf
    assert cut.legs == cut.source_side == cut.target_side == ()
    assert cut.table.empty


def test_groups_and_several_nodes_act_as_one():
    nodes = pd.DataFrame({"node": list("pqrst"), "iso3": ["AAA", "AAA", "BBB", "CCC", "CCC"]})
    legs = pd.DataFrame({"from": list("pqrr"), "to": list("rrst")})
    net = opr.RouteNetwork.from_tables(nodes, legs)
    assert minimum_cut(net, "AAA", "CCC").value == 2.0
    assert minimum_cut(net, ["p", "q"], ["CCC"]).value == 2.0
    assert minimum_cut(net, "AAA", "CCC", nodes=True).nodes == ("r",)
    assert minimum_cut(net, "p", "CCC").value == 1.0


@pytest.mark.parametrize("scale", [1e-300, 1e-9, 1.0, 1e9, 1e290])
def test_strengths_of_any_size_keep_their_precision(scale):
    rng = np.random.default_rng(3)
    tail, head = rng.integers(0, 30, (2, 200))
    strength = np.exp(rng.normal(0.0, 8.0, 200)) * scale
    strength[tail == head] = 0.0
    sources, targets = np.array([0, 1]), np.array([2])
    flow = max_flow(30, (tail, head), strength, sources=sources, targets=targets)
    near = flow.source_side
    cut = math.fsum(strength[near[tail] & ~near[head]])
    assert flow.value == pytest.approx(cut, rel=1e-14)
    assert flow.value > 0.0
    into = flow.amount[flow.head == 2].sum() - flow.amount[flow.tail == 2].sum()
    assert into == pytest.approx(cut, rel=1e-14)


def test_whole_strengths_beyond_32_bits_are_exact():
    graph = nx.DiGraph()
    graph.add_edge("a", "b", kg=2**52 - 1)
    graph.add_edge("b", "c", kg=2**50 + 1)
    graph.add_edge("a", "c", kg=2**31 + 7)
    assert minimum_cut(graph, "a", "c", strength="kg").value == 2**50 + 2**31 + 8


def test_what_cannot_be_asked():
    graph = nx.DiGraph()
    graph.add_edge("Iran", "Turkey", kg=-1.0)
    graph.add_edge("Turkey", "Iran")
    with pytest.raises(ValueError, match="is in the source and in the target"):
        minimum_cut(graph, "Iran", ["Iran", "Turkey"])
    with pytest.raises(ValueError, match="target names no node"):
        minimum_cut(graph, "Iran", [])
    with pytest.raises(UnknownNameError, match=r"no node and no group.*Irna.*Iran"):
        minimum_cut(graph, "Irna", "Turkey")
    with pytest.raises(UnknownNameError, match=r"legs have no column 'kgs'.*'kg'"):
        minimum_cut(graph, "Iran", "Turkey", strength="kgs")
    with pytest.raises(NetworkError) as raised:
        minimum_cut(graph, "Iran", "Turkey", strength="kg")
    assert raised.value.failures["rule"].tolist() == ["at least 0", "a number; missing is not 0"]
    with pytest.raises(TypeError, match="not list"):
        minimum_cut([("a", "b")], "a", "b")
