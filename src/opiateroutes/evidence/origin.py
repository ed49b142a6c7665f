"""The part of what is consumed or seized that is thought to be of Afghan origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from opiateroutes.evidence.demand import step_rows
from opiateroutes.evidence.parameters import Z90

if TYPE_CHECKING:
    from opiateroutes.evidence.parameters import Parameters

__all__ = ["afghan_part", "origin_steps"]


def afghan_part(figures: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Scale figures on heroin of any origin by the Afghan share of each node.

    The share is an assumption by subregion, wide where other origins compete; its spread and that
    of the figure add as relative variances.

    Parameters
    ----------
    figures
        Index ``node``; ``best_kg``, ``sd_kg``, ``source``, ``note`` and others.
    parameters
        The shipped parameters.

    Returns
    -------
    pandas.DataFrame
        Columns ``node``, ``best_kg``, ``low_kg``, ``high_kg`` (90 % interval), ``sd_kg`` and what
        describes them.
    """
    rows = figures.reset_index(names="node")
    shares = [parameters.get("afghan_share", node) for node in rows["node"]]
    share = np.array([value.best for value in shares])
    relative = rows["sd_kg"] / rows["best_kg"].where(rows["best_kg"] > 0)
    spread = np.hypot(relative.fillna(0.0), [value.relative_sd for value in shares])
    best = rows["best_kg"] * share
    return rows.assign(
        best_kg=best,
        sd_kg=best * spread,
        low_kg=np.maximum(best * (1 - Z90 * spread), 0.0),
        high_kg=best * (1 + Z90 * spread),
        source=rows["source"] + "; assumption",
        note=[
            f"{note}; {s:.3g} of these {kg:,.0f} kg Afghan (assumption)"
            for kg, note, s in zip(rows["best_kg"], rows["note"], share, strict=True)
        ],
    )


def origin_steps(demand: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Lay the Afghan share of each market and the demand that results out as steps.

    Parameters
    ----------
    demand
        From `afghan_part`.
    parameters
        The shipped parameters.

    Returns
    -------
    pandas.DataFrame
        ``node``, ``step``, ``best``, ``low``, ``high``, ``unit``, ``source``.
    """
    nodes = pd.Index(demand["node"])
    shares = [parameters.get("afghan_share", node) for node in nodes]
    low, best, high = (
        pd.Series([getattr(value, name) for value in shares], index=nodes)
        for name in ("low", "best", "high")
    )
    source = pd.Series([value.source for value in shares], index=nodes)
    kg = demand.set_index("node")
    bounds = (kg["low_kg"], kg["best_kg"], kg["high_kg"])
    return pd.concat(
        [
            step_rows(nodes, "of Afghan origin", (low, best, high), "share", source),
            step_rows(nodes, "demand for Afghan heroin", bounds, "kg", kg["source"]),
        ]
    )
