"""Evidence: what was observed, each row with its interval and its source."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.evidence.priors import checked_priors, shipped_priors
from opiateroutes.evidence.ratio_rows import interception_rows, price_gap_rows, share_rows
from opiateroutes.evidence.rows import flow_rows, node_rows
from opiateroutes.evidence.schema import raise_failures, warn_of_bounds

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Evidence"]

_SHARED = ["row", "cause", "relative_sd"]
_NODE_TABLES = ("supply", "demand", "seizures")
_RATIO_TABLES = {
    "shares": "shares",
    "interception": "interception rates",
    "price_gaps": "price gaps",
}


@dataclass(frozen=True, eq=False, repr=False)
class Evidence:
    """Observed quantities for a network, in kilograms (heroin equivalent in the shipped tables).

    Make one with `from_tables` or `opiateroutes.load_evidence`.

    Parameters
    ----------
    supply, demand, seizures
        Index ``row``; columns ``node``, ``best_kg``, ``low_kg``, ``high_kg``, ``sd_kg``,
        ``source``, ``edition``, ``confidence``, ``note``.
    flows
        Index ``row``; ``from_nodes`` and ``to_nodes`` (ids joined by ``;`` or ``*`` for any), then
        as above.
    priors
        Index ``node`` with a row ``*`` for all others; columns ``interception`` (share seized of
        what passes), ``consumption_weight`` and ``unaccounted_weight``.
    sources
        Index ``source``: the publications.
    year
        Year of the figures, if there is one.
    outside
        ``"error"``: a row about a node that the network lacks is an error (a misspelling);
        ``"skip"``: such rows are set aside and listed (tables of the whole world).
    steps
        How derived rows were computed, step by step.
    replaced
        Figures that gave way to others when tables were put together: ``table``, ``cell``,
        ``kept_from``, ``kept``, ``replaced_from``, ``replaced``.
    shares
        Index ``row``; ``from_nodes``, ``to_nodes``, ``of_from_nodes``, ``of_to_nodes`` (as in
        ``flows``), ``best_share``, ``low_share``, ``high_share``, ``sd_share`` (0 to 1): the flow
        from the first to the second is this share of the flow from the third to the fourth.
    interception
        Index ``row``; ``node``, ``best_rate``, ``low_rate``, ``high_rate``, ``sd_rate`` (0 to 1):
        share seized of what passes a node or a group, each visit.
    price_gaps
        Index ``row``; ``from_nodes``, ``to_nodes``, ``best_log_ratio``, ``low_log_ratio``,
        ``high_log_ratio``, ``sd_log_ratio``: ``ln(price at to / price at from)``. All three tables
        end with ``source``, ``edition``, ``confidence``, ``note``.
    shared
        ``row``, ``cause``, ``relative_sd``: spread that rows of demand and seizures have in common,
        as a share of each; within their ``sd_kg``, not beside it. Draws move such rows together.
        For rows of supply: what they have in common with those of other years (`estimate_years`).
    """

    supply: pd.DataFrame
    demand: pd.DataFrame
    seizures: pd.DataFrame
    flows: pd.DataFrame
    priors: pd.DataFrame
    sources: pd.DataFrame
    year: int | None = None
    outside: str = "error"
    steps: pd.DataFrame = field(default_factory=pd.DataFrame)
    replaced: pd.DataFrame = field(default_factory=pd.DataFrame)
    shares: pd.DataFrame = field(default_factory=lambda: share_rows(None, {}).rows)
    interception: pd.DataFrame = field(default_factory=lambda: interception_rows(None).rows)
    price_gaps: pd.DataFrame = field(default_factory=lambda: price_gap_rows(None, {}).rows)
    shared: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=_SHARED))

    @classmethod
    def from_tables(  # noqa: PLR0913 - one argument for each kind of evidence
        cls,
        *,
        supply: pd.DataFrame,
        demand: pd.DataFrame | None = None,
        seizures: pd.DataFrame | None = None,
        flows: pd.DataFrame | None = None,
        shares: pd.DataFrame | None = None,
        interception: pd.DataFrame | None = None,
        price_gaps: pd.DataFrame | None = None,
        groups: Mapping[str, list[str]] | None = None,
        priors: pd.DataFrame | None = None,
        sources: pd.DataFrame | None = None,
        year: int | None = None,
        outside: str = "error",
        steps: pd.DataFrame | None = None,
        shared: pd.DataFrame | None = None,
        strict: bool = False,
    ) -> Evidence:
        """Build evidence from tables about any nodes.

        Parameters
        ----------
        supply, demand, seizures
            One row a node: ``node`` and ``best_kg`` (also ``value_kg``, ``kg``); optional
            ``low_kg`` and ``high_kg`` (read as a 90 % interval) or ``sd_kg``, ``source``,
            ``edition``, ``confidence`` (high, medium, low), ``note``. Without bounds the spread is
            15, 25 or 50 % by confidence (an assumption, see ``evidence/parameters``).
        flows
            One row a published flow: ``row`` (its name), ``from_node`` and ``to_node`` (a node, a
            group, ids joined by ``;``, or ``*`` for any), then as above.
        shares
            One row a share: ``from_node``, ``to_node``, ``share`` (or ``best_share``, 0 to 1);
            optional ``of_from`` (``*``) and ``of_to`` (``to_node``), the flow that it is a share
            of, by default all that enters ``to_node``; ``row``, ``low_share``, ``high_share``,
            ``sd_share`` and the rest as above.
        interception
            One row a node: ``node``, ``rate`` (or ``best_rate``, 0 to 1), then as above.
        price_gaps
            One row a pair of places: ``from_node``, ``to_node``, ``log_ratio`` (or
            ``best_log_ratio``), then as above. Without bounds the standard deviation is that of
            the ratio of two prices, each with the spread of its confidence.
        groups
            Members of the groups that ``flows``, ``shares`` and ``price_gaps`` name.
        priors
            See the class; the shipped general values where this is not given.
        sources
            Index ``source``; columns such as ``title`` and ``year``.
        year, outside, steps, shared
            See the class.
        strict
            Turn warnings (a best estimate outside of its own bounds) into errors.

        Returns
        -------
        Evidence
            Checked; every row has a standard deviation.

        Raises
        ------
        EvidenceError
            With all failures of all tables: columns missing, figures that are no numbers, negative
            or not finite, shares and rates above 1, a price gap from anywhere, a node twice, no
            figure at all, a confidence that is not known, bounds in the wrong order.

        Warns
        -----
        EvidenceWarning
            If a best estimate lies outside of its own bounds and not ``strict``.

        Examples
        --------
        >>> import pandas as pd
        >>> e = Evidence.from_tables(supply=pd.DataFrame({"node": ["a"], "kg": [100.0]}))
        >>> e
        <Evidence: 1 supply, 0 demand, 0 seizures, 0 flows>
        """
        checked = {
            "supply": node_rows(supply, "supply"),
            "demand": node_rows(demand, "demand"),
            "seizures": node_rows(seizures, "seizures"),
            "flows": flow_rows(flows, groups or {}),
            "shares": share_rows(shares, groups or {}),
            "interception": interception_rows(interception),
            "price_gaps": price_gap_rows(price_gaps, groups or {}),
        }
        failures = [failure for table in checked.values() for failure in table.failures]
        if outside not in ("error", "skip"):
            failures.append(("", "", "outside", outside, "must be 'error' or 'skip'", ""))
        doubtful = [doubt for table in checked.values() for doubt in table.doubtful]
        if strict:
            failures += doubtful
        raise_failures(failures, f"evidence breaks its rules in {len(failures)} place(s)")
        if doubtful:
            warn_of_bounds(doubtful, stacklevel=3)
        return cls(
            **{name: table.rows for name, table in checked.items()},
            priors=shipped_priors() if priors is None else checked_priors(priors),
            sources=pd.DataFrame() if sources is None else sources,
            year=year,
            outside=outside,
            steps=pd.DataFrame() if steps is None else steps,
            shared=pd.DataFrame(columns=_SHARED) if shared is None else shared[_SHARED],
        )

    def __repr__(self) -> str:
        year = f" {self.year}:" if self.year else ":"
        return f"<Evidence{year} {self._counts()}>"

    def _counts(self) -> str:
        tables = [(name, getattr(self, name)) for name in (*_NODE_TABLES, "flows")]
        tables += self._ratio_tables()
        return ", ".join(f"{len(frame)} {name}" for name, frame in tables)

    def _ratio_tables(self) -> list[tuple[str, pd.DataFrame]]:
        """Return the tables of ratios that have rows, by what they are called."""
        named = ((said, getattr(self, name)) for name, said in _RATIO_TABLES.items())
        return [(said, frame) for said, frame in named if len(frame)]

    def _repr_html_(self) -> str:
        totals = "".join(
            f"<tr><th style='text-align:left'>{name}</th><td>{len(frame)} rows</td>"
            f"<td>{frame['best_kg'].sum() / 1000:,.1f} t</td></tr>"
            for name in _NODE_TABLES
            for frame in [getattr(self, name)]
        )
        counts = "".join(
            f"<tr><th style='text-align:left'>{name}</th><td>{len(frame)} rows</td></tr>"
            for name, frame in [("flows", self.flows), *self._ratio_tables()]
        )
        title = escape(f"Evidence {self.year or ''}".strip())
        return (
            f"<div><strong>{title}</strong><table style='margin-top:4px'>{totals}{counts}"
            "</table></div>"
        )
