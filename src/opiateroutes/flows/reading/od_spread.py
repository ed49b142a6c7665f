"""How sure flows are that an origin-destination table fixes: as `spread`, given every pair.

The table holds exactly, so that routes vary only among those of one pair; for each source that is
its own spread, given its row of the table. What the cost model does not know about a leg is the
same for the routes of all sources.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from opiateroutes.flows.kernel.condition import Solution
from opiateroutes.flows.kernel.dual import Problem
from opiateroutes.flows.kernel.rows import Rows
from opiateroutes.flows.kernel.trace import sparse
from opiateroutes.flows.reading.spread import spread_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from opiateroutes.flows.kernel.measure import PathMeasure
    from opiateroutes.flows.reading.spread import Spread

__all__ = ["OdSpread"]

_BLOCK = 1024
_NO_SPREAD = 1e-12


@dataclass(frozen=True, eq=False)
class OdSpread:
    """First-order uncertainty of sums of arcs; answers what `Spread` answers.

    Parameters
    ----------
    parts
        The spread of each source, given where its flows end.
    """

    parts: Sequence[Spread]

    @classmethod
    def of(
        cls,
        measure: PathMeasure,
        by_source: NDArray[np.float64],
        destination: NDArray[np.intp],
        *,
        names: NDArray[np.object_],
        n_effective: float,
        structural_sd: float,
        coefficient_spread: NDArray[np.float64],
    ) -> OdSpread:
        """Work out the spread of the flows of each source.

        Parameters
        ----------
        measure
            The measure.
        by_source
            Shape ``(sources, arcs)``: flows of each source, kg.
        destination
            Shape ``(exits,)``: index of the destination that each exit belongs to.
        names
            Shape ``(sources, destinations)``: rows of the table.
        n_effective
            Number of shipments that the prior is worth; sources have their share of them.
        structural_sd, coefficient_spread
            See `spread_of`.
        """
        m, exits = len(measure.legs), np.arange(len(destination))
        shape = (names.shape[1], measure.n_arcs)
        ends = sparse(destination, m + exits, np.ones(len(exits)), shape)
        share = by_source[:, m:].sum(axis=1) / by_source[:, m:].sum()
        parts = [
            spread_of(
                *_solved(alone, ends, arcs_kg, pairs, n_effective * part),
                n_effective=n_effective * part,
                structural_sd=structural_sd,
                coefficient_spread=coefficient_spread,
                supply_sd=np.zeros(1),
            )
            for alone, arcs_kg, pairs, part in zip(
                measure.alone(), by_source, names, share.tolist(), strict=True
            )
        ]
        return cls(parts)

    def sd_kg(self, sums: sp.csr_array) -> NDArray[np.float64]:
        """Return the standard deviation of sums of arcs, kg."""
        blocks = [self._sd(sums[k : k + _BLOCK]) for k in range(0, sums.shape[0], _BLOCK)]
        sd: NDArray[np.float64] = np.concatenate(blocks or [np.zeros(0)])
        return sd

    def _sd(self, block: sp.csr_array) -> NDArray[np.float64]:
        variance, slope = np.zeros(block.shape[0]), np.zeros(1)
        for part in self.parts:
            moments = part.moments
            seen = moments.covariance(part.rows, block)
            explained = part.inverse @ seen
            own = (moments.variance(block) - (seen * explained).sum(axis=0)).clip(0)
            variance += own * part.total_kg**2 / part.n_effective
            moved = moments.covariance(block, part.causes)
            moved -= explained.T @ moments.covariance(part.rows, part.causes)
            slope = slope + part.total_kg * moved
        sd: NDArray[np.float64] = np.sqrt(variance + (slope**2).sum(axis=1))
        return sd

    def leverage(self, sums: sp.csr_array) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return how much of each sum the table fixes, and by which pairs; see `Spread`."""
        own, size = np.zeros(sums.shape[0]), np.zeros(sums.shape[0])
        contributions = []
        for part in self.parts:
            seen = part.moments.covariance(part.rows, sums)
            own += part.total_kg * part.moments.variance(sums)
            size += part.total_kg * (sums @ part.moments.arcs)
            contributions.append(part.total_kg * seen * (part.inverse @ seen))
        varies = own > _NO_SPREAD * np.maximum(size, 1e-300)
        contribution = np.vstack(contributions) / np.where(varies, own, 1.0)
        contribution = np.where(varies, contribution, 0.0)
        leverage = np.where(varies, np.clip(contribution.sum(axis=0), 0.0, 1.0), 1.0)
        return leverage, contribution


def _solved(
    measure: PathMeasure,
    ends: sp.csr_array,
    arcs_kg: NDArray[np.float64],
    names: NDArray[np.object_],
    n_effective: float,
) -> tuple[Problem, Solution]:
    """Put the flows of one source as the solution of a problem whose rows, the pairs, are exact."""
    kg = ends @ arcs_kg
    rows = Rows(
        names=names,
        general=sp.csr_matrix(ends),
        n_flows=0,
        n_exits=len(measure.exit_node),
        exit_of_row=np.zeros(0, dtype=np.intp),
        target_kg=kg,
        sd_kg=np.zeros(len(kg)),
    )
    none, zero = np.zeros((len(kg), 1)), np.zeros(1)
    solution = Solution(none, arcs_kg[:, None] / kg.sum(), zero, zero, 0)
    return Problem.of(measure, rows, n_effective=n_effective), solution
