"""The result of sampling: quantiles of what moves, and what drives their spread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from opiateroutes.data import nearest
from opiateroutes.errors import UnknownNameError
from opiateroutes.flows.drawn import DrawnFlows
from opiateroutes.flows.ensemble.sensitivity import first_order
from opiateroutes.flows.ensemble.tables import leg_table, node_table, route_table
from opiateroutes.flows.reading.html import result_card
from opiateroutes.units import format_kg, format_kg_interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.ensemble.draws import Draws
    from opiateroutes.flows.fit import Certificate, FlowFit
    from opiateroutes.flows.kernel.measure import PathMeasure
    from opiateroutes.network import RouteNetwork

__all__ = ["FlowEnsemble"]


@dataclass(frozen=True, eq=False, repr=False)
class FlowEnsemble(DrawnFlows):
    """Draws of the flows of one year; make one with `opiateroutes.sample_flows`.

    Parameters
    ----------
    fit
        The estimate at the best values of all inputs, with its own first-order intervals.
    arcs_kg
        Shape ``(draws, arcs)``, single precision: flows on the arcs of the measure of the fit.
    supply_kg
        Shape ``(draws,)``.
    attempts
        Shape ``(draws,)``: how often each was taken again because its routes would have diverged.
    certificate
        Largest gap and imbalance of all draws.
    plan
        How the draws were made.
    """

    fit: FlowFit
    arcs_kg: NDArray[np.float32]
    supply_kg: NDArray[np.float64]
    attempts: NDArray[np.uint8]
    certificate: Certificate
    plan: Draws

    @property
    def unit(self) -> str:
        """Unit of the flows."""
        return self.fit.unit

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return len(self.supply_kg)

    @property
    def network(self) -> RouteNetwork:
        """The network."""
        return self.fit.network

    @property
    def evidence(self) -> Evidence:
        """The evidence."""
        return self.fit.evidence

    @property
    def year(self) -> int | None:
        """Year of the evidence."""
        return self.fit.year

    @property
    def measure(self) -> PathMeasure:
        """The measure at the best estimates; its trace leads from arcs to legs and nodes."""
        assert self.fit.measure is not None  # noqa: S101 - what moves has a measure
        return self.fit.measure

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Version, hashes of the inputs, options, seed."""
        return {
            **self.fit.provenance,
            "draws": self.draws,
            "points": self.plan.points,
            "seed": self.plan.seed,
            "taken_again": int(self.attempts.sum()),
        }

    @cached_property
    def legs(self) -> pd.DataFrame:
        """Flows on all legs over the draws.

        Columns as those of `FlowFit.legs` (``flow_kg`` and ``net_kg`` at the best estimates,
        ``leverage``, ``rests_on``), with ``low_kg`` and ``high_kg`` the 5 % and 95 % points of the
        draws, beside them ``mean_kg``, ``median_kg`` and ``sd_kg``.
        """
        return leg_table(self.fit, self.measure, self.arcs_kg)

    @cached_property
    def nodes(self) -> pd.DataFrame:
        """Throughput, exits and interception of all nodes over the draws, as `FlowFit.nodes`."""
        return node_table(self.fit, self.measure, self.arcs_kg)

    @cached_property
    def routes(self) -> pd.DataFrame:
        """The fifty most likely routes of the fit, each with what it carries over the draws.

        Index ``route``; ``nodes``, ``start``, ``end``, ``probability``, ``flow_kg`` (at the best
        estimates), ``low_kg`` and ``high_kg`` (5 % and 95 % points of the draws), beside them
        ``mean_kg``, ``median_kg``, ``sd_kg``, and the same of the probability
        (``probability_low``, ...).
        """
        return route_table(self.fit, self.measure, self.arcs_kg, self.supply_kg)

    def leg_draws_kg(self, leg: str) -> NDArray[np.float64]:
        """Return the flow on one leg in every draw, shape ``(draws,)``, kg.

        Raises
        ------
        UnknownNameError
            If the network has no such leg.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> ens = opr.sample_flows(opr.load_network(), opr.load_evidence(2008), draws=8)
        >>> ens.leg_draws_kg("AFG>IRN:land").shape
        (8,)
        """
        trace = self.measure.trace
        at = np.flatnonzero(trace.legs == leg)
        if len(at) == 0:
            raise UnknownNameError(f"no leg {leg!r}{nearest(leg, trace.legs.tolist())}")
        use = trace.use[at]
        flow: NDArray[np.float64] = self.arcs_kg[:, use.indices] @ use.data
        return np.asarray(flow, dtype=np.float64)

    def sensitivity(self, leg: str, *, top: int = 10) -> pd.DataFrame:
        """Say which inputs drive the spread of a leg.

        Parameters
        ----------
        leg
            A leg of the network.
        top
            How many inputs to list; 10 by default.

        Returns
        -------
        pandas.DataFrame
            Index ``input`` (``supply:...``, ``cause:...``, ``cost:...``, weights and rates, rows of
            evidence, ``leg:...``), largest first; ``kind`` (what comes before the colon) and
            ``share`` of the variance of the flow that the input explains alone (first-order index).

        Raises
        ------
        UnknownNameError
            If the network has no such leg.
        ValueError
            If the draws are Sobol points: in hundreds of dimensions these tie inputs together, and
            an index would blame the wrong one.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> net, evidence = opr.load_network(), opr.load_evidence(2008)
        >>> ens = opr.sample_flows(net, evidence, draws=512, points="independent")
        >>> ens.sensitivity("AFG>PAK:land", top=3).columns.tolist()
        ['kind', 'share']
        """
        values = self.leg_draws_kg(leg)
        if self.plan.points != "independent":
            raise ValueError(
                "sensitivity needs independent draws: sample_flows(..., points='independent')"
            )
        share = pd.Series(first_order(self.numbers(), values), index=list(self.plan.inputs.names))
        share = share.sort_values(ascending=False, kind="stable").head(top)
        kind = [str(name).split(":", 1)[0] for name in share.index]
        return pd.DataFrame({"kind": kind, "share": share}).rename_axis("input")

    def numbers(self) -> Iterator[NDArray[np.float64]]:
        """Make the numbers of all draws again, chunk by chunk, ``(draws, inputs)``."""
        for start in range(0, self.draws, self.plan.width):
            attempts = self.attempts[start : start + self.plan.width]
            numbers = self.plan.numbers(start).T[: len(attempts)]
            for k in np.flatnonzero(attempts):
                numbers[k] = self.plan.again(start + int(k), int(attempts[k]))
            yield numbers

    def as_fit(self) -> FlowFit:
        """Return the fit with the intervals of the draws in place of its own.

        Maps and tables that take a fit then show what the draws say.
        """
        low, high = np.quantile(self.supply_kg, [0.05, 0.95])
        return replace(
            self.fit,
            legs=self.legs[self.fit.legs.columns],
            nodes=self.nodes[self.fit.nodes.columns],
            provenance=self.provenance,
            supply_low_kg=float(low),
            supply_high_kg=float(high),
        )

    def summary(self) -> str:
        """Say in a few lines what was sampled.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> ens = opr.sample_flows(opr.load_network(), opr.load_evidence(2008), draws=32)
        >>> ens.summary().splitlines()[1].partition(' of ')[0]
        '32 draws (sobol, seed 0)'
        """
        low, high = np.quantile(self.supply_kg, [0.05, 0.95])
        year = f", {self.year}" if self.year else ""
        again = int(self.attempts.sum())
        largest = self.legs.nlargest(3, "flow_kg")
        lines = [
            (
                f"Sampled flows{year}: supply {format_kg(self.fit.supply_kg)} (90 % interval "
                f"{format_kg_interval(float(low), float(high))})"
            ),
            (
                f"{self.draws} draws ({self.plan.points}, seed {self.plan.seed}) of "
                f"{len(self.plan.inputs)} inputs, each solved to its certificate"
            ),
            *(
                f"{row.from_node} to {row.to_node} ({row.mode}): {format_kg(row.flow_kg)}, "
                f"90 % interval {format_kg_interval(row.low_kg, row.high_kg)}"
                for row in largest.itertuples()
            ),
            (
                f"certificate: gap {self.certificate.gap:.1e}, balance "
                f"{self.certificate.balance:.1e}; {again} draws taken again"
            ),
        ]
        return "\n".join(lines)

    def __repr__(self) -> str:
        year = f" {self.year}:" if self.year else ":"
        return (
            f"<FlowEnsemble{year} {self.draws} draws over {len(self.fit.legs)} legs, gap "
            f"{self.certificate.gap:.1e}, balance {self.certificate.balance:.1e}>"
        )

    def _repr_html_(self) -> str:
        return result_card(self.summary(), self.legs, self.fit.nodes["name"])
