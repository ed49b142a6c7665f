"""The dual of the estimate: what a vector of multipliers is worth, and the flows it implies.

With multipliers ``t`` on the evidence rows, the tilted weights ``W(t) = R exp(-A't)``, the exits
``r(t)`` alike, ``y = (I - W)^-1 r``, supplies ``s`` and targets ``b`` in shares of the total supply
F0, and ``V = N (sd / F0)^2``, the dual of the estimate is::

    D(t) = - sum_s s_s ln y_s(t) - t . b - t' V t / 2

It is concave and smooth where the routes converge, and its own barrier there.

References
----------
.. [1] Akamatsu, T. (1997), "Decomposition of path choice entropy in general transport networks",
   Transportation Science 31(4): the entropy of paths as a sum over nodes.
.. [2] Csiszar, I. (1975), "I-divergence geometry of probability distributions and minimization
   problems", Annals of Probability 3(1): the projection and its duality.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.kernel.measure import PathMeasure
    from opiateroutes.flows.kernel.rows import Rows

__all__ = ["Point", "Problem", "evaluate", "flows_at", "primal_value"]


@dataclass(frozen=True, eq=False)
class Problem:
    """A path measure and what it is conditioned on, in shares of the total supply.

    Parameters
    ----------
    measure
        Reference measure.
    rows
        Evidence rows.
    supply
        Shape ``(sources, batch)``, shares that add up to 1.
    target
        Shape ``(rows, batch)``, shares of the supply.
    variance
        Shape ``(rows, batch)``: ``N (sd / F0)^2``; 0 for a hard row.
    """

    measure: PathMeasure
    rows: Rows
    supply: NDArray[np.float64]
    target: NDArray[np.float64]
    variance: NDArray[np.float64]

    @classmethod
    def of(cls, measure: PathMeasure, rows: Rows, *, n_effective: float) -> Problem:
        """Scale a measure and its rows to shares of the supply, a batch of one column."""
        supply = measure.supply_kg[measure.sources]
        total = supply.sum()
        return cls(
            measure,
            rows,
            supply=(supply / total)[:, None],
            target=rows.target_kg[:, None] / total,
            variance=n_effective * (rows.sd_kg[:, None] / total) ** 2,
        )


@dataclass(frozen=True, eq=False)
class Point:
    """Everything that one vector of multipliers implies.

    ``value`` has shape ``(batch,)`` and is minus infinity where the routes diverge; ``weights``
    ``(arcs, batch)`` and ``y`` ``(nodes, batch)`` are recentred, which changes no flow.
    """

    value: NDArray[np.float64]
    weights: NDArray[np.float64]
    factor: Any
    y: NDArray[np.float64]


def evaluate(problem: Problem, multipliers: NDArray[np.float64]) -> Point:
    """Evaluate the dual at multipliers of shape ``(rows, batch)``.

    Weights are recentred by the cheapest way out under the tilt, column by column: evidence that
    fights the prior needs multipliers of hundreds of nats, which would overflow otherwise. The
    value leaves out the part that recentring the reference measure has taken away, as does
    `primal_value`: large costs would drown the gap in rounding.
    """
    measure = problem.measure
    m = len(measure.legs)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        log = measure.centred[:, None] - problem.rows.tilt(multipliers)
        out, closed = measure.cheapest_way_out(log)
        log = log + out[measure.arc_tail]
        log[:m] -= out[measure.head]
        weights = np.exp(log)
        factor = measure.elimination.factor(weights[:m])
        reward = np.zeros((measure.n_nodes, 1, weights.shape[1]))
        np.add.at(reward[:, 0], measure.exit_node, weights[m:])
        y = measure.elimination.solve(factor, reward)[:, 0]
        at_source = y[measure.sources]
        fine = closed & factor.stable & np.isfinite(y).all(axis=0) & (y > 0).all(axis=0)
        entropy = np.log(np.where(fine, at_source, 1.0)) - out[measure.sources]
        penalty = (multipliers * (problem.target + 0.5 * problem.variance * multipliers)).sum(0)
        value = np.where(fine, -(problem.supply * entropy).sum(axis=0) - penalty, -np.inf)
    return Point(value, weights, factor, y)


def flows_at(problem: Problem, point: Point) -> NDArray[np.float64]:
    """Return the flows on all arcs that a point implies, in shares of the supply."""
    measure = problem.measure
    start = np.zeros((measure.n_nodes, 1, point.y.shape[1]))
    start[measure.sources, 0] = problem.supply / point.y[measure.sources]
    visits = measure.elimination.solve_transposed(point.factor, start)[:, 0]
    at_exit = np.ones((len(measure.exit_node), point.y.shape[1]))
    ahead = np.concatenate([point.y[measure.head], at_exit])
    arcs: NDArray[np.float64] = visits[measure.arc_tail] * point.weights * ahead
    return arcs


def primal_value(problem: Problem, arcs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute the primal objective of any flows directly from its definition, shape ``(batch,)``.

    Parameters
    ----------
    problem
        The problem; hard rows are taken to hold.
    arcs
        Shape ``(arcs, batch)``, shares of the supply, in balance at every node.

    Returns
    -------
    numpy.ndarray
        Path divergence from the recentred reference measure plus penalty, in nats for each unit of
        supply.
    """
    measure = problem.measure
    through = np.zeros((measure.n_nodes, arcs.shape[1]))
    np.add.at(through, measure.arc_tail, arcs)
    used = arcs > 0
    safe = np.where(used, arcs, 1.0)
    share = safe / np.where(used, through[measure.arc_tail], 1.0)
    divergence = np.where(used, safe * (np.log(share) - measure.centred[:, None]), 0.0).sum(0)
    soft = problem.variance > 0
    miss = problem.rows.values(arcs) - problem.target
    penalty = np.where(soft, miss**2 / np.where(soft, problem.variance, 1.0), 0.0).sum(axis=0)
    value: NDArray[np.float64] = divergence + 0.5 * penalty
    return value
