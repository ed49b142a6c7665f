"""Values of a chain under enforcement so strong, or so strongly avoided, that a double holds none.

A weight ``survival ** reaction`` of 1e-400 is 0 to a computer, and a route with no other way would
look closed. So each value is written as ``exp(-cost) * value``, where the cost is that of the route
from there which enforcement touches least: what is solved for is then of the size of the shares of
routes, whatever the weights are. Scaling by potentials leaves the solution as it is [1]_.

References
----------
.. [1] Johnson, D. B. (1977), "Efficient algorithms for shortest paths in sparse networks", Journal
   of the ACM 24(1), 1-13: costs reduced by potentials.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.chokepoints.chain import Enforcement, IntendedChain

__all__ = ["ScaledValue", "scaled_value"]


@dataclass(frozen=True, eq=False)
class ScaledValue:
    """A value at each node, in units of what survives on the route that is touched least.

    Parameters
    ----------
    value
        Shape ``(draws, n)``.
    cost
        Shape ``(n,)``: the value is ``exp(-cost)`` of these units; infinite where no route is open.
    on_legs, at_ends
        Shapes ``(m,)`` and ``(n,)``: what remains of the weights of stages and exits.
    """

    value: NDArray[np.float64]
    cost: NDArray[np.float64]
    on_legs: NDArray[np.float64]
    at_ends: NDArray[np.float64]

    def over(self, other: ScaledValue, nodes: NDArray[np.intp]) -> NDArray[np.float64]:
        """Divide by another value, shape ``(draws, nodes)``; 0 where that has no route open."""
        below = other.value[:, nodes]
        ratio = np.zeros_like(below)
        np.divide(self.value[:, nodes], below, out=ratio, where=below > 0)
        ratio *= _weight(_less(self.cost, other.cost))[nodes]
        return ratio


def scaled_value(
    chain: IntendedChain,
    enforcement: Enforcement,
    power: float,
    passed: NDArray[np.float64],
    ends: NDArray[np.float64],
) -> ScaledValue:
    """Solve ``v = m (P v + e)`` with ``m`` what passes times a power of what enforcement leaves.

    Parameters
    ----------
    chain
        The chain.
    enforcement, power
        What is let through, and how often it counts.
    passed
        Shape ``(draws, n)``: what passes without enforcement.
    ends
        Shape ``(draws, n)``: ``e``.
    """
    measure = chain.measure
    at_nodes, on_legs = (_cost(s, power) for s in (enforcement.at_nodes, enforcement.on_legs))
    at_nodes = np.where((passed > 0).any(axis=0), at_nodes, np.inf)
    on_legs = np.where((chain.move > 0).any(axis=0), on_legs, np.inf)
    at_ends = np.where((ends > 0).any(axis=0), at_nodes, np.inf)
    cost = at_ends
    while True:
        onward = at_ends.copy()
        np.minimum.at(onward, measure.tail, at_nodes[measure.tail] + on_legs + cost[measure.head])
        if np.array_equal(onward, cost):
            break
        cost = onward
    legs = _weight(_less(at_nodes[measure.tail] + on_legs + cost[measure.head], cost[measure.tail]))
    exits = _weight(_less(at_ends, cost))
    value = chain.value(passed, legs, (ends * exits)[..., None])[..., 0]
    return ScaledValue(value, cost, legs, exits)


def _cost(survival: NDArray[np.float64], power: float) -> NDArray[np.float64]:
    if power == 0.0:
        return np.zeros_like(survival)
    with np.errstate(divide="ignore"):
        cost: NDArray[np.float64] = -power * np.log(survival)
    return cost


def _less(cost: NDArray[np.float64], base: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take a base off a cost; what is closed stays closed, whatever the base."""
    rest = np.full(cost.shape, np.inf)
    np.subtract(cost, base, out=rest, where=np.isfinite(cost) & np.isfinite(base))
    return rest


def _weight(cost: NDArray[np.float64]) -> NDArray[np.float64]:
    weight: NDArray[np.float64] = np.exp(-cost)
    return weight
