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

_TOLERANCE_OF_DRAWS = 1e-11
"""The same where a result is not polished: a tenth of what a certificate allows."""

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

    def put(self, columns: NDArray[np.intp], other: Solution) -> None:
        """Write a solution of fewer columns into some of this one."""
        self.multipliers[:, columns] = other.multipliers
        self.arcs[:, columns] = other.arcs
        self.gap[columns] = other.gap
        self.hard_residual[columns] = other.hard_residual


def condition(
    problem: Problem,
    *,
    start: NDArray[np.float64] | None = None,
    polish: bool = True,
    strict: bool = True,
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
    strict
        Raise if the reference measure of a column diverges. If not, such a column comes back with
        flows that are missing and an infinite gap.

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
    fine = np.isfinite(point.value)
    if strict and not fine.all():
        raise problem.measure.divergence()
    done = _Done.of(len(t), problem.measure.n_arcs, t.shape[1])
    iterations = 0
    if fine.any():
        if not fine.all():
            problem, point, t = problem.columns(fine), point.columns(fine), t[:, fine]
        iterations = _iterate(problem, point, t, done, np.flatnonzero(fine), polish=polish)
    return Solution(done.multipliers, done.arcs, done.gap, done.hard_residual, iterations)


def _iterate(
    problem: Problem,
    point: Point,
    t: NDArray[np.float64],
    done: _Done,
    left: NDArray[np.intp],
    *,
    polish: bool,
) -> int:
    """Take Newton steps until every column has left the batch; return how many."""
    previous = np.full(len(left), np.inf)
    for iteration in range(_MAX_ITERATIONS):
        visits = visits_from_sources(problem, point)
        arcs = flows_of_visits(problem, point, visits)
        gap, hard, gradient = _certificate(problem, t, arcs)
        size = np.abs(gradient).max(axis=0, initial=0.0)
        tolerance = GAP_TOLERANCE if polish else _TOLERANCE_OF_DRAWS
        certified = np.maximum(gap, hard) <= tolerance
        if polish:
            certified &= (size <= _GRADIENT_TOLERANCE) | (size > 0.5 * previous)
        here = _Done(t, arcs, gap, hard)
        done.keep(left[certified], here, certified)
        active = ~certified
        if not active.any():
            return iteration
        if certified.any():
            problem, point = problem.columns(active), point.columns(active)
            here = here.columns(active)
            visits, gradient = visits[..., active], gradient[:, active]
            t, arcs, left, size = here.multipliers, here.arcs, left[active], size[active]
        step = newton_step(problem, point, visits, arcs, gradient)
        t, point, moved = _line_search(problem, point, t, step, (gradient * step).sum(axis=0))
        # What cannot move, or has no more turns, leaves as it is: its certificate tells.
        stays = moved if iteration < _MAX_ITERATIONS - 1 else np.zeros_like(moved)
        done.keep(left[~stays], here, ~stays)
        if not stays.any():
            return iteration
        if not stays.all():
            problem, point = problem.columns(stays), point.columns(stays)
            t, left, size = t[:, stays], left[stays], size[stays]
        previous = size
    return _MAX_ITERATIONS


@dataclass(frozen=True, eq=False)
class _Done:
    """Columns that have left the batch, or may leave it."""

    multipliers: NDArray[np.float64]
    arcs: NDArray[np.float64]
    gap: NDArray[np.float64]
    hard_residual: NDArray[np.float64]

    @classmethod
    def of(cls, n_rows: int, n_arcs: int, batch: int) -> _Done:
        missing = (np.full((n_rows, batch), np.nan), np.full((n_arcs, batch), np.nan))
        return cls(*missing, np.full(batch, np.inf), np.full(batch, np.inf))

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
    """Choose the multipliers to start from: those given, if they are in the domain everywhere."""
    zero = np.zeros_like(problem.target)
    if given is not None:
        t = np.broadcast_to(given, zero.shape).copy()
        point = evaluate(problem, t, _common_shift(problem, given))
        outside = ~np.isfinite(point.value)
        if not outside.any():
            return t, point
        if not outside.all():
            t[:, outside] = _start(problem.columns(outside), None)[0]
            return t, evaluate(problem, t)
    point = evaluate(problem, zero)
    with np.errstate(invalid="ignore", over="ignore"):
        t = np.where(np.isfinite(point.value), _margins(problem, point), 0.0)
    candidate = evaluate(problem, t)
    better = candidate.value > point.value
    if not better.any():
        return zero, point
    t = np.where(better, t, zero)
    return t, candidate if better.all() else evaluate(problem, t)


def _common_shift(problem: Problem, given: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return potentials for a start that all columns share: those of the measure as it is."""
    measure = problem.measure
    if given.shape[1] > 1:
        return None
    out, closed = measure.cheapest_way_out(measure.centred[:, None] - problem.rows.tilt(given))
    return np.repeat(-out, problem.target.shape[1], axis=1) if closed[0] else None


def _margins(problem: Problem, point: Point) -> NDArray[np.float64]:
    """Return the multipliers that meet hard margins of a single source exactly."""
    measure, rows = problem.measure, problem.rows
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
    t = np.zeros_like(problem.target)
    t[k:] = np.log(np.maximum(at_exits @ reference, 1e-300)) - np.log(wanted)
    return t


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
    usable = np.isfinite(step).all(axis=0) & (step != 0).any(axis=0)
    step = np.where(usable, step, 0.0)
    least = point.value - _ROUNDING * (1.0 + np.abs(point.value))
    # Potentials of the point itself: what is ahead of every node becomes 1.
    shift = point.shift + np.log(point.y)
    result = t + step
    reached = evaluate(problem, result, shift)
    moved = usable & (reached.value >= least + _ARMIJO * slope)
    length = 1.0
    for _ in range(_MAX_HALVINGS):
        waiting = np.flatnonzero(usable & ~moved)
        if len(waiting) == 0:
            break
        length *= 0.5
        part = np.zeros(len(usable), dtype=bool)
        part[waiting] = True
        trial = t[:, part] + length * step[:, part]
        near = evaluate(problem.columns(part), trial, shift[:, part])
        enough = near.value >= (least + _ARMIJO * length * slope)[part]
        if enough.any():
            columns = waiting[enough]
            result[:, columns] = trial[:, enough]
            reached.put(columns, near.columns(enough))
            moved[columns] = True
    return result, reached, moved
