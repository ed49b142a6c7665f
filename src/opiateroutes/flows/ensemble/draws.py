"""Drawing and solving: numbers by index, in chunks whose content depends on nothing else.

A draw is known by the seed and its index. Chunks start at multiples of a width that the size of the
problem decides, so that neither how many are drawn nor who solves them changes a draw.

References
----------
.. [1] Owen, A. B. (1998), "Scrambling Sobol' and Niederreiter-Xing points", Journal of Complexity
   14(4): points for means and quantiles.
.. [2] Bardsley, Solonen, Haario, Laine (2014), "Randomize-then-optimize: a method for sampling from
   posterior distributions in nonlinear inverse problems", SIAM Journal on Scientific Computing
   36(4): each draw solves the problem with its own evidence and its own prior.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc
from threadpoolctl import threadpool_limits

from opiateroutes.errors import ConflictingEvidenceError, ConvergenceError, DivergentRoutesError
from opiateroutes.flows.certificate import BALANCE_AT_MOST, GAP_AT_MOST
from opiateroutes.flows.kernel.condition import condition
from opiateroutes.flows.kernel.dual import evaluate, flows_at
from opiateroutes.network.failures import failure_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.ensemble.inputs import Inputs
    from opiateroutes.flows.kernel.condition import Solution
    from opiateroutes.flows.kernel.dual import Problem

__all__ = ["Chunk", "Draws", "reference_legs"]

_WIDEST = 256
_NUMBERS_AT_MOST = 2_000_000
"""Numbers in the largest array of a chunk: what the caches of a processor can hold."""

_EDGE = 1e-12
_MOST_ATTEMPTS = 50


class Chunk(NamedTuple):
    """Solved draws.

    Parameters
    ----------
    start
        Index of the first.
    arcs_kg
        Shape ``(draws, arcs)``, single precision.
    supply_kg
        Shape ``(draws,)``.
    gap, balance
        The largest of the chunk.
    attempts
        Shape ``(draws,)``: how often each was taken again because its routes went in circles.
    """

    start: int
    arcs_kg: NDArray[np.float32]
    supply_kg: NDArray[np.float64]
    gap: float
    balance: float
    attempts: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Draws:
    """How to make and solve any draw.

    Parameters
    ----------
    inputs
        What is uncertain.
    multipliers
        Shape ``(rows, 1)``: those of the best estimates, where each draw starts.
    seed
        Of all draws.
    points
        ``"sobol"`` (scrambled) or ``"independent"``.
    legs_at_most
        Legs of an average route of the reference measure above which a draw is taken again, as it
        is where the routes add up without end: next to that point routes go round in circles, which
        no report shows.
    """

    inputs: Inputs
    multipliers: NDArray[np.float64]
    seed: int
    points: str
    legs_at_most: float

    @property
    def width(self) -> int:
        """Draws in a chunk: a power of 2, fewer for larger problems."""
        measure, rows = self.inputs.measure, self.inputs.rows
        largest = max(measure.n_nodes * (rows.n_general + 1), measure.n_arcs, len(self.inputs))
        width = _WIDEST
        while width > 1 and width * largest > _NUMBERS_AT_MOST:
            width //= 2
        return width

    def numbers(self, start: int) -> NDArray[np.float64]:
        """Return the standard normal numbers of one chunk, shape ``(inputs, width)``."""
        width, inputs = self.width, len(self.inputs)
        # Beyond the dimensions that Sobol points have, numbers are independent.
        balanced = min(inputs, qmc.Sobol.MAXDIM) if self.points == "sobol" else 0
        generator = np.random.default_rng([self.seed, start])
        normal = np.empty((inputs, width))
        normal[balanced:] = generator.standard_normal((width, inputs - balanced)).T
        if balanced:
            sobol = qmc.Sobol(balanced, scramble=True, rng=np.random.default_rng(self.seed))
            if start:
                sobol.fast_forward(start)
            normal[:balanced] = ndtri(np.clip(sobol.random(width), _EDGE, 1.0 - _EDGE)).T
        return normal

    def solve(self, start: int, stop: int) -> list[Chunk]:
        """Solve the draws from one index to another; the first must start a chunk."""
        width = self.width
        with threadpool_limits(1):
            # A second thread for matrices this small doubles the work and gains nothing.
            return [
                self._chunk(first, min(width, stop - first)) for first in range(start, stop, width)
            ]

    def again(self, index: int, attempt: int) -> NDArray[np.float64]:
        """Return the numbers of a draw that is taken again, shape ``(inputs,)``."""
        generator = np.random.default_rng([self.seed, index, attempt])
        return generator.standard_normal(len(self.inputs))

    def _condition(
        self, problem: Problem, supply_kg: NDArray[np.float64], draws: NDArray[np.intp]
    ) -> Solution:
        """Solve some draws; whatever goes wrong says in which."""
        _refuse_short(problem, supply_kg, draws)
        try:
            return condition(problem, start=self.multipliers, polish=False)
        except ConvergenceError as error:
            raise ConvergenceError(f"in draws {draws[0]} to {draws[-1]}: {error}") from error

    def _chunk(self, start: int, count: int) -> Chunk:
        numbers = self.numbers(start)[:, :count]
        attempts = np.zeros(count, dtype=np.uint8)
        draws = np.arange(start, start + count)
        problem, supply_kg = self.inputs.problem(numbers)
        circling = np.flatnonzero(~(reference_legs(problem) <= self.legs_at_most))
        while len(circling):
            if attempts.max() == _MOST_ATTEMPTS:
                raise DivergentRoutesError(
                    f"draw {draws[circling[0]]} was taken {_MOST_ATTEMPTS} times and its "
                    "routes went in circles each time: the costs are too low for a structural "
                    "noise of this size. Raise the costs of the legs, or lower structural_sd"
                )
            attempts[circling] += 1
            again = [self.again(int(draws[k]), int(attempts[k])) for k in circling]
            other, supply_kg[circling] = self.inputs.problem(np.array(again).T)
            problem.put(circling, other)
            circling = circling[~(reference_legs(other) <= self.legs_at_most)]
        solution = self._condition(problem, supply_kg, draws)
        gap, balance = _certified(problem, solution, start)
        arcs_kg = np.ascontiguousarray((solution.arcs * supply_kg).T, dtype=np.float32)
        return Chunk(start, arcs_kg, supply_kg, gap, balance, attempts)


def reference_legs(problem: Problem) -> NDArray[np.float64]:
    """Return the legs of an average route before the evidence; infinite where routes diverge."""
    none = np.zeros_like(problem.target)
    point = evaluate(problem, none)
    fine = np.isfinite(point.value)
    legs = np.full(len(fine), np.inf)
    if fine.any():
        inside = problem.columns(fine)
        flows = flows_at(inside, point.columns(fine))
        legs[fine] = flows[: len(problem.measure.legs)].sum(axis=0)
    return legs


def _refuse_short(
    problem: Problem, supply_kg: NDArray[np.float64], draws: NDArray[np.intp]
) -> None:
    """Refuse a draw whose supply does not fit the exits that must hold exactly."""
    rows = problem.rows
    exact = rows.exact_on_exits
    if not exact.any():
        return
    asked = problem.target[exact].sum(axis=0)
    fits = np.abs(asked - 1.0) <= BALANCE_AT_MOST if rows.all_exits_hard else asked < 1.0
    short = np.flatnonzero(~fits)
    if len(short):
        k = int(short[0])
        rule = "must hold exactly, and does not fit all supplies between the bounds"
        names = rows.names[exact].tolist()
        raise ConflictingEvidenceError(
            f"draw {draws[k]} has a supply of {supply_kg[k]:,.6g} kg, demand and seizures that "
            f"must hold exactly add up to {asked[k] * supply_kg[k]:,.6g} kg: give these an "
            "interval, or the supply none",
            failure_table([("evidence", name, "sd_kg", 0.0, rule, "") for name in names]),
        )


def _certified(problem: Problem, solution: Solution, start: int) -> tuple[float, float]:
    """Return the largest gap and imbalance; refuse draws that did not reach their certificate."""
    measure, arcs = problem.measure, solution.arcs
    m = len(measure.legs)
    excess = measure.arcs_at_nodes @ arcs - measure.legs_into_nodes @ arcs[:m]
    excess[measure.sources] -= problem.supply
    balance = np.abs(excess).max(axis=0)
    miss = np.maximum(solution.gap, solution.hard_residual)
    bad = np.flatnonzero(~((miss <= GAP_AT_MOST) & (balance <= BALANCE_AT_MOST)))
    if len(bad):
        k = int(bad[0])
        raise ConvergenceError(
            f"draw {start + k} did not reach its certificate: gap {solution.gap[k]:.2g} (at most "
            f"1e-10), exact rows missed by {solution.hard_residual[k]:.2g}, balance "
            f"{balance[k]:.2g} (at most 1e-9). Evidence and costs are too far apart in this draw: "
            "widen the intervals of the evidence or lower n_effective"
        )
    return float(solution.gap.max(initial=0.0)), float(balance.max(initial=0.0))
