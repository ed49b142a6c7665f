"""What the cost model alone expects of evidence rows: routes before any evidence but the supply."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import scipy.sparse as sp

from opiateroutes.flows.kernel.condition import condition
from opiateroutes.flows.kernel.dual import Problem
from opiateroutes.flows.kernel.rows import Rows
from opiateroutes.flows.reading.route_moments import RouteMoments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.kernel.measure import PathMeasure

__all__ = ["Expected", "carried_by_prior", "expected_of"]

_NEXT_TO_NOTHING = 1e-6
"""Less than this share of a figure, or of the supply over an arc: about 14 nats dearer than other
ways. What it would take to send more there is a question of costs, not of evidence."""

_NO_SPREAD = 1e-12
"""A count that varies by less than this share of its mean is the same on every route."""


class Expected(NamedTuple):
    """Verdicts on rows, shape ``(rows,)`` each.

    ``beyond`` tells that the cost model sends next to nothing where the row counts; ``settled``
    that every route counts the same there, so that the supply alone determines it.
    """

    beyond: NDArray[np.bool_]
    settled: NDArray[np.bool_]


def expected_of(
    measure: PathMeasure, rows: sp.csr_array, figure_kg: NDArray[np.float64]
) -> Expected:
    """Weigh the figures of rows against the cost model.

    Parameters
    ----------
    measure
        The reference measure.
    rows
        Shape ``(rows, arcs)``: what each row adds up.
    figure_kg
        Shape ``(rows,)``: what it should be.

    Returns
    -------
    Expected
        Where a row can hardly move, and why.
    """
    moments = _unconditioned(measure)
    mean = abs(rows) @ moments.arcs
    variance = moments.variance(rows).clip(0)
    little = _NEXT_TO_NOTHING * np.abs(figure_kg) / measure.supply_kg.sum()
    beyond = (mean <= little) & (variance <= little)
    return Expected(beyond, ~beyond & (variance <= _NO_SPREAD * mean))


def carried_by_prior(measure: PathMeasure) -> NDArray[np.bool_]:
    """Tell which arcs the cost model sends more than next to nothing over, shape ``(arcs,)``."""
    carried: NDArray[np.bool_] = _unconditioned(measure).arcs > _NEXT_TO_NOTHING
    return carried


def _unconditioned(measure: PathMeasure) -> RouteMoments:
    nothing = np.zeros(0)
    no_rows = Rows(
        names=np.zeros(0, dtype=object),
        general=sp.csr_matrix((0, measure.n_arcs)),
        n_flows=0,
        n_exits=len(measure.exit_node),
        exit_of_row=np.zeros(0, dtype=np.intp),
        target_kg=nothing,
        sd_kg=nothing,
    )
    problem = Problem.of(measure, no_rows, n_effective=1.0)
    return RouteMoments.of(problem, condition(problem).arcs[:, 0])
