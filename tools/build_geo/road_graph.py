"""Roads and railways as undirected graphs of junctions, read from the pinned package as text."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

STUDY_BOX = (-12.0, -36.0, 122.0, 72.0)
"""West, south, east, north: wide enough for every road between two listed places."""

FLOOR_KM = 0.1
"""Length of an edge that the source gives as zero: the resolution of its coordinates."""

OFFSHORE_DEGREES = 0.15
"""Junctions on bridges, dams and generalised coasts belong to the nearest land within this."""

SMALLEST_PART = 50
"""Junctions in the smallest connected part that is kept; smaller ones are fragments of tagging."""


@dataclass(frozen=True)
class RoadGraph:
    """Junctions and the roads between them.

    Attributes
    ----------
    positions : numpy.ndarray
        Longitude and latitude of each junction, degrees; shape ``(n, 2)``.
    ends : numpy.ndarray
        Junction numbers at the two ends of each edge; shape ``(m, 2)``.
    km : numpy.ndarray
        True length of each edge; shape ``(m,)``.
    """

    positions: NDArray[np.float64]
    ends: NDArray[np.int64]
    km: NDArray[np.float64]

    def lines(self) -> NDArray[np.object_]:
        """Return the edges as straight lines, which is all that the source knows of their shape."""
        shapes: NDArray[np.object_] = shapely.linestrings(self.positions[self.ends])
        return shapes


def read_graph(path: Path) -> RoadGraph:
    """Read the module of the package as text, without importing it.

    Parameters
    ----------
    path : Path
        A module that assigns ``graph`` (a list of ``{neighbour: km}``) and ``nodes`` (a list of
        ``[lat, lon]``), one line each.

    Returns
    -------
    RoadGraph
        The part inside `STUDY_BOX`, without loops and fragments; every edge once.

    Raises
    ------
    ValueError
        If the module is not laid out so.
    """
    graph, nodes = None, None
    for line in path.read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        if name.strip() == "graph":
            # Keys in quotes make the literal JSON, which is parsed many times faster.
            graph = json.loads(re.sub(r"(\d+):", r'"\1":', value))
        elif name.strip() == "nodes":
            nodes = json.loads(value)
    if graph is None or nodes is None:
        message = f"{path.name} does not assign graph and nodes on one line each"
        raise ValueError(message)
    rows = [(start, int(end), km) for start, near in enumerate(graph) for end, km in near.items()]
    table = np.array([row for row in rows if row[0] < row[1]], dtype=np.float64).reshape(-1, 3)
    positions = np.array(nodes, dtype=np.float64)[:, ::-1]
    ends = table[:, :2].astype(np.int64)
    return _without_fragments(
        _inside(RoadGraph(positions, ends, np.maximum(table[:, 2], FLOOR_KM)))
    )


def _inside(graph: RoadGraph) -> RoadGraph:
    """Return the edges with both ends in the study box."""
    west, south, east, north = STUDY_BOX
    lon, lat = graph.positions.T
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return subgraph(graph, inside[graph.ends].all(axis=1))


def _without_fragments(graph: RoadGraph) -> RoadGraph:
    """Return the graph without its smallest connected parts."""
    part = parts_of(graph)
    size = np.bincount(part)
    return subgraph(graph, size[part[graph.ends[:, 0]]] >= SMALLEST_PART)


def subgraph(graph: RoadGraph, edges: NDArray[np.bool_]) -> RoadGraph:
    """Return the given edges and the junctions that they join, renumbered."""
    used, renumbered = np.unique(graph.ends[edges], return_inverse=True)
    return RoadGraph(graph.positions[used], renumbered.reshape(-1, 2), graph.km[edges])


def parts_of(graph: RoadGraph) -> NDArray[np.int64]:
    """Return the number of the connected part of each junction."""
    count = len(graph.positions)
    links = coo_array((np.ones(len(graph.ends)), tuple(graph.ends.T)), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def land_of(
    positions: NDArray[np.float64], shapes: Mapping[str, shapely.Geometry]
) -> NDArray[np.object_]:
    """Return the code of the country in which each place lies, or that is nearest; else "".

    Parameters
    ----------
    positions : numpy.ndarray
        Longitude and latitude, shape ``(n, 2)``.
    shapes : mapping of str to shapely.Geometry
        Land by code.

    Returns
    -------
    numpy.ndarray
        Shape ``(n,)``.
    """
    codes = np.array(list(shapes), dtype=object)
    tree = shapely.STRtree(list(shapes.values()))
    points = shapely.points(positions)
    found = np.full(len(points), "", dtype=object)
    inside, country = tree.query(points, predicate="within")
    found[inside] = codes[country]
    outside = np.flatnonzero(found == "")
    near, country = tree.query_nearest(
        points[outside], max_distance=OFFSHORE_DEGREES, all_matches=False
    )
    found[outside[near]] = codes[country]
    return found
