"""What price gaps say of the cost of legs, before the measure is conditioned.

The rise of a price along a route pays for the risk and the transport of it [1]_: the gap
``g = ln(price at its end / price at its start)`` is taken to be ``scale`` times the cost of getting
from one to the other, give or take the standard deviation of the gap. The cost model is the prior,
``N(C, structural_sd^2)``, and costs become the posterior mean, which is conjugate.

References
----------
.. [1] Reuter, P., Kleiman, M. A. R. (1986), "Risks and prices: an economic analysis of drug
   enforcement", Crime and Justice 7, 289-340.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import logsumexp

from opiateroutes.errors import UnreachableError
from opiateroutes.evidence.parameters import load_parameters
from opiateroutes.flows.binding.places import Places, legs_between

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.network import RouteNetwork

__all__ = ["Priced", "price_costs"]


@dataclass(frozen=True, eq=False)
class Priced:
    """Costs of legs after the price gaps.

    Parameters
    ----------
    costs
        Index ``leg``, nats.
    estimates
        Index ``row``: the log ratio that the costs imply.
    unused
        Price gaps that no open leg can explain: index ``row``; columns ``why``, ``best_kg``.
    """

    costs: pd.Series
    estimates: pd.Series
    unused: pd.DataFrame


def price_costs(
    net: RouteNetwork, evidence: Evidence, costs: pd.Series, *, structural_sd: float
) -> Priced:
    """Move the costs of legs to where price gaps pull them.

    The cost of getting from one place to another is that of all legs between them together,
    ``C = -ln sum exp(-c)``; all of them move by the same, so that merging parallel legs, or cutting
    a border into crossings, changes nothing. A row that names several places speaks of each pair of
    them. Several rows about a pair weigh as their precision; the direction back is not touched.

    Parameters
    ----------
    net
        The network.
    evidence
        Its price gaps are read.
    costs
        Index ``leg``, nats; infinite closes a leg, and no price opens it.
    structural_sd
        Standard deviation of what the cost model does not know, nats; with 0 it knows all.

    Returns
    -------
    Priced
        The costs as they came where there are no price gaps.

    Raises
    ------
    UnreachableError
        If no open leg joins the places of a gap and ``evidence.outside`` is ``"error"``.

    Notes
    -----
    ``scale`` is the parameter ``price_gap_scale`` of ``evidence/parameters``, an assumption. With
    prior variance ``V`` and ``R = (sd_log_ratio / scale)^2`` the cost moves by
    ``V / (V + R) (g / scale - C)``. Between two places of a network with inland legs only the legs
    from one into the other count, not the hauls to them.
    """
    if evidence.price_gaps.empty:
        nothing = pd.DataFrame(columns=["why", "best_kg"])
        return Priced(costs, pd.Series(dtype="float64"), nothing)
    places = Places.of(net)
    scale = load_parameters().get("price_gap_scale").best
    after = costs.copy()
    known = pd.Series(structural_sd**2, index=costs.index)
    unused: dict[str, dict[str, object]] = {}
    pairs: dict[str, list[pd.Index]] = {}
    for row in evidence.price_gaps.itertuples():
        pairs[str(row.Index)] = list(_pairs(net, places, after, row))
        if not pairs[str(row.Index)]:
            why = "no open leg joins these nodes"
            if evidence.outside == "error":
                raise UnreachableError(
                    f"{row.Index} says nothing: {why} ({row.from_nodes} to {row.to_nodes})"
                )
            unused[str(row.Index)] = {"why": why, "best_kg": np.nan}
        noise = (row.sd_log_ratio / scale) ** 2
        for legs in pairs[str(row.Index)]:
            prior = float(known[legs].mean())
            gain = prior / (prior + noise) if prior > 0 else 0.0
            after[legs] += gain * (row.best_log_ratio / scale - _together(after[legs]))
            known[legs] *= 1.0 - gain
    estimates = {
        name: scale * float(np.mean([_together(after[legs]) for legs in found]))
        for name, found in pairs.items()
        if found
    }
    listed = pd.DataFrame.from_dict(unused, orient="index", columns=["why", "best_kg"])
    return Priced(after, pd.Series(estimates, dtype="float64"), listed)


def _pairs(net: RouteNetwork, places: Places, costs: pd.Series, row: Any) -> Iterator[pd.Index]:
    """Yield the open legs between each pair of places of a row."""
    is_open = np.isfinite(costs.reindex(net.legs.index))
    for start in places.parts(row.from_nodes):
        for end in places.parts(row.to_nodes):
            legs = legs_between(net.legs, places, start, end)
            legs = legs[is_open[legs].to_numpy()]
            if len(legs):
                yield legs


def _together(costs: pd.Series) -> float:
    """Cost of the legs together, nats: that of the one leg that could stand for them."""
    values: NDArray[np.float64] = costs.to_numpy("float64")
    return -float(logsumexp(-values))
