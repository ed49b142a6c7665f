"""How sure a rank is: where an element stands over the draws of an ensemble."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "RANK_DIGITS",
    "ends_of_draws",
    "ranks_in_draws",
    "stability_columns",
    "stability_names",
    "without_rounding",
]

RANK_DIGITS = 12
"""Digits of shares that ranks look at: rounding must not put equal elements in an order."""

_ENDS = (0.05, 0.95)
_ROUNDING = 1e-13
"""Share of a quantity by which two ways of working it out may differ."""
_ENDLESS = 1e300
"""Stands for infinity where numbers are weighed with each other."""


def stability_names(measured: str) -> list[str]:
    """Name the columns of stability."""
    return [f"{measured}_low", f"{measured}_high", "rank_low", "rank_high", "in_top"]


def without_rounding(
    change: NDArray[np.float64], before: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """Set to 0 what differs from what was before by rounding only.

    Examples
    --------
    >>> without_rounding(np.array([-1e-15, 0.1]), 1.0).tolist()
    [0.0, 0.1]
    """
    kept: NDArray[np.float64] = np.where(np.abs(change) > _ROUNDING * np.abs(before), change, 0.0)
    return kept


def ends_of_draws(share: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the 5 % and 95 % points of each column, of which some values may be infinite.

    Examples
    --------
    >>> ends_of_draws(np.array([[1.0, 0.0], [1.0, np.inf], [1.0, np.inf]])).tolist()
    [[1.0, inf], [1.0, inf]]
    """
    finite = np.minimum(share.astype(np.float64), _ENDLESS)
    ends: NDArray[np.float64] = np.quantile(finite, _ENDS, axis=0)
    # Between a finite and an infinite draw lies infinity.
    ends[ends > 1e-20 * _ENDLESS] = np.inf
    return ends


def ranks_in_draws(share: NDArray[np.floating]) -> NDArray[np.intp]:
    """Rank the elements in each draw, 1 the largest; equal ones in their order.

    Parameters
    ----------
    share
        Shape ``(draws, elements)``.

    Examples
    --------
    >>> ranks_in_draws(np.array([[0.1, 0.3, 0.2]])).tolist()
    [[3, 1, 2]]
    """
    order = np.argsort(-share, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, share.shape[1] + 1)[None], axis=1)
    return ranks


def stability_columns(
    share: NDArray[np.floating] | None, count: int, top: int, measured: str
) -> pd.DataFrame:
    """Tabulate intervals and the stability of ranks.

    Parameters
    ----------
    share
        Shape ``(draws, elements)``; None where there are no draws: then all is missing.
    count
        How many elements there are.
    top
        Among so many an element is at the top.
    measured
        What the share is of, for the names of the columns.

    Returns
    -------
    pandas.DataFrame
        ``<measured>_low`` and ``_high`` (5 % and 95 % points), ``rank_low`` and ``rank_high``
        (ranks that 90 % of the draws lie between), ``in_top`` (share of the draws).

    Examples
    --------
    >>> draws = np.array([[0.3, 0.1], [0.2, 0.4], [0.3, 0.1], [0.3, 0.1]])
    >>> stability_columns(draws, 2, 1, "drop")["in_top"].tolist()
    [0.75, 0.25]
    """
    if share is None or count == 0:
        missing = {name: [np.nan] * count for name in stability_names(measured)}
        frame = pd.DataFrame(missing, dtype="float64")
    else:
        ranks = ranks_in_draws(share)
        low, high = ends_of_draws(share)
        first, last = np.quantile(ranks, _ENDS, axis=0, method="inverted_cdf")
        columns = (low, high, first, last, (ranks <= top).mean(axis=0))
        frame = pd.DataFrame(dict(zip(stability_names(measured), columns, strict=True)))
    return frame.astype({"rank_low": "Int64", "rank_high": "Int64"})
