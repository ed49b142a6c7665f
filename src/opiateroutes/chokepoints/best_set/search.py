"""Find the best set within a budget, exactly or by a rule of thumb."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.chokepoints.best_set.heuristics import (
    all_sets,
    busiest,
    exchanged,
    greedy_prefixes,
)
from opiateroutes.chokepoints.best_set.linear_program import least_value
from opiateroutes.chokepoints.best_set.problem import (
    BestSetProblem,
    checked_budget,
    checked_terms,
)
from opiateroutes.chokepoints.best_set.ratio_program import least_ratio
from opiateroutes.chokepoints.best_set.result import BestSet
from opiateroutes.chokepoints.chain import IntendedChain
from opiateroutes.chokepoints.draws import fit_behind
from opiateroutes.chokepoints.elements import KINDS, resolve_elements
from opiateroutes.chokepoints.options import checked_effort, checked_reaction
from opiateroutes.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from opiateroutes.flows import FlowEnsemble, FlowFit

__all__ = ["best_set"]

_METHODS = ("exact", "greedy", "betweenness")
_TRY_ALL = 200_000
"""With several sources that react, so many sets are tried one by one."""
_FAINT = 1e-4
"""Where less than this share passes, the solver's tolerance is too coarse: sets are tried."""


def best_set(
    result: FlowFit | FlowEnsemble,
    *,
    budget: float,
    effort: float = 0.5,
    reaction: float = 2.0,
    elements: str | Mapping[str, Iterable[str]] = "nodes",
    candidates: Iterable[str] | None = None,
    costs: Mapping[str, float] | None = None,
    must: Iterable[str] = (),
    must_not: Iterable[str] = (),
    method: str = "exact",
    time_limit: float = 60.0,
) -> BestSet:
    """Choose where enforcement lowers delivery to consumers most, within a budget.

    Parameters
    ----------
    result
        An estimate, or an ensemble: then the estimate at its best values.
    budget
        What the set may cost at most, at least 0. With reaction more enforcement may deliver more,
        so less may be spent; a budget above the cost of all is allowed, and infinity is.
    effort, reaction, elements, candidates
        As in `opiateroutes.find_chokepoints`, one effort and one reaction: 0.5, and 2, the middle
        of the usual scan.
    costs
        Cost of elements by id, at least 0; 1 for each that is not named, so that the budget counts
        elements. Elements of cost 0 are chosen where they help.
    must, must_not
        Elements that have to be in, and that cannot be.
    method
        ``"exact"`` (the default), ``"greedy"`` (largest further drop per unit of cost) or
        ``"betweenness"`` (by what passes, the textbook rule).
    time_limit
        Seconds for the solver, 60 by default; after that the best found and a bound are returned.

    Returns
    -------
    BestSet
        The set, its drop, and a bound on what any set could drop.

    Raises
    ------
    ValueError
        If budget, effort, reaction, a cost or the time limit is out of range, what must be in
        costs more than the budget, or an element must and must not be in.
    UnknownNameError
        If there is no such method or element.

    Notes
    -----
    Without reaction this is a mixed-integer program [1]_. With reaction and one source it is a
    ratio of two, solved by Dinkelbach's method [2]_; with several sources, a sum of ratios: all
    sets are tried if there are no more than 200,000, else exchanges give a set, and the sum of what
    each source alone could be brought down to gives the bound (status ``"bound"``). Full or nearly
    full effort with reaction (``(1 - effort) ** reaction`` below 1e-4) is tried set by set too;
    beyond 200,000 sets the bound is then that everything is stopped.

    Nothing delivered, no candidates, budget 0 or effort 0: the empty set (or what must be in),
    optimal. An element that no route meets is never needed and may be left out. Where two sets are
    equally good either may be returned, the same one each time.

    References
    ----------
    .. [1] McCormick (1976), Mathematical Programming 10.
    .. [2] Dinkelbach (1967), Management Science 13.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> from opiateroutes.chokepoints.best_set import best_set
    >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
    >>> best = best_set(fit, budget=2, reaction=0.0)
    >>> best.status, len(best.elements)
    ('optimal', 2)
    """
    budget, effort = checked_budget(budget), checked_effort(effort)
    reaction = checked_reaction(reaction)
    if method not in _METHODS:
        raise UnknownNameError(f"no method {method!r}; there are {', '.join(_METHODS)}")
    if not time_limit >= 0:
        raise ValueError(f"time_limit must be at least 0 seconds, not {time_limit!r}")
    fit = fit_behind(result)
    if fit.measure is None:
        kind = KINDS.get(str(elements), "element")
        nothing = (0.0, 0.0, 0.0, 0.0, budget, 0.0, "optimal")
        return BestSet((), (), kind, *nothing, method, effort, reaction)
    kind, found = resolve_elements(fit, elements, candidates)
    terms = checked_terms(found, costs, must, must_not)
    chain = IntendedChain.of(fit.measure, fit.arcs_kg)
    problem = BestSetProblem.of(chain, terms, budget=budget, effort=effort, reaction=reaction)
    run = partial(_run, problem, kind, effort, reaction, time_limit)
    return run(method=method)


def _run(
    problem: BestSetProblem,
    kind: str,
    effort: float,
    reaction: float,
    time_limit: float,
    *,
    method: str,
) -> BestSet:
    """Solve by one method and tell the result."""
    [before] = problem.delivered_kg([()])
    bound, status = float("nan"), "heuristic"
    if method == "greedy":
        chosen = greedy_prefixes(problem)[-1]
    elif method == "betweenness":
        chosen = busiest(problem)
    else:
        chosen, bound, status = _exact(problem, effort, reaction, time_limit)
    [delivered] = problem.delivered_kg([chosen])
    share = 1.0 / before if before > 0 else 0.0
    members = [problem.terms.elements[k] for k in chosen]
    drop = float((before - delivered) * share)
    return BestSet(
        elements=tuple(e.id for e in members),
        names=tuple(e.name for e in members),
        kind=kind,
        drop_share=drop,
        drop_kg=float(before - delivered),
        delivered_kg=float(delivered),
        cost=problem.cost(chosen),
        budget=problem.budget,
        bound_share=drop if status == "optimal" else float((before - bound) * share),
        status=status,
        method=method,
        effort=effort,
        reaction=reaction,
        again=partial(_run, problem, kind, effort, reaction, time_limit),
    )


def _exact(
    problem: BestSetProblem, effort: float, reaction: float, time_limit: float
) -> tuple[tuple[int, ...], float, str]:
    """Return the best set, a lower bound on what is delivered in kilograms, and the status."""
    until = time.monotonic() + time_limit
    prefixes = greedy_prefixes(problem)
    if problem.count == 0 or effort == 0.0 or problem.terms.must.all():
        first = prefixes[0]
        return first, float(problem.delivered_kg([first])[0]), "optimal"
    start = exchanged(problem, prefixes[-1], until=until)
    several = len(problem.sources) > 1
    faint = reaction > 0 and problem.meant.factor < _FAINT
    if reaction > 0 and (several or faint):
        sets = all_sets(problem, most=_TRY_ALL)
        if sets is not None:
            kg = problem.delivered_kg(sets)
            best = int(np.argmin(kg))
            return sets[best], float(kg[best]), "optimal"
    if reaction == 0:
        found = least_value(
            problem,
            problem.reached,
            problem.supply_kg / problem.supply_kg.sum(),
            prefixes,
            until - time.monotonic(),
        )
        bounds, sets_found, proved = (
            [found.bound * problem.supply_kg.sum()],
            [found.chosen],
            found.proved,
        )
    else:
        each = []
        for q in range(len(problem.sources)):
            left = (until - time.monotonic()) / (len(problem.sources) - q)
            each.append(least_ratio(problem, q, start, left))
        bounds = [max(f.bound, 0.0) * kg for f, kg in zip(each, problem.supply_kg, strict=True)]
        sets_found, proved = [f.chosen for f in each], all(f.proved for f in each)
    options = [start, *(s for s in sets_found if s is not None)]
    kg = problem.delivered_kg(options)
    chosen = options[int(np.argmin(kg))]
    if chosen != start:
        chosen = exchanged(problem, chosen, until=until)
    # Where hardly anything passes, the solver's own bound is noise: that all is stopped is not.
    bound = 0.0 if faint else max(float(sum(bounds)), 0.0)
    delivered = float(problem.delivered_kg([chosen])[0])
    if delivered == 0.0:
        return chosen, 0.0, "optimal"
    if proved and reaction > 0 and (several or faint):
        return chosen, min(bound, delivered), "bound"
    return chosen, min(bound, delivered), "optimal" if proved else "time limit"
