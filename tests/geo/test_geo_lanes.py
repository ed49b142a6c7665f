"""Ways of ships: where a port joins the lanes, and which lanes there are."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from tools.build_geo.lanes import VOLGA_EDGE, LaneNetwork, moor, read_lanes


def test_port_far_from_the_date_line_does_not_join_an_edge_that_crosses_it():
    network = LaneNetwork(
        positions=np.array([[179.0, 0.0], [-179.0, 0.0], [51.0, 5.0], [52.0, 5.0]]),
        ends=np.array([[0, 1], [2, 3]]),
        lengths=np.array([222_000.0, 111_000.0]),
    )
    mooring = moor(network, 51.5, 1.0)
    assert mooring.edge == 1
    assert mooring.share == pytest.approx(0.5)


def test_port_at_the_date_line_joins_the_edge_that_crosses_it():
    network = LaneNetwork(
        positions=np.array([[179.0, 0.0], [-179.0, 0.0], [51.0, 5.0], [52.0, 5.0]]),
        ends=np.array([[0, 1], [2, 3]]),
        lengths=np.array([222_000.0, 111_000.0]),
    )
    mooring = moor(network, -179.5, 1.0)
    assert mooring.edge == 0
    assert mooring.share == pytest.approx(0.75)


@pytest.fixture
def two_coasts():
    """A lane behind a headland, one degree off, and a lane on the open side, two degrees off."""
    return LaneNetwork(
        positions=np.array([[-1.0, 1.0], [1.0, 1.0], [-1.0, -2.0], [1.0, -2.0]]),
        ends=np.array([[0, 1], [2, 3]]),
        lengths=np.array([222_000.0, 222_000.0]),
    )


def test_port_joins_the_nearest_lane_where_no_land_is_known(two_coasts):
    assert moor(two_coasts, 0.0, 0.0).edge == 0


def test_port_joins_a_farther_lane_rather_than_cross_land(two_coasts):
    headland = shapely.STRtree([shapely.box(-3, 0.1, 3, 0.9)])
    mooring = moor(two_coasts, 0.0, 0.0, shore=headland)
    assert mooring.edge == 1
    assert mooring.offset_m == pytest.approx(221_000, rel=0.01)


def test_port_crosses_a_little_land_rather_than_go_far(two_coasts):
    spit = shapely.STRtree([shapely.box(-3, 0.1, 3, 0.2)])
    assert moor(two_coasts, 0.0, 0.0, shore=spit).edge == 0


def lanes_file(folder, *lines):
    features = [
        {"type": "Feature", "geometry": {"type": "LineString", "coordinates": line}}
        for line in lines
    ]
    path = folder / "lanes.geojson"
    path.write_text(json.dumps({"features": features}), encoding="utf-8")
    return path


@pytest.mark.parametrize("turned", [False, True])
def test_volga_edge_is_cut(tmp_path, turned):
    don, caspian = sorted(VOLGA_EDGE)
    line = [[46.0, 47.5], don, caspian, [48.0, 46.0]]
    network = read_lanes(lanes_file(tmp_path, line[::-1] if turned else line))
    assert len(network.positions) == 4
    assert len(network.ends) == 2
    pairs = {frozenset(map(tuple, network.positions[ends])) for ends in network.ends}
    assert VOLGA_EDGE not in pairs


def test_lane_given_twice_or_backwards_is_one_edge(tmp_path):
    network = read_lanes(lanes_file(tmp_path, [[0, 0], [1, 0]], [[1, 0], [0, 0]], [[1, 0], [1, 0]]))
    assert network.ends.tolist() == [[0, 1]]
    assert network.lengths == pytest.approx([111_319.5], abs=1)


def test_longitudes_are_wrapped_to_one_world(tmp_path):
    network = read_lanes(lanes_file(tmp_path, [[179, 0], [181, 0]], [[-179, 0], [-178, 0]]))
    assert len(network.positions) == 3
    assert network.lengths.max() < 223_000
