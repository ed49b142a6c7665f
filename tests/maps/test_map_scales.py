"""Widths, radii and the round values of the legend."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opiateroutes.maps.scales import (
    MAX_WIDTH_PX,
    MIN_WIDTH_PX,
    Scale,
    floor_to_step,
    reference_values,
)


@given(st.floats(min_value=1e-6, max_value=1e12))
def test_floor_is_round_and_close(value):
    step = floor_to_step(value)
    assert step <= value < step * 2.5 * (1 + 1e-9)
    assert f"{step:.0e}"[0] in "125"


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
def test_floor_of_nothing(value):
    assert floor_to_step(value) == 0


@given(st.floats(min_value=1, max_value=1e9))
def test_references_fall_below_the_largest(largest):
    values = reference_values(largest)
    assert len(values) == 3
    assert largest >= values[0] > values[1] > values[2] > 0


def test_width_is_linear_and_the_largest_fits():
    scale = Scale.fitted(largest_flow_kg=160_000, largest_node_kg=400_000)
    assert scale.px_per_kg * 160_000 == pytest.approx(MAX_WIDTH_PX)
    assert scale.px_per_kg * scale.thinnest_kg == pytest.approx(MIN_WIDTH_PX)


def test_empty_map_has_no_scale():
    scale = Scale.fitted(largest_flow_kg=0, largest_node_kg=0)
    assert scale.payload()["references"] == []
    assert scale.thinnest_kg == 0
