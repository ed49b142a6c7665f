"""The set that leaves least, with a bound on what any set could leave."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.chokepoints.best_set.heuristics import all_sets, exchanged, greedy_prefixes
from opiateroutes.chokepoints.best_set.objective import worst_mean
from opiateroutes.chokepoints.best_set.ratio_program import least_ratio
from opiateroutes.chokepoints.best_set.value_program import Outcome, least_value

if TYPE_CHECKING:
    from opiateroutes.chokepoints.best_set.objective import Objective

__all__ = ["least_remaining"]

_TRY_ALL = 200_000
"""Where a sum of ratios is to be made small, so many sets are tried one by one."""
_TRY_ALL_DRAWS = 3_000_000
"""So many sets times draws: about a minute."""
_FAINT = 1e-4
"""Where less than this share passes, the solver's tolerance is too coarse: sets are tried."""


def least_remaining(
    objective: Objective, effort: float, reaction: float, until: float
) -> tuple[tuple[int, ...], float, str]:
    """Return the best set, a lower bound on the share that remains, and the status.

    Parameters
    ----------
    objective
        What is to be made small.
    effort, reaction
        As in `opiateroutes.best_set`.
    until
        When time is out, on the monotonic clock.
    """
    problems, terms = objective.problems, objective.terms
    prefixes = greedy_prefixes(objective)
    if terms.count == 0 or effort == 0.0 or terms.must.all():
        first = prefixes[0]
        return first, float(objective.remaining([first])[0]), "optimal"
    start = exchanged(objective, prefixes[-1], until=until)
    one_ratio = len(problems) == 1 and len(problems[0].sources) == 1
    faint = reaction > 0 and problems[0].meant.factor < _FAINT
    if reaction > 0 and (faint or not one_ratio):
        sets = all_sets(terms, most=min(_TRY_ALL, _TRY_ALL_DRAWS // len(problems)))
        if sets is not None:
            remaining = objective.remaining(sets)
            best = int(np.argmin(remaining))
            return sets[best], float(remaining[best]), "optimal"
    if reaction == 0:
        outcomes = [Outcome(p, p.reached, p.supply_kg / p.before_kg) for p in problems]
        found = least_value(outcomes, objective.tail, prefixes, until - time.monotonic())
        bound, sets_found, proved = found.bound, [found.chosen], found.proved
    else:
        bound, sets_found, proved = _each_alone(objective, start, until)
    options = list(dict.fromkeys([start, *(s for s in sets_found if s is not None)]))
    chosen = options[int(np.argmin(objective.remaining(options)))]
    if chosen != start:
        chosen = exchanged(objective, chosen, until=until)
    # Where hardly anything passes, the solver's own bound is noise: that all is stopped is not.
    bound = 0.0 if faint else max(bound, 0.0)
    remains = float(objective.remaining([chosen])[0])
    if remains == 0.0:
        return chosen, 0.0, "optimal"
    if proved and reaction > 0 and (faint or not one_ratio):
        return chosen, min(bound, remains), "bound"
    return chosen, min(bound, remains), "optimal" if proved else "time limit"


def _each_alone(
    objective: Objective, start: tuple[int, ...], until: float
) -> tuple[float, list[tuple[int, ...] | None], bool]:
    """Bring down what each source of each draw delivers, as if nothing else mattered."""
    problems = objective.problems
    left = sum(len(problem.sources) for problem in problems)
    bounds = np.zeros(len(problems))
    sets: list[tuple[int, ...] | None] = []
    proved = True
    for draw, problem in enumerate(problems):
        for source, kg in enumerate(problem.supply_kg):
            found = least_ratio(problem, source, start, (until - time.monotonic()) / left)
            bounds[draw] += max(found.bound, 0.0) * kg / problem.before_kg
            sets.append(found.chosen)
            proved &= found.proved
            left -= 1
    return float(worst_mean(bounds, objective.tail)), sets, proved
