"""The best set when traffickers react: a ratio of two values, by Dinkelbach's method.

References
----------
.. [1] Dinkelbach (1967), "On nonlinear fractional programming", Management Science 13: the least
   ratio ``N / D`` is the number at which the least of ``N - number * D`` is 0.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from opiateroutes.chokepoints.best_set.linear_program import (
    Choice,
    Solved,
    bounds_of,
    solve,
    values_above,
    values_below,
)
from opiateroutes.chokepoints.best_set.value_program import Outcome, least_value

if TYPE_CHECKING:
    from opiateroutes.chokepoints.best_set.problem import BestSetProblem

__all__ = ["least_ratio"]

_CLOSED = 1e-12
_PROVED = 1e-9
_ROUNDS = 30


def least_ratio(
    problem: BestSetProblem, source: int, start: tuple[int, ...], time_limit: float
) -> Solved:
    """Minimise the share delivered of what one source sends.

    Parameters
    ----------
    problem
        What may be chosen.
    source
        Position among the sources.
    start
        A set within the budget to improve on.
    time_limit
        Seconds, for all rounds.

    Returns
    -------
    Solved
        The bound is on the share. Rounds end when a set proves best; when time is out the bound is
        that of the last round.

    Notes
    -----
    Full effort may close every route: then nothing is sent, which no ratio sees. Such a separator
    is looked for first.
    """
    until = time.monotonic() + time_limit
    node = problem.sources[source]
    best = start
    if problem.meant.factor == 0.0:
        weights = np.zeros(len(problem.sources))
        weights[source] = 1.0
        found = least_value([Outcome(problem, problem.meant, weights)], 1.0, [()], time_limit)
        if found.chosen is not None and _ratio(problem, found.chosen, source) == 0.0:
            return Solved(found.chosen, 0.0, proved=True)
        if not found.proved:
            return Solved(start, 0.0, proved=False)
    choice = Choice.of(problem)
    n = len(problem.reached.passed)
    below, low = values_below(problem.reached, choice)
    above, high = values_above(problem.meant, choice)
    gap = sp.csr_array((below.shape[0], n))
    below = sp.csr_array(sp.hstack([below[:, :n], gap, below[:, n:]]))
    above = sp.csr_array(sp.hstack([sp.csr_array((above.shape[0], n)), above]))
    rows = [(below, low, np.inf), (above, -np.inf, high)]
    bounds = bounds_of([problem.reached, problem.meant])
    share, bound = _ratio(problem, best, source), 0.0
    for _ in range(_ROUNDS):
        cost = np.zeros(2 * n)
        cost[node] = problem.reached.most[node]
        cost[n + node] = -share * problem.meant.most[node]
        found = solve(
            problem, choice, cost, rows, bounds=bounds, time_limit=until - time.monotonic()
        )
        least = max(problem.meant.least[node], np.finfo(float).tiny)
        bound = max(bound, share + min(found.bound, 0.0) / least)
        new = share if found.chosen is None else _ratio(problem, found.chosen, source)
        if found.chosen is not None and new < share:
            best = found.chosen
        if new >= share - _CLOSED:
            # Nothing better: proved up to the precision the solver works at.
            return Solved(best, share if found.proved else bound, found.proved)
        share = new
        if time.monotonic() >= until:
            break
    return Solved(best, min(bound, share), proved=share - bound <= _PROVED)


def _ratio(problem: BestSetProblem, chosen: tuple[int, ...], source: int) -> float:
    padded = problem.gates_closed(chosen)
    node = problem.sources[source]
    meant = float(problem.meant.solved(padded)[node])
    return float(problem.reached.solved(padded)[node]) / meant if meant > 0 else 0.0
