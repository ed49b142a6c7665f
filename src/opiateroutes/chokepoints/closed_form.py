"""What enforcement on each of many elements does, from one inverse of the chain for each draw.

References
----------
.. [1] Woodbury (1950), "Inverting modified matrices", Memorandum Report 42, Statistical Research
   Group, Princeton: the value after a change of a few rows, from the value before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import breadth_first_order

from opiateroutes.chokepoints.elements import merged

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from opiateroutes.chokepoints.chain import IntendedChain
    from opiateroutes.chokepoints.elements import Element

__all__ = ["Gates", "Response", "gates_of", "response", "response_of_sets"]

_DOUBTFUL = 1e-2
"""Below this share of routes that avoid an element, their share is solved for, not subtracted."""


@dataclass(frozen=True, eq=False)
class Gates:
    """Where an element acts: its nodes, and for each head of its stages all that lead there.

    Each gate changes the chain by a matrix of rank one.

    Parameters
    ----------
    start
        Shape ``(k,)``: the node where a route is once it is through.
    nodes
        How many of the gates are nodes; these come first.
    stages
        For each of the other gates, the indices of its stages.
    """

    start: NDArray[np.intp]
    nodes: int
    stages: tuple[NDArray[np.intp], ...]


def gates_of(chain: IntendedChain, element: Element) -> Gates:
    """List the gates of an element."""
    head = chain.measure.head[element.stages]
    heads = np.unique(head)
    return Gates(
        start=np.concatenate([element.nodes, heads]).astype(np.intp),
        nodes=len(element.nodes),
        stages=tuple(element.stages[head == h] for h in heads),
    )


@dataclass(frozen=True, eq=False)
class _Block:
    """Elements with as many gates, side by side.

    Shapes: ``at`` ``(e,)``, ``first`` ``(draws, sources, e, gates)``, ``again``
    ``(draws, e, gates, gates)``, ``worth`` ``(draws, e, gates, k)``.
    """

    at: NDArray[np.intp]
    first: NDArray[np.float64]
    again: NDArray[np.float64]
    worth: NDArray[np.float64]

    def through(self, factor: float) -> NDArray[np.float64]:
        """Return the value of routes that pass, the first time at no loss.

        Shape ``(draws, sources, e, k)``.
        """
        after: NDArray[np.float64]
        if self.again.shape[-1] == 1:
            after = self.worth / (1.0 - (factor - 1.0) * self.again)
        else:
            system = np.eye(self.again.shape[-1]) - (factor - 1.0) * self.again
            after = np.linalg.solve(system, self.worth).astype(np.float64, copy=False)
        through: NDArray[np.float64] = np.einsum("bseg,begk->bsek", self.first, after)
        return through


@dataclass(frozen=True, eq=False)
class Response:
    """Value from each source as a function of what passes each element.

    With a factor ``c`` each time a route passes the element, the value is the part that avoids it
    and ``c F (I - (c - 1) R)^-1 v``: ``F`` where a route first meets the element, ``R`` how often
    it comes again, ``v`` what it is worth there. No term is negative, so nothing cancels.

    Parameters
    ----------
    avoiding
        Shape ``(draws, sources, elements, k)``.
    blocks
        The rest, for elements with as many gates.
    base
        Shape ``(draws, sources, k)``: the value with all factors 1.
    chain, at_nodes, ends
        What it is of, see `response`.
    element
        Gives the element at a position.
    """

    avoiding: NDArray[np.float64]
    blocks: list[_Block]
    base: NDArray[np.float64]
    chain: IntendedChain
    at_nodes: NDArray[np.float64]
    ends: NDArray[np.float64]
    element: Callable[[int], Element]

    @property
    def several_gates(self) -> NDArray[np.bool_]:
        """Whether an element acts at more than one gate, shape ``(elements,)``."""
        several = np.zeros(self.avoiding.shape[2], dtype=bool)
        for block in self.blocks:
            several[block.at] = block.again.shape[-1] > 1
        return several

    def through(self, factor: float) -> NDArray[np.float64]:
        """Return what passes, divided by the factor, shape ``(draws, sources, elements, k)``."""
        value = np.zeros_like(self.avoiding)
        for block in self.blocks:
            value[:, :, block.at] = block.through(factor)
        return value


def response(
    chain: IntendedChain,
    elements: list[Element],
    at_nodes: NDArray[np.float64],
    ends: NDArray[np.float64],
    *,
    smallest: float,
) -> Response:
    """Prepare the values of a chain under any enforcement on one element.

    Parameters
    ----------
    chain
        The chain.
    elements
        What enforcement sits on, one at a time.
    at_nodes
        Shape ``(draws, n)``: multipliers before.
    ends
        Shape ``(draws, n, k)``: what each node is worth as an end, in ``k`` columns.
    smallest
        The smallest factor that will be asked for: only where it is small does the part that
        avoids an element have to be solved for.
    """
    sources = chain.measure.sources
    visits = _visits(chain, at_nodes)
    value = visits @ (at_nodes[..., None] * ends)
    base = value[:, sources]
    weight = at_nodes[:, chain.measure.tail] * chain.move
    avoiding = np.empty((chain.draws, len(sources), len(elements), ends.shape[2]))
    blocks = []
    gates = [gates_of(chain, element) for element in elements]
    sizes = np.array([len(g.start) for g in gates])
    for size in np.unique(sizes):
        at = np.flatnonzero(sizes == size)
        if size == 1 and all(gates[k].nodes for k in at):
            # The common case, without a loop.
            nodes = np.array([gates[k].start[0] for k in at])
            met = visits[:, sources][:, :, nodes, None]
            again = visits[:, nodes, nodes][:, :, None, None] - 1.0
        else:
            pairs = [_meetings(chain, gates[k], visits, weight) for k in at]
            met = np.stack([pair[0] for pair in pairs], axis=2)
            again = np.stack([pair[1] for pair in pairs], axis=1)
        worth = value[:, np.array([gates[k].start for k in at], dtype=np.intp)]
        first = _before_first(met, again)
        avoiding[:, :, at] = base[:, :, None] - np.einsum("bseg,begk->bsek", first, worth)
        blocks.append(_Block(at, first, again, worth))
    if smallest < _DOUBTFUL:
        doubtful = np.asarray((avoiding < _DOUBTFUL * base[:, :, None]).any(axis=(1, 3)))
        for k in np.flatnonzero(doubtful.any(axis=0)):
            draws = doubtful[:, k]
            avoiding[draws, :, k] = _around(chain, elements[k], at_nodes, ends, draws)
    rest = (base, chain, at_nodes, ends)
    return Response(np.maximum(avoiding, 0.0), blocks, *rest, elements.__getitem__)


def response_of_sets(
    chain: IntendedChain,
    elements: list[Element],
    sets: NDArray[np.intp],
    at_nodes: NDArray[np.float64],
    ends: NDArray[np.float64],
    *,
    smallest: float,
) -> Response:
    """Prepare the values under enforcement on sets of elements with one gate each.

    Parameters
    ----------
    chain, at_nodes, ends, smallest
        As in `response`; one draw.
    elements
        With one gate each, and none in common.
    sets
        Shape ``(sets, size)``: indices of elements.
    """

    def together(k: int) -> Element:
        return merged([elements[member] for member in sets[k]])

    sources = chain.measure.sources
    visits = _visits(chain, at_nodes)
    value = visits @ (at_nodes[..., None] * ends)
    weight = (at_nodes[:, chain.measure.tail] * chain.move)[0]
    gates = [gates_of(chain, element) for element in elements]
    start = np.array([g.start[0] for g in gates], dtype=np.intp)
    columns = [
        visits[0, :, g.start[0]]
        if g.nodes
        else visits[0][:, chain.measure.tail[g.stages[0]]] @ weight[g.stages[0]]
        for g in gates
    ]
    hits = np.stack(columns, axis=1)
    again = hits[start] - np.diag([float(g.nodes) for g in gates])
    met = hits[sources][:, sets][None]
    around_again = again[sets[:, :, None], sets[:, None, :]][None]
    worth = value[:, start[sets]]
    first = _before_first(met, around_again)
    base = value[:, sources]
    avoiding = base[:, :, None] - np.einsum("bseg,begk->bsek", first, worth)
    if smallest < _DOUBTFUL:
        one = np.ones(1, dtype=bool)
        for k in np.flatnonzero((avoiding < _DOUBTFUL * base[:, :, None]).any(axis=(0, 1, 3))):
            avoiding[:, :, k] = _around(chain, together(int(k)), at_nodes, ends, one)
    block = _Block(np.arange(len(sets)), first, around_again, worth)
    rest = (base, chain, at_nodes, ends)
    return Response(np.maximum(avoiding, 0.0), [block], *rest, together)


def _visits(chain: IntendedChain, at_nodes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how often a route from each node visits each node, shape ``(draws, n, n)``."""
    system = np.eye(chain.measure.n_nodes) - chain.moves(at_nodes)
    return np.linalg.inv(system).astype(np.float64, copy=False)


def _meetings(
    chain: IntendedChain,
    gates: Gates,
    visits: NDArray[np.float64],
    weight: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how often a route meets each gate, from each source and again behind each gate."""
    rows = np.concatenate([chain.measure.sources, gates.start])
    part = visits[:, rows]
    columns = [part[:, :, gates.start[: gates.nodes]]]
    columns += [
        part[:, :, chain.measure.tail[stages]] @ weight[:, stages, None] for stages in gates.stages
    ]
    meetings = np.concatenate(columns, axis=2)
    q = len(chain.measure.sources)
    again = meetings[:, q:].copy()
    at = np.arange(gates.nodes)
    # Being at a node is not coming back to it.
    again[:, at, at] -= 1.0
    return meetings[:, :q], again


def _before_first(met: NDArray[np.float64], again: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where a route first meets each element, ``met (I + again)^-1``."""
    k = again.shape[-1]
    if k == 1:
        return met / (1.0 + again[:, None, :, :, 0])
    system = (np.eye(k) + again).swapaxes(-1, -2)
    # Draws, elements, gates, sources.
    first = np.linalg.solve(system, met.transpose(0, 2, 3, 1))
    ordered: NDArray[np.float64] = np.maximum(first, 0.0).transpose(0, 3, 1, 2)
    return ordered


def _around(
    chain: IntendedChain,
    element: Element,
    at_nodes: NDArray[np.float64],
    ends: NDArray[np.float64],
    draws: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Solve for the value of routes that avoid an element; nothing where there are none."""
    measure = chain.measure
    open_nodes, open_legs = np.ones(measure.n_nodes), np.ones(len(measure.legs))
    open_nodes[element.nodes] = 0.0
    open_legs[element.stages] = 0.0
    found = chain.only(draws).value(at_nodes[draws] * open_nodes, open_legs, ends[draws])
    keep = (open_legs > 0) & (open_nodes[measure.tail] > 0) & (open_nodes[measure.head] > 0)
    n = measure.n_nodes
    graph = sp.coo_array(
        (np.ones(int(keep.sum())), (measure.tail[keep], measure.head[keep])), shape=(n, n)
    ).tocsr()
    around: NDArray[np.float64] = np.maximum(found[:, measure.sources], 0.0)
    worthy = (ends > 0).any(axis=0)
    for row, source in enumerate(measure.sources.tolist()):
        reached = np.zeros(n, dtype=bool)
        if open_nodes[source] > 0:
            reached[breadth_first_order(graph, source, return_predecessors=False)] = True
        reached &= open_nodes > 0
        around[:, row, ~(worthy & reached[:, None]).any(axis=0)] = 0.0
    return around
