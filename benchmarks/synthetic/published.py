"""Evidence as it would be published about a truth: partial, rounded by errors, with bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import opiateroutes as opr

if TYPE_CHECKING:
    from benchmarks.synthetic.truths import Truth
    from benchmarks.synthetic.worlds import World
    from numpy.typing import NDArray

__all__ = ["CASES", "published"]

CASES = 300
"""Seizures of which the itinerary is known."""

_Z90 = 1.6448536269514722


def published(
    world: World, truth: Truth, rng: np.random.Generator, *, itineraries: str = ""
) -> opr.Evidence:
    """Publish figures about a truth.

    Supply within 15 %; demand of every market within 25 to 50 %; seizures of three quarters of the
    nodes within 10 %; none to three corridors within 20 %, busy ones more often; all lognormal,
    with 90 % bounds that are honest. Prior interception rates are the general ones.

    Parameters
    ----------
    world, truth
        What is published about.
    rng
        Errors.
    itineraries
        Also publish shares of imports, counted from `CASES` seizures with a known origin:
        ``"even"`` (everybody reports alike) or ``"uneven"`` (only who reports seizures, some many
        times as often as others, and some origins more often than others). Errors of all other
        figures do not depend on it. Empty by default: no shares.
    """
    names = world.net.nodes.index.to_numpy()
    source = names[world.source]
    supplied = np.array([truth.arrived_kg[world.source]])
    supply = _figures(rng, supplied, np.array([0.15])).assign(node=[source])
    markets = np.flatnonzero(truth.consumed_kg > 0)
    spread = rng.uniform(0.25, 0.5, len(markets))
    demand = _figures(rng, truth.consumed_kg[markets], spread).assign(node=names[markets])
    reports = np.flatnonzero((rng.random(world.size) < 0.75) & (truth.seized_kg > 0))  # noqa: PLR2004
    seizures = _figures(rng, truth.seized_kg[reports], np.full(len(reports), 0.1))
    busy = truth.flow_kg / truth.flow_kg.sum()
    corridors = rng.choice(len(busy), rng.integers(4), replace=False, p=busy)
    flows = _figures(rng, truth.flow_kg[corridors], np.full(len(corridors), 0.2))
    chance = rng.lognormal(0.0, 0.3, len(busy))
    if itineraries == "uneven":
        reported = np.isin(np.arange(world.size), reports)
        chance = rng.lognormal(0.0, 0.6, len(busy))
        chance *= (reported * rng.lognormal(0.0, 1.0, world.size))[world.head]
    return opr.Evidence.from_tables(
        supply=supply,
        demand=demand,
        seizures=seizures.assign(node=names[reports]),
        flows=flows.assign(
            row=[f"corridor {k}" for k in range(len(corridors))],
            from_node=names[world.tail[corridors]],
            to_node=names[world.head[corridors]],
        ),
        shares=_shares(world, truth, rng, chance) if itineraries else None,
    )


def _figures(
    rng: np.random.Generator, true: NDArray[np.float64], spread: NDArray[np.float64]
) -> pd.DataFrame:
    """Publish quantities with lognormal errors and their 90 % bounds."""
    best = true * np.exp(spread * rng.standard_normal(len(true)))
    ends = np.exp(_Z90 * spread)
    return pd.DataFrame({"best_kg": best, "low_kg": best / ends, "high_kg": best * ends})


def _shares(
    world: World, truth: Truth, rng: np.random.Generator, known: NDArray[np.float64]
) -> pd.DataFrame:
    """Count from where seizures came, by importer.

    A case is as likely as what is seized of a leg, to the power 0.7 (large loads are fewer cases),
    and as its origin is known. One case more from where the cheapest way comes stands for importers
    that have few or none: no importer is then without an origin.
    """
    seized = truth.flow_kg * world.rate[world.head]
    chance = seized**0.7 * known
    cases = rng.multinomial(CASES, chance / chance.sum())
    counted = pd.DataFrame({"i": world.tail, "j": world.head, "cases": cases.astype(float)})
    km = world.net.legs["distance_km"].fillna(1000.0).to_numpy("float64") + 1000.0
    last = [(route[-1], j) for j, route in enumerate(world.routes(km)) if route]
    more = pd.DataFrame({"i": [world.tail[leg] for leg, _ in last], "j": [j for _, j in last]})
    both = pd.concat([counted[counted["cases"] > 0], more.assign(cases=1.0)])
    both = both[(both["j"] != world.source) & (truth.arrived_kg[both["j"]] > 0)]
    pairs = both.groupby(["i", "j"], as_index=False)["cases"].sum()
    total = pairs.groupby("j")["cases"].transform("sum")
    share = pairs["cases"] / total
    # Agresti and Coull: a share of 1 in few cases is not certain.
    centre = (pairs["cases"] + 2.0) / (total + 4.0)
    names = world.net.nodes.index.to_numpy()
    return pd.DataFrame(
        {
            "from_node": names[pairs["i"]],
            "to_node": names[pairs["j"]],
            "share": share,
            "sd_share": np.sqrt(centre * (1.0 - centre) / (total + 4.0) + 0.05**2),
        }
    )
