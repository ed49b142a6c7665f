"""Draw a map of flows: land, bands, places, signs, labels, legend, texts, in that order."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.transforms import Affine2D

from opiateroutes.data import require_writable
from opiateroutes.errors import MapError
from opiateroutes.maps.static.bundle import NEAREST_POINTS, bundled, standing_for
from opiateroutes.maps.static.column import Item, draw_column
from opiateroutes.maps.static.drawing import draw_labels, draw_land
from opiateroutes.maps.static.figure import (
    FIXED,
    PICTURE_FORMATS,
    new_axes,
    root_figure,
    save_figure,
)
from opiateroutes.maps.static.flow_labels import flow_labels, label_placer
from opiateroutes.maps.static.flow_texts import listed
from opiateroutes.maps.static.graticule import draw_graticule, draw_scale_bar
from opiateroutes.maps.static.legend import draw_legend, draw_texts
from opiateroutes.maps.static.looks import Look, draw_bands
from opiateroutes.maps.static.moves import largest, through
from opiateroutes.maps.static.resolve import label_ids
from opiateroutes.maps.static.scene import shown_in, stage_of
from opiateroutes.maps.static.sheet import prepare
from opiateroutes.maps.static.signs import draw_signs, spread

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Transform

    from opiateroutes.maps.static.moves import Move
    from opiateroutes.maps.static.placement import Box
    from opiateroutes.maps.static.scene import Scene, Stage
    from opiateroutes.maps.static.signs import Sign

    Floats = npt.NDArray[np.float64]

__all__ = ["A4_CM", "figure_of", "points_wide", "width_items"]

A4_CM = (29.7, 21.0)
"""Width and height of A4 across, in centimetres."""
_CM, _INCH = 2.54, 72.0

_DOT = "#1d2a33"
_OUTSIDE_NAMED = 3


def points_wide(size: tuple[float, float]) -> float:
    """Width in points of a figure whose size is in centimetres.

    Raises
    ------
    MapError
        The size is not two lengths.

    Examples
    --------
    >>> round(points_wide((2.54, 1.0)))
    72
    """
    return _inches(size)[0] * _INCH


def figure_of(
    scene_of: Callable[[list[Move], list[Move]], Scene],
    moves: list[Move],
    *,
    share: float,
    items: Callable[[Scene, Stage], list[Item]],
    signs: Callable[[dict[str, Floats]], list[Sign]],
    named: Collection[str] = (),
    extent: Any,
    labels: Any,
    size: tuple[float, float],
    notice: str,
    basemap: str | os.PathLike[str] | None,
    out: str | Path | None,
) -> Figure:
    """Decide where everything stands, draw it, and save it.

    Parameters
    ----------
    scene_of : callable
        From what is drawn and from all that moves to what the map is about.
    moves : list of Move
        All that moves, between single places.
    items, signs : callable
        Legend and signs, once the widths and the places on paper are known.
    named : collection of str
        Places that are labelled first, unless there are no labels at all.
    share, extent, labels, size, notice, basemap, out
        See `plot_flows`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    if out is not None:
        require_writable(out, PICTURE_FORMATS)
    scene = scene_of(largest(moves, share), moves)
    lettered = label_ids(labels, scene.setting.net, basemap=basemap)
    place: Any = {"basemap": basemap, "notice": notice, "has_room": extent is None}
    with mpl.rc_context(FIXED):
        ax = new_axes(_inches(size))
        stage = stage_of(scene, ax, shown=shown_in(scene, extent, basemap), **place)
        stands = standing_for(stage.at, through(moves), alone=_countries(scene))
        if any(place != head for place, head in stands.items()):
            together = bundled(moves, stands)
            scene = _said_to_be_bundled(scene_of(largest(together, share), together))
            stage = stage_of(scene, ax, shown=shown_in(scene, extent, basemap), **place)
        _draw_stage(
            ax,
            scene,
            stage,
            items=items(scene, stage),
            signs=signs(stage.at),
            labels=lettered,
            named=named,
        )
    figure = root_figure(ax)
    if out is not None:
        save_figure(figure, out)
    return figure


def _said_to_be_bundled(scene: Scene) -> Scene:
    words = scene.setting.words
    nearest = words.number(round(NEAREST_POINTS / _INCH * 10 * _CM, 1))
    said = words.say("together", length=nearest)
    return replace(scene, remarks=[" ".join([*scene.remarks, said])])


def _countries(scene: Scene) -> set[str]:
    """Places that stand for whole countries: none of these may disappear behind another."""
    nodes = scene.setting.net.nodes
    countries = nodes.index[nodes["kind"].eq("country")] if "kind" in nodes else []
    return {
        scene.setting.places.of[str(node)]
        for node in countries
        if str(node) in scene.setting.places.of
    }


def _inches(size: tuple[float, float]) -> tuple[float, float]:
    try:
        width, height = (float(side) / _CM for side in size)
    except (TypeError, ValueError):
        width = height = math.nan
    if not (width > 0 and height > 0 and math.isfinite(width * height)):
        raise MapError(f"size={size!r}: give width and height in centimetres, for example (17, 11)")
    return width, height


def _draw_stage(
    ax: Axes,
    scene: Scene,
    stage: Stage,
    *,
    items: Sequence[Item],
    signs: Sequence[Sign],
    labels: str | Sequence[str] | None,
    named: Collection[str] = (),
) -> None:
    """Draw everything.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        New axes that fill their figure.
    scene, stage : Scene, Stage
        What the map is about, and where it stands.
    items : sequence of Item
        Legend, without boundaries and remarks, which depend on what is in view.
    signs : sequence of Sign
        Chokepoints or enforcement.
    labels : "auto", "all", None or ids
        What `label_ids` made of the argument.
    named : collection of str
        Places that are labelled first, unless there are no labels at all.
    """
    window = stage.window
    points = prepare(ax, stage.map_sheet, window.frame)
    on_map = Affine2D().scale(1 / window.per_metre) + Affine2D().translate(
        -window.frame.half_width, -window.frame.half_height
    )
    paper = on_map + ax.transData
    nodes = scene.setting.net.nodes
    codes = set(nodes["iso3"].dropna()) if "iso3" in nodes else set[str]()
    draw_land(ax, stage.land, codes, 1.0)
    drawn = [band for band in stage.bands if band is not None]
    draw_bands(ax, drawn, paper, zorder=3.1, gid="flows")
    ends = _ends(scene, stage, labels)
    _draw_dots(ax, [stage.at[place] for place in ends], stage.radius, paper)
    middles = spread(signs, window.width, window.height)
    covered = draw_signs(ax, signs, middles, paper)
    taken = _draw_measure(ax, scene, stage, [stage.at[place] for place in ends], covered)
    placer = label_placer(stage, ends, [*taken, *covered])
    letters = flow_labels(scene, stage, placer, labels=labels, ends=ends, signs=signs, named=named)
    draw_labels(ax, letters, placer.boxes, window)
    draw_column(ax, [*items, *_remarks(scene, stage)], stage.column, points)
    draw_legend(ax, stage.rows, stage.sheet, points)
    draw_texts(ax, stage.sheet, scene.title, scene.subtitle, points)


def width_items(scene: Scene, stage: Stage, heading: str, colour: str) -> list[Item]:
    """Items of the legend that say what widths mean.

    Parameters
    ----------
    scene, stage : Scene, Stage
        What the map is about, and where it stands.
    heading : str
        Above the bands.
    colour : str
        Of the bands: one that stands for no route.
    """
    say, widths = scene.setting.words, stage.widths
    items = [Item(heading, is_heading=True)]
    look = Look(colour)
    items += [Item(say.kg(kg), look, widths.of(kg)) for kg in widths.references_kg]
    if widths.per_kg:
        text = say.say("thinnest", amount=say.kg(float(f"{widths.thinnest_kg:.2g}")))
        items.append(Item(text, look, widths.of(0.0)))
    return items


def _ends(scene: Scene, stage: Stage, labels: str | Sequence[str] | None) -> list[str]:
    """Places in the frame that have a dot, largest throughput first: ends and asked labels."""
    found = dict.fromkeys(place for move in scene.moves for place in (move.start, move.end))
    if labels is not None and not isinstance(labels, str):
        asked = (scene.setting.places.of.get(node) for node in labels)
        found |= dict.fromkeys(place for place in asked if place is not None)
    if not found:
        found = dict.fromkeys(scene.setting.places.at)
    size = np.array([stage.window.width, stage.window.height])
    seen = [
        place
        for place in found
        if place in stage.at and bool(((stage.at[place] > 0) & (stage.at[place] < size)).all())
    ]
    return sorted(
        seen, key=lambda place: (-float(f"{scene.through_kg.get(place, 0.0):.9g}"), place)
    )


def _draw_dots(ax: Axes, at: Sequence[Floats], radius: float, paper: Transform) -> None:
    dots = Line2D(
        [float(x) for x, _ in at],
        [float(y) for _, y in at],
        linestyle="None",
        marker="o",
        markersize=2 * radius,
        markerfacecolor=_DOT,
        markeredgecolor="white",
        markeredgewidth=0.4,
        transform=paper,
        gid="places",
    )
    dots.set_zorder(5.0)
    dots.set_in_layout(False)
    ax.add_artist(dots)


def _draw_measure(
    ax: Axes, scene: Scene, stage: Stage, at: Sequence[Floats], signs: Sequence[Box]
) -> list[Box]:
    window, say = stage.window, scene.setting.words
    lines = [band.band.line for band in stage.bands if band is not None]
    busy = [
        window.to_metres(float(x), float(y))
        for x, y in [*at, *np.concatenate([*lines, np.zeros((0, 2))])]
    ]
    bar = draw_scale_bar(
        ax, window, busy, text=lambda length: say.say("scale", length=say.number(length))
    )
    letters = "".join(say.say(key) for key in "EWNS")
    return [bar, *draw_graticule(ax, window, free_of=bar, signs=signs, letters=letters)]


def _remarks(scene: Scene, stage: Stage) -> list[Item]:
    """Say what is drawn on no map of this scale, and what is not seen in full."""
    say = scene.setting.words
    items = []
    if stage.short:
        items.append(Item(say.say("short", count=say.number(stage.short))))
    if stage.outside:
        names = list(dict.fromkeys(scene.setting.names[place] for place in stage.outside))
        items.append(Item(say.say("outside", names=listed(names, say, _OUTSIDE_NAMED))))
    return items
