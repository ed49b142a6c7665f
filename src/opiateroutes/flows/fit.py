"""The result of an estimate: flows with intervals, what they rest on, and a certificate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opiateroutes.flows.certificate import Certificate
from opiateroutes.flows.drawn import DrawnFlows
from opiateroutes.flows.reading.html import fit_card
from opiateroutes.flows.reading.routes import likely_routes
from opiateroutes.flows.reading.summary import fit_summary
from opiateroutes.units import format_kg

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.conditioned import Conditioned
    from opiateroutes.flows.kernel.measure import PathMeasure
    from opiateroutes.flows.reading.spread import Spread
    from opiateroutes.network import RouteNetwork

__all__ = ["OD_TABLE", "PATH_MEASURE", "Certificate", "FlowFit"]

PATH_MEASURE = "path_measure"
"""The library's own method; all others are baselines to compare with."""

OD_TABLE = "od_table"
"""The same measure, conditioned on an origin-destination table in place of evidence."""


@dataclass(frozen=True, eq=False, repr=False)
class FlowFit(DrawnFlows):
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
        Index ``row``, one for each evidence row: ``kind`` (supply, demand, seizure, flow, share,
        interception, price_gap), ``target``, ``figure``, ``low``, ``high`` and ``estimate`` in the
        row's own ``unit`` (kg, share, rate, log_ratio), ``residual_sigmas`` (difference in
        standard deviations), ``multiplier`` (missing where a row binds nothing), ``nodes``,
        ``legs`` and where it was published. ``evidence_kg``, ``low_kg``, ``high_kg`` and
        ``estimate_kg`` are the same figures, missing in rows that are no kilograms.
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
    spread
        First-order uncertainty of sums of arcs; None where nothing moves, and for a baseline that
        gives no intervals: low, high and leverage are then missing.
    method
        How the flows were found: ``"path_measure"``, ``"od_table"`` or the name of a baseline.
    conditioned
        What the estimate was solved from; None where nothing moves, and for a baseline.
    by_source_kg
        Shape ``(sources, arcs)``: flows of what each source supplies, where the fit is of an
        origin-destination table; None by default: the flows are those of one chain.
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
    spread: Spread | None = None
    method: str = PATH_MEASURE
    conditioned: Conditioned | None = None
    by_source_kg: NDArray[np.float64] | None = None

    @property
    def chains(self) -> tuple[tuple[PathMeasure, NDArray[np.float64]], ...]:
        """The Markov chains that the flows add up from, each as its measure and its flows on arcs.

        One, but for an origin-destination table with several origins; none where nothing moves.
        """
        if self.measure is None:
            return ()
        if self.by_source_kg is None:
            return ((self.measure, self.arcs_kg),)
        return tuple(zip(self.measure.alone(), self.by_source_kg, strict=True))

    @property
    def unit(self) -> str:
        """Unit of the flows: kilograms of heroin equivalent unless the network says otherwise."""
        return str(self.network.meta.get("unit", "kg heroin equivalent"))

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
            Index ``route``; ``nodes`` (ids joined by ``>``), ``start``, ``end``, ``probability``
            (share of all that is dispatched that is consumed at the end of this very route),
            ``flow_kg`` and its 90 % interval, ``low_kg`` and ``high_kg``: to first order, missing
            for a baseline. An unlikely route is one of few shipments: its interval is wide.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
        >>> fit.likely_routes(3)["start"].tolist()
        ['AFG', 'AFG', 'AFG']
        """
        return likely_routes(self, count)

    def composition(self, leg_or_place: str, to_place: str | None = None) -> pd.DataFrame:
        """Take the flow of a leg apart: where it came from and where it ends.

        Parameters
        ----------
        leg_or_place
            A leg; or a place (a node, the ``iso3`` of several, a name): all that passes it.
        to_place
            A second place: all legs from the first into it. None by default.

        Returns
        -------
        pandas.DataFrame
            One row a place; ``side`` (``origin`` or ``destination``), ``place`` (the id of a
            supply, or of the figure that an exit is about), ``kind`` (``supply``; ``consumption``,
            ``seizure`` or ``unaccounted``), ``share`` (of its side), ``flow_kg``. Empty where
            nothing passes.

        Raises
        ------
        UnknownNameError
            If there is no such leg or place (with the nearest name), or if no leg joins the two.

        Notes
        -----
        Exact, from the chain of the fit. A route that goes round a cycle counts at each passage, so
        that both sides add up to the flow of the leg (see `select_link` for routes that count
        once). Flows of a baseline are taken to mix in proportion at every node.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
        >>> fit.composition("IRN>TUR:land").iloc[0].tolist()[:3]
        ['origin', 'AFG', 'supply']
        >>> fit.composition("Iran", "Pakistan").loc[1, "side"]
        'destination'
        """
        from opiateroutes.flows.reading.composition import composition

        return composition(self, leg_or_place, to_place)

    def select_link(self, leg: str) -> pd.DataFrame:
        """Find the flow on every leg that belongs to the routes which pass one leg.

        Parameters
        ----------
        leg
            The leg that is chosen.

        Returns
        -------
        pandas.DataFrame
            Index ``leg``, largest first; ``from_node``, ``to_node``, ``mode``, ``flow_kg`` (of
            those routes), ``share`` (of all that the leg carries), ``upstream_kg`` (before they
            pass the chosen leg for the first time) and ``downstream_kg`` (after it). The chosen leg
            is among them, with all of its flow; legs that share no route with it are not.

        Raises
        ------
        UnknownNameError
            If there is no such leg, with the nearest id.

        Notes
        -----
        A route that passes the leg twice counts once, with all that it carries. Exact, but for
        inland legs of a group that both supplies and uses: what begins and what ends there is taken
        to mix in proportion.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
        >>> float(fit.select_link("IRN>TUR:land")["share"].max())
        1.0
        """
        from opiateroutes.flows.reading.select_link import select_link

        return select_link(self, leg)

    def derivatives(
        self,
        with_respect_to: str = "evidence",
        *,
        of: str = "legs",
        legs: str | Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """Differentiate the estimate: how far each flow moves with each input.

        Parameters
        ----------
        with_respect_to
            ``"evidence"`` (default): the best value of each figure, its spread held; or ``"cost"``:
            the cost of each leg.
        of
            ``"legs"`` (default), or ``"exits"``: what ends at each place, by kind.
        legs
            The legs whose costs are meant; all of them by default. For ``"cost"`` only.

        Returns
        -------
        pandas.DataFrame
            Index ``leg`` or ``exit`` (such as ``seizure:IRN``). For evidence one column for each
            supply and each row, in kg per kg; for a share or a rate in kg for each unit of it (0 to
            1). For costs one column a leg, in kg per nat.

        Raises
        ------
        UnknownNameError
            If there is no such input, output or leg.
        ValueError
            If nothing moves, for a baseline, or for ``legs`` without costs.

        Notes
        -----
        Implicit differentiation of the optimum, exact. A demand acts as a figure and by the
        pull of its market on what is consumed and unaccounted for. Price gaps act through costs and
        have no column; nor has a leg whose cost decides which haul is the cheapest a derivative
        beyond that change.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
        >>> per_kg = fit.derivatives("evidence")
        >>> round(float(per_kg.loc[fit.legs["from_node"] == "AFG", "supply:AFG"].sum()), 6)
        1.0
        >>> dearer = fit.derivatives("cost", legs="AFG>IRN:land")
        >>> bool(dearer.loc["AFG>IRN:land", "AFG>IRN:land"] < 0)
        True
        """
        from opiateroutes.flows.reading.derivatives import derivatives

        return derivatives(self, with_respect_to, of=of, legs=legs)

    def potentials(self) -> pd.DataFrame:
        """Work out the potential of each node: the cost of getting out, by all ways together.

        Returns
        -------
        pandas.DataFrame
            Index ``node`` (where routes arrive or start); ``name``, ``reference_nats`` (before the
            evidence), ``potential_nats`` (``-ln y`` of the conditioned measure) and ``shift_nats``
            (what evidence adds). Relative to the exits, whose own weights count.

        Raises
        ------
        ValueError
            If nothing moves, or for a baseline.

        Notes
        -----
        Price-like: a difference along a leg is the price that traffickers would pay for being
        at its end, in nats. Multipliers of the evidence are in ``residuals``.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
        >>> fit.potentials().columns.tolist()
        ['name', 'reference_nats', 'potential_nats', 'shift_nats']
        """
        from opiateroutes.flows.reading.potentials import potentials

        return potentials(self)

    def save(self, path: str | Path, *, format: str | None = None) -> Path:  # noqa: A002
        """Write all tables of the fit; the ending of the name chooses the format.

        Parameters
        ----------
        path
            A name without ending: a folder with ``legs.csv``, ``nodes.csv``, ``routes.csv``,
            ``residuals.csv``, ``unused.csv`` and ``provenance.json`` (with the certificate);
            ``*.xlsx``: a workbook with a sheet for each; ``*.json``: one object; ``*.gpkg``: a
            GeoPackage with a layer for each, legs and nodes with their geometry.
        format
            ``"csv"``, ``"xlsx"``, ``"json"``, ``"gpkg"`` or ``"parquet"``: a folder of Parquet
            files, those of legs and nodes GeoParquet.

        Returns
        -------
        pathlib.Path
            What was written: the same bytes for the same fit.

        Raises
        ------
        OutputError
            If the place is a link or cannot be written, or the ending does not fit; nothing is half
            written.
        UnknownNameError
            If there is no such format.

        Notes
        -----
        Numbers are written with all their digits (16 in a workbook). Text that a spreadsheet would
        run as a formula gets a leading apostrophe in CSV files and workbooks.

        Examples
        --------
        >>> import opiateroutes as opr, tempfile
        >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
        >>> fit.save(tempfile.mkdtemp() + "/flows.xlsx").name
        'flows.xlsx'
        """
        from opiateroutes.flows.reading.files import save_fit

        return save_fit(self, path, format)

    def values(self, prices: pd.DataFrame, *, purities: pd.DataFrame | None = None) -> pd.DataFrame:
        """Put a value on the flow of each leg at both of its ends.

        Parameters
        ----------
        prices
            One row a node: ``node`` (a node, or the ``iso3`` of several), ``best_usd_per_kg``;
            optional ``low_usd_per_kg`` and ``high_usd_per_kg`` (read as a 90 % interval; without
            them 15, 25 or 50 % of the price by ``confidence``), ``commodity`` (heroin where it is
            not said), ``note``. Nodes that the network lacks are passed over: see
            `opiateroutes.load_prices`.
        purities
            One row a node: ``node``, ``best_percent``; optional ``low_percent``, ``high_percent``,
            ``commodity``, ``confidence``. Prices are then those of the pure substance, which is
            right only where the flows are. None by default: a kilogram as sold, at local purity.

        Returns
        -------
        pandas.DataFrame
            Index ``leg``; ``flow_kg``, ``price_from_usd_per_kg``, ``price_to_usd_per_kg``,
            ``value_at_start_usd``, ``value_at_end_usd`` and ``gross_profit_usd`` (value at the end
            less value at the start: before any cost, loss or bribe), each with a 90 % interval
            (``flow_low_kg``, ``value_at_start_low_usd``, ...); ``price_basis``, and ``note``: which
            price is missing, and what the prices say of themselves. Without a price at an end the
            value there, and the profit, are missing: sums over legs are then sums over priced legs.
            Flow and prices vary independently; see ``flows/reading/values`` for the intervals.

        Raises
        ------
        EvidenceError
            If a table breaks its rules, or no node has a price.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2019))
        >>> values = fit.values(opr.load_prices(2019))
        >>> values.at["UKR>POL:land", "note"], values.at["AFG>TJK:land", "note"]
        ('', 'no price of heroin at AFG')
        """
        from opiateroutes.flows.reading.values import leg_values

        return leg_values(self.network, self.legs, prices, purities)

    def conflicts(self, *, threshold: float = 3.0) -> pd.DataFrame:
        """Rank the evidence that the estimate does not meet, and say what it disagrees with.

        Parameters
        ----------
        threshold
            Difference between estimate and figure, in standard deviations, above which a row is
            listed. 3 by default: by chance alone one figure in 370 lies as far off. A row that the
            cost model cannot meet is listed in any case.

        Returns
        -------
        pandas.DataFrame
            Index ``row``, worst first; ``kind``, ``target``, ``unit`` (of the figure),
            ``figure``, ``estimate``, ``residual_sigmas``, ``without`` (the estimate if the row were
            left out, to first order), ``shift_sigmas`` (how far that moves it, in standard
            deviations of the figure), ``fights`` (rows that pull the other way, the strongest
            first, joined by ``;``) and ``verdict``. Empty if everything is met.

        Raises
        ------
        ValueError
            If ``threshold`` is not a number of at least 0.

        Notes
        -----
        Leaving a row out is a rank-one downdate of the inverse covariance of what the rows see
        [1]_. It is exact for a linear model: where ``shift_sigmas`` is large, the estimate moves
        the same way but not by the same amount.

        References
        ----------
        .. [1] Cook, R. D., Weisberg, S. (1982), Residuals and Influence in Regression, Chapman and
           Hall, ch. 2 and 3.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
        >>> fit.conflicts(threshold=1.5).columns[:2].tolist()
        ['kind', 'target']
        """
        from opiateroutes.flows.conflicts.soft import soft_conflicts

        return soft_conflicts(self, threshold=threshold)

    def summary(self) -> str:
        """Say in a few lines what was estimated and how well it is certified.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2008))
        >>> fit.summary().splitlines()[0]
        'Estimated flows of heroin, 2008: supply 375 t (90 % interval 293 t to 479 t)'
        """
        return fit_summary(
            self,
            by=self._baseline(", by "),
            weighed=self.spread is not None or self.method in (PATH_MEASURE, OD_TABLE),
        )

    def _baseline(self, before: str) -> str:
        """Name the method, where it is a baseline."""
        return "" if self.method == PATH_MEASURE else f"{before}{self.method}"

    def __repr__(self) -> str:
        year = f" {self.year}:" if self.year else ":"
        return (
            f"<FlowFit{self._baseline(' ')}{year} {format_kg(self.supply_kg)} "
            f"over {len(self.legs)} legs, "
            f"gap {self.certificate.gap:.1e}, balance {self.certificate.balance:.1e}>"
        )

    def _repr_html_(self) -> str:
        return fit_card(self)
