"""What interdiction found: the blocked legs, what is left, and how sure the optimum is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from opiateroutes.chokepoints.structure.element_tables import leg_table

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from opiateroutes.chokepoints.interdiction.blocking import Blocking
    from opiateroutes.chokepoints.structure.leg_graph import LegGraph

__all__ = ["OPTIMAL", "TIME_LIMIT", "Interdiction", "result_of"]

OPTIMAL = "optimal"
TIME_LIMIT = "time limit"

_AGREE = 1e-6
"""Relative difference of value and bound that is the tolerance of HiGHS."""

_ROUNDING = 1e-12
"""Relative difference that is rounding."""


@dataclass(frozen=True, eq=False, repr=False)
class Interdiction:
    """The best use of a budget against the largest flow or the cheapest route.

    Parameters
    ----------
    problem
        ``"max_flow"`` or ``"shortest_path"``.
    blocked
        Ids of the legs to block: against a flow, those that a minimum cut of what is left needs;
        against a route, none that could be left open for the same value. Less than the budget may
        be spent.
    value
        What is left: the largest flow past the blocked legs, or the cost of the cheapest route
        (infinite if none is left). Worked out anew for ``blocked``, not read off the solver.
    before
        The same with nothing blocked.
    bound
        No set within the budget leaves a smaller flow, or a dearer cheapest route, than this.
    gap
        Difference of value and bound, relative to the value (to ``before`` where all is stopped).
        0 where the optimum is proven: exactly for whole numbers and where a minimum cut decides,
        else to the tolerance of HiGHS, 1e-6; and where both are infinite.
    status
        ``"optimal"`` or ``"time limit"``: then ``blocked`` is the best set that was found.
    cost, budget
        Cost of the blocked legs, and what there was.
    table
        Index ``leg``, the blocked ones; ``from_node``, ``to_node``, ``strength`` or ``cost`` and
        ``added``, ``cost_to_block``.
    """

    problem: str
    blocked: tuple[Any, ...]
    value: float
    before: float
    bound: float
    gap: float
    status: str
    cost: float
    budget: float
    table: pd.DataFrame

    def __repr__(self) -> str:
        what = "flow" if self.problem == "max_flow" else "cheapest route"
        legs = f"{len(self.blocked)} leg{'' if len(self.blocked) == 1 else 's'} blocked"
        return f"<Interdiction: {legs}, {what} {self.before:g} -> {self.value:g}, {self.status}>"


def result_of(
    graph: LegGraph,
    blocking: Blocking,
    legs: NDArray[np.intp],
    *,
    problem: str,
    value: float,
    before: float,
    bound: float,
    proven: bool,
    columns: dict[str, NDArray[np.float64]],
) -> Interdiction:
    """Put a result together; what the solver proved differs from the value by its tolerance only.

    Examples
    --------
    >>> import networkx as nx
    >>> from opiateroutes.chokepoints.interdiction.blocking import read_blocking
    >>> from opiateroutes.chokepoints.structure.leg_graph import read_graph
    >>> graph = read_graph(nx.DiGraph([("a", "b")]))
    >>> blocking = read_blocking(graph, budget=1, cost_to_block=None, blockable=None)
    >>> kept = {"problem": "max_flow", "before": 1.0, "proven": True, "columns": {}}
    >>> result_of(graph, blocking, np.array([0]), value=0.0, bound=-1e-15, **kept).status
    'optimal'
    """
    scale = abs(value) if np.isfinite(value) and value else abs(before)
    gap = 0.0 if value == bound else abs(value - bound) / max(scale, np.finfo(float).tiny)
    if gap <= _AGREE and (proven or gap <= _ROUNDING):
        bound, gap = value, 0.0
    table = leg_table(
        graph,
        legs,
        **{name: numbers[legs] for name, numbers in columns.items()},
        cost_to_block=blocking.cost[legs],
    )
    return Interdiction(
        problem,
        graph.leg_ids(legs),
        value,
        before,
        bound,
        gap,
        OPTIMAL if proven or gap == 0.0 else TIME_LIMIT,
        blocking.of(legs),
        blocking.budget,
        table,
    )
