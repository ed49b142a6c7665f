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

from opiateroutes.flows.kernel.dual import evaluate, flows_of_visits, visits_from_sources
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
_NEAR_HALVINGS = 1
"""Trial steps that are weighed by the potentials of the point before."""

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


def condition(
    problem: Problem, *, start: NDArray[np.float64] | None = None, polish: bool = True
) -> Solution:
    """Maximise the dual for every column of the batch.

    Each column is damped and stopped on its own, so that its result does not depend on the columns
    beside it; those that are done leave the batch.

    Parameters
    ----------
    problem
        What to solve.
    start
        Shape ``(rows, 1)`` or ``(rows, batch)``: multipliers to try first, such as those of a
        problem near by.
    polish
        Go on after the certificate is reached, as long as a step pays: the flows themselves, not
        only the objective, should not depend on how the problem was put. Draws do without.

    Returns
    -------
    Solution
        Flows, multipliers and the certificate.

    Raises
    ------
    DivergentRoutesError
        If the reference measure itself diverges.
    """
    t, point = _start(problem, start)
    batch = t.shape[1]
    done = _Done.of(len(t), problem.measure.n_arcs, batch)
    left = np.arange(batch)
    previous = np.full(batch, np.inf)
    iteration = 0
    while True:
        visits = visits_from_sources(problem, point)
        arcs = flows_of_visits(problem, point, visits)
        gap, hard, gradient = _certificate(problem, t, arcs)
        size = np.abs(gradient).max(axis=0, initial=0.0)
        certified = np.maximum(gap, hard) <= GAP_TOLERANCE
        if polish:
            certified &= (size <= _GRADIENT_TOLERANCE) | (size > 0.5 * previous)
        if iteration == _MAX_ITERATIONS - 1:
            certified[:] = True
        here = _Done(t, arcs, gap, hard)
        done.keep(left[certified], here, certified)
        if certified.all():
            break
        active = ~certified
        if certified.any():
            problem, point, visits = (
                problem.columns(active),
                point.columns(active),
                visits[..., active],
            )
            here = here.columns(active)
            t, arcs, gradient = here.multipliers, here.arcs, gradient[:, active]
            left, size = left[active], size[active]
        step = newton_step(problem, point, visits, arcs, gradient)
        slope = (gradient * step).sum(axis=0)
        t, point, moved = _line_search(problem, point, t, step, slope)
        if not moved.all():
            done.keep(left[~moved], here, ~moved)
            if not moved.any():
                break
            problem, point = problem.columns(moved), point.columns(moved)
            t, left, size = t[:, moved], left[moved], size[moved]
        previous = size
        iteration += 1
    return Solution(done.multipliers, done.arcs, done.gap, done.hard_residual, iteration)


@dataclass(frozen=True, eq=False)
class _Done:
    """Columns that have left the batch, or may leave it."""

    multipliers: NDArray[np.float64]
    arcs: NDArray[np.float64]
    gap: NDArray[np.float64]
    hard_residual: NDArray[np.float64]

    @classmethod
    def of(cls, n_rows: int, n_arcs: int, batch: int) -> _Done:
        empty = (np.zeros((n_rows, batch)), np.zeros((n_arcs, batch)))
        return cls(*empty, np.zeros(batch), np.zeros(batch))

    def columns(self, chosen: NDArray[np.bool_]) -> _Done:
        return _Done(
            self.multipliers[:, chosen],
            self.arcs[:, chosen],
            self.gap[chosen],
            self.hard_residual[chosen],
        )

    def keep(self, columns: NDArray[np.intp], here: _Done, chosen: NDArray[np.bool_]) -> None:
        """Write some columns of another state into columns of this one."""
        self.multipliers[:, columns] = here.multipliers[:, chosen]
        self.arcs[:, columns] = here.arcs[:, chosen]
        self.gap[columns] = here.gap[chosen]
        self.hard_residual[columns] = here.hard_residual[chosen]


def _start(
    problem: Problem, given: NDArray[np.float64] | None
) -> tuple[NDArray[np.float64], Point]:
    """Choose the multipliers to start from: exact for hard margins of a single source."""
    measure, rows = problem.measure, problem.rows
    zero = np.zeros_like(problem.target)
    if given is not None:
        t = np.broadcast_to(given, zero.shape).copy()
        point = evaluate(problem, t)
        if np.isfinite(point.value).all():
            return t, point
    point = evaluate(problem, zero)
    if not np.isfinite(point.value).all():
        raise measure.divergence()
    visits = np.einsum("nqb,qb->nb", visits_from_sources(problem, point), problem.supply)
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
    better, point = _better(problem, zero, point, t)
    if given is not None:
        better, point = _better(problem, better, point, np.broadcast_to(given, zero.shape))
    return better, point


def _better(
    problem: Problem, t: NDArray[np.float64], point: Point, other: NDArray[np.float64]
) -> tuple[NDArray[np.float64], Point]:
    """Take other multipliers in the columns where they are worth more."""
    candidate = evaluate(problem, other)
    gain = candidate.value > point.value
    if not gain.any():
        return t, point
    chosen = np.where(gain, other, t)
    return chosen, candidate if gain.all() else evaluate(problem, chosen)


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
) -> tuple[NDArray[np.float64], Point, NDArray[np.bool_]]:
    """Halve the step of each column until the dual has grown enough (Armijo)."""
    length = np.ones(t.shape[1])
    waiting = np.isfinite(step).all(axis=0) & (step != 0).any(axis=0)
    moved = np.zeros(t.shape[1], dtype=bool)
    result = t.copy()
    floor = _ROUNDING * (1.0 + np.abs(point.value))
    # Potentials of the point itself: what is ahead of every node becomes 1.
    shift = point.shift + np.log(point.y)
    for halving in range(_MAX_HALVINGS):
        if not waiting.any():
            break
        candidate = t + np.where(waiting, length, 0.0) * np.where(np.isfinite(step), step, 0.0)
        # Where a step takes the weights far away only new potentials keep them in range.
        near = evaluate(problem, candidate, shift if halving < _NEAR_HALVINGS else None)
        accepted = waiting & (near.value >= point.value + _ARMIJO * length * slope - floor)
        result[:, accepted] = candidate[:, accepted]
        moved |= accepted
        waiting &= ~accepted
        length[waiting] *= 0.5
        if halving == 0 and moved.all():
            return result, near, moved
    return result, evaluate(problem, result), moved
