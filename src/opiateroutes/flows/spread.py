"""How sure a fit is: intervals to first order, and how much of each number is evidence.

Around a fit the path measure is an exponential family: its covariance is at once the prior spread
of the flows (with N effective shipments) and their derivative with respect to the costs. Evidence
takes away what it determines (leverage); what is left, with the structural noise of the costs, the
spread of the cost coefficients and that of the supply, makes the interval.

References
----------
.. [1] Wainwright, Jordan (2008), "Graphical models, exponential families, and variational
   inference", Foundations and Trends in Machine Learning 1: derivatives of exponential families.
.. [2] Van Zuylen, Willumsen (1980), "The most likely trip matrix estimated from traffic counts",
   Transportation Research B 14: evidence on links as information on routes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.evidence.parameters import Z90

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.condition import Solution
    from opiateroutes.flows.dual import Problem

__all__ = ["Spread", "interval", "spread_of"]


@dataclass(frozen=True, eq=False)
class Spread:
    """First-order uncertainty of the flows on all arcs.

    Parameters
    ----------
    covariance
        Shape ``(arcs, arcs)``, shares of the supply squared.
    total_kg
        The supply.
    leverage
        Shape ``(arcs,)``: 1 less posterior over prior variance; 0 is all model, 1 all evidence.
    contribution
        Shape ``(rows, arcs)``: how much of the leverage of an arc each evidence row gives; all 0
        where the supply alone determines the arc.
    """

    covariance: NDArray[np.float64]
    total_kg: float
    leverage: NDArray[np.float64]
    contribution: NDArray[np.float64]

    def arc_sd_kg(self) -> NDArray[np.float64]:
        """Return the standard deviation of each arc, kg."""
        sd: NDArray[np.float64] = np.sqrt(np.maximum(np.diag(self.covariance), 0.0))
        return sd * self.total_kg

    def sd(self, combination: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the standard deviation of sums of arcs, one sum a row of ``combination``."""
        variance = np.einsum(
            "ka,ab,kb->k", combination, self.covariance, combination, optimize=True
        )
        sd: NDArray[np.float64] = np.sqrt(np.maximum(variance, 0.0))
        return sd * self.total_kg


def interval(
    best: NDArray[np.float64], sd: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the 90 % interval of a positive quantity: lognormal with the given spread.

    Examples
    --------
    >>> low, high = interval(np.array([100.0]), np.array([20.0]))
    >>> low.round(1).tolist(), high.round(1).tolist()
    ([72.2], [138.5])
    """
    ratio = np.divide(sd, best, out=np.zeros_like(best), where=best > 0)
    # Beyond a hundred orders of magnitude nothing is known; squares must stay finite.
    width = Z90 * np.sqrt(np.log1p(np.minimum(ratio, 1e100) ** 2))
    return best * np.exp(-width), best * np.exp(width)


def spread_of(
    problem: Problem,
    solution: Solution,
    *,
    n_effective: float,
    structural_sd: float,
    coefficient_spread: NDArray[np.float64],
    supply_sd: NDArray[np.float64],
) -> Spread:
    """Compute the spread of a fit (first column of the batch).

    Parameters
    ----------
    problem, solution
        The problem and its solution.
    n_effective
        Number of shipments that the prior is worth.
    structural_sd
        Standard deviation of the cost of each leg, nats.
    coefficient_spread
        Shape ``(legs, coefficients)``: change of the costs for one standard deviation of each
        coefficient.
    supply_sd
        Shape ``(sources,)``: standard deviation of each supply, shares of the total.

    Returns
    -------
    Spread
        Covariance, leverage and what gives it.
    """
    arcs = solution.arcs[:, 0]
    prior, uses = _route_moments(problem, solution)
    rows = problem.rows.matrix()
    seen = rows @ prior
    # Scaled to a unit diagonal: a vague row must not hide a sharp one.
    inner = rows @ seen.T + np.diag(problem.variance[:, 0])
    size = np.sqrt(np.maximum(np.diag(inner), 1e-300))
    inner = inner / size[:, None] / size
    inverse = np.linalg.pinv(inner, rcond=1e-13, hermitian=True) / size[:, None] / size
    explained = inverse @ seen
    posterior = prior - seen.T @ explained
    own = np.diag(prior)
    # An arc that every route uses has no prior spread: the supply alone determines it.
    varies = own > 1e-12 * np.maximum(arcs, 1e-300)
    scale = np.where(varies, own, 1.0)
    contribution = np.where(varies, seen * explained / scale, 0.0)
    leverage = np.where(varies, np.clip(contribution.sum(axis=0), 0.0, 1.0), 1.0)
    legs = posterior[:, : len(problem.measure.legs)]
    covariance = posterior / n_effective + structural_sd**2 * legs @ legs.T
    # More supply uses the legs as its routes do, less what the evidence holds back.
    slope = uses - (inverse @ (rows @ uses.T)).T @ seen
    for direction in (*(legs @ coefficient_spread).T, *(slope * supply_sd[:, None])):
        covariance += np.outer(direction, direction)
    total = float(problem.measure.supply_kg.sum())
    return Spread(covariance, total, leverage, contribution)


def _route_moments(
    problem: Problem, solution: Solution
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Moments of the numbers of times that a random route uses arcs.

    Returns
    -------
    covariance : numpy.ndarray
        Shape ``(arcs, arcs)``.
    uses : numpy.ndarray
        Shape ``(sources, arcs)``: mean number for a route from each source.
    """
    measure, arcs = problem.measure, solution.arcs[:, 0]
    n, m = measure.n_nodes, len(measure.legs)
    through = np.bincount(measure.arc_tail, arcs, n)
    share = arcs / np.maximum(through, 1e-300)[measure.arc_tail]
    step = np.zeros((n, n))
    np.add.at(step, (measure.tail, measure.head), share[:m])
    visits = np.linalg.inv(np.eye(n) - step)
    later = np.zeros((len(arcs), len(arcs)))
    later[:m] = arcs[:m, None] * visits[measure.head][:, measure.arc_tail] * share[None, :]
    uses = visits[measure.sources][:, measure.arc_tail] * share
    supply = problem.supply[:, 0]
    return np.diag(arcs) + later + later.T - (uses.T * supply) @ uses, uses
