"""The tables of an ensemble: those of the fit, with the draws in place of its own intervals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy.sparse as sp

from opiateroutes.flows.commodities.layers import with_commodities
from opiateroutes.flows.ensemble.quantiles import (
    quantiles,
    ratios_over_draws,
    routes_over_draws,
    sums_over_draws,
)
from opiateroutes.flows.kernel.measure import CONSUMPTION, SEIZURE, UNACCOUNTED
from opiateroutes.flows.reading.routes import likely_paths

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.fit import FlowFit
    from opiateroutes.flows.kernel.measure import PathMeasure

__all__ = ["leg_table", "node_table", "route_table"]


def leg_table(fit: FlowFit, measure: PathMeasure, arcs_kg: NDArray[np.float32]) -> pd.DataFrame:
    """Tabulate the flows on all legs; see `FlowEnsemble.legs`."""
    trace = measure.trace
    used = np.flatnonzero(np.diff(trace.use.indptr))
    found = sums_over_draws(arcs_kg, trace.use[used])
    legs = _replaced(fit.legs, found.set_axis(trace.legs[used], axis=0))
    # Kilograms of a commodity have the interval of the flow in them.
    return with_commodities(replace(fit, legs=legs)).legs


def node_table(fit: FlowFit, measure: PathMeasure, arcs_kg: NDArray[np.float32]) -> pd.DataFrame:
    """Tabulate what passes, ends and is seized at all nodes; see `FlowEnsemble.nodes`."""
    trace = measure.trace
    leaving = trace.leaving()
    used = np.flatnonzero(np.diff(leaving.indptr))
    leaving, ends = leaving[used], trace.end[used]
    frames = [sums_over_draws(arcs_kg, leaving, prefix="throughput_")]
    kinds = np.concatenate([np.full(len(measure.legs), ""), measure.exit_kind.astype(str)])
    for kind in (CONSUMPTION, SEIZURE, UNACCOUNTED):
        of_kind = sp.csr_array(ends @ sp.diags_array((kinds == kind).astype("float64")))
        frames.append(sums_over_draws(arcs_kg, of_kind, prefix=f"{kind}_"))
        if kind == SEIZURE:
            rate = ratios_over_draws(arcs_kg, of_kind, leaving, prefix="interception_")
            seen = np.diff(of_kind.indptr) > 0
            frames.append(rate.where(pd.Series(seen)))
    found = pd.concat(frames, axis=1)
    return _replaced(fit.nodes, found.set_axis(trace.nodes[used], axis=0))


def route_table(
    fit: FlowFit,
    measure: PathMeasure,
    arcs_kg: NDArray[np.float32],
    supply_kg: NDArray[np.float64],
) -> pd.DataFrame:
    """Tabulate the likely routes of the fit; see `FlowEnsemble.routes`."""
    routes = fit.routes
    paths = [path for _, path in likely_paths(measure, fit.arcs_kg, len(routes))]
    chances = routes_over_draws(arcs_kg, measure, paths, measure.exit_kind == CONSUMPTION)
    carried = quantiles(chances * supply_kg[:, None], "", "_kg")
    found = pd.concat([quantiles(chances, "probability_", ""), carried], axis=1)
    return _replaced(routes, found.set_axis(routes.index, axis=0))


def _replaced(frame: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Put what the draws say in place of columns of the same name, and the rest beside them."""
    result = frame.copy()
    for column, values in found.items():
        result[column] = values.reindex(frame.index)
        if str(column).endswith("_kg"):
            result[column] = result[column].fillna(0.0)
    return result
