"""The Newton direction of the dual, with the rows on single exits eliminated.

All columns of a batch are solved together; see `condition` for the notation. The covariance of what
two rows count on a random route follows from the visits after each step (Kemeny, Snell 1976,
Finite Markov Chains, ch. 3), so that nothing of the size rows x arcs is built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from opiateroutes.errors import ConvergenceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.kernel.dual import Point, Problem

__all__ = ["newton_step"]

_EPSILON = 4e-16

_RANK_TOLERANCE = 1e-12
"""Below this a direction is one that the dual does not see (all exits hard): left alone."""


def newton_step(
    problem: Problem,
    point: Point,
    visits: NDArray[np.float64],
    arcs: NDArray[np.float64],
    gradient: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Solve ``(Cov + V) d = gradient`` for every column.

    Parameters
    ----------
    problem, point
        The problem and the current point.
    visits
        Shape ``(nodes, sources, batch)``: from `visits_from_sources`.
    arcs
        Shape ``(arcs, batch)``: flows at the point.
    gradient
        Shape ``(rows, batch)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(rows, batch)``.
    """
    rows = problem.rows
    k = rows.n_general
    # A hard row may leave directions that the dual does not see; soft rows never do.
    hard = (problem.variance == 0).any(axis=0)
    at = problem.measure.exit_node[rows.exit_of_row]
    ends = visits[at] * point.weights[rows.exit_arc][:, None, :]
    diagonal = arcs[rows.exit_arc] + problem.variance[k:]
    exits = _ExitBlock(diagonal, ends, problem.supply, hard)
    if k == 0:
        return exits.solve(gradient[:, None, :])[:, 0]
    general, cross = _general_blocks(problem, point, visits, arcs, ends)
    eliminated = exits.solve(np.concatenate([cross, gradient[k:, None, :]], axis=1))
    inner = _products(cross, eliminated)
    right = gradient[:k].T - inner[:, :, k]
    above = _solve(general - inner[:, :, :k], right[:, :, None], hard)[:, :, 0].T
    below = eliminated[:, k] - np.einsum("rkb,kb->rb", eliminated[:, :k], above)
    return np.concatenate([above, below])


def _products(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Multiply ``(rows, k, batch)`` by ``(rows, l, batch)`` over the rows: ``(batch, k, l)``."""
    left = np.ascontiguousarray(first.transpose(2, 1, 0))
    product: NDArray[np.float64] = left @ np.ascontiguousarray(second.transpose(2, 0, 1))
    return product


def _solve(
    matrices: NDArray[np.float64], right: NDArray[np.float64], hard: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Solve symmetric ``(batch, k, k)`` systems for ``(batch, k, columns)``.

    They are scaled to a unit diagonal. Those with hard rows are solved by eigenvalues, and
    directions that the dual does not see give 0.
    """
    if not np.isfinite(matrices).all():
        raise ConvergenceError(
            "the weights of the routes have left the range of numbers: the evidence and the costs "
            "are too far apart; widen the intervals of the evidence or check its units"
        )
    size = np.sqrt(np.maximum(np.einsum("bkk->bk", matrices), 1e-300))[:, :, None]
    scaled = matrices / size / size.transpose(0, 2, 1)
    unit = right / size
    if not hard.any():
        # Rounding may hide the own noise of a row that others all but determine.
        scaled += _EPSILON * np.eye(size.shape[1])
        solution: NDArray[np.float64] = np.linalg.solve(scaled, unit) / size
        return solution
    values, vectors = np.linalg.eigh(scaled)
    seen = values > _RANK_TOLERANCE
    inverse = np.where(seen, 1.0 / np.where(seen, values, 1.0), 0.0)
    onto = inverse[:, :, None] * (vectors.transpose(0, 2, 1) @ unit)
    by_values: NDArray[np.float64] = (vectors @ onto) / size
    return by_values


class _ExitBlock:
    """``diag(d) - p diag(s) p'`` and its inverse (Woodbury)."""

    def __init__(
        self,
        diagonal: NDArray[np.float64],
        ends: NDArray[np.float64],
        supply: NDArray[np.float64],
        hard: NDArray[np.bool_],
    ) -> None:
        self._diagonal = diagonal
        self._scaled = ends / diagonal[:, None, :]
        core = -_products(ends, self._scaled)
        q = np.arange(ends.shape[1])
        core[:, q, q] += 1.0 / supply.T
        self._core = _solve(core, np.broadcast_to(np.eye(len(q)), core.shape), hard)

    def solve(self, rhs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Apply the inverse to ``(rows, columns, batch)``."""
        first = rhs / self._diagonal[:, None, :]
        inner = self._core @ _products(self._scaled, rhs)
        first += np.einsum("rqb,bqc->rcb", self._scaled, inner)
        return first


def _general_blocks(
    problem: Problem,
    point: Point,
    visits: NDArray[np.float64],
    arcs: NDArray[np.float64],
    ends: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Covariance among the general rows (plus V), ``(batch, k, k)``, and with the exit rows."""
    measure, rows, y = problem.measure, problem.rows, point.y
    k, m, batch = rows.n_general, len(measure.legs), y.shape[1]
    row, arc, count = sp.find(rows.general)
    flow = count[:, None] * arcs[arc]
    # What a row has counted when a route arrives at a node, carried on to wherever it goes next.
    # Rows that add up exits count nothing before a route ends.
    inner = arc < m
    moving = np.unique(row[inner])
    head = measure.head[arc[inner]]
    counted = np.zeros((measure.n_nodes, len(moving), batch))
    at_row = np.searchsorted(moving, row[inner])
    np.add.at(counted, (head, at_row), flow[inner] / y[head])
    onward = measure.elimination.solve_transposed(point.factor, counted)
    ahead = np.concatenate([y[measure.head], np.ones((len(measure.exit_node), batch))])[arc]
    tail = measure.arc_tail[arc]
    step = count[:, None] * point.weights[arc] * ahead
    gather = sp.coo_array((np.ones(len(row)), (row, np.arange(len(row)))), shape=(k, len(row)))
    gather = gather.tocsr()
    later = np.zeros((k, k, batch))
    later[:, moving] = _gathered(gather, onward[tail] * step[:, None])
    mean = _gathered(gather, visits[tail] * step[:, None])
    together = (rows.general_squares @ arcs).reshape(k, k, batch)
    general = together + later + later.transpose(1, 0, 2)
    general -= np.einsum("kqb,qb,lqb->klb", mean, problem.supply, mean)
    diagonal = np.arange(k)
    general[diagonal, diagonal] += problem.variance[:k]
    at = measure.exit_node[rows.exit_of_row]
    cross = np.zeros((len(at), k, batch))
    cross[:, moving] = onward[at] * point.weights[rows.exit_arc][:, None, :]
    for r, c, value in zip(*sp.find(rows.general[:, rows.exit_arc]), strict=True):
        cross[c, r] += value * arcs[rows.exit_arc[c]]
    cross -= np.einsum("rqb,qb,kqb->rkb", ends, problem.supply, mean)
    return np.ascontiguousarray(general.transpose(2, 0, 1)), cross


def _gathered(gather: sp.csr_array, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add ``(entries, columns, batch)`` up by row of each entry."""
    flat = gather @ values.reshape(values.shape[0], -1)
    gathered: NDArray[np.float64] = flat.reshape(gather.shape[0], *values.shape[1:])
    return gathered
