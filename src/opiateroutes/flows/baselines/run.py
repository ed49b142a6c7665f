"""Running a baseline: one bound problem, one method, the same tables as the path measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from opiateroutes.data import nearest
from opiateroutes.errors import ConvergenceError, UnknownNameError
from opiateroutes.flows.baselines.cheapest_plan import balance_matrix
from opiateroutes.flows.baselines.equal_split import equal_split
from opiateroutes.flows.baselines.gravity import gravity
from opiateroutes.flows.baselines.import_shares import import_shares
from opiateroutes.flows.baselines.least_squares import least_squares
from opiateroutes.flows.baselines.shortest_path import shortest_path
from opiateroutes.flows.baselines.tables import tables_of
from opiateroutes.flows.binding.bind import bind
from opiateroutes.flows.certificate import BALANCE_AT_MOST, GAP_AT_MOST, Certificate
from opiateroutes.flows.fit import PATH_MEASURE, FlowFit
from opiateroutes.flows.reading.residuals import residual_frame
from opiateroutes.flows.reading.spread import interval

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.baselines.assigned import Assigned
    from opiateroutes.flows.binding.bind import Bound
    from opiateroutes.flows.binding.price_gaps import Priced
    from opiateroutes.flows.kernel.measure import PathMeasure
    from opiateroutes.network import RouteNetwork

__all__ = ["METHODS", "baseline_fit", "checked_method"]

IMPORT_SHARES, LEAST_SQUARES = "import_shares", "least_squares"
METHODS = (
    PATH_MEASURE,
    IMPORT_SHARES,
    "shortest_path",
    "equal_split",
    "gravity",
    LEAST_SQUARES,
)
"""All ways to estimate flows; the first is the library's own."""


def checked_method(method: str, *, k_routes: int, structural_sd: float) -> str:
    """Check the name of a method and the options that only it reads.

    Raises
    ------
    UnknownNameError
        If there is no such method.
    ValueError
        If ``k_routes`` is not a whole number of at least 1, or if least squares are asked for with
        a ``structural_sd`` of 0: prior flows could then not be corrected.
    """
    if method not in METHODS:
        raise UnknownNameError(
            f"no method {method!r}{nearest(str(method), METHODS)}; there are {', '.join(METHODS)}"
        )
    if isinstance(k_routes, bool) or not isinstance(k_routes, int | np.integer) or k_routes < 1:
        raise ValueError(f"k_routes must be a whole number of at least 1, not {k_routes!r}")
    if method == LEAST_SQUARES and structural_sd == 0:
        raise ValueError("structural_sd must be above 0 for least_squares: it weighs the prior")
    return method


def baseline_fit(
    net: RouteNetwork,
    evidence: Evidence,
    priced: Priced,
    *,
    method: str,
    provenance: Mapping[str, Any],
) -> FlowFit:
    """Estimate flows with a baseline; see `estimate_flows`.

    Parameters
    ----------
    net, evidence
        The network and its evidence, with a supply above 0.
    priced
        Costs of legs, and what became of the price gaps that went into them.
    method
        One of `METHODS` but the first.
    provenance
        Provenance with the options ``structural_sd`` and ``k_routes``.

    Returns
    -------
    FlowFit
        With intervals where the method gives them, else none.

    Raises
    ------
    ConvergenceError
        If flows are not in balance, or not optimal where they should be.
    """
    if method == IMPORT_SHARES:
        bound, assigned = import_shares(net, evidence, priced.costs)
    else:
        bound = bind(net, evidence, priced.costs)
        bound, assigned = _assigned(net, evidence, bound, method, provenance)
    measure, rows = bound.measure, bound.rows
    total = float(measure.supply_kg.sum())
    arcs_kg = assigned.arcs * total
    legs, nodes = tables_of(
        net, measure, rows.names, arcs_kg=arcs_kg, spread=assigned.spread, method=method
    )
    residuals = residual_frame(
        net,
        evidence,
        rows,
        rows.values(arcs_kg[:, None])[:, 0],
        _pulls(assigned, len(rows.names)),
        estimates=pd.concat([bound.ratios.estimates(arcs_kg), priced.estimates]),
    )
    low, high = (float(bound_) for bound_ in _supply_interval(evidence, measure, total))
    if method == IMPORT_SHARES:
        residuals = _with_supply(residuals, evidence, measure)
        low, high = np.nan, np.nan
    return FlowFit(
        network=net,
        evidence=evidence,
        legs=legs,
        nodes=nodes,
        residuals=residuals,
        unused=pd.concat([bound.unused, priced.unused]).rename_axis("row"),
        certificate=_certificate(measure, assigned, method),
        provenance={**provenance, "notes": list(assigned.notes)},
        measure=measure,
        arcs_kg=arcs_kg,
        supply_kg=total,
        supply_low_kg=low,
        supply_high_kg=high,
        spread=assigned.spread,
        method=method,
    )


def _pulls(assigned: Assigned, count: int) -> NDArray[np.float64]:
    return np.full(count, np.nan) if assigned.multipliers is None else assigned.multipliers


def _assigned(
    net: RouteNetwork,
    evidence: Evidence,
    bound: Bound,
    method: str,
    options: Mapping[str, Any],
) -> tuple[Bound, Assigned]:
    if method == "shortest_path":
        return bound, shortest_path(bound, evidence)
    if method == "equal_split":
        return bound, equal_split(bound, evidence, k_routes=int(options["k_routes"]))
    if method == "gravity":
        return bound, gravity(net, bound, evidence)
    measure = bound.measure
    sd = evidence.supply.set_index("node")["sd_kg"].reindex(measure.nodes[measure.sources])
    return least_squares(
        bound,
        relative_sd=float(options["structural_sd"]),
        supply_sd_kg=sd.to_numpy("float64"),
    )


def _supply_interval(
    evidence: Evidence, measure: PathMeasure, total: float
) -> tuple[np.float64, np.float64]:
    sd = evidence.supply.set_index("node")["sd_kg"].reindex(measure.nodes[measure.sources])
    low, high = interval(np.array([total]), np.array([np.sqrt(float((sd**2).sum()))]))
    return low[0], high[0]


def _with_supply(residuals: pd.DataFrame, evidence: Evidence, measure: PathMeasure) -> pd.DataFrame:
    """Put what the shares ask of each supply beside what the evidence gives."""
    asked = pd.Series(measure.supply_kg, index=measure.nodes)
    frame = residuals.copy()
    supply = evidence.supply.loc[frame.index[frame["kind"] == "supply"]]
    estimate = supply["node"].map(asked).fillna(0.0).astype("float64")
    for column in ("estimate_kg", "estimate"):
        frame.loc[supply.index, column] = estimate
    sd = supply["sd_kg"].where(supply["sd_kg"] > 0)
    sigmas = ((estimate - supply["best_kg"]) / sd).fillna(0.0)
    frame.loc[supply.index, "residual_sigmas"] = sigmas
    return frame


def _certificate(measure: PathMeasure, assigned: Assigned, method: str) -> Certificate:
    """Compute the balance from the flows alone; enforce it and the gap."""
    supply = measure.supply_kg / measure.supply_kg.sum()
    balance = float(np.abs(balance_matrix(measure) @ assigned.arcs - supply).max())
    if not (balance <= BALANCE_AT_MOST and assigned.gap <= GAP_AT_MOST):
        raise ConvergenceError(
            f"{method} did not reach its certificate: gap {assigned.gap:.2g} (at most 1e-10), "
            f"balance {balance:.2g} (at most 1e-9). Widen the intervals of the evidence"
        )
    return Certificate(gap=assigned.gap, balance=balance, iterations=assigned.iterations)
