"""How a sheet is divided: title, map, legend and notice, in points from its lower left corner."""

from __future__ import annotations

from dataclasses import dataclass

from opiateroutes.errors import MapError
from opiateroutes.maps.static.text import LINE_SPACING, wrapped

__all__ = [
    "LEGEND_ROW",
    "NOTICE_SIZE",
    "SUBTITLE_SIZE",
    "TITLE_SIZE",
    "Sheet",
    "divide",
    "inner_width",
]

TITLE_SIZE, SUBTITLE_SIZE, NOTICE_SIZE = 13.0, 7.6, 5.8
LEGEND_ROW = 12.5
_PAD = 9.0
_GAP = 6.0
_LEAST_WIDTH, _LEAST_HEIGHT = 180.0, 140.0
_INCH = 72.0


@dataclass(frozen=True)
class Sheet:
    """Places of the parts of a sheet, in points.

    Attributes
    ----------
    paper
        Left, bottom, width and height of all.
    left, width
        Of everything on it.
    title_top, subtitle_top
        Tops of the two lines above the map.
    map_bottom, map_height
        Of the frame.
    legend_top
        Top of the first row of the legend.
    notice_top
        Top of the notice.
    notice
        Its lines.
    """

    paper: tuple[float, float, float, float]
    left: float
    width: float
    title_top: float
    subtitle_top: float
    map_bottom: float
    map_height: float
    legend_top: float
    notice_top: float
    notice: tuple[str, ...]


def inner_width(width: float) -> float:
    """Width that is left between the margins.

    Examples
    --------
    >>> inner_width(100.0)
    82.0
    """
    return width - 2 * _PAD


def divide(
    rectangle: tuple[float, float, float, float],
    *,
    title: str,
    notice: str,
    legend_rows: int,
    spare: float = 1.0,
) -> Sheet:
    """Divide a rectangle (left, bottom, width, height, in points) among the parts of a sheet.

    Parameters
    ----------
    rectangle : (float, float, float, float)
        Left, bottom, width and height.
    title, notice : str
        Texts above and below; each line of the notice is a paragraph.
    legend_rows : int
    spare : float
        Share of the width that lines of the notice may take.

    Returns
    -------
    Sheet

    Raises
    ------
    MapError
        What must be printed leaves no room for the map.

    Examples
    --------
    >>> sheet = divide((0, 0, 800, 560), title="Routes", notice="A line.", legend_rows=1)
    >>> sheet.map_bottom + sheet.map_height < sheet.subtitle_top
    True
    """
    left, bottom, width, height = rectangle
    inner = inner_width(width)
    room = max(spare * inner, 1.0)
    lines = tuple(line for part in notice.splitlines() for line in wrapped(part, room, NOTICE_SIZE))
    notice_top = bottom + _PAD + len(lines) * NOTICE_SIZE * LINE_SPACING
    legend_top = notice_top + _GAP + legend_rows * LEGEND_ROW
    map_bottom = legend_top + _GAP
    title_top = bottom + height - _PAD
    subtitle_top = title_top - (TITLE_SIZE * LINE_SPACING + 1.0 if title else 0.0)
    map_height = subtitle_top - SUBTITLE_SIZE * LINE_SPACING - _GAP / 2 - map_bottom
    _require_room(width, height, map_height)
    return Sheet(
        rectangle,
        left + _PAD,
        inner,
        title_top,
        subtitle_top,
        map_bottom,
        map_height,
        legend_top,
        notice_top,
        lines,
    )


def _require_room(width: float, height: float, map_height: float) -> None:
    if inner_width(width) >= _LEAST_WIDTH and map_height >= _LEAST_HEIGHT:
        return
    more = max(_LEAST_HEIGHT - map_height, 0.0)
    wide, high = max(width, _LEAST_WIDTH + 2 * _PAD) / _INCH, (height + more) / _INCH
    raise MapError(
        f"{width / _INCH:.1f} by {height / _INCH:.1f} inches are too small for the map and "
        f"the notice under it; give it at least {wide:.1f} by {high:.1f}"
    )
