"""Sets found without a solver: greedy, by throughput, by exchanges; and all sets there are."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from opiateroutes.chokepoints.best_set.objective import Objective
    from opiateroutes.chokepoints.best_set.problem import Terms

__all__ = ["all_sets", "busiest", "exchanged", "greedy_prefixes"]


def greedy_prefixes(objective: Objective) -> list[tuple[int, ...]]:
    """Add what lowers the share that remains most per unit of cost, until nothing helps or fits.

    Returns
    -------
    list of tuple
        From what must be in to the greedy set; equal gains go to the first element.
    """
    terms, costs = objective.terms, objective.terms.costs
    chosen = terms.least
    now = float(objective.remaining([chosen])[0])
    prefixes = [chosen]
    while True:
        left = terms.room - terms.cost(chosen)
        fits = [k for k in range(terms.count) if k not in chosen and costs[k] <= left]
        if not fits:
            return prefixes
        after = objective.remaining([(*chosen, k) for k in fits])
        # What is free and helps comes first.
        gain = (now - after) / np.maximum(costs[fits], 1e-9)
        best = int(np.argmax(gain))
        if now - after[best] <= objective.noise:
            return prefixes
        now = float(after[best])
        chosen = tuple(sorted((*chosen, fits[best])))
        prefixes.append(chosen)


def busiest(objective: Objective) -> tuple[int, ...]:
    """Take what most passes, as long as it fits: flow betweenness, blind to reaction."""
    terms = objective.terms
    chosen = list(terms.least)
    for k in np.argsort(-objective.passing, kind="stable").tolist():
        if k not in chosen and terms.cost([*chosen, k]) <= terms.room:
            chosen.append(k)
    return tuple(sorted(chosen))


def exchanged(objective: Objective, start: tuple[int, ...], *, until: float) -> tuple[int, ...]:
    """Add, drop or swap one element as long as that lowers the share that remains."""
    terms, chosen = objective.terms, start
    costs, must = terms.costs, terms.must
    now = float(objective.remaining([chosen])[0])
    while time.monotonic() < until:
        smaller = [tuple(k for k in chosen if k != out) for out in chosen if not must[out]]
        tried = list(smaller)
        for rest in [chosen, *smaller]:
            left = terms.room - terms.cost(rest)
            tried += [
                tuple(sorted((*rest, k)))
                for k in range(terms.count)
                if k not in chosen and costs[k] <= left
            ]
        if not tried:
            break
        after = objective.remaining(tried)
        best = int(np.argmin(after))
        if now - after[best] <= objective.noise:
            break
        now, chosen = float(after[best]), tried[best]
    return chosen


def all_sets(terms: Terms, *, most: int) -> list[tuple[int, ...]] | None:
    """List every set within the budget, or return None if there are more than `most`."""
    costs, must = terms.costs, terms.must
    sets = [terms.least]
    spent = [terms.cost(terms.least)]
    for k in np.flatnonzero(~must).tolist():
        for number in range(len(sets)):
            cost = spent[number] + costs[k]
            if cost <= terms.room:
                sets.append((*sets[number], k))
                spent.append(cost)
        if len(sets) > most:
            return None
    return [tuple(sorted(members)) for members in sets]
