"""Inputs with a distribution between bounds: coefficients, weights of exits, prior rates.

Each is a curve of a standard normal number, and changes the log weight of some arcs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from opiateroutes.data import read_evidence_table
from opiateroutes.evidence.parameters import Z90
from opiateroutes.evidence.priors import bounds_of
from opiateroutes.flows.ensemble.distributions import (
    Curve,
    beta_between,
    lognormal_between,
    pert_between,
)
from opiateroutes.flows.kernel.measure import CONSUMPTION, SEIZURE, UNACCOUNTED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.binding.exits import Exits
    from opiateroutes.flows.conditioned import Conditioned
    from opiateroutes.flows.kernel.measure import PathMeasure

__all__ = ["CurvedInput", "curved_inputs"]


class CurvedInput(NamedTuple):
    """An input with a curve.

    ``kinds`` are the scales on which it counts, each with the value at the best estimate, and
    ``columns`` the log weights, shape ``(arcs,)``, of one unit on each.
    """

    name: str
    curve: Curve
    kinds: dict[str, float]
    columns: list[NDArray[np.float64]]


def curved_inputs(conditioned: Conditioned, evidence: Evidence) -> list[CurvedInput]:
    """Find the inputs of an estimate that vary between bounds.

    Parameters
    ----------
    conditioned
        The estimate.
    evidence
        Its evidence, for the bounds of its priors.

    Returns
    -------
    list of CurvedInput
        Those whose bounds differ.
    """
    measure, exits = conditioned.bound.measure, conditioned.bound.exits
    return [
        *_coefficients(conditioned),
        *_weights(measure, exits, evidence),
        *_rates(measure, exits, evidence),
    ]


def _coefficients(conditioned: Conditioned) -> Iterator[CurvedInput]:
    """Find the cost coefficients; what an arc costs more is what its legs do."""
    table = read_evidence_table("costs").set_index("feature")
    use = conditioned.bound.measure.trace.use
    for feature, by_leg in conditioned.coefficients.items():
        low, best, high = (float(table.at[feature, name]) for name in ("low", "best", "high"))
        if low < high:
            per_unit = by_leg.to_numpy("float64") * (2 * Z90) / (high - low)
            column = -np.asarray(per_unit @ use)
            curve = pert_between(low, best, high)
            yield CurvedInput(f"cost:{feature}", curve, {"value": best}, [column])


def _weights(measure: PathMeasure, exits: Exits, evidence: Evidence) -> Iterator[CurvedInput]:
    """Find the weights of exits; places for which the same is assumed share one."""
    m = len(measure.legs)
    kinds = {"consumption_weight": CONSUMPTION, "unaccounted_weight": UNACCOUNTED}
    for name, kind in kinds.items():
        at = np.flatnonzero(exits.kind == kind)
        bounds = [bounds_of(evidence.priors, name, str(place)) for place in exits.place[at]]
        for number, (low, best, high) in enumerate(sorted(set(bounds)), start=1):
            if not low < high:
                continue
            column = np.zeros(measure.n_arcs)
            column[m + at[[b == (low, best, high) for b in bounds]]] = 1.0
            label = name if len(set(bounds)) == 1 else f"{name}:{number}"
            curve = lognormal_between(low, best, high)
            yield CurvedInput(label, curve, {"log": float(np.log(best))}, [column])


def _rates(measure: PathMeasure, exits: Exits, evidence: Evidence) -> Iterator[CurvedInput]:
    """Find the prior interception rates: they weigh the seizure exits, and what passes."""
    m = len(measure.legs)
    for place in sorted(set(exits.place[exits.kind == SEIZURE])):
        low, best, high = bounds_of(evidence.priors, "interception", str(place))
        if not low < high:
            continue
        at = np.flatnonzero((exits.kind == SEIZURE) & (exits.place == place))
        seized, passed = np.zeros(measure.n_arcs), np.zeros(measure.n_arcs)
        seized[m + at] = 1.0
        inside = np.array([exits.endings[k].inside for k in at], dtype=bool)
        thinned = np.isin(measure.arc_tail, measure.exit_node[at[inside]])
        thinned[m:] &= exits.kind == CONSUMPTION
        passed[thinned] = 1.0
        base = {"log": float(np.log(best)), "log_rest": float(np.log1p(-best))}
        curve = beta_between(low, best, high)
        yield CurvedInput(f"interception_prior:{place}", curve, base, [seized, passed])
