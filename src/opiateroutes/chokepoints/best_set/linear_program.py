"""The value of a chain under binary gates, in linear constraints, and the solver.

References
----------
.. [1] McCormick (1976), "Computability of global solutions to factorable nonconvex programs",
   Mathematical Programming 10: exact for a binary times a bounded variable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint

from opiateroutes.chokepoints.quiet_milp import quiet_milp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from opiateroutes.chokepoints.best_set.problem import BestSetProblem
    from opiateroutes.chokepoints.best_set.values import GatedValue

__all__ = ["Choice", "Solved", "bounds_of", "solve", "values_above", "values_below"]

_SCALE = 1e6
"""The solver stops at an absolute gap of 1e-6: the objective is scaled so that this is nothing."""


@dataclass(frozen=True, eq=False)
class Solved:
    """What the solver found: a set or None, a lower bound, and whether it is proved."""

    chosen: tuple[int, ...] | None
    bound: float
    proved: bool


@dataclass(frozen=True, eq=False)
class Choice:
    """Columns of gates and elements behind those of values, and the rows that tie them.

    A gate of one element is that element; one of several is closed if any of them is chosen.

    Parameters
    ----------
    column
        Shape ``(gates,)``: the column of each gate, counted behind the values.
    width
        How many columns of gates and elements there are.
    elements
        Where the columns of elements start.
    rows, low, high
        Budget and ties.
    """

    column: NDArray[np.intp]
    width: int
    elements: int
    rows: sp.csr_array
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @classmethod
    def of(cls, problem: BestSetProblem) -> Choice:
        """Set up the columns and rows of a problem."""
        owners: list[list[int]] = [[] for _ in problem.reached.gates]
        for element, gates in enumerate(problem.gates_of):
            for gate in gates.tolist():
                owners[gate].append(element)
        shared = [gate for gate, of in enumerate(owners) if len(of) > 1]
        start = len(shared)
        column = np.array([start + of[0] for of in owners], dtype=np.intp)
        column[shared] = np.arange(start)
        width = start + problem.terms.count
        rows: list[NDArray[np.float64]] = [np.r_[np.zeros(start), problem.terms.costs]]
        low, high = [-np.inf], [problem.terms.room]
        for y, gate in enumerate(shared):
            for element in owners[gate]:
                row = np.zeros(width)
                row[[y, start + element]] = 1.0, -1.0
                rows.append(row)
            row = np.zeros(width)
            row[[start + element for element in owners[gate]]] = 1.0
            row[y] = -1.0
            rows.append(row)
            low += [0.0] * (len(owners[gate]) + 1)
            high += [np.inf] * (len(owners[gate]) + 1)
        return cls(
            column, width, start, sp.csr_array(np.array(rows)), np.array(low), np.array(high)
        )


def _scaled(value: GatedValue) -> tuple[sp.csr_array, NDArray[np.float64], NDArray[np.float64]]:
    """Return ``m P`` and ``m e`` for values in shares of the most they can be, and the most."""
    most = np.where(value.most > 0, value.most, 1.0)
    share = value.passed / most
    return sp.csr_array(share[:, None] * value.move * most), share * value.ends, most


def values_below(value: GatedValue, choice: Choice) -> tuple[sp.csr_array, NDArray[np.float64]]:
    """Bound values from below, which is all that minimising needs: rows and least right sides."""
    move, ends, _ = _scaled(value)
    n, k = len(ends), len(value.gates)
    less = 1.0 - value.factor
    ones = (np.full(k, less), (value.gates, choice.column))
    closed = sp.csr_array(ones, shape=(n, choice.width))
    eye = sp.eye_array(n, format="csr")
    under = (eye - value.factor * move)[value.gates]
    rows = sp.vstack(
        [sp.hstack([eye - move, closed]), sp.hstack([under, sp.csr_array((k, choice.width))])]
    )
    return sp.csr_array(rows), np.r_[ends, value.factor * ends[value.gates]]


def values_above(value: GatedValue, choice: Choice) -> tuple[sp.csr_array, NDArray[np.float64]]:
    """Bound values from above, which is all that maximising needs: rows and most right sides."""
    move, ends, _ = _scaled(value)
    n, k = len(ends), len(value.gates)
    less = 1.0 - value.factor
    # A state that is worth nothing is fixed at 0 by its bounds.
    worth = (value.most[value.gates] > 0) * less
    closed = sp.csr_array((worth, (np.arange(k), choice.column)), shape=(k, choice.width))
    eye = sp.eye_array(n, format="csr")
    rows = sp.vstack(
        [
            sp.hstack([eye - move, sp.csr_array((n, choice.width))]),
            sp.hstack([(eye - value.factor * move)[value.gates], closed]),
        ]
    )
    return sp.csr_array(rows), np.r_[ends, value.factor * ends[value.gates] + worth]


def bounds_of(values: Sequence[GatedValue]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the least and most of values one after the other, in shares of the most."""
    least, most = [], []
    for value in values:
        scale = np.where(value.most > 0, value.most, 1.0)
        # A hair of room: both ends come from rounded solves.
        least.append(value.least / scale * (1.0 - 1e-9))
        most.append(np.where(value.most > 0, 1.0, 0.0))
    return np.concatenate(least), np.concatenate(most)


def solve(
    problem: BestSetProblem,
    choice: Choice,
    cost: NDArray[np.float64],
    rows: Sequence[tuple[Any, Any, Any]],
    *,
    bounds: tuple[NDArray[np.float64], NDArray[np.float64]],
    time_limit: float,
) -> Solved:
    """Minimise over values and choices.

    Parameters
    ----------
    problem, choice
        What is chosen from.
    cost
        Coefficients of the values and of what else stands in front of the choices.
    rows
        Constraints: matrix, least, most.
    bounds
        Least and most of what `cost` is of.
    time_limit
        Seconds.
    """
    low = np.concatenate([bounds[0], np.zeros(choice.width)])
    high = np.concatenate([bounds[1], np.ones(choice.width)])
    first = len(cost) + choice.elements
    low[first:] = problem.terms.must
    whole = np.zeros(len(low))
    whole[first:] = 1
    left = sp.csr_array((choice.rows.shape[0], len(cost)))
    ties = (sp.csr_array(sp.hstack([left, choice.rows])), choice.low, choice.high)
    found = quiet_milp(
        _SCALE * np.r_[cost, np.zeros(choice.width)],
        constraints=[LinearConstraint(*row) for row in [*rows, ties]],
        integrality=whole,
        bounds=Bounds(low, high),
        options={"time_limit": max(time_limit, 1e-3), "mip_rel_gap": 0.0},
    )
    chosen = None
    if found.x is not None:
        chosen = tuple(np.flatnonzero(found.x[first:] > 0.5).tolist())  # noqa: PLR2004
    bound = found.mip_dual_bound
    known = bound is not None and np.isfinite(bound)
    return Solved(chosen, bound / _SCALE if known else -np.inf, found.status == 0)
