"""Solving (I - W) y = r on large graphs: one sparse factorisation for each column of a batch.

The counterpart of `elimination` for graphs on which eliminating node by node would take long; same
calls, same answers. The order of elimination is found once for each graph. ``I - W`` is an M-matrix
exactly when the routes add up to something finite, and then ``(I - W) l = 1`` has a positive
solution, the mean length of routes: the test for divergence is one solve.

References
----------
.. [1] Li, X. S. (2005), "An overview of SuperLU: algorithms, implementation, and user interface",
   ACM Transactions on Mathematical Software 31(3).
.. [2] Berman, Plemmons (1994), Nonnegative Matrices in the Mathematical Sciences, ch. 6: pivots of
   an M-matrix, its positive vectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from opiateroutes.flows.kernel.elimination import SMALLEST_PIVOT

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SparseElimination", "SparseFactor"]


@dataclass(frozen=True)
class SparseFactor:
    """Factorisations of a batch of weights.

    Parameters
    ----------
    parts
        One factorisation for each column; None where the routes diverge.
    stable
        Shape ``(batch,)``.
    """

    parts: list[Any]
    stable: NDArray[np.bool_]

    def columns(self, chosen: NDArray[np.bool_]) -> SparseFactor:
        """Return some columns of the batch."""
        kept = [part for part, keep in zip(self.parts, chosen, strict=True) if keep]
        return SparseFactor(kept, self.stable[chosen])

    def put(self, columns: NDArray[np.intp], other: SparseFactor) -> None:
        """Write a factor of fewer columns into some of this one."""
        for column, part in zip(columns, other.parts, strict=True):
            self.parts[column] = part
        self.stable[columns] = other.stable


class SparseElimination:
    """Pattern of the equations of one graph.

    Parameters
    ----------
    n_nodes
        Number of nodes.
    tail, head
        Shape ``(legs,)``: node index where each leg starts and ends.

    Examples
    --------
    >>> chain = SparseElimination(2, np.array([0]), np.array([1]))
    >>> factor = chain.factor(np.array([[0.5]]))
    >>> chain.solve(factor, np.array([[[0.0]], [[1.0]]]))[:, 0, 0].tolist()
    [0.5, 1.0]
    """

    def __init__(self, n_nodes: int, tail: NDArray[np.intp], head: NDArray[np.intp]) -> None:
        self._n = n_nodes
        step = 0.5 / (1.0 + np.bincount(tail, minlength=n_nodes))[tail]
        diagonal = np.arange(n_nodes)
        ends = (np.concatenate([diagonal, tail]), np.concatenate([diagonal, head]))
        # The order depends on the pattern alone: any weights that converge will do.
        trial = sp.coo_array((np.concatenate([np.ones(n_nodes), -step]), ends)).tocsc()
        self._position = _factorise(trial, "MMD_AT_PLUS_A").perm_c.astype(np.int64)
        rows, columns = (self._position[end] for end in ends)
        entries, self._entry = np.unique(columns * n_nodes + rows, return_inverse=True)
        self._rows = (entries % n_nodes).astype(np.int32)
        starts = np.searchsorted(entries // n_nodes, np.arange(n_nodes + 1))
        self._starts = starts.astype(np.int32)

    def factor(self, weights: NDArray[np.float64]) -> SparseFactor:
        """Factorise ``I - W`` for every column of weights, shape ``(legs, batch)``."""
        parts = [self._factor_one(column) for column in weights.T]
        return SparseFactor(parts, np.array([part is not None for part in parts]))

    def _factor_one(self, weights: NDArray[np.float64]) -> Any:
        if not np.isfinite(weights).all():
            return None
        values = np.concatenate([np.ones(self._n), -weights])
        data = np.bincount(self._entry, values, len(self._rows))
        matrix = sp.csc_array((data, self._rows, self._starts), shape=(self._n, self._n))
        try:
            part = _factorise(matrix, "NATURAL")
        except RuntimeError:  # exactly singular
            return None
        # How long routes are from each node: positive and finite exactly where they converge.
        length = part.solve(np.ones(self._n))
        return part if (length > 0).all() and (length < 1.0 / SMALLEST_PIVOT).all() else None

    def solve(self, factor: SparseFactor, rhs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Solve ``(I - W) y = rhs``, shape ``(nodes, columns, batch)``; NaN where unstable."""
        return self._solve(factor, rhs, "N")

    def solve_transposed(
        self, factor: SparseFactor, rhs: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Solve ``(I - W') x = rhs``, shape ``(nodes, columns, batch)``; NaN where unstable."""
        return self._solve(factor, rhs, "T")

    def _solve(
        self, factor: SparseFactor, rhs: NDArray[np.float64], side: str
    ) -> NDArray[np.float64]:
        solution = np.full(rhs.shape, np.nan)
        for k, part in enumerate(factor.parts):
            if part is not None:
                ordered = np.empty(rhs.shape[:2], order="F")
                ordered[self._position] = rhs[:, :, k]
                solution[:, :, k] = part.solve(ordered, side)[self._position]
        return solution


def _factorise(matrix: sp.csc_array, order: str) -> Any:
    return splu(matrix, permc_spec=order, diag_pivot_thresh=0.0, options={"SymmetricMode": True})
