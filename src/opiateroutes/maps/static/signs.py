"""Signs on a map of flows: numbered chokepoints, and where enforcement grows.

Signs at neighbouring places would hide each other: later ones move aside, with a line to the place
that they mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D

from opiateroutes.maps.static.legend import NUMBER_SIZE
from opiateroutes.maps.static.styles import INK, MarkStyle
from opiateroutes.maps.static.text import make_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.transforms import Transform

    from opiateroutes.maps.static.placement import Box

__all__ = ["CHOKEPOINT", "ENFORCED", "ENFORCED_AREA", "Sign", "draw_signs", "half_of", "spread"]

CHOKEPOINT = MarkStyle("Chokepoint", "D", "#ffc53d", 7.6, 0)
ENFORCED = MarkStyle("Enforcement", "X", INK, 8.6, 0)
# So small that the many places of an area do not push each other away.
ENFORCED_AREA = MarkStyle("Enforcement", "X", INK, 4.6, 0)

# A diamond is wider than its side.
_REACH = 1.1
_RINGS, _STEPS = (1.0, 1.5, 2.0, 2.6, 3.3), 16


@dataclass(frozen=True)
class Sign:
    """One sign.

    Attributes
    ----------
    place
        Id of what it stands for.
    style
        Marker.
    x, y
        The place that it means, in points from the lower left corner of the frame.
    number
        On it; empty for none.
    """

    place: str
    style: MarkStyle
    x: float
    y: float
    number: str = ""


def spread(signs: Sequence[Sign], width: float, height: float) -> list[tuple[float, float]]:
    """Find where signs stand so that none hides another.

    Parameters
    ----------
    signs : sequence of Sign
        The first keeps its place.
    width, height : float
        Of the frame, in points.

    Returns
    -------
    list of (float, float)
        Middle of each sign, in points.

    Examples
    --------
    >>> signs = [Sign(k, CHOKEPOINT, 50.0, 50.0) for k in "ab"]
    >>> spread(signs, 100, 100)[0]
    (50.0, 50.0)
    >>> math.dist(*spread(signs, 100, 100)) > CHOKEPOINT.size
    True
    """
    found: list[tuple[float, float]] = []
    for sign in signs:
        if sign.style is ENFORCED_AREA:
            found.append((sign.x, sign.y))
            continue
        apart = 2 * half_of(sign)
        angles = np.linspace(0, 2 * np.pi, _STEPS, endpoint=False) + np.pi / 4
        tried = [(sign.x, sign.y)] + [
            (sign.x + ring * apart * math.cos(a), sign.y + ring * apart * math.sin(a))
            for ring in _RINGS
            for a in angles.tolist()
        ]
        free = [
            at
            for k, at in enumerate(tried)
            if _is_free(at, found, apart) and (k == 0 or _is_inside(at, apart, (width, height)))
        ]
        found.append(free[0] if free else tried[0])
    return found


def draw_signs(
    ax: Axes,
    signs: Sequence[Sign],
    middles: Sequence[tuple[float, float]],
    transform: Transform,
) -> list[Box]:
    """Draw signs at their middles, with lines to their places; return what they cover, in points.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        The frame.
    signs : sequence of Sign
        What to draw.
    middles : sequence of (float, float)
        See `spread`.
    transform : Transform
        From points from the lower left corner of the frame.
    """
    boxes = []
    for sign, (x, y) in zip(signs, middles, strict=True):
        half = half_of(sign)
        boxes.append((x - half, y - half, x + half, y + half))
        if (x, y) != (sign.x, sign.y):
            ends = [sign.x, x], [sign.y, y]
            _add(ax, Line2D(*ends, color=INK, linewidth=0.6, transform=transform), 5.5)
        mark = Line2D(
            [x],
            [y],
            linestyle="None",
            marker=sign.style.marker,
            markersize=sign.style.size,
            markerfacecolor=sign.style.colour,
            markeredgecolor=INK if sign.style.marker == "D" else "white",
            markeredgewidth=0.7,
            transform=transform,
            gid=f"sign-{sign.place}",
        )
        _add(ax, mark, 5.6)
        if sign.number:
            text = make_text(
                (x, y),
                sign.number,
                NUMBER_SIZE,
                transform,
                bold=True,
                clip=True,
                ha="center",
                va="center_baseline",
                zorder=5.7,
                gid=f"number-{sign.place}",
            )
            ax.add_artist(text)
    return boxes


def half_of(sign: Sign) -> float:
    """Half of the width of a sign, in points.

    Examples
    --------
    >>> half_of(Sign("a", CHOKEPOINT, 0.0, 0.0)) > CHOKEPOINT.size / 2
    True
    """
    return sign.style.size / 2 * (math.sqrt(2) if sign.style.marker == "D" else 1.0) * _REACH


def _is_inside(at: tuple[float, float], apart: float, size: tuple[float, float]) -> bool:
    return all(apart / 2 < k < side - apart / 2 for k, side in zip(at, size, strict=True))


def _is_free(at: tuple[float, float], taken: Sequence[tuple[float, float]], apart: float) -> bool:
    # Corners of diamonds fit between each other: what counts is the way along the axes.
    return all(
        abs(at[0] - x) + abs(at[1] - y) > apart or math.dist(at, (x, y)) > apart for x, y in taken
    )


def _add(ax: Axes, line: Line2D, zorder: float) -> None:
    line.set_zorder(zorder)
    line.set_in_layout(False)
    ax.add_artist(line)
