"""The sets that each method chooses for each budget, with intervals over the draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opiateroutes.chokepoints import find_chokepoints
from opiateroutes.chokepoints.best_set import best_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opiateroutes.chokepoints.best_set import BestSet
    from opiateroutes.flows import FlowEnsemble, FlowFit

__all__ = ["METHODS", "ChosenSet", "choose_sets"]

METHODS = ("exact", "greedy", "betweenness")
"""Ways to choose a set, the one that is meant first."""


@dataclass(frozen=True)
class ChosenSet:
    """A set and what it would do.

    Parameters
    ----------
    elements
        Ids of its places.
    drop_share, drop_low, drop_high
        Drop in what is delivered, with its 90 % interval; the ends are missing without draws.
    bound_share
        No set within the budget would do more; missing where no bound is known.
    proved
        Whether it is known to be the best.
    """

    elements: tuple[str, ...]
    drop_share: float
    drop_low: Any
    drop_high: Any
    bound_share: float
    proved: bool


def choose_sets(
    result: FlowFit | FlowEnsemble,
    budgets: Sequence[int],
    *,
    effort: float,
    reaction: float,
    elements: str,
) -> dict[tuple[int, str], ChosenSet]:
    """Choose a set by each method for each budget; see `opiateroutes.best_set`."""
    setting: dict[str, Any] = {"effort": effort, "reaction": reaction}
    best = {
        (budget, method): best_set(
            result, budget=budget, method=method, elements=elements, **setting
        )
        for budget in budgets
        for method in METHODS
    }
    named = {f"{number}": found.elements for number, found in enumerate(best.values())}
    together = {name: ids for name, ids in named.items() if ids}
    if not together:
        return {key: _chosen(found, {}) for key, found in best.items()}
    # What a set would do in every draw: each set is looked at as one element.
    table = find_chokepoints(result, elements=together, **setting).table.set_index("element")
    return {
        key: _chosen(found, table.loc[str(number)] if found.elements else {})
        for number, (key, found) in enumerate(best.items())
    }


def _chosen(best: BestSet, row: Any) -> ChosenSet:
    return ChosenSet(
        elements=best.elements,
        drop_share=best.drop_share,
        drop_low=row.get("drop_low"),
        drop_high=row.get("drop_high"),
        bound_share=best.bound_share,
        proved=best.status == "optimal",
    )
