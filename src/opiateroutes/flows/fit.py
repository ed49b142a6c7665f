"""The result of an estimate: flows with intervals, what they rest on, and a certificate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opiateroutes.flows.reading.html import fit_card
from opiateroutes.flows.reading.routes import likely_routes
from opiateroutes.units import format_kg, format_kg_interval

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.kernel.measure import PathMeasure
    from opiateroutes.network import RouteNetwork

__all__ = ["Certificate", "FlowFit"]


@dataclass(frozen=True)
class Certificate:
    """Proof that a fit solves its problem.

    Parameters
    ----------
    gap
        Primal less dual objective, computed from their definitions, in nats for each unit of
        supply (relative to the objective where that is above 1 nat); at most 1e-10.
    balance
        Largest imbalance of a node, as a share of the supply; at most 1e-9.
    iterations
        Newton iterations.
    """

    gap: float
    balance: float
    iterations: int


@dataclass(frozen=True, eq=False, repr=False)
class FlowFit:
    """Estimated flows of one year, each with a 90 % interval and what it rests on.

    Parameters
    ----------
    network, evidence
        What was estimated from what; the network is not changed.
    legs
        Index ``leg``; ``from_node``, ``to_node``, ``mode``, ``flow_kg``, ``low_kg``, ``high_kg``,
        ``net_kg`` (less what flows back), ``leverage`` (0 model to 1 evidence), ``basis``
        (``evidence`` if leverage is at least one half, else ``model``), ``rests_on``.
    nodes
        Index ``node``; ``name``, ``supply_kg``, ``throughput_kg`` and its interval,
        ``consumption_kg``, ``seizure_kg``, ``unaccounted_kg``, ``interception`` (share seized of
        what passes) and its interval, ``leverage``, ``rests_on``.
    residuals
        Index ``row``, one for each evidence row: figure, interval, estimate, difference in standard
        deviations, multiplier, where it was published.
    unused
        Evidence rows that were set aside, with the reason.
    certificate
        Duality gap and mass balance.
    provenance
        Version, hashes of the inputs, options.
    measure
        The reference path measure.
    arcs_kg
        Shape ``(arcs,)``: fitted flows on the legs of ``measure``, then through its exits.
    supply_kg, supply_low_kg, supply_high_kg
        Supply and its 90 % interval.
    """

    network: RouteNetwork
    evidence: Evidence
    legs: pd.DataFrame
    nodes: pd.DataFrame
    residuals: pd.DataFrame
    unused: pd.DataFrame
    certificate: Certificate
    provenance: Mapping[str, Any]
    measure: PathMeasure | None
    arcs_kg: NDArray[np.float64]
    supply_kg: float
    supply_low_kg: float
    supply_high_kg: float

    unit = "kg heroin equivalent"

    @property
    def year(self) -> int | None:
        """Year of the evidence."""
        return self.evidence.year

    @property
    def sources(self) -> pd.DataFrame:
        """Publications behind the evidence, index ``source``."""
        return self.evidence.sources

    @property
    def routes(self) -> pd.DataFrame:
        """The fifty most likely routes to a consumer; see `likely_routes` for more."""
        return self.likely_routes(50)

    def likely_routes(self, count: int) -> pd.DataFrame:
        """List the most likely routes that end in consumption.

        Parameters
        ----------
        count
            How many at most.

        Returns
        -------
        pandas.DataFrame
            Index ``route``; ``nodes`` (ids joined by ``>``), ``start``, ``end``, ``probability``,
            ``flow_kg``.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
        >>> fit.likely_routes(3)["start"].tolist()
        ['AFG', 'AFG', 'AFG']
        """
        import pandas as pd

        if self.measure is None:
            columns = ["nodes", "start", "end", "probability", "flow_kg"]
            return pd.DataFrame(columns=columns).rename_axis("route")
        return likely_routes(self.measure, self.arcs_kg, count=count)

    def summary(self) -> str:
        """Say in a few lines what was estimated and how well it is certified.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2008))
        >>> fit.summary().splitlines()[0]
        'Estimated flows of heroin, 2008: supply 375 t (90 % interval 293 t to 479 t)'
        """
        year = f", {self.year}" if self.year else ""
        exits = self.nodes[["consumption_kg", "seizure_kg", "unaccounted_kg"]].sum()
        evidence_legs = (self.legs["basis"] == "evidence") & (self.legs["flow_kg"] > 0)
        interval = format_kg_interval(self.supply_low_kg, self.supply_high_kg)
        consumed, seized, unaccounted = (format_kg(exits[column]) for column in exits.index)
        published = int((self.residuals["kind"] == "flow").sum())
        carrying = int((self.legs["flow_kg"] > 0).sum())
        certificate = self.certificate
        lines = [
            (
                f"Estimated flows of heroin{year}: supply {format_kg(self.supply_kg)} "
                f"(90 % interval {interval})"
            ),
            f"consumed {consumed}, seized {seized}, unaccounted {unaccounted}",
            (
                f"{carrying} legs carry flow; {int(evidence_legs.sum())} rest mainly on evidence, "
                "the others on the model"
            ),
            (
                f"{len(self.residuals)} evidence rows used ({published} published flows), "
                f"{len(self.unused)} set aside"
            ),
            (
                f"certificate: gap {certificate.gap:.1e}, balance {certificate.balance:.1e}, "
                f"{certificate.iterations} iterations"
            ),
        ]
        return "\n".join(lines)

    def __repr__(self) -> str:
        year = f" {self.year}:" if self.year else ":"
        return (
            f"<FlowFit{year} {format_kg(self.supply_kg)} over {len(self.legs)} legs, "
            f"gap {self.certificate.gap:.1e}, balance {self.certificate.balance:.1e}>"
        )

    def _repr_html_(self) -> str:
        return fit_card(self)
