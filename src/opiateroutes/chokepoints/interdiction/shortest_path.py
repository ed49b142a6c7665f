"""Which legs to block so that the cheapest route becomes as dear as it can."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from opiateroutes.chokepoints.interdiction.blocking import read_blocking
from opiateroutes.chokepoints.interdiction.program import Program, solve
from opiateroutes.chokepoints.interdiction.result import result_of
from opiateroutes.chokepoints.interdiction.travel import Travel
from opiateroutes.chokepoints.options import checked_seconds
from opiateroutes.chokepoints.structure.ends import both_ends
from opiateroutes.chokepoints.structure.leg_graph import read_graph
from opiateroutes.chokepoints.structure.max_flow import max_flow
from opiateroutes.chokepoints.structure.numbers import values_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.chokepoints.interdiction.blocking import Blocking
    from opiateroutes.chokepoints.interdiction.result import Interdiction
    from opiateroutes.chokepoints.structure.leg_graph import GraphLike
    from opiateroutes.chokepoints.structure.numbers import Values

__all__ = ["shortest_path_interdiction"]

_SIZE = 1e3
"""Size of potentials in the program: HiGHS lets rows be missed by 1e-6 whatever their unit."""

_FIRST = 1.0 / 16.0
"""How far above the cheapest route the first ceiling lies, in shares of the way to the bound."""

_GROWTH = 1.5
"""How much faster each next ceiling rises: the last one then costs about as much as the others."""

_SHORT = 1e-7
"""Share of a ceiling by which an optimum must miss it to count as below: what HiGHS may round."""


_SPAN = 1e-10
"""Smallest number above 0, as a share of the largest, that the solver still sees beside it."""


def shortest_path_interdiction(
    net: GraphLike,
    source: Any,
    target: Any,
    *,
    budget: float,
    cost: Values = "distance_km",
    added: Values = None,
    cost_to_block: Values = None,
    blockable: Any = None,
    time_limit: float | None = None,
) -> Interdiction:
    r"""Block legs within a budget so that the cheapest route from source to target is dearest.

    Parameters
    ----------
    net
        Network, fit, ensemble, or any networkx graph. An undirected edge is one leg either way.
    source, target
        A node, the ``iso3`` of a group of nodes, or several of either. Several act as one.
    budget
        What may be spent, at least 0; infinite is allowed.
    cost
        Of each leg: a column or edge attribute, a number, a series or mapping by leg, None for 1
        each; finite, at least 0. The distance by default.
    added
        What blocking a leg adds to its cost, likewise; infinite closes it. None, the default,
        closes all that are blocked.
    cost_to_block
        What blocking a leg takes from the budget; at least 0. None: 1 each. A leg that costs 0 may
        always be blocked.
    blockable
        Legs that may be blocked: a column of truth values, a series of them, or ids; all by
        default.
    time_limit
        Seconds after which the best set so far and the best bound come back, at least 0; None for
        none.

    Returns
    -------
    Interdiction
        ``value`` is infinite if the budget is enough to leave no route, and if there is none to
        start with (then nothing is blocked). To charge a price for staying away instead, add a leg
        from source to target at that price and leave it out of ``blockable``.

    Raises
    ------
    UnknownNameError
        If there is no such node, group, column or leg.
    NetworkError
        If a cost is missing, no number, or below 0, or the cost of a leg is infinite.
    ValueError
        If source and target share a node or name none, the budget or the time limit is below 0 or
        no number, or finite costs and delays above 0 span more than ten orders of magnitude.
    ConvergenceError
        If HiGHS fails.

    Notes
    -----
    The program of [1]_, with potentials :math:`\pi` (cost of the cheapest way to a node):

    .. math:: \max \pi_t \quad \pi_j - \pi_i \le c_e + d_e x_e, \quad \pi_s = 0, \quad
       \sum_e r_e x_e \le R, \quad x \in \{0, 1\}.

    Large delays :math:`d` make its relaxation weak, and closed legs would need infinite ones. So it
    is first settled by a minimum cut whether the budget can close all routes. If not, any flow of
    more than R under capacities r has a route that no blocking within R touches, and the potentials
    of the cheapest such flow bound the optimum by some U. Delays are then cut down to what brings a
    route over their leg to U, and legs on no route below U are left out; neither changes the
    optimum.

    References
    ----------
    .. [1] Israeli, E., Wood, R. K. (2002), "Shortest-path network interdiction", Networks 40(2),
       97-111.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph()
    >>> graph.add_weighted_edges_from(
    ...     [("a", "b", 1), ("b", "d", 1), ("a", "c", 2), ("c", "d", 2)], weight="km"
    ... )
    >>> shortest_path_interdiction(graph, "a", "d", budget=1, cost="km").value
    4.0
    >>> shortest_path_interdiction(graph, "a", "d", budget=2, cost="km").value
    inf
    """
    time_limit = checked_seconds(time_limit)
    graph = read_graph(net)
    start, end = both_ends(graph, source, target)
    costs = values_of(graph.legs, cost, role="cost")
    closed = math.inf if added is None else added
    delays = values_of(graph.legs, closed, role="added", infinite=True)
    blocking = read_blocking(graph, budget=budget, cost_to_block=cost_to_block, blockable=blockable)
    _refuse_incomparable(costs, delays)
    travel = Travel(graph, costs, delays, start, end)
    before = travel.cheapest(np.zeros(0, dtype=np.intp))
    found, bound, proven = _blocked(travel, blocking, before, time_limit)
    found = travel.without_idle(found, blocking.cost)
    value = travel.cheapest(found)
    whole = np.r_[costs, delays[np.isfinite(delays)]]
    if np.array_equal(whole, np.floor(whole)) and np.isfinite(bound):
        # All routes cost whole numbers: so does the dearest that is left.
        bound = float(math.floor(bound + 1e-6 * max(1.0, bound / 1e3)))
    return result_of(
        graph,
        blocking,
        found,
        problem="shortest_path",
        value=value,
        before=before,
        bound=max(bound, value),
        proven=proven,
        columns={"cost": costs, "added": delays},
    )


def _refuse_incomparable(costs: NDArray[np.float64], delays: NDArray[np.float64]) -> None:
    numbers = np.r_[costs, delays]
    numbers = numbers[(numbers > 0.0) & np.isfinite(numbers)]
    least, most = numbers.min(initial=np.inf), numbers.max(initial=0.0)
    if most * _SPAN > least:
        raise ValueError(
            f"costs and what blocking adds lie between {least:g} and {most:g}, too far apart to be "
            "compared exactly. Write infinity in added where blocking closes a leg, and leave out "
            "legs that are too dear to be used"
        )


def _blocked(
    travel: Travel, blocking: Blocking, before: float, time_limit: float | None
) -> tuple[NDArray[np.intp], float, bool]:
    """Return the legs to block, the bound, and whether it is proven."""
    none = np.zeros(0, dtype=np.intp)
    may = blocking.allowed[travel.leg] & (travel.added > 0.0)
    if np.isinf(before) or not may.any():
        return none, before, True
    price = np.where(may & np.isinf(travel.added), blocking.cost[travel.leg], np.inf)
    ends = (travel.tail, travel.head)
    flow = max_flow(travel.n_nodes, ends, price, sources=travel.start, targets=travel.end)
    near = flow.source_side
    cut = np.unique(travel.leg[near[travel.tail] & ~near[travel.head]])
    if np.isfinite(flow.value) and blocking.affordable(cut):
        return cut, math.inf, True
    most = _most(travel, blocking, may, flow.value)
    return _below(travel, blocking, may, (before, most), time_limit)


def _below(
    travel: Travel,
    blocking: Blocking,
    may: NDArray[np.bool_],
    between: tuple[float, float],
    time_limit: float | None,
) -> tuple[NDArray[np.intp], float, bool]:
    """Solve with a low ceiling on the cost of the route, and raise it until it is not reached.

    A route dearer than the ceiling counts as the ceiling. The lower it is, the fewer legs matter
    and the tighter the relaxation; an optimum below it is the optimum.
    """
    before, most = between
    ends = math.inf if time_limit is None else time.monotonic() + time_limit
    best, value = np.zeros(0, dtype=np.intp), before
    step = (most - before) * _FIRST
    while value < most:
        ceiling = min(most, value + step)
        program = _program(travel, may, ceiling)
        left = max(ends - time.monotonic(), 0.0)
        solved = solve(program, blocking, time_limit=left if math.isfinite(left) else None)
        reached = travel.cheapest(solved.legs)
        if reached > value:
            best, value = solved.legs, reached
        below = -solved.bound < ceiling * (1.0 - _SHORT)
        if below or ceiling >= most or not solved.proven:
            return best, -solved.bound if below else most, solved.proven
        step *= _GROWTH
    return best, most, True


def _most(travel: Travel, blocking: Blocking, may: NDArray[np.bool_], stopped: float) -> float:
    """Bound the cheapest route past any blocking within the budget.

    A flow of more than the budget, with what blocking costs as capacities, has a route that is not
    blocked. At a cheapest flow no route of it costs more than the potentials differ by. Where
    blocking delays and does not close, the leg can also be used without limit, at its delayed cost.
    """
    if not np.isfinite(blocking.budget):
        blocked = np.unique(travel.leg[may])
        return travel.cheapest(blocked)
    price = blocking.cost[travel.leg]
    limit = np.where(may, price, np.inf)
    delayed = np.flatnonzero(may & np.isfinite(travel.added))
    tail = np.r_[travel.tail, travel.tail[delayed]]
    head = np.r_[travel.head, travel.head[delayed]]
    cost = np.r_[travel.cost, travel.cost[delayed] + travel.added[delayed]]
    limit = np.r_[limit, np.full(len(delayed), np.inf)]
    paid = price[may & (price > 0.0)]
    size = max(blocking.budget, float(paid.min(initial=1.0)))
    amount = min(blocking.budget + 1e-3 * size, stopped)
    # The ends as one node each; what flows between nodes of one end goes nowhere.
    count = travel.n_nodes
    name = np.arange(count)
    name[travel.start], name[travel.end] = travel.start[0], travel.end[0]
    tail, head = name[tail], name[head]
    arcs, ones = np.arange(len(tail)), np.ones(len(tail))
    balance = np.zeros(count)
    balance[[travel.start[0], travel.end[0]]] = amount / size, -amount / size
    scale = max(float(cost.max()), np.finfo(float).tiny)
    solved = linprog(
        cost / scale,
        A_eq=sp.csr_array(
            sp.coo_array((ones, (tail, arcs)), shape=(count, len(arcs)))
            - sp.coo_array((ones, (head, arcs)), shape=(count, len(arcs)))
        ),
        b_eq=balance,
        bounds=np.column_stack([np.zeros(len(limit)), limit / size]),
        method="highs-ds",
    )
    # All routes without a loop cost less than this, whatever is blocked.
    safe = float(np.sort(cost)[-count:].sum())
    if solved.status != 0:
        return safe
    potential = solved.eqlin.marginals
    most = scale * float(potential[travel.start[0]] - potential[travel.end[0]])
    # The solver may miss each potential by its tolerance, on each leg of a route.
    return min(most * (1.0 + 1e-7) + count * 1e-7 * scale, safe)


def _program(travel: Travel, may: NDArray[np.bool_], most: float) -> Program:
    before, after = travel.from_source(), travel.to_target()
    least_through = before[travel.tail] + travel.cost + after[travel.head]
    kept = least_through < most
    tail, head, leg = travel.tail[kept], travel.head[kept], travel.leg[kept]
    may = may[kept]
    legs = np.unique(leg[may])
    nodes, position = np.unique(np.r_[tail, head], return_inverse=True)
    n, m, k = len(nodes), len(leg), len(legs)
    at_tail, at_head = position[:m], position[m:]
    unit = most / _SIZE
    delay = np.minimum(travel.added[kept], most - least_through[kept])[may]
    row = np.arange(m)
    # The last variable is the cost of the cheapest route.
    last = n + k
    goal = np.flatnonzero(np.isin(nodes, travel.end))
    rows = np.r_[row, row, row[may], m + np.arange(len(goal)), m + np.arange(len(goal))]
    columns = np.r_[
        at_head, at_tail, n + np.searchsorted(legs, leg[may]), np.full(len(goal), last), goal
    ]
    ones = np.ones(m)
    entries = np.r_[ones, -ones, -delay / unit, np.ones(len(goal)), -np.ones(len(goal))]
    high = np.r_[travel.cost[kept] / unit, np.zeros(len(goal))]
    top = np.maximum(most - after[nodes], before[nodes]) / unit
    top[np.isin(nodes, travel.start)] = 0.0
    return Program(
        objective=np.r_[np.zeros(n + k), -unit],
        rows=sp.csr_array((entries, (rows, columns)), shape=(m + len(goal), last + 1)),
        low=np.full(m + len(goal), -np.inf),
        high=high,
        least=np.r_[np.where(top > 0.0, before[nodes] / unit, 0.0), np.zeros(k), 0.0],
        most=np.r_[top, np.ones(k), _SIZE],
        choice=n + np.arange(k),
        legs=legs,
        size=most,
    )
