"""The Newton direction of the dual, with the rows on single exits eliminated.

All columns of a batch are solved together; see `condition` for the notation.
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

_RANK_TOLERANCE = 1e-12
"""Below this a direction is one that the dual does not see (all exits hard): left alone."""


def newton_step(
    problem: Problem,
    point: Point,
    arcs: NDArray[np.float64],
    gradient: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Solve ``(Cov + V) d = gradient`` for every column.

    Parameters
    ----------
    problem, point
        The problem and the current point.
    arcs
        Shape ``(arcs, batch)``: flows at the point.
    gradient
        Shape ``(rows, batch)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(rows, batch)``.
    """
    k = problem.rows.n_general
    ends = _end_probabilities(problem, point)
    diagonal = arcs[problem.rows.exit_arc] + problem.variance[k:]
    exits = _ExitBlock(diagonal, ends, problem.supply)
    if k == 0:
        return exits.solve(gradient[:, None, :])[:, 0]
    general, cross = _general_blocks(problem, point, arcs, ends)
    rhs = np.concatenate([cross, gradient[k:, None, :]], axis=1)
    eliminated = exits.solve(rhs)
    schur = general - np.einsum("rkb,rlb->klb", cross, eliminated[:, :k])
    right = gradient[:k] - np.einsum("rkb,rb->kb", cross, eliminated[:, k])
    above = _solve(schur.transpose(2, 0, 1), right.T)
    below = eliminated[:, k] - np.einsum("rkb,kb->rb", eliminated[:, :k], above)
    return np.concatenate([above, below])


def _inverse(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Invert symmetric matrices scaled to 1, ``(batch, k, k)``; unseen directions give 0."""
    if not np.isfinite(matrices).all():
        raise ConvergenceError(
            "the weights of the routes have left the range of numbers: the evidence and the costs "
            "are too far apart; widen the intervals of the evidence or check its units"
        )
    values, vectors = np.linalg.eigh(matrices)
    seen = values > _RANK_TOLERANCE
    inverse = np.where(seen, 1.0 / np.where(seen, values, 1.0), 0.0)
    result: NDArray[np.float64] = (vectors * inverse[:, None, :]) @ vectors.transpose(0, 2, 1)
    return result


def _solve(matrices: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Solve ``(batch, k, k)`` systems for ``(batch, k)``; return ``(k, batch)``."""
    size = np.sqrt(np.maximum(np.einsum("bkk->bk", matrices), 1e-300))
    scaled = matrices / size[:, :, None] / size[:, None, :]
    solution: NDArray[np.float64] = _inverse(scaled) @ (right / size)[:, :, None]
    step: NDArray[np.float64] = solution[:, :, 0] / size
    return step.T


class _ExitBlock:
    """``diag(d) - p diag(s) p'`` and its inverse (Woodbury)."""

    def __init__(
        self,
        diagonal: NDArray[np.float64],
        ends: NDArray[np.float64],
        supply: NDArray[np.float64],
    ) -> None:
        self._diagonal = diagonal
        self._scaled = ends / diagonal[:, None, :]
        core = -np.einsum("rqb,rpb->bqp", ends, self._scaled)
        q = np.arange(ends.shape[1])
        core[:, q, q] += 1.0 / supply.T
        # Scaled so that its eigenvalues lie between 0 and 1, whatever the shares.
        size = np.sqrt(supply.T)
        inverse = _inverse(core * size[:, :, None] * size[:, None, :])
        self._core = inverse * size[:, :, None] * size[:, None, :]

    def solve(self, rhs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Apply the inverse to ``(rows, columns, batch)``."""
        first = rhs / self._diagonal[:, None, :]
        inner = np.einsum("rqb,rcb->bqc", self._scaled, rhs)
        correction: NDArray[np.float64] = np.einsum(
            "rqb,bqc->rcb", self._scaled, self._core @ inner
        )
        return first + correction


def _end_probabilities(problem: Problem, point: Point) -> NDArray[np.float64]:
    """Probability that a route from each source ends in the exit of each row, (rows, q, batch)."""
    measure, rows = problem.measure, problem.rows
    sources, batch = measure.sources, point.y.shape[1]
    start = np.zeros((measure.n_nodes, len(sources), batch))
    start[sources, np.arange(len(sources))] = 1.0 / point.y[sources]
    visits = measure.elimination.solve_transposed(point.factor, start)
    at = measure.exit_node[rows.exit_of_row]
    return visits[at] * point.weights[rows.exit_arc][:, None, :]


def _general_blocks(
    problem: Problem,
    point: Point,
    arcs: NDArray[np.float64],
    ends: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Covariance among the general rows (plus V), and between them and the exit rows.

    The first is a sum of squares of martingale increments, hence positive semidefinite by
    construction; the second is an expectation less the product of means.
    """
    measure, rows, y = problem.measure, problem.rows, point.y
    k, m, batch = rows.n_general, len(measure.legs), y.shape[1]
    coefficients = rows.general.toarray()[:, :, None]
    # What a row still collects from each node on: G = (I - P)^-1 (one-step rewards). Only the few
    # arcs that a row counts collect anything.
    row, arc, count = sp.find(rows.general)
    through = np.maximum(_through(problem, arcs), 1e-300)
    tail = measure.arc_tail[arc]
    reward = np.zeros((measure.n_nodes, k, batch))
    one_step = count[:, None] * arcs[arc] / through[tail] * y[tail]
    np.add.at(reward, (tail, row), one_step)
    ahead = measure.elimination.solve(point.factor, reward) / y[:, None, :]
    increment = np.broadcast_to(coefficients, (k, len(arcs), batch)).copy()
    increment -= ahead[measure.arc_tail].transpose(1, 0, 2)
    increment[:, :m] += ahead[measure.head].transpose(1, 0, 2)
    weighted = (increment * arcs).transpose(2, 0, 1)
    general = (weighted @ increment.transpose(2, 1, 0)).transpose(1, 2, 0)
    diagonal = np.arange(k)
    general[diagonal, diagonal] += problem.variance[:k]
    # What a row has collected by the time a route ends in an exit.
    collected = np.zeros((measure.n_nodes, k, batch))
    inner = arc < m
    head = measure.head[arc[inner]]
    gained = count[inner, None] * arcs[arc[inner]] / y[head]
    np.add.at(collected, (head, row[inner]), gained)
    visits = measure.elimination.solve_transposed(point.factor, collected)
    at = measure.exit_node[rows.exit_of_row]
    joint = visits[at] * point.weights[rows.exit_arc][:, None, :]
    joint += (coefficients[:, rows.exit_arc] * arcs[rows.exit_arc]).transpose(1, 0, 2)
    mean = ahead[measure.sources]
    return general, joint - np.einsum("rqb,qb,qkb->rkb", ends, problem.supply, mean)


def _through(problem: Problem, arcs: NDArray[np.float64]) -> NDArray[np.float64]:
    through = np.zeros((problem.measure.n_nodes, arcs.shape[1]))
    np.add.at(through, problem.measure.arc_tail, arcs)
    return through
