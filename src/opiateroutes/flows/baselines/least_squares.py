"""Weighted reconciliation: the flows nearest to a prior that are in balance and fit the evidence.

The prior is the path measure before any evidence, each flow with a standard deviation in proportion
to itself; the estimate minimises the squared corrections and the squared misfit of the evidence,
both in standard deviations, in balance at every node and with no flow below 0. That is how material
flow analysis reconciles its figures. Unlike the path measure it depends on how finely a corridor is
cut.

References
----------
.. [1] Cencic, O., Rechberger, H. (2008), "Material flow analysis with software STAN", Journal of
   Environmental Engineering and Management 18(1), 3-7.
.. [2] Cencic, O. (2016), "Nonlinear data reconciliation in material flow analysis with software
   STAN", Sustainable Environment Research 26(6), 291-298.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np
import scipy.sparse as sp

from opiateroutes.errors import ConvergenceError
from opiateroutes.flows.baselines.assigned import Assigned
from opiateroutes.flows.baselines.cheapest_plan import balance_matrix
from opiateroutes.flows.baselines.nearest_point import nearest_point
from opiateroutes.flows.baselines.normal_moments import NormalMoments
from opiateroutes.flows.kernel.dual import Problem, evaluate, flows_at
from opiateroutes.flows.reading.spread import Spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.baselines.nearest_point import NearestPoint
    from opiateroutes.flows.binding.bind import Bound
    from opiateroutes.flows.reading.route_moments import RouteMoments

__all__ = ["least_squares"]

_ROUNDS_AT_MOST = 10
_MOVES_AT_MOST = 1e-3
"""As for the path measure: when the weights of shares and rates have settled."""


def least_squares(
    bound: Bound, *, relative_sd: float, supply_sd_kg: NDArray[np.float64]
) -> tuple[Bound, Assigned]:
    """Reconcile the path prior with the evidence.

    Parameters
    ----------
    bound
        The bound problem.
    relative_sd
        Standard deviation of each prior flow as a share of it, above 0.
    supply_sd_kg
        Shape ``(sources,)``: standard deviation of each supply, for the intervals.

    Returns
    -------
    bound : Bound
        With the weights of shares and rates that belong to the result: they are weighed again until
        they settle, ten times at most.
    assigned : Assigned
        Flows, the duality gap of the quadratic program, and the normal spread after reconciliation
        (flows at 0 are held there).

    Raises
    ------
    DivergentRoutesError
        If the prior diverges.
    ConvergenceError
        If rows that must hold exactly do not hold together.
    """
    measure = bound.measure
    total = float(measure.supply_kg.sum())
    prior = _prior(bound)
    soft = bound.ratios.sd[bound.ratios.bound] > 0
    arcs = prior
    for _ in range(_ROUNDS_AT_MOST if soft.any() else 1):
        wholes = bound.ratios.wholes_kg(arcs * total)
        bound = bound.weighed(wholes)
        problem = _Weighted.of(bound, prior, relative_sd)
        found = problem.solved(bound)
        arcs = np.maximum(prior + problem.sd * found.point[: len(prior)], 0.0)
        moved = np.abs(bound.ratios.wholes_kg(arcs * total) - wholes)[soft]
        if not (moved > _MOVES_AT_MOST * wholes[soft]).any():
            break
    free = found.point[: len(prior)] > problem.floor[: len(prior)]
    moments = NormalMoments(
        arcs, np.where(free, problem.sd, 0.0), problem.balance, problem.supplied(measure.sources)
    )
    spread = _spread(moments, bound.rows.names, problem, supply_sd_kg / total, total)
    return bound, Assigned(
        arcs,
        gap=found.gap,
        iterations=found.iterations,
        spread=spread,
        multipliers=-found.multipliers[measure.n_nodes :] / problem.size,
    )


@dataclass(frozen=True, eq=False)
class _Weighted:
    """The quadratic program in corrections that are counted in standard deviations.

    Balances are divided by what passes, and rows of evidence by their size, so that all are alike.
    """

    prior: NDArray[np.float64]
    sd: NDArray[np.float64]
    balance: sp.csr_array
    through: NDArray[np.float64]
    supply: NDArray[np.float64]
    figures: sp.csr_array
    target: NDArray[np.float64]
    noise: NDArray[np.float64]
    floor: NDArray[np.float64]

    @classmethod
    def of(cls, bound: Bound, prior: NDArray[np.float64], relative_sd: float) -> _Weighted:
        measure, rows = bound.measure, bound.rows
        total = float(measure.supply_kg.sum())
        through: NDArray[np.float64] = np.zeros(measure.n_nodes)
        np.add.at(through, measure.arc_tail, prior)
        through = np.where(through > 0, through, 1.0)
        noise = rows.sd_kg / total
        lowest = np.full(len(prior), -1.0 / relative_sd)
        return cls(
            prior=prior,
            sd=relative_sd * prior,
            balance=sp.csr_array(sp.diags_array(1.0 / through) @ balance_matrix(measure)),
            through=through,
            supply=measure.supply_kg / total,
            figures=sp.csr_array(rows.matrix()),
            target=rows.target_kg / total,
            noise=noise,
            floor=np.concatenate([lowest, np.full(len(noise), -np.inf)]),
        )

    @cached_property
    def size(self) -> NDArray[np.float64]:
        """Size of each row of evidence, shares of the supply."""
        seen = self.figures @ sp.diags_array(self.sd)
        squares = np.asarray(seen.multiply(seen).sum(axis=1)).ravel() + self.noise**2
        size: NDArray[np.float64] = np.sqrt(np.maximum(squares, 1e-300))
        return size

    def supplied(self, sources: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return what a unit of each supply adds to the scaled balances."""
        supplied = np.zeros((len(self.through), len(sources)))
        supplied[sources, np.arange(len(sources))] = 1.0 / self.through[sources]
        return supplied

    def solved(self, bound: Bound) -> NearestPoint:
        """Solve for the corrections of the flows, then those of the evidence."""
        spread = sp.diags_array(self.sd)
        none = sp.csr_array((len(self.through), len(self.noise)))
        seen = sp.hstack([self.figures @ spread, sp.diags_array(-self.noise)])
        constraints = sp.vstack(
            [sp.hstack([self.balance @ spread, none]), sp.diags_array(1.0 / self.size) @ seen]
        )
        left = self.supply / self.through - self.balance @ self.prior
        missed = (self.target - self.figures @ self.prior) / self.size
        found = nearest_point(sp.csr_array(constraints), np.concatenate([left, missed]), self.floor)
        if found is None:
            exact = ", ".join(bound.rows.names[bound.rows.sd_kg == 0][:5]) or "none"
            raise ConvergenceError(
                "the reconciliation did not settle: the evidence may not hold together. Rows that "
                f"must hold exactly: {exact}. Widen their intervals"
            )
        return found


def _prior(bound: Bound) -> NDArray[np.float64]:
    """Return the flows of the path measure before any evidence, shares of the supply."""
    problem = Problem.of(bound.measure, bound.rows, n_effective=1.0)
    point = evaluate(problem, np.zeros_like(problem.target))
    if not np.isfinite(point.value).all():
        raise bound.measure.divergence()
    flows: NDArray[np.float64] = flows_at(problem, point)[:, 0]
    return flows


def _spread(
    moments: NormalMoments,
    names: NDArray[np.object_],
    problem: _Weighted,
    supply_sd: NDArray[np.float64],
    total_kg: float,
) -> Spread:
    """Describe the spread as that of the path measure is: prior covariance less what rows take."""
    figures = problem.figures
    inner = moments.covariance(figures, figures) + np.diag(problem.noise**2)
    size = np.sqrt(np.maximum(np.diag(inner), 1e-300))
    scaled = inner / size[:, None] / size
    inverse = np.linalg.pinv(scaled, rcond=1e-13, hermitian=True) / size[:, None] / size
    return Spread(
        moments=cast("RouteMoments", moments),  # it answers the same questions
        names=names,
        rows=figures,
        inverse=inverse,
        causes=sp.csr_array((0, figures.shape[1])),
        supply_sd=supply_sd,
        n_effective=1.0,
        total_kg=total_kg,
    )
