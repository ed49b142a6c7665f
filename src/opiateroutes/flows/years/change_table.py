"""The table of changes: ratios of flows in two years, their intervals and their classes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from opiateroutes.evidence.parameters import Z90
from opiateroutes.flows.ensemble.ensemble import FlowEnsemble
from opiateroutes.flows.reading.values import log_sd_of_flows
from opiateroutes.flows.years.changes import BEYOND, NOTHING, Changes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.fit import FlowFit

__all__ = ["changes_between"]

_FEWEST = 2
_LEAST_KG = 1e-30
"""Less than this is nothing, in a draw of single precision too."""

_LEGS_AT_ONCE = 512


def changes_between(
    base: FlowFit | FlowEnsemble,
    other: FlowFit | FlowEnsemble,
    *,
    years: tuple[int, int],
    beyond: float = BEYOND,
) -> Changes:
    """Compare the flows of two estimates of one network.

    Parameters
    ----------
    base, other
        Two fits, or two ensembles whose draws are paired.
    years
        Of both.
    beyond
        See `FlowYears.changes`.

    Returns
    -------
    Changes
        One row a leg.

    Raises
    ------
    ValueError
        If ``beyond`` is no finite number above 1, or fewer than two draws form pairs.
    """
    if not (math.isfinite(beyond) and beyond > 1):
        raise ValueError(f"beyond must be a finite ratio above 1, not {beyond!r}")
    one, two = base.legs, other.legs.reindex(base.legs.index)
    table = pd.DataFrame(one[["from_node", "to_node", "mode"]])
    table["base_kg"], table["other_kg"] = one["flow_kg"], two["flow_kg"]
    before, after = _moves(base), _moves(other).reindex(one.index)
    table["ratio"] = (table["other_kg"] / table["base_kg"]).where(before)
    pairs = 0
    if isinstance(base, FlowEnsemble) and isinstance(other, FlowEnsemble):
        # A draw that was taken again in one year only has no partner in the other.
        kept = np.flatnonzero(base.attempts == other.attempts)
        pairs = len(kept)
        if pairs < _FEWEST:
            raise ValueError(f"only {pairs} draws of {years[0]} and {years[1]} form pairs")
        low, high = _drawn(base, other, table.index, kept)
    else:
        width = Z90 * np.hypot(log_sd_of_flows(one), log_sd_of_flows(two))
        low, high = table["ratio"] * np.exp(-width), table["ratio"] * np.exp(width)
    table["ratio_low"], table["ratio_high"] = low, high
    table.loc[~(before & after), ["ratio_low", "ratio_high"]] = np.nan
    table["change"] = _classes(table, before.to_numpy(), after.to_numpy(), beyond)
    table["leverage"] = np.minimum(one["leverage"], two["leverage"])
    return Changes(table, *years, beyond=beyond, pairs=pairs)


def _drawn(
    base: FlowEnsemble, other: FlowEnsemble, legs: pd.Index, kept: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the 5 % and 95 % points of the ratio of each leg over pairs of draws."""
    bounds = np.full((2, len(legs)), np.nan)
    uses = [
        ens.measure.trace.use[pd.Index(ens.measure.trace.legs).get_indexer(legs)]
        for ens in (base, other)
    ]
    for start in range(0, len(legs), _LEGS_AT_ONCE):
        block = slice(start, start + _LEGS_AT_ONCE)
        flows = [
            np.maximum(use[block] @ ens.arcs_kg[kept].T.astype(np.float64), _LEAST_KG)
            for use, ens in zip(uses, (base, other), strict=True)
        ]
        bounds[:, block] = np.quantile(flows[1] / flows[0], [0.05, 0.95], axis=1)
    return bounds[0], bounds[1]


def _moves(estimate: FlowFit | FlowEnsemble) -> pd.Series:
    """Return whether legs carry more than rounding."""
    fit = estimate.fit if isinstance(estimate, FlowEnsemble) else estimate
    return pd.Series(fit.legs["flow_kg"] > NOTHING * fit.supply_kg)


def _classes(
    table: pd.DataFrame, before: NDArray[np.bool_], after: NDArray[np.bool_], beyond: float
) -> NDArray[np.str_]:
    ratio, low, high = (table[name].to_numpy() for name in ("ratio", "ratio_low", "ratio_high"))
    return np.select(
        [
            ~before & ~after,
            ~before,
            ~after,
            np.isnan(low),
            (low >= 1 / beyond) & (high <= beyond),
            (low > 1) & (ratio >= beyond),
            (high < 1) & (ratio <= 1 / beyond),
        ],
        ["no flow", "appears", "ends", "no interval", "steady", "rises", "falls"],
        default="not distinguishable",
    )
