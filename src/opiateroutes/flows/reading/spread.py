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
import scipy.sparse as sp

from opiateroutes.evidence.parameters import Z90
from opiateroutes.flows.reading.route_moments import RouteMoments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.kernel.condition import Solution
    from opiateroutes.flows.kernel.dual import Problem
    from opiateroutes.flows.kernel.measure import PathMeasure

__all__ = ["Spread", "interval", "spread_of", "structural_noise"]


_BLOCK = 1024
"""Sums that are worked out at once: what is held in memory stays small."""

_NO_SPREAD = 1e-12


@dataclass(frozen=True, eq=False)
class Spread:
    """First-order uncertainty of sums of arcs.

    Parameters
    ----------
    moments
        Covariance of what routes use, before the evidence.
    names
        Shape ``(K,)``: names of the evidence rows.
    rows
        Shape ``(K, arcs)``: evidence rows.
    inverse
        Shape ``(K, K)``: inverse covariance of what the rows see, their own noise included.
    causes
        Shape ``(c, arcs)``: costs that vary on their own, each as what one unit of it adds to the
        cost of the arcs: structural noise of each leg, and each coefficient.
    supply_sd
        Shape ``(sources,)``: standard deviation of each supply, shares of the total.
    n_effective
        Number of shipments that the prior is worth.
    total_kg
        The supply.
    """

    moments: RouteMoments
    names: NDArray[np.object_]
    rows: sp.csr_array
    inverse: NDArray[np.float64]
    causes: sp.csr_array
    supply_sd: NDArray[np.float64]
    n_effective: float
    total_kg: float

    def sd_kg(self, sums: sp.csr_array) -> NDArray[np.float64]:
        """Return the standard deviation of sums of arcs, kg.

        Parameters
        ----------
        sums
            Shape ``(k, arcs)``: one sum a row.
        """
        moments = self.moments
        caused = moments.covariance(self.rows, self.causes)
        held_back = self.inverse @ caused
        uses = moments.uses_of(self.rows)
        blocks = []
        for start in range(0, sums.shape[0], _BLOCK):
            block = sums[start : start + _BLOCK]
            seen = moments.covariance(self.rows, block)
            explained = self.inverse @ seen
            variance = (moments.variance(block) - (seen * explained).sum(axis=0)).clip(0)
            variance /= self.n_effective
            slope = moments.covariance(block, self.causes) - seen.T @ held_back
            variance += (slope**2).sum(axis=1)
            # More supply uses the legs as its routes do, less what the evidence holds back.
            more = moments.uses_of(block) - explained.T @ uses
            variance += ((more * self.supply_sd) ** 2).sum(axis=1)
            blocks.append(np.sqrt(variance))
        sd: NDArray[np.float64] = np.concatenate(blocks or [np.zeros(0)])
        return sd * self.total_kg

    def leverage(self, sums: sp.csr_array) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return how much of each sum of arcs is evidence, and which rows it comes from.

        Parameters
        ----------
        sums
            Shape ``(k, arcs)``: one sum a row.

        Returns
        -------
        leverage : numpy.ndarray
            Shape ``(k,)``: 1 less posterior over prior variance; 0 is all model, 1 all evidence.
        contribution : numpy.ndarray
            Shape ``(rows, k)``: how much of it each evidence row gives; all 0 where the supply
            alone determines the sum.
        """
        seen = self.moments.covariance(self.rows, sums)
        own = self.moments.variance(sums)
        # A sum that every route uses has no prior spread: the supply alone determines it.
        varies = own > _NO_SPREAD * np.maximum(sums @ self.moments.arcs, 1e-300)
        scale = np.where(varies, own, 1.0)
        contribution = np.where(varies, seen * (self.inverse @ seen) / scale, 0.0)
        leverage = np.where(varies, np.clip(contribution.sum(axis=0), 0.0, 1.0), 1.0)
        return leverage, contribution


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
        Standard deviation of the cost of each leg that ends a stage, nats: inland legs only carry
        what the choice of such legs has decided.
    coefficient_spread
        Shape ``(legs of the network, coefficients)``: change of the costs for one standard
        deviation of each coefficient.
    supply_sd
        Shape ``(sources,)``: standard deviation of each supply, shares of the total.

    Returns
    -------
    Spread
        To be asked for sums of arcs.
    """
    measure = problem.measure
    moments = RouteMoments.of(problem, solution.arcs[:, 0])
    rows = problem.rows.matrix()
    # Scaled to a unit diagonal: a vague row must not hide a sharp one.
    inner = moments.covariance(rows, rows) + np.diag(problem.variance[:, 0])
    size = np.sqrt(np.maximum(np.diag(inner), 1e-300))
    inner = inner / size[:, None] / size
    inverse = np.linalg.pinv(inner, rcond=1e-13, hermitian=True) / size[:, None] / size
    use = measure.trace.use
    coefficients = sp.csr_array(coefficient_spread.T) @ use
    causes = sp.vstack([structural_sd * structural_noise(measure), coefficients]).tocsr()
    total = float(measure.supply_kg.sum())
    names = problem.rows.names
    return Spread(moments, names, rows, inverse, causes, supply_sd, n_effective, total)


def structural_noise(measure: PathMeasure) -> sp.csr_array:
    """Return which arcs share the cost of each leg that ends a stage, ``(legs at ends, arcs)``.

    The last leg of a stage is its own choice; what it costs more, all its stages cost more.
    """
    use = measure.trace.use
    at_end = np.isin(measure.trace.legs, measure.legs)
    last = sp.csr_array(use[:, : len(measure.legs)][at_end])
    last.data = np.where(last.data > 0, 1.0, 0.0)
    exits = sp.csr_array((last.shape[0], len(measure.exit_node)))
    return sp.hstack([last, exits], format="csr")
