"""The best set without reaction: a mixed-integer program, over one draw or many.

Without reaction what a set stops is monotone and submodular in the set (each route loses ``1 -
product``), which gives further cuts [1]_. Over draws every draw has its own values and all share
the choice; the mean of the worst share of them is linear too [2]_.

References
----------
.. [1] Nemhauser and Wolsey (1981), "Maximizing submodular set functions: formulations and analysis
   of algorithms", Annals of Discrete Mathematics 11.
.. [2] Rockafellar and Uryasev (2000), "Optimization of conditional value-at-risk", Journal of
   Risk 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp

from opiateroutes.chokepoints.best_set.linear_program import (
    Choice,
    Solved,
    bounds_of,
    solve,
    values_below,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from opiateroutes.chokepoints.best_set.problem import BestSetProblem
    from opiateroutes.chokepoints.best_set.values import GatedValue

__all__ = ["Outcome", "least_value"]


@dataclass(frozen=True, eq=False)
class Outcome:
    """A weighted sum of values at the sources in one draw, between 0 and about 1.

    Parameters
    ----------
    problem
        The draw.
    value
        Of which the sum is; one of the two of the draw.
    weights
        Shape ``(q,)``, at least 0, of the sources.
    """

    problem: BestSetProblem
    value: GatedValue
    weights: NDArray[np.float64]

    def of_sets(self, sets: Sequence[tuple[int, ...]]) -> NDArray[np.float64]:
        """Return the sum with enforcement on each set, shape ``(sets,)``."""
        padded = self.problem.padded(sets)
        total: NDArray[np.float64] = self.value.of_sets(padded, self.problem.sources) @ self.weights
        return total

    @property
    def row(self) -> NDArray[np.float64]:
        """Coefficients of the values, which are columns in shares of the most they can be."""
        row = np.zeros(len(self.value.most))
        at = self.problem.sources
        row[at] = self.weights * self.value.most[at]
        return row


def least_value(
    outcomes: Sequence[Outcome],
    tail: float,
    prefixes: Sequence[tuple[int, ...]],
    time_limit: float,
) -> Solved:
    """Minimise the mean of the worst outcomes: exact, without reaction.

    Parameters
    ----------
    outcomes
        One for each draw.
    tail
        Share of them that count, the largest; 1 for the plain mean.
    prefixes
        Sets to derive submodular cuts from; those that greedy passes through are good ones.
    time_limit
        Seconds.

    Returns
    -------
    Solved
        The bound is on the mean.
    """
    problem, draws = outcomes[0].problem, len(outcomes)
    choice = Choice.of(problem)
    parts = [values_below(outcome.value, choice) for outcome in outcomes]
    sizes = [len(outcome.value.most) for outcome in outcomes]
    front = sum(sizes)
    # A threshold, and by how much each outcome lies above it; no columns where all count.
    extra = 1 + draws if tail < 1.0 else 0
    below = sp.hstack(
        [
            sp.block_diag([rows[:, :n] for (rows, _), n in zip(parts, sizes, strict=True)]),
            sp.csr_array((sum(rows.shape[0] for rows, _ in parts), extra)),
            sp.vstack([rows[:, n:] for (rows, _), n in zip(parts, sizes, strict=True)]),
        ]
    )
    of_draw = sp.csr_array(sp.block_diag([outcome.row[None] for outcome in outcomes]))
    constraints: list[tuple[Any, Any, Any]] = [
        (sp.csr_array(below), np.concatenate([low for _, low in parts]), np.inf)
    ]
    for prefix in prefixes:
        gains, least = _cuts(outcomes, choice, prefix)
        cuts = sp.hstack([of_draw, sp.csr_array((draws, extra)), sp.csr_array(gains)])
        constraints.append((sp.csr_array(cuts), least, np.inf))
    low, high = bounds_of([outcome.value for outcome in outcomes])
    cost = np.asarray(of_draw.sum(axis=0)).ravel() / draws
    if extra:
        above = sp.hstack(
            [
                -of_draw,
                np.ones((draws, 1)),
                sp.eye_array(draws),
                sp.csr_array((draws, choice.width)),
            ]
        )
        constraints.append((sp.csr_array(above), 0.0, np.inf))
        cost = np.r_[np.zeros(front), 1.0, np.full(draws, 1.0 / (tail * draws))]
        most = max(float(outcome.of_sets([()])[0]) for outcome in outcomes) * (1 + 1e-9)
        low = np.r_[low, np.zeros(extra)]
        high = np.r_[high, np.full(extra, most)]
    return solve(problem, choice, cost, constraints, bounds=(low, high), time_limit=time_limit)


def _cuts(
    outcomes: Sequence[Outcome], choice: Choice, prefix: tuple[int, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Write: no set goes below the prefix by more than each further element does alone.

    Returns
    -------
    tuple of numpy.ndarray
        Coefficients of gates and elements, shape ``(draws, choice.width)``, and least right sides.
    """
    others = [k for k in range(outcomes[0].problem.terms.count) if k not in prefix]
    gains = np.zeros((len(outcomes), choice.width))
    least = np.zeros(len(outcomes))
    for draw, outcome in enumerate(outcomes):
        now, *then = outcome.of_sets([prefix, *((*prefix, k) for k in others)])
        gains[draw, [choice.elements + k for k in others]] = np.maximum(now - np.array(then), 0.0)
        # Updated values carry the rounding of the whole.
        least[draw] = now - 1e-11 * float(outcome.of_sets([()])[0])
    return gains, least
