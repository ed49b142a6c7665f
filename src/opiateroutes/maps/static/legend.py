"""The legend under a map: one entry for each look that is really in view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matplotlib.lines import Line2D

from opiateroutes.maps.static.layout import LEGEND_ROW, NOTICE_SIZE, SUBTITLE_SIZE, TITLE_SIZE
from opiateroutes.maps.static.styles import (
    BOUNDARIES,
    INK,
    MODES,
    MUTED,
    LineStyle,
    MarkStyle,
    kind_style,
    mode_style,
)
from opiateroutes.maps.static.text import LINE_SPACING, make_text, text_size

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from matplotlib.axes import Axes
    from matplotlib.transforms import Transform

    from opiateroutes.maps.inputs import NetworkTables
    from opiateroutes.maps.static.layout import Sheet

__all__ = [
    "ENTRY_SIZE",
    "NUMBER_SIZE",
    "SWATCH",
    "SWATCH_GAP",
    "Entry",
    "draw_legend",
    "draw_swatch",
    "draw_texts",
    "entries_in",
    "entries_of",
    "legend_rows",
]

ENTRY_SIZE, NUMBER_SIZE = 6.8, 5.4
SWATCH, SWATCH_GAP = 22.0, 4.0
_ENTRY_GAP = 13.0
_ONE_WAY = MarkStyle("One direction only", ">", MUTED, 4.6, 9)


@dataclass(frozen=True)
class Entry:
    """One entry of the legend: a swatch so many points wide, a ``number`` on it, and a text.

    Without a style it is a text alone.
    """

    style: LineStyle | MarkStyle | None
    text: str
    number: str = ""
    swatch: float = SWATCH


def entries_of(
    *, modes: Collection[str], kinds: Collection[str], statuses: Collection[str], one_way: bool
) -> list[Entry]:
    """List the entries of a legend in a fixed order: nodes, legs, boundaries.

    Examples
    --------
    >>> entries = entries_of(modes=["sea"], kinds=["port"], statuses=[], one_way=False)
    >>> [entry.text for entry in entries]
    ['Port', 'Sea leg']
    """
    ranked = sorted(kinds, key=lambda kind: (kind_style(kind).rank, kind))
    styles: list[LineStyle | MarkStyle] = [kind_style(kind) for kind in ranked]
    styles += [mode_style(mode) for mode in sorted(modes, key=_order_of_mode)]
    styles += [_ONE_WAY] if one_way else []
    styles += [style for status, style in BOUNDARIES.items() if status in statuses]
    return [Entry(style, style.text) for style in styles]


def entries_in(net: NetworkTables) -> list[Entry]:
    """List the entries that some view of a network could need.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> [entry.text for entry in entries_in(opr.load_network("countries"))][:3]
    ['Country', 'Land leg', 'Sea leg']
    """
    return entries_of(
        modes=set(net.legs["mode"]),
        kinds=set(net.nodes["kind"]),
        statuses=BOUNDARIES,
        one_way=not net.legs.empty,
    )


def _order_of_mode(mode: str) -> tuple[int, str]:
    known = list(MODES)
    return (known.index(mode) if mode in known else len(known)), mode


def _width(entry: Entry) -> float:
    return _swatch_width(entry) + text_size(entry.text, ENTRY_SIZE)[0] + _ENTRY_GAP


def _swatch_width(entry: Entry) -> float:
    return 0.0 if entry.style is None else entry.swatch + SWATCH_GAP


def legend_rows(entries: Sequence[Entry], width: float) -> list[list[Entry]]:
    """Fill rows of a width with entries, in order.

    Examples
    --------
    >>> entry = Entry(MarkStyle("Port", "s", "k", 4, 2), "Port")
    >>> [len(row) for row in legend_rows([entry] * 5, 120)]
    [2, 2, 1]
    """
    rows: list[list[Entry]] = [[]]
    used = 0.0
    for entry in entries:
        if rows[-1] and used + _width(entry) > width:
            rows.append([])
            used = 0.0
        rows[-1].append(entry)
        used += _width(entry)
    return rows


def draw_legend(ax: Axes, rows: Sequence[Sequence[Entry]], sheet: Sheet, points: Transform) -> None:
    """Draw the legend under the frame, where it hides nothing."""
    for k, row in enumerate(rows):
        x, y = sheet.left, sheet.legend_top - (k + 0.5) * LEGEND_ROW
        for entry in row:
            if entry.style is not None:
                middle = x - (SWATCH - entry.swatch) / 2
                draw_swatch(ax, entry.style, middle, y, points, number=entry.number)
            at = (x + _swatch_width(entry), y)
            text = make_text(at, entry.text, ENTRY_SIZE, points, ha="left", va="center", zorder=8)
            ax.add_artist(text)
            x += _width(entry)


def draw_swatch(
    ax: Axes,
    style: LineStyle | MarkStyle,
    x: float,
    y: float,
    points: Transform,
    *,
    number: str = "",
) -> None:
    """Draw a piece of line or a marker beside the text of an entry, with a number on it."""
    if isinstance(style, LineStyle):
        swatch = Line2D(
            [x, x + SWATCH],
            [y, y],
            color=style.colour,
            linewidth=style.width * 1.25,
            linestyle=style.pattern,
            marker="None",
            dash_capstyle=style.cap,
            transform=points,
        )
    else:
        swatch = Line2D(
            [x + SWATCH / 2],
            [y],
            linestyle="None",
            marker=style.marker,
            markersize=style.size + 1,
            markerfacecolor=style.colour,
            markeredgecolor=INK if style.marker == "D" else "white",
            markeredgewidth=0.5,
            transform=points,
        )
    swatch.set_clip_on(False)
    swatch.set_in_layout(False)
    swatch.set_zorder(8)
    ax.add_artist(swatch)
    if number:
        middle: dict[str, Any] = {"ha": "center", "va": "center_baseline", "zorder": 8.1}
        at = (x + SWATCH / 2, y)
        ax.add_artist(make_text(at, number, NUMBER_SIZE, points, bold=True, **middle))


def draw_texts(ax: Axes, sheet: Sheet, title: str, subtitle: str, points: Transform) -> None:
    """Draw title and subtitle above the map and the notice below it."""
    top: dict[str, Any] = {"va": "top", "ha": "left", "zorder": 8}
    if title:
        at = (sheet.left, sheet.title_top)
        wide = text_size(title, TITLE_SIZE, bold=True)[0]
        size = TITLE_SIZE * min(1.0, sheet.width / wide)
        ax.add_artist(make_text(at, title, size, points, bold=True, gid="title", **top))
    at = (sheet.left, sheet.subtitle_top)
    ax.add_artist(make_text(at, subtitle, SUBTITLE_SIZE, points, colour=MUTED, **top))
    for k, line in enumerate(sheet.notice):
        at = (sheet.left, sheet.notice_top - k * NOTICE_SIZE * LINE_SPACING)
        artist = make_text(at, line, NOTICE_SIZE, points, colour=MUTED, gid=f"notice-{k}", **top)
        ax.add_artist(artist)
