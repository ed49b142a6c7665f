"""Figures reported as zero: they close an exit, and bind nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.flows.binding.checks import listed_rows

if TYPE_CHECKING:
    from opiateroutes.evidence import Evidence

__all__ = ["bound_rates", "reported_zeros"]


def reported_zeros(evidence: Evidence, listed: pd.Index) -> pd.DataFrame:
    """List demand and seizures reported as zero: they close an exit and bind nothing.

    Rates of zero, and rates where the seizures are reported as zero, bind nothing either.
    """
    rows = pd.concat([evidence.demand, evidence.seizures])
    zero = rows[(rows["best_kg"] == 0) & ~rows.index.isin(listed)]
    bound = bound_rates(evidence, listed).index
    idle = evidence.interception.drop(
        index=[*listed.intersection(evidence.interception.index), *bound]
    )
    return pd.concat(
        [
            listed_rows(zero, "reported as zero: nothing ends here"),
            listed_rows(idle, "a rate of zero, or of seizures reported as zero: binds nothing"),
        ]
    )


def bound_rates(evidence: Evidence, listed: pd.Index) -> pd.DataFrame:
    """Return the interception rates that are to be bound: not set aside, above 0, of something."""
    rates, seizures = evidence.interception, evidence.seizures
    closed = seizures.loc[seizures["best_kg"] == 0, "node"]
    fine = (rates["best_rate"] > 0) & ~rates["node"].isin(closed) & ~rates.index.isin(listed)
    return pd.DataFrame(rates[fine])
