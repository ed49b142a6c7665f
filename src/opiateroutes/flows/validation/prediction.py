"""Figures beside what an estimate that has not seen them says, and how good that is.

References
----------
.. [1] Gneiting, T., Raftery, A. E. (2007), "Strictly proper scoring rules, prediction, and
   estimation", Journal of the American Statistical Association 102(477), 359-378: the logarithmic
   score.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy.sparse as sp

from opiateroutes.evidence.parameters import Z90

if TYPE_CHECKING:
    from opiateroutes.flows.fit import FlowFit

__all__ = ["PREDICTION_COLUMNS", "predictions", "summary_by"]

PREDICTION_COLUMNS = [
    *("kind", "target", "source", "edition", "figure_kg", "predicted_kg", "low_kg", "high_kg"),
    *("error_sigmas", "inside", "log_score"),
]


def predictions(fit: FlowFit, figures: pd.DataFrame) -> pd.DataFrame:
    """Predict figures from a fit that has not seen them.

    Prediction and figure are both lognormal about their values, and independent. Where one of them
    is 0 the error is that in kilograms, and there is no score.

    Parameters
    ----------
    fit
        In whose evidence the rows stand without weight (see `worthless`).
    figures
        Index ``row``; ``best_kg``, ``sd_kg``, ``source``, ``edition``. Rows that the fit does not
        know (places outside of the network) are left out.

    Returns
    -------
    pandas.DataFrame
        Index ``row``; `PREDICTION_COLUMNS`, see `Holdout`.

    Raises
    ------
    ValueError
        If the fit gives no intervals.
    """
    if fit.spread is None:
        raise ValueError("a validation needs intervals: method must be 'path_measure'")
    known = figures[figures.index.isin(fit.residuals.index)]
    said = fit.residuals.loc[known.index]
    at = {str(name): k for k, name in enumerate(fit.spread.names)}
    sd = fit.evidence.supply["sd_kg"].reindex(known.index).to_numpy("float64", copy=True)
    rows = [at.get(str(name), -1) for name in known.index]
    seen = np.flatnonzero(np.array(rows, dtype=np.intp) >= 0)
    if len(seen):
        sd[seen] = fit.spread.sd_kg(sp.csr_array(fit.spread.rows[[rows[k] for k in seen]]))
    frame = pd.DataFrame(
        {
            "kind": said["kind"],
            "target": said["target"],
            "source": known["source"],
            "edition": known["edition"],
            "figure_kg": known["best_kg"].astype("float64"),
            "predicted_kg": said["estimate"].astype("float64"),
        }
    )
    return _scored(frame, pd.Series(sd, known.index), known["sd_kg"].astype("float64"))


def _scored(frame: pd.DataFrame, sd: pd.Series, figure_sd: pd.Series) -> pd.DataFrame:
    figure, predicted = frame["figure_kg"], frame["predicted_kg"]
    both = (figure > 0) & (predicted > 0)
    log_sd = np.sqrt(_log_variance(predicted, sd) + _log_variance(figure, figure_sd))
    ratio = np.log(predicted.where(both, 1.0) / figure.where(both, 1.0))
    plain = (predicted - figure) / np.hypot(sd, figure_sd).replace(0.0, np.nan)
    error = (ratio / log_sd.replace(0.0, np.nan)).where(both, plain).fillna(0.0)
    score = 0.5 * error**2 + np.log(log_sd.replace(0.0, np.nan)) + 0.5 * np.log(2.0 * np.pi)
    return frame.assign(
        low_kg=predicted * np.exp(-Z90 * log_sd),
        high_kg=predicted * np.exp(Z90 * log_sd),
        error_sigmas=error,
        inside=error.abs() <= Z90,
        log_score=score.where(both),
    )[PREDICTION_COLUMNS].rename_axis("row")


def _log_variance(best: pd.Series, sd: pd.Series) -> pd.Series:
    ratio = (sd / best.where(best > 0)).fillna(0.0).clip(upper=1e100)
    return np.log1p(ratio**2)


def summary_by(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Sum predictions up.

    Parameters
    ----------
    rows
        From `predictions`, with the columns ``keys``.
    keys
        What to group by.

    Returns
    -------
    pandas.DataFrame
        See `Holdout`.
    """
    apart = np.log(rows["predicted_kg"] / rows["figure_kg"]).abs()
    finite = rows.assign(apart=apart.replace(np.inf, np.nan))
    grouped = finite.groupby(keys)
    return pd.DataFrame(
        {
            "rows": grouped.size(),
            "inside": grouped["inside"].mean(),
            "mean_error_sigmas": grouped["error_sigmas"].mean(),
            "typical_factor": np.exp(grouped["apart"].median()),
            "mean_log_score": grouped["log_score"].mean(),
            "figure_kg": grouped["figure_kg"].sum(),
            "predicted_kg": grouped["predicted_kg"].sum(),
        }
    )
