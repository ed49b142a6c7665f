"""The axes of a map made ready: how their rectangle is divided, paper, water and frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.patches import Rectangle
from matplotlib.transforms import Affine2D, Bbox

from opiateroutes.maps.static.figure import MapAxes, root_figure
from opiateroutes.maps.static.layout import divide, inner_width
from opiateroutes.maps.static.legend import legend_rows
from opiateroutes.maps.static.styles import FRAME, WATER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.transforms import Transform

    from opiateroutes.maps.static.frame import Frame
    from opiateroutes.maps.static.layout import Sheet
    from opiateroutes.maps.static.legend import Entry

__all__ = ["prepare", "sheet_of"]

_INCH = 72.0
_SPARE = 0.94


def sheet_of(ax: Axes, title: str, notice: str, entries: Sequence[Entry]) -> tuple[Sheet, int]:
    """Divide the rectangle of the axes; tell also how many rows the legend has."""
    pixels = ax.get_window_extent()
    # A figure of somebody else is drawn with his settings, which may set letters wider.
    spare = 1.0 if isinstance(ax, MapAxes) else _SPARE
    left, bottom, width, height = (_INCH * side / root_figure(ax).dpi for side in pixels.bounds)
    rows = legend_rows(entries, spare * inner_width(width))
    rectangle = (left, bottom, width, height)
    sheet = divide(rectangle, title=title, notice=notice, legend_rows=len(rows), spare=spare)
    return sheet, len(rows)


def prepare(ax: Axes, sheet: Sheet, frame: Frame) -> Transform:
    """Give the axes the place of the map, its limits and a frame; the paper below is white.

    Returns
    -------
    Transform
        From points on the figure: the unit of everything around the map.
    """
    points = Affine2D().scale(1 / _INCH) + root_figure(ax).dpi_scale_trans
    paper = Rectangle(
        (sheet.paper[0], sheet.paper[1]),
        sheet.paper[2],
        sheet.paper[3],
        facecolor="white",
        edgecolor="none",
        transform=points,
        clip_on=False,
        zorder=-1,
    )
    place = Bbox.from_bounds(sheet.left, sheet.map_bottom, sheet.width, sheet.map_height)
    pixels = place.transformed(points)
    ax.set_position(pixels.transformed(ax.figure.transSubfigure.inverted()))
    ax.set(xticks=[], yticks=[], xlabel="", ylabel="", facecolor="none")
    ax.set_xlim(-frame.half_width, frame.half_width)
    ax.set_ylim(-frame.half_height, frame.half_height)
    ax.set_aspect("equal")
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set(visible=True, edgecolor=FRAME, linewidth=0.8, zorder=9)
    left, bottom, _, _ = frame.bounds
    size = 2 * frame.half_width, 2 * frame.half_height
    water = Rectangle((left, bottom), *size, facecolor=WATER, edgecolor="none", zorder=0)
    for patch in (paper, water):
        ax.add_patch(patch)
        patch.set_in_layout(False)
    if isinstance(ax, MapAxes):
        ax.frame = frame
    return points
