"""Distributions between bounds: what lies where, and what happens at the edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from opiateroutes.evidence.parameters import Z90
from opiateroutes.flows.ensemble.distributions import (
    beta_between,
    lognormal_between,
    pert_between,
)

EVEN = ndtri((np.arange(40_000) + 0.5) / 40_000)
"""Normal numbers that stand for the whole distribution."""

ENDS = np.array([-Z90, Z90])

BOUNDS = [(1.0, 2.0, 3.0), (1.6, 2.2, 3.2), (-2.0, -1.2, -0.4), (1.0, 1.0, 3.0), (0.0, 1e-9, 1.0)]


def mode_of(values):
    """Where values that are drawn evenly lie closest together."""
    count = len(values) // 50
    gaps = values[count:] - values[:-count]
    return float(values[np.argmin(gaps) + count // 2])


@pytest.mark.parametrize(
    "bounds", [*BOUNDS, (1e6, 1e6 + 1, 1e6 + 2), (1.0, 1.0 + 1e-9, 1.0 + 2e-9)]
)
def test_nine_tenths_of_pert_lie_between_the_bounds(bounds):
    values = pert_between(*bounds)(EVEN)
    inside = np.mean((values >= bounds[0]) & (values <= bounds[2]))
    assert inside == pytest.approx(0.9, abs=2e-3)


@pytest.mark.parametrize("bounds", BOUNDS[:3])
def test_the_mode_of_pert_is_the_best_estimate(bounds):
    low, best, high = bounds
    assert mode_of(pert_between(*bounds)(EVEN)) == pytest.approx(best, abs=0.05 * (high - low))


def test_pert_reaches_beyond_both_bounds_by_the_same_share():
    low, best, high = 1.6, 2.2, 3.2
    ends = pert_between(low, best, high)(np.array([-40.0, 40.0]))
    assert (best - ends[0]) / (best - low) == pytest.approx(
        (ends[1] - best) / (high - best), rel=0.02
    )
    assert ends[0] < low
    assert ends[1] > high


def test_a_best_estimate_outside_of_its_bounds_counts_as_the_nearer_bound():
    assert (pert_between(2.0, 1.0, 3.0)(EVEN) == pert_between(2.0, 2.0, 3.0)(EVEN)).all()


@pytest.mark.parametrize("bounds", [(2.0, 10.0, 50.0), (0.2, 1.0, 5.0), (1.0, 2.0, 100.0)])
def test_lognormal_has_the_bounds_at_its_ends_and_the_best_estimate_in_the_middle(bounds):
    curve = lognormal_between(*bounds)
    assert curve(ENDS) == pytest.approx([bounds[0], bounds[2]], rel=1e-4)
    assert curve(np.zeros(1))[0] == pytest.approx(bounds[1])


def test_a_bound_of_zero_is_one_that_the_lower_twentieth_comes_next_to():
    low, middle = lognormal_between(0.0, 1.0, 5.0)(np.array([-Z90, 0.0]))
    assert low < 1e-10
    assert middle == pytest.approx(1.0)


@pytest.mark.parametrize(
    "bounds", [(0.02, 0.05, 0.1), (0.3, 0.5, 0.6), (0.9, 0.95, 0.99), (0.049, 0.05, 0.051)]
)
def test_beta_has_its_mean_at_the_best_estimate_and_the_width_of_the_bounds(bounds):
    low, best, high = bounds
    curve = beta_between(low, best, high)
    assert curve(EVEN).mean() == pytest.approx(best, rel=1e-3)
    ends = curve(ENDS)
    assert ends[1] - ends[0] == pytest.approx(high - low, rel=2e-3)


def test_beta_does_not_pile_up_at_zero_for_bounds_wider_than_it_can_be():
    # The shipped prior of interception: as wide as one case in twenty allows, not wider.
    curve = beta_between(0.01, 0.05, 0.25)
    assert curve(EVEN).mean() == pytest.approx(0.05, rel=1e-3)
    density = np.histogram(curve(EVEN), bins=20)[0]
    assert (np.diff(density) <= 0).all()
    # An exponential distribution, nearly: its 5 % point is at 5 % of its mean, not at 0.
    assert 0.002 < curve(ENDS)[0] < 0.003
    assert (beta_between(0.0, 0.05, 0.999)(EVEN) == curve(EVEN)).all()


@pytest.mark.parametrize("curve", [pert_between, lognormal_between, beta_between])
def test_equal_bounds_make_a_constant(curve):
    assert curve(0.3, 0.3, 0.3)(np.array([-50.0, 0.0, 50.0])).tolist() == pytest.approx([0.3] * 3)


@pytest.mark.parametrize("width", [1e-16, 1e-10, 1e-6, 1e-4, 1e-3])
@pytest.mark.parametrize("best", [0.5, 0.05, 1e-6, 1.0 - 1e-6])
def test_beta_stands_any_narrow_bounds(best, width):
    half = width * min(best, 1 - best)
    ends = beta_between(best - half, best, best + half)(ENDS)
    assert ends[1] - ends[0] == pytest.approx(2 * half, rel=0.01, abs=1e-12)
    assert ends.mean() == pytest.approx(best, rel=1e-3)


rates = st.floats(1e-9, 1 - 1e-9)


@settings(max_examples=40, deadline=None)
@given(st.tuples(rates, rates, rates).map(sorted))
def test_every_rate_lies_between_zero_and_one_and_grows_with_its_number(bounds):
    values = beta_between(*bounds)(np.linspace(-9, 9, 400))
    assert ((values > 0) & (values < 1)).all()
    assert (np.diff(values) >= 0).all()


finite = st.floats(-1e6, 1e6)


@settings(max_examples=40, deadline=None)
@given(st.tuples(finite, finite, finite).map(sorted))
def test_pert_is_finite_and_grows_with_its_number(bounds):
    values = pert_between(*bounds)(np.linspace(-9, 9, 400))
    assert np.isfinite(values).all()
    assert (np.diff(values) >= 0).all()
