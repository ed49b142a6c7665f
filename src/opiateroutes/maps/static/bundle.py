"""Places too near to each other for the scale of a map are drawn as one, and so is what flows.

Between crossings and cities a few kilometres apart there is no room for arrows on a map of a
continent. Leaving them out would leave out the largest flows first. Instead the place with the
largest throughput stands for its neighbours, and what flows between two such places is added up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.maps.static.moves import Move, by_size

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["NEAREST_POINTS", "bundled", "standing_for"]

NEAREST_POINTS = 10.0
"""Places nearer to each other on paper are drawn as one: 3.5 mm."""


def standing_for(
    at: Mapping[str, Floats], through_kg: Mapping[str, float], *, alone: Collection[str] = ()
) -> dict[str, str]:
    """Find for each place the one that stands for it.

    Parameters
    ----------
    at : mapping
        Place -> x and y in points.
    through_kg : mapping
        Throughput of the places that something moves through, in kg.
    alone : collection of str
        Places that stand for themselves only.

    Returns
    -------
    dict
        Place -> place; of the places in ``through_kg`` that have a position.

    Examples
    --------
    >>> at = {"a": np.array([0.0, 0.0]), "b": np.array([4.0, 0.0]), "c": np.array([60.0, 0.0])}
    >>> standing_for(at, {"a": 1.0, "b": 2.0, "c": 1.0})
    {'b': 'b', 'a': 'b', 'c': 'c'}
    """
    order = sorted(
        (place for place in through_kg if place in at),
        key=lambda place: (-float(f"{through_kg[place]:.9g}"), place),
    )
    heads: list[str] = []
    found: dict[str, str] = {}
    for place in order:
        head = None
        if heads and place not in alone:
            away = np.hypot(*(np.array([at[other] for other in heads]) - at[place]).T)
            nearest = int(away.argmin())
            head = heads[nearest] if away[nearest] < NEAREST_POINTS else None
        if head is None and place not in alone:
            heads.append(place)
        found[place] = place if head is None else head
    return found


def bundled(moves: Sequence[Move], stands: Mapping[str, str]) -> list[Move]:
    """Add up what moves between places that stand for others, largest first.

    Parameters
    ----------
    moves : sequence of Move
        Between single places.
    stands : mapping
        See `standing_for`.

    Returns
    -------
    list of Move
        What moves among the places that one stands for is left out. Bounds are sums of bounds,
        as of the legs of a pair in `flowing`. The group is that of most of the quantity.

    Examples
    --------
    >>> parts = [Move(a, b, 5.0, 3.0, 9.0, "none", True) for a, b in ("ax", "bx", "ab")]
    >>> bundled(parts, {"a": "a", "b": "a", "x": "x"})[0].high
    18.0
    """
    together: dict[tuple[str, str], list[Move]] = {}
    for move in moves:
        ends = stands.get(move.start, move.start), stands.get(move.end, move.end)
        if ends[0] != ends[1]:
            together.setdefault(ends, []).append(move)
    sums = [_sum(ends, parts) for ends, parts in together.items()]
    return sorted((move for move in sums if move.kg), key=by_size)


def _sum(ends: tuple[str, str], parts: Sequence[Move]) -> Move:
    if len(parts) == 1:
        [only] = parts
        return Move(*ends, only.kg, only.low, only.high, only.group, only.sure)
    kg = sum(part.kg for part in parts)
    low, high = _total([p.low for p in parts]), _total([p.high for p in parts])
    if parts[0].group in {"gain", "loss"}:
        sure = low is None or high is None or not low <= 0 <= high
        return Move(*ends, kg, low, high, "gain" if kg > 0 else "loss", sure)
    by_group: dict[str, float] = {}
    for part in parts:
        by_group[part.group] = by_group.get(part.group, 0.0) + part.kg
    group = max(sorted(by_group), key=lambda name: float(f"{by_group[name]:.9g}"))
    return Move(*ends, kg, low, high, group, 2 * sum(p.kg for p in parts if p.sure) >= kg)


def _total(bounds: Sequence[float | None]) -> float | None:
    known = [bound for bound in bounds if bound is not None]
    return sum(known) if len(known) == len(bounds) else None
