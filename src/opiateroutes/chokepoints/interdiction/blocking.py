"""What may be blocked, what it costs, and how much there is to spend."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opiateroutes.chokepoints.options import checked_budget
from opiateroutes.chokepoints.structure.numbers import chosen, values_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from opiateroutes.chokepoints.structure.leg_graph import LegGraph
    from opiateroutes.chokepoints.structure.numbers import Values

__all__ = ["Blocking", "read_blocking"]

_ROUNDING = 1e-9
"""Share of the budget by which costs may exceed it: 0.1 three times is not more than 0.3."""


@dataclass(frozen=True, eq=False)
class Blocking:
    """Costs by position of the leg, and the budget.

    Parameters
    ----------
    cost
        Shape ``(legs,)``: cost of blocking, at least 0.
    allowed
        Shape ``(legs,)``: whether a leg may be blocked and fits into the budget.
    budget
        At least 0.
    """

    cost: NDArray[np.float64]
    allowed: NDArray[np.bool_]
    budget: float

    def of(self, legs: NDArray[np.intp]) -> float:
        """Return what it costs to block legs.

        Examples
        --------
        >>> import numpy as np
        >>> Blocking(np.array([1.0, 2.0]), np.ones(2, bool), 3.0).of(np.array([0, 1]))
        3.0
        """
        return math.fsum(self.cost[legs])

    def affordable(self, legs: NDArray[np.intp]) -> bool:
        """Whether legs can be blocked together.

        Examples
        --------
        >>> import numpy as np
        >>> Blocking(np.full(3, 0.1), np.ones(3, bool), 0.3).affordable(np.arange(3))
        True
        """
        return self.of(legs) <= self.budget * (1.0 + _ROUNDING)


def read_blocking(
    graph: LegGraph, *, budget: float, cost_to_block: Values, blockable: Any
) -> Blocking:
    """Read costs and budget.

    Parameters
    ----------
    graph
        The graph.
    budget
        At least 0; infinite: all that may be blocked.
    cost_to_block, blockable
        See `opiateroutes.chokepoints.interdiction.max_flow_interdiction`.

    Returns
    -------
    Blocking
        Legs that cost more than the budget are not allowed.

    Raises
    ------
    ValueError
        If the budget is below 0 or no number.
    UnknownNameError
        If there is no such column or leg.
    NetworkError
        If a cost is missing, no number, below 0 or infinite.

    Examples
    --------
    >>> import networkx as nx
    >>> from opiateroutes.chokepoints.structure.leg_graph import read_graph
    >>> graph = read_graph(nx.DiGraph([("a", "b", {"price": 2}), ("b", "c", {"price": 5})]))
    >>> read_blocking(graph, budget=3, cost_to_block="price", blockable=None).allowed.tolist()
    [True, False]
    """
    amount = checked_budget(budget)
    cost = values_of(graph.legs, cost_to_block, role="cost_to_block")
    allowed = chosen(graph.legs, blockable, role="blockable")
    # A leg from a node to itself is on no route.
    allowed &= graph.from_node != graph.to_node
    return Blocking(cost, allowed & (cost <= amount * (1.0 + _ROUNDING)), amount)
