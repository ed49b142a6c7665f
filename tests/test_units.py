from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opiateroutes.units import format_kg, format_kg_interval


def read(text):
    number, unit = text.split(" ")
    return float(number.replace(",", "")) * {"kg": 1, "t": 1000}[unit], unit


@pytest.mark.parametrize(
    ("kilograms", "text"),
    [
        (0, "0 kg"),
        (-0.0, "0 kg"),
        (12.34, "12.3 kg"),
        (12.04, "12 kg"),
        (100, "100 kg"),
        (999.4, "999 kg"),
        (999.6, "1 t"),
        (1000, "1 t"),
        (1234, "1.23 t"),
        (375_000, "375 t"),
        (1_200_000, "1,200 t"),
        (0.0124, "0.012 kg"),
        (0.001, "0.001 kg"),
        (0.0002, "less than 0.001 kg"),
        (-1500, "-1.5 t"),
        (math.inf, "unlimited"),
        (np.float32(2), "2 kg"),
    ],
)
def test_known_weights(kilograms, text):
    assert format_kg(kilograms) == text


@pytest.mark.parametrize("missing", [None, math.nan, pd.NA, np.nan, pd.NaT])
def test_what_is_missing_is_not_known_and_never_zero(missing):
    assert format_kg(missing) == "not known"


@given(st.floats(0.1, 1e9))
def test_the_text_is_within_half_a_percent_of_the_weight(kilograms):
    value, _ = read(format_kg(kilograms))
    assert value == pytest.approx(kilograms, rel=0.00501)


@given(st.floats(0.001, 1e9))
def test_kilograms_stay_below_a_tonne(kilograms):
    value, unit = read(format_kg(kilograms))
    assert (value < 1000) == (unit == "kg")


@given(st.floats(1e-300, 1e9))
def test_a_weight_is_never_written_as_zero(kilograms):
    assert not format_kg(kilograms).startswith("0 ")


@given(st.floats(0.001, 1e9), st.floats(0.001, 1e9))
def test_the_order_of_weights_is_kept(one, other):
    small, large = sorted((one, other))
    assert read(format_kg(small))[0] <= read(format_kg(large))[0] * (1 + 1e-12)


@given(st.floats(0.001, 1e9))
def test_no_more_than_three_digits_below_a_thousand(kilograms):
    number, _ = format_kg(kilograms).split(" ")
    if "," not in number:
        assert len(number.replace(".", "").lstrip("0")) <= 3


@given(st.floats(0.001, 1e9))
def test_a_negative_weight_is_the_weight_with_a_sign(kilograms):
    assert format_kg(-kilograms) == f"-{format_kg(kilograms)}"


def test_an_interval_names_both_units():
    assert format_kg_interval(900, 1_200_000) == "900 kg to 1,200 t"
    assert format_kg_interval(0, math.nan) == "0 kg to not known"
