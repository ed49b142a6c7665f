"""Flows of a given origin-destination table: who sends to whom is fixed, by which way is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from opiateroutes.errors import ConvergenceError
from opiateroutes.flows.binding.bind import bind
from opiateroutes.flows.binding.od_table import (
    margins_of,
    refuse_unreachable,
    unreachable_pair,
)
from opiateroutes.flows.binding.places import Places
from opiateroutes.flows.certificate import BALANCE_AT_MOST, Certificate
from opiateroutes.flows.fit import OD_TABLE, FlowFit
from opiateroutes.flows.kernel.od import log_weight_of_pairs, od_flows
from opiateroutes.flows.reading.frames import FitTables
from opiateroutes.flows.reading.od_spread import OdSpread
from opiateroutes.flows.reading.residuals import RESIDUAL_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.kernel.measure import PathMeasure
    from opiateroutes.flows.reading.spread import Spread
    from opiateroutes.network import RouteNetwork

__all__ = ["od_fit"]

_WHY = "an origin-destination table is given: no other evidence enters"


def od_fit(
    net: RouteNetwork,
    evidence: Evidence,
    table: pd.DataFrame,
    *,
    costs: pd.Series,
    coefficients: pd.DataFrame,
    provenance: Mapping[str, Any],
) -> FlowFit:
    """Spread an origin-destination table over routes; see `opiateroutes.estimate_flows`.

    Parameters
    ----------
    net, evidence
        The network; evidence, of which priors are read only.
    table
        A checked table with rows.
    costs, coefficients
        Index ``leg``: costs in nats, and what a standard deviation of each coefficient adds.
    provenance
        With the options ``n_effective`` and ``structural_sd``.

    Returns
    -------
    FlowFit
        With intervals: the table is exact, the costs are not.

    Raises
    ------
    UnreachableError
        If no route leads from an origin to a destination of it.
    DivergentRoutesError
        If going round a cycle costs too little.
    ConvergenceError
        If flows miss the table or the balance.
    """
    places = Places.of(net)
    refuse_unreachable(table, net, places, costs)
    measure = bind(net, margins_of(table, evidence), costs).measure
    wide = table.pivot_table(index="origin", columns="destination", values="kg", fill_value=0.0)
    wide = wide.loc[measure.nodes[measure.sources]]
    kg = wide.to_numpy("float64")
    destination = wide.columns.get_indexer(measure.exit_place)
    log_pairs = log_weight_of_pairs(measure, destination, len(wide.columns))
    for row, column in np.argwhere((kg > 0) & np.isneginf(log_pairs)):
        pair = (str(wide.index[row]), str(wide.columns[column]))
        raise unreachable_pair(net, places, pair)
    by_source = od_flows(measure, destination, kg, log_pairs)
    arcs_kg = by_source.sum(axis=0)
    names = [f"od:{o}>{d}" for o in wide.index for d in wide.columns]
    rows = np.array(names, dtype=object).reshape(kg.shape)
    spread = OdSpread.of(
        measure,
        by_source,
        destination,
        names=rows,
        n_effective=float(provenance["n_effective"]),
        structural_sd=float(provenance["structural_sd"]),
        coefficient_spread=coefficients.to_numpy("float64"),
    )
    tables = FitTables(net, measure, rows.ravel(), arcs_kg, cast("Spread", spread))
    total = float(kg.sum())
    ended = np.zeros_like(kg)
    np.add.at(ended.T, destination, by_source[:, len(measure.legs) :].T)
    return FlowFit(
        network=net,
        evidence=evidence,
        legs=tables.legs(),
        nodes=tables.nodes(),
        residuals=_residuals(table, wide.index, wide.columns, ended, places),
        unused=_unused(evidence),
        certificate=_certificate(measure, by_source, ended - kg),
        provenance=provenance,
        measure=measure,
        arcs_kg=arcs_kg,
        supply_kg=total,
        supply_low_kg=total,
        supply_high_kg=total,
        method=OD_TABLE,
        by_source_kg=by_source if len(by_source) > 1 else None,
    )


def _certificate(
    measure: PathMeasure, by_source: NDArray[np.float64], missed: NDArray[np.float64]
) -> Certificate:
    """Compute the balance of each source from its flows, and what they miss of the table."""
    arriving = measure.legs_into_nodes @ by_source[:, : len(measure.legs)].T
    leaving = measure.arcs_at_nodes @ by_source.T
    supply = np.column_stack([alone.supply_kg for alone in measure.alone()])
    left = np.abs(supply + arriving - leaving).max()
    worst = float(max(left, np.abs(missed).max()) / supply.sum())
    if not worst <= BALANCE_AT_MOST:
        raise ConvergenceError(
            f"the flows of the origin-destination table miss it or the balance by {worst:.2g} of "
            "the total (at most 1e-9): the costs are too close to those of routes without end. "
            "Raise the cost of going round a cycle"
        )
    return Certificate(gap=0.0, balance=worst, iterations=0)


def _residuals(
    table: pd.DataFrame,
    origins: pd.Index,
    ends: pd.Index,
    ended: NDArray[np.float64],
    places: Places,
) -> pd.DataFrame:
    """Tabulate each pair beside what ends; the table holds exactly."""
    rows, columns = origins.get_indexer(table["origin"]), ends.get_indexer(table["destination"])
    estimate, kg = ended[rows, columns], table["kg"].to_numpy("float64")
    pairs = list(zip(table["origin"], table["destination"], strict=True))
    frame = pd.DataFrame(
        {
            "kind": "od",
            "target": [f"from {places.name(o)} to {places.name(d)}" for o, d in pairs],
            "estimate_kg": estimate,
            "residual_sigmas": 0.0,
            "multiplier": np.nan,
            "unit": "kg",
            "estimate": estimate,
            "nodes": [f"{o};{d}" for o, d in pairs],
            "legs": "",
            "source": "",
            "edition": pd.array([pd.NA] * len(table), dtype="Int64"),
            "confidence": "",
            "note": "given as an origin-destination table",
        },
        index=table.index,
    )
    for column in ("evidence_kg", "low_kg", "high_kg", "figure", "low", "high"):
        frame[column] = kg
    return frame[RESIDUAL_COLUMNS]


def _unused(evidence: Evidence) -> pd.DataFrame:
    """List all figures: none of them enters."""
    weights = (evidence.supply, evidence.demand, evidence.seizures, evidence.flows)
    ratios = (evidence.shares, evidence.interception, evidence.price_gaps)
    figures = pd.concat([figure.reindex(columns=["best_kg"]) for figure in (*weights, *ratios)])
    return figures.assign(why=_WHY)[["why", "best_kg"]].rename_axis("row")
