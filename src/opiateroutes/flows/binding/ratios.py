"""Evidence that one sum of flows is a share of another: shares of flows and interception rates.

A figure ``s`` with standard deviation ``d`` says ``part - s whole = 0``, give or take
``d whole``: a homogeneous row, in kilograms like all others. How much ``d whole`` is depends on the
estimate, so that soft rows are weighed again until it settles (see `flows.reweighting`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse as sp

from opiateroutes.errors import UnreachableError
from opiateroutes.flows.binding.places import Places, legs_between
from opiateroutes.flows.kernel.measure import SEIZURE
from opiateroutes.flows.kernel.trace import sparse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.binding.exits import Exits
    from opiateroutes.flows.kernel.measure import PathMeasure
    from opiateroutes.flows.kernel.trace import Trace
    from opiateroutes.network import RouteNetwork

__all__ = ["Ratios", "closed_by_shares", "ratios_of"]

_ROUNDING = 1e-9
"""Shares that add up to 1 within this leave nothing for others."""


@dataclass(frozen=True, eq=False)
class Ratios:
    """Shares and rates on the arcs of a measure.

    Parameters
    ----------
    names, figure, sd
        Shape ``(K,)``: row, figure (0 to 1) and its standard deviation.
    part, whole
        Shape ``(K, arcs)``: the sums that a figure compares.
    bound
        Shape ``(K,)``: whether a figure is a row of the problem; the others hold, or miss, whatever
        moves, since the network leaves one value only.
    """

    names: NDArray[np.object_]
    figure: NDArray[np.float64]
    sd: NDArray[np.float64]
    part: sp.csr_array
    whole: sp.csr_array
    bound: NDArray[np.bool_]

    def rows(self) -> sp.csr_array:
        """Return the rows ``part - figure whole`` of the bound figures, shape ``(bound, arcs)``."""
        rows = self.part - sp.diags_array(self.figure) @ self.whole
        return sp.csr_array(rows)[self.bound]

    def wholes_kg(self, arcs_kg: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what the bound figures are shares of, kg."""
        wholes: NDArray[np.float64] = self.whole[self.bound] @ arcs_kg
        return wholes

    def estimates(self, arcs_kg: NDArray[np.float64]) -> pd.Series:
        """Return the shares and rates that flows imply, by row; the figure where nothing moves."""
        part, whole = self.part @ arcs_kg, self.whole @ arcs_kg
        moves = whole > 0
        implied = np.where(moves, part / np.where(moves, whole, 1.0), self.figure)
        return pd.Series(implied, index=pd.Index(self.names, dtype="str"))


class _Ratio(NamedTuple):
    name: str
    figure: float
    sd: float
    part: NDArray[np.float64]
    whole: NDArray[np.float64]


def ratios_of(
    net: RouteNetwork, measure: PathMeasure, exits: Exits, evidence: Evidence, rates: pd.DataFrame
) -> tuple[Ratios, pd.DataFrame]:
    """Write shares and interception rates as sums of the arcs of a measure.

    What passes a place is what leaves it, over legs to nodes outside of it or by exits that end in
    it: each visit counts once, and flow from one node of a group to another does not count.

    Parameters
    ----------
    net, measure, exits
        The network, the measure and its exits.
    evidence
        Its shares are bound.
    rates
        The rows of ``evidence.interception`` that enter the problem.

    Returns
    -------
    ratios : Ratios
        Shares, then rates.
    unused : pandas.DataFrame
        Figures that no route can meet, with the reason.

    Raises
    ------
    UnreachableError
        For such figures, if ``evidence.outside`` is ``"error"``.
    """
    places = Places.of(net)
    found: list[_Ratio] = []
    unused: dict[str, dict[str, object]] = {}
    shares = _shares(net, places, measure.trace, evidence.shares)
    for ratio in (*shares, *_rates(net, places, measure, exits, rates)):
        why = _unmet(ratio)
        if not why:
            found.append(ratio)
            continue
        if evidence.outside == "error":
            raise UnreachableError(f"{ratio.name} ({ratio.figure:g}) cannot be met: {why}")
        unused[ratio.name] = {"why": why, "best_kg": np.nan}
    frame = pd.DataFrame.from_dict(unused, orient="index", columns=["why", "best_kg"])
    shape = (len(found), measure.n_arcs)
    ratios = Ratios(
        names=np.array([one.name for one in found], dtype=object),
        figure=np.array([one.figure for one in found], dtype=np.float64),
        sd=np.array([one.sd for one in found], dtype=np.float64),
        part=sp.csr_array(np.array([one.part for one in found]).reshape(shape)),
        whole=sp.csr_array(np.array([one.whole for one in found]).reshape(shape)),
        bound=np.array([not _is_settled(one) for one in found], dtype=np.bool_),
    )
    return ratios, frame


def closed_by_shares(net: RouteNetwork, places: Places, shares: pd.DataFrame) -> pd.Index:
    """Find the legs that exact shares leave nothing for.

    A share of exactly 0 closes its own legs. Exact shares of one whole that add up to 1 close the
    legs of all others. As rows they would drive flows to 0, which no finite multiplier does.

    Returns
    -------
    pandas.Index
        Ids of legs.
    """
    closed: set[str] = set()
    parts: dict[frozenset[str], list[tuple[frozenset[str], float]]] = {}
    for row in shares[shares["sd_share"] == 0].itertuples():
        part, whole = (frozenset(legs) for legs in _legs(net, places, row))
        if row.best_share == 0:
            closed |= part
        elif part <= whole:
            parts.setdefault(whole, []).append((part, row.best_share))
    for whole, rows in parts.items():
        named = frozenset().union(*(part for part, _ in rows))
        apart = sum(len(part) for part, _ in rows) == len(named)
        if apart and abs(sum(share for _, share in rows) - 1.0) <= _ROUNDING:
            closed |= whole - named
    return net.legs.index[net.legs.index.isin(closed)]


def _legs(net: RouteNetwork, places: Places, row: tuple[object, ...]) -> tuple[pd.Index, pd.Index]:
    """Return the legs of a share, and those of what it is a share of."""
    ends = (("from_nodes", "to_nodes"), ("of_from_nodes", "of_to_nodes"))
    part, whole = (
        legs_between(net.legs, places, getattr(row, start), getattr(row, end))
        for start, end in ends
    )
    return part, whole


def _shares(
    net: RouteNetwork, places: Places, trace: Trace, shares: pd.DataFrame
) -> Iterator[_Ratio]:
    at = pd.Index(trace.legs)
    for row in shares.itertuples():
        part, whole = (
            np.asarray(trace.use[at.get_indexer(legs)].sum(axis=0), dtype=np.float64)
            for legs in _legs(net, places, row)
        )
        yield _Ratio(str(row.Index), row.best_share, row.sd_share, part, whole)


def _rates(
    net: RouteNetwork, places: Places, measure: PathMeasure, exits: Exits, rates: pd.DataFrame
) -> Iterator[_Ratio]:
    trace, m = measure.trace, len(measure.legs)
    nodes = pd.Index(trace.nodes)
    for row in rates.itertuples():
        members = list(places.members(row.node))
        inside = net.legs["from_node"].isin(members) & ~net.legs["to_node"].isin(members)
        whole = trace.use[np.flatnonzero(inside)].sum(axis=0)
        whole += trace.end[nodes.get_indexer(members)].sum(axis=0)
        own = m + np.flatnonzero((exits.kind == SEIZURE) & (exits.place == row.node))
        part = sparse(np.zeros_like(own), own, np.ones(len(own)), (1, measure.n_arcs)).toarray()[0]
        yield _Ratio(str(row.Index), row.best_rate, row.sd_rate, part, np.asarray(whole))


def _unmet(ratio: _Ratio) -> str:
    """Say why a figure cannot be met; empty if it can."""
    if not ratio.whole.any():
        return "no route passes there" if ratio.figure > 0 else ""
    if not ratio.part.any():
        return "no route uses these legs" if ratio.figure > 0 else ""
    if _is_settled(ratio) and ratio.sd == 0 and ratio.figure != 1.0:
        return "the network leaves no other way, so that the share is 1"
    return ""


def _is_settled(ratio: _Ratio) -> bool:
    """Tell whether the network leaves one value only: nothing, or all, of the whole."""
    return not ratio.part.any() or np.array_equal(ratio.part, ratio.whole)
