"""Labels of a map of flows: places by throughput, then countries that no node stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.maps.static.areas import label_areas
from opiateroutes.maps.static.labels import Lettering
from opiateroutes.maps.static.place_names import area_names
from opiateroutes.maps.static.placement import Label, Placer
from opiateroutes.maps.static.signs import half_of
from opiateroutes.maps.static.styles import INK
from opiateroutes.maps.static.text import text_size, two_lines

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy.typing as npt

    from opiateroutes.maps.static.frame import Window
    from opiateroutes.maps.static.placement import Box
    from opiateroutes.maps.static.scene import Scene, Stage
    from opiateroutes.maps.static.signs import Sign

    Floats = npt.NDArray[np.float64]

__all__ = ["flow_labels", "label_placer"]

_LABEL, _LARGE_LABEL, _LARGEST_LABELS = 6.6, 7.2, 8
_POINTS_PER_LABEL, _FEWEST_LABELS = 2400.0, 8
"""Area of the map for one label, if the map chooses the labels."""
# A label that costs more hides too much; the largest places are worth nearly everything.
_MOST_COST, _COST_OF_LARGE = 6.0, 60.0
_INK_STEP = 2.0


def label_placer(stage: Stage, ends: Sequence[str], taken: Sequence[Box]) -> Placer:
    """Make a placer that knows the bands, the dots and what is taken.

    Parameters
    ----------
    stage : Stage
        Where everything stands.
    ends : sequence of str
        Places with dots.
    taken : sequence of Box
        What no label may touch.
    """
    bands = [each.band for each in stage.bands if each is not None]
    return Placer(
        stage.window.width,
        stage.window.height,
        taken=taken,
        firm=[_dot_box(stage.at[place], stage.radius) for place in ends],
        soft=[],
        lines=[line for band in bands for line in _inked(band.line, band.width)],
    )


def flow_labels(
    scene: Scene,
    stage: Stage,
    placer: Placer,
    *,
    labels: str | Sequence[str] | None,
    ends: Sequence[str],
    signs: Sequence[Sign],
    named: Collection[str],
) -> list[Lettering]:
    """Give labels their places, in order; those without a free place are left out.

    Parameters
    ----------
    scene, stage, placer : Scene, Stage, Placer
        What the map is about, where it stands, and where there is room.
    labels : "auto", "all", None or ids
        What `label_ids` made of the argument.
    ends : sequence of str
        Places with dots, largest throughput first.
    signs : sequence of Sign
        A label stands beside the sign at its place, not only beside the dot below it.
    named : collection of str
        Places that come first, in bold.
    """
    if labels is None:
        return []
    first = [place for place in stage.at if place in named]
    order = dict.fromkeys([*first, *_wanted(scene, ends, labels, stage.window)])
    gaps = {(sign.x, sign.y): half_of(sign) for sign in signs}
    placed = []
    for rank, place in enumerate(order):
        is_large = place in named or rank < _LARGEST_LABELS
        size = _LARGE_LABEL if is_large else _LABEL
        text = two_lines(scene.setting.names[place])
        x, y = stage.at[place].tolist()
        width, height = text_size(text, size, bold=place in named)
        gap = gaps.get((x, y), stage.radius)
        most = _COST_OF_LARGE if is_large else _MOST_COST
        label = Label(f"label-{place}", x, y, width, height, gap, most)
        if placer.place(label):
            placed.append(Lettering(label.key, text, size, INK, place in named))
    return placed + _area_labels(scene, stage, placer)


def _wanted(
    scene: Scene, ends: Sequence[str], labels: str | Sequence[str], window: Window
) -> list[str]:
    if labels == "all":
        return list(ends)
    if labels == "auto":
        room = round(window.width * window.height / _POINTS_PER_LABEL)
        return list(ends[: max(_FEWEST_LABELS, room)])
    asked = {scene.setting.places.of.get(str(node)) for node in labels}
    return [place for place in scene.setting.places.at if place in asked]


def _area_labels(scene: Scene, stage: Stage, placer: Placer) -> list[Lettering]:
    """Names of countries that no node stands for: cities alone do not say where they are."""
    nodes = scene.setting.net.nodes
    if not {"iso3", "kind"} <= set(nodes.columns):
        return []
    stood_for = set(nodes.loc[nodes["kind"].eq("country"), "iso3"].dropna())
    codes = set(nodes["iso3"].dropna()) - stood_for
    names = area_names(scene.setting.words.language)
    return label_areas(stage.land, names, codes, placer, stage.window)


def _inked(line: Floats, width: float) -> list[Floats]:
    """Lines side by side that cover a band: a label should rather hide a thin one."""
    count = max(1, round(width / _INK_STEP))
    along = np.gradient(line, axis=0)
    left = np.column_stack((-along[:, 1], along[:, 0]))
    left /= np.maximum(np.hypot(*left.T), 1e-12)[:, None]
    offsets = (np.arange(count) - (count - 1) / 2) * width / count
    return [line + offset * left for offset in offsets.tolist()]


def _dot_box(at: Floats, radius: float) -> Box:
    x, y = at.tolist()
    return (x - radius, y - radius, x + radius, y + radius)
