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

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.kernel.measure import PathMeasure
    from opiateroutes.flows.kernel.rows import Rows

__all__ = [
    "Point",
    "Problem",
    "evaluate",
    "flows_at",
    "flows_of_visits",
    "primal_value",
    "visits_from_sources",
]


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
    log_weight
        Shape ``(arcs, batch)``: recentred reference log weights; None for those of the measure in
        every column.
    """

    measure: PathMeasure
    rows: Rows
    supply: NDArray[np.float64]
    target: NDArray[np.float64]
    variance: NDArray[np.float64]
    log_weight: NDArray[np.float64] | None = None

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

    @property
    def log_reference(self) -> NDArray[np.float64]:
        """Recentred reference log weights, shape ``(arcs, batch)`` or ``(arcs, 1)``."""
        return self.measure.centred[:, None] if self.log_weight is None else self.log_weight

    def columns(self, chosen: NDArray[np.bool_]) -> Problem:
        """Return some columns of the batch as a problem of their own."""
        return replace(
            self,
            supply=self.supply[:, chosen],
            target=self.target[:, chosen],
            variance=self.variance[:, chosen],
            log_weight=None if self.log_weight is None else self.log_weight[:, chosen],
        )

    def put(self, columns: NDArray[np.intp], other: Problem) -> None:
        """Write a problem of fewer columns into some of this one."""
        self.supply[:, columns] = other.supply
        self.target[:, columns] = other.target
        self.variance[:, columns] = other.variance
        if self.log_weight is not None:
            self.log_weight[:, columns] = other.log_reference


@dataclass(frozen=True, eq=False)
class Point:
    """Everything that one vector of multipliers implies.

    Parameters
    ----------
    value
        Shape ``(batch,)``: the dual; minus infinity where the routes diverge.
    shift
        Shape ``(nodes, batch)``: potentials that the weights are recentred by; changes no flow.
    weights
        Shape ``(arcs, batch)``.
    factor
        Of the elimination.
    y
        Shape ``(nodes, batch)``: what is ahead of each node, after recentring.
    """

    value: NDArray[np.float64]
    shift: NDArray[np.float64]
    weights: NDArray[np.float64]
    factor: Any
    y: NDArray[np.float64]

    def columns(self, chosen: NDArray[np.bool_]) -> Point:
        """Return some columns of the batch."""
        return Point(
            self.value[chosen],
            self.shift[:, chosen],
            self.weights[:, chosen],
            self.factor.columns(chosen),
            self.y[:, chosen],
        )

    def put(self, columns: NDArray[np.intp], other: Point) -> None:
        """Write a point of fewer columns into some of this one."""
        self.value[columns] = other.value
        self.shift[:, columns] = other.shift
        self.weights[:, columns] = other.weights
        self.factor.put(columns, other.factor)
        self.y[:, columns] = other.y


def evaluate(
    problem: Problem,
    multipliers: NDArray[np.float64],
    shift: NDArray[np.float64] | None = None,
) -> Point:
    """Evaluate the dual at multipliers of shape ``(rows, batch)``.

    Parameters
    ----------
    problem
        The problem.
    multipliers
        Shape ``(rows, batch)``.
    shift
        Shape ``(nodes, batch)``: potentials to recentre the weights by, those of a point near by.
        By default the cheapest way out under the tilt, column by column: evidence that fights the
        prior needs multipliers of hundreds of nats, which would overflow otherwise.

    Returns
    -------
    Point
        Its value leaves out the part that recentring the reference measure has taken away, as does
        `primal_value`: large costs would drown the gap in rounding.
    """
    measure = problem.measure
    m = len(measure.legs)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        log = problem.log_reference - problem.rows.tilt(multipliers)
        closed: NDArray[np.bool_] | bool = True
        if shift is None:
            out, closed = measure.cheapest_way_out(log)
            shift = -out
        log -= shift[measure.arc_tail]
        log[:m] += shift[measure.head]
        weights = np.exp(log)
        factor = measure.elimination.factor(weights[:m])
        reward = measure.exits_at_nodes @ weights[m:]
        y = measure.elimination.solve(factor, reward[:, None])[:, 0]
        fine = closed & factor.stable & np.isfinite(y).all(axis=0) & (y > 0).all(axis=0)
        at_source = y[measure.sources]
        entropy = np.log(np.where(fine, at_source, 1.0)) + shift[measure.sources]
        penalty = (multipliers * (problem.target + 0.5 * problem.variance * multipliers)).sum(0)
        value = np.where(fine, -(problem.supply * entropy).sum(axis=0) - penalty, -np.inf)
    return Point(value, shift, weights, factor, y)


def flows_at(problem: Problem, point: Point) -> NDArray[np.float64]:
    """Return the flows on all arcs that a point implies, in shares of the supply."""
    return flows_of_visits(problem, point, visits_from_sources(problem, point))


def visits_from_sources(problem: Problem, point: Point) -> NDArray[np.float64]:
    """Return the visits of each node by a route from each source, ``(nodes, sources, batch)``.

    Divided by what is ahead of the node: times a weight and what is ahead of its end, they give the
    mean use of an arc.
    """
    measure = problem.measure
    sources = measure.sources
    start = np.zeros((measure.n_nodes, len(sources), point.y.shape[1]))
    start[sources, np.arange(len(sources))] = 1.0 / point.y[sources]
    return measure.elimination.solve_transposed(point.factor, start)


def flows_of_visits(
    problem: Problem, point: Point, visits: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the flows on all arcs, in shares of the supply, from the visits by source."""
    measure = problem.measure
    m = len(measure.legs)
    through = np.einsum("nqb,qb->nb", visits, problem.supply)
    arcs: NDArray[np.float64] = through[measure.arc_tail] * point.weights
    arcs[:m] *= point.y[measure.head]
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
    through = measure.arcs_at_nodes @ arcs
    used = arcs > 0
    safe = np.where(used, arcs, 1.0)
    share = safe / np.where(used, through[measure.arc_tail], 1.0)
    divergence = np.where(used, safe * (np.log(share) - problem.log_reference), 0.0).sum(0)
    soft = problem.variance > 0
    miss = problem.rows.values(arcs) - problem.target
    penalty = np.where(soft, miss**2 / np.where(soft, problem.variance, 1.0), 0.0).sum(axis=0)
    value: NDArray[np.float64] = divergence + 0.5 * penalty
    return value
