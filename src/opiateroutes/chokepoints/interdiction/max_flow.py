"""Which legs to block so that the least flow gets through."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp

from opiateroutes.chokepoints.interdiction.blocking import read_blocking
from opiateroutes.chokepoints.interdiction.program import Program, solve
from opiateroutes.chokepoints.interdiction.result import result_of
from opiateroutes.chokepoints.options import checked_seconds
from opiateroutes.chokepoints.structure.ends import both_ends
from opiateroutes.chokepoints.structure.leg_graph import read_graph
from opiateroutes.chokepoints.structure.max_flow import MaxFlow, max_flow, reached_from
from opiateroutes.chokepoints.structure.numbers import values_of
from opiateroutes.errors import ConvergenceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.chokepoints.interdiction.blocking import Blocking
    from opiateroutes.chokepoints.interdiction.result import Interdiction
    from opiateroutes.chokepoints.structure.leg_graph import GraphLike, LegGraph
    from opiateroutes.chokepoints.structure.numbers import Values

__all__ = ["max_flow_interdiction"]


def max_flow_interdiction(
    net: GraphLike,
    source: Any,
    target: Any,
    *,
    budget: float,
    strength: Values = "capacity",
    cost_to_block: Values = None,
    blockable: Any = None,
    time_limit: float | None = None,
) -> Interdiction:
    r"""Block legs within a budget so that the largest flow from source to target is least.

    Parameters
    ----------
    net
        Network, fit (``strength="flow_kg"`` is then a column of the legs), ensemble, or any
        networkx graph. An undirected edge is one leg that carries either way.
    source, target
        A node, the ``iso3`` of a group of nodes, or several of either. Several act as one.
    budget
        What may be spent, at least 0; infinite is allowed.
    strength
        Most that each leg can carry: a column or edge attribute, a number, a series or mapping by
        leg, None for 1 each; at least 0, infinite for no limit.
    cost_to_block
        Of each leg, likewise; at least 0. None, the default: 1 each, and the budget counts legs. A
        leg that costs 0 may always be blocked, with budget 0 too.
    blockable
        Legs that may be blocked: a column of truth values, a series of them, or ids; all by
        default.
    time_limit
        Seconds after which the best set so far and the best bound come back, at least 0; None for
        none.

    Returns
    -------
    Interdiction
        Budget 0 leaves the flow as it is; a budget that is enough for everything stops all that can
        be stopped, and only the legs that this takes are blocked. A target that no route reaches
        gives value 0 and nothing to block. Where no set within the budget limits an unlimited flow
        the value is infinite.

    Raises
    ------
    UnknownNameError
        If there is no such node, group, column or leg.
    NetworkError
        If a strength or cost is missing, no number, or below 0.
    ValueError
        If source and target share a node or name none, or the budget or the time limit is below 0
        or no number.
    ConvergenceError
        If HiGHS fails, or strengths lie so far apart that it cannot prove a set best.

    Notes
    -----
    The program of [1]_: nodes get a side (0 with the source, 1 with the target), and a leg from
    side 0 to side 1 is either blocked or lets its strength through,

    .. math:: \min \sum_e u_e \beta_e \quad \beta_e + \gamma_e \ge \alpha_j - \alpha_i,
       \quad \sum_e r_e \gamma_e \le R, \quad \gamma \in \{0, 1\}.

    Only the choice of legs is whole: given that, the sides come out whole by themselves. Three
    things keep it small without changing its optimum: legs on no route from source to target are
    left out; no strength is above the flow with nothing blocked; and where everything that may be
    blocked is enough, a minimum cut by cost settles the case without a program. The flow that is
    left is worked out anew for the legs that came out.

    References
    ----------
    .. [1] Wood, R. K. (1993), "Deterministic network interdiction", Mathematical and Computer
       Modelling 17(2), 1-18.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph()
    >>> graph.add_edge("a", "b", capacity=4)
    >>> graph.add_edge("a", "c", capacity=3)
    >>> graph.add_edge("b", "d", capacity=2)
    >>> graph.add_edge("c", "d", capacity=3)
    >>> found = max_flow_interdiction(graph, "a", "d", budget=1)
    >>> found.before, found.value, found.blocked
    (5.0, 2.0, (('c', 'd'),))
    """
    time_limit = checked_seconds(time_limit)
    graph = read_graph(net)
    start, end = both_ends(graph, source, target)
    strengths = values_of(graph.legs, strength, role="strength", infinite=True)
    blocking = read_blocking(graph, budget=budget, cost_to_block=cost_to_block, blockable=blockable)
    ends = _Ends(graph, strengths, start, end)
    before, _ = ends.flow_past(np.zeros(0, dtype=np.intp))
    found, bound, proven = _blocked(ends, blocking, before, time_limit)
    value, blocked = ends.flow_past(found)
    if _whole(strengths) and np.isfinite(bound):
        # All flows are whole: so is the least of them.
        bound = float(math.ceil(bound - 1e-6 * max(1.0, before / 1e3)))
    return result_of(
        graph,
        blocking,
        blocked,
        problem="max_flow",
        value=value,
        before=before,
        bound=min(bound, value),
        proven=proven,
        columns={"strength": strengths},
    )


_CLOSE = 1e-6
"""Relative difference of a value from its bound that is the tolerance of HiGHS."""

_WIDE = 1e3
"""How far above the bound strengths may lie for the solver to see what is at the bound."""

_SEEN = 1e-9
"""What the solver can tell, as a share of the largest strength."""

_ROUNDS = 250
"""More than it takes to go through all sizes that a double has, three digits at a time."""


class _Ends:
    """The arcs that lie on some route from source to target, and what flows over them."""

    def __init__(
        self,
        graph: LegGraph,
        strength: NDArray[np.float64],
        start: NDArray[np.intp],
        end: NDArray[np.intp],
    ) -> None:
        tail, head, leg = graph.arcs()
        onward = _reached(graph.n_nodes, tail, head, strength[leg] > 0.0, start)
        back = _reached(graph.n_nodes, head, tail, strength[leg] > 0.0, end)
        useful = onward[tail] & back[head] & (strength[leg] > 0.0)
        self.n_nodes, self.start, self.end = graph.n_nodes, start, end
        self.tail, self.head, self.leg = tail[useful], head[useful], leg[useful]
        self.strength = strength[self.leg]

    def flow_past(self, blocked: NDArray[np.intp]) -> tuple[float, NDArray[np.intp]]:
        """Return the largest flow past blocked legs, and those of them that its cut needs."""
        shut = np.isin(self.leg, blocked)
        flow = self._flow(np.where(shut, 0.0, self.strength))
        near = flow.source_side
        needed = shut & near[self.tail] & ~near[self.head]
        legs = np.unique(self.leg[needed])
        return flow.value, legs if np.isfinite(flow.value) else legs[:0]

    def cut_by_cost(self, blocking: Blocking) -> tuple[float, NDArray[np.intp]]:
        """Return the cost of stopping everything, infinite if that cannot be, and the legs."""
        price = np.where(blocking.allowed, blocking.cost, np.inf)[self.leg]
        flow = self._flow(price)
        near = flow.source_side
        return flow.value, np.unique(self.leg[near[self.tail] & ~near[self.head]])

    def _flow(self, strength: NDArray[np.float64]) -> MaxFlow:
        ends = (self.tail, self.head)
        return max_flow(self.n_nodes, ends, strength, sources=self.start, targets=self.end)


def _reached(
    n_nodes: int,
    tail: NDArray[np.intp],
    head: NDArray[np.intp],
    is_open: NDArray[np.bool_],
    start: NDArray[np.intp],
) -> NDArray[np.bool_]:
    rows = np.r_[tail[is_open], np.full(len(start), n_nodes)]
    columns = np.r_[head[is_open], start]
    ones = np.ones(len(rows), dtype=np.int8)
    links = sp.csr_array((ones, (rows, columns)), shape=(n_nodes + 1, n_nodes + 1))
    return reached_from(links, n_nodes)[:n_nodes]


def _blocked(
    ends: _Ends, blocking: Blocking, before: float, time_limit: float | None
) -> tuple[NDArray[np.intp], float, bool]:
    """Return the legs to block, the bound, and whether it is proven."""
    none = np.zeros(0, dtype=np.intp)
    if before == 0.0:
        return none, 0.0, True
    stopped, cut = ends.cut_by_cost(blocking)
    if np.isfinite(stopped) and blocking.affordable(cut):
        return cut, 0.0, True
    legs = np.unique(ends.leg[blocking.allowed[ends.leg]])
    if not len(legs):
        return none, before, True
    total = float(ends.strength[np.isfinite(ends.strength)].sum())
    # Where the flow has no limit, this stands for it: more than all limits together.
    most = before if np.isfinite(before) else 2.0 * total + 1.0
    until = math.inf if time_limit is None else time.monotonic() + time_limit
    best, value, cap = none, before, most
    for _ in range(_ROUNDS):
        rest = None if time_limit is None else max(until - time.monotonic(), 0.0)
        solved = solve(_program(ends, legs, cap), blocking, time_limit=rest)
        left, _ = ends.flow_past(solved.legs)
        if left < value:
            best, value = solved.legs, left
        if cap == most and not np.isfinite(before) and solved.bound > 1.5 * total + 0.5:
            return best, math.inf, solved.proven
        near = value - solved.bound <= _CLOSE * value
        if not solved.proven or (near and cap <= _WIDE * value):
            # Unproven, a bound is worth what the solver can tell beside the largest strength.
            known = solved.bound if solved.proven else solved.bound - _SEEN * cap
            return best, max(known, 0.0), solved.proven
        # Beside strengths so much larger the solver does not see what is left. Without them it
        # does: cutting strengths down only lowers what the best set leaves.
        known = solved.bound - _SEEN * cap
        cap = min(_WIDE * known if known > 0.0 else cap / _WIDE, 10.0 * value, most)
    raise ConvergenceError(
        "the strengths lie too far apart for the best set to be proven: leave out the weakest legs "
        "(strength 0), or give those that are never the limit an infinite strength"
    )


def _program(ends: _Ends, legs: NDArray[np.intp], largest: float) -> Program:
    nodes, position = np.unique(np.r_[ends.tail, ends.head], return_inverse=True)
    n, m, k = len(nodes), len(ends.leg), len(legs)
    tail, head = position[:m], position[m:]
    row = np.arange(m)
    may = np.isin(ends.leg, legs)
    choice = n + m + np.searchsorted(legs, ends.leg[may])
    ones = np.ones(m)
    entries = np.r_[ones, -ones, ones, np.ones(int(may.sum()))]
    at = (np.r_[row, row, row, row[may]], np.r_[tail, head, n + row, choice])
    most = np.ones(n + m + k)
    least = np.zeros(n + m + k)
    most[:n][np.isin(nodes, ends.start)] = 0.0
    least[:n][np.isin(nodes, ends.end)] = 1.0
    strength = np.minimum(ends.strength, largest)
    return Program(
        objective=np.r_[np.zeros(n), strength, np.zeros(k)],
        rows=sp.csr_array((entries, at), shape=(m, n + m + k)),
        low=np.zeros(m),
        high=np.full(m, np.inf),
        least=least,
        most=most,
        choice=n + m + np.arange(k),
        legs=legs,
        size=largest,
    )


def _whole(strength: NDArray[np.float64]) -> bool:
    finite = strength[np.isfinite(strength)]
    return bool(np.array_equal(finite, np.floor(finite)) and finite.sum() < 2.0**53)
