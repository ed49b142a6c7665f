"""Labels of a printed map: which marks get one, how large it is, and whether it finds a place."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opiateroutes.errors import MapError
from opiateroutes.maps.static.placement import Label, Placer
from opiateroutes.maps.static.styles import kind_style
from opiateroutes.maps.static.text import text_size, two_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opiateroutes.maps.static.frame import Frame, Window
    from opiateroutes.maps.static.marks import Mark

__all__ = ["Lettering", "choose", "label_marks", "label_size"]

# Frames up to this height, in kilometres, label ports and airports, and crossings.
_HEIGHT_OF_PORTS, _HEIGHT_OF_CROSSINGS = 3000.0, 1700.0
_LARGE_CITY = 1e6
# By rank of the kind: a label that costs more hides too much to be worth having.
_MOST = {0: 8.0, 1: 8.0, 2: 4.5, 3: 2.8, 4: 2.2}
# A port this near to a city of the same name needs no label, in points.
_NEAR = 30.0


@dataclass(frozen=True)
class Lettering:
    """A label that has a place; ``key`` is its name for the placer."""

    key: str
    text: str
    size: float
    colour: str
    bold: bool = False
    is_area: bool = False


def choose(marks: Sequence[Mark], labels: str | Sequence[str] | None, frame: Frame) -> list[Mark]:
    """Choose the marks that want a label.

    Parameters
    ----------
    marks : sequence of Mark
        Most important first.
    labels : "auto", "all", None or ids
        What `label_ids` made of the argument of `opiateroutes.RouteNetwork.plot`.
    frame : Frame
        How much is seen.

    Returns
    -------
    list of Mark
        In the order in which they take their places.

    Raises
    ------
    MapError
        None of the nodes is in view.

    Examples
    --------
    >>> from opiateroutes.maps.static.frame import Frame
    >>> choose([], "auto", Frame(0.0, 0.0, 1e6, 1e6))
    []
    """
    if labels is None:
        return []
    if labels == "all":
        return list(marks)
    if labels == "auto":
        height = 2 * frame.half_height / 1000
        hidden = set() if height <= _HEIGHT_OF_PORTS else {"port", "airport"}
        hidden |= set() if height <= _HEIGHT_OF_CROSSINGS else {"crossing"}
        return [mark for mark in marks if mark.kind not in hidden]
    wanted = set(labels)
    known = {node for mark in marks for node in mark.nodes}
    if wanted and not wanted & known:
        raise MapError(f"labels: none of {', '.join(sorted(wanted))} is in view")
    return [mark for mark in marks if wanted & set(mark.nodes)]


def label_size(mark: Mark) -> tuple[float, bool]:
    """Size in points, and whether bold.

    Examples
    --------
    >>> from opiateroutes.maps.static.marks import Mark
    >>> label_size(Mark("a", "hub", 0, 0, "A", (1, -2e6, 0), ("a",)))
    (7.2, True)
    """
    if mark.kind == "country":
        return 7.0, False
    if mark.kind == "hub":
        large = -mark.rank[1] >= _LARGE_CITY
        return (7.2 if large else 6.6), large
    return (6.0 if kind_style(mark.kind).rank > 1 else 6.6), False


def label_marks(
    wanted: Sequence[Mark],
    placer: Placer,
    window: Window,
    mark_scale: float,
    *,
    named: Sequence[Mark] = (),
) -> list[Lettering]:
    """Give labels their places, in order; those without a free place are left out.

    A port beside a city that has a label (one of ``named``) of the same name needs none.
    """
    placed: list[Lettering] = []
    shown = [mark for mark in named if _key(mark) in placer.boxes]
    for mark in wanted:
        style = kind_style(mark.kind)
        size, bold = label_size(mark)
        text = two_lines(mark.text)
        if any(_repeats(mark, other, _NEAR / window.per_metre) for other in shown):
            continue
        label = Label(
            _key(mark),
            *window.to_points(mark.x, mark.y),
            *text_size(text, size, bold=bold),
            gap=style.size * mark_scale / 2,
            most=_MOST[style.rank],
        )
        if placer.place(label):
            placed.append(Lettering(label.key, text, size, style.ink, bold))
            shown.append(mark)
    return placed


def _key(mark: Mark) -> str:
    return f"label-{mark.key}"


def _repeats(mark: Mark, other: Mark, near: float) -> bool:
    return mark.text == other.text and math.hypot(mark.x - other.x, mark.y - other.y) < near
