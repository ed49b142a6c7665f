"""Conditioning the path measure on evidence: the dual, maximised by Newton's method.

The gradient of the dual (see `dual`) is ``A f - b - V t`` and its Hessian ``-(Cov + V)``, Cov being
the covariance of what the rows count on a random route. Rows that bind one exit each have a
diagonal covariance less one of rank "number of sources"; they are eliminated, and the dense system
has the size of the other rows only.

References
----------
.. [1] Nocedal, J., Wright, S. (2006), Numerical Optimization, ch. 3: damped Newton, Armijo's rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.flows.kernel.dual import evaluate, flows_at
from opiateroutes.flows.kernel.newton_step import newton_step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.kernel.dual import Point, Problem

__all__ = ["Solution", "condition"]

GAP_TOLERANCE = 1e-13
"""Duality gap, in nats for each unit of supply, at which a draw is done."""

_GRADIENT_TOLERANCE = 1e-14
"""Largest entry of the gradient, in shares, below which nothing is left but rounding."""

_MAX_ITERATIONS = 80
_MAX_HALVINGS = 60
_ARMIJO = 1e-4
_ROUNDING = 1e-13


@dataclass(frozen=True, eq=False)
class Solution:
    """A conditioned measure.

    Parameters
    ----------
    multipliers
        Shape ``(rows, batch)``.
    arcs
        Shape ``(arcs, batch)``: flows on legs, then through exits, in shares of the supply.
    gap, hard_residual
        Shape ``(batch,)``: duality gap in nats; largest miss of a hard row, in shares.
    iterations
        Newton iterations of the slowest draw.
    """

    multipliers: NDArray[np.float64]
    arcs: NDArray[np.float64]
    gap: NDArray[np.float64]
    hard_residual: NDArray[np.float64]
    iterations: int


def condition(problem: Problem) -> Solution:
    """Maximise the dual for every column of the batch.

    Each column is damped and stopped on its own, so that its result does not depend on the columns
    beside it.

    Parameters
    ----------
    problem
        What to solve.

    Returns
    -------
    Solution
        Flows, multipliers and the certificate.

    Raises
    ------
    DivergentRoutesError
        If the reference measure itself diverges.
    """
    t, point = _start(problem)
    arcs = flows_at(problem, point)
    gap, hard, gradient = _certificate(problem, t, arcs)
    active = np.ones(t.shape[1], dtype=bool)
    previous = np.full(t.shape[1], np.inf)
    iteration = 0
    for iteration in range(_MAX_ITERATIONS):  # noqa: B007 - the count is part of the result
        # A certified draw is polished as long as Newton's step still pays: the flows themselves,
        # not only the objective, should not depend on how the problem was put.
        size = np.abs(gradient).max(axis=0, initial=0.0)
        certified = np.maximum(gap, hard) <= GAP_TOLERANCE
        active &= ~(certified & ((size <= _GRADIENT_TOLERANCE) | (size > 0.5 * previous)))
        previous = size
        if not active.any():
            break
        step = np.where(active, newton_step(problem, point, arcs, gradient), 0.0)
        t, moved = _line_search(problem, point, t, step, (gradient * step).sum(axis=0))
        if not (moved & active).any():
            break
        point = evaluate(problem, t)
        arcs = flows_at(problem, point)
        gap, hard, gradient = _certificate(problem, t, arcs)
        active &= moved
    return Solution(t, arcs, gap, hard, iteration)


def _start(problem: Problem) -> tuple[NDArray[np.float64], Point]:
    """Choose the multipliers to start from: exact for hard margins of a single source."""
    measure, rows = problem.measure, problem.rows
    zero = np.zeros_like(problem.target)
    point = evaluate(problem, zero)
    if not np.isfinite(point.value).all():
        raise measure.divergence()
    start = np.zeros((measure.n_nodes, 1, zero.shape[1]))
    start[measure.sources, 0] = problem.supply
    visits = measure.elimination.solve_transposed(point.factor, start)[:, 0]
    m, k = len(measure.legs), rows.n_flows
    at_exits = rows.matrix()[k:, m:]
    bound = np.asarray(at_exits.sum(axis=0)).ravel() > 0
    reference = visits[measure.exit_node] * point.weights[m:]
    free = reference[~bound].sum(axis=0)
    target = problem.target[k:]
    slack = np.maximum(1.0 - target.sum(axis=0), 0.02)
    scale = np.where(free > 0, free / slack, 1.0)
    wanted = scale * np.maximum(target, 1e-12)
    t = zero.copy()
    t[k:] = np.log(np.maximum(at_exits @ reference, 1e-300)) - np.log(wanted)
    better = evaluate(problem, t)
    t = np.where(better.value > point.value, t, 0.0)
    return t, evaluate(problem, t)


def _certificate(
    problem: Problem, t: NDArray[np.float64], arcs: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Duality gap, miss of the hard rows, gradient.

    For flows that a point implies, primal less dual is ``g' V^-1 g / 2`` with g the gradient.
    """
    gradient = problem.rows.values(arcs) - problem.target - problem.variance * t
    soft = problem.variance > 0
    squares = np.where(soft, gradient**2 / np.where(soft, problem.variance, 1.0), 0.0)
    hard = np.where(soft, 0.0, np.abs(gradient)).max(axis=0, initial=0.0)
    return 0.5 * squares.sum(axis=0), hard, gradient


def _line_search(
    problem: Problem,
    point: Point,
    t: NDArray[np.float64],
    step: NDArray[np.float64],
    slope: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Halve the step of each column until the dual has grown enough (Armijo)."""
    length = np.ones(t.shape[1])
    waiting = np.isfinite(step).all(axis=0) & (step != 0).any(axis=0)
    moved = np.zeros(t.shape[1], dtype=bool)
    result = t.copy()
    floor = _ROUNDING * (1.0 + np.abs(point.value))
    for _ in range(_MAX_HALVINGS):
        if not waiting.any():
            break
        candidate = t + np.where(waiting, length, 0.0) * np.where(np.isfinite(step), step, 0.0)
        value = evaluate(problem, candidate).value
        accepted = waiting & (value >= point.value + _ARMIJO * length * slope - floor)
        result[:, accepted] = candidate[:, accepted]
        moved |= accepted
        waiting &= ~accepted
        length[waiting] *= 0.5
    return result, moved
