"""Nodes of a printed map: one mark a place, with the text and the rank of its label."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from opiateroutes.maps.static.styles import kind_style

if TYPE_CHECKING:
    import numpy.typing as npt

    from opiateroutes.maps.inputs import NetworkTables
    from opiateroutes.maps.static.frame import Frame

__all__ = ["Mark", "joint_name", "marks_in", "nodes_in", "shown_names"]

# "Torkham (AFG)": the side of a crossing, which its place on the map shows already.
_SIDE = re.compile(r"\s*\([A-Z]{3}\)$")
_SAME_PLACE_DEGREES = 4


@dataclass(frozen=True)
class Mark:
    """One mark: several nodes of one kind at the same place share it.

    Attributes
    ----------
    key
        Id of the first of its nodes.
    kind
        Their kind.
    x, y
        Metres on the map.
    text
        Label.
    rank
        Sorts labels: lower first.
    nodes
        Ids of all nodes at the place.
    """

    key: str
    kind: str
    x: float
    y: float
    text: str
    rank: tuple[float, ...]
    nodes: tuple[str, ...]


def nodes_in(net: NetworkTables, frame: Frame) -> npt.NDArray[np.bool_]:
    """Mark the nodes that lie in the frame.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> from opiateroutes.maps.static.frame import Frame
    >>> net = opr.load_network("countries")
    >>> net.nodes.index[nodes_in(net, Frame(66.0, 34.0, 5e5, 3e5))].tolist()
    ['AFG']
    """
    points = net.nodes.geometry
    known = (points.notna() & ~points.is_empty).to_numpy()
    inside = np.zeros(len(points), dtype=np.bool_)
    if known.any():
        x, y = frame.to_map(np.column_stack((points[known].x, points[known].y))).T
        inside[known] = (np.abs(x) < frame.half_width) & (np.abs(y) < frame.half_height)
    return inside


def marks_in(net: NetworkTables, frame: Frame) -> list[Mark]:
    """List the marks in the frame, most important first.

    Hubs go by population where the network has such a column, everything else by the number of its
    legs.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> from opiateroutes.maps.static.frame import Frame
    >>> [mark.text for mark in marks_in(opr.load_network(), Frame(66.0, 34.0, 5e5, 3e5))]
    ['Afghanistan']
    """
    nodes = net.nodes[nodes_in(net, frame)]
    if nodes.empty:
        return []
    metres = frame.to_map(np.column_stack((nodes.geometry.x, nodes.geometry.y)))
    ends = pd.concat([net.legs["from_node"], net.legs["to_node"]])
    legs = ends.value_counts().reindex(nodes.index, fill_value=0)
    people = _numbers(nodes, "population")
    names = shown_names(nodes)
    groups: dict[tuple[str, float, float], list[int]] = {}
    for row, (kind, x, y) in enumerate(zip(nodes["kind"], *metres.T, strict=True)):
        # To the metre: the two sides of a crossing stand at one place.
        groups.setdefault((str(kind), round(x), round(y)), []).append(row)
    marks = [
        Mark(
            key=str(nodes.index[rows[0]]),
            kind=kind,
            x=float(metres[rows[0], 0]),
            y=float(metres[rows[0], 1]),
            text=joint_name([names[row] for row in rows]),
            rank=(
                float(kind_style(kind).rank),
                -max(float(people.iloc[row]) for row in rows),
                -float(legs.iloc[rows].sum()),
            ),
            nodes=tuple(str(nodes.index[row]) for row in rows),
        )
        for (kind, _, _), rows in groups.items()
    ]
    return sorted(marks, key=lambda mark: (*mark.rank, mark.key))


def _numbers(nodes: pd.DataFrame, column: str) -> pd.Series:
    if column not in nodes:
        return pd.Series(0.0, index=nodes.index)
    return pd.to_numeric(nodes[column], errors="coerce").astype("float64").fillna(0.0)


def shown_names(nodes: pd.DataFrame) -> list[str]:
    """Names to write beside the marks: the label, without the word that the mark itself says.

    Examples
    --------
    >>> shown_names(pd.DataFrame({"name": ["Istanbul Airport"], "kind": ["airport"]}))
    ['Istanbul']
    """
    labels = nodes["label"] if "label" in nodes else nodes["name"]
    shown = []
    for label, name, kind in zip(labels, nodes["name"], nodes["kind"], strict=True):
        word = re.compile(rf"\s{re.escape(str(kind))}$", flags=re.IGNORECASE)
        given = [str(text) for text in (label, name) if not pd.isna(text)]
        plain = [word.sub("", text).strip() for text in given]
        shown.append(next((text for text in plain if text), given[0]))
    return shown


def joint_name(names: list[str]) -> str:
    """Name a place by what its nodes are called, each name once.

    Examples
    --------
    >>> joint_name(["Torkham (AFG)", "Torkham (PAK)"]), joint_name(["Sarpi", "Sarp"])
    ('Torkham', 'Sarpi – Sarp')
    """
    plain = dict.fromkeys(_SIDE.sub("", name) for name in names)
    return " – ".join(plain)
