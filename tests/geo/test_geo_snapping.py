"""Joining places to roads: near enough, by both carriageways, and never over the sea."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from tools.build_geo.road_graph import RoadGraph
from tools.build_geo.snapping import (
    ALWAYS_NEAR_KM,
    DETOUR,
    FARTHER_THAN_NEAREST,
    FARTHEST_KM,
    KM_PER_DEGREE,
    MOST_ROADS,
    access_to_roads,
)

PLACE = (0.0, 0.0)


def roads_at(*distances_km):
    """Roads from west to east, each at a distance north of the place."""
    lat = np.array(distances_km) / KM_PER_DEGREE
    ends = np.arange(2 * len(lat)).reshape(-1, 2)
    positions = np.array([[lon, y] for y in lat for lon in (-1.0, 1.0)])
    return RoadGraph(positions, ends, np.full(len(lat), 222.4))


def access(graph, place=PLACE):
    return access_to_roads(place, graph, tree=shapely.STRtree(graph.lines()))


def test_way_to_the_road_is_longer_than_the_straight_line():
    found = access(roads_at(10.0))
    assert found.edges.tolist() == [0]
    assert found.shares == pytest.approx([0.5])
    assert found.km == pytest.approx([10.0 * DETOUR])


@pytest.mark.parametrize(("km", "joined"), [(FARTHEST_KM - 0.1, True), (FARTHEST_KM + 0.1, False)])
def test_no_farther_road_than_the_cap_is_joined(km, joined):
    assert (access(roads_at(km)) is not None) == joined


def test_the_cap_holds_in_the_corner_of_the_search_box():
    corner = 0.8 * FARTHEST_KM / KM_PER_DEGREE
    graph = RoadGraph(np.array([[corner, corner], [1.0, 1.0]]), np.array([[0, 1]]), np.array([150]))
    assert access(graph) is None


def test_a_country_without_a_road_nearby_joins_nothing():
    assert access(roads_at(500.0)) is None


def test_both_carriageways_are_joined():
    assert access(roads_at(0.1, ALWAYS_NEAR_KM - 0.1)).edges.tolist() == [0, 1]


def test_a_road_much_farther_than_the_nearest_is_not_joined():
    nearest = 4.0
    limit = FARTHER_THAN_NEAREST * nearest
    assert access(roads_at(nearest, limit - 0.1, limit + 0.1)).edges.tolist() == [0, 1]


def test_a_nearest_road_close_to_the_cap_does_not_lift_it():
    corner = 0.8 * FARTHEST_KM / KM_PER_DEGREE
    near = (FARTHEST_KM - 5) / KM_PER_DEGREE
    positions = np.array([[0.0, near], [0.0, 1.0], [corner, corner], [1.0, 1.0]])
    graph = RoadGraph(positions, np.array([[0, 1], [2, 3]]), np.array([90.0, 150.0]))
    assert access(graph).edges.tolist() == [0]


def test_a_place_in_a_dense_town_joins_only_the_nearest_roads():
    found = access(roads_at(*np.linspace(0.1, 2.0, MOST_ROADS + 5)))
    assert found.edges.tolist() == list(range(MOST_ROADS))


def test_an_edge_without_length_is_joined_at_its_place():
    graph = RoadGraph(np.array([[0.0, 0.01], [0.0, 0.01]]), np.array([[0, 1]]), np.array([0.1]))
    found = access(graph)
    assert np.isfinite(found.shares).all()
    assert found.km == pytest.approx([0.01 * KM_PER_DEGREE * DETOUR])


def test_nearest_point_of_a_road_may_be_its_end():
    graph = RoadGraph(np.array([[0.05, 0.0], [1.0, 0.0]]), np.array([[0, 1]]), np.array([105.6]))
    found = access(graph)
    assert found.shares == pytest.approx([0.0])
    assert found.km == pytest.approx([0.05 * KM_PER_DEGREE * DETOUR])


def test_a_degree_of_longitude_is_shorter_in_the_north():
    east = np.array([[0.4, 59.0], [0.4, 61.0]])
    graph = RoadGraph(east, np.array([[0, 1]]), np.array([222.4]))
    assert access(graph, (0.0, 60.0)).km == pytest.approx([0.2 * KM_PER_DEGREE * DETOUR], rel=1e-3)
