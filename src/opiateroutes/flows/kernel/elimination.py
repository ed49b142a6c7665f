"""Solving (I - W) y = r for many W at once: state elimination, symbolic once, numeric in batches.

Eliminating a node k merges every passage "into k, through k, out of k" into direct legs. All
operands are non-negative, so nothing cancels, and every pivot ``1 - W_kk`` is positive exactly when
the weights of all routes add up to something finite (spectral radius below 1): the test for
divergence costs nothing.

The batch axis comes last everywhere: one call solves as many weight vectors as it has columns.

References
----------
.. [1] Grassmann, Taksar, Heyman (1985), "Regenerative analysis and steady state distributions for
   Markov chains", Operations Research 33(5): elimination without subtraction.
.. [2] George, Liu (1989), "The evolution of the minimum degree ordering algorithm", SIAM Review
   31(1): the order of elimination.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SMALLEST_PIVOT", "Elimination", "Factor"]

SMALLEST_PIVOT = 1e-13
"""A pivot below this is rounding error around 0: the routes diverge."""


@dataclass(frozen=True)
class Factor:
    """Numeric elimination of a batch of weights.

    Parameters
    ----------
    values
        Shape ``(entries, batch)``: multipliers below the diagonal, merged legs above, inverse
        pivots on it.
    stable
        Shape ``(batch,)``: whether the routes of each column add up to something finite.
    """

    values: NDArray[np.float64]
    stable: NDArray[np.bool_]

    def columns(self, chosen: NDArray[np.bool_]) -> Factor:
        """Return some columns of the batch."""
        return Factor(self.values[:, chosen], self.stable[chosen])

    def put(self, columns: NDArray[np.intp], other: Factor) -> None:
        """Write a factor of fewer columns into some of this one."""
        self.values[:, columns] = other.values
        self.stable[columns] = other.stable


@dataclass(frozen=True)
class _Step:
    node: int
    before: NDArray[np.intp]
    after: NDArray[np.intp]
    pivot: int
    entering: NDArray[np.intp]
    leaving: NDArray[np.intp]
    merged: NDArray[np.intp]


class Elimination:
    """Order and pattern of the elimination of one graph, worked out once.

    Parameters
    ----------
    n_nodes
        Number of nodes.
    tail, head
        Shape ``(legs,)``: node index where each leg starts and ends; parallel legs and loops are
        allowed.

    Examples
    --------
    >>> chain = Elimination(2, np.array([0]), np.array([1]))
    >>> factor = chain.factor(np.array([[0.5]]))
    >>> chain.solve(factor, np.array([[[0.0]], [[1.0]]]))[:, 0, 0].tolist()
    [0.5, 1.0]
    """

    def __init__(self, n_nodes: int, tail: NDArray[np.intp], head: NDArray[np.intp]) -> None:
        after: list[set[int]] = [set() for _ in range(n_nodes)]
        before: list[set[int]] = [set() for _ in range(n_nodes)]
        entry: dict[tuple[int, int], int] = {(k, k): k for k in range(n_nodes)}
        for i, j in zip(tail.tolist(), head.tolist(), strict=True):
            after[i].add(j)
            before[j].add(i)
            entry.setdefault((i, j), len(entry))
        own = [entry[pair] for pair in zip(tail.tolist(), head.tolist(), strict=True)]
        self._steps = [self._merge(k, before, after, entry) for k in _minimum_degree(before, after)]
        # Parallel legs add up in one entry.
        self._scatter = sp.coo_array(
            (np.ones(len(own)), (own, np.arange(len(own)))), shape=(len(entry), len(own))
        ).tocsr()

    @staticmethod
    def _merge(
        node: int,
        before: list[set[int]],
        after: list[set[int]],
        entry: dict[tuple[int, int], int],
    ) -> _Step:
        """Record what eliminating a node touches; its neighbours become each other's."""
        come, go = sorted(before[node]), sorted(after[node])
        merged = [entry.setdefault((i, j), len(entry)) for i in come for j in go]
        return _Step(
            node=node,
            before=np.array(come, dtype=np.intp),
            after=np.array(go, dtype=np.intp),
            pivot=entry[node, node],
            entering=np.array([entry[i, node] for i in come], dtype=np.intp),
            leaving=np.array([entry[node, j] for j in go], dtype=np.intp),
            merged=np.array(merged, dtype=np.intp),
        )

    def factor(self, weights: NDArray[np.float64]) -> Factor:
        """Eliminate all nodes.

        Parameters
        ----------
        weights
            Shape ``(legs, batch)``, at least 0.

        Returns
        -------
        Factor
            To be passed to `solve` and `solve_transposed`.
        """
        batch = weights.shape[1]
        values = self._scatter @ weights
        stable = np.logical_and.reduce(np.isfinite(weights), axis=0)
        for s in self._steps:
            pivot = 1.0 - values[s.pivot]
            stable = stable & (pivot > SMALLEST_PIVOT)
            inverse = 1.0 / np.where(pivot > SMALLEST_PIVOT, pivot, 1.0)
            values[s.pivot] = inverse
            multiplier = values[s.entering] * inverse
            values[s.entering] = multiplier
            product = multiplier[:, None, :] * values[s.leaving][None, :, :]
            values[s.merged] += product.reshape(-1, batch)
        return Factor(values, stable)

    def solve(self, factor: Factor, rhs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Solve ``(I - W) y = rhs``: what is collected on the way, seen from each node.

        Parameters
        ----------
        factor
            Result of `factor`.
        rhs
            Shape ``(nodes, columns, batch)``.

        Returns
        -------
        numpy.ndarray
            Same shape.
        """
        y = rhs.copy()
        v = factor.values
        for s in self._steps:
            y[s.before] += v[s.entering][:, None, :] * y[s.node][None]
        for s in reversed(self._steps):
            onward = np.einsum("jb,jkb->kb", v[s.leaving], y[s.after])
            y[s.node] = (y[s.node] + onward) * v[s.pivot]
        return y

    def solve_transposed(self, factor: Factor, rhs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Solve ``(I - W') x = rhs``: how often each node is visited.

        Parameters
        ----------
        factor
            Result of `factor`.
        rhs
            Shape ``(nodes, columns, batch)``.

        Returns
        -------
        numpy.ndarray
            Same shape.
        """
        x = rhs.copy()
        v = factor.values
        for s in self._steps:
            x[s.node] *= v[s.pivot]
            x[s.after] += v[s.leaving][:, None, :] * x[s.node][None]
        for s in reversed(self._steps):
            x[s.node] += np.einsum("ib,ikb->kb", v[s.entering], x[s.before])
        return x


def _minimum_degree(before: list[set[int]], after: list[set[int]]) -> list[int]:
    """Order the nodes by least fill; leave the neighbours that each has when its turn comes."""
    for node, (come, go) in enumerate(zip(before, after, strict=True)):
        come.discard(node)
        go.discard(node)
    heap = [(len(come) * len(before[k]), k) for k, come in enumerate(after)]
    heapq.heapify(heap)
    order: list[int] = []
    gone = [False] * len(before)
    while heap:
        fill, node = heapq.heappop(heap)
        if gone[node] or fill != len(before[node]) * len(after[node]):
            continue  # an entry from before its neighbourhood changed
        gone[node] = True
        order.append(node)
        come, go = before[node], after[node]
        for i in come:
            after[i] |= go
            after[i] -= {i, node}
        for j in go:
            before[j] |= come
            before[j] -= {j, node}
        for k in come | go:
            heapq.heappush(heap, (len(before[k]) * len(after[k]), k))
    return order
