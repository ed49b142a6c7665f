"""The evidence that coefficients are calibrated on: checked, with the features of the legs."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from opiateroutes.errors import EvidenceWarning, NetworkError
from opiateroutes.flows.binding.checks import refuse_unknown
from opiateroutes.flows.binding.costs import leg_costs, leg_features, where_supply_starts
from opiateroutes.flows.binding.places import Places
from opiateroutes.flows.calibration.coefficients import COST
from opiateroutes.flows.commodities.layers import of_heroin
from opiateroutes.network.failures import failure_table

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.calibration.coefficients import Coefficients
    from opiateroutes.network import RouteNetwork

__all__ = ["Year"]


@dataclass(frozen=True, eq=False)
class Year:
    """A network, evidence on it and what the cost model sees of its legs.

    Parameters
    ----------
    net, evidence
        The network; evidence without price gaps.
    features
        Index ``leg``, one column a feature of ``evidence/costs``.
    costs
        Index ``leg``, nats: at the best values of all coefficients.
    """

    net: RouteNetwork
    evidence: Evidence
    features: pd.DataFrame
    costs: pd.Series

    @classmethod
    def of(cls, net: RouteNetwork, evidence: Evidence) -> Year:
        """Check evidence and read the features of the legs.

        Raises
        ------
        NetworkError
            If the network gives the costs of its legs.
        EvidenceError
            If evidence names nodes that the network lacks, or other commodities than heroin.
        ValueError
            If nothing is supplied.

        Warns
        -----
        EvidenceWarning
            If there are price gaps: they are left out.
        """
        if "cost" in net.legs:
            rule = "the cost model has no part in it"
            hint = "drop the column to use the features of the legs"
            raise NetworkError(
                "there is nothing to calibrate: the network gives the cost of its legs in a column",
                failure_table([("legs", "", "cost", "", rule, hint)]),
            )
        evidence = of_heroin(evidence, net)
        refuse_unknown(evidence, net)
        if not evidence.price_gaps.empty:
            warnings.warn(
                f"{len(evidence.price_gaps)} price gap(s) are left out: they move costs after the "
                "coefficients have made them, and say nothing of the coefficients here",
                EvidenceWarning,
                stacklevel=4,
            )
            evidence = replace(evidence, price_gaps=evidence.price_gaps.iloc[:0])
        places = Places.of(net)
        supply = evidence.supply[evidence.supply["node"].map(places.known).astype("bool")]
        if supply["best_kg"].sum() == 0:
            raise ValueError("a supply of zero: nothing moves, so there is nothing to calibrate")
        starts = where_supply_starts(net, places, supply)
        return cls(net, evidence, leg_features(net, starts), leg_costs(net, None, starts)[0])

    def costs_at(self, coefficients: Coefficients, shifts: NDArray[np.float64]) -> pd.Series:
        """Return the cost of each leg at given shifts of the coefficients, nats."""
        costs = self.costs.copy()
        changes = coefficients.effects(shifts)
        kinds = coefficients.table["kind"].items()
        for (name, kind), change in zip(kinds, changes, strict=True):
            if kind == COST:
                costs += self.features[str(name)] * change
        return costs
