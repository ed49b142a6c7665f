"""Refusing evidence that must hold exactly and cannot, before and after the attempt to solve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy.sparse as sp

from opiateroutes.errors import ConflictingEvidenceError
from opiateroutes.flows.conflicts.conflict import conflict_among, kilograms, table_of
from opiateroutes.flows.conflicts.demands import Demands
from opiateroutes.flows.conflicts.prior import carried_by_prior

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.kernel.measure import PathMeasure
    from opiateroutes.flows.kernel.rows import Rows

__all__ = ["exact_failures", "far_apart", "refuse_beyond_model", "refuse_conflicts"]

_FAR = 6
"""Standard deviations that no two figures of one quantity are apart by chance."""

_MISSED = 1e-9
"""An exact row is missed if it is off by more than this share of the supply."""


def refuse_conflicts(measure: PathMeasure, rows: Rows) -> None:
    """Refuse exact rows that no flows in balance can meet together.

    Nothing is solved where adding up has settled the question: with one source, exact rows that
    bind one exit each fit if they do not exceed the supply.

    Parameters
    ----------
    measure
        Its graph and supply.
    rows
        The evidence; only its exact rows count.

    Raises
    ------
    ConflictingEvidenceError
        With a minimal set of rows that clash; ``failures`` says what leaving each of them out does.
    """
    exact = rows.sd_kg == 0
    several = len(measure.sources) > 1
    if not exact[: rows.n_general].any() and not (several and exact.any()):
        return
    conflict = conflict_among(_exact_demands(measure, rows))
    if conflict is not None:
        raise ConflictingEvidenceError(
            f"evidence that must hold exactly cannot hold together: {conflict.says()}. Give one of "
            "these figures an interval, or leave it out",
            conflict.failures(),
        )


def exact_failures(measure: PathMeasure, rows: Rows) -> pd.DataFrame:
    """Return a table of failures of exact rows that do not fit the supply.

    Where they fit, but only just, all of those on exits are listed: nothing is left for others.
    """
    conflict = conflict_among(_exact_demands(measure, rows))
    if conflict is not None:
        return conflict.failures()
    names = [str(name) for name in rows.names[rows.exact_on_exits]]
    return pd.DataFrame(
        {
            "table": [table_of(name) for name in names],
            "row": names,
            "column": "best_kg",
            "value": [kilograms(figure) for figure in rows.target_kg[rows.exact_on_exits]],
            "rule": "with the others of this table it leaves nothing of the supply",
            "hint": "give it an interval",
        }
    )


def refuse_beyond_model(measure: PathMeasure, rows: Rows, arcs_kg: NDArray[np.float64]) -> None:
    """Refuse exact rows that the solver missed where the cost model sends next to nothing.

    They could hold together, but only by ways that the costs all but close.

    Parameters
    ----------
    measure, rows
        The problem.
    arcs_kg
        Shape ``(arcs,)``: the flows that the solver reached.

    Raises
    ------
    ConflictingEvidenceError
        With a minimal set of those rows.
    """
    miss = np.abs(rows.values(arcs_kg[:, None])[:, 0] - rows.target_kg)
    # What the solver cannot even weigh counts as missed.
    if ((rows.sd_kg > 0) | (miss <= _MISSED * measure.supply_kg.sum())).all():
        return
    conflict = conflict_among(_exact_demands(measure, rows).along(carried_by_prior(measure)))
    if conflict is not None:
        raise ConflictingEvidenceError(
            f"cannot be met by the cost model: {conflict.says()} on the ways that the costs leave "
            "open. Lower the cost of its legs, or give the evidence an interval",
            conflict.failures().assign(rule="cannot be met by the cost model"),
        )


def far_apart(measure: PathMeasure, rows: Rows) -> str:
    """Say which rows lie too far apart for their standard deviations; empty if none do."""
    width = _FAR * rows.sd_kg
    low = rows.target_kg - width
    # No weight is negative; a share is a difference that should be 0.
    bounds = np.where(rows.target_kg > 0, low.clip(0), low), rows.target_kg + width
    conflict = conflict_among(_demands(measure, rows, np.ones(len(width), dtype=bool), bounds))
    if conflict is None:
        return ""
    return f" More than {_FAR} standard deviations apart: {conflict.says()}."


def _exact_demands(measure: PathMeasure, rows: Rows) -> Demands:
    return _demands(measure, rows, rows.sd_kg == 0, (rows.target_kg, rows.target_kg))


def _demands(
    measure: PathMeasure,
    rows: Rows,
    held: NDArray[np.bool_],
    bounds: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> Demands:
    """Hold some rows between bounds, and the supply at its best estimate."""
    supply = measure.supply_kg[measure.sources]
    return Demands.of(
        measure,
        supply_kg=(supply, supply),
        names=rows.names[held],
        matrix=sp.csr_array(rows.matrix()[held]),
        between_kg=(bounds[0][held], bounds[1][held]),
    )
