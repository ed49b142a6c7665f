"""How much the weight of the prior decides: one estimate for each, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from opiateroutes.evidence.parameters import Z90
from opiateroutes.flows.estimate import estimate_flows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.fit import FlowFit
    from opiateroutes.network import RouteNetwork

__all__ = ["PriorWeights", "prior_weights"]

_ABOUT_LEG = ["from_node", "to_node", "mode"]


@dataclass(frozen=True, eq=False, repr=False)
class PriorWeights:
    """Estimates with several weights of the prior; see `prior_weights`.

    Parameters
    ----------
    legs
        Index ``leg``, largest first; ``from_node``, ``to_node``, ``mode``, then for each weight
        (30, say) ``flow_n30_kg``, ``low_n30_kg``, ``high_n30_kg``; ``factor``, the largest flow
        over the smallest.
    nodes
        Index ``node``, largest first; ``name``, then ``throughput_n30_kg`` and its interval;
        ``factor``.
    residuals
        Index ``row``; ``kind``, ``target``, ``unit``, ``figure``, then ``estimate_n30`` and
        ``sigmas_n30`` (estimate less figure, in standard deviations of the figure).
    misfit
        Index ``n_effective`` and ``kind``; ``rows``, ``rms_sigmas`` (root mean square: 1 is what
        the spread of the figures lets expect) and ``beyond_90`` (share of rows off by more than
        1.64 of them).
    fits
        The estimates by weight.
    """

    legs: pd.DataFrame
    nodes: pd.DataFrame
    residuals: pd.DataFrame
    misfit: pd.DataFrame
    fits: Mapping[float, FlowFit]

    def __repr__(self) -> str:
        weights = ", ".join(f"{n:g}" for n in self.fits)
        return f"<PriorWeights: n_effective {weights}; {len(self.legs)} legs>"

    def _repr_html_(self) -> str:
        return (
            f"<div><strong>{escape(repr(self)[1:-1])}</strong>"
            f"{self.misfit.round(2).to_html(border=0)}"
            f"{self.legs.head(10).round(0).to_html(border=0)}</div>"
        )


def prior_weights(
    net: RouteNetwork,
    evidence: Evidence,
    *,
    n_effective: Sequence[float] = (10.0, 30.0, 100.0),
    **options: Any,
) -> PriorWeights:
    """Estimate with several weights of the prior, and put the results side by side.

    How many shipments the prior is worth is a choice, not a finding. What moves by much more than
    its interval when it changes should not be quoted without it.

    Parameters
    ----------
    net, evidence
        As in `estimate_flows`.
    n_effective
        Weights, each in shipments. 10, 30 and 100 by default: the default of `estimate_flows` and
        about a third and three times of it.
    **options
        Other options of `estimate_flows`: ``cost``, ``structural_sd``.

    Returns
    -------
    PriorWeights
        Flows, throughput and residuals, with their intervals, for each weight.

    Raises
    ------
    ValueError
        If no weight is given, or one twice, or one is not above 0.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> found = opr.prior_weights(opr.load_network(), opr.load_evidence(2008))
    >>> found.legs.columns[3:6].tolist()
    ['flow_n10_kg', 'low_n10_kg', 'high_n10_kg']
    """
    weights = [float(n) for n in n_effective]
    if not weights or len(set(weights)) < len(weights):
        raise ValueError("n_effective must name at least one weight, and none twice")
    fits = {n: estimate_flows(net, evidence, n_effective=n, **options) for n in weights}
    first = next(iter(fits.values()))
    rows = ["kind", "target", "unit", "figure"]
    residuals = [fit.residuals for fit in fits.values()]
    return PriorWeights(
        legs=_beside(fits, "legs", pd.DataFrame(first.legs[_ABOUT_LEG]), ("flow", "low", "high")),
        nodes=_beside(
            fits,
            "nodes",
            pd.DataFrame(first.nodes[["name"]]),
            ("throughput", "throughput_low", "throughput_high"),
        ),
        residuals=pd.concat(
            [
                first.residuals[rows],
                *(
                    pd.DataFrame(
                        {
                            f"estimate_n{n:g}": one["estimate"],
                            f"sigmas_n{n:g}": one["residual_sigmas"],
                        }
                    )
                    for n, one in zip(fits, residuals, strict=True)
                ),
            ],
            axis=1,
        ),
        misfit=_misfit(fits),
        fits=fits,
    )


def _beside(
    fits: Mapping[float, FlowFit], table: str, about: pd.DataFrame, names: tuple[str, str, str]
) -> pd.DataFrame:
    """Put best estimate and ends of one table side by side, largest first."""
    frame = about.copy()
    for n, fit in fits.items():
        for name in names:
            frame[f"{name}_n{n:g}_kg"] = getattr(fit, table)[f"{name}_kg"]
    best = frame[[f"{names[0]}_n{n:g}_kg" for n in fits]]
    least = best.min(axis=1)
    frame["factor"] = best.max(axis=1) / least.where(least > 0)
    return frame.loc[best.max(axis=1).sort_values(ascending=False, kind="stable").index]


def _misfit(fits: Mapping[float, FlowFit]) -> pd.DataFrame:
    frames = []
    for fit in fits.values():
        soft = fit.residuals[fit.residuals["kind"] != "supply"]
        grouped = soft["residual_sigmas"].groupby(soft["kind"])
        frames.append(
            pd.DataFrame(
                {
                    "rows": grouped.size(),
                    "rms_sigmas": grouped.agg(lambda s: float(np.sqrt((s**2).mean()))),
                    "beyond_90": grouped.agg(lambda s: float((s.abs() > Z90).mean())),
                }
            )
        )
    return pd.concat(frames, keys=list(fits), names=["n_effective", "kind"])
