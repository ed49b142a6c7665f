"""Seizures of a year, one edition a cell, in the measure's own terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.evidence.parameters import relative_sd

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from opiateroutes.evidence.parameters import Parameters

__all__ = ["latest_edition", "seized_heroin"]

_COUNTED = ("heroin", "morphine")
_DOUBT = ("high", "medium", "low")


def latest_edition(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Keep the newest edition of each cell: revised series stand side by side in the tables.

    Examples
    --------
    >>> import pandas as pd
    >>> t = pd.DataFrame({"node": ["a", "a"], "edition": [2024, 2025], "best_kg": [1, 2]})
    >>> latest_edition(t, ["node"])["best_kg"].tolist()
    [2]
    """
    return table.sort_values([*keys, "edition"]).drop_duplicates(keys, keep="last")


def seized_heroin(
    year: int,
    seizures: pd.DataFrame,
    parameters: Parameters,
    *,
    counted: Sequence[str] = _COUNTED,
) -> pd.DataFrame:
    """Add heroin and morphine (or what else is ``counted``) up by node; opium stays apart.

    Weights are as reported, purity unknown; a kilogram of morphine is counted as one of heroin.

    Returns
    -------
    pandas.DataFrame
        Index ``node``; ``best_kg``, ``sd_kg``, ``source``, ``edition``, ``confidence``, ``note``.
    """
    rows = seizures[(seizures["year"] == year) & seizures["commodity"].isin(counted)]
    rows = latest_edition(rows, ["node", "year", "commodity"])
    rows = rows.assign(sd_kg=rows["best_kg"] * relative_sd(rows["confidence"], parameters))
    grouped = rows.groupby("node")
    return grouped.agg(
        best_kg=("best_kg", "sum"),
        sd_kg=("sd_kg", lambda s: float(np.sqrt((s**2).sum()))),
        source=("source", lambda s: "; ".join(sorted(set(s)))),
        edition=("edition", "max"),
        confidence=("confidence", lambda s: max(s, key=_DOUBT.index)),
        note=("commodity", lambda s: " and ".join(sorted(s)) + ", as reported"),
    )
