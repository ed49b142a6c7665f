import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opiateroutes.flows.kernel.elimination import Elimination


def random_graph(seed, batch):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 12))
    m = int(rng.integers(0, 4 * n))
    tail, head = rng.integers(0, n, (2, m))
    weights = rng.uniform(0, 1, (m, batch))
    for b in range(batch):
        out = np.bincount(tail, weights[:, b], n)
        # Row sums below 1 make the spectral radius smaller than 1.
        weights[:, b] *= 0.95 / np.maximum(out, 1.0)[tail]
    return n, tail, head, weights


def dense(n, tail, head, weights):
    matrix = np.zeros((n, n))
    np.add.at(matrix, (tail, head), weights)
    return np.eye(n) - matrix


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_both_solves_equal_dense_ones_for_every_column(seed):
    n, tail, head, weights = random_graph(seed, batch=3)
    rhs = np.random.default_rng(seed + 1).uniform(0, 1, (n, 2, 3))
    chain = Elimination(n, tail, head)
    factor = chain.factor(weights)
    assert factor.stable.all()
    forward, backward = chain.solve(factor, rhs), chain.solve_transposed(factor, rhs)
    for b in range(3):
        matrix = dense(n, tail, head, weights[:, b])
        assert forward[:, :, b] == pytest.approx(np.linalg.solve(matrix, rhs[:, :, b]), rel=1e-10)
        assert backward[:, :, b] == pytest.approx(
            np.linalg.solve(matrix.T, rhs[:, :, b]), rel=1e-10
        )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.5, 1.5))
def test_pivots_tell_exactly_whether_the_routes_converge(seed, radius):
    n, tail, head, weights = random_graph(seed, batch=1)
    matrix = np.eye(n) - dense(n, tail, head, weights[:, 0])
    current = np.abs(np.linalg.eigvals(matrix)).max()
    if current < 1e-6 or abs(radius - 1) < 1e-3:
        return
    factor = Elimination(n, tail, head).factor(weights * radius / current)
    assert bool(factor.stable[0]) == (radius < 1)


def test_columns_do_not_influence_each_other():
    n, tail, head, weights = random_graph(5, batch=2)
    chain = Elimination(n, tail, head)
    both = chain.factor(weights)
    alone = chain.factor(weights[:, :1])
    assert np.array_equal(both.values[:, :1], alone.values)


def test_right_hand_side_is_left_alone():
    n, tail, head, weights = random_graph(6, batch=1)
    rhs = np.ones((n, 1, 1))
    chain = Elimination(n, tail, head)
    chain.solve(chain.factor(weights), rhs)
    assert (rhs == 1).all()


def test_infinite_weights_are_not_stable():
    chain = Elimination(2, np.array([0]), np.array([1]))
    assert not chain.factor(np.array([[np.inf]])).stable[0]
