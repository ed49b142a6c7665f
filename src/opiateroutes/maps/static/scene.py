"""A map of flows decided before it is drawn: sheet, frame, bands, what is said around it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from opiateroutes.errors import MapError
from opiateroutes.maps.inputs import SampledTables
from opiateroutes.maps.static.bands import is_drawable
from opiateroutes.maps.static.extent import Places as Coordinates
from opiateroutes.maps.static.extent import places_to_show
from opiateroutes.maps.static.figure import root_figure
from opiateroutes.maps.static.flow_words import words_in
from opiateroutes.maps.static.frame import Window, fit_frame
from opiateroutes.maps.static.home import worth_showing
from opiateroutes.maps.static.land import draw_ready
from opiateroutes.maps.static.layout import divide, inner_width
from opiateroutes.maps.static.legend import ENTRY_SIZE, Entry, legend_rows
from opiateroutes.maps.static.looks import Look, drawn_band
from opiateroutes.maps.static.moves import places_of
from opiateroutes.maps.static.notices import notice_in
from opiateroutes.maps.static.place_names import names_of
from opiateroutes.maps.static.styles import BOUNDARIES
from opiateroutes.maps.static.text import wrapped
from opiateroutes.maps.static.widths import Widths

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt
    from matplotlib.axes import Axes

    from opiateroutes.maps.inputs import FitTables, NetworkTables
    from opiateroutes.maps.static.flow_words import Words
    from opiateroutes.maps.static.frame import Frame
    from opiateroutes.maps.static.land import Land
    from opiateroutes.maps.static.layout import Sheet
    from opiateroutes.maps.static.looks import Drawn
    from opiateroutes.maps.static.moves import Move, Places

    Floats = npt.NDArray[np.float64]

__all__ = ["Scene", "Setting", "Stage", "shown_in", "stage_of"]

_INCH = 72.0
_COLUMN_SHARE, _LEAST_COLUMN, _MOST_COLUMN, _COLUMN_GAP = 0.235, 104.0, 150.0, 8.0
_DETAIL_POINTS = 0.18
_LEAST_MAP, _MAP_SHARE = 150.0, 0.55
_EDGE_ROOM = 6.0
_ROUNDS, _SAME = 5, 1e-6
_RADIUS, _RADIUS_PER_POINT, _LEAST_RADIUS = 2.2, 1 / 300, 1.3


@dataclass(frozen=True)
class Setting:
    """Where a map of flows takes place, whatever is drawn on it.

    Attributes
    ----------
    fit
        The estimate: its network, unit and year.
    places, names
        Where nodes are, and what places are called.
    words
        How to say things.
    """

    fit: FitTables
    places: Places
    names: Mapping[str, str]
    words: Words

    @classmethod
    def of(cls, fit: FitTables | SampledTables, language: str) -> Setting:
        """Read the network of a fit, or of the best values of draws.

        Raises
        ------
        MapError
            No node has a position.
        UnknownNameError
            There are no words in the language.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
        >>> Setting.of(fit, "fr").names["IRN"]
        'Iran'
        """
        words = words_in(language)
        fit = fit.as_fit() if isinstance(fit, SampledTables) else fit
        places = places_of(fit.network)
        return cls(fit, places, names_of(fit.network, places, language), words)

    @property
    def net(self) -> NetworkTables:
        """The network of the fit."""
        return self.fit.network


@dataclass(frozen=True)
class Scene:
    """What a map of flows is about.

    Attributes
    ----------
    setting
        Where it takes place.
    moves
        What is drawn, largest first.
    looks
        Look of each move.
    through_kg
        Throughput by place: the largest are labelled first.
    title, subtitle
        Above the map.
    remarks
        Paragraphs under the map, above the notice.
    heading, key
        Above the key under the map, and its entries.
    """

    setting: Setting
    moves: Sequence[Move]
    looks: Sequence[Look]
    through_kg: Mapping[str, float]
    title: str
    subtitle: str
    remarks: Sequence[str]
    heading: str = ""
    key: Sequence[Entry] = ()


@dataclass(frozen=True)
class Stage:
    """A scene that has its place on paper.

    Attributes
    ----------
    sheet, map_sheet
        Of everything, and of the map alone, which is narrower.
    column
        Left, bottom, width and height of the legend.
    window, land
        The frame on paper and what lies in it.
    widths
        Amounts to widths.
    radius
        Of the dots at places, in points.
    bands
        In the order of the moves; None for one that is too short to draw.
    at
        Place -> x and y in points from the lower left corner of the frame.
    rows
        Of the key.
    outside
        Places at the ends of what is drawn that do not lie in the frame, largest moves first.
    """

    sheet: Sheet
    map_sheet: Sheet
    column: tuple[float, float, float, float]
    window: Window
    land: Land
    widths: Widths
    radius: float
    bands: list[Drawn | None]
    at: dict[str, Floats]
    rows: list[list[Entry]]
    outside: list[str]

    def in_view(self, moves: Sequence[Move]) -> list[Move]:
        """Find the moves that the legend has to explain: some part of each lies in the frame."""
        size = np.array([self.window.width, self.window.height])
        lines = [None if band is None else band.band.line for band in self.bands]
        return [
            move
            for move, line in zip(moves, lines, strict=True)
            if line is not None and bool(((line > 0) & (line < size)).all(axis=1).any())
        ]

    @property
    def short(self) -> int:
        """How many moves are too short for an arrow."""
        return sum(band is None for band in self.bands)


def stage_of(
    scene: Scene,
    ax: Axes,
    *,
    shown: Coordinates,
    has_room: bool,
    basemap: str | os.PathLike[str] | None,
    notice: str = "full",
) -> Stage:
    """Divide the sheet, fit the frame and shape the bands.

    Parameters
    ----------
    scene : Scene
        What the map is about.
    ax : matplotlib.axes.Axes
        New axes that fill their figure.
    shown : Places
        What the frame has to hold, see `shown_in`.
    has_room : bool
        Leave room for signs at the edge.
    basemap : path-like, optional
        Folder with another base map.
    notice : {"full", "brief"}, default "full"
        See `plot_flows`.

    Returns
    -------
    Stage

    Raises
    ------
    MapError
        The sheet is too small.
    """
    bounds = ax.get_window_extent().bounds
    left, bottom, width, height = (_INCH * side / root_figure(ax).dpi for side in bounds)
    inner = inner_width(width)
    column = min(max(_COLUMN_SHARE * inner, _LEAST_COLUMN), _MOST_COLUMN)
    map_width = inner - column - _COLUMN_GAP
    if map_width < _LEAST_MAP:
        raise MapError(
            f"{width / _INCH:.1f} inches ({2.54 * width / _INCH:.1f} cm) are too narrow for a map "
            "and its legend beside it; make the figure at least 10 cm wide"
        )

    def sheet_with(text: str, rows: int) -> Sheet:
        paragraphs = "\n".join([*scene.remarks, text])
        return divide(
            (left, bottom, width, height),
            title=scene.title,
            notice=paragraphs,
            legend_rows=rows,
        )

    # Which notices and lines of the legend a frame needs depends on its shape, and its shape on
    # them: begin with few of them, and stop when there are no more than there is room for.
    map_height, rows = _MAP_SHARE * height, _rows(scene, [], inner)
    for _ in range(_ROUNDS):
        frame = _frame(shown, map_width, map_height, has_room=has_room)
        window = Window(frame, map_width / (2 * frame.half_width))
        land = draw_ready(frame, detail=_DETAIL_POINTS / window.per_metre, basemap=basemap)
        rows = _rows(scene, _statuses(land), inner)
        said = notice_in(scene.setting.words, scene.setting.net, basemap, frame, notice=notice)
        sheet = sheet_with(said, len(rows))
        if abs(sheet.map_height - map_height) < _SAME:
            break
        map_height = sheet.map_height
    widths = Widths.fitted(
        largest_kg=abs(scene.moves[0].kg) if scene.moves else 0.0, map_width=map_width
    )
    radius = max(min(_RADIUS, map_width * _RADIUS_PER_POINT), _LEAST_RADIUS)
    at = _on_paper(scene, window)
    bands = _bands(scene, widths, radius, at)
    place = (sheet.left + map_width + _COLUMN_GAP, sheet.map_bottom, column, sheet.map_height)
    return Stage(
        sheet,
        replace(sheet, width=map_width),
        place,
        window,
        land,
        widths,
        radius,
        bands,
        at,
        rows,
        _outside(scene, at, window),
    )


def shown_in(scene: Scene, extent: Any, basemap: str | os.PathLike[str] | None) -> Coordinates:
    """Find what a frame has to hold: an extent, or without one most of what is drawn.

    Raises
    ------
    MapError
        The extent is not understood.
    """
    if extent is None and scene.moves:
        return Coordinates(worth_showing(scene.moves, scene.setting.places))
    return places_to_show(extent, scene.setting.net, basemap=basemap)


def _frame(shown: Coordinates, width: float, height: float, *, has_room: bool) -> Frame:
    frame = fit_frame(shown.coordinates, aspect=width / height, middle=shown.middle)
    # Signs and labels at the places on the edge need more room than a dot.
    wider = 1 + 2 * _EDGE_ROOM / height if has_room else 1.0
    sides = wider * frame.half_width, wider * frame.half_height
    return replace(frame, half_width=sides[0], half_height=sides[1])


def _on_paper(scene: Scene, window: Window) -> dict[str, Floats]:
    places = list(scene.setting.places.at)
    metres = window.frame.to_map(scene.setting.places.coordinates(places))
    shift = np.array([window.frame.half_width, window.frame.half_height])
    # The place opposite to the centre has no position on the map.
    points = (metres + shift) * window.per_metre
    return {
        place: point
        for place, point in zip(places, points, strict=True)
        if np.isfinite(point).all()
    }


def _bands(
    scene: Scene, widths: Widths, radius: float, at: Mapping[str, Floats]
) -> list[Drawn | None]:
    pairs = {(move.start, move.end) for move in scene.moves}
    bands: list[Drawn | None] = []
    for move, look in zip(scene.moves, scene.looks, strict=True):
        start, end = at.get(move.start), at.get(move.end)
        if start is None or end is None or not is_drawable(start, end):
            bands.append(None)
            continue
        bands.append(
            drawn_band(
                start,
                end,
                look,
                width=widths.of(move.kg),
                radius=radius,
                beside=(move.end, move.start) in pairs,
            )
        )
    return bands


def _outside(scene: Scene, at: Mapping[str, Floats], window: Window) -> list[str]:
    size = np.array([window.width, window.height])

    def is_seen(place: str) -> bool:
        return place in at and bool(((at[place] >= 0) & (at[place] <= size)).all())

    ends = dict.fromkeys(place for move in scene.moves for place in (move.end, move.start))
    return [place for place in ends if not is_seen(place)]


def _statuses(land: Land) -> list[str]:
    return [status for status, lines in land.lines.items() if len(lines)]


def _rows(scene: Scene, statuses: Sequence[str], width: float) -> list[list[Entry]]:
    """Key, and the boundaries behind it."""
    rows = [[Entry(None, line)] for line in wrapped(scene.heading, width, ENTRY_SIZE)]
    lines = [Entry(BOUNDARIES[status], scene.setting.words.say(status)) for status in statuses]
    entries = [*scene.key, *lines]
    return rows + (legend_rows(entries, width) if entries else [])
