"""Find the best set within a budget, exactly or by a rule of thumb."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any

from opiateroutes.chokepoints.best_set.exact import least_remaining
from opiateroutes.chokepoints.best_set.heuristics import busiest, greedy_prefixes
from opiateroutes.chokepoints.best_set.objective import (
    Objective,
    checked_tail,
    drop_interval,
    problems_of_draws,
)
from opiateroutes.chokepoints.best_set.problem import (
    BestSetProblem,
    checked_terms,
)
from opiateroutes.chokepoints.best_set.result import BestSet
from opiateroutes.chokepoints.chain import IntendedChain
from opiateroutes.chokepoints.draws import fit_behind
from opiateroutes.chokepoints.elements import KINDS, merged, resolve_elements
from opiateroutes.chokepoints.options import (
    checked_budget,
    checked_count,
    checked_effort,
    checked_reaction,
    checked_seconds,
)
from opiateroutes.errors import UnknownNameError
from opiateroutes.flows.ensemble.ensemble import FlowEnsemble

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from opiateroutes.flows import FlowFit

__all__ = ["best_set"]

_METHODS = ("exact", "greedy", "betweenness")


def best_set(  # noqa: PLR0913 - by keyword, each with a default
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
    tail: float | None = None,
    scenarios: int = 64,
    time_limit: float | None = 60.0,
) -> BestSet:
    """Choose where enforcement lowers delivery to consumers most, within a budget.

    Parameters
    ----------
    result
        An estimate, or an ensemble: then the drop comes with its interval over the draws, and
        `tail` may ask for a set that is best over them.
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
    tail
        None (the default): the drop at the best values is made as large as possible. Otherwise the
        mean of the drops over so large a share of the draws of an ensemble, those in which the set
        does least: 1 for the expected drop, 0.1 for a set that does not disappoint in the worst
        tenth. Drops are shares of what is delivered in the same draw.
    scenarios
        With `tail`: over how many draws, the first ones, the choice is made; 64 by default, as each
        is a copy of the network in the program. Intervals are of all draws.
    time_limit
        Seconds for the solver, 60 by default; after that the best found and a bound are returned.
        None for no limit.

    Returns
    -------
    BestSet
        The set, its drop, and a bound on what any set could drop.

    Raises
    ------
    ValueError
        If budget, effort, reaction, a cost, `tail`, `scenarios` or the time limit is out of range,
        what must be in costs more than the budget, an element must and must not be in, or there is
        a tail and no draws.
    TypeError
        If costs are no mapping, or `must` or `must_not` no ids.
    UnknownNameError
        If there is no such method or element.

    Notes
    -----
    Without reaction this is a mixed-integer program [1]_, over draws too [3]_. With reaction, one
    source and no draws it is a ratio of two, solved by Dinkelbach's method [2]_; with several
    sources, or over draws, a sum of ratios: all sets are tried if there are no more than 200,000
    (sets times draws: 3,000,000), else exchanges give a set, and what each source of each draw
    alone could be brought down to gives the bound (status ``"bound"``). Full or nearly full effort
    with reaction (``(1 - effort) ** reaction`` below 1e-4) is tried set by set too; beyond that
    number the bound is then that everything is stopped. Draws in which nothing is delivered are
    left out.

    Nothing delivered, no candidates, budget 0 or effort 0: the empty set (or what must be in),
    optimal. An element that no route meets is never needed and may be left out. Where two sets are
    equally good either may be returned, the same one each time.

    References
    ----------
    .. [1] McCormick (1976), Mathematical Programming 10.
    .. [2] Dinkelbach (1967), Management Science 13.
    .. [3] Rockafellar and Uryasev (2000), Journal of Risk 2: the mean of the worst outcomes.

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
    seconds = checked_seconds(time_limit)
    scenarios = checked_count(scenarios, "scenarios")
    ensemble = result if isinstance(result, FlowEnsemble) else None
    counted = checked_tail(tail, sampled=ensemble is not None)
    fit = fit_behind(result)
    setting: dict[str, Any] = {"effort": effort, "reaction": reaction}
    asked = {**setting, "method": method, "tail": tail}
    if fit.measure is None:
        kind = KINDS.get(str(elements), "element")
        return BestSet((), (), kind, 0.0, 0.0, 0.0, 0.0, budget, 0.0, 0.0, "optimal", **asked)
    kind, found = resolve_elements(fit, elements, candidates)
    terms = checked_terms(found, budget, costs, must, must_not)
    best = BestSetProblem.of(IntendedChain.of(fit.measure, fit.arcs_kg), 0, terms, **setting)
    problems = (
        [best]
        if tail is None or ensemble is None
        else problems_of_draws(ensemble, terms, draws=scenarios, **setting)
    )
    objective = Objective([problem for problem in problems if problem.before_kg > 0], counted)
    search = _Search(
        best, objective, ensemble, kind, tail, effort, reaction, inf if seconds is None else seconds
    )
    return search.run(method=method)


@dataclass(frozen=True, eq=False)
class _Search:
    """A problem that any method can be run on."""

    best: BestSetProblem
    objective: Objective
    ensemble: FlowEnsemble | None
    kind: str
    tail: float | None
    effort: float
    reaction: float
    time_limit: float

    def run(self, *, method: str) -> BestSet:
        """Solve by one method and tell the result."""
        objective, terms = self.objective, self.best.terms
        bound, status = float("nan"), "heuristic"
        if not objective.problems:
            # Nothing is delivered that enforcement could lower.
            chosen, bound, status = terms.least, 1.0, "optimal"
        elif method == "greedy":
            chosen = greedy_prefixes(objective)[-1]
        elif method == "betweenness":
            chosen = busiest(objective)
        else:
            until = time.monotonic() + self.time_limit
            chosen, bound, status = least_remaining(objective, self.effort, self.reaction, until)
        before = self.best.before_kg
        delivered = float(self.best.delivered_kg([chosen])[0])
        share = 1.0 - float(objective.remaining([chosen])[0])
        members = [terms.elements[k] for k in chosen]
        interval = None
        if self.ensemble is not None:
            interval = partial(
                drop_interval, self.ensemble, merged(members), self.effort, self.reaction
            )
        return BestSet(
            elements=tuple(e.id for e in members),
            names=tuple(e.name for e in members),
            kind=self.kind,
            drop_share=(before - delivered) / before if before > 0 else 0.0,
            drop_kg=before - delivered,
            delivered_kg=delivered,
            cost=terms.cost(chosen),
            budget=terms.budget,
            objective_share=share,
            bound_share=share if status == "optimal" else 1.0 - bound,
            status=status,
            method=method,
            effort=self.effort,
            reaction=self.reaction,
            tail=self.tail,
            interval=interval,
            again=self.run,
        )
