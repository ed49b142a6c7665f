"""What coefficients are worth: how well the measure that they make explains the evidence.

With the dual ``D(t; b)`` of an estimate (see `kernel.dual`) under coefficients ``b``, its maximum
``D(t*; b)`` is the least divergence from the reference measure plus misfit, and ``D(0; b)`` is the
logarithm of what normalises that measure. Their difference is the divergence of the estimate from
the *normalised* measure, plus misfit::

    J(b) = N mean_y [D(t*; b) - D(0; b)] + |shifts|^2 / 2

The second term is what keeps costs from all going down together: cheaper legs raise the weight of
every route, of those that the evidence denies as well.

References
----------
.. [1] Fosgerau, M., Frejinger, E., Karlstrom, A. (2013), "A link based network route choice model
   with unrestricted choice set", Transportation Research B 56, 70-80: the likelihood of the
   normalised measure, and its gradient from expected link flows.
.. [2] Akamatsu, T. (1997), "Decomposition of path choice entropy in general transport networks",
   Transportation Science 31(4), 349-362.
.. [3] Csiszar, I. (1984), "Sanov property, generalized I-projection and a conditional limit
   theorem", Annals of Probability 12(3), 768-793: ``exp(-N D)`` is how likely ``N`` routes are to
   look like the estimate.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.flows.binding.bind import bind
from opiateroutes.flows.calibration.coefficients import COST, WEIGHTS
from opiateroutes.flows.kernel.condition import condition
from opiateroutes.flows.kernel.dual import evaluate, flows_at
from opiateroutes.flows.reweighting import settle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.binding.bind import Bound
    from opiateroutes.flows.calibration.coefficients import Coefficients
    from opiateroutes.flows.calibration.years import Year
    from opiateroutes.flows.kernel.dual import Problem

__all__ = ["BoundYear", "Objective"]

_GAP_AT_MOST = 1e-9
"""Duality gap, in nats, above which an evaluation is not trusted."""


@dataclass(frozen=True, eq=False)
class BoundYear:
    """Evidence of one year, bound to the arcs of a network at given coefficients.

    Parameters
    ----------
    problem
        The problem at these coefficients.
    by_effect
        Shape ``(arcs, coefficients)``: change of the log weight of each arc for one unit of each
        effect; exact there, and everywhere unless hauls over inland legs change.
    effects
        Shape ``(coefficients,)``: the effects at which the year is bound.
    start
        Shape ``(rows, 1)``: multipliers of the solution there.
    """

    problem: Problem
    by_effect: NDArray[np.float64]
    effects: NDArray[np.float64]
    start: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        year: Year,
        coefficients: Coefficients,
        shifts: NDArray[np.float64],
        *,
        n_effective: float,
    ) -> BoundYear:
        """Bind a year at given shifts of the coefficients."""
        costs = year.costs_at(coefficients, shifts)
        evidence = coefficients.weighed(year.evidence, shifts)
        settled = settle(bind(year.net, evidence, costs), n_effective=n_effective)
        by_effect = _by_effect(settled.bound, year, coefficients)
        effects = coefficients.effects(shifts)
        return cls(settled.problem, by_effect, effects, settled.solution.multipliers)

    def at(self, effects: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Return divergence plus misfit at other effects, in nats, and its gradient by them.

        Infinite, without a gradient, where the routes diverge. By the envelope theorem the flows
        count as fixed: what is left is how the reference flows differ from the estimate.
        """
        log_weight = self.problem.measure.centred + self.by_effect @ (effects - self.effects)
        problem = replace(self.problem, log_weight=log_weight[:, None])
        reference = evaluate(problem, np.zeros_like(problem.target))
        nowhere = np.inf, np.full(len(effects), np.nan)
        if not np.isfinite(reference.value[0]):
            return nowhere
        solution = condition(problem, start=self.start, strict=False)
        if not max(solution.gap[0], solution.hard_residual[0]) <= _GAP_AT_MOST:
            return nowhere
        estimate = evaluate(problem, solution.multipliers)
        value = float(estimate.value[0] - reference.value[0])
        surplus = (flows_at(problem, reference) - solution.arcs)[:, 0]
        return value, surplus @ self.by_effect


@dataclass(frozen=True, eq=False)
class Objective:
    """The negative logarithm of the posterior density of the shifts, up to a constant, in nats."""

    years: tuple[BoundYear, ...]
    coefficients: Coefficients
    n_effective: float

    def __call__(self, shifts: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Return the objective and its gradient by the shifts; infinite where routes diverge."""
        effects = self.coefficients.effects(shifts)
        value, gradient = 0.0, np.zeros(len(shifts))
        for year in self.years:
            one, slope = year.at(effects)
            value += one / len(self.years)
            gradient += slope / len(self.years)
        value = self.n_effective * value + 0.5 * float(shifts @ shifts)
        gradient = self.n_effective * gradient * self.coefficients.slopes(shifts) + shifts
        return value, gradient


def _by_effect(bound: Bound, year: Year, coefficients: Coefficients) -> NDArray[np.float64]:
    """Return how the log weights of arcs move with the effects."""
    measure, exits = bound.measure, bound.exits
    m = len(measure.legs)
    by_effect = np.zeros((measure.n_arcs, len(coefficients)))
    for k, (name, kind) in enumerate(coefficients.table["kind"].items()):
        if kind == COST:
            by_effect[:, k] = -(year.features[str(name)].to_numpy("float64") @ measure.trace.use)
        else:
            at = np.flatnonzero(exits.kind == WEIGHTS[kind])
            groups = coefficients.groups(year.evidence.priors, kind, exits.place[at])
            by_effect[m + at[groups == name], k] = 1.0
    return by_effect
