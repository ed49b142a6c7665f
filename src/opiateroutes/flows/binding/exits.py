"""Exits of the measure: where routes are consumed, seized, or go out of sight.

Every state from which a figure's place can be reached has an exit for it. What is seized is seized
where a route arrives; what is consumed moves on to a market first, and the way there counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from opiateroutes.flows.kernel.measure import CONSUMPTION, SEIZURE, UNACCOUNTED
from opiateroutes.flows.kernel.trace import sparse

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    import scipy.sparse as sp
    from numpy.typing import NDArray

    from opiateroutes.flows.binding.endings import Ending

__all__ = ["Exits", "Figures", "exits_of"]


class Figures(NamedTuple):
    """The figures about places that enter the problem, and how routes end at each place."""

    supply: pd.DataFrame
    demand: pd.DataFrame
    seizures: pd.DataFrame
    rates: pd.DataFrame
    endings: Mapping[str, list[Ending]]


@dataclass(frozen=True, eq=False)
class Exits:
    """All exits of a measure.

    Parameters
    ----------
    node, kind, place
        Shape ``(E,)``: state where each exit is, its kind, and the place of its figure.
    log_weight
        Shape ``(E,)``.
    passed
        Shape ``(states,)``: logarithm of what interception lets pass at each state.
    endings
        How each exit ends.
    """

    node: NDArray[np.intp]
    kind: NDArray[np.object_]
    place: NDArray[np.object_]
    log_weight: NDArray[np.float64]
    passed: NDArray[np.float64]
    endings: list[Ending]

    def end(self, n_nodes: int) -> sp.csr_array:
        """Return the nodes where each exit ends, shape ``(nodes, E)``."""
        return self._shares("end", n_nodes)

    def begin(self, n_nodes: int) -> sp.csr_array:
        """Return where the flow of each exit began, shape ``(nodes, E)``; empty but for starts."""
        return self._shares("begin", n_nodes)

    def use(self, n_legs: int) -> sp.csr_array:
        """Return the legs that each exit passes, shape ``(legs, E)``."""
        return self._shares("use", n_legs)

    def _shares(self, what: str, n_rows: int) -> sp.csr_array:
        columns = []
        for kind, ending in zip(self.kind, self.endings, strict=True):
            # What is seized on arrival moves no further.
            stays = kind == SEIZURE and ending.inside
            still = {"end": ending.here, "begin": ending.here if ending.begin else {}, "use": {}}
            columns.append(still[what] if stays else getattr(ending, what))
        rows = [row for column in columns for row in column]
        at = [k for k, column in enumerate(columns) for _ in column]
        values = [value for column in columns for value in column.values()]
        return sparse(rows, at, values, (n_rows, len(columns)))


class _One(NamedTuple):
    node: int
    kind: str
    place: str
    log_weight: float
    ending: Ending


def exits_of(
    figures: Figures, position: NDArray[np.intp], priors: pd.DataFrame, n_states: int
) -> Exits:
    """Find the exits and their weights, and the log share that interception lets pass.

    Parameters
    ----------
    figures
        Supply, demand, seizures, interception rates and endings. A rate needs seizures, known or
        not: its place has an exit for them.
    position
        Shape ``(all states,)``: position in the measure; negative for states not in it.
    priors
        Prior interception and weights by place.
    n_states
        States of the measure.

    Returns
    -------
    Exits
        Consumption, then seizures, then what is unaccounted for, each by place.
    """
    passed = np.zeros(n_states)
    seized: list[_One] = []
    for place in sorted({*figures.seizures["node"], *figures.rates["node"]}):
        rate = _prior(priors, "interception", place)
        for here, ending in _here(figures, place, position):
            log = float(np.log(rate)) - (0.0 if ending.inside else ending.cost)
            seized.append(_One(here, SEIZURE, place, log, ending))
            if ending.inside:
                # What an inland node seizes does not thin out what passes it by.
                passed[here] += np.log1p(-rate)
    # A market pulls by its share of the demand, so does what is unaccounted: adding a small market
    # does not open a large way out.
    # Without any market what is not seized must still end somewhere.
    market = figures.demand if len(figures.demand) else figures.seizures
    wanted = market.set_index("node")["best_kg"].sort_index()
    share = wanted / wanted.max()
    share /= share.sum()
    consumed, unaccounted = [], []
    for place, part in share.items():
        for here, ending in _here(figures, str(place), position):
            consumption = part * _prior(priors, "consumption_weight", str(place))
            log = float(passed[here] + np.log(consumption)) - ending.cost
            consumed.append(_One(here, CONSUMPTION, str(place), log, ending))
            spare = part * _prior(priors, "unaccounted_weight", str(place))
            if spare > 0:
                log = float(np.log(spare)) - ending.cost
                unaccounted.append(_One(here, UNACCOUNTED, str(place), log, ending))
    if figures.demand.empty:
        consumed = []
    return _joined([*consumed, *seized, *unaccounted], passed)


def _here(figures: Figures, place: str, position: NDArray[np.intp]) -> list[tuple[int, Ending]]:
    """Return the endings at a place from states that the measure has."""
    found = ((int(position[ending.state]), ending) for ending in figures.endings[place])
    return [(here, ending) for here, ending in found if here >= 0]


def _prior(priors: pd.DataFrame, column: str, place: str) -> float:
    value = priors[column].get(place, np.nan)
    return float(priors[column].get("*", np.nan) if np.isnan(value) else value)


def _joined(exits: list[_One], passed: NDArray[np.float64]) -> Exits:
    return Exits(
        node=np.array([one.node for one in exits], dtype=np.intp),
        kind=np.array([one.kind for one in exits], dtype=object),
        place=np.array([one.place for one in exits], dtype=object),
        log_weight=np.array([one.log_weight for one in exits], dtype=np.float64),
        passed=passed,
        endings=[one.ending for one in exits],
    )
