"""Conditioning on shares and rates: how exact they are depends on the flows, so weigh again.

A share of a flow has a spread in kilograms that grows with the flow. It is taken from the estimate
before, until that no longer moves: iteratively reweighted least squares [1]_.

Notes
-----
Each round solves a convex problem to its certificate, and so does the last. Where the rounds
settle, the weights are those of the estimate itself. The slope of the weights is left out, as is
usual: what it would add is of second order in the residual (in sigmas) of a share. Exact figures
need no second round.

References
----------
.. [1] Green, P. J. (1984), "Iteratively reweighted least squares for maximum likelihood estimation,
   and some robust and resistant alternatives", Journal of the Royal Statistical Society B 46(2),
   149-192.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from opiateroutes.errors import EvidenceWarning
from opiateroutes.flows.kernel.condition import condition
from opiateroutes.flows.kernel.dual import Problem

if TYPE_CHECKING:
    from opiateroutes.flows.binding.bind import Bound
    from opiateroutes.flows.kernel.condition import Solution

__all__ = ["Settled", "settle"]

_MOVES_AT_MOST = 1e-3
"""Relative change of a flow, from one round to the next, below which its shares are settled."""

_MOST_ROUNDS = 10


class Settled(NamedTuple):
    """A problem, its solution and how many rounds it took."""

    bound: Bound
    problem: Problem
    solution: Solution
    rounds: int


def settle(bound: Bound, *, n_effective: float) -> Settled:
    """Condition a bound problem, weighing its shares and rates until their weights settle.

    Parameters
    ----------
    bound
        The problem.
    n_effective
        Number of shipments that the prior is worth.

    Returns
    -------
    Settled
        After one round where no share or rate is soft.

    Raises
    ------
    ConvergenceError
        If the solver stops.

    Warns
    -----
    EvidenceWarning
        If the flows that figures are shares of still move after ten rounds.
    """
    ratios, total = bound.ratios, float(bound.measure.supply_kg.sum())
    soft = ratios.sd[ratios.bound] > 0
    wholes = np.full(len(soft), total)
    start = None
    moved = np.zeros(0)
    for rounds in range(1, _MOST_ROUNDS + 1):
        problem = Problem.of(bound.measure, bound.rows, n_effective=n_effective)
        solution = condition(problem, start=start)
        found = ratios.wholes_kg(solution.arcs[:, 0] * total)
        moved = np.abs(found - wholes)[soft] / np.maximum(wholes[soft], 1e-300)
        if not (moved > _MOVES_AT_MOST).any():
            return Settled(bound, problem, solution, rounds)
        if rounds < _MOST_ROUNDS:
            wholes, start = found, solution.multipliers
            bound = bound.weighed(wholes)
    names = ratios.names[ratios.bound][soft][moved > _MOVES_AT_MOST]
    warnings.warn(
        f"after {_MOST_ROUNDS} rounds, what these are shares of still moves by up to "
        f"{moved.max():.1%}: {', '.join(names[:5])}; evidence on these flows may not hold together",
        EvidenceWarning,
        stacklevel=5,
    )
    return Settled(bound, problem, solution, _MOST_ROUNDS)
