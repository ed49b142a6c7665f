"""What a best set makes small: the delivery that remains, at best values or over draws.

References
----------
.. [1] Rockafellar and Uryasev (2000), "Optimization of conditional value-at-risk", Journal of
   Risk 2: the mean of the worst share of outcomes, which linear programs can minimise.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.chokepoints.best_set.problem import BestSetProblem
from opiateroutes.chokepoints.chain import Enforcement
from opiateroutes.chokepoints.draws import chunks
from opiateroutes.chokepoints.options import is_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from opiateroutes.chokepoints.best_set.problem import Terms
    from opiateroutes.chokepoints.elements import Element
    from opiateroutes.flows import FlowEnsemble

__all__ = ["Objective", "checked_tail", "drop_interval", "problems_of_draws", "worst_mean"]

_ENDS = (0.05, 0.95)
_ROUNDING = 1e-12


def checked_tail(tail: float | None, *, sampled: bool) -> float:
    """Return the share of draws that counts, 1 for the best values alone.

    Raises
    ------
    ValueError
        If the share is not above 0 and at most 1, or there are no draws to look at.
    """
    if tail is None:
        return 1.0
    if not is_number(tail) or not 0.0 < tail <= 1.0:
        raise ValueError(f"tail must be a share of the draws above 0 and up to 1, not {tail!r}")
    if not sampled:
        raise ValueError(
            "a tail is of draws, and this estimate has none: give the ensemble that "
            "opiateroutes.sample_flows returns, or leave tail out"
        )
    return float(tail)


def worst_mean(shares: NDArray[np.float64], tail: float) -> NDArray[np.float64]:
    """Return the mean of the largest shares over draws, the first axis.

    Parameters
    ----------
    shares
        Shape ``(draws, ...)``.
    tail
        Of so large a share of the draws; the last of them counts in part.
    """
    draws = len(shares)
    weight = np.clip(tail * draws - np.arange(draws), 0.0, 1.0) / (tail * draws)
    ordered = -np.sort(-shares, axis=0)
    mean: NDArray[np.float64] = np.tensordot(weight, ordered, axes=1)
    return mean


def problems_of_draws(
    ensemble: FlowEnsemble, terms: Terms, *, draws: int, effort: float, reaction: float
) -> list[BestSetProblem]:
    """Write a problem for each of the first draws."""
    problems: list[BestSetProblem] = []
    for chain in chunks(ensemble):
        problems += [
            BestSetProblem.of(chain, draw, terms, effort=effort, reaction=reaction)
            for draw in range(min(chain.draws, draws - len(problems)))
        ]
        if len(problems) == draws:
            break
    return problems


def drop_interval(
    ensemble: FlowEnsemble, chosen: Element, effort: float, reaction: float
) -> tuple[float, float]:
    """Return the 90 % interval of what enforcement on a set drops, over all draws."""
    drops = []
    none, on = (Enforcement.none(ensemble.measure) for _ in range(2))
    on.at_nodes[chosen.nodes] = 1.0 - effort
    on.on_legs[chosen.stages] = 1.0 - effort
    for chain in chunks(ensemble):
        before, after = chain.delivered_kg(none, reaction), chain.delivered_kg(on, reaction)
        drops.append(np.divide(before - after, before, out=np.zeros_like(before), where=before > 0))
    low, high = np.quantile(np.concatenate(drops), _ENDS)
    return float(low), float(high)


@dataclass(frozen=True, eq=False)
class Objective:
    """The share of the delivery that remains: the mean over the worst of some draws.

    Parameters
    ----------
    problems
        One for each draw, or the one of the best values; something is delivered in each.
    tail
        Share of the draws that count, those in which most remains; 1 for the plain mean.
    """

    problems: Sequence[BestSetProblem]
    tail: float

    @property
    def terms(self) -> Terms:
        """What may be chosen."""
        return self.problems[0].terms

    def remaining(self, sets: Sequence[tuple[int, ...]]) -> NDArray[np.float64]:
        """Return the share that remains with enforcement on each set, shape ``(sets,)``.

        All of it where there are no problems: there was nothing to lower.
        """
        if not self.problems:
            return np.ones(len(sets))
        return worst_mean(
            np.array([problem.delivered_kg(sets) / problem.before_kg for problem in self.problems]),
            self.tail,
        )

    @cached_property
    def passing(self) -> NDArray[np.float64]:
        """What passes each element, as a share of what is sent, mean of the draws."""
        shares = [problem.passing_kg / problem.supply_kg.sum() for problem in self.problems]
        mean: NDArray[np.float64] = np.mean(shares, axis=0)
        return mean

    @cached_property
    def noise(self) -> float:
        """Rounding of what remains: values are known to 1e-12 of what is sent."""
        sent = [problem.supply_kg.sum() / problem.before_kg for problem in self.problems]
        return _ROUNDING * float(max(sent))
