"""How things look on a printed map: one colour AND one line or marker shape for each meaning.

The colours of legs keep apart under normal and colour-blind vision; shape and dashes repeat what
colour says, for black-and-white prints. Boundary lines look as on the interactive map.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.font_manager import FontProperties

__all__ = [
    "BOUNDARIES",
    "COAST",
    "FRAME",
    "GRATICULE",
    "INK",
    "KINDS",
    "LAND",
    "LAND_OF_NETWORK",
    "MODES",
    "MUTED",
    "WATER",
    "LineStyle",
    "MarkStyle",
    "font",
    "kind_style",
    "mode_style",
]

WATER, LAND, LAND_OF_NETWORK, COAST = "#dbe9f0", "#ebe8e0", "#fbfaf6", "#7f9fb0"
INK, MUTED, FRAME, GRATICULE = "#1d2a33", "#4b5b66", "#8fa0ab", "#9dbac9"


@dataclass(frozen=True)
class LineStyle:
    """A line: ``dashes`` are lengths in line widths, empty for a solid line."""

    text: str
    colour: str
    width: float
    dashes: tuple[float, ...] = ()
    cap: Literal["butt", "round"] = "butt"

    @property
    def pattern(self) -> Any:
        """The dashes in the form that matplotlib expects."""
        return (0.0, self.dashes or None)


@dataclass(frozen=True)
class MarkStyle:
    """A marker: ``size`` is its diameter in points, ``rank`` its place in the order of labels.

    ``ink`` is the colour of labels.
    """

    text: str
    marker: str
    colour: str
    size: float
    rank: int
    ink: str = INK


BOUNDARIES = {
    "international": LineStyle("International boundary", "#8a8378", 0.7),
    "undetermined": LineStyle("Undetermined boundary", "#8a8378", 0.9, (5.0, 3.0)),
    "administrative": LineStyle("Administrative line", "#8a8378", 0.9, (7.0, 3.0, 1.5, 3.0)),
    "line_of_control": LineStyle("Line of Control", "#5f5950", 1.2, (0.1, 2.4), "round"),
}

MODES = {
    "land": LineStyle("Land leg", "#c2410c", 1.0, (9.0, 1.6)),
    "road": LineStyle("Road leg", "#c2410c", 0.8),
    "rail": LineStyle("Rail leg", "#222222", 1.1, (2.6, 1.2)),
    "sea": LineStyle("Sea leg", "#1f78c8", 0.9, (6.0, 2.0, 1.4, 2.0)),
    "air": LineStyle("Air leg with an end in view", "#7a2a6a", 0.8, (0.1, 2.2), "round"),
}

KINDS = {
    "country": MarkStyle("Country", "H", INK, 5.4, 0),
    "hub": MarkStyle("Hub city", "o", INK, 5.0, 1),
    "crossing": MarkStyle("Border crossing", "D", "#ffc53d", 4.2, 2, "#5a4300"),
    "port": MarkStyle("Port", "s", "#00527f", 4.0, 3, "#00456b"),
    "airport": MarkStyle("Airport", "^", "#7a2a6a", 4.8, 4, "#62205a"),
}


def mode_style(mode: str) -> LineStyle:
    """Style of a mode of transport; a mode that we do not know is grey.

    Examples
    --------
    >>> mode_style("sea").colour, mode_style("camel").text
    ('#1f78c8', 'Camel leg')
    """
    name = "Leg" if mode == "leg" else f"{mode.capitalize()} leg"
    return MODES.get(mode) or LineStyle(name, "#5b666e", 0.9, (4.0, 1.2, 1.2, 1.2, 1.2, 1.2))


def kind_style(kind: str) -> MarkStyle:
    """Style of a kind of node; a kind that we do not know is a grey pentagon.

    Examples
    --------
    >>> kind_style("port").marker, kind_style("depot").text
    ('s', 'Depot')
    """
    return KINDS.get(kind) or MarkStyle(kind.capitalize(), "p", "#5b666e", 5.0, 2)


def font(size: float, *, bold: bool = False, italic: bool = False) -> FontProperties:
    """One of the fonts that come with matplotlib, so that a map is the same on every machine.

    Examples
    --------
    >>> font(7, bold=True).get_name()
    'DejaVu Sans'
    """
    face = "-Bold" * bold or "-Oblique" * italic
    name = f"fonts/ttf/DejaVuSans{face}.ttf"
    return FontProperties(fname=str(Path(mpl.get_data_path()) / name), size=size)
