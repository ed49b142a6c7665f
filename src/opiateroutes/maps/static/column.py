"""The legend beside a map of flows: a column of headings, bands, marks, lines and remarks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from opiateroutes.errors import MapError
from opiateroutes.maps.static.legend import SWATCH, SWATCH_GAP, draw_swatch
from opiateroutes.maps.static.looks import Look, draw_bands, drawn_band
from opiateroutes.maps.static.styles import INK, MUTED
from opiateroutes.maps.static.text import LINE_SPACING, make_text, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.transforms import Transform

    from opiateroutes.maps.static.styles import LineStyle, MarkStyle

__all__ = ["Item", "draw_column"]

# The largest size of the letters at which the column fits is taken.
_SIZES = (6.8, 6.4, 6.0, 5.6, 5.2, 4.9)
# Between rows, and above a heading, in times the size of the letters.
_ROW_GAP, _HEADING_GAP = 0.28, 0.6


@dataclass(frozen=True)
class Item:
    """One item of the column.

    Attributes
    ----------
    text
        What it says.
    swatch
        A band of that look and ``width`` (in points), a marker or a line; None for a text alone.
    width
        Of the band.
    number
        On a marker.
    is_heading
        Bold, with more room above it.
    """

    text: str
    swatch: Look | LineStyle | MarkStyle | None = None
    width: float = 0.0
    number: str = ""
    is_heading: bool = False


@dataclass(frozen=True)
class _Row:
    item: Item
    lines: list[str]
    height: float
    above: float


def draw_column(
    ax: Axes,
    items: Sequence[Item],
    place: tuple[float, float, float, float],
    points: Transform,
) -> None:
    """Draw the items from the top of a place downwards.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        The frame of the map; the column stands outside it.
    items : sequence of Item
        In order.
    place : (float, float, float, float)
        Left, bottom, width and height in points on the figure.
    points : Transform
        From points on the figure.

    Raises
    ------
    MapError
        The place is too low for the items, even in the smallest letters.
    """
    left, bottom, width, height = place
    for size in _SIZES:
        rows = [_row(item, width, size) for item in items]
        total = sum(row.height for row in rows)
        if total <= height:
            break
    else:
        missing = (total - height) / 72
        raise MapError(
            f"the legend does not fit beside the map: make the figure {missing:.1f} inches "
            f"({2.54 * missing:.1f} cm) higher, or draw fewer kinds of flows"
        )
    top = bottom + height
    for row in rows:
        _draw(ax, row, (left, top), size=size, points=points)
        top -= row.height


def _row(item: Item, width: float, size: float) -> _Row:
    indent = 0.0 if item.swatch is None else SWATCH + SWATCH_GAP
    # Bold letters are wider than those that are measured.
    room = (width - indent) * (0.88 if item.is_heading else 1.0)
    lines = wrapped(item.text, room, size)
    text = len(lines) * size * LINE_SPACING
    high = _band_height(item) if isinstance(item.swatch, Look) else 0.0
    above = _HEADING_GAP * size if item.is_heading else 0.0
    return _Row(item, lines, max(text, high) + _ROW_GAP * size + above, above)


def _band_height(item: Item) -> float:
    # The head is wider than the band.
    return max(item.width * 1.5, item.width + 3.0)


def _draw(ax: Axes, row: _Row, at: tuple[float, float], *, size: float, points: Transform) -> None:
    item, (left, top) = row.item, at
    middle = top - (row.height + row.above) / 2
    start = left
    if isinstance(item.swatch, Look):
        ends = np.array([left, middle]), np.array([left + SWATCH, middle])
        band = drawn_band(*ends, item.swatch, width=item.width, radius=0.0, bow=0.0)
        draw_bands(ax, [band], points, zorder=8.0, gid="legend-band", clip=False)
    elif item.swatch is not None:
        draw_swatch(ax, item.swatch, left, middle, points, number=item.number)
    if item.swatch is not None:
        start += SWATCH + SWATCH_GAP
    style: dict[str, Any] = {"ha": "left", "va": "center", "zorder": 8.0, "gid": "legend-text"}
    colour = INK if item.swatch is not None or item.is_heading else MUTED
    text = make_text(
        (start, middle),
        "\n".join(row.lines),
        size,
        points,
        bold=item.is_heading,
        colour=colour,
        **style,
    )
    ax.add_artist(text)
