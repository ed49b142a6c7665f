"""The point of a polyhedron nearest to the origin, by Newton's method on the dual.

    min |v|^2 / 2   s.t.   K v = k,   v >= l

At multipliers t the best point is ``max(K't, l)``; the dual is concave and piecewise quadratic, its
gradient ``k - K v`` and its Hessian ``-K_A K_A'`` over the columns A that are off their bounds, so
that Newton's steps end after finitely many pieces. A proximal term keeps singular pieces solvable.

References
----------
.. [1] Qi, L., Sun, J. (1993), "A nonsmooth version of Newton's method", Mathematical Programming
   58, 353-367.
.. [2] Li, X., Sun, D., Toh, K.-C. (2020), "On the efficient computation of a generalized Jacobian
   of the projector over the Birkhoff polytope", Mathematical Programming 179, 419-446.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NearestPoint", "nearest_point"]

_ITERATIONS_AT_MOST = 300
_HALVINGS_AT_MOST = 50
_ARMIJO = 1e-4
_SOLVED = 1e-14
_GOOD_ENOUGH = 1e-11
_STALLED_AFTER = 5


class NearestPoint(NamedTuple):
    """The point, its multipliers, its gap (relative where the objective is above 1), iterations."""

    point: NDArray[np.float64]
    multipliers: NDArray[np.float64]
    gap: float
    iterations: int


class _At(NamedTuple):
    multipliers: NDArray[np.float64]
    point: NDArray[np.float64]
    gradient: NDArray[np.float64]
    value: float


def nearest_point(
    constraints: sp.csr_array, wanted: NDArray[np.float64], floor: NDArray[np.float64]
) -> NearestPoint | None:
    """Find the point with the least sum of squares under equalities and lower bounds.

    Parameters
    ----------
    constraints, wanted
        Shapes ``(rows, columns)`` and ``(rows,)``, rows of size about 1.
    floor
        Shape ``(columns,)``; minus infinity for a column that is free.

    Returns
    -------
    NearestPoint or None
        None where no point within rounding was found: the constraints do not hold together.

    Examples
    --------
    >>> found = nearest_point(sp.csr_array([[1.0, 1.0]]), np.array([2.0]), np.array([1.5, -9.0]))
    >>> found.point.round(9).tolist()
    [1.5, 0.5]
    """
    here = _at(constraints, wanted, floor, np.zeros(len(wanted)))
    best, waited, iteration = here, 0, 0
    tolerance = _SOLVED * (1.0 + np.abs(wanted).max(initial=0.0))
    for iteration in range(_ITERATIONS_AT_MOST):  # noqa: B007 - the count is part of the result
        size = np.abs(here.gradient).max(initial=0.0)
        waited = 0 if size < 0.5 * np.abs(best.gradient).max(initial=0.0) else waited + 1
        best = here if size <= np.abs(best.gradient).max(initial=0.0) else best
        good = np.abs(best.gradient).max(initial=0.0) <= _GOOD_ENOUGH
        if size <= tolerance or (good and waited > _STALLED_AFTER):
            break
        free = constraints[:, here.point > floor]
        step = _newton(free, here.gradient, float(np.clip(1e-3 * size, 1e-14, 1e-4)))
        ahead = _searched(constraints, wanted, floor, here, step)
        if ahead is None:
            break
        here = ahead
    last = min(here, best, key=lambda at: float(np.abs(at.gradient).max(initial=0.0)))
    if np.abs(last.gradient).max(initial=0.0) > _GOOD_ENOUGH * (1.0 + np.abs(wanted).max()):
        return None
    primal = 0.5 * float(last.point @ last.point)
    gap = abs(primal - last.value) / max(1.0, primal)
    return NearestPoint(last.point, last.multipliers, gap, iteration)


def _at(
    constraints: sp.csr_array,
    wanted: NDArray[np.float64],
    floor: NDArray[np.float64],
    multipliers: NDArray[np.float64],
) -> _At:
    point = np.maximum(constraints.T @ multipliers, floor)
    gradient = wanted - constraints @ point
    value = 0.5 * float(point @ point) + float(multipliers @ gradient)
    return _At(multipliers, point, gradient, value)


def _newton(
    free: sp.csr_array, gradient: NDArray[np.float64], proximal: float
) -> NDArray[np.float64]:
    hessian = sp.csc_array(free @ free.T)
    factor = splu(sp.csc_matrix(hessian + proximal * sp.eye_array(hessian.shape[0])))
    step: NDArray[np.float64] = factor.solve(gradient)
    return step


def _searched(
    constraints: sp.csr_array,
    wanted: NDArray[np.float64],
    floor: NDArray[np.float64],
    here: _At,
    step: NDArray[np.float64],
) -> _At | None:
    """Halve the step until the dual has grown enough (Armijo), or the gradient has shrunk."""
    slope = float(here.gradient @ step)
    rounding = 1e-15 * (1.0 + abs(here.value))
    norm = np.abs(here.gradient).max(initial=0.0)
    length = 1.0
    for _ in range(_HALVINGS_AT_MOST):
        ahead = _at(constraints, wanted, floor, here.multipliers + length * step)
        grown = ahead.value >= here.value + _ARMIJO * length * slope - rounding
        if np.isfinite(ahead.value) and (
            (grown and length * slope > rounding) or np.abs(ahead.gradient).max() < 0.5 * norm
        ):
            return ahead
        length *= 0.5
    return None
