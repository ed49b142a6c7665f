"""The reference path measure: an absorbing ("killed") Markov measure over routes.

A route starts at a supply, follows legs and ends in an exit (consumption, seizure, unaccounted).
Its reference weight is the product of the weights along it. Weights are kept as logarithms and
recentred by the cheapest way out of each node, so that large costs neither overflow nor vanish;
recentring changes no probability.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.errors import DivergentRoutesError
from opiateroutes.flows.elimination import Elimination

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CONSUMPTION", "SEIZURE", "UNACCOUNTED", "PathMeasure"]

CONSUMPTION, SEIZURE, UNACCOUNTED = "consumption", "seizure", "unaccounted"


@dataclass(frozen=True, eq=False)
class PathMeasure:
    """Reference weights of legs and exits on the nodes that some route uses.

    Parameters
    ----------
    nodes, legs
        Ids, shapes ``(n,)`` and ``(m,)``.
    tail, head
        Shape ``(m,)``: node index at both ends of each leg.
    leg_log_weight
        Shape ``(m,)``: ``ln(1 - rho_tail) - cost``.
    exit_node
        Shape ``(E,)``: node index of each exit.
    exit_kind
        Shape ``(E,)``: consumption, seizure or unaccounted.
    exit_log_weight
        Shape ``(E,)``.
    supply_kg
        Shape ``(n,)``: what starts at each node.
    """

    nodes: NDArray[np.str_]
    legs: NDArray[np.str_]
    tail: NDArray[np.intp]
    head: NDArray[np.intp]
    leg_log_weight: NDArray[np.float64]
    exit_node: NDArray[np.intp]
    exit_kind: NDArray[np.str_]
    exit_log_weight: NDArray[np.float64]
    supply_kg: NDArray[np.float64]

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.nodes)

    @property
    def n_arcs(self) -> int:
        """Number of legs and exits together; legs come first wherever both are in one vector."""
        return len(self.legs) + len(self.exit_node)

    @cached_property
    def sources(self) -> NDArray[np.intp]:
        """Indices of the nodes with a supply."""
        return np.flatnonzero(self.supply_kg > 0)

    @cached_property
    def elimination(self) -> Elimination:
        """Symbolic elimination of the graph, done once."""
        return Elimination(self.n_nodes, self.tail, self.head)

    @cached_property
    def arc_tail(self) -> NDArray[np.intp]:
        """Node index where each arc (leg or exit) starts."""
        return np.concatenate([self.tail, self.exit_node])

    @cached_property
    def log_weight(self) -> NDArray[np.float64]:
        """Reference log weight of each arc."""
        return np.concatenate([self.leg_log_weight, self.exit_log_weight])

    @cached_property
    def potential(self) -> NDArray[np.float64]:
        """Cost of the cheapest way out of each node, in nats (Bellman-Ford).

        Raises
        ------
        DivergentRoutesError
            If going round a cycle costs nothing or less.
        """
        out = np.full(self.n_nodes, np.inf)
        np.minimum.at(out, self.exit_node, -self.exit_log_weight)
        for _ in range(self.n_nodes + 1):
            better = out.copy()
            np.minimum.at(better, self.tail, out[self.head] - self.leg_log_weight)
            if np.array_equal(better, out):
                return out
            out = better
        raise self.divergence(np.exp(np.minimum(self.leg_log_weight, 50.0)))

    @cached_property
    def centred(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Log weights of legs and of exits after recentring; none is above 0."""
        h = self.potential
        legs = self.leg_log_weight + h[self.tail] - h[self.head]
        return legs, self.exit_log_weight + h[self.exit_node]

    def divergence(self, weights: NDArray[np.float64]) -> DivergentRoutesError:
        """Describe why the routes diverge: the cycle that gains most, and by how much.

        Parameters
        ----------
        weights
            Shape ``(m,)``: the leg weights that diverged.
        """
        n = self.n_nodes
        matrix = np.zeros((n, n))
        np.add.at(matrix, (self.tail, self.head), weights)
        vector = np.ones(n)
        radius = 0.0
        for _ in range(200):
            grown = matrix @ vector + 1e-12
            radius = float((matrix @ vector).max() / vector.max())
            vector = grown / grown.max()
        node = int(vector.argmax())
        seen: list[int] = []
        while node not in seen:
            seen.append(node)
            node = int((matrix[node] * vector).argmax())
        cycle = [*seen[seen.index(node) :], node]
        names = " > ".join(str(self.nodes[k]) for k in cycle)
        missing = max(float(np.log(radius)), 0.0)
        return DivergentRoutesError(
            f"the routes round the cycle {names} add up without end (growth {radius:.4g} a step, "
            f"must be below 1): raise the cost of its legs by more than {missing:.3g} nats each"
        )
