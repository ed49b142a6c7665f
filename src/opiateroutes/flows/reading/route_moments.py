"""Moments of the numbers of times that a random route uses sums of arcs.

A route is a walk of an absorbing Markov chain, so the covariance of two counts follows from where
it goes after each step: with the flows ``f`` on arcs, the probability ``p`` of each arc at its tail
and ``N`` the expected visits from state to state, an arc ``a`` and a later arc ``b`` are used
together ``f_a N[head(a), tail(b)] p_b`` times. Nothing of the size arcs x arcs is ever built.

References
----------
.. [1] Kemeny, Snell (1976), Finite Markov Chains, ch. 3: the fundamental matrix and second moments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.kernel.dual import Problem

__all__ = ["RouteMoments"]


@dataclass(frozen=True, eq=False)
class RouteMoments:
    """The chain of a fit, ready to be asked for moments.

    Parameters
    ----------
    arcs
        Shape ``(arcs,)``: flows in shares of the supply: mean counts.
    after
        Shape ``(arcs, states)``: flow of each arc at the state that it leads to; 0 for exits.
    chance
        Shape ``(arcs, states)``: probability of each arc at the state where it starts.
    visits
        Shape ``(states, states)``: expected visits.
    uses
        Shape ``(sources, arcs)``: mean counts of a route from each source.
    supply
        Shape ``(sources,)``: share of routes from each source.
    """

    arcs: NDArray[np.float64]
    after: sp.csr_array
    chance: sp.csr_array
    visits: NDArray[np.float64]
    uses: NDArray[np.float64]
    supply: NDArray[np.float64]

    @classmethod
    def of(cls, problem: Problem, arcs: NDArray[np.float64]) -> RouteMoments:
        """Read the chain off fitted flows."""
        measure = problem.measure
        n, m, count = measure.n_nodes, len(measure.legs), measure.n_arcs
        through = np.bincount(measure.arc_tail, arcs, n)
        share = arcs / np.maximum(through, 1e-300)[measure.arc_tail]
        step = np.zeros((n, n))
        np.add.at(step, (measure.tail, measure.head), share[:m])
        visits = np.asarray(np.linalg.inv(np.eye(n) - step), dtype=np.float64)
        rows = np.arange(count)
        return cls(
            arcs=arcs,
            after=sp.coo_array((arcs[:m], (rows[:m], measure.head)), shape=(count, n)).tocsr(),
            chance=sp.coo_array((share, (rows, measure.arc_tail)), shape=(count, n)).tocsr(),
            visits=visits,
            uses=visits[measure.sources][:, measure.arc_tail] * share,
            supply=problem.supply[:, 0],
        )

    def uses_of(self, sums: sp.csr_array) -> NDArray[np.float64]:
        """Return the mean count of each sum on a route from each source, ``(k, sources)``."""
        uses: NDArray[np.float64] = sums @ self.uses.T
        return uses

    def covariance(self, first: sp.csr_array, second: sp.csr_array) -> NDArray[np.float64]:
        """Return the covariance of the counts of sums of arcs, shape ``(k, l)``."""
        together = (first @ sp.diags_array(self.arcs) @ second.T).toarray()
        later = ((first @ self.after) @ self.visits) @ (second @ self.chance).T
        earlier = (((second @ self.after) @ self.visits) @ (first @ self.chance).T).T
        means = (self.uses_of(first) * self.supply) @ self.uses_of(second).T
        covariance: NDArray[np.float64] = together + later + earlier - means
        return covariance

    def variance(self, sums: sp.csr_array) -> NDArray[np.float64]:
        """Return the variance of the counts of sums of arcs, shape ``(k,)``."""
        squares = sums.multiply(sums) @ self.arcs
        later = (sums @ self.chance).multiply((sums @ self.after) @ self.visits).sum(axis=1)
        means = (self.uses_of(sums) ** 2) @ self.supply
        variance: NDArray[np.float64] = squares + 2.0 * np.asarray(later).ravel() - means
        return variance
