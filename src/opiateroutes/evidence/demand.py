"""Demand: prevalence x population x use per user x share of Afghan heroin, factor by factor.

The spread of a product is that of its factors, each with the interval of the parameter table; use
per user (3.6 to 31 g a year in the literature) is by far the widest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from opiateroutes.evidence.parameters import Z90

if TYPE_CHECKING:
    from opiateroutes.evidence.parameters import Parameters, Value

__all__ = ["A_USER", "consumed_heroin", "step_rows"]

A_USER = "heroin a user"
"""Step of a demand that was derived from the number of users."""

_GRAMS_PER_KG = 1000.0
_STANDARD_AGE = "15-64"

_Bounds = tuple["pd.Series | float", "pd.Series | float", "pd.Series | float"]
"""Low, best and high."""


def consumed_heroin(
    year: int,
    prevalence: pd.DataFrame,
    population: pd.DataFrame,
    consumption: pd.DataFrame,
    parameters: Parameters,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Estimate the heroin consumed by node, of any origin.

    A published consumption of the year goes first. Otherwise the survey nearest in time (age group
    15-64 where there is a choice), territories of one country weighted by population, times the
    population nearest in time. Countries without any survey take the median prevalence of their
    subregion, flagged ``imputed`` and with a wide interval.

    Parameters
    ----------
    year
        Year wanted.
    prevalence, population, consumption
        The shipped tables.
    parameters
        The shipped parameters.

    Returns
    -------
    consumed : pandas.DataFrame
        Index ``node``; ``best_kg``, ``sd_kg``, ``source``, ``edition``, ``confidence``, ``note``.
    steps : pandas.DataFrame
        ``node``, ``step``, ``best``, ``low``, ``high``, ``unit``, ``source``: every factor with its
        bounds, ready to be drawn from (low, best and high of a PERT distribution).
    """
    share = _prevalence_of(year, prevalence, parameters)
    people = _nearest_in_time(population, year).set_index("node")
    share = _with_imputed(share, people.index, parameters)
    grams = parameters.get("heroin_g_per_user")
    users_share = [parameters.get("heroin_users_share", node) for node in share.index]
    persons = people["persons"].reindex(share.index).astype("float64")
    users = persons * share["best_percent"] / 100.0
    best = users * [value.best for value in users_share] * grams.best / _GRAMS_PER_KG
    relative = np.sqrt(
        share["relative_sd"] ** 2
        + grams.relative_sd**2
        + np.square([value.relative_sd for value in users_share])
    )
    gap = (people["year"].reindex(share.index) - year).abs()
    frame = pd.DataFrame(
        {
            "best_kg": best,
            "sd_kg": best * relative,
            "source": share["source"] + "; un_wpp_15_64; " + grams.source,
            "edition": share["edition"],
            "confidence": np.where(share["imputed"] | (gap > 0), "low", "medium"),
            "note": share["note"]
            + [f"; population of {y}" for y in people["year"].reindex(share.index)]
            + f"; {grams.best:g} g of heroin per user and year",
        }
    )
    published = _published(year, consumption, parameters)
    frame = frame.drop(index=published.index, errors="ignore")
    steps = pd.concat(
        [
            _factor_steps(share.loc[frame.index], people, grams, users_share, share.index),
            _result_steps(pd.concat([frame, published])),
        ]
    )
    order = steps.sort_values("node", kind="stable").reset_index(drop=True)
    return pd.concat([frame, published]).sort_index(), order


def _factor_steps(
    share: pd.DataFrame,
    people: pd.DataFrame,
    grams: Value,
    users_share: list[Value],
    nodes: pd.Index,
) -> pd.DataFrame:
    """Lay the factors of consumption out, one row for each node and factor."""
    spread = Z90 * share["relative_sd"]
    of_users = pd.Series(users_share, index=nodes).loc[share.index]
    persons = people["persons"].reindex(share.index).astype("float64")
    factors: list[tuple[str, _Bounds, str, pd.Series | str]] = [
        ("people aged 15-64", (persons, persons, persons), "persons", people["source"]),
        (
            "used opiates in the past year",
            (
                (share["best_percent"] * (1 - spread)).clip(lower=0.0),
                share["best_percent"],
                share["best_percent"] * (1 + spread),
            ),
            "percent",
            share["source"],
        ),
        (
            "of them use heroin",
            (
                of_users.map(lambda value: value.low),
                of_users.map(lambda value: value.best),
                of_users.map(lambda value: value.high),
            ),
            "share",
            of_users.map(lambda value: value.source),
        ),
        (A_USER, (grams.low, grams.best, grams.high), "g a year", grams.source),
        # Use per user was derived from what was exported: it is in the purity of exports.
        ("purity beside that of exports", (1.0, 1.0, 1.0), "ratio", "assumption"),
    ]
    return pd.concat([step_rows(share.index, *factor) for factor in factors])


def _result_steps(frame: pd.DataFrame) -> pd.DataFrame:
    spread = Z90 * frame["sd_kg"]
    low, high = (frame["best_kg"] - spread).clip(lower=0.0), frame["best_kg"] + spread
    bounds = (low, frame["best_kg"], high)
    return step_rows(frame.index, "heroin consumed, of any origin", bounds, "kg", frame["source"])


def step_rows(
    nodes: pd.Index, step: str, bounds: _Bounds, unit: str, source: pd.Series | str
) -> pd.DataFrame:
    """Lay one step out for several nodes; bounds are low, best and high.

    Examples
    --------
    >>> step_rows(pd.Index(["a"]), "use", (1.0, 2.0, 3.0), "kg", "s")["best"].tolist()
    [2.0]
    """
    low, best, high = bounds
    columns = {"step": step, "best": best, "low": low, "high": high, "unit": unit}
    frame = pd.DataFrame({**columns, "source": source}, index=nodes)
    return frame.rename_axis("node").reset_index()


def _nearest_in_time(table: pd.DataFrame, year: int) -> pd.DataFrame:
    gap = (table["year"] - year).abs()
    # Of two years equally far the earlier one: it was known at the time.
    return (
        table.assign(gap=gap)
        .sort_values(["node", "gap", "year"])
        .drop_duplicates("node")
        .drop(columns="gap")
    )


def _prevalence_of(year: int, prevalence: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    place = prevalence["node"] + "|" + prevalence["territory"].fillna("")
    ranked = prevalence.assign(
        place=place,
        gap=(prevalence["year"] - year).abs(),
        other_age=prevalence["age_group"] != _STANDARD_AGE,
    ).sort_values(["place", "gap", "other_age", "year"])
    chosen = ranked.drop_duplicates("place")
    weight = [
        parameters.get("territory_weight", t).best if isinstance(t, str) else 1.0
        for t in chosen["territory"]
    ]
    # Some published bounds stand the wrong way round.
    bounds = (chosen["high_percent"] - chosen["low_percent"]).abs() / (2 * Z90)
    confidence = parameters.get("relative_sd", "medium").best
    sd = bounds.fillna(chosen["best_percent"] * confidence)
    chosen = chosen.assign(
        weight=weight,
        weighted=chosen["best_percent"] * weight,
        weighted_sd=sd * weight,
        said=[
            f"prevalence of {row.year}"
            + ("" if row.age_group == _STANDARD_AGE else f" (age {row.age_group})")
            for row in chosen.itertuples()
        ],
    )
    grouped = chosen.groupby("node")
    total = grouped["weight"].sum()
    best = grouped["weighted"].sum() / total
    return pd.DataFrame(
        {
            "best_percent": best,
            "relative_sd": (grouped["weighted_sd"].sum() / total / best).fillna(confidence),
            "source": grouped["source"].first(),
            "edition": grouped["edition"].max(),
            "imputed": False,
            "note": grouped["said"].agg(lambda s: ", ".join(dict.fromkeys(s))),
        }
    )


def _with_imputed(share: pd.DataFrame, nodes: pd.Index, parameters: Parameters) -> pd.DataFrame:
    region = {node: parameters.subregions.get(node) for node in nodes.union(share.index)}
    medians = share["best_percent"].groupby(region).median()
    bounds = parameters.get("demand_bounds", "imputed")
    missing = [n for n in nodes.difference(share.index) if region[n] in medians.index]
    imputed = pd.DataFrame(
        {
            "best_percent": [medians[region[n]] for n in missing],
            "relative_sd": bounds.relative_sd,
            "source": "wdr2025_1_2; assumption",
            "edition": 2025,
            "imputed": True,
            "note": [f"imputed: no survey, median prevalence of {region[n]}" for n in missing],
        },
        index=pd.Index(missing, name="node", dtype="str"),
    )
    known = share[share.index.isin(nodes)]
    return pd.concat([known, imputed]).sort_index()


def _published(year: int, consumption: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    rows = consumption[(consumption["year"] == year) & (consumption["commodity"] == "heroin")]
    rows = rows[rows["node"].isin(parameters.subregions)].set_index("node")
    relative = [parameters.get("relative_sd", c).best for c in rows["confidence"]]
    columns = ["best_kg", "sd_kg", "source", "edition", "confidence", "note"]
    return rows.assign(
        sd_kg=rows["best_kg"] * relative, note="published consumption: " + rows["note"]
    )[columns]
