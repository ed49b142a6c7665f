"""Everything that a chokepoint report says, worked out once and before the first sentence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from opiateroutes.chokepoints import find_chokepoints, find_combinations, rank_flips
from opiateroutes.flows.ensemble.ensemble import FlowEnsemble
from opiateroutes.reports.chokepoints.chosen import choose_sets
from opiateroutes.reports.chokepoints.places import Places
from opiateroutes.reports.chokepoints.references import figures_by_source, numbered, split_ids
from opiateroutes.reports.wording import wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opiateroutes.chokepoints import Chokepoints
    from opiateroutes.flows import FlowFit
    from opiateroutes.reports.chokepoints.chosen import ChosenSet
    from opiateroutes.reports.wording import Wording

__all__ = ["SHOWN", "Material", "gather"]

SHOWN = 15
"""Places in the ranked table; pairs are made of them."""

_DISPLACED = 3


@dataclass(frozen=True, eq=False)
class Material:
    """What the sections of a chokepoint report are written from.

    Parameters
    ----------
    words
        The language.
    places
        Names of places in it.
    fit
        The estimate, with the intervals of the draws where there are any.
    found
        The chokepoints.
    sampled
        Whether there are draws: without them nothing is ranked.
    rows
        Index place; the rows of ``found.table`` at the effort and the reaction of the report, in
        order of the drop.
    displacement, receivers
        Tables by place, for the first three places.
    sets
        The best sets, by budget and method.
    pairs
        Pairs of the first places that do most beyond what each does alone.
    flips
        The first places when a source or an edition is left out, by what is left out.
    drivers
        What decides who is among the first; None where draws cannot tell.
    """

    words: Wording
    places: Places
    fit: FlowFit
    found: Chokepoints
    sampled: bool
    rows: pd.DataFrame
    displacement: dict[str, pd.DataFrame]
    receivers: dict[str, pd.DataFrame]
    sets: dict[tuple[int, str], ChosenSet]
    pairs: pd.DataFrame
    flips: dict[str, pd.DataFrame]
    drivers: pd.DataFrame | None

    @cached_property
    def references(self) -> dict[str, int]:
        """Numbers of the publications that were used or left out, by id."""
        left_out = [name for ids in self.flips["source"].index for name in split_ids(str(ids))]
        return numbered(self.fit.sources, [*figures_by_source(self.fit.residuals), *left_out])

    def numbers_of(self, kind: str) -> str:
        """Write the numbers of the publications behind one kind of figure, such as "[3]"."""
        residuals = self.fit.residuals
        used = figures_by_source(residuals[residuals["kind"] == kind])
        numbers = sorted(self.references[name] for name in used if name in self.references)
        return ", ".join(f"[{number}]" for number in numbers)

    @property
    def first(self) -> list[str]:
        """The places whose drop is largest, as many as count as first."""
        return [str(place) for place in self.rows.index[: self.found.top]]

    @property
    def year(self) -> str:
        """The year, or that there is none."""
        year = self.fit.year
        return self.words.say("year not stated") if year is None else str(year)

    @property
    def reaction(self) -> float:
        """The reaction at which places are put in order and sets are chosen."""
        return self.found.ordered_by

    def at(self, reaction: float) -> pd.DataFrame:
        """Return the rows of ``found.table`` at one reaction, index place."""
        return _at(self.found, reaction)


def gather(
    result: FlowFit | FlowEnsemble,
    *,
    found: Chokepoints | None,
    effort: float,
    reactions: Sequence[float],
    best_budgets: Sequence[int],
    top: int,
    language: str,
) -> Material:
    """Work out what a chokepoint report says; see `chokepoint_report`.

    Raises
    ------
    ValueError
        If ``found`` ranks anything but places, or nothing moves.
    UnknownNameError
        If there are no reports in the language.
    """
    words = wording(language)
    found = found or find_chokepoints(result, effort=effort, reaction=reactions, top=top)
    if found.kind not in {"node", "group"}:
        raise ValueError(
            f"the report is of places; these chokepoints are of kind {found.kind!r}: find them "
            "with elements='nodes' or 'groups'"
        )
    if found.closure == "demand":
        raise ValueError(
            "the report tells how much less would reach consumers; with closure='demand' that is "
            "held as it is: find the chokepoints with closure='dispatch' or 'orders'"
        )
    if found.table.empty:
        raise ValueError("nothing moves in this estimate: there is nothing to report")
    rows = _at(found, found.ordered_by).sort_values("drop_share", ascending=False, kind="stable")
    leading = [str(place) for place in rows.index[:SHOWN]]
    setting: dict[str, Any] = {"effort": found.effort, "reaction": found.ordered_by}
    elements = f"{found.kind}s"
    fit = result.as_fit() if isinstance(result, FlowEnsemble) else result
    by = "nodes" if (fit.network.nodes["kind"] == "country").any() else "groups"
    displaced = leading[:_DISPLACED]
    return Material(
        words=words,
        places=Places(fit.network, words.language),
        fit=fit,
        found=found,
        sampled=found.ensemble is not None,
        rows=rows,
        displacement={p: found.displacement(p, **setting) for p in displaced},
        receivers={p: found.receivers(p, by=by, **setting) for p in displaced},
        sets=choose_sets(result, best_budgets, elements=elements, **setting),
        pairs=find_combinations(
            result, size=2, elements=elements, candidates=leading, most=None, **setting
        ),
        flips={
            kind: _flips(fit, by=kind, elements=elements, top=found.top, **setting)
            for kind in ("source", "edition")
        },
        drivers=_drivers(found),
    )


def _at(found: Chokepoints, reaction: float) -> pd.DataFrame:
    table = found.table
    chosen = table[(table["effort"] == found.effort) & (table["reaction"] == reaction)]
    return chosen.set_index(found.kind)


def _flips(fit: FlowFit, **options: Any) -> pd.DataFrame:
    """Rank without each source or edition; an empty table where no figure names one."""
    try:
        return rank_flips(fit.network, fit.evidence, **options)
    except ValueError:
        return pd.DataFrame()


def _drivers(found: Chokepoints) -> pd.DataFrame | None:
    independent = found.ensemble is not None and found.ensemble.plan.points == "independent"
    return found.drivers() if independent else None
