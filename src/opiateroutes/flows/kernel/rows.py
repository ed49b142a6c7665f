"""Evidence rows of the estimation problem: ``a . f = b`` with a standard deviation.

Rows that concern one exit alone (demand and seizures) are kept apart from the others: the solver
eliminates them in closed form, whatever their number.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Rows"]


@dataclass(frozen=True, eq=False)
class Rows:
    """Evidence on the arcs (legs, then exits) of a path measure.

    Parameters
    ----------
    names
        Shape ``(K + R,)``: general rows first, then rows on a single exit.
    general
        Shape ``(K, arcs)``, sparse: coefficients of the general rows.
    n_flows
        How many general rows, the first, are on flows (published flows, shares of flows, rates of
        interception: their coefficients may have either sign); the others add up exits.
    n_exits
        Number of exits of the measure.
    exit_of_row
        Shape ``(R,)``: index (among the exits) that each other row binds; no exit twice.
    target_kg
        Shape ``(K + R,)`` or ``(K + R, batch)``.
    sd_kg
        Same shape; 0 makes a row hard.
    """

    names: NDArray[np.object_]
    general: sp.csr_matrix
    n_flows: int
    n_exits: int
    exit_of_row: NDArray[np.intp]
    target_kg: NDArray[np.float64]
    sd_kg: NDArray[np.float64]

    @property
    def exit_arc(self) -> NDArray[np.intp]:
        """Arc index of the exit that each single-exit row binds."""
        arcs = int(self.general.shape[1])
        return arcs - self.n_exits + self.exit_of_row

    @property
    def n_general(self) -> int:
        """Number of rows that the solver keeps dense."""
        return int(self.general.shape[0])

    @property
    def exact_on_exits(self) -> NDArray[np.bool_]:
        """Which rows on exits must hold exactly, shape ``(K + R,)``."""
        exact: NDArray[np.bool_] = (self.sd_kg == 0) & (np.arange(len(self.names)) >= self.n_flows)
        return exact

    @property
    def all_bound_hard(self) -> bool:
        """Whether every row on exits must hold exactly."""
        exact = self.exact_on_exits[self.n_flows :]
        return bool(exact.all()) and len(exact) > 0

    @property
    def all_exits_hard(self) -> bool:
        """Whether every exit must hold exactly, so that the exits alone fix the supply."""
        bound = self.general[self.n_flows :].nnz + len(self.exit_of_row)
        return self.all_bound_hard and bound == self.n_exits

    @cached_property
    def general_squares(self) -> sp.csr_array:
        """Products of the coefficients of two general rows on an arc, ``(K * K, arcs)``."""
        general = sp.csc_array(self.general)
        counts = np.diff(general.indptr)
        count = self.n_general
        pairs = counts**2
        arc = np.repeat(np.arange(len(counts)), pairs)
        start = np.repeat(general.indptr[:-1], pairs)
        within = np.arange(len(arc)) - np.repeat(np.cumsum(pairs) - pairs, pairs)
        wide = np.repeat(counts, pairs)
        first, second = start + within // wide, start + within % wide
        rows = general.indices[first] * count + general.indices[second]
        values = general.data[first] * general.data[second]
        shape = (count * count, general.shape[1])
        return sp.coo_array((values, (rows, arc)), shape=shape).tocsr()

    def tilt(self, multipliers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``A' t``, shape ``(arcs, batch)``, for multipliers of shape ``(rows, batch)``."""
        k = self.n_general
        tilt = np.asarray(self.general.T @ multipliers[:k])
        tilt[self.exit_arc] += multipliers[k:]
        return tilt

    def values(self, arcs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``A f``, shape ``(rows, batch)``, for flows of shape ``(arcs, batch)``."""
        return np.concatenate([self.general @ arcs, arcs[self.exit_arc]])

    def matrix(self) -> sp.csr_matrix:
        """Return all rows as one sparse matrix, shape ``(rows, arcs)``."""
        count = len(self.exit_of_row)
        single = sp.csr_matrix(
            (np.ones(count), (np.arange(count), self.exit_arc)),
            shape=(count, self.general.shape[1]),
        )
        return sp.vstack([self.general, single]).tocsr()
