"""What gives a map its measure: meridians and parallels with their degrees, and a scale bar."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from opiateroutes.maps.static.styles import GRATICULE, INK
from opiateroutes.maps.static.text import make_text, text_size

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes

    from opiateroutes.maps.static.frame import Frame, Window
    from opiateroutes.maps.static.placement import Box

__all__ = ["draw_graticule", "draw_scale_bar", "nice_length"]

_BAR_SHARE = 0.16
_LINES_ACROSS = 7
_STEPS = (0.5, 1, 2, 5, 10, 15, 30)
_POLE, _HALF_TURN, _FULL_TURN = 90.0, 180, 360
_SIZE, _BAR_SIZE = 5.4, 6.4
_AT_EDGE = 0.5
_MARGIN = 5.0
_LONGEST_STEP_M = 1e6
_A_LINE = 2
_ON_WATER = "#ffffffb8"


def nice_length(longest: float) -> float:
    """Round down to 1, 2 or 5 times a power of ten.

    Examples
    --------
    >>> nice_length(730.0), nice_length(0.3)
    (500.0, 0.2)
    """
    power = 10.0 ** math.floor(math.log10(longest))
    return max(n * power for n in (1, 2, 5) if n * power <= longest * (1 + 1e-9))


def draw_scale_bar(
    ax: Axes,
    window: Window,
    marks: Sequence[tuple[float, float]],
    *,
    text: Callable[[float], str] | None = None,
) -> Box:
    """Draw a bar that is true at the centre of the map; return what it covers, in points.

    Lengths along an equal-area map change with the distance from its centre, so the bar says where
    it holds. It is drawn in the coordinates of the map and stays right when somebody zooms.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        The frame.
    window : Window
        The frame on paper.
    marks : sequence of (float, float)
        Nodes in metres on the map: the bar goes into the corner that hides fewest.
    text : callable, optional
        What the bar says of its length in kilometres; English by default.
    """
    kilometres = nice_length(2 * window.frame.half_width * _BAR_SHARE / 1000)
    said = f"{kilometres:,g} km (true at the centre)" if text is None else text(kilometres)
    length = kilometres * 1000 * window.per_metre
    wide = max(length, text_size(said, _BAR_SIZE)[0]) + 8.0
    left, bottom, right, top = _corner(window, wide, 20.0, marks)
    background = Rectangle(
        window.to_metres(left, bottom),
        (right - left) / window.per_metre,
        (top - bottom) / window.per_metre,
        facecolor=_ON_WATER,
        edgecolor="none",
        zorder=7,
        in_layout=False,
    )
    ax.add_patch(background)
    middle, half = (left + right) / 2, length / 2
    ends = [(middle - half, 8.0), (middle - half, 4.0), (middle + half, 4.0), (middle + half, 8.0)]
    bar = Line2D(
        *zip(*(window.to_metres(x, bottom + y) for x, y in ends), strict=True),
        color=INK,
        linewidth=1.0,
        linestyle="-",
        marker="None",
        solid_joinstyle="miter",
        zorder=7.1,
        gid="scale-bar",
        in_layout=False,
    )
    ax.add_line(bar)
    at = window.to_metres(middle, bottom + 9.5)
    style: dict[str, Any] = {"ha": "center", "va": "bottom", "zorder": 7.1, "gid": "scale-text"}
    ax.add_artist(make_text(at, said, _BAR_SIZE, ax.transData, **style))
    return (left - _MARGIN, bottom - _MARGIN, right + _MARGIN, top + _MARGIN)


def _corner(
    window: Window, width: float, height: float, marks: Sequence[tuple[float, float]]
) -> Box:
    right, top = window.width - width - _MARGIN, window.height - height - _MARGIN
    corners = [(right, _MARGIN), (_MARGIN, _MARGIN), (right, top), (_MARGIN, top)]
    places = [window.to_points(*mark) for mark in marks]

    def hidden(corner: tuple[float, float]) -> int:
        left, bottom = corner
        near = 3.0
        return sum(
            left - near < x < left + width + near and bottom - near < y < bottom + height + near
            for x, y in places
        )

    left, bottom = min(corners, key=hidden)
    return (left, bottom, left + width, bottom + height)


def draw_graticule(
    ax: Axes,
    window: Window,
    *,
    free_of: Box,
    signs: Sequence[Box] = (),
    letters: str = "EWNS",
) -> list[Box]:
    """Draw meridians and parallels with their degrees at the frame; return what the texts cover.

    The texts keep off ``free_of`` and ``signs``; ``letters`` stand for east, west, north and south.
    """
    frame = window.frame
    step = _graticule_step(frame)
    lines: list[Any] = []
    boxes: list[Box] = []
    for is_meridian in (True, False):
        for degrees in _values(step, is_meridian=is_meridian):
            pieces = _graticule_line(frame, degrees, is_meridian=is_meridian)
            lines += pieces
            place = _edge_place(window, pieces, bottom=is_meridian)
            text = _degrees_text(degrees, letters[:2] if is_meridian else letters[2:])
            box = None if place is None else _edge_box(text, place, bottom=is_meridian)
            if box is not None and _fits(box, [*boxes, free_of, *signs], window):
                boxes.append(box)
                _edge_text(ax, text, box, window)
    ax.add_collection(
        LineCollection(lines, colors=GRATICULE, linewidths=0.35, zorder=1.6, gid="graticule"),
        autolim=False,
    )
    return boxes


def _graticule_step(frame: Frame) -> float:
    across = 2 * math.degrees(frame.half_height / 6.371e6)
    return next((step for step in _STEPS if across / step <= _LINES_ACROSS), _STEPS[-1])


def _values(step: float, *, is_meridian: bool) -> list[float]:
    if is_meridian:
        return [float(v) for v in np.arange(-_HALF_TURN, _HALF_TURN, step)]
    return [float(v) for v in np.arange(-_POLE + step, _POLE, step)]


def _graticule_line(frame: Frame, degrees: float, *, is_meridian: bool) -> list[Any]:
    along = np.arange(-_POLE, _POLE + 0.5, 0.5) if is_meridian else np.arange(_FULL_TURN + 1.0)
    if not is_meridian:
        along = along - _HALF_TURN + frame.lon
    fixed = np.full(len(along), degrees)
    rows = np.column_stack((fixed, along) if is_meridian else (along, fixed))
    rows = rows[frame.angles(rows) <= min(frame.reach + 2.0, 170.0)]
    if len(rows) < _A_LINE:
        return []
    metres = frame.to_map(rows)
    jumps = np.flatnonzero(np.hypot(*np.diff(metres, axis=0).T) > _LONGEST_STEP_M) + 1
    runs = [shapely.LineString(run) for run in np.split(metres, jumps) if len(run) > 1]
    parts = shapely.get_parts(shapely.clip_by_rect(np.array(runs, dtype=object), *frame.bounds))
    return [shapely.get_coordinates(p) for p in parts if shapely.get_dimensions(p) == 1]


def _edge_place(window: Window, pieces: list[Any], *, bottom: bool) -> float | None:
    """Where a line meets the lower or the left edge, in points along that edge."""
    for piece in pieces:
        for end in (piece[0], piece[-1]):
            x, y = window.to_points(*end)
            if abs(y if bottom else x) < _AT_EDGE:
                return float(x if bottom else y)
    return None


def _edge_box(text: str, place: float, *, bottom: bool) -> Box:
    width, height = text_size(text, _SIZE)
    if bottom:
        return (place - width / 2, 1.5, place + width / 2, 1.5 + height)
    return (2.5, place - height / 2, 2.5 + width, place + height / 2)


def _fits(box: Box, taken: list[Box], window: Window) -> bool:
    left, bottom, right, top = box
    inside = min(left, bottom) > 1.0 and right < window.width - 1.0 and top < window.height - 1.0
    return inside and not any(
        left < b[2] and b[0] < right and bottom < b[3] and b[1] < top for b in taken
    )


def _edge_text(ax: Axes, text: str, box: Box, window: Window) -> None:
    left, bottom, right, top = box
    artist = make_text(
        window.to_metres((left + right) / 2, (bottom + top) / 2),
        text,
        _SIZE,
        ax.transData,
        colour="#4f6a78",
        halo="#ffffffc0",
        clip=True,
        ha="center",
        va="center",
        zorder=6.5,
        gid="graticule-text",
    )
    ax.add_artist(artist)


def _degrees_text(degrees: float, letters: str) -> str:
    if degrees == 0 or abs(degrees) == _HALF_TURN:
        return f"{abs(degrees):g}°"
    return f"{abs(degrees):g}°{letters[degrees < 0]}"
