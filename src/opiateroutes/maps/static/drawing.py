"""The map itself as matplotlib artists: land, boundaries, legs, marks and labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from opiateroutes.maps.static.styles import (
    BOUNDARIES,
    COAST,
    INK,
    LAND,
    LAND_OF_NETWORK,
    kind_style,
    mode_style,
)
from opiateroutes.maps.static.text import make_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from opiateroutes.maps.static.frame import Window
    from opiateroutes.maps.static.labels import Lettering
    from opiateroutes.maps.static.land import Land
    from opiateroutes.maps.static.legs import LegLines
    from opiateroutes.maps.static.marks import Mark
    from opiateroutes.maps.static.placement import Box

__all__ = ["draw_labels", "draw_land", "draw_legs", "draw_marks"]

_CASING, _CASING_POINTS = "#ffffffb0", 1.2
# Below this size the casings of a dense network would wipe out the land.
_SMALLEST_CASED = 0.6
_BOUNDARIES_SHRINK_LESS = 0.3
_THINNEST = 0.45
# Flights cross everything and are drawn paler.
_ALPHA_OF_AIR = 0.6


def draw_land(ax: Axes, land: Land, codes: set[str], scale: float) -> None:
    """Draw coast, land and boundary lines; countries with nodes are lighter."""
    mine = np.array([owner in codes for owner in land.owners], dtype=bool)
    every = [_path(part) for part in land.parts]
    # The coast is the outer half of a stroke below the land: shared edges stay hidden.
    _add(ax, PathCollection(every, facecolors="none", edgecolors=COAST, linewidths=1.1), 1.0)
    for rows, fill in ((~mine, LAND), (mine, LAND_OF_NETWORK)):
        paths = [every[k] for k in np.flatnonzero(rows)]
        shapes = PathCollection(paths, facecolors=fill, edgecolors=fill, linewidths=0.3)
        _add(ax, shapes, 1.1)
    for status, lines in land.lines.items():
        style = BOUNDARIES[status]
        if len(lines):
            drawn = LineCollection(
                [shapely.get_coordinates(line) for line in lines],
                colors=style.colour,
                linewidths=style.width * min(1.0, scale + _BOUNDARIES_SHRINK_LESS),
                linestyles=[style.pattern],
                capstyle=style.cap,
                gid=f"boundary-{status}",
            )
            _add(ax, drawn, 2.0)


def draw_legs(ax: Axes, legs: Mapping[str, LegLines], scale: float) -> None:
    """Draw legs by mode over a pale casing, and arrows on those without a way back."""
    for mode, found in legs.items():
        style = mode_style(mode)
        width = max(style.width * scale, _THINNEST)
        if scale > _SMALLEST_CASED and mode != "air":
            wide = width + _CASING_POINTS
            _add(ax, LineCollection(found.paths, colors=_CASING, linewidths=wide), 3.0)
        lines = LineCollection(
            found.paths,
            colors=style.colour,
            linewidths=width,
            linestyles=[style.pattern],
            capstyle=style.cap,
            alpha=_ALPHA_OF_AIR if mode == "air" else 1.0,
            gid=f"legs-{mode}",
        )
        _add(ax, lines, 2.9 if mode == "air" else 3.1)
        for x, y, direction in found.arrows:
            shape = MarkerStyle(">", transform=Affine2D().rotate_deg(float(direction)))
            arrow = Line2D(
                [x],
                [y],
                linestyle="None",
                marker=shape,
                markersize=4.0 * scale,
                markerfacecolor=style.colour,
                markeredgecolor="white",
                markeredgewidth=0.4,
            )
            _add(ax, arrow, 3.2)


def draw_marks(ax: Axes, marks: Sequence[Mark], scale: float) -> None:
    """Draw nodes by kind, the most important ones on top."""
    for kind in sorted({mark.kind for mark in marks}, key=lambda k: (-kind_style(k).rank, k)):
        style = kind_style(kind)
        mine = [mark for mark in marks if mark.kind == kind]
        drawn = Line2D(
            [mark.x for mark in mine],
            [mark.y for mark in mine],
            linestyle="None",
            marker=style.marker,
            markersize=style.size * scale,
            markerfacecolor=style.colour,
            markeredgecolor=INK if style.marker == "D" else "white",
            markeredgewidth=0.5 * scale,
            gid=f"nodes-{kind}",
        )
        _add(ax, drawn, 5.0 - style.rank / 10)


def draw_labels(
    ax: Axes, labels: Sequence[Lettering], boxes: Mapping[str, Box], window: Window
) -> None:
    """Draw labels at their places, with a halo that keeps lines away from letters."""
    for label in labels:
        left, bottom, right, top = boxes[label.key]
        text = make_text(
            window.to_metres((left + right) / 2, (bottom + top) / 2),
            label.text,
            label.size,
            ax.transData,
            colour=label.colour,
            bold=label.bold,
            halo="#fbfaf6b0" if label.is_area else "#ffffffe6",
            ha="center",
            va="center",
            multialignment="center",
            clip=True,
            # The name of an area stands under the marks in it.
            zorder=3.9 if label.is_area else 6.0,
            gid=label.key,
        )
        ax.add_artist(text)


def _add(ax: Axes, artist: Any, zorder: float) -> None:
    artist.set_zorder(zorder)
    artist.set_in_layout(False)
    if isinstance(artist, Line2D):
        ax.add_line(artist)
    else:
        ax.add_collection(artist, autolim=False)


def _path(polygon: shapely.Polygon) -> Path:
    vertices, codes = [], []
    for ring in (polygon.exterior, *polygon.interiors):
        xy = shapely.get_coordinates(ring)
        code = np.full(len(xy), Path.LINETO, dtype=np.uint8)
        code[0], code[-1] = Path.MOVETO, Path.CLOSEPOLY
        vertices.append(xy)
        codes.append(code)
    return Path(np.concatenate(vertices), np.concatenate(codes))
