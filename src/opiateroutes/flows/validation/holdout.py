"""The result of a validation: figures that the estimate had not seen, and what it said of them."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Holdout"]


@dataclass(frozen=True, eq=False, repr=False)
class Holdout:
    """Figures beside predictions; see `leave_one_source_out` and `vintage_holdout`.

    Parameters
    ----------
    rows
        Index ``row``; ``left_out`` (what was left out when the row was predicted), ``kind``,
        ``target``, ``source``, ``edition``, ``figure_kg``, ``predicted_kg``, ``low_kg`` and
        ``high_kg`` (90 % interval in which the figure should lie: of prediction and figure
        together), ``error_sigmas`` (logarithm of predicted over figure, in standard deviations of
        both), ``inside``, ``log_score`` (of the logarithm of the figure, nats; smaller is better).
    summary
        Index ``left_out`` and ``kind``; ``rows``, ``inside`` (share of the rows, about 0.9 where
        intervals are honest), ``mean_error_sigmas`` (above 0: predicted too high),
        ``typical_factor`` (median factor between figure and prediction), ``mean_log_score``,
        ``figure_kg`` and ``predicted_kg`` (sums).
    title
        What was left out, in words.
    """

    rows: pd.DataFrame
    summary: pd.DataFrame
    title: str

    def __repr__(self) -> str:
        if self.rows.empty:
            return f"<Holdout, {self.title}: no figures>"
        inside = self.rows["inside"].mean()
        return f"<Holdout, {self.title}: {len(self.rows)} figures, {inside:.0%} inside>"

    def _repr_html_(self) -> str:
        return (
            f"<div><strong>{escape(self.title)}</strong>"
            f"{self.summary.round(2).to_html(border=0, escape=True)}</div>"
        )
