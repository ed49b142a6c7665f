"""Reading the road graph: as text, with a floor for lengths, without loops and fragments."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from tools.build_geo import road_graph
from tools.build_geo.road_graph import FLOOR_KM, land_of, parts_of, read_graph

# A ring of five junctions, one loop on it, one edge without length, two junctions apart.
GRAPH = (
    "[{1: 10.5, 4: 2, 0: 7}, {0: 10.5, 2: 0}, {1: 0, 3: 4e1}, {2: 4e1, 4: 6}, {3: 6, 0: 2}, "
    "{6: 9}, {5: 9}]"
)
NODES = "[[30, 60], [31, 60], [31, 60], [31, 61], [30, 61], [10, 20], [10, 21]]"


@pytest.fixture
def module(tmp_path, monkeypatch):
    monkeypatch.setattr(road_graph, "SMALLEST_PART", 3)

    def write(*lines):
        path = tmp_path / "roads.py"
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return write


@pytest.fixture
def graph(module):
    return read_graph(module("import json", f"graph = {GRAPH}", f"nodes = {NODES}"))


def edges(graph):
    """Return the lengths of edges by the positions of their ends."""
    return {
        tuple(sorted(map(tuple, graph.positions[ends].tolist()))): km
        for ends, km in zip(graph.ends, graph.km.tolist(), strict=True)
    }


def test_every_edge_is_read_once_with_longitude_first(graph):
    assert len(graph.ends) == 5
    assert edges(graph)[(60.0, 30.0), (60.0, 31.0)] == 10.5
    assert edges(graph)[(60.0, 31.0), (61.0, 31.0)] == 40


def test_edge_without_length_gets_the_floor(graph):
    assert edges(graph)[(60.0, 31.0), (60.0, 31.0)] == FLOOR_KM
    assert graph.km.min() == FLOOR_KM


def test_loops_are_dropped(graph):
    assert (graph.ends[:, 0] != graph.ends[:, 1]).all()
    assert 7 not in graph.km


def test_fragments_are_dropped_and_the_rest_is_renumbered(graph):
    assert 9 not in graph.km
    assert len(graph.positions) == 5
    assert np.unique(graph.ends).tolist() == [0, 1, 2, 3, 4]
    assert len(set(parts_of(graph))) == 1


def test_an_edge_that_leaves_the_study_box_is_dropped(module):
    nodes = NODES.replace("[31, 61]", "[31, -80]")
    graph = read_graph(module(f"graph = {GRAPH}", f"nodes = {nodes}"))
    assert sorted(graph.km) == [FLOOR_KM, 2, 10.5]


def test_module_is_read_as_text_and_not_run(module):
    read_graph(module("raise SystemExit", f"graph = {GRAPH}", f"nodes = {NODES}"))


@pytest.mark.parametrize(
    "lines",
    [
        [f"graph = {GRAPH}"],
        [f"nodes = {NODES}"],
        ["def roads():", "    return []"],
        [],
    ],
)
def test_module_of_another_layout_is_refused(module, lines):
    with pytest.raises(ValueError, match=r"roads\.py does not assign graph and nodes"):
        read_graph(module(*lines))


@pytest.mark.parametrize("graph", ["[{1: 5}, {0:", "build_graph()", ""])
def test_malformed_list_is_refused(module, graph):
    with pytest.raises(ValueError):  # noqa: PT011 - the parser words it, with the column
        read_graph(module(f"graph = {graph}", f"nodes = {NODES}"))


def test_edges_are_straight_lines(graph):
    assert shapely.get_num_coordinates(graph.lines()).tolist() == [2] * 5


def test_land_is_where_a_place_lies_or_what_is_next_to_it():
    shapes = {"AAA": shapely.box(0, 0, 1, 1), "BBB": shapely.box(1, 0, 2, 1)}
    places = np.array([[0.5, 0.5], [1.5, 0.5], [2.1, 0.5], [2.5, 0.5]])
    assert land_of(places, shapes).tolist() == ["AAA", "BBB", "BBB", ""]
