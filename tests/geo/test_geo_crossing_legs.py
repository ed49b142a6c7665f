"""Nodes and legs of the network of crossings, one at a time."""

from __future__ import annotations

import pytest
import shapely
from tools.build_geo.crossing_legs import CrossingLeg
from tools.build_geo.crossing_nodes import plain_label, side
from tools.build_geo.road_graph import FLOOR_KM


def leg(km):
    return CrossingLeg(
        from_node="a",
        to_node="b",
        mode="road",
        border=False,
        distance_km=km,
        crossings=0,
        rail=False,
        points="",
        why="a road",
        source="roads",
        geometry=shapely.LineString([(60.00049, 30), (61, 31), (62.1, 30.99951)]),
    )


def test_there_and_back_differ_in_direction_only():
    out, back = leg(12.3).there_and_back()
    assert (back.from_node, back.to_node) == (out.to_node, out.from_node) == ("b", "a")
    assert back.geometry.reverse() == out.geometry
    assert (back.distance_km, back.mode, back.why) == (out.distance_km, out.mode, out.why)


@pytest.mark.parametrize(("km", "given"), [(0.0, FLOOR_KM), (0.04, FLOOR_KM), (12.34, 12.3)])
def test_length_is_rounded_and_never_nothing(km, given):
    assert leg(km).row()["distance_km"] == given


def test_row_has_an_id_and_a_line_on_the_grid():
    row = leg(1.0).row()
    assert row["leg"] == "a>b:road"
    assert list(row["geometry"].coords) == [(60.0, 30.0), (61.0, 31.0), (62.1, 31.0)]


@pytest.mark.parametrize(
    ("name", "label"),
    [("Herāt", "Herat"), ("Łódź", "Lodz"), ("Şalālah", "Salalah"), ("Diyarbakır", "Diyarbakir")],
)
def test_label_is_in_plain_letters(name, label):
    assert plain_label(name) == label


def test_side_of_a_crossing_is_named_after_both():
    assert side("AFG-IRN-ISLQ", "IRN") == "AFG-IRN-ISLQ@IRN"
