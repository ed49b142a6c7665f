"""Ways inside a country: they end at places, stay inside where they can, and keep their length."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from tools.build_geo import inland
from tools.build_geo.inland import ABROAD_COST, distances_between, roads_of, ways_between
from tools.build_geo.road_graph import RoadGraph

STEP_KM = 111.0


def grid(width, height):
    """Return roads along every edge of a grid of whole degrees, each a little over 111 km."""
    number = {(x, y): x * height + y for x in range(width) for y in range(height)}
    ends = [
        (number[x, y], number[x + dx, y + dy])
        for x, y in number
        for dx, dy in ((1, 0), (0, 1))
        if (x + dx, y + dy) in number
    ]
    positions = np.array(list(number), dtype=np.float64)
    return RoadGraph(positions, np.array(ends), np.full(len(ends), STEP_KM))


@pytest.fixture
def line():
    """Return one road from west to east by way of four junctions."""
    return grid(4, 1)


def as_dict(ways):
    return {(way.first, way.second): way.km for way in ways}


def test_places_in_a_row_are_joined_one_to_the_next(line):
    places = {"west": (0.0, 0.0), "middle": (1.5, 0.0), "east": (3.0, 0.0)}
    found = as_dict(ways_between(places, {}, line, line.km))
    assert found == pytest.approx({("west", "middle"): 166.5, ("middle", "east"): 166.5})


def test_no_way_passes_through_a_place():
    gap = RoadGraph(
        np.array([[0.0, 0.0], [1.0, 0.0], [1.02, 0.0], [2.0, 0.0]]),
        np.array([[0, 1], [2, 3]]),
        np.array([STEP_KM, STEP_KM]),
    )
    places = {"west": (0.0, 0.0), "at the gap": (1.01, 0.0), "east": (2.0, 0.0)}
    found = as_dict(ways_between(places, {}, gap, gap.km))
    assert set(found) == {("west", "at the gap"), ("at the gap", "east")}
    assert frozenset(("west", "east")) not in distances_between(places, gap, gap.km)


def test_a_leaf_gets_one_way_to_its_nearest_place(line):
    places = {"west": (0.0, 0.0), "east": (3.0, 0.0)}
    found = as_dict(ways_between(places, {"airport": (2.0, 0.0)}, line, line.km))
    assert found == pytest.approx({("west", "east"): 333.0, ("east", "airport"): 111.0})


def test_no_way_uses_a_leaf(line):
    places = {"west": (0.0, 0.0), "east": (3.0, 0.0)}
    without = as_dict(ways_between(places, {}, line, line.km))
    found = as_dict(ways_between(places, {"airport": (1.5, 0.0)}, line, line.km))
    assert found["west", "east"] == without["west", "east"]


def test_leaves_alone_have_no_ways(line):
    assert ways_between({}, {"airport": (1.0, 0.0), "other": (2.0, 0.0)}, line, line.km) == []


def test_a_place_far_from_roads_has_no_way(line):
    places = {"west": (0.0, 0.0), "east": (3.0, 0.0), "island": (1.0, 2.0)}
    assert set(as_dict(ways_between(places, {}, line, line.km))) == {("west", "east")}


def test_a_way_is_drawn_from_place_to_place(line):
    (way,) = ways_between({"a": (0.2, 0.01), "b": (2.8, -0.01)}, {}, line, line.km)
    assert way.line.coords[0] == (0.2, 0.01)
    assert way.line.coords[-1] == (2.8, -0.01)


def test_ways_of_two_places_by_one_road_are_no_shorter_than_straight(line):
    (way,) = ways_between({"a": (0.4, 0.0), "b": (0.6, 0.0)}, {}, line, line.km)
    assert way.km >= 0.2 * STEP_KM - 1e-9


def test_two_places_by_one_edge_are_joined_along_it(line):
    (way,) = ways_between({"a": (0.4, 0.0), "b": (0.6, 0.0)}, {}, line, line.km)
    assert way.km == pytest.approx(0.2 * STEP_KM)


@pytest.fixture
def two_rows():
    """Return roads along two rows; the junctions of the northern row, bar its ends, lie abroad."""
    graph = grid(4, 2)
    land = np.where((graph.positions[:, 1] == 1) & (graph.positions[:, 0] % 3 > 0), "BBB", "AAA")
    return graph, land.astype(object)


def test_an_edge_abroad_costs_more(two_rows):
    graph, land = two_rows
    roads, cost = roads_of(graph, land, "AAA")
    inside = np.isin(np.round(cost / roads.km, 9), 1.0)
    assert set(np.round(cost / roads.km, 9)) == {1.0, ABROAD_COST}
    assert inside.sum() == 5
    assert (
        len(roads.ends) == len(graph.ends) - 1
    )  # the one between two junctions abroad is left out


def test_a_way_stays_inside_where_a_little_longer():
    square = grid(2, 2)
    land = np.array(["AAA", "BBB", "AAA", "AAA"], dtype=object)
    km = np.where((square.ends == 1).any(axis=1), 100.0, STEP_KM)
    roads, cost = roads_of(RoadGraph(square.positions, square.ends, km), land, "AAA")
    (way,) = ways_between({"a": (0.0, 0.0), "b": (1.0, 1.0)}, {}, roads, cost)
    assert (1.0, 0.0) in way.line.coords
    assert way.km == pytest.approx(2 * STEP_KM)


def test_a_way_goes_abroad_where_that_is_much_shorter():
    square = grid(2, 2)
    land = np.array(["AAA", "BBB", "AAA", "AAA"], dtype=object)
    km = np.where((square.ends == 1).any(axis=1), 90.0, STEP_KM)
    roads, cost = roads_of(RoadGraph(square.positions, square.ends, km), land, "AAA")
    (way,) = ways_between({"a": (0.0, 0.0), "b": (1.0, 1.0)}, {}, roads, cost)
    assert (0.0, 1.0) in way.line.coords
    assert way.km == pytest.approx(180.0)


def test_length_of_a_way_abroad_is_true():
    road = grid(5, 1)
    roads, cost = roads_of(road, np.array(["AAA", "AAA", "BBB", "AAA", "AAA"], dtype=object), "AAA")
    (way,) = ways_between({"a": (0.0, 0.0), "b": (4.0, 0.0)}, {}, roads, cost)
    assert cost.sum() > road.km.sum()
    assert way.km == pytest.approx(4 * STEP_KM)


def test_a_stub_of_a_road_abroad_is_dropped():
    stub = RoadGraph(
        np.array([[0.0, 0.0], [1.0, 0.0], [5.0, 0.0], [5.1, 0.0]]),
        np.array([[0, 1], [2, 3]]),
        np.array([STEP_KM, inland.SMALLEST_PART_KM - 1]),
    )
    roads, cost = roads_of(stub, np.array(["AAA"] * 4, dtype=object), "AAA")
    assert roads.km.tolist() == cost.tolist() == [STEP_KM]


def test_a_country_without_roads_has_no_ways(two_rows):
    graph, land = two_rows
    roads, cost = roads_of(graph, land, "CCC")
    assert len(roads.ends) == 0
    assert ways_between({"a": (0.0, 0.0), "b": (1.0, 0.0)}, {}, roads, cost) == []
    assert distances_between({"a": (0.0, 0.0), "b": (1.0, 0.0)}, roads, cost) == {}


def test_distances_are_between_every_two_joined_places(line):
    places = {"west": (0.0, 0.0), "middle": (1.0, 0.0), "east": (3.0, 0.0)}
    assert distances_between(places, line, line.km) == pytest.approx(
        {
            frozenset(("west", "middle")): 111.0,
            frozenset(("middle", "east")): 222.0,
            frozenset(("west", "east")): 333.0,
        }
    )


def test_ways_are_straight_between_junctions():
    square = grid(3, 2)
    ways = ways_between({"a": (0.0, 0.0), "b": (2.0, 1.0)}, {}, square, square.km)
    assert all(shapely.get_num_coordinates(way.line) <= len(square.positions) for way in ways)
    assert all(way.km == pytest.approx(3 * STEP_KM) for way in ways)
