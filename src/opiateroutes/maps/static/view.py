"""What a map will show, decided before anything is drawn: sheet, frame, content, legend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from opiateroutes.maps.static.frame import Window, fit_frame
from opiateroutes.maps.static.land import draw_ready
from opiateroutes.maps.static.legend import entries_in, entries_of, legend_rows
from opiateroutes.maps.static.legs import leg_lines
from opiateroutes.maps.static.marks import marks_in
from opiateroutes.maps.static.sheet import sheet_of
from opiateroutes.maps.static.wording import notice_text

if TYPE_CHECKING:
    import os

    from matplotlib.axes import Axes

    from opiateroutes.maps.inputs import NetworkTables
    from opiateroutes.maps.static.extent import Places
    from opiateroutes.maps.static.frame import Frame
    from opiateroutes.maps.static.land import Land
    from opiateroutes.maps.static.layout import Sheet
    from opiateroutes.maps.static.legend import Entry
    from opiateroutes.maps.static.legs import LegLines
    from opiateroutes.maps.static.marks import Mark

__all__ = ["Plan", "View", "plan_of"]

# Marks and lines have their full size in a frame of this half width and shrink in larger ones.
_FULL_SIZE_M = 1.3e6
_SMALLEST_SCALE, _LARGEST_SCALE, _SHRINK = 0.45, 1.15, 0.4
# Details below this many points are not drawn.
_DETAIL_POINTS = 0.18


@dataclass(frozen=True)
class View:
    """What lies in the frame.

    Attributes
    ----------
    window
        The frame on paper.
    scale
        Size of marks and lines: they shrink where much is in view.
    land, legs, marks
        What is drawn.
    """

    window: Window
    scale: float
    land: Land
    legs: dict[str, LegLines]
    marks: list[Mark]


@dataclass(frozen=True)
class Plan:
    """A sheet with the frame that fits into it, and the legend that the frame needs."""

    sheet: Sheet
    view: View
    rows: list[list[Entry]]


def plan_of(
    net: NetworkTables,
    places: Places,
    ax: Axes,
    heading: str,
    basemap: str | os.PathLike[str] | None,
) -> Plan:
    """Fit the frame; if less is in view than the network has, a shorter legend leaves more room."""
    notice = notice_text(net, basemap)

    def planned(entries: list[Entry]) -> tuple[Plan, int]:
        sheet, room = sheet_of(ax, heading, notice, entries)
        aspect = sheet.width / sheet.map_height
        frame = fit_frame(places.coordinates, aspect=aspect, middle=places.middle)
        view = _view_of(net, frame, sheet, basemap)
        return Plan(sheet, view, legend_rows(_entries(view), sheet.width)), room

    first, room = planned(entries_in(net))
    if len(first.rows) < room:
        second, room = planned(_entries(first.view))
        if len(second.rows) <= room:
            return second
    return first


def _view_of(
    net: NetworkTables, frame: Frame, sheet: Sheet, basemap: str | os.PathLike[str] | None
) -> View:
    per_metre = sheet.width / (2 * frame.half_width)
    scale = (_FULL_SIZE_M / frame.half_width) ** _SHRINK
    return View(
        Window(frame, per_metre),
        min(max(scale, _SMALLEST_SCALE), _LARGEST_SCALE),
        draw_ready(frame, detail=_DETAIL_POINTS / per_metre, basemap=basemap),
        leg_lines(net, frame),
        marks_in(net, frame),
    )


def _entries(view: View) -> list[Entry]:
    return entries_of(
        modes=view.legs,
        kinds={mark.kind for mark in view.marks},
        statuses=[status for status, lines in view.land.lines.items() if len(lines)],
        one_way=any(len(found.arrows) for found in view.legs.values()),
    )
