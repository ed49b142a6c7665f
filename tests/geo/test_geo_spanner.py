"""The spanner: no distance grows by more than the stretch, and nothing is cut off."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from tools.build_geo.spanner import STRETCH, greedy_spanner

STRETCHES = st.sampled_from([1.0, STRETCH, 1.5, 3.0])


@st.composite
def metric(draw):
    place = st.tuples(st.floats(0, 1000), st.floats(0, 1000))
    places = np.array(draw(st.lists(place, min_size=2, max_size=9)))
    return cdist(places, places)


@st.composite
def not_metric(draw):
    """Distances that break the triangle inequality, with pairs that no way joins."""
    size = draw(st.integers(2, 9))
    lengths = np.zeros((size, size))
    pairs = np.triu_indices(size, k=1)
    length = st.floats(0, 1000) | st.just(np.inf)
    drawn = draw(st.lists(length, min_size=len(pairs[0]), max_size=len(pairs[0])))
    lengths[pairs] = drawn
    return lengths + lengths.T


def distances(lengths, pairs):
    graph = nx.Graph()
    graph.add_nodes_from(range(len(lengths)))
    graph.add_weighted_edges_from((i, j, lengths[i, j]) for i, j in pairs)
    found = np.full(lengths.shape, np.inf)
    for start, reached in nx.all_pairs_dijkstra_path_length(graph):
        found[start, list(reached)] = list(reached.values())
    return found


@given(metric() | not_metric(), STRETCHES)
def test_no_distance_grows_by_more_than_the_stretch(lengths, stretch):
    found = distances(lengths, greedy_spanner(lengths, stretch=stretch))
    joined = np.isfinite(lengths)
    assert (found[joined] <= stretch * lengths[joined] + 1e-9).all()


@given(metric() | not_metric(), STRETCHES)
def test_chosen_pairs_are_ways_that_exist_shortest_first(lengths, stretch):
    pairs = greedy_spanner(lengths, stretch=stretch)
    assert len(set(pairs)) == len(pairs)
    assert all(i < j for i, j in pairs)
    chosen = [lengths[pair] for pair in pairs]
    assert np.isfinite(chosen).all()
    assert chosen == sorted(chosen)


@given(not_metric(), STRETCHES)
def test_what_no_way_joins_stays_apart(lengths, stretch):
    every = zip(*np.triu_indices(len(lengths), k=1), strict=True)
    ways = [pair for pair in every if np.isfinite(lengths[pair])]
    before = np.isfinite(distances(lengths, ways))
    after = np.isfinite(distances(lengths, greedy_spanner(lengths, stretch=stretch)))
    assert (before == after).all()


@given(st.floats(0, 1), st.floats(50, 1000), st.floats(50, 1000))
def test_of_two_ways_that_pass_the_end_of_each_other_one_is_kept(apart, first, second):
    lengths = np.array([[0, apart, first], [apart, 0, second], [first, second, 0]])
    assert set(greedy_spanner(lengths)) & {(0, 2), (1, 2)}


def test_a_town_between_two_others_carries_the_way():
    lengths = np.array(
        [[0, 120, 690, 800], [120, 0, 570, 690], [690, 570, 0, 130], [800, 690, 130, 0]]
    )
    assert greedy_spanner(lengths) == [(0, 1), (2, 3), (1, 2)]


@pytest.mark.parametrize(("round_about", "kept"), [(105.0, 2), (105.1, 3)])
def test_stretch_is_the_limit_itself(round_about, kept):
    part = round_about - 50
    lengths = np.array([[0, 50, 100], [50, 0, part], [100, part, 0]])
    assert len(greedy_spanner(lengths, stretch=1.05)) == kept


def test_one_place_needs_no_way():
    assert greedy_spanner(np.zeros((1, 1))) == []
