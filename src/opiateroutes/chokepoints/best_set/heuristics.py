"""Sets found without a solver: greedy, by throughput, by exchanges; and all sets there are."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from opiateroutes.chokepoints.best_set.problem import BestSetProblem

__all__ = ["all_sets", "busiest", "exchanged", "greedy_prefixes"]

_BETTER = 1e-12


def greedy_prefixes(problem: BestSetProblem) -> list[tuple[int, ...]]:
    """Add what lowers delivery most per unit of cost, until nothing helps or fits.

    Returns
    -------
    list of tuple
        From what must be in to the greedy set; equal gains go to the first element.
    """
    chosen = tuple(np.flatnonzero(problem.terms.must).tolist())
    now = float(problem.delivered_kg([chosen])[0])
    least = _BETTER * float(problem.supply_kg.sum())
    prefixes = [chosen]
    costs = problem.terms.costs
    while True:
        left = problem.room - problem.cost(chosen)
        fits = [k for k in range(problem.count) if k not in chosen and costs[k] <= left]
        if not fits:
            return prefixes
        after = problem.delivered_kg([(*chosen, k) for k in fits])
        # What is free and helps comes first.
        gain = (now - after) / np.maximum(costs[fits], 1e-9)
        best = int(np.argmax(gain))
        if now - after[best] <= least:
            return prefixes
        now = float(after[best])
        chosen = tuple(sorted((*chosen, fits[best])))
        prefixes.append(chosen)


def busiest(problem: BestSetProblem) -> tuple[int, ...]:
    """Take what most passes, as long as it fits: flow betweenness, blind to reaction."""
    chosen = np.flatnonzero(problem.terms.must).tolist()
    for k in np.argsort(-problem.passing_kg, kind="stable").tolist():
        if k not in chosen and problem.cost([*chosen, k]) <= problem.room:
            chosen.append(k)
    return tuple(sorted(chosen))


def exchanged(problem: BestSetProblem, start: tuple[int, ...], *, until: float) -> tuple[int, ...]:
    """Add, drop or swap one element as long as that lowers delivery."""
    chosen, costs, must = start, problem.terms.costs, problem.terms.must
    now = float(problem.delivered_kg([chosen])[0])
    least = _BETTER * float(problem.supply_kg.sum())
    while time.monotonic() < until:
        smaller = [tuple(k for k in chosen if k != out) for out in chosen if not must[out]]
        tried = list(smaller)
        for rest in [chosen, *smaller]:
            left = problem.room - problem.cost(rest)
            tried += [
                tuple(sorted((*rest, k)))
                for k in range(problem.count)
                if k not in chosen and costs[k] <= left
            ]
        if not tried:
            break
        after = problem.delivered_kg(tried)
        best = int(np.argmin(after))
        if now - after[best] <= least:
            break
        now, chosen = float(after[best]), tried[best]
    return chosen


def all_sets(problem: BestSetProblem, *, most: int) -> list[tuple[int, ...]] | None:
    """List every set within the budget, or return None if there are more than `most`."""
    costs, must = problem.terms.costs, problem.terms.must
    first = tuple(np.flatnonzero(must).tolist())
    sets = [first]
    spent = [problem.cost(first)]
    for k in np.flatnonzero(~must).tolist():
        for number in range(len(sets)):
            cost = spent[number] + costs[k]
            if cost <= problem.room:
                sets.append((*sets[number], k))
                spent.append(cost)
        if len(sets) > most:
            return None
    return [tuple(sorted(members)) for members in sets]
