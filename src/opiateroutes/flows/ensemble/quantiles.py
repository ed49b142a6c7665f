"""Quantiles of sums of arcs over draws, block by block: what is held in memory stays small."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

    import scipy.sparse as sp
    from numpy.typing import NDArray

    from opiateroutes.flows.kernel.measure import PathMeasure

__all__ = ["quantiles", "ratios_over_draws", "routes_over_draws", "sums_over_draws"]

LEVELS = (0.05, 0.5, 0.95)
"""Ends and middle of the 90 % interval."""

_NUMBERS = 8_000_000
"""Numbers that are worked on at once, 64 MB."""


def quantiles(values: NDArray[np.float64], prefix: str, unit: str) -> pd.DataFrame:
    """Tabulate mean, standard deviation, median and 90 % interval of draws, ``(draws, k)``.

    Examples
    --------
    >>> quantiles(np.array([[1.0], [2.0], [3.0]]), "", "_kg").round(2).to_dict("records")
    [{'mean_kg': 2.0, 'sd_kg': 1.0, 'low_kg': 1.1, 'median_kg': 2.0, 'high_kg': 2.9}]
    """
    low, median, high = np.quantile(values, LEVELS, axis=0)
    columns = {
        "mean": values.mean(axis=0),
        "sd": values.std(axis=0, ddof=1),
        "low": low,
        "median": median,
        "high": high,
    }
    return pd.DataFrame({f"{prefix}{name}{unit}": column for name, column in columns.items()})


def sums_over_draws(
    arcs_kg: NDArray[np.float32], sums: sp.csr_array, *, prefix: str = "", unit: str = "_kg"
) -> pd.DataFrame:
    """Tabulate the quantiles of sums of arcs.

    Parameters
    ----------
    arcs_kg
        Shape ``(draws, arcs)``.
    sums
        Shape ``(k, arcs)``: one sum a row.
    prefix, unit
        Before and after the names of the columns.
    """
    return _in_blocks(
        sums.shape[0], len(arcs_kg), lambda rows: _values(arcs_kg, sums[rows]), prefix, unit
    )


def ratios_over_draws(
    arcs_kg: NDArray[np.float32], part: sp.csr_array, whole: sp.csr_array, *, prefix: str
) -> pd.DataFrame:
    """Tabulate the quantiles of one sum of arcs over another; missing where the other is 0."""

    def ratio(rows: slice) -> NDArray[np.float64]:
        above, below = _values(arcs_kg, part[rows]), _values(arcs_kg, whole[rows])
        return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)

    return _in_blocks(part.shape[0], len(arcs_kg), ratio, prefix, "")


def routes_over_draws(
    arcs_kg: NDArray[np.float32],
    measure: PathMeasure,
    paths: list[tuple[int, ...]],
    ends: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Return the probability of each route in each draw, shape ``(draws, routes)``.

    Parameters
    ----------
    arcs_kg
        Shape ``(draws, arcs)``.
    measure
        The measure.
    paths
        States of each route, in order.
    ends
        Shape ``(exits,)``: exits that end a route.
    """
    m, n = len(measure.legs), measure.n_nodes
    joins: dict[tuple[int, int], list[int]] = {}
    for leg, pair in enumerate(zip(measure.tail.tolist(), measure.head.tolist(), strict=True)):
        joins.setdefault(pair, []).append(leg)
    ending = {k: (m + np.flatnonzero(ends & (measure.exit_node == k))).tolist() for k in range(n)}
    probability = np.zeros((len(arcs_kg), len(paths)))
    size = max(1, _NUMBERS // measure.n_arcs)
    for start in range(0, len(arcs_kg), size):
        arcs = np.asarray(arcs_kg[start : start + size], dtype=np.float64)
        through = np.maximum((measure.arcs_at_nodes @ arcs.T).T, 1e-300)
        begun = through.copy()
        begun -= (measure.legs_into_nodes @ arcs[:, :m].T).T
        total = begun[:, measure.sources].sum(axis=1)
        for k, path in enumerate(paths):
            chance = begun[:, path[0]] / total
            for here, there in itertools.pairwise(path):
                chance = chance * arcs[:, joins[here, there]].sum(axis=1) / through[:, here]
            chance = chance * arcs[:, ending[path[-1]]].sum(axis=1) / through[:, path[-1]]
            probability[start : start + size, k] = chance
    return probability


def _values(arcs_kg: NDArray[np.float32], sums: sp.csr_array) -> NDArray[np.float64]:
    """Return sums of arcs in each draw, shape ``(draws, k)``."""
    used = np.unique(sums.indices)
    sums = sums[:, used]
    values = np.zeros((len(arcs_kg), sums.shape[0]))
    size = max(1, _NUMBERS // max(1, len(used)))
    for start in range(0, len(arcs_kg), size):
        block = arcs_kg[start : start + size, used].astype(np.float64)
        values[start : start + size] = (sums @ block.T).T
    return values


def _in_blocks(
    count: int,
    draws: int,
    values: Callable[[slice], NDArray[np.float64]],
    prefix: str,
    unit: str,
) -> pd.DataFrame:
    size = max(1, _NUMBERS // (4 * draws))
    blocks = [quantiles(values(slice(k, k + size)), prefix, unit) for k in range(0, count, size)]
    if not blocks:
        return quantiles(np.zeros((2, 0)), prefix, unit)
    return pd.concat(blocks, ignore_index=True)
