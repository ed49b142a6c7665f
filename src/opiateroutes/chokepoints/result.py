"""The result of a search for chokepoints: a table, rankings, displacement, what decides a rank."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from opiateroutes.chokepoints.displacement import displaced, received
from opiateroutes.chokepoints.drivers import rank_drivers
from opiateroutes.errors import UnknownNameError
from opiateroutes.units import format_kg

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from opiateroutes.chokepoints.elements import Element
    from opiateroutes.flows import FlowEnsemble, FlowFit

__all__ = ["Chokepoints"]


@dataclass(frozen=True, eq=False, repr=False)
class Chokepoints:
    """Drop in the delivered quantity for extra enforcement at each place.

    Made by `opiateroutes.find_chokepoints`.

    Parameters
    ----------
    fit
        The fit that was perturbed.
    table
        One row for each element, effort and reaction: the id in a column named by `kind`, ``name``,
        ``effort``, ``reaction``, ``drop_share`` (of the quantity delivered to consumers),
        ``drop_kg``, ``delivered_kg``, ``rank`` (1 is the largest drop, within effort and reaction);
        and, where there are draws (missing otherwise), ``drop_low`` and ``drop_high`` (90 %
        interval of the share), ``rank_low`` and ``rank_high``, ``in_top`` (share of the draws in
        which the element is among the first `top`). Where demand is fixed ``extra_share``,
        ``extra_kg`` and ``dispatched_kg`` take the places of drop and delivered.
    effort
        The effort shown first.
    reactions
        The reactions scanned.
    kind
        What was ranked: node, leg, border, group, route, or element for a mapping.
    closure
        What was held fixed.
    top
        How many are the top.
    ensemble
        The draws, if there were any.
    elements
        What was ranked, in the order of `draws`.
    draws
        Shape ``(efforts x reactions, draws, elements)``: the share in each draw.
    """

    fit: FlowFit
    table: pd.DataFrame
    effort: float
    reactions: tuple[float, ...]
    kind: str = "node"
    closure: str = "dispatch"
    top: int = 5
    ensemble: FlowEnsemble | None = None
    elements: tuple[Element, ...] = ()
    draws: NDArray[np.float32] | None = field(default=None)

    @property
    def measured(self) -> str:
        """What the shares are of: ``drop`` in what is delivered, or ``extra`` dispatch."""
        return "extra" if self.closure == "demand" else "drop"

    @property
    def ordered_by(self) -> float:
        """The reaction that orders rankings: the smallest one above 0, if there is one."""
        return min((k for k in self.reactions if k > 0), default=self.reactions[0])

    def ranking(self, *, effort: float | None = None) -> pd.DataFrame:
        """Set the drops at all reactions side by side, one row an element.

        Parameters
        ----------
        effort
            One of the efforts of the table; the first by default.

        Returns
        -------
        pandas.DataFrame
            Index named by `kind`; ``name``, then for each reaction ``drop_share_<reaction>`` and
            ``rank_<reaction>``, with draws also ``drop_low_``, ``drop_high_`` and ``in_top_``;
            sorted by the rank at the first reaction above 0 (`ordered_by`): without any reaction
            nothing is displaced and every busy node looks like a chokepoint.

        Raises
        ------
        UnknownNameError
            If the table has no such effort. A table without rows gives a ranking without rows.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
        >>> opr.find_chokepoints(fit).ranking().columns[:2].tolist()
        ['name', 'drop_share_0']
        """
        wanted = self.effort if effort is None else effort
        efforts = self.table["effort"].unique().tolist()
        if efforts and wanted not in efforts:
            known = ", ".join(f"{e:g}" for e in efforts)
            raise UnknownNameError(f"no effort {wanted!r} in the table; there are {known}")
        rows = self.table[self.table["effort"] == wanted]
        word = self.measured
        values = [f"{word}_share", "rank"]
        if self.ensemble is not None:
            values += [f"{word}_low", f"{word}_high", "in_top"]
        first = rows[rows["reaction"] == self.ordered_by].set_index(self.kind)
        frame = first[["name"]].copy()
        for reaction in self.reactions:
            block = rows[rows["reaction"] == reaction].set_index(self.kind).reindex(frame.index)
            for value in values:
                frame[f"{value}_{reaction:g}"] = block[value]
            frame[f"rank_{reaction:g}"] = frame[f"rank_{reaction:g}"].astype("int64")
        return frame

    def displacement(
        self,
        node: str | Iterable[str],
        *,
        effort: float | None = None,
        reaction: float = 2.0,
        intervals: bool = True,
    ) -> pd.DataFrame:
        """Estimate flows before and after extra enforcement: where the pressure goes.

        Parameters
        ----------
        node
            One element or several together: ids of elements ranked here, of nodes where routes
            arrive, of legs, of border pairs, or the ``iso3`` of a group. Where they overlap
            enforcement acts once; with none, ``[]``, nothing changes.
        effort
            Share stopped in addition at each visit, 0 to 1; the first effort by default. 0 changes
            nothing; with 1 nothing is sent where no route is left, and with reaction 0 what sets
            out is stopped there.
        reaction
            How strongly traffickers go round it; 2 by default, the middle of the scan.
        intervals
            Solve every draw too, for intervals (the default); False is for many displacements of
            which only the estimate is wanted.

        Returns
        -------
        pandas.DataFrame
            Index ``leg``; ``from_node``, ``to_node``, ``mode``, ``before_kg``, ``after_kg``,
            ``change_kg``; largest gain first. With draws and `intervals` also ``_low_kg`` and
            ``_high_kg`` (90 % interval) of each.

        Raises
        ------
        UnknownNameError
            If no route of the fit uses one of them.
        ValueError
            If effort or reaction is out of range, or nothing moves.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
        >>> moved = opr.find_chokepoints(fit).displacement("IRN")
        >>> bool(moved.loc["AFG>IRN:land", "change_kg"] < 0)
        True
        """
        wanted = self.effort if effort is None else effort
        return displaced(self, node, wanted, reaction, intervals=intervals)

    def receivers(
        self,
        node: str | Iterable[str],
        *,
        effort: float | None = None,
        reaction: float = 2.0,
        by: str = "nodes",
    ) -> pd.DataFrame:
        """Estimate what arrives at each place before and after: who receives the pressure.

        Parameters
        ----------
        node, effort, reaction
            As in `displacement`.
        by
            ``"nodes"`` or ``"groups"`` (all nodes of one ``iso3``; flows inside are not counted).

        Returns
        -------
        pandas.DataFrame
            Index ``node`` or ``group``; ``name``, ``before_kg``, ``after_kg``, ``change_kg``;
            largest gain first. With draws also ``_low_kg`` and ``_high_kg`` of each.

        Raises
        ------
        UnknownNameError, ValueError
            As in `displacement`.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
        >>> opr.find_chokepoints(fit).receivers("IRN").index[0]
        'PAK'
        """
        return received(self, node, self.effort if effort is None else effort, reaction, by)

    def drivers(
        self, *, effort: float | None = None, reaction: float | None = None
    ) -> pd.DataFrame:
        """Say what would reverse neighbours in the ranking, down to the one that just missed.

        Parameters
        ----------
        effort, reaction
            One of each that was scanned; those shown first by default.

        Returns
        -------
        pandas.DataFrame
            One row a pair of neighbours: ``ahead``, ``behind`` (ids), ``reversed_share`` (of the
            draws, in which the second is ahead), ``input`` and ``share``: the uncertain input that
            explains most of the spread of the difference of their drops, and how much (its squared
            correlation with the normal scores of the difference). Both are missing where no input
            stands out from what chance alone would show of so many: for a pair on which none has
            an influence, one is named with a probability of at most 5 % (Notes). No rows where
            fewer than two elements are ranked.

        Raises
        ------
        ValueError
            If there are no independent draws: ``sample_flows(..., points="independent")``.
        UnknownNameError
            If effort or reaction was not scanned.

        Notes
        -----
        The squared correlation of one of p normal inputs with what does not depend on it follows
        Beta(1/2, (n - 2) / 2) over n independent draws [1]_; named is what exceeds its quantile at
        1 - 0.05 / p (Bonferroni). With 1,000 inputs that is 0.23 of the spread for 64 draws, 0.016
        for 1,024: a missing input says that the draws cannot tell, not that none matters. An input
        that acts on the difference both ways, up and down, is not seen.

        References
        ----------
        .. [1] Fisher, R. A. (1915), "Frequency distribution of the values of the correlation
           coefficient in samples from an indefinitely large population", Biometrika 10(4),
           507-521.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> net, evidence = opr.load_network(), opr.load_evidence(2010)
        >>> ens = opr.sample_flows(net, evidence, draws=64, points="independent")
        >>> opr.find_chokepoints(ens, top=2).drivers().columns.tolist()
        ['ahead', 'behind', 'reversed_share', 'input', 'share']
        """
        return rank_drivers(
            self,
            self.effort if effort is None else effort,
            self.ordered_by if reaction is None else reaction,
        )

    def __repr__(self) -> str:
        top = ", ".join(self.ranking()["name"].head(3)) or "none"
        year = f" {self.fit.year}:" if self.fit.year else ":"
        return f"<Chokepoints{year} effort {self.effort:g}, first {top}>"

    def _repr_html_(self) -> str:
        word = self.measured
        ranking = self.ranking().head(10)
        sure = self.ensemble is not None
        heads = "".join(f"<th>reaction {k:g}</th>" for k in self.reactions)
        heads += f"<th>in the first {self.top}</th>" if sure else ""
        rows = ""
        for _, row in ranking.iterrows():
            cells = "".join(
                f"<td>{row[f'{word}_share_{k:g}']:.1%}"
                + (
                    f" ({row[f'{word}_low_{k:g}']:.1%} to {row[f'{word}_high_{k:g}']:.1%})"
                    if sure
                    else ""
                )
                + "</td>"
                for k in self.reactions
            )
            cells += f"<td>{row[f'in_top_{self.ordered_by:g}']:.0%} of draws</td>" if sure else ""
            rows += f"<tr><td style='text-align:left'>{escape(str(row['name']))}</td>{cells}</tr>"
        total = format_kg(float(self.fit.nodes["consumption_kg"].sum()))
        what = (
            "what must be dispatched in addition, for the same"
            if word == "extra"
            else "drop in the"
        )
        return (
            f"<div><strong>Chokepoints, {self.effort:.0%} extra enforcement</strong>: estimated "
            f"{what} {escape(total)} delivered"
            f"{' (90 % interval)' if sure else ''}<table><thead><tr><th></th>{heads}</tr></thead>"
            f"<tbody>{rows}</tbody></table></div>"
        )
