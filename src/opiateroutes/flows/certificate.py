"""The certificate of a result: proof that it solves its problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.errors import ConvergenceError
from opiateroutes.flows.conflicts.exact import far_apart, refuse_beyond_model
from opiateroutes.flows.kernel.dual import evaluate, primal_value

if TYPE_CHECKING:
    from opiateroutes.flows.kernel.condition import Solution
    from opiateroutes.flows.kernel.dual import Problem

__all__ = ["BALANCE_AT_MOST", "GAP_AT_MOST", "Certificate", "certified"]

GAP_AT_MOST = 1e-10
"""Largest duality gap of a result, relative to the objective where that is above 1 nat."""

BALANCE_AT_MOST = 1e-9
"""Largest imbalance of a node, and miss of an exact row, in shares of the supply."""


@dataclass(frozen=True)
class Certificate:
    """Proof that a fit solves its problem.

    Parameters
    ----------
    gap
        Primal less dual objective, computed from their definitions, in nats for each unit of
        supply (relative to the objective where that is above 1 nat); at most 1e-10. For a baseline
        that optimises, the relative gap of its own problem; 0 for one in closed form, which
        optimises nothing.
    balance
        Largest imbalance of a node, as a share of the supply; at most 1e-9.
    iterations
        Newton iterations; of a baseline, whatever it iterates.
    """

    gap: float
    balance: float
    iterations: int


def certified(problem: Problem, solution: Solution) -> Certificate:
    """Compute gap and balance from the flows alone, not from how they were found; enforce them."""
    measure = problem.measure
    dual = float(evaluate(problem, solution.multipliers).value[0])
    primal = float(primal_value(problem, solution.arcs)[0])
    arcs = solution.arcs[:, 0]
    n, m = measure.n_nodes, len(measure.legs)
    leaving = np.bincount(measure.arc_tail, arcs, n)
    arriving = np.bincount(measure.head, arcs[:m], n)
    supply = measure.supply_kg / measure.supply_kg.sum()
    gap = abs(primal - dual) / max(1.0, abs(primal))
    balance = float(np.abs(supply + arriving - leaving).max())
    hard = float(solution.hard_residual[0])
    if not (gap <= GAP_AT_MOST and balance <= BALANCE_AT_MOST and hard <= BALANCE_AT_MOST):
        refuse_beyond_model(measure, problem.rows, arcs * measure.supply_kg.sum())
        exact = problem.rows.names[problem.variance[:, 0] == 0]
        clash = f" Rows that must hold exactly: {', '.join(exact[:5])}." if len(exact) else ""
        clash += far_apart(measure, problem.rows) or " The evidence may be too far from the costs."
        raise ConvergenceError(
            f"the estimate did not reach its certificate: gap {gap:.2g} (at most 1e-10), balance "
            f"{balance:.2g} (at most 1e-9), exact rows missed by {hard:.2g} of the supply."
            f"{clash} Widen the intervals of the evidence or lower n_effective"
        )
    return Certificate(gap=gap, balance=balance, iterations=solution.iterations)
