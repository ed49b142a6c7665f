"""Scoring estimates of a known truth: do bands cover it, and how far off are flows."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from benchmarks.synthetic.published import published
from benchmarks.synthetic.truths import SUPPLY_KG, TRUTHS
from benchmarks.synthetic.worlds import geometric_world, shipped_world

import opiateroutes as opr
from opiateroutes.errors import EvidenceWarning

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from benchmarks.synthetic.truths import Truth
    from benchmarks.synthetic.worlds import World

__all__ = ["LEAST_KG", "Scores", "band_table", "method_table", "scored"]

LEAST_KG = 1e-3 * SUPPLY_KG
"""Flows below a thousandth of the supply are not scored on their own."""

_BASELINES = ("shortest_path", "equal_split", "gravity", "least_squares")


class Scores(NamedTuple):
    """All that was measured.

    Parameters
    ----------
    bands
        One row a leg or node of a replicate: ``truth``, ``replicate``, ``what`` (leg, node),
        ``basis``, ``true_kg``, ``flow_kg``, ends of the band of the draws (``low_kg``,
        ``high_kg``) and of that to first order (``first_low_kg``, ``first_high_kg``).
    methods
        One row a method of a replicate: ``truth``, ``replicate``, ``method``, ``wape``,
        ``rank_correlation``.
    """

    bands: pd.DataFrame
    methods: pd.DataFrame


def scored(
    replicates: Iterable[int],
    *,
    draws: int,
    sizes: tuple[int, int],
    names: Iterable[str] = tuple(TRUTHS),
    options: Mapping[str, float] | None = None,
) -> Scores:
    """Estimate every truth from what is published about it.

    Parameters
    ----------
    replicates
        Numbers, each with its own network (even ones of countries, odd ones geometric), truth and
        errors; the same number gives the same figures.
    draws
        Draws of `sample_flows`.
    sizes
        Fewest and most nodes.
    names
        Which truths.
    options
        Of the path measure: ``n_effective``, ``structural_sd``; the defaults where not given.
    """
    chosen = dict(options or {})
    bands, methods = [], []
    for replicate in replicates:
        rng = np.random.default_rng([20261, replicate])
        make = geometric_world if replicate % 2 else shipped_world
        world = make(rng, int(rng.integers(sizes[0], sizes[1] + 1)))
        for number, name in enumerate(names):
            truth = TRUTHS[name](world, np.random.default_rng([replicate, number]))
            label = {"truth": name, "replicate": replicate}
            seed = [7, replicate, number]
            ensemble = _sampled(world, truth, seed, draws, chosen)
            bands.append(_bands(world, truth, ensemble).assign(**label))
            fits = _all_methods(world, truth, seed, ensemble.fit, chosen)
            true = pd.Series(truth.flow_kg, index=world.net.legs.index)
            table = opr.compare(fits, truth=true).table[["wape", "rank_correlation"]]
            methods.append(table.reset_index().assign(**label))
    return Scores(pd.concat(bands, ignore_index=True), pd.concat(methods, ignore_index=True))


def _sampled(
    world: World, truth: Truth, seed: list[int], draws: int, options: dict[str, float]
) -> opr.FlowEnsemble:
    evidence = published(world, truth, np.random.default_rng(seed))
    return opr.sample_flows(world.net, evidence, draws=draws, rng=1, progress=False, **options)


def _all_methods(
    world: World, truth: Truth, seed: list[int], fit: opr.FlowFit, options: dict[str, float]
) -> dict[str, opr.FlowFit]:
    """Estimate with every method; those that read shares once with each kind of itineraries."""
    fits = {"path_measure": fit}
    evidence = fit.evidence
    fits |= {m: opr.estimate_flows(world.net, evidence, method=m) for m in _BASELINES}
    for kind in ("even", "uneven"):
        evidence = published(world, truth, np.random.default_rng(seed), itineraries=kind)
        with warnings.catch_warnings():
            # Shares that do not settle within ten rounds are part of what is measured.
            warnings.simplefilter("ignore", EvidenceWarning)
            fits[f"path_measure, {kind}"] = opr.estimate_flows(world.net, evidence, **options)
        by_shares = opr.estimate_flows(world.net, evidence, method="import_shares")
        fits[f"import_shares, {kind}"] = by_shares
    return fits


def _bands(world: World, truth: Truth, ensemble: opr.FlowEnsemble) -> pd.DataFrame:
    legs, nodes = ensemble.legs, ensemble.nodes.drop(index=world.net.nodes.index[world.source])
    first_legs, first_nodes = ensemble.fit.legs, ensemble.fit.nodes.loc[nodes.index]
    arrived = pd.Series(truth.arrived_kg, index=world.net.nodes.index)
    half = 0.5
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "what": "leg",
                    "basis": legs["basis"],
                    "true_kg": truth.flow_kg,
                    "flow_kg": legs["flow_kg"],
                    "low_kg": legs["low_kg"],
                    "high_kg": legs["high_kg"],
                    "first_low_kg": first_legs["low_kg"],
                    "first_high_kg": first_legs["high_kg"],
                }
            ),
            pd.DataFrame(
                {
                    "what": "node",
                    "basis": np.where(nodes["leverage"] >= half, "evidence", "model"),
                    "true_kg": arrived[nodes.index],
                    "flow_kg": nodes["throughput_kg"],
                    "low_kg": nodes["throughput_low_kg"],
                    "high_kg": nodes["throughput_high_kg"],
                    "first_low_kg": first_nodes["throughput_low_kg"],
                    "first_high_kg": first_nodes["throughput_high_kg"],
                }
            ),
        ],
        ignore_index=True,
    )


def band_table(bands: pd.DataFrame) -> pd.DataFrame:
    """Tabulate coverage and width by truth, then over all truths but the last (the control)."""
    names = list(dict.fromkeys(bands["truth"]))
    rows = {name: _band_row(bands[bands["truth"] == name]) for name in names}
    rows["all but the control"] = _band_row(bands[bands["truth"] != names[-1]])
    return pd.DataFrame(rows).T.rename_axis("truth")


def _band_row(bands: pd.DataFrame) -> dict[str, str]:
    seen = bands[bands["true_kg"] > LEAST_KG]
    legs, nodes = seen[seen["what"] == "leg"], seen[seen["what"] == "node"]
    either = bands[
        (bands["what"] == "leg") & (bands[["true_kg", "flow_kg"]].max(axis=1) > LEAST_KG)
    ]
    idle = (either["true_kg"] == 0).mean()
    return {
        "legs": str(len(legs)),
        "covered": _percent_and_error(legs),
        "by evidence": _percent(_covered(legs[legs["basis"] == "evidence"])),
        "by model": _percent(_covered(legs[legs["basis"] == "model"])),
        "above": _percent(legs["true_kg"] > legs["high_kg"]),
        "below": _percent(legs["true_kg"] < legs["low_kg"]),
        "width": f"{_width(legs):.1f}",
        "first order": _percent(_covered(legs, "first_")),
        "its width": f"{_width(legs, 'first_'):.1f}",
        "nodes": _percent(_covered(nodes)),
        "nodes, first order": _percent(_covered(nodes, "first_")),
        "nodes' width": f"{_width(nodes):.1f}",
        "true or estimated": _percent(_covered(either, slack_kg=LEAST_KG)),
        "idle": _percent(pd.Series([idle])),
    }


def _covered(bands: pd.DataFrame, which: str = "", *, slack_kg: float = 0.0) -> pd.Series:
    low, high = bands[f"{which}low_kg"] - slack_kg, bands[f"{which}high_kg"] + slack_kg
    return (low <= bands["true_kg"]) & (bands["true_kg"] <= high)


def _width(bands: pd.DataFrame, which: str = "") -> float:
    """Return the geometric mean of upper over lower end."""
    low = bands[f"{which}low_kg"].clip(lower=1e-9)
    return float(np.exp(np.log(bands[f"{which}high_kg"].clip(lower=1e-9) / low).mean()))


def _percent(hits: pd.Series) -> str:
    return f"{100 * hits.mean():.0f} %" if len(hits) else "-"


def _percent_and_error(legs: pd.DataFrame) -> str:
    """Return the coverage with its standard error: replicates, not legs, are independent."""
    hits = _covered(legs)
    of_replicate = hits.groupby(legs["replicate"]).mean()
    error = of_replicate.std(ddof=1) / np.sqrt(len(of_replicate)) if len(of_replicate) > 1 else 0.0
    return f"{100 * hits.mean():.0f} ± {100 * error:.0f} %"


def method_table(methods: pd.DataFrame) -> pd.DataFrame:
    """Tabulate the mean error and rank correlation of each method by truth."""
    order = list(dict.fromkeys(methods["method"]))
    names = list(dict.fromkeys(methods["truth"]))
    others = methods[methods["truth"] != names[-1]].assign(truth="all but the control")
    both = pd.concat([methods, others])
    means = both.groupby(["method", "truth"])[["wape", "rank_correlation"]].mean()
    text = means.apply(lambda row: f"{row['wape']:.2f} ({row['rank_correlation']:.2f})", axis=1)
    columns = [*names, "all but the control"]
    found = {name: text.xs(name, level="truth").reindex(order) for name in columns}
    return pd.DataFrame(found).rename_axis("method")
