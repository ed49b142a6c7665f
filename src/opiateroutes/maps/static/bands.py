"""Bands: flows as curved arrows whose width is the amount, as rings of points on paper.

The same drawing as the arrows of the interactive map: a curve bent to the left of travel, so that
there and back lie apart, bent the more the longer it is, with a head at its target.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["Band", "band_of", "curve", "is_drawable"]

_SHORTEST = 5.0
"""Ends nearer to each other than this, in points, leave no room for an arrow."""
_BOW, _BOW_PER_POINT, _MOST_BOW = 0.06, 1 / 2200, 0.17
_FEWEST, _MOST, _POINTS_A_STEP = 12, 40, 8.0
# At most this share of a curve is cut off at each end for the marks there.
_MOST_TRIM = 0.25
_LEAST_HEAD, _HEAD_PER_WIDTH, _MOST_HEAD = 4.2, 0.95, 0.6
_LEAST_WING, _WING_PER_HALF = 1.5, 0.5
_DASH, _DASH_GAP = 4.2, 2.4
_DASH_PER_WIDTH, _GAP_PER_WIDTH = 0.7, 0.3
_LANE_GAP = 0.5
_TWO = 2


@dataclass(frozen=True)
class Band:
    """One arrow on paper.

    Attributes
    ----------
    rings
        Closed outlines, rows of x and y in points: one, or head and dashes.
    line
        The middle line from end to end.
    width
        Of the band, in points.
    """

    rings: list[Floats]
    line: Floats
    width: float


def is_drawable(start: Floats, end: Floats) -> bool:
    """Tell whether two places are far enough from each other for an arrow.

    Examples
    --------
    >>> is_drawable(np.array([0.0, 0.0]), np.array([3.0, 0.0]))
    False
    """
    return bool(np.hypot(*(end - start)) >= _SHORTEST)


def band_of(
    start: Floats,
    end: Floats,
    *,
    width: float,
    radius: float,
    cut: bool = False,
    beside: bool = False,
    bow: float = 1.0,
) -> Band:
    """Make the band from one place to another.

    Parameters
    ----------
    start, end : array
        x and y in points; `is_drawable` must be true of them.
    width : float
        Of the band, in points. Only the head is wider.
    radius : float
        Of the marks at both ends, in points: the band begins and ends there.
    cut : bool, default False
        Cut the body into dashes.
    beside : bool, default False
        Keep wholly to the left of the straight line: there is a band the other way.
    bow : float, default 1
        How much it bends, in times the usual; 0 for a straight band.

    Returns
    -------
    Band

    Examples
    --------
    >>> ends = np.array([0.0, 0.0]), np.array([100.0, 0.0])
    >>> band = band_of(*ends, width=4.0, radius=2.0)
    >>> len(band.rings), bool(band.line[:, 1].max() > 5)
    (1, True)
    """
    lane = width / 2 + _LANE_GAP if beside else 0.0
    line = curve(start, end, lane=lane, bow=bow)
    reach = _lengths(line)[-1]
    trim = min(radius + 0.8, _MOST_TRIM * reach)
    line = _piece(line, trim, reach - trim)
    total = float(_lengths(line)[-1])
    half = width / 2
    head = min(max(_LEAST_HEAD, _HEAD_PER_WIDTH * width), _MOST_HEAD * total)
    body = _piece(line, 0.0, total - head)
    neck, tip = body[-1], line[-1]
    wing = (half + max(_LEAST_WING, _WING_PER_HALF * half)) * _left(np.array([neck, tip]))[0]
    if not cut:
        left, right = _sides(body, half)
        ring = np.concatenate((left, [neck + wing, tip, neck - wing], right[::-1]))
        return Band([ring], line, width)
    rings = [np.array([neck + wing, tip, neck - wing])]
    dash, gap = max(_DASH, _DASH_PER_WIDTH * width), max(_DASH_GAP, _GAP_PER_WIDTH * width)
    for begin in np.arange(0.0, total - head - 1.0, dash + gap):
        piece = _piece(line, float(begin), min(float(begin) + dash, total - head))
        left, right = _sides(piece, half)
        rings.append(np.concatenate((left, right[::-1])))
    return Band(rings, line, width)


def curve(start: Floats, end: Floats, *, lane: float = 0.0, bow: float = 1.0) -> Floats:
    """Draw a quadratic curve that bends to the left of travel, the more the longer it is.

    Parameters
    ----------
    start, end : array
        x and y in points.
    lane : float, default 0
        How far the whole curve lies to the left, in points.
    bow : float, default 1
        How much it bends, in times the usual.

    Returns
    -------
    array
        Rows of x and y.

    Examples
    --------
    >>> there = curve(np.array([0.0, 0.0]), np.array([100.0, 0.0]))
    >>> back = curve(np.array([100.0, 0.0]), np.array([0.0, 0.0]))
    >>> float(there[:, 1].max().round(2)), float(back[:, 1].min().round(2))
    (10.55, -10.55)
    """
    along = end - start
    length = float(np.hypot(*along))
    left = np.array([-along[1], along[0]]) / length
    height = bow * length * min(_BOW + _BOW_PER_POINT * length, _MOST_BOW)
    start, end = start + lane * left, end + lane * left
    control = (start + end) / 2 + 2 * height * left
    count = int(np.clip(round(length / _POINTS_A_STEP), _FEWEST, _MOST))
    t = np.linspace(0.0, 1.0, count + 1)[:, None]
    return np.asarray((1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end)


def _lengths(line: Floats) -> Floats:
    steps = np.hypot(*np.diff(line, axis=0).T)
    return np.concatenate(([0.0], np.cumsum(steps)))


def _piece(line: Floats, begin: float, end: float) -> Floats:
    """Cut out the part of a line between two distances from its start."""
    sums = _lengths(line)
    inside = (sums > begin) & (sums < end)
    at = np.concatenate(([begin], sums[inside], [end]))
    return np.column_stack([np.interp(at, sums, line[:, k]) for k in range(_TWO)])


def _left(line: Floats) -> Floats:
    """Directions of length one to the left of travel, at each point."""
    along = np.gradient(line, axis=0)
    length = np.maximum(np.hypot(*along.T), 1e-12)[:, None]
    return np.asarray(np.column_stack((-along[:, 1], along[:, 0])) / length, dtype=np.float64)


def _sides(line: Floats, half: float) -> tuple[Floats, Floats]:
    left = half * _left(line)
    return line + left, line - left
