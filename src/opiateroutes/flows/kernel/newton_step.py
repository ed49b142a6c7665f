"""The Newton direction of the dual, with the rows on single exits eliminated.

All columns of a batch are solved together; see `condition` for the notation. The covariance of what
two rows count on a random route follows from the visits after each step (Kemeny, Snell 1976,
Finite Markov Chains, ch. 3), so that nothing of the size rows x arcs is built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

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

    Rows on single exits have a diagonal ``D`` less one of rank "number of sources". What they share
    with each other and with the other rows depends on their node alone, so that they are eliminated
    node by node, whatever their number.

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
        Shape ``(rows, batch)``; not finite where weights are beyond the range of numbers.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return _direction(problem, point, visits, arcs, gradient)


def _direction(
    problem: Problem,
    point: Point,
    visits: NDArray[np.float64],
    arcs: NDArray[np.float64],
    gradient: NDArray[np.float64],
) -> NDArray[np.float64]:
    rows, k = problem.rows, problem.rows.n_general
    # A hard row may leave directions that the dual does not see; soft rows never do.
    hard = (problem.variance == 0).any(axis=0)
    at = problem.measure.exit_node[rows.exit_of_row]
    # As probabilities: weights alone may be far from 1 where a step was long.
    weight = point.weights[rows.exit_arc] / point.y[at]
    visits = visits * point.y[:, None]
    diagonal = arcs[rows.exit_arc] + problem.variance[k:]
    share = weight / diagonal
    to_nodes = sp.csr_array(
        (np.ones(len(at)), (at, np.arange(len(at)))), shape=(problem.measure.n_nodes, len(at))
    )
    general, drift = _general_blocks(problem, point, visits, arcs)
    basis = np.empty((visits.shape[2], k + visits.shape[1], len(visits)))
    basis[:, :k], basis[:, k:] = drift.transpose(2, 1, 0), visits.transpose(2, 1, 0)
    scaled = basis * (to_nodes @ (weight * share)).T[:, None, :]
    inner = basis @ scaled.transpose(0, 2, 1)
    toward = (basis @ (to_nodes @ (share * gradient[k:])).T[:, :, None])[:, :, 0]
    both = _Both.of(problem, arcs, share, diagonal)
    both.add_to(inner, toward, basis, gradient[k:])
    core = -inner[:, k:, k:]
    q = np.arange(core.shape[1])
    core[:, q, q] += 1.0 / problem.supply.T
    coupling = inner[:, :k, k:]
    sides = np.concatenate([coupling.transpose(0, 2, 1), toward[:, k:, None]], axis=2)
    held = _solve(core, sides, hard)
    schur = general - inner[:, :k, :k] - coupling @ held[:, :, :k]
    right = gradient[:k].T - toward[:, :k] - (coupling @ held[:, :, k:])[:, :, 0]
    above = _solve(schur, right[:, :, None], hard)
    onto_sources = held[:, :, k:] - held[:, :, :k] @ above
    direction = np.concatenate([-above, onto_sources], axis=1).transpose(0, 2, 1)
    at_nodes = np.ascontiguousarray((direction @ basis)[:, 0].T)
    below = (gradient[k:] - both.times(above[:, :, 0].T)) / diagonal + share * at_nodes[at]
    return np.concatenate([above[:, :, 0].T, below])


class _Both(NamedTuple):
    """Arcs that a row on a single exit shares with another row: few, so one by one."""

    exit_row: NDArray[np.intp]
    general: NDArray[np.intp]
    node: NDArray[np.intp]
    value: NDArray[np.float64]
    share: NDArray[np.float64]
    diagonal: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        problem: Problem,
        arcs: NDArray[np.float64],
        share: NDArray[np.float64],
        diagonal: NDArray[np.float64],
    ) -> _Both:
        rows = problem.rows
        general, exit_row, count = sp.find(rows.general[:, rows.exit_arc])
        node = problem.measure.exit_node[rows.exit_of_row[exit_row]]
        value = count[:, None] * arcs[rows.exit_arc[exit_row]]
        return cls(exit_row, general, node, value, share, diagonal)

    def add_to(
        self,
        inner: NDArray[np.float64],
        toward: NDArray[np.float64],
        basis: NDArray[np.float64],
        gradient: NDArray[np.float64],
    ) -> None:
        """Add what the shared arcs contribute to the products of the elimination."""
        for r, g, node, value in zip(*self[:4], strict=True):
            along = basis[:, :, node] * (value * self.share[r])[:, None]
            inner[:, :, g] += along
            inner[:, g, :] += along
            toward[:, g] += value * gradient[r] / self.diagonal[r]
            for other in np.flatnonzero(self.exit_row == r):
                inner[:, g, self.general[other]] += value * self.value[other] / self.diagonal[r]

    def times(self, above: NDArray[np.float64]) -> NDArray[np.float64]:
        """Multiply by the direction of the general rows, ``(rows on exits, batch)``."""
        product = np.zeros_like(self.diagonal)
        np.add.at(product, self.exit_row, self.value * above[self.general])
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
    if matrices.shape[1] == 0 or not hard.any():
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


def _general_blocks(
    problem: Problem,
    point: Point,
    visits: NDArray[np.float64],
    arcs: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Covariance among the general rows (plus V), ``(batch, k, k)``, and with the exits.

    The second, ``(nodes, k, batch)``, times the probability of an exit is what a row counts on the
    way to it, more than on an average route; the exit itself not counted. Visits are as counted.
    """
    measure, rows, y = problem.measure, problem.rows, point.y
    k, m, batch = rows.n_general, len(measure.legs), y.shape[1]
    drift = np.zeros((measure.n_nodes, k, batch))
    if k == 0:
        return np.zeros((batch, 0, 0)), drift
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
    onward = measure.elimination.solve_transposed(point.factor, counted) * y[:, None]
    ahead = np.concatenate([y[measure.head], np.ones((len(measure.exit_node), batch))])[arc]
    tail = measure.arc_tail[arc]
    step = count[:, None] * point.weights[arc] * ahead / y[tail]
    gather = sp.coo_array((np.ones(len(row)), (row, np.arange(len(row)))), shape=(k, len(row)))
    gather = gather.tocsr()
    later = np.zeros((k, k, batch))
    later[:, moving] = _gathered(gather, onward[tail] * step[:, None])
    mean = _gathered(gather, visits[tail] * step[:, None])
    general = (rows.general_squares @ arcs).reshape(k, k, batch)
    general += later
    general += later.transpose(1, 0, 2)
    drift[:, moving] = onward
    for source, supply in enumerate(problem.supply):
        expected = mean[:, source] * supply
        general -= mean[:, None, source] * expected
        for row in range(k):
            drift[:, row] -= visits[:, source] * expected[row]
    diagonal = np.arange(k)
    general[diagonal, diagonal] += problem.variance[:k]
    return np.ascontiguousarray(general.transpose(2, 0, 1)), drift


def _gathered(gather: sp.csr_array, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add ``(entries, columns, batch)`` up by row of each entry."""
    flat = gather @ values.reshape(values.shape[0], -1)
    gathered: NDArray[np.float64] = flat.reshape(gather.shape[0], *values.shape[1:])
    return gathered
