"""Finding the coefficients: quasi-Newton steps, each round bound anew, and the curvature there.

References
----------
.. [1] Nocedal, J., Wright, S. (2006), Numerical Optimization, ch. 6: BFGS; ch. 8: derivatives by
   finite differences.
.. [2] Tierney, L., Kadane, J. B. (1986), "Accurate approximations for posterior moments and
   marginal densities", Journal of the American Statistical Association 81(393), 82-86: Laplace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import minimize

from opiateroutes.errors import ConvergenceError
from opiateroutes.flows.calibration.objective import BoundYear, Objective

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from opiateroutes.flows.calibration.coefficients import Coefficients
    from opiateroutes.flows.calibration.years import Year

__all__ = ["Found", "curvature", "descend"]

GRADIENT_AT_MOST = 1e-6
"""Largest entry of the gradient, in nats for each prior standard deviation, at a result."""

_NEAR = 1e-4
_POLISHED = 1e-8
_MOST_ROUNDS = 12
_MOST_POLISHES = 4
_STEP = 1e-4
"""Step of the differences, in prior standard deviations: they err by its square."""


class Found(NamedTuple):
    """Where the search ended: shifts, objective there and at the priors, gradient, curvature."""

    shifts: NDArray[np.float64]
    objective: float
    prior_objective: float
    gradient: NDArray[np.float64]
    hessian: NDArray[np.float64]
    rounds: int


def descend(years: Sequence[Year], coefficients: Coefficients, *, n_effective: float) -> Found:
    """Find the shifts with the largest posterior density, starting at the priors.

    Within a round log weights are linear in the effects. That is exact where every stage is a leg.
    Where there are hauls over inland legs, and where the spread of a share depends on the flows,
    the problem is bound anew at the minimum, until the gradient there is that of a minimum.

    Raises
    ------
    ConvergenceError
        If the rounds do not settle, or end where the density has no maximum.
    """
    shifts = gradient = np.zeros(len(coefficients))
    at_priors = np.nan
    for rounds in range(1, _MOST_ROUNDS + 1):
        bound = (BoundYear.of(y, coefficients, shifts, n_effective=n_effective) for y in years)
        objective = Objective(tuple(bound), coefficients, n_effective)
        value, gradient = objective(shifts)
        at_priors = value if rounds == 1 else at_priors
        if np.abs(gradient).max(initial=0.0) <= GRADIENT_AT_MOST:
            hessian = curvature(objective, shifts)
            if np.linalg.eigvalsh(hessian).min() <= 0:
                break
            return Found(shifts, value, at_priors, gradient, hessian, rounds)
        shifts = _minimum(objective, shifts)
    raise ConvergenceError(
        f"the coefficients do not settle: after {rounds} rounds the gradient is "
        f"{np.abs(gradient).max():.2g} nats for each prior standard deviation (at most "
        f"{GRADIENT_AT_MOST:g}). Lower n_effective or widen the intervals of the evidence"
    )


def curvature(objective: Objective, shifts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Hessian of the objective by central differences of its gradient.

    Inland hauls and the spread of shares are held: on the shipped crossings, binding anew at each
    step moved no leverage by more than 0.02, at four times the cost.
    """
    steps = _STEP * np.eye(len(shifts))
    columns = [objective(shifts + step)[1] - objective(shifts - step)[1] for step in steps]
    hessian = np.array(columns) / (2 * _STEP)
    return (hessian + hessian.T) / 2


def _minimum(objective: Objective, shifts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Descend by BFGS, then by Newton's method to where only rounding is left."""
    with np.errstate(invalid="ignore", over="ignore"):
        # A trial step into divergence is infinite: the line search turns back.
        found = minimize(objective, shifts, jac=True, method="BFGS", options={"gtol": _NEAR})
    best: NDArray[np.float64] = found.x
    gradient = objective(best)[1]
    for _ in range(_MOST_POLISHES):
        size = np.abs(gradient).max(initial=0.0)
        if size <= _POLISHED:
            break
        closer = best - np.linalg.lstsq(curvature(objective, best), gradient)[0]
        near = objective(closer)[1]
        if not np.abs(near).max(initial=0.0) < size:
            break
        best, gradient = closer, near
    return best
