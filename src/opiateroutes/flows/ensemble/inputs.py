"""What is uncertain about an estimate, and what numbers drawn for it do to the problem.

Each input is a standard normal number. Supplies vary as lognormal quantities around the best
estimate, figures with their mean at it, so that on average a draw repeats the figures; cost
coefficients by PERT, prior interception rates by Beta, weights of exits as lognormal quantities
between their bounds. Each leg that ends a stage has two inputs: a cost that the model does not know
(structural noise), which keeps the mean of its weight, and the chance in the few shipments that the
prior is worth, which moves what is chosen at a node and not how much the node draws.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import scipy.sparse as sp

from opiateroutes.flows.ensemble.curved_inputs import curved_inputs
from opiateroutes.flows.kernel.dual import Problem, evaluate
from opiateroutes.flows.kernel.trace import Trace
from opiateroutes.flows.reading.spread import structural_noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.conditioned import Conditioned
    from opiateroutes.flows.ensemble.distributions import Curve
    from opiateroutes.flows.kernel.measure import PathMeasure
    from opiateroutes.flows.kernel.rows import Rows

__all__ = ["Inputs"]

_MOST_BY_CHANCE = 1.0
"""Most that the number of shipments of a leg varies by chance, as a standard deviation in nats."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """All inputs of an estimate, and the problem that numbers drawn for them make.

    Parameters
    ----------
    names
        One a number that is drawn: ``supply:...``, ``cause:...`` that figures share, ``cost:...``,
        weights and rates, rows of evidence, ``leg:...``; those that matter most first.
    measure, rows
        The problem at the best estimates; the measure without its trace.
    n_effective
        Number of shipments that the prior is worth.
    supply_kg, supply_log_sd
        Shape ``(sources,)``.
    own_log_sd, own_sd_kg
        Shape ``(rows,)``: spread of a figure by itself, in logarithms; in kilograms where the
        figure is 0.
    shared
        Shape ``(rows, causes)``: spread that figures share, in logarithms.
    curves
        Coefficients, weights and rates: what a number drawn for each is worth.
    effects
        What of the curves counts, one an effect.
    effect
        Shape ``(arcs, effects + legs)``: log weight of the arcs for one unit of each effect, then
        of the structural noise of each leg.
    offset
        Shape ``(arcs,)``: what keeps the mean weight of a leg where it is under structural noise.
        Without it noise alone would open routes: the mean of ``exp(-noise)`` is above 1.
    shipments
        Shape ``(arcs, legs)``: log weight of the arcs for one unit of the chance in each leg.
    chance
        Shape ``(arcs,)``: probability of each arc at its node by the reference measure.
    """

    names: tuple[str, ...]
    measure: PathMeasure
    rows: Rows
    n_effective: float
    supply_kg: NDArray[np.float64]
    supply_log_sd: NDArray[np.float64]
    own_log_sd: NDArray[np.float64]
    own_sd_kg: NDArray[np.float64]
    shared: NDArray[np.float64]
    curves: tuple[Curve, ...]
    effects: tuple[Effect, ...]
    effect: sp.csr_array
    offset: NDArray[np.float64]
    shipments: sp.csr_array
    chance: NDArray[np.float64]

    @classmethod
    def of(cls, conditioned: Conditioned, evidence: Evidence) -> Inputs:
        """Collect the inputs of an estimate."""
        bound = conditioned.bound
        measure, rows = bound.measure, bound.rows
        log_sd = _log_sd(rows.target_kg, rows.sd_kg)
        shared, causes = _shared(evidence, rows, log_sd)
        found = curved_inputs(conditioned, evidence)
        ends_stage = np.isin(measure.trace.legs, measure.legs)
        own_legs = measure.trace.legs[ends_stage]
        noise = conditioned.structural_sd * structural_noise(measure)
        columns = [sp.csr_array(column[:, None]) for one in found for column in one.columns]
        best = measure.supply_kg[measure.sources]
        return cls(
            names=(
                *(f"supply:{node}" for node in measure.nodes[measure.sources]),
                *causes,
                *(one.name for one in found),
                *rows.names.tolist(),
                *(f"leg:{leg}" for leg in own_legs),
                *(f"shipments:{leg}" for leg in own_legs),
            ),
            measure=replace(measure, trace=Trace.nowhere(measure.n_arcs)),
            rows=rows,
            n_effective=conditioned.n_effective,
            supply_kg=best,
            supply_log_sd=_log_sd(best, conditioned.supply_sd_kg),
            own_log_sd=np.sqrt(np.maximum(log_sd**2 - (shared**2).sum(axis=1), 0.0)),
            own_sd_kg=np.where(rows.target_kg > 0, 0.0, rows.sd_kg),
            shared=shared,
            curves=tuple(one.curve for one in found),
            effects=tuple(
                Effect(k, kind, base)
                for k, one in enumerate(found)
                for kind, base in one.kinds.items()
            ),
            effect=sp.hstack([*columns, -noise.T], format="csr"),
            offset=-0.5 * np.asarray(noise.multiply(noise).sum(axis=0)),
            shipments=_by_chance(conditioned),
            chance=_chances(conditioned.problem),
        )

    def __len__(self) -> int:
        return len(self.names)

    def problem(self, numbers: NDArray[np.float64]) -> tuple[Problem, NDArray[np.float64]]:
        """Make the problem of each draw.

        Parameters
        ----------
        numbers
            Shape ``(inputs, batch)``: standard normal.

        Returns
        -------
        problem : Problem
            In shares of the supply of each draw.
        supply_kg : numpy.ndarray
            Shape ``(batch,)``: the supply.
        """
        sizes = (len(self.supply_kg), self.shared.shape[1], len(self.curves), len(self.rows.names))
        ends = np.cumsum(sizes)
        supply, causes, drawn, own, of_legs = np.split(numbers, ends)
        legs, shipments = np.split(of_legs, 2)
        supplies = _lognormal(self.supply_kg, self.supply_log_sd, supply)
        total = supplies.sum(axis=0)
        log_sd = np.sqrt(self.own_log_sd**2 + (self.shared**2).sum(axis=1))
        shift = self.own_log_sd[:, None] * own + self.shared @ causes
        target = self.rows.target_kg[:, None] * np.exp(shift - 0.5 * log_sd[:, None] ** 2)
        target += self.own_sd_kg[:, None] * own
        effects = np.concatenate([self._effects(drawn), legs])
        log_weight = (self.measure.centred + self.offset)[:, None] + self.effect @ effects
        by_chance = self.shipments @ shipments
        # Scaled so that what leaves a node still adds up: chance alone opens no routes.
        kept = self.measure.arcs_at_nodes @ (self.chance[:, None] * np.exp(by_chance))
        log_weight += by_chance - np.log(kept)[self.measure.arc_tail]
        problem = Problem(
            self.measure,
            self.rows,
            supply=supplies / total,
            target=target / total,
            variance=self.n_effective * (self.rows.sd_kg[:, None] / total) ** 2,
            log_weight=log_weight,
        )
        return problem, total

    def _effects(self, drawn: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what each drawn value changes, beside the best estimates."""
        values = [curve(z) for curve, z in zip(self.curves, drawn, strict=True)]
        changes = [_on_scale(e.kind, values[e.curve]) - e.base for e in self.effects]
        return np.array(changes).reshape(len(changes), drawn.shape[1])


class Effect(NamedTuple):
    """What of a curve counts: which curve, on which scale, less what at the best estimate."""

    curve: int
    kind: str
    base: float


def _on_scale(kind: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    if kind == "value":
        return values
    changed: NDArray[np.float64] = np.log(values) if kind == "log" else np.log1p(-values)
    return changed


def _by_chance(conditioned: Conditioned) -> sp.csr_array:
    """Return what one unit of the chance in each leg does to the arcs, ``(arcs, legs)``.

    A leg that carries the share ``f`` of the supply carries ``N f`` of the shipments that the prior
    is worth: by chance alone that varies by ``1 / sqrt(N f)``, in logarithms at most by 1, for less
    than about one shipment is not a number to be normal about.
    """
    measure = conditioned.bound.measure
    of_arcs = structural_noise(measure)
    carried = conditioned.n_effective * (of_arcs @ conditioned.solution.arcs[:, 0])
    sd = np.sqrt(np.log1p(1.0 / np.maximum(carried, 1e-300)))
    return sp.csr_array(of_arcs.T @ sp.diags_array(np.minimum(sd, _MOST_BY_CHANCE)))


def _chances(problem: Problem) -> NDArray[np.float64]:
    """Return the probability of each arc at its node before the evidence, shape ``(arcs,)``."""
    measure = problem.measure
    m = len(measure.legs)
    point = evaluate(problem, np.zeros_like(problem.target))
    chance: NDArray[np.float64] = point.weights[:, 0] / point.y[measure.arc_tail, 0]
    chance[:m] *= point.y[measure.head, 0]
    return chance


def _lognormal(
    mean: NDArray[np.float64], log_sd: NDArray[np.float64], numbers: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return lognormal quantities with the best estimate as median, as intervals have it."""
    drawn: NDArray[np.float64] = mean[:, None] * np.exp(log_sd[:, None] * numbers)
    return drawn


def _log_sd(best: NDArray[np.float64], sd: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the spread of the logarithm of lognormal quantities; 0 where the best is 0."""
    ratio = np.divide(sd, best, out=np.zeros_like(sd), where=best > 0)
    log_sd: NDArray[np.float64] = np.sqrt(np.log1p(ratio**2))
    return log_sd


def _shared(
    evidence: Evidence, rows: Rows, log_sd: NDArray[np.float64]
) -> tuple[NDArray[np.float64], list[str]]:
    """Return how figures share causes of error; none explains more than the spread of a figure."""
    table = evidence.shared[evidence.shared["row"].isin(rows.names)]
    loads = table.pivot_table(index="row", columns="cause", values="relative_sd", aggfunc="sum")
    relative = loads.reindex(rows.names).fillna(0.0).to_numpy("float64")
    shared = np.sqrt(np.log1p(relative**2)).reshape(len(rows.names), -1)
    size = np.sqrt((shared**2).sum(axis=1))
    shared *= np.minimum(1.0, np.divide(log_sd, size, out=np.ones_like(size), where=size > 0))[
        :, None
    ]
    return shared, [f"cause:{cause}" for cause in loads.columns]
