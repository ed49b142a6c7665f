"""Supply: how much heroin left the country of production in a year, from published figures.

A published export is used as it stands. Other years are derived from the opium harvests, step by
step, and every step is kept so that a reader can disagree with one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from opiateroutes.evidence.parameters import Z90

if TYPE_CHECKING:
    from opiateroutes.evidence.parameters import Parameters

__all__ = ["supply_causes", "supply_of"]

_SAME_EVERY_YEAR = ("share exported", "share made into heroin", "opium per heroin")


def supply_of(
    year: int, supply: pd.DataFrame, domestic_kg: pd.DataFrame, parameters: Parameters
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Derive the heroin that left each country of production in a year.

    With a published export there is one step. Otherwise: mean of this and the two earlier opium
    harvests (stocks carry over; the lowest and the highest harvest are the bounds), times the share
    exported, times the share of that made into heroin, over the opium that a kilogram of heroin
    takes. A published production of heroin goes before harvests; what was seized and consumed at
    home is taken off it.

    Parameters
    ----------
    year
        Year wanted.
    supply
        The shipped table ``supply``.
    domestic_kg
        Index ``node``; columns ``best_kg`` and ``sd_kg``: seizures and consumption at home.
    parameters
        The shipped parameters.

    Returns
    -------
    rows : pandas.DataFrame
        ``node``, ``best_kg``, ``low_kg``, ``high_kg``, ``source``, ``edition``, ``confidence``,
        ``note``; empty if nothing is known.
    steps : pandas.DataFrame
        ``node``, ``step``, ``best``, ``low``, ``high``, ``unit``, ``source``.
    """
    rows, steps = [], []
    for node, figures in supply.groupby("node"):
        done = _published(node, year, figures) or _derived(
            node, year, figures, domestic_kg, parameters
        )
        if done:
            rows.append(done[0])
            steps += done[1]
    columns = ["node", "step", "best", "low", "high", "unit", "source"]
    return pd.DataFrame(rows), pd.DataFrame(steps, columns=columns)


def supply_causes(steps: pd.DataFrame) -> pd.DataFrame:
    """Name what derived supplies have in common: factors whose error is the same in all years.

    Parameters
    ----------
    steps
        As `supply_of` returns them.

    Returns
    -------
    pandas.DataFrame
        ``row``, ``cause``, ``relative_sd``, as ``Evidence.shared`` has them.
    """
    factors = steps[steps["step"].isin(_SAME_EVERY_YEAR)]
    return pd.DataFrame(
        {
            "row": "supply:" + factors["node"].astype("str"),
            "cause": factors["step"].astype("str"),
            "relative_sd": ((factors["high"] - factors["low"]) / (2 * Z90) / factors["best"]),
        }
    )


_Built = tuple[dict[str, object], list[tuple[object, ...]]]


def _of(figures: pd.DataFrame, indicator: str, years: list[int]) -> pd.DataFrame:
    rows = figures[(figures["indicator"] == indicator) & figures["year"].isin(years)]
    return rows.sort_values(["year", "edition"]).drop_duplicates("year", keep="last")


def _published(node: object, year: int, figures: pd.DataFrame) -> _Built | None:
    found = _of(figures, "heroin_export", [year])
    if found.empty:
        return None
    f = found.iloc[-1]
    row = {
        "node": node,
        "best_kg": f["best_kg"],
        "low_kg": f["low_kg"],
        "high_kg": f["high_kg"],
        "source": f["source"],
        "edition": f["edition"],
        "confidence": f["confidence"],
        "note": f"published export: {f['note']}",
    }
    step = (node, "heroin leaving the country", f["best_kg"], f["low_kg"], f["high_kg"], "kg")
    return row, [(*step, f["source"])]


def _derived(
    node: object,
    year: int,
    figures: pd.DataFrame,
    domestic_kg: pd.DataFrame,
    parameters: Parameters,
) -> _Built | None:
    made = _heroin_published(node, year, figures, parameters)
    at_home = made is not None
    made = made or _heroin_of_harvests(node, year, figures, parameters)
    if made is None:
        return None
    heroin, relative, about, steps = made
    home, home_sd = (0.0, 0.0)
    # What a harvest exports is already less what stays at home.
    if at_home and node in domestic_kg.index:
        home, home_sd = (float(domestic_kg.loc[node, c]) for c in ("best_kg", "sd_kg"))
        low, high = max(0.0, home - Z90 * home_sd), home + Z90 * home_sd
        steps.append((node, "seized and consumed at home", home, low, high, "kg", "see tables"))
    best = max(heroin - home, 0.0)
    spread = Z90 * float(np.hypot(heroin * relative, home_sd))
    low, high = max(best - spread, 0.0), best + spread
    steps.append((node, "heroin leaving the country", best, low, high, "kg", "derived"))
    return {"node": node, "best_kg": best, "low_kg": low, "high_kg": high, **about}, steps


_Heroin = tuple[float, float, dict[str, object], list[tuple[object, ...]]]


def _heroin_published(
    node: object, year: int, figures: pd.DataFrame, parameters: Parameters
) -> _Heroin | None:
    found = _of(figures, "heroin_production", [year])
    if found.empty:
        return None
    f = found.iloc[-1]
    about = {
        "source": f["source"],
        "edition": f["edition"],
        "confidence": f["confidence"],
        "note": f"published production of heroin less use and seizures at home: {f['note']}",
    }
    step = (node, "heroin made", f["best_kg"], f["low_kg"], f["high_kg"], "kg", f["source"])
    # Published without bounds: the spread of its confidence.
    relative = parameters.get("relative_sd", str(f["confidence"])).best
    return float(f["best_kg"]), relative, about, [step]


def _heroin_of_harvests(
    node: object, year: int, figures: pd.DataFrame, parameters: Parameters
) -> _Heroin | None:
    span = round(parameters.get("harvests_in_supply").best)
    harvests = _of(figures, "opium_production", list(range(year - span + 1, year + 1)))
    if harvests.empty:
        return None
    opium = harvests["best_kg"].astype("float64")
    mean, low, high = opium.mean(), opium.min(), opium.max()
    ratio = parameters.get("opium_per_heroin")
    share = parameters.get("share_of_opium_made_into_heroin")
    exported = parameters.get("share_of_harvest_exported")
    years = ", ".join(str(y) for y in harvests["year"])
    spread = (high - low) / (2 * Z90) / mean
    if len(harvests) == 1:
        # One harvest says nothing about how the others differ.
        spread = parameters.get("relative_sd", "medium").best
    factors = (ratio, share, exported)
    relative = float(np.sqrt(spread**2 + sum(value.relative_sd**2 for value in factors)))
    source = "; ".join(sorted(set(harvests["source"])))
    steps: list[tuple[object, ...]] = [
        (node, f"opium harvests of {years}, mean", mean, low, high, "kg", source),
        *(
            (node, name, value.best, value.low, value.high, unit, value.source)
            for name, value, unit in zip(
                _SAME_EVERY_YEAR,
                (exported, share, ratio),
                ("share", "share", "kg per kg"),
                strict=True,
            )
        ),
    ]
    about = {
        "source": f"{source}; {ratio.source}; {share.source}; assumption",
        "edition": int(harvests["edition"].max()),
        "confidence": "low",
        "note": f"derived from the opium harvests of {years}; see Evidence.steps",
    }
    return float(mean * exported.best * share.best / ratio.best), relative, about, steps
