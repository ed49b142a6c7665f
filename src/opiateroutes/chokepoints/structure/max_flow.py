"""Maximum flow with any strengths, exactly, on the integer solver of scipy.

References
----------
.. [1] Ford, L. R., Fulkerson, D. R. (1956), "Maximal flow through a network", Canadian Journal of
   Mathematics 8, 399-404: the largest flow equals the smallest cut.
.. [2] Dinic, E. A. (1970), "Algorithm for solution of a problem of maximum flow in a network with
   power estimation", Soviet Mathematics Doklady 11, 1277-1280: the solver.
.. [3] Edmonds, J., Karp, R. M. (1972), "Theoretical improvements in algorithmic efficiency for
   network flow problems", Journal of the ACM 19(2), 248-264: scaling of capacities.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MaxFlow", "max_flow", "reached_from"]

_BITS = 61
"""Strengths that are not whole become integers of so many bits: both directions fit in 64."""

_ROUND_BITS = 30
"""The solver of scipy adds up 32-bit integers: this leaves it room for both directions."""

_ROOM = 2.0**8
"""How far above the flow the largest strength may lie before the unit is made finer."""


@dataclass(frozen=True, eq=False)
class MaxFlow:
    """A largest flow.

    Parameters
    ----------
    value
        How much arrives; infinite where a route without limit exists.
    source_side
        Shape ``(nodes,)``: what the sources still reach past the flow. Of all minimum cuts this is
        the one nearest to the source. Where ``value`` is infinite it means nothing.
    tail, head, amount
        The pairs of nodes that carry flow, and how much; flows both ways between two nodes are
        taken off each other.
    """

    value: float
    source_side: NDArray[np.bool_]
    tail: NDArray[np.intp]
    head: NDArray[np.intp]
    amount: NDArray[np.float64]


def max_flow(
    n_nodes: int,
    ends: tuple[NDArray[np.intp], NDArray[np.intp]],
    strength: NDArray[np.float64],
    *,
    sources: NDArray[np.intp],
    targets: NDArray[np.intp],
) -> MaxFlow:
    """Find the largest flow from sources to targets.

    Whole strengths below 2**53 are taken as they are. Others become multiples of a power of two
    that is 2**-53 of the flow or less: what that loses, a double would not keep either. Strengths
    above any flow that can be are cut down to it first, which changes no smallest cut. The integers
    are then solved exactly, in as many rounds of 30 bits as they need: each round sends what the
    high bits allow, and what is left is bounded by the cut that stopped it.

    Parameters
    ----------
    n_nodes
        Number of nodes.
    ends
        Tail and head of each arc; parallel arcs add up.
    strength
        Of each arc, at least 0; infinite where it has no limit.
    sources, targets
        Positions, without a node in common.

    Returns
    -------
    MaxFlow
        With a minimum cut.

    Examples
    --------
    >>> ends = np.array([0, 0, 1]), np.array([1, 2, 2])
    >>> flow = max_flow(
    ...     3, ends, np.array([0.25, 0.5, 1.0]), sources=np.array([0]), targets=np.array([2])
    ... )
    >>> flow.value, flow.source_side.tolist()
    (0.75, [True, False, False])
    """
    limit = 2.0 * min(
        float(strength[_mark(n_nodes, places)[end]].sum())
        for end, places in zip(ends, (sources, targets), strict=True)
    )
    tail, head, strength, source, target, count = _single_ends(
        n_nodes, ends, strength, sources, targets
    )
    links = _symmetric(tail, head, strength, count)
    open_side = reached_from(links, source)
    if not open_side[target]:
        none = np.zeros(0, dtype=np.intp)
        return MaxFlow(0.0, open_side[:n_nodes], none, none, np.zeros(0))
    while True:
        whole = _whole(np.minimum(links.data, limit))
        sent, left = _sent(_like(links, whole.units), whole.endless, source, target)
        reached = reached_from(_like(links, left), source)
        if whole.unit == 0 or sent >= whole.endless:
            break
        finer = 2.0 * math.ldexp(sent + len(links.data), -whole.unit)
        if finer * _ROOM > limit:
            break
        limit = finer
    amount = np.maximum(whole.units - left, 0)
    rows = np.repeat(np.arange(count), np.diff(links.indptr))
    own = (amount > 0) & (rows < n_nodes) & (links.indices < n_nodes)
    return MaxFlow(
        math.inf if sent >= whole.endless else math.ldexp(sent, -whole.unit),
        reached[:n_nodes],
        rows[own],
        links.indices[own].astype(np.intp),
        np.ldexp(amount[own].astype(np.float64), -whole.unit),
    )


def _sent(
    capacity: sp.csr_array, bound: int, source: int, target: int
) -> tuple[int, NDArray[np.int64]]:
    """Send what integers allow; return how much, and what is left of each entry."""
    left = capacity.data.copy()
    sent = 0
    bound = min(bound, sum(_out_of(capacity, source).tolist()))
    while bound > 0:
        shift = max(0, bound.bit_length() - _ROUND_BITS)
        coarse = (np.minimum(left, min(bound, 2 * 2**_BITS)) >> shift).astype(np.int32)
        found = maximum_flow(_like(capacity, coarse), source, target)
        left -= found.flow.data.astype(np.int64) << shift
        arrived = int(found.flow_value) << shift
        sent += arrived
        if shift == 0:
            break
        bound -= arrived
        reached = reached_from(_like(capacity, left >> shift), source)
        if not reached[target]:
            bound = min(bound, _crossing(capacity, left, reached))
    return sent, left


def reached_from(links: sp.csr_array, start: int) -> NDArray[np.bool_]:
    """Mark the nodes that are reached from one over links above 0.

    Parameters
    ----------
    links
        Shape ``(nodes, nodes)``.
    start
        Position of the node.

    Returns
    -------
    numpy.ndarray
        Truth values by position; the start is reached.

    Examples
    --------
    >>> reached_from(sp.csr_array([[0, 1, 0], [0, 0, 0], [1, 0, 0]]), 0).tolist()
    [True, True, False]
    """
    rows = np.repeat(np.arange(links.shape[0], dtype=np.int32), np.diff(links.indptr))
    kept = links.data > 0
    starts = np.searchsorted(rows[kept], np.arange(links.shape[0] + 1)).astype(np.int32)
    ones = np.ones(int(kept.sum()), dtype=np.int8)
    open_ = sp.csr_array((ones, links.indices[kept], starts), shape=links.shape)
    mark = np.zeros(links.shape[0], dtype=bool)
    mark[breadth_first_order(open_, start, directed=True, return_predecessors=False)] = True
    return mark


class _Whole(NamedTuple):
    units: NDArray[np.int64]
    unit: int
    endless: int


def _whole(strength: NDArray[np.float64]) -> _Whole:
    """Return strengths as integers, the power of two they count, and what stands for no limit."""
    finite = np.where(np.isfinite(strength), strength, 0.0)
    total, unit = float(finite.sum()), 0
    unlimited = bool(np.isinf(strength).any())
    largest = total if unlimited else float(finite.max(initial=0.0))
    if largest >= 2.0**53 or not np.array_equal(finite, np.floor(finite)):
        unit = _BITS - math.frexp(largest)[1] - unlimited
    units = np.rint(np.ldexp(finite, unit)).astype(np.int64)
    endless = sum(units.tolist()) + 1 if unlimited else 2 ** (2 * _BITS)
    if unlimited:
        units[np.isinf(strength)] = endless
    return _Whole(units, unit, endless)


def _mark(count: int, places: NDArray[np.intp]) -> NDArray[np.bool_]:
    mark = np.zeros(count, dtype=bool)
    mark[places] = True
    return mark


def _single_ends(
    n_nodes: int,
    ends: tuple[NDArray[np.intp], NDArray[np.intp]],
    strength: NDArray[np.float64],
    sources: NDArray[np.intp],
    targets: NDArray[np.intp],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64], int, int, int]:
    """Join several sources, or several targets, to one more node without limit."""
    tail, head = ends
    count = n_nodes
    source, target = int(sources[0]), int(targets[0])
    if len(sources) > 1:
        source, count = count, count + 1
        tail = np.r_[tail, np.full(len(sources), source)]
        head = np.r_[head, sources]
        strength = np.r_[strength, np.full(len(sources), np.inf)]
    if len(targets) > 1:
        target, count = count, count + 1
        tail = np.r_[tail, targets]
        head = np.r_[head, np.full(len(targets), target)]
        strength = np.r_[strength, np.full(len(targets), np.inf)]
    return tail, head, strength, source, target, count


def _symmetric(
    tail: NDArray[np.intp], head: NDArray[np.intp], strength: NDArray[np.float64], count: int
) -> sp.csr_array:
    """Add up parallel arcs; each pair has an entry for its way back, be it 0.

    The flow that scipy returns then has the same pattern and can be taken off entry by entry.
    """
    rows, columns = np.r_[tail, head].astype(np.int32), np.r_[head, tail].astype(np.int32)
    data = np.r_[strength, np.zeros(len(strength))]
    return sp.csr_array(sp.coo_array((data, (rows, columns)), shape=(count, count)))


def _like(pattern: sp.csr_array, data: NDArray[np.generic]) -> sp.csr_array:
    return sp.csr_array((data, pattern.indices, pattern.indptr), shape=pattern.shape)


def _out_of(links: sp.csr_array, row: int) -> NDArray[Any]:
    entries: NDArray[Any] = links.data[links.indptr[row] : links.indptr[row + 1]]
    return entries


def _crossing(capacity: sp.csr_array, left: NDArray[np.int64], reached: NDArray[np.bool_]) -> int:
    rows = np.repeat(reached, np.diff(capacity.indptr))
    return sum(left[rows & ~reached[capacity.indices]].tolist())
