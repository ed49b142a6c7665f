"""What may be chosen at what cost, and what any choice lets through in one draw, as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.chokepoints.best_set.values import GatedValue
from opiateroutes.chokepoints.chain import Enforcement
from opiateroutes.chokepoints.elements import merged
from opiateroutes.chokepoints.options import is_number
from opiateroutes.data import nearest
from opiateroutes.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from opiateroutes.chokepoints.chain import IntendedChain
    from opiateroutes.chokepoints.elements import Element

__all__ = ["BestSetProblem", "Terms", "checked_terms"]

_DOUBTFUL = 1e-6
"""Below this share of routes left, a set is solved for and not updated."""
_FAINTEST = -100.0
"""Logarithm of the weight of a route through all gates, below which rounding might hide it."""
_SETS_AT_ONCE = 20_000
_ROUNDING = 1e-12
"""Costs are added up in floating point: a set that costs this share above the budget fits it."""


@dataclass(frozen=True, eq=False)
class Terms:
    """Which elements may be chosen, at what cost.

    Parameters
    ----------
    elements
        Those that may be chosen.
    costs
        Shape ``(elements,)``: what each takes from the budget, at least 0.
    must
        Shape ``(elements,)``: whether it has to be chosen.
    budget
        No chosen set costs more.
    """

    elements: tuple[Element, ...]
    costs: NDArray[np.float64]
    must: NDArray[np.bool_]
    budget: float

    @property
    def count(self) -> int:
        """How many elements there are."""
        return len(self.elements)

    @property
    def least(self) -> tuple[int, ...]:
        """What must be chosen."""
        return tuple(np.flatnonzero(self.must).tolist())

    @property
    def room(self) -> float:
        """The budget, with room for rounding."""
        return self.budget * (1 + _ROUNDING)

    def cost(self, chosen: Iterable[int]) -> float:
        """Return what a set costs."""
        return float(self.costs[list(chosen)].sum())


def checked_terms(
    elements: Sequence[Element],
    budget: float,
    costs: Mapping[str, float] | None,
    must: Iterable[str],
    must_not: Iterable[str],
) -> Terms:
    """Check costs and conditions against the elements, and leave out those that must not be in.

    Raises
    ------
    UnknownNameError
        If a cost or a condition names none of the elements.
    ValueError
        If a cost is negative or no finite number, an element must and must not be in, or what must
        be in costs more than the budget.
    """
    if costs is not None and not isinstance(costs, Mapping):
        raise TypeError(f"costs must map ids of elements to numbers, not {costs!r}")
    price = {element.id: 1.0 for element in elements}
    inside, outside = set(_listed(must, "must")), set(_listed(must_not, "must_not"))
    for what, ids in (("costs", costs or {}), ("must", inside), ("must_not", outside)):
        for one in ids:
            if one not in price:
                raise UnknownNameError(
                    f"{what} names {one!r}, which is no candidate{nearest(one, price)}"
                )
    for one, cost in (costs or {}).items():
        if not is_number(cost) or not 0.0 <= cost < np.inf:
            raise ValueError(
                f"the cost of {one!r} must be a finite number of at least 0, not {cost!r}: "
                "a missing cost is not free. Leave the element out of costs for a cost of 1"
            )
        price[one] = float(cost)
    both = sorted(inside & outside)
    if both:
        raise ValueError(f"{', '.join(both)}: in must and in must_not. Take it out of one")
    kept = tuple(element for element in elements if element.id not in outside)
    terms = Terms(
        kept,
        np.array([price[element.id] for element in kept], dtype=np.float64),
        np.array([element.id in inside for element in kept], dtype=bool),
        budget,
    )
    needed = terms.cost(terms.least)
    if needed > terms.room:
        raise ValueError(
            f"what must be in costs {needed:g}, more than the budget of {budget:g}. "
            "Raise the budget or shorten must"
        )
    return terms


def _listed(ids: Iterable[str], what: str) -> list[str]:
    if not isinstance(ids, Iterable):
        raise TypeError(f"{what} must be ids of elements, not {ids!r}")
    return [ids] if isinstance(ids, str) else [str(one) for one in ids]


@dataclass(frozen=True, eq=False)
class BestSetProblem:
    """What any choice of elements lets through, in one draw.

    Parameters
    ----------
    terms
        Elements, costs, budget and conditions.
    gates_of
        For each element, the positions of its gates.
    reached
        The numerator: value of being consumed, with a factor ``(1 - effort) ** (reaction + 1)``.
    meant
        The denominator: value of any exit, with a factor ``(1 - effort) ** reaction``.
    sources
        States where routes start, shape ``(q,)``.
    supply_kg
        Shape ``(q,)``.
    passing_kg
        Shape ``(elements,)``: what passes each element in the fit.
    chain
        The draw itself, of which sets are solved for that leave less than a double holds.
    effort, reaction
        As in `opiateroutes.best_set`.
    """

    terms: Terms
    gates_of: tuple[NDArray[np.intp], ...]
    reached: GatedValue
    meant: GatedValue
    sources: NDArray[np.intp]
    supply_kg: NDArray[np.float64]
    passing_kg: NDArray[np.float64]
    chain: IntendedChain
    effort: float
    reaction: float

    @classmethod
    def of(
        cls, chain: IntendedChain, draw: int, terms: Terms, *, effort: float, reaction: float
    ) -> BestSetProblem:
        """Write the problem for one draw of a chain.

        A stage that an element acts on gets a state of its own between its ends, which nothing is
        seized in, so that enforcement on legs is enforcement on states too.
        """
        measure, n = chain.measure, chain.measure.n_nodes
        none = np.zeros(0, dtype=np.intp)
        stages = np.unique(np.concatenate([none, *(e.stages for e in terms.elements)]))
        nodes = np.unique(np.concatenate([none, *(e.nodes for e in terms.elements)]))
        size = n + len(stages)
        inner = chain.move[draw].copy()
        inner[stages] = 0.0
        move = np.zeros((size, size))
        np.add.at(move, (measure.tail, measure.head), inner)
        extra = np.arange(n, size)
        move[measure.tail[stages], extra] = chain.move[draw, stages]
        move[extra, measure.head[stages]] = 1.0
        gates = np.concatenate([nodes, extra]).astype(np.intp)

        def longer(values: NDArray[np.float64], fill: float) -> NDArray[np.float64]:
            return np.concatenate([values, np.full(len(stages), fill)])

        gates_of = tuple(
            np.concatenate(
                [np.searchsorted(nodes, e.nodes), len(nodes) + np.searchsorted(stages, e.stages)]
            ).astype(np.intp)
            for e in terms.elements
        )
        let = 1.0 - effort
        ones = np.ones(size)
        passed = longer(chain.passed[draw], 1.0)
        reached = GatedValue(
            move, passed, longer(chain.consumed[draw], 0.0), let ** (reaction + 1.0), gates
        )
        meant = GatedValue(move, ones, longer(chain.left[draw], 0.0), let**reaction, gates)
        sent = np.zeros(size)
        sent[measure.sources] = chain.supply_kg[draw]
        arriving = np.linalg.solve(np.eye(size) - (passed[:, None] * move).T, sent)
        return cls(
            terms,
            gates_of,
            reached,
            meant,
            measure.sources.astype(np.intp),
            chain.supply_kg[draw],
            np.array([arriving[gates[g]].sum() for g in gates_of]),
            chain.only(np.arange(chain.draws) == draw),
            effort,
            reaction,
        )

    @cached_property
    def before_kg(self) -> float:
        """What is delivered without extra enforcement."""
        return float(self.delivered_kg([()])[0])

    def gates_closed(self, chosen: Iterable[int]) -> NDArray[np.intp]:
        """Return the positions of gates that a set acts on, once each."""
        parts = [np.zeros(0, dtype=np.intp), *(self.gates_of[k] for k in chosen)]
        return np.unique(np.concatenate(parts)).astype(np.intp)

    def delivered_kg(self, sets: Sequence[tuple[int, ...]]) -> NDArray[np.float64]:
        """Return what is delivered with enforcement on each set, kilograms.

        Where no route of a source survives nothing of it is delivered.
        """
        total = np.zeros(len(sets))
        for start in range(0, len(sets), _SETS_AT_ONCE):
            part = sets[start : start + _SETS_AT_ONCE]
            padded = self.padded(part)
            reached = self.reached.of_sets(padded, self.sources)
            meant = self.meant.of_sets(padded, self.sources)
            for row in np.flatnonzero((meant < _DOUBTFUL).any(axis=1)).tolist():
                gates = padded[row][padded[row] >= 0]
                reached[row] = self.reached.solved(gates)[self.sources]
                meant[row] = self.meant.solved(gates)[self.sources]
            ratio = np.divide(reached, meant, out=np.zeros_like(reached), where=meant > 0)
            total[start : start + len(part)] = ratio @ self.supply_kg
            for row in np.flatnonzero(self._vanishing(padded)).tolist():
                total[start + row] = self._solved_kg(part[row])
        return total

    def _vanishing(self, padded: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Say which sets may leave routes a weight that a double does not hold."""
        if self.effort in {0.0, 1.0}:
            return np.zeros(len(padded), dtype=bool)
        weight = (self.reaction + 1.0) * np.log1p(-self.effort)
        least: NDArray[np.bool_] = (padded >= 0).sum(axis=1) * weight < _FAINTEST
        return least

    def _solved_kg(self, chosen: tuple[int, ...]) -> float:
        whole = merged([self.terms.elements[k] for k in chosen])
        on = Enforcement.none(self.chain.measure)
        on.at_nodes[whole.nodes] = 1.0 - self.effort
        on.on_legs[whole.stages] = 1.0 - self.effort
        return float(self.chain.delivered_kg(on, self.reaction)[0])

    def padded(self, sets: Sequence[tuple[int, ...]]) -> NDArray[np.intp]:
        """List the gates of each set, once each, filled up with -1."""
        flat = np.zeros((len(sets), len(self.reached.gates)), dtype=bool)
        for row, members in enumerate(sets):
            for member in members:
                flat[row, self.gates_of[member]] = True
        sizes = flat.sum(axis=1)
        width = int(sizes.max(initial=0))
        padded = np.full((len(sets), width), -1, dtype=np.intp)
        rows, gate = np.nonzero(flat)
        padded[rows, np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)] = gate
        return padded
