"""Mixed-integer programs with a budget over legs, solved by HiGHS through scipy."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint

from opiateroutes.chokepoints.quiet_milp import quiet_milp
from opiateroutes.errors import ConvergenceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.chokepoints.interdiction.blocking import Blocking

__all__ = ["Program", "Solved", "solve"]

_TIME_LIMIT = 1
_SOLVED = 0

_SCALE = 1e4
"""Size of objectives in the program: HiGHS stops at an absolute gap of 1e-6 whatever their unit."""


@dataclass(frozen=True, eq=False)
class Program:
    """Minimise an objective under rows, a budget and whole choices of legs.

    Parameters
    ----------
    objective
        Shape ``(variables,)``.
    rows, low, high
        Shape ``(rows, variables)`` and ``(rows,)``.
    least, most
        Shape ``(variables,)``: bounds of the variables.
    choice
        Position of the variable that says whether a leg is blocked, for each leg in ``legs``.
    legs
        Positions of the legs that may be blocked.
    size
        Largest objective that can occur, above 0.
    """

    objective: NDArray[np.float64]
    rows: sp.csr_array
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    least: NDArray[np.float64]
    most: NDArray[np.float64]
    choice: NDArray[np.intp]
    legs: NDArray[np.intp]
    size: float


@dataclass(frozen=True, eq=False)
class Solved:
    """Legs that were chosen, and the bound that no choice is below.

    Parameters
    ----------
    legs
        Positions; none if the time was over before anything was found.
    bound
        Of the objective.
    proven
        Whether the solver finished: its bound is then that of the choice, to its tolerance.
    """

    legs: NDArray[np.intp]
    bound: float
    proven: bool = True


def solve(program: Program, blocking: Blocking, *, time_limit: float | None) -> Solved:
    """Solve a program to a gap of zero, or until the time is over.

    The solver accepts a budget that is exceeded by its tolerance. Where a choice does, it is
    forbidden and the program is solved again.

    Parameters
    ----------
    program
        The program.
    blocking
        Costs and budget.
    time_limit
        Seconds, or None.

    Returns
    -------
    Solved
        Within the budget.

    Raises
    ------
    ConvergenceError
        If HiGHS stops for another reason than the time.
    """
    ends = math.inf if time_limit is None else time.monotonic() + time_limit
    costs = blocking.cost[program.legs]
    extra: list[NDArray[np.bool_]] = []
    bound = -math.inf
    while True:
        left = ends - time.monotonic()
        result = quiet_milp(
            program.objective / program.size * _SCALE,
            integrality=_integrality(program),
            bounds=Bounds(program.least, program.most),
            constraints=_constraints(program, costs, blocking.budget, extra),
            options={"mip_rel_gap": 0.0}
            | ({"time_limit": max(left, 0.0)} if math.isfinite(left) else {}),
        )
        if result.status not in (_SOLVED, _TIME_LIMIT):
            raise ConvergenceError(f"HiGHS did not solve the interdiction: {result.message}")
        if result.mip_dual_bound is not None:
            bound = max(bound, float(result.mip_dual_bound) / _SCALE * program.size)
        none = np.zeros(0, dtype=np.intp)
        taken = none if result.x is None else np.flatnonzero(result.x[program.choice] > 0.5)  # noqa: PLR2004
        if blocking.affordable(program.legs[taken]):
            return Solved(program.legs[taken], bound, result.status == _SOLVED)
        if result.status == _TIME_LIMIT:
            return Solved(none, bound, proven=False)
        extra.append(np.isin(np.arange(len(costs)), taken))


def _integrality(program: Program) -> NDArray[np.int64]:
    whole = np.zeros(len(program.objective), dtype=np.int64)
    whole[program.choice] = 1
    return whole


def _constraints(
    program: Program,
    costs: NDArray[np.float64],
    budget: float,
    forbidden: list[NDArray[np.bool_]],
) -> list[LinearConstraint]:
    constraints = [LinearConstraint(program.rows, program.low, program.high)]
    dear = costs > 0.0
    if dear.any() and math.fsum(costs[dear]) > budget:
        spent = _row(program, dear, costs[dear] / costs[dear].max())
        constraints.append(LinearConstraint(spent, -np.inf, budget / costs[dear].max()))
    for together in forbidden:
        row = _row(program, together, np.ones(int(together.sum())))
        constraints.append(LinearConstraint(row, -np.inf, together.sum() - 1.0))
    return constraints


def _row(program: Program, which: NDArray[np.bool_], values: NDArray[np.float64]) -> sp.csr_array:
    columns = program.choice[which]
    return sp.csr_array(
        (values, (np.zeros(len(columns), dtype=np.intp), columns)),
        shape=(1, len(program.objective)),
    )
