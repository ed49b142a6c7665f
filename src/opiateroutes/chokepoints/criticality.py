"""Which nodes matter when enforcement grows and traffickers go round it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from opiateroutes.chokepoints.chain import IntendedChain
from opiateroutes.data import nearest
from opiateroutes.errors import UnknownNameError
from opiateroutes.flows.ensemble.ensemble import FlowEnsemble
from opiateroutes.units import format_kg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opiateroutes.flows import FlowFit

__all__ = ["Chokepoints", "find_chokepoints"]


@dataclass(frozen=True, eq=False, repr=False)
class Chokepoints:
    """Drop in the delivered quantity for extra enforcement at each node.

    Parameters
    ----------
    fit
        The fit that was perturbed.
    table
        One row for each node, effort and reaction: ``node``, ``name``, ``effort``, ``reaction``,
        ``drop_share`` (of the quantity delivered to consumers), ``drop_kg``, ``delivered_kg``,
        ``rank`` (1 is the largest drop, within effort and reaction).
    effort
        The effort shown first.
    reactions
        The reactions scanned.
    """

    fit: FlowFit
    table: pd.DataFrame
    effort: float
    reactions: tuple[float, ...]

    def ranking(self, *, effort: float | None = None) -> pd.DataFrame:
        """Set the drops at all reactions side by side, one row a node.

        Parameters
        ----------
        effort
            One of the efforts of the table; the first by default.

        Returns
        -------
        pandas.DataFrame
            Index ``node``; ``name``, ``drop_share_<reaction>`` and ``rank_<reaction>`` for each
            reaction; sorted by the rank at the first reaction above 0 (`ordered_by`): without any
            reaction nothing is displaced and every busy node looks like a chokepoint.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
        >>> opr.find_chokepoints(fit).ranking().columns[:2].tolist()
        ['name', 'drop_share_0']
        """
        wanted = self.effort if effort is None else effort
        rows = self.table[self.table["effort"] == wanted]
        if rows.empty and len(self.table):
            known = ", ".join(f"{e:g}" for e in self.table["effort"].unique())
            raise UnknownNameError(f"no effort {wanted!r} in the table; there are {known}")
        if rows.empty:
            columns = [f"{v}_{k:g}" for k in self.reactions for v in ("drop_share", "rank")]
            return pd.DataFrame(columns=["name", *columns]).rename_axis("node")
        wide = rows.pivot_table(index=["node", "name"], columns="reaction", sort=True)
        frame = pd.DataFrame(index=wide.index)
        for reaction in self.reactions:
            for value in ("drop_share", "rank"):
                frame[f"{value}_{reaction:g}"] = wide[value, reaction]
        ranks = [f"rank_{reaction:g}" for reaction in self.reactions]
        frame[ranks] = frame[ranks].astype("int64")
        frame = frame.sort_values(f"rank_{self.ordered_by:g}", kind="stable")
        return frame.reset_index("name")

    @property
    def ordered_by(self) -> float:
        """The reaction that orders rankings: the smallest one above 0, if there is one."""
        return min((k for k in self.reactions if k > 0), default=self.reactions[0])

    def displacement(
        self, node: str | Iterable[str], *, effort: float | None = None, reaction: float = 2.0
    ) -> pd.DataFrame:
        """Estimate flows before and after extra enforcement: where the pressure goes.

        Parameters
        ----------
        node
            One node or several: where routes arrive, or the ``iso3`` of all places of arrival of
            a country.
        effort
            Share stopped in addition at each visit, 0 to 1; the first effort by default.
        reaction
            How strongly traffickers go round it; 2 by default, the middle of the scan.

        Returns
        -------
        pandas.DataFrame
            Index ``leg``; ``from_node``, ``to_node``, ``mode``, ``before_kg``, ``after_kg``,
            ``change_kg``; largest gain first.

        Raises
        ------
        UnknownNameError
            If a node is not one that a route of the fit uses.
        ValueError
            If effort or reaction is out of range.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
        >>> moved = opr.find_chokepoints(fit).displacement("IRN")
        >>> bool(moved.loc["AFG>IRN:land", "change_kg"] < 0)
        True
        """
        effort = _checked_effort(self.effort if effort is None else effort)
        reaction = _checked_reaction(reaction)
        measure = self.fit.measure
        if measure is None:
            raise ValueError("nothing moves in this fit: there is nothing to displace")
        chosen = [k for name in _names(node) for k in _states_at(self.fit, name)]
        survival = np.ones(measure.n_nodes)
        survival[chosen] = 1.0 - effort
        chain = IntendedChain.of(measure, self.fit.arcs_kg)
        use = measure.trace.use
        used = np.flatnonzero(np.diff(use.indptr))
        legs = self.fit.legs.loc[measure.trace.legs[used], ["from_node", "to_node", "mode"]].copy()
        legs["before_kg"] = use[used] @ self.fit.arcs_kg
        legs["after_kg"] = use[used] @ chain.flows_kg(survival, reaction)
        legs["change_kg"] = legs["after_kg"] - legs["before_kg"]
        return legs.sort_values("change_kg", ascending=False, kind="stable").rename_axis("leg")

    def __repr__(self) -> str:
        top = ", ".join(self.ranking()["name"].head(3)) or "none"
        year = f" {self.fit.year}:" if self.fit.year else ":"
        return f"<Chokepoints{year} effort {self.effort:g}, first {top}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td style='text-align:left'>{escape(str(row['name']))}</td>"
            + "".join(f"<td>{row[f'drop_share_{r:g}']:.1%}</td>" for r in self.reactions)
            + "</tr>"
            for _, row in self.ranking().head(10).iterrows()
        )
        heads = "".join(f"<th>reaction {r:g}</th>" for r in self.reactions)
        total = format_kg(float(self.fit.nodes["consumption_kg"].sum()))
        return (
            f"<div><strong>Chokepoints, {self.effort:.0%} extra enforcement</strong>: estimated "
            f"drop in the {escape(total)} delivered<table><thead><tr><th></th>{heads}</tr></thead>"
            f"<tbody>{rows}</tbody></table></div>"
        )


def find_chokepoints(
    fit: FlowFit | FlowEnsemble,
    *,
    effort: float | Sequence[float] = 0.5,
    reaction: float | Sequence[float] = (0.0, 1.0, 2.0, 4.0),
    candidates: Iterable[str] | None = None,
) -> Chokepoints:
    """Rank nodes by how much less reaches consumers when enforcement there grows.

    Extra enforcement is finite on purpose: at the margin displacement vanishes and every busy node
    looks like a chokepoint. How strongly traffickers react cannot be read off flows, so it is
    scanned; a chokepoint worth the name keeps its rank. What is dispatched stays as it is.

    Parameters
    ----------
    fit
        An estimate, or an ensemble: then the estimate at its best values, which the ranking is of,
        with the intervals of the draws beside it (`FlowEnsemble.as_fit`).
    effort
        Share stopped in addition at each visit of a node, 0 to 1 (one or several); 0.5 by default.
    reaction
        Exponent with which traffickers avoid enforcement, at least 0: 0 not at all, 1 in proportion
        to survival, 4 strongly; (0, 1, 2, 4) by default.
    candidates
        Nodes to rank; by default all that routes pass but those of supply, which every route
        leaves.

    Returns
    -------
    Chokepoints
        Tidy table and displacement.

    Raises
    ------
    ValueError
        If an effort lies outside 0 to 1 or a reaction below 0, or if the fit is of an
        origin-destination table with several origins.
    UnknownNameError
        If a candidate is not on a route of the fit.

    Notes
    -----
    Delivered is what ends in consumption; the unaccounted exit is neither delivered nor seized.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
    >>> table = opr.find_chokepoints(fit, effort=0.5, reaction=0).table
    >>> table.nsmallest(2, "rank")["node"].tolist()
    ['PAK', 'IRN']
    """
    fit = fit.as_fit() if isinstance(fit, FlowEnsemble) else fit
    efforts = tuple(_checked_effort(e) for e in _several(effort))
    reactions = tuple(_checked_reaction(k) for k in _several(reaction))
    if not efforts or not reactions:
        raise ValueError("give at least one effort and one reaction")
    columns = ["node", "name", "effort", "reaction", "drop_share", "drop_kg", "delivered_kg"]
    measure = fit.measure
    if measure is None:
        empty = pd.DataFrame(columns=[*columns, "rank"])
        return Chokepoints(fit, empty, efforts[0], reactions)
    if len(fit.chains) > 1:
        raise ValueError(
            "this fit is of an origin-destination table with several origins: who is sent how much "
            "is fixed and would not answer to enforcement. Estimate from evidence, or give the "
            "table of one origin"
        )
    chain = IntendedChain.of(measure, fit.arcs_kg)
    chosen = _positions(fit, candidates)
    baseline = chain.delivered_kg(np.ones(measure.n_nodes), 0.0)
    ids = measure.nodes[chosen]
    names = fit.nodes["name"].reindex(ids).fillna(pd.Series(ids, index=ids)).to_numpy()
    blocks = []
    for e in efforts:
        for k in reactions:
            delivered = chain.delivered_by_single_node_kg(e, k)[chosen]
            drop = baseline - delivered
            share = drop / baseline if baseline > 0 else np.zeros_like(drop)
            values = (measure.nodes[chosen], names, e, k, share, drop, delivered)
            block = pd.DataFrame(dict(zip(columns, values, strict=True)))
            block = block.sort_values(["drop_share", "node"], ascending=[False, True])
            blocks.append(block.assign(rank=np.arange(1, len(block) + 1)))
    table = pd.concat(blocks, ignore_index=True)
    return Chokepoints(fit, table, efforts[0], reactions)


def _positions(fit: FlowFit, candidates: Iterable[str] | None) -> list[int]:
    measure = fit.measure
    if measure is None:
        return []
    if candidates is None:
        return np.flatnonzero(measure.supply_kg == 0).tolist()
    return [k for name in dict.fromkeys(_names(candidates)) for k in _states_at(fit, name)]


def _states_at(fit: FlowFit, name: str) -> list[int]:
    """Find where routes of a fit arrive at a node, or at any node of the group of that ``iso3``."""
    measure = fit.measure
    position = {} if measure is None else {n: k for k, n in enumerate(measure.nodes.tolist())}
    if name in position:
        return [position[name]]
    group = fit.network.nodes["iso3"].reindex(list(position))
    members = [position[node] for node, code in group.items() if code == name]
    if members:
        return members
    if name in fit.network.nodes.index:
        raise UnknownNameError(
            f"no route of the fit arrives at {name!r}: enforcement sits where routes arrive, on "
            f"the far side of a crossing, in a port or an airport{nearest(name, position)}"
        )
    raise UnknownNameError(f"no route of the fit uses {name!r}{nearest(name, position)}")


def _names(nodes: Any) -> list[str]:
    """Read one id or several; ids that built a network as numbers are text in it."""
    return [str(node) for node in _several(nodes)]


def _several(values: Any) -> list[object]:
    several = isinstance(values, Iterable) and not isinstance(values, str)
    return list(values) if several else [values]


def _checked_effort(effort: object) -> float:
    number = _number(effort)
    if not 0.0 <= number <= 1.0:
        raise ValueError(f"effort must lie between 0 and 1, not {effort!r}")
    return number


def _checked_reaction(reaction: object) -> float:
    number = _number(reaction)
    if not (np.isfinite(number) and number >= 0.0):
        raise ValueError(f"reaction must be a finite number of at least 0, not {reaction!r}")
    return number


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")
