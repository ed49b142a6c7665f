"""What passes two legs in one and the same stage, where a stage has several hauls.

A stage of a fine network is a choice of cheapest hauls: from the members of a group to one gate, or
from one gate to several markets. Cheapest ways from or to one node form a tree, and in a tree the
flows on legs tell what passes any two of them: at each node what comes in goes on in proportion.
Only hauls that both begin and end at several nodes (what a group supplies and uses itself) are no
tree; proportion is then an approximation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Within"]

_SMALLEST = 1e-12


@dataclass(frozen=True, eq=False)
class Within:
    """The legs of one arc.

    Parameters
    ----------
    ends
        Start and end of each leg, by its position.
    share
        Share of the arc's flow that passes each leg.
    through
        Share of the arc's flow that passes each node.
    """

    ends: dict[int, tuple[object, object]]
    share: dict[int, float]
    through: dict[object, float]

    @classmethod
    def of(
        cls,
        legs: Iterable[int],
        tails: Iterable[object],
        heads: Iterable[object],
        shares: Iterable[float],
    ) -> Within:
        """Collect the legs of an arc.

        Examples
        --------
        >>> fork = Within.of([7, 8, 9], "abb", "bcd", [1.0, 0.25, 0.75])
        >>> fork.beside(8)
        ({7: 0.25}, {})
        >>> fork.beside(7)
        ({}, {8: 0.25, 9: 0.75})
        """
        ends = {int(k): (i, j) for k, i, j in zip(legs, tails, heads, strict=True)}
        share = dict(zip(ends, map(float, shares), strict=True))
        sides: tuple[dict[object, float], dict[object, float]] = ({}, {})
        for leg, pair in ends.items():
            for side, node in zip(sides, pair, strict=True):
                side[node] = side.get(node, 0.0) + share[leg]
        out, into = sides
        # Where hauls begin less comes in than goes out, and the other way round where they end.
        through = {node: max(out.get(node, 0.0), into.get(node, 0.0)) for node in {**out, **into}}
        return cls(ends, share, through)

    def beside(self, leg: int) -> tuple[dict[int, float], dict[int, float]]:
        """Return what passes each other leg before a leg, and after it, in shares of the arc."""
        before = self._along(leg, ahead=False)
        return before, self._along(leg, ahead=True)

    def _along(self, leg: int, *, ahead: bool) -> dict[int, float]:
        start, end = (0, 1) if ahead else (1, 0)
        found: dict[int, float] = {}
        front = {self.ends[leg][end]: self.share[leg]}
        # No haul is longer than there are legs.
        for _ in range(len(self.ends)):
            moved: dict[object, float] = {}
            for other, pair in self.ends.items():
                part = front.get(pair[start], 0.0) * self.share[other]
                if other != leg and part > _SMALLEST * self.through[pair[start]]:
                    part /= self.through[pair[start]]
                    found[other] = min(found.get(other, 0.0) + part, self.share[other])
                    moved[pair[end]] = moved.get(pair[end], 0.0) + part
            if not moved:
                break
            front = moved
        return found
