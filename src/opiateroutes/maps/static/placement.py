"""Where labels go: one after the other, each at its best free place, never on another label.

A label without a free place may push one that came before it to another place. Everything is in
points from the lower left corner of the frame. The same labels in the same order always get the
same places.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.maps.static.ink import line_sums

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["Box", "Label", "Placer"]

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""

# Where a label stands: right (-1 to 1) and up (-1 to 1) of its mark, and what that costs. Right of
# the mark reads best, then left, above and below; between these lie slid and corner places.
_SIDES: tuple[tuple[float, float, float], ...] = (
    (1.0, 0.0, 0.0),
    (1.0, 0.6, 0.35),
    (1.0, -0.6, 0.4),
    (1.0, 1.0, 0.5),
    (1.0, -1.0, 0.55),
    (-1.0, 0.0, 0.6),
    (0.0, 1.0, 0.8),
    (-1.0, 0.6, 0.85),
    (-1.0, -0.6, 0.9),
    (0.0, -1.0, 1.0),
    (-1.0, 1.0, 1.05),
    (-1.0, -1.0, 1.1),
    (0.5, 1.0, 1.15),
    (-0.5, 1.0, 1.2),
    (0.5, -1.0, 1.25),
    (-0.5, -1.0, 1.3),
)
_CORNER = 0.7
# A point of line under the label costs this much, so that 30 points outweigh a better side.
_COST_OF_LINE = 0.03
_COST_OF_MARK = 3.6
# Near another mark a label may be taken for the name of that one.
_COST_OF_NEIGHBOUR, _NEIGHBOUR = 0.3, 3.5
# The name of an area may stand under marks, though it should rather not.
_COST_OF_MARK_OVER_AREA = 2.0
# A label that is pushed aside may get a place that costs at most this much more.
_COST_OF_PUSHING = 1.0
_COST_OF_STEP = 0.02
_ROOM = 1.2


@dataclass(frozen=True)
class Label:
    """A text that wants a place beside a mark, or inside an area.

    Attributes
    ----------
    key
        What it names; no two labels may have the same.
    x, y
        Middle of the mark.
    width, height
        Size of the text.
    gap
        From the middle of the mark to its edge.
    most
        Highest cost at which the label is still worth having.
    places
        For an area: middles that are allowed, best first.
    """

    key: str
    x: float
    y: float
    width: float
    height: float
    gap: float
    most: float = math.inf
    places: tuple[tuple[float, float], ...] = ()


class Placer:
    """Takes labels in order of importance and remembers what is taken.

    Parameters
    ----------
    width, height : float
        Size of the frame.
    taken : sequence of Box
        What no label may touch.
    firm, soft : sequence of Box
        Marks that a label beside a mark must not hide, and marks that it should rather not hide.
    lines : sequence of array
        Lines that a label should rather not hide, as rows of x and y.
    mark_scale : float
        Size of the marks: the dots of a small-scale map may rather be hidden.

    Examples
    --------
    >>> placer = Placer(100, 100, taken=[], firm=[], soft=[], lines=[])
    >>> placer.place(Label("a", 50, 50, 20, 8, 3)), placer.place(Label("b", 50, 50, 20, 8, 3))
    (True, True)
    >>> placer.boxes["a"]
    (54.2, 46.0, 74.2, 54.0)
    """

    def __init__(
        self,
        width: float,
        height: float,
        *,
        taken: Sequence[Box],
        firm: Sequence[Box],
        soft: Sequence[Box],
        lines: Sequence[Floats],
        mark_scale: float = 1.0,
    ) -> None:
        self.boxes: dict[str, Box] = {}
        self._labels: dict[str, Label] = {}
        self._known: dict[Label, list[tuple[Box, float]]] = {}
        self._width, self._height = width, height
        self._taken = list(taken)
        self._firm, self._soft = (np.array(m, dtype=float).reshape(-1, 4) for m in (firm, soft))
        self._mark_scale = mark_scale
        self._ink = line_sums(lines, width, height)

    def place(self, label: Label) -> bool:
        """Give a label its best free place, or make room for it; tell whether it has one."""
        box = self._best(label)
        if box is not None:
            self._labels[label.key], self.boxes[label.key] = label, box
            return True
        return self._make_room(label)

    def _best(self, label: Label, *, most: float = math.inf) -> Box | None:
        for box, cost in self._worthwhile(label):
            if cost <= most and not self._blockers(box):
                return box
        return None

    def _make_room(self, label: Label) -> bool:
        """Push one earlier label aside, if it finds another place that is nearly as good."""
        for box, _ in self._worthwhile(label):
            blockers = self._blockers(box)
            if len(blockers) != 1 or blockers[0] is None:
                continue
            other = self._labels[blockers[0]]
            before = self.boxes.pop(other.key)
            now = next(cost for place, cost in self._worthwhile(other) if place == before)
            self._labels[label.key], self.boxes[label.key] = label, box
            instead = self._best(other, most=now + _COST_OF_PUSHING)
            if instead is not None:
                self.boxes[other.key] = instead
                return True
            del self._labels[label.key], self.boxes[label.key]
            self.boxes[other.key] = before
        return False

    def _worthwhile(self, label: Label) -> list[tuple[Box, float]]:
        """List the places inside the frame that do not hide too much, the best first."""
        if label not in self._known:
            inside = [(box, cost) for box, cost in self._candidates(label) if self._is_inside(box)]
            costs = np.array([cost for _, cost in inside])
            if inside:
                costs += self._hidden(np.array([box for box, _ in inside]), label)
            worth = [k for k in np.argsort(costs, kind="stable") if costs[k] <= label.most]
            self._known[label] = [
                (inside[k][0], float(costs[k])) for k in worth if np.isfinite(costs[k])
            ]
        return self._known[label]

    def _candidates(self, label: Label) -> list[tuple[Box, float]]:
        w, h = label.width, label.height
        if label.places:
            return [
                ((x - w / 2, y - h / 2, x + w / 2, y + h / 2), _COST_OF_STEP * k)
                for k, (x, y) in enumerate(label.places)
            ]
        found = []
        for right, up, cost in _SIDES:
            # At a corner the mark is nearer than its circumscribed square.
            away = (label.gap + _ROOM) * (_CORNER if abs(right) == abs(up) else 1.0)
            x = label.x + right * ((away if abs(right) == 1.0 else 0.0) + w / 2)
            y = label.y + up * ((away if abs(up) == 1.0 else 0.0) + h / 2)
            found.append(((x - w / 2, y - h / 2, x + w / 2, y + h / 2), cost))
        return found

    def _is_inside(self, box: Box) -> bool:
        left, bottom, right, top = box
        return (
            min(left, bottom) > _ROOM and right < self._width - _ROOM and top < self._height - _ROOM
        )

    def _blockers(self, box: Box) -> list[str | None]:
        """Keys of the labels in the way, and None for what cannot be moved."""
        hard: list[str | None] = [None for other in self._taken if _touch(box, other)]
        return hard or [key for key, other in self.boxes.items() if _touch(box, other)]

    def _hidden(self, boxes: Floats, label: Label) -> Floats:
        """Cost of the lines and marks that a label in each box would hide."""
        left, bottom, right, top = boxes.round().astype(int).T
        ink = self._ink
        under = ink[right, top] - ink[left, top] - ink[right, bottom] + ink[left, bottom]
        costs = _COST_OF_LINE * under
        soft, firm = (_others(marks, boxes, label) for marks in (self._soft, self._firm))
        if label.places:
            return np.asarray(costs + _COST_OF_MARK_OVER_AREA * (soft + firm), dtype=np.float64)
        costs += _COST_OF_MARK * self._mark_scale**2 * soft
        around = boxes + np.array([-1, -1, 1, 1]) * _NEIGHBOUR
        for marks, hidden in ((self._soft, soft), (self._firm, firm)):
            costs += _COST_OF_NEIGHBOUR * (_others(marks, around, label) - hidden)
        return np.where(firm > 0, np.inf, costs)


def _touch(box: Box, other: Box) -> bool:
    left, bottom, right, top = box
    return (
        left < other[2] + _ROOM
        and other[0] - _ROOM < right
        and bottom < other[3]
        and other[1] < top
    )


def _others(marks: Floats, boxes: Floats, label: Label) -> Floats:
    """Count the marks under each box, without those at the place of the label itself."""
    if not label.places:
        own = (marks[:, 0] <= label.x) & (marks[:, 2] >= label.x)
        own &= (marks[:, 1] <= label.y) & (marks[:, 3] >= label.y)
        marks = marks[~own]
    left, bottom, right, top = boxes.T[:, :, None]
    hit = (marks[:, 0] < right) & (marks[:, 2] > left)
    hit &= (marks[:, 1] < top) & (marks[:, 3] > bottom)
    return np.asarray(hit.sum(axis=1), dtype=np.float64)
