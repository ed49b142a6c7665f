"""Legs of a printed map: great-circle arcs in map coordinates, each stretch drawn once.

Both directions of a leg and all ships of one lane run over the same points. Drawn one over the
other, their dashes would close up to a solid line, so the stretches of a mode are put together
first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from opiateroutes.maps.static.frame import EARTH_M, unit_vectors
from opiateroutes.maps.static.marks import nodes_in

if TYPE_CHECKING:
    import numpy.typing as npt

    from opiateroutes.maps.inputs import NetworkTables
    from opiateroutes.maps.static.frame import Frame

    Floats = npt.NDArray[np.float64]
    Geometries = npt.NDArray[np.object_]

__all__ = ["LegLines", "arc", "leg_lines"]

_STEP_DEGREES = 0.5
# An edge of the map this many times longer than its arc runs round the rim of the projection.
_JUMP = 8.0
_DIGITS = 7
_A_LINE = 1


@dataclass(frozen=True)
class LegLines:
    """Lines of one mode in the frame, in metres on the map.

    Attributes
    ----------
    paths
        Rows of x and y, one array a visible piece.
    arrows
        Rows of x, y and direction (degrees, anticlockwise from the x axis): the middles of legs
        that have no way back.
    """

    paths: list[Floats]
    arrows: Floats


def leg_lines(net: NetworkTables, frame: Frame) -> dict[str, LegLines]:
    """Bring the legs that lie in a frame onto the map, by mode.

    Flights that only pass over the frame are left out: nothing of them happens there.

    Parameters
    ----------
    net : RouteNetwork
        A leg without geometry runs straight from node to node; where a node has no position either,
        the leg is left out.
    frame : Frame
        What is seen.

    Returns
    -------
    dict
        Mode -> lines, in the order of the alphabet.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> from opiateroutes.maps.static.frame import Frame
    >>> sorted(leg_lines(opr.load_network("countries"), Frame(66.0, 34.0, 2e6, 1e6)))
    ['air', 'land', 'sea']
    """
    legs, shapes = net.legs, _shapes(net)
    known = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    seen = set(net.nodes.index[nodes_in(net, frame)])
    flown = (legs["mode"] == "air").to_numpy()
    here = legs["from_node"].isin(seen).to_numpy() | legs["to_node"].isin(seen).to_numpy()
    known &= ~flown | here
    one_way = _without_way_back(net)
    found: dict[str, LegLines] = {}
    for mode in sorted(legs["mode"].unique()):
        mine = known & (legs["mode"] == mode).to_numpy()
        paths = [piece for line in _stretches(shapes[mine]) for piece in _pieces(line, frame)]
        if paths:
            arrows = [
                _middle(pieces)
                for shape in shapes[mine & one_way]
                if (pieces := [p for line in _lines(shape) for p in _pieces(line, frame)])
            ]
            found[str(mode)] = LegLines(paths, np.array(arrows, dtype=float).reshape(-1, 3))
    return found


def arc(coordinates: Floats) -> Floats:
    """Put points along the great circles between the points of a line, half a degree apart.

    Great circles take the short way: a line from 170 E to 170 W crosses the antimeridian.

    Examples
    --------
    >>> arc(np.array([[170.0, 0.0], [-170.0, 0.0]]))[20].round(6).tolist()
    [180.0, 0.0]
    """
    ends = unit_vectors(coordinates)
    start, end = ends[:-1], ends[1:]
    angle = np.arctan2(np.linalg.norm(np.cross(start, end), axis=1), (start * end).sum(axis=1))
    count = np.maximum(1, np.ceil(np.degrees(angle) / _STEP_DEGREES)).astype(int)
    segment = np.repeat(np.arange(len(count)), count)
    step = np.arange(len(segment)) - np.repeat(np.cumsum(count) - count, count)
    share, turn = (step / count[segment])[:, None], angle[segment][:, None]
    between = np.sin((1 - share) * turn) * start[segment] + np.sin(share * turn) * end[segment]
    lon = np.degrees(np.arctan2(between[:, 1], between[:, 0]))
    lat = np.degrees(np.arctan2(between[:, 2], np.hypot(between[:, 0], between[:, 1])))
    points = np.column_stack((lon, lat))
    # Given points stay as they are: the way over the sphere would change their last digits.
    points[step == 0] = coordinates[:-1]
    return np.concatenate((points, coordinates[-1:]))


def _shapes(net: NetworkTables) -> Geometries:
    shapes = net.legs.geometry.to_numpy().copy()
    points = net.nodes.geometry
    at = {
        node: point for node, point in zip(points.index, points, strict=True) if point is not None
    }
    for row in np.flatnonzero(shapely.is_missing(shapes)):
        start, end = (at.get(net.legs[column].iloc[row]) for column in ("from_node", "to_node"))
        if start is not None and end is not None:
            shapes[row] = shapely.LineString([start, end])
    return np.asarray(shapes, dtype=object)


def _without_way_back(net: NetworkTables) -> npt.NDArray[np.bool_]:
    legs = net.legs
    back = set(zip(legs["to_node"], legs["from_node"], legs["mode"], strict=True))
    there = zip(legs["from_node"], legs["to_node"], legs["mode"], strict=True)
    return np.array([leg not in back for leg in there], dtype=np.bool_)


def _lines(shape: shapely.Geometry) -> list[shapely.Geometry]:
    return [part for part in shapely.get_parts(shape) if shapely.get_dimensions(part) == _A_LINE]


def _stretches(shapes: Geometries) -> list[shapely.Geometry]:
    """Take lines apart, keep each edge once whatever its direction, and join what continues."""
    parts = shapely.get_parts(shapes)
    parts = parts[shapely.get_dimensions(parts) == _A_LINE]
    xy, line = shapely.get_coordinates(parts, return_index=True)
    xy = xy.round(_DIGITS)
    inside = line[:-1] == line[1:]
    edges = np.stack((xy[:-1][inside], xy[1:][inside]), axis=1)
    swap = (edges[:, 0, 0] > edges[:, 1, 0]) | (
        (edges[:, 0, 0] == edges[:, 1, 0]) & (edges[:, 0, 1] > edges[:, 1, 1])
    )
    edges[swap] = edges[swap][:, ::-1]
    edges = np.unique(edges.reshape(-1, 4), axis=0).reshape(-1, 2, 2)
    edges = edges[(edges[:, 0] != edges[:, 1]).any(axis=1)]
    joined = shapely.line_merge(shapely.multilinestrings(shapely.linestrings(edges)))
    return list(shapely.get_parts(joined))


def _pieces(line: shapely.Geometry, frame: Frame) -> list[Floats]:
    """Project one line, cut it where the projection tears, and clip it to the frame."""
    dense = arc(shapely.get_coordinates(line))
    if frame.angles(dense).min() > frame.reach + _STEP_DEGREES:
        return []
    metres = frame.to_map(dense)
    steps = np.hypot(*np.diff(metres, axis=0).T)
    longest = _JUMP * np.radians(_STEP_DEGREES) * EARTH_M
    # Not "longer": a step from or to infinity is no number.
    torn = np.flatnonzero(~(steps <= longest)) + 1
    runs = [shapely.LineString(run) for run in np.split(metres, torn) if len(run) > 1]
    clipped = shapely.clip_by_rect(np.array(runs, dtype=object), *frame.bounds)
    visible = shapely.get_parts(clipped)
    return [shapely.get_coordinates(p) for p in visible if shapely.get_dimensions(p) == _A_LINE]


def _middle(pieces: list[Floats]) -> tuple[float, float, float]:
    longest = max(pieces, key=lambda piece: float(np.hypot(*np.diff(piece, axis=0).T).sum()))
    line = shapely.LineString(longest)
    before, at, after = shapely.get_coordinates(
        shapely.line_interpolate_point(line, [0.49, 0.5, 0.51], normalized=True)
    )
    dx, dy = after - before
    return float(at[0]), float(at[1]), float(np.degrees(np.arctan2(dy, dx)))
