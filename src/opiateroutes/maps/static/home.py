"""Which part of the Earth a map of flows shows if nobody says it.

One thin flow to the far end of a continent would shrink everything else. Places at the edge are
given up for a larger scale, as long as little flows there; the map names them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.maps.static.frame import fit_frame, near_the_middle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from opiateroutes.maps.static.moves import Move, Places

    Floats = npt.NDArray[np.float64]

__all__ = ["worth_showing"]

_MOST_LOST = 0.02
"""At most this share of the quantity drawn may lead out of the map."""
_LEAST_GAIN = 0.05
"""A place is given up only for a map whose sides show this much less."""
_ASPECT = 1.5
_FEWEST, _AT_ONCE = 2, 3


def worth_showing(moves: Sequence[Move], places: Places) -> Floats:
    """Choose the ends of moves that the frame has to hold.

    Parameters
    ----------
    moves : sequence of Move
        At least one.
    places : Places
        Where the nodes are.

    Returns
    -------
    array
        Rows of longitude and latitude.

    Examples
    --------
    >>> from opiateroutes.maps.static.moves import Move, Places
    >>> at = {"a": (60.0, 30.0), "b": (70.0, 35.0), "c": (65.0, -40.0)}
    >>> moves = [Move("a", "b", 99.0, None, None, "none", True)]
    >>> moves += [Move("b", "c", 1.0, None, None, "none", True)]
    >>> worth_showing(moves, Places({}, at)).tolist()
    [[60.0, 30.0], [70.0, 35.0]]
    """
    ends = list(dict.fromkeys(place for move in moves for place in (move.start, move.end)))
    near = {tuple(row) for row in near_the_middle(places.coordinates(ends)).tolist()}
    kept = [place for place in ends if places.at[place] in near]
    total = sum(abs(move.kg) for move in moves)
    coordinates = places.coordinates(kept)
    frame = fit_frame(coordinates, aspect=_ASPECT)
    at = dict(zip(kept, frame.to_map(coordinates), strict=True))
    while len(kept) > _FEWEST:
        ways = []
        for order in _from_the_edges(kept, at):
            # Several at a time: behind one place at the edge there may stand its neighbour.
            for count in range(1, min(_AT_ONCE, len(kept) - _FEWEST) + 1):
                rest = [place for place in kept if place not in order[:count]]
                gain = (1 - _size(rest, at) / _size(kept, at)) / count
                if gain >= _LEAST_GAIN and _lost(moves, rest) <= _MOST_LOST * total:
                    ways.append((round(gain, 6), -count, order[:count], rest))
        if not ways:
            break
        kept = max(ways)[-1]
    return places.coordinates(kept)


def _lost(moves: Sequence[Move], kept: Sequence[str]) -> float:
    known = set(kept)
    return sum(abs(move.kg) for move in moves if not {move.start, move.end} <= known)


def _size(kept: Sequence[str], at: Mapping[str, Floats]) -> float:
    points = np.array([at[place] for place in kept])
    width, height = np.ptp(points, axis=0).tolist()
    return float(max(width / _ASPECT, height, 1.0))


def _from_the_edges(kept: Sequence[str], at: Mapping[str, Floats]) -> list[list[str]]:
    """Places from each side inwards."""
    x, y = np.array([at[place] for place in kept]).T
    return [[kept[k] for k in np.argsort(by, kind="stable")] for by in (x, -x, y, -y)]
