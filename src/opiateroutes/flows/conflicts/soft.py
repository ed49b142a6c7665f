"""Evidence that an estimate does not meet: how much each row holds it, and against what.

Around a fit the model is linear and Gaussian: with ``C`` the covariance of what the rows count,
``V`` their own variance and ``M = (C + V)^-1``, leaving row k out moves its estimate by
``t_k (1 / M_kk - V_k)``, t being the multipliers (the rank-one downdate of ``M`` [1]_; see also
[2]_, equation 5.12). Row l holds the estimate of row k by ``-C_kl t_l``.

References
----------
.. [1] Cook, R. D., Weisberg, S. (1982), Residuals and Influence in Regression, Chapman and Hall.
.. [2] Rasmussen, C. E., Williams, C. K. I. (2006), Gaussian Processes for Machine Learning, MIT
   Press, section 5.4.2: leaving one out in closed form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from opiateroutes.flows.conflicts.prior import expected_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.fit import FlowFit
    from opiateroutes.flows.reading.spread import Spread

__all__ = ["soft_conflicts"]

_UNMET = 0.01
"""A figure of which less than this share is met is not met."""

_WORTH_NAMING = 0.05
"""Pulls below this share of a row's own are not named."""

_NAMES_AT_MOST = 3

_UNEXPLAINED = "not met; this method weighs no evidence against other evidence"

_COLUMNS = ["kind", "target", "unit", "figure", "estimate", "residual_sigmas"]
_FOUND = ["without", "shift_sigmas", "fights", "verdict"]


def soft_conflicts(fit: FlowFit, *, threshold: float) -> pd.DataFrame:
    """Rank the evidence that a fit does not meet; see `FlowFit.conflicts`."""
    if not threshold >= 0:
        raise ValueError(f"threshold must be a number of at least 0, not {threshold!r}")
    if fit.measure is None or fit.spread is None:
        far = fit.residuals["residual_sigmas"].abs() > threshold
        return _ranked(fit.residuals[far], pd.DataFrame(columns=_FOUND, dtype="object"))
    rows = fit.residuals.reindex(fit.spread.names)
    estimate, figure = (rows[column].to_numpy("float64") for column in ("estimate", "figure"))
    sigmas = rows["residual_sigmas"].abs().to_numpy("float64")
    far = sigmas > threshold
    candidates = np.flatnonzero(far | ((estimate < _UNMET * figure) & (sigmas > 0)))
    in_kg = rows["evidence_kg"].fillna(0.0).to_numpy("float64")[candidates]
    expected = expected_of(fit.measure, fit.spread.rows[candidates], in_kg)
    listed = far[candidates] | expected.beyond
    chosen = candidates[listed]
    shift = _shift(fit.spread, rows, chosen)
    # In their own unit; no flow, share or rate falls below zero.
    sd = (estimate - figure)[chosen] / rows["residual_sigmas"].to_numpy("float64")[chosen]
    without = np.maximum(estimate[chosen] + shift * sd, 0.0)
    fights = _fights(fit.spread, rows["multiplier"].to_numpy("float64"), chosen)
    verdicts = zip(expected.beyond[listed], expected.settled[listed], fights, strict=True)
    found = {
        "without": without,
        "shift_sigmas": (without - estimate[chosen]) / sd,
        "fights": [";".join(names) for names in fights],
        "verdict": [_verdict(beyond, settled, names) for beyond, settled, names in verdicts],
    }
    others = fit.residuals[~fit.residuals.index.isin(fit.spread.names)]
    others = others[others["residual_sigmas"].abs() > threshold]
    return _ranked(
        pd.concat([rows.iloc[chosen], others]), pd.DataFrame(found, index=rows.index[chosen])
    )


def _ranked(rows: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Put what was found beside the rows, worst first; missing where nothing was worked out."""
    frame = rows[_COLUMNS].join(found).rename_axis("row")
    numbers = dict.fromkeys(("without", "shift_sigmas"), "float64")
    frame = frame.astype(numbers).fillna({"fights": "", "verdict": _UNEXPLAINED})
    order = np.lexsort([frame.index.to_numpy(str), -frame["residual_sigmas"].abs()])
    return frame.iloc[order]


def _shift(spread: Spread, rows: pd.DataFrame, chosen: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return how far the estimates of rows move if each is left out, in their own sigmas."""
    pull = rows["multiplier"].to_numpy("float64")[chosen]
    residual = rows["residual_sigmas"].to_numpy("float64")[chosen]
    # The residual is the multiplier times N sd, the sd in shares of the supply.
    sd = residual / (spread.n_effective * pull)
    own = spread.n_effective * sd**2
    precision = np.maximum(np.diag(spread.inverse)[chosen], 1e-300)
    shift: NDArray[np.float64] = pull * np.maximum(1.0 / precision - own, 0.0) / sd
    return shift


def _fights(
    spread: Spread,
    multipliers: NDArray[np.float64],
    chosen: NDArray[np.intp],
) -> list[list[str]]:
    """Return for each row those that pull its estimate the other way, the strongest first."""
    covariance = spread.moments.covariance(spread.rows[chosen], spread.rows)
    pulls = -covariance * multipliers
    own = pulls[np.arange(len(chosen)), chosen]
    against = -np.sign(own)[:, None] * pulls
    found = []
    for row, strength in zip(np.abs(own), against, strict=True):
        order = np.argsort(-strength, kind="stable")[:_NAMES_AT_MOST]
        found.append([str(spread.names[k]) for k in order if strength[k] > _WORTH_NAMING * row])
    return found


def _verdict(beyond: bool, settled: bool, fights: list[str]) -> str:  # noqa: FBT001
    if beyond:
        return "cannot be met by the cost model: it sends next to nothing this way"
    if settled:
        return "cannot be met at this supply: every route counts here alike"
    if fights:
        return f"disagrees with {', '.join(fights)}"
    return "disagrees with the cost model and the supply"
