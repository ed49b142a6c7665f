"""`plot_network`: a network as a map for print, drawn by matplotlib without pyplot.

The sheet is divided first, then the frame is fitted into it; labels are placed last, when
everything that they must not hide has its place. The picture depends on the network and the
arguments only: not on the fonts of the machine, the user's settings or the clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np

from opiateroutes.data import require_writable
from opiateroutes.maps.static.areas import label_areas
from opiateroutes.maps.static.drawing import draw_labels, draw_land, draw_legs, draw_marks
from opiateroutes.maps.static.extent import places_to_show
from opiateroutes.maps.static.figure import (
    FIXED,
    PICTURE_FORMATS,
    new_axes,
    root_figure,
    save_figure,
)
from opiateroutes.maps.static.graticule import draw_graticule, draw_scale_bar
from opiateroutes.maps.static.labels import choose, label_marks
from opiateroutes.maps.static.legend import draw_legend, draw_texts
from opiateroutes.maps.static.marks import nodes_in
from opiateroutes.maps.static.names import short_names
from opiateroutes.maps.static.placement import Placer
from opiateroutes.maps.static.resolve import label_ids
from opiateroutes.maps.static.sheet import prepare
from opiateroutes.maps.static.styles import kind_style
from opiateroutes.maps.static.view import plan_of
from opiateroutes.maps.static.wording import subtitle_text, title_text

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt
    from matplotlib.axes import Axes

    from opiateroutes.maps.inputs import NetworkTables
    from opiateroutes.maps.static.labels import Lettering
    from opiateroutes.maps.static.marks import Mark
    from opiateroutes.maps.static.placement import Box
    from opiateroutes.maps.static.view import View

__all__ = ["plot_network"]

_A4_LANDSCAPE = (11.7, 8.3)
# A round mark fills its square only to this share of the half diagonal.
_ROUND = 0.7
# In a frame of this height, in metres, the names of countries say more than those of cities.
_LARGE_M = 3e6


def plot_network(
    net: NetworkTables,
    *,
    extent: Any = None,
    ax: Axes | None = None,
    labels: object = "auto",
    title: str | None = None,
    figsize: tuple[float, float] = _A4_LANDSCAPE,
    save: str | Path | None = None,
    basemap: str | os.PathLike[str] | None = None,
) -> Axes:
    """Draw a network as a map for print; see `opiateroutes.RouteNetwork.plot`.

    Parameters
    ----------
    net : RouteNetwork
        Tables of nodes and legs.
    extent, ax, labels, title, figsize, save
        See `opiateroutes.RouteNetwork.plot`.
    basemap : path-like, optional
        Folder with ``countries.parquet``, ``boundaries.parquet``, ``disputed_lines.parquet`` and
        ``boundary_notice.txt`` to draw in place of the shipped base map.

    Returns
    -------
    matplotlib.axes.Axes
        A `MapAxes` on a figure of its own, or the ``ax`` given.

    Raises
    ------
    MapError
        The extent or labels are not understood, nothing has a position, or the sheet is too small.
    OutputError
        ``save`` cannot be written.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> plot_network(opr.load_network("countries"), extent="AFG").frame.lat
    34.0
    """
    if save is not None:
        require_writable(save, PICTURE_FORMATS)
    with mpl.rc_context(FIXED):
        places = places_to_show(extent, net, basemap=basemap)
        lettered = label_ids(labels, net, basemap=basemap)
        target = new_axes(figsize) if ax is None else ax
        heading = title_text(net, title)
        plan = plan_of(net, places, target, heading, basemap)
        view, sheet = plan.view, plan.sheet
        wanted = choose(view.marks, lettered, view.window.frame)
        points = prepare(target, sheet, view.window.frame)
        codes = set(net.nodes["iso3"].dropna())
        draw_land(target, view.land, codes, view.scale)
        _draw_network(target, view, wanted, _unnamed(net, view, codes) if lettered else set())
        draw_legend(target, plan.rows, sheet, points)
        draw_texts(target, sheet, heading, subtitle_text(net, view.window.frame), points)
    if save is not None:
        save_figure(root_figure(target), save)
    return target


def _unnamed(net: NetworkTables, view: View, codes: set[str]) -> set[str]:
    """Countries of the network that no node in view stands for: their land carries the name."""
    seen = nodes_in(net, view.window.frame) & (net.nodes["kind"] == "country").to_numpy()
    return codes - set(net.nodes.loc[seen, "iso3"].dropna())


def _draw_network(ax: Axes, view: View, wanted: Sequence[Mark], areas: set[str]) -> None:
    window = view.window
    bar = draw_scale_bar(ax, window, [(mark.x, mark.y) for mark in view.marks])
    taken = [bar, *draw_graticule(ax, window, free_of=bar)]
    draw_legs(ax, view.legs, view.scale)
    draw_marks(ax, view.marks, view.scale)
    boxes = [(_is_firm(mark), _mark_box(mark, view)) for mark in view.marks]
    placer = Placer(
        window.width,
        window.height,
        taken=taken,
        firm=[box for is_firm, box in boxes if is_firm],
        soft=[box for is_firm, box in boxes if not is_firm],
        lines=_lines_in_points(view),
        mark_scale=view.scale,
    )
    draw_labels(ax, _labels(view, wanted, areas, placer), placer.boxes, window)


def _labels(view: View, wanted: Sequence[Mark], areas: set[str], placer: Placer) -> list[Lettering]:
    """Place labels: large places and the names of countries first, then the rest."""
    large = 2 * view.window.frame.half_height > _LARGE_M
    cities = [mark for mark in wanted if _is_firm(mark)]
    rest = [mark for mark in wanted if not _is_firm(mark)]
    names = short_names()
    first, later = (areas, set[str]()) if large else (set[str](), areas)
    placed = label_areas(view.land, names, first, placer, view.window)
    placed += label_marks(cities, placer, view.window, view.scale)
    placed += label_areas(view.land, names, later, placer, view.window)
    return placed + label_marks(rest, placer, view.window, view.scale, named=cities)


def _mark_box(mark: Mark, view: View) -> Box:
    x, y = view.window.to_points(mark.x, mark.y)
    half = kind_style(mark.kind).size * view.scale / 2 * _ROUND
    return (x - half, y - half, x + half, y + half)


def _is_firm(mark: Mark) -> bool:
    return kind_style(mark.kind).rank <= 1


def _lines_in_points(view: View) -> list[npt.NDArray[np.float64]]:
    frame, per_metre = view.window.frame, view.window.per_metre
    shift = np.array([frame.half_width, frame.half_height])
    return [
        (path + shift) * per_metre
        for mode, found in view.legs.items()
        if mode != "air"  # a thin dotted line below a halo disturbs nobody
        for path in found.paths
    ]
