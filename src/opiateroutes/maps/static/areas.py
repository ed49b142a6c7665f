"""Names of countries inside their visible part: background of a map of cities and crossings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from opiateroutes.maps.static.labels import Lettering
from opiateroutes.maps.static.placement import Label, Placer
from opiateroutes.maps.static.text import text_size, two_lines

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from opiateroutes.maps.static.frame import Window
    from opiateroutes.maps.static.land import Land

__all__ = ["label_areas", "spaced"]

# Tried in this order; the letters of the smallest size are not spaced out.
_SIZES = (8.0, 6.4, 5.4)
_INK = "#66747d"
_MOST = 9.0
# The letters at both ends of a name may stand outside its area.
_INSIDE = 0.85
_GRID = 24
_THIN_SPACE = "\N{THIN SPACE}"


def label_areas(
    land: Land, names: Mapping[str, str], codes: Collection[str], placer: Placer, window: Window
) -> list[Lettering]:
    """Name areas, the largest first; small ones stay unnamed.

    Parameters
    ----------
    land : Land
        What lies in the frame.
    names : mapping
        Names by code.
    codes : collection of str
        Areas that want a name.
    placer : Placer
        Where the names find their places.
    window : Window
        The frame on paper.

    Returns
    -------
    list of Lettering
        The names that found a place.
    """
    frame_box = shapely.box(*window.frame.bounds)
    seen: dict[str, shapely.Geometry] = {}
    for code in sorted(set(codes) & set(names)):
        parts = shapely.get_parts(shapely.intersection(land.parts[land.owners == code], frame_box))
        parts = parts[shapely.area(parts) > 0]
        if len(parts):
            seen[code] = parts[shapely.area(parts).argmax()]
    placed = []
    for code in sorted(seen, key=lambda code: (-seen[code].area, code)):
        for size in _SIZES:
            text = two_lines(names[code]).upper()
            text = spaced(text) if size > _SIZES[-1] else text
            width, height = text_size(text, size)
            places = _inner_places(seen[code], width * _INSIDE, height, window)
            label = Label(f"area-{code}", 0.0, 0.0, width, height, 0.0, _MOST, places)
            if places and placer.place(label):
                placed.append(Lettering(label.key, text, size, _INK, is_area=True))
                break
    return placed


def spaced(text: str) -> str:
    """Space the letters of a name out, as areas are named on maps.

    Examples
    --------
    >>> spaced("IRAN").split(_THIN_SPACE)
    ['I', 'R', 'A', 'N']
    """
    return "\n".join(_THIN_SPACE.join(line) for line in text.split("\n"))


def _inner_places(
    shape: shapely.Geometry, width: float, height: float, window: Window
) -> tuple[tuple[float, float], ...]:
    """Middles of boxes of this size that lie inside a shape, nearest to its own middle first."""
    wide, high = width / window.per_metre, height / window.per_metre
    left, bottom, right, top = shape.bounds
    if right - left < wide or top - bottom < high:
        return ()
    xs = np.linspace(left + wide / 2, right - wide / 2, _GRID)
    ys = np.linspace(bottom + high / 2, top - high / 2, _GRID)
    x, y = (axis.ravel() for axis in np.meshgrid(xs, ys))
    boxes = shapely.box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
    shapely.prepare(shape)
    inside = shapely.contains(shape, boxes)
    middle = shape.centroid
    # Twice as strict upwards: a name looks wrong near the top or the bottom of its area.
    away = np.hypot(x - middle.x, (y - middle.y) * 2)[inside]
    order = np.argsort(away, kind="stable")
    return tuple(
        window.to_points(float(u), float(v))
        for u, v in zip(x[inside][order], y[inside][order], strict=True)
    )
