"""Solving (I - W) y = r on large graphs: one sparse factorisation for each column of a batch.

The counterpart of `elimination` for graphs on which eliminating node by node would take long; same
calls, same answers. Pivots are taken on the diagonal, as they are all positive exactly when the
routes add up to something finite.

References
----------
.. [1] Li, X. S. (2005), "An overview of SuperLU: algorithms, implementation, and user interface",
   ACM Transactions on Mathematical Software 31(3).
.. [2] Berman, Plemmons (1994), Nonnegative Matrices in the Mathematical Sciences, ch. 6: pivots of
   an M-matrix.
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
        diagonal = np.arange(n_nodes)
        self._rows = np.concatenate([diagonal, tail])
        self._columns = np.concatenate([diagonal, head])

    def factor(self, weights: NDArray[np.float64]) -> SparseFactor:
        """Factorise ``I - W`` for every column of weights, shape ``(legs, batch)``."""
        parts = [self._factor_one(column) for column in weights.T]
        return SparseFactor(parts, np.array([part is not None for part in parts]))

    def _factor_one(self, weights: NDArray[np.float64]) -> Any:
        if not np.isfinite(weights).all():
            return None
        values = np.concatenate([np.ones(self._n), -weights])
        shape = (self._n, self._n)
        matrix = sp.coo_array((values, (self._rows, self._columns)), shape=shape).tocsc()
        try:
            part = splu(
                matrix,
                permc_spec="MMD_AT_PLUS_A",
                diag_pivot_thresh=0.0,
                options={"SymmetricMode": True},
            )
        except RuntimeError:  # exactly singular
            return None
        return part if (part.U.diagonal() > SMALLEST_PIVOT).all() else None

    def solve(self, factor: SparseFactor, rhs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Solve ``(I - W) y = rhs``, shape ``(nodes, columns, batch)``; NaN where unstable."""
        return self._solve(factor, rhs, "N")

    def solve_transposed(
        self, factor: SparseFactor, rhs: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Solve ``(I - W') x = rhs``, shape ``(nodes, columns, batch)``; NaN where unstable."""
        return self._solve(factor, rhs, "T")

    @staticmethod
    def _solve(factor: SparseFactor, rhs: NDArray[np.float64], side: str) -> NDArray[np.float64]:
        solution = np.full(rhs.shape, np.nan)
        for k, part in enumerate(factor.parts):
            if part is not None:
                solution[:, :, k] = part.solve(np.ascontiguousarray(rhs[:, :, k]), side)
        return solution
