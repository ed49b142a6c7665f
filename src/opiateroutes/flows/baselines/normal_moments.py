"""Covariance of independent normal flows given that they are in balance at every node."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NormalMoments"]

_PROXIMAL = 1e-14
"""Keeps nodes that nothing passes from making the system singular; refinement takes it out."""


@dataclass(frozen=True, eq=False)
class NormalMoments:
    """What a spread asks of its prior, in shares of the supply; see `RouteMoments`.

    Parameters
    ----------
    arcs
        Shape ``(arcs,)``: reconciled flows.
    sd
        Shape ``(arcs,)``: prior standard deviations; 0 for flows that are held.
    balance
        Shape ``(nodes, arcs)``: balance of each node, scaled.
    supplied
        Shape ``(nodes, sources)``: what a unit of each supply adds to the balances.
    """

    arcs: NDArray[np.float64]
    sd: NDArray[np.float64]
    balance: sp.csr_array
    supplied: NDArray[np.float64]

    @cached_property
    def _seen(self) -> sp.csr_array:
        return sp.csr_array(self.balance @ sp.diags_array(self.sd))

    @cached_property
    def _system(self) -> sp.csr_array:
        return sp.csr_array(self._seen @ self._seen.T)

    @cached_property
    def _factor(self) -> Any:
        count = self._system.shape[0]
        return splu(sp.csc_matrix(self._system + _PROXIMAL * sp.eye_array(count)))

    def _solve(self, rhs: NDArray[np.float64]) -> NDArray[np.float64]:
        solution: NDArray[np.float64] = self._factor.solve(rhs)
        for _ in range(2):
            solution = solution + self._factor.solve(rhs - self._system @ solution)
        return solution

    def _half(self, sums: sp.csr_array) -> tuple[sp.csr_array, NDArray[np.float64]]:
        """Return sums in standard deviations of the arcs, and what the balances see of them."""
        half = sp.csr_array(sums @ sp.diags_array(self.sd))
        return half, (self._seen @ half.T).toarray()

    def covariance(self, first: sp.csr_array, second: sp.csr_array) -> NDArray[np.float64]:
        """Return the covariance of two sets of sums of arcs, shape ``(k, l)``."""
        if not (first.shape[0] and second.shape[0]):
            return np.zeros((first.shape[0], second.shape[0]))
        (half, seen), (other, also) = self._half(first), self._half(second)
        covariance: NDArray[np.float64] = (half @ other.T).toarray() - seen.T @ self._solve(also)
        return covariance

    def variance(self, sums: sp.csr_array) -> NDArray[np.float64]:
        """Return the variance of sums of arcs, shape ``(k,)``."""
        half, seen = self._half(sums)
        own = np.asarray(half.multiply(half).sum(axis=1)).ravel()
        variance: NDArray[np.float64] = own - (seen * self._solve(seen)).sum(axis=0)
        # What is left of a large variance after taking the same away is rounding.
        return np.where(variance > 1e-12 * own, variance, 0.0)

    def uses_of(self, sums: sp.csr_array) -> NDArray[np.float64]:
        """Return how sums of arcs move with each supply, shape ``(k, sources)``."""
        _, seen = self._half(sums)
        moved: NDArray[np.float64] = seen.T @ self._solve(self.supplied)
        return moved
