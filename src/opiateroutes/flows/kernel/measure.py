"""The reference path measure: an absorbing ("killed") Markov measure over routes.

A route starts at a supply, follows legs and ends in an exit (consumption, seizure, unaccounted).
Its reference weight is the product of the weights along it. Weights are kept as logarithms and
recentred by the cheapest way out of each node, so that large costs neither overflow nor vanish;
recentring changes no probability.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import scipy.sparse as sp

from opiateroutes.errors import DivergentRoutesError
from opiateroutes.flows.kernel.elimination import Elimination
from opiateroutes.flows.kernel.sparse_elimination import SparseElimination

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.kernel.trace import Trace

__all__ = ["CONSUMPTION", "SEIZURE", "UNACCOUNTED", "PathMeasure"]

_DENSE_AT_MOST = 200
"""States up to which a batch is eliminated node by node; beyond, fill makes that slow."""

CONSUMPTION, SEIZURE, UNACCOUNTED = "consumption", "seizure", "unaccounted"


class Solver(Protocol):
    """What both ways of elimination offer; the factor is its own business but for ``stable``."""

    def factor(self, weights: NDArray[np.float64]) -> Any:
        """Factorise ``I - W``, weights of shape ``(legs, batch)``."""

    def solve(self, factor: Any, rhs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Solve ``(I - W) y = rhs``, shape ``(nodes, columns, batch)``."""

    def solve_transposed(self, factor: Any, rhs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Solve ``(I - W') x = rhs``, shape ``(nodes, columns, batch)``."""


@dataclass(frozen=True, eq=False)
class PathMeasure:
    """Reference weights of legs and exits on the nodes that some route uses.

    Parameters
    ----------
    nodes, legs
        Ids, shapes ``(n,)`` and ``(m,)``: states of a route, and the leg that ends each stage
        between them (in a network without inland legs: its nodes and its legs).
    tail, head
        Shape ``(m,)``: node index at both ends of each stage.
    leg_log_weight
        Shape ``(m,)``: ``ln(1 - rho_tail) - cost``.
    exit_node
        Shape ``(E,)``: node index of each exit.
    exit_kind
        Shape ``(E,)``: consumption, seizure or unaccounted.
    exit_place
        Shape ``(E,)``: id (of a node, a group or a list of them) that the figure of each exit is
        about, for an unaccounted one that of its market.
    exit_log_weight
        Shape ``(E,)``.
    supply_kg
        Shape ``(n,)``: what starts at each node.
    trace
        Where the arcs run on the network.
    """

    nodes: NDArray[np.object_]
    legs: NDArray[np.object_]
    tail: NDArray[np.intp]
    head: NDArray[np.intp]
    leg_log_weight: NDArray[np.float64]
    exit_node: NDArray[np.intp]
    exit_kind: NDArray[np.object_]
    exit_place: NDArray[np.object_]
    exit_log_weight: NDArray[np.float64]
    supply_kg: NDArray[np.float64]
    trace: Trace

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

    def alone(self) -> tuple[PathMeasure, ...]:
        """Return the measure once for each source, as if there were no other."""
        supplies = np.eye(self.n_nodes)[self.sources] * self.supply_kg
        return tuple(replace(self, supply_kg=supply) for supply in supplies)

    @cached_property
    def elimination(self) -> Solver:
        """Symbolic elimination of the graph, done once."""
        if self.n_nodes > _DENSE_AT_MOST:
            return SparseElimination(self.n_nodes, self.tail, self.head)
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
    def arcs_at_nodes(self) -> sp.csr_array:
        """Adds arcs up by the node where they start, shape ``(nodes, arcs)``."""
        count = self.n_arcs
        return sp.coo_array(
            (np.ones(count), (self.arc_tail, np.arange(count))), shape=(self.n_nodes, count)
        ).tocsr()

    @cached_property
    def legs_into_nodes(self) -> sp.csr_array:
        """Adds legs up by the node where they end, shape ``(nodes, legs)``."""
        count = len(self.legs)
        return sp.coo_array(
            (np.ones(count), (self.head, np.arange(count))), shape=(self.n_nodes, count)
        ).tocsr()

    @cached_property
    def exits_at_nodes(self) -> sp.csr_array:
        """Adds exits up by their node, shape ``(nodes, exits)``."""
        return self.arcs_at_nodes[:, len(self.legs) :]

    def cheapest_way_out(
        self, log_weight: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Find the cost of the cheapest way out of each node, in nats (Bellman-Ford).

        Parameters
        ----------
        log_weight
            Shape ``(arcs, batch)``.

        Returns
        -------
        cost : numpy.ndarray
            Shape ``(nodes, batch)``.
        found : numpy.ndarray
            Shape ``(batch,)``: false where going round a cycle gains, so that there is no cheapest.
        """
        m = len(self.legs)
        out = np.full((self.n_nodes, log_weight.shape[1]), np.inf)
        by_exit, first_exit, exit_tails = _grouped(self.exit_node)
        out[exit_tails] = np.minimum.reduceat(-log_weight[m:][by_exit], first_exit, axis=0)
        by_tail, first, tails = _grouped(self.tail)
        head, price = self.head[by_tail], -log_weight[:m][by_tail]
        same = np.ones(log_weight.shape[1], dtype=bool)
        if m == 0:
            return out, same
        for _ in range(self.n_nodes + 1):
            better = out.copy()
            ahead = np.minimum.reduceat(out[head] + price, first, axis=0)
            better[tails] = np.minimum(out[tails], ahead)
            same = (better == out).all(axis=0)
            if same.all():
                break
            out = better
        return out, same

    @cached_property
    def centred(self) -> NDArray[np.float64]:
        """Log weights of all arcs after recentring by the cheapest way out; none is above 0.

        Raises
        ------
        DivergentRoutesError
            If going round a cycle costs less than nothing.
        """
        out, found = self.cheapest_way_out(self.log_weight[:, None])
        if not found.all():
            raise self.divergence()
        ahead = np.concatenate([out[self.head, 0], np.zeros(len(self.exit_node))])
        centred: NDArray[np.float64] = self.log_weight + out[self.arc_tail, 0] - ahead
        return centred

    def divergence(self) -> DivergentRoutesError:
        """Describe why the routes diverge: the cycle that gains most, and by how much."""
        n = self.n_nodes
        shift = self.leg_log_weight.max()
        matrix = np.zeros((n, n))
        np.add.at(matrix, (self.tail, self.head), np.exp(self.leg_log_weight - shift))
        vector = np.ones(n)
        growth = 1.0
        for _ in range(500):
            # Half a step stays where it is: periodic graphs would swing for ever.
            grown = 0.5 * (vector + matrix @ vector)
            growth = float(grown.max())
            vector = grown / growth
        log_radius = float(np.log(max(2.0 * growth - 1.0, 1e-300)) + shift)
        node = int(vector.argmax())
        seen: list[int] = []
        while node not in seen:
            seen.append(node)
            node = int((matrix[node] * vector).argmax())
        cycle = [*seen[seen.index(node) :], node]
        names = " > ".join(str(self.nodes[k]) for k in cycle)
        return DivergentRoutesError(
            f"the routes round the cycle {names} add up without end: each step multiplies them by "
            f"{np.exp(min(log_radius, 700.0)):.4g}, must be below 1. Raise the cost of its legs by "
            f"more than {max(log_radius, 0.0) + 0.001:.3f} nats each"
        )


def _grouped(
    nodes: NDArray[np.intp],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Return the order that groups equal nodes, where each group starts, and its node."""
    order = np.argsort(nodes, kind="stable")
    found, first = np.unique(nodes[order], return_index=True)
    return order, first, found
