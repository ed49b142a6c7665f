"""The sparse way of elimination gives the answers of the dense one, and sees divergence alike."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opiateroutes.flows.kernel.elimination import Elimination
from opiateroutes.flows.kernel.sparse_elimination import SparseElimination


def graph(seed, scale):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 30))
    tail, head = rng.integers(0, n, (2, 4 * n))
    return n, tail, head, scale * rng.uniform(0, 1, (4 * n, 3)), rng.uniform(0, 1, (n, 2, 3))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_both_ways_solve_alike(seed):
    n, tail, head, weights, rhs = graph(seed, 0.12)
    ways = [kind(n, tail, head) for kind in (Elimination, SparseElimination)]
    factors = [way.factor(weights) for way in ways]
    assert (factors[0].stable == factors[1].stable).all()
    fine = factors[0].stable
    for name in ("solve", "solve_transposed"):
        dense, sparse = (
            getattr(way, name)(factor, rhs) for way, factor in zip(ways, factors, strict=True)
        )
        assert sparse[:, :, fine] == pytest.approx(dense[:, :, fine], rel=1e-10)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.05, 1.0))
def test_stable_means_that_routes_add_up(seed, scale):
    n, tail, head, weights, _ = graph(seed, scale)
    stable = SparseElimination(n, tail, head).factor(weights).stable
    for column, is_stable in zip(weights.T, stable, strict=True):
        matrix = np.zeros((n, n))
        np.add.at(matrix, (tail, head), column)
        radius = np.abs(np.linalg.eigvals(matrix)).max()
        if abs(radius - 1) > 1e-9:
            assert is_stable == (radius < 1)


def test_what_is_not_finite_is_not_stable():
    way = SparseElimination(2, np.array([0]), np.array([1]))
    factor = way.factor(np.array([[0.5, np.inf, np.nan]]))
    assert factor.stable.tolist() == [True, False, False]
    assert np.isnan(way.solve(factor, np.ones((2, 1, 3)))[:, 0, 1]).all()


def test_a_singular_matrix_is_not_stable():
    way = SparseElimination(2, np.array([0, 1]), np.array([1, 0]))
    assert not way.factor(np.array([[1.0], [1.0]])).stable[0]
