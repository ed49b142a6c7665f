"""Figures of shape against hand counts, and removal curves against networkx one step at a time."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import opiateroutes as opr
from opiateroutes.errors import UnknownNameError
from opiateroutes.network.removal import largest_components, removal_order


def network(pairs, nodes=()):
    names = sorted({*nodes, *(end for pair in pairs for end in pair)})
    legs = pd.DataFrame([tuple(pair) for pair in pairs], columns=["from", "to"])
    return opr.RouteNetwork.from_tables(pd.DataFrame({"node": names}), legs)


def values(net, **options):
    return opr.describe_topology(net, **options).table["value"]


def test_by_hand():
    # a <-> b -> c, c -> d twice, e alone, a loop at d
    table = opr.describe_topology(network(["ab", "ba", "bc", "cd", "cd", "dd"], nodes="e")).table
    value = table["value"]
    assert value["nodes"] == 5
    assert value["legs"] == 6
    assert value["edges"] == 4
    assert table.loc["edges", "note"].startswith("1 parallel legs merged, 1 legs from a node to")
    assert value["density"] == 4 / 20
    assert value["reciprocity"] == 2 / 4
    assert value["in_degree_mean"] == value["out_degree_mean"] == 0.8
    assert table.loc["in_degree_max", ["value", "who"]].tolist() == [1, "a; b; c; d"]
    assert table.loc["out_degree_max", ["value", "who"]].tolist() == [2, "b"]
    # out degrees 1 2 1 0 0: (1 + 0 + 1 + 2 + 2) / 16; in degrees 1 1 1 1 0: 1 / 16
    assert value["out_degree_centralisation"] == 6 / 16
    assert value["in_degree_centralisation"] == 1 / 16
    # neighbours 1 2 2 1 0: (1 + 0 + 0 + 1 + 2) / 12
    assert value["degree_centralisation"] == pytest.approx(4 / 12)
    assert value["weak_components"] == 2
    assert value["largest_weak_component_share"] == 4 / 5
    assert value["strong_components"] == 4
    assert value["largest_strong_component"] == 2
    # from a: b c d; b: a c d; c: d
    assert value["reachable_pairs_share"] == 7 / 20


def test_a_star_is_the_most_central_and_a_ring_the_least():
    inward = values(network([(leaf, "hub") for leaf in "abcde"]))
    assert inward["in_degree_centralisation"] == 1.0
    assert inward["out_degree_centralisation"] == 1 / 25
    assert inward["degree_centralisation"] == 1.0
    ring = values(network(["ab", "bc", "cd", "da"]))
    names = [f"{side}degree_centralisation" for side in ("", "in_", "out_")]
    assert ring[names].tolist() == [0, 0, 0]


def test_connectivity_names_its_denominator_and_the_claims_differ():
    net = opr.from_networkx(nx.complete_graph(10))
    remaining = opr.describe_topology(net, denominator="remaining")
    original = opr.describe_topology(net, denominator="original")
    assert (remaining.removal["largest_share"] == 1.0).all()
    expected = 1 - np.arange(10) / 10
    targeted = original.removal[original.removal["removal"] == "targeted"]
    np.testing.assert_allclose(targeted["largest_share"], expected)
    figure = "targeted_removals_to_half"
    assert np.isnan(remaining.table.loc[figure, "value"])
    assert original.table.loc[figure, "value"] == 5
    shares = ["connected_share_after_first_removal", figure, "random_removals_to_half"]
    for topology, word in ((remaining, "remaining nodes"), (original, "original nodes")):
        assert topology.table.loc[shares, "denominator"].str.endswith(word).all()
        assert set(topology.removal["denominator"]) == {topology.denominator}
    of_all = ["largest_weak_component_share", "largest_strong_component_share"]
    assert set(original.table.loc[of_all, "denominator"]) == {"10 nodes, none removed"}


def test_every_share_has_a_denominator():
    table = opr.describe_topology(opr.load_network("countries"), draws=5).table
    shares = table[table["unit"] == "share"]
    assert (shares["denominator"] != "").all()
    assert shares["value"].between(0, 1).all()


def test_targeted_removal_hits_a_star_and_random_removal_does_not():
    net = network([(leaf, "hub") for leaf in "abcdefghijklmnopqrst"])
    removal = opr.describe_topology(net, denominator="original", draws=5000).removal
    first = removal[removal["removed_nodes"] == 1].set_index("removal")
    assert first.loc["targeted", ["node", "largest_nodes"]].tolist() == ["hub", 1]
    # One time in 21 the hub is drawn.
    assert first.loc["random", "largest_nodes"] == pytest.approx(20 - 19 / 21, abs=0.2)
    assert pd.isna(first.loc["random", "node"])
    assert first.loc["random", "high_share"] == 20 / 21
    assert np.isnan(first.loc["targeted", "low_share"])


def test_the_order_may_be_worked_out_once_or_again():
    path = nx.path_graph("abcdefg", create_using=nx.Graph).to_directed()
    options = {"order": "betweenness", "count": 3}
    assert removal_order(path, recompute=False, **options) == ["d", "c", "e"]
    assert removal_order(path, recompute=True, **options) == ["d", "b", "f"]


def test_same_seed_same_curve_and_steps_limit_it():
    net = opr.load_network("countries")
    one, two, other = (opr.describe_topology(net, draws=20, rng=k).removal for k in (7, 7, 8))
    pd.testing.assert_frame_equal(one, two)
    assert not one.equals(other)
    short = opr.describe_topology(net, steps=3, draws=2, order="betweenness")
    assert short.removal["removed_nodes"].tolist() == [0, 1, 2, 3] * 2
    assert short.provenance["order"] == "betweenness"


def test_a_generator_is_taken_and_named_in_the_provenance():
    shape = opr.describe_topology(network(["ab"]), rng=np.random.default_rng(3))
    assert "Generator" in shape.provenance["rng"]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_tiny_networks_have_no_star_to_compare_with(count):
    net = opr.RouteNetwork.from_tables(
        pd.DataFrame({"node": [f"n{k}" for k in range(count)]}),
        pd.DataFrame({"from": pd.Series(dtype="str"), "to": pd.Series(dtype="str")}),
    )
    value = values(net, denominator="original", draws=3)
    assert value["nodes"] == count
    assert np.isnan(value["degree_centralisation"])
    assert np.isnan(value["reciprocity"])


def test_without_draws_random_removal_is_missing():
    removal = opr.describe_topology(network(["ab", "bc"]), draws=0).removal
    assert removal.loc[removal["removal"] == "random", "largest_share"].isna().all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"denominator": "remainig"}, "did you mean 'remaining'"),
        ({"order": "closeness"}, "degree, betweenness"),
    ],
)
def test_unknown_options(options, words):
    with pytest.raises(UnknownNameError, match=words):
        opr.describe_topology(network(["ab"]), **options)


def test_cards():
    net = network([("<b>", "a")])
    shape = opr.describe_topology(net)
    assert repr(shape) == "<Topology: 2 nodes, 1 directed pairs, shares of remaining nodes>"
    assert "&lt;b&gt;" in shape._repr_html_()
    assert "<b>" not in shape._repr_html_()


@settings(deadline=None)
@given(st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7))), st.permutations(range(8)))
def test_largest_component_equals_networkx_at_every_step(pairs, order):
    graph = nx.DiGraph()
    graph.add_nodes_from(range(8))
    graph.add_edges_from((a, b) for a, b in pairs if a != b)
    expected = []
    for k in range(8):
        left = graph.subgraph(order[k:])
        expected.append(max(map(len, nx.weakly_connected_components(left))))
    assert largest_components(graph, order[:7]).tolist() == expected


@settings(deadline=None)
@given(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1))
def test_figures_do_not_depend_on_order_or_parallel_legs(pairs):
    some = [(f"n{a}", f"n{b}") for a, b in sorted(pairs)]
    one = values(network(some), draws=4)
    two = values(network(some[::-1] + some), draws=4)
    pd.testing.assert_series_equal(one.drop("legs"), two.drop("legs"))
    # Freeman's figures are shares of the largest possible sum.
    figures = one.filter(like="centralisation").dropna()
    assert figures.between(0, 1).all()
