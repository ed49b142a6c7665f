"""Inland legs: the ways between the listed places of every country, and the links typed by hand."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import shapely
from tools.build_geo.inland import Way, distances_between, roads_of, ways_between
from tools.build_geo.road_graph import RoadGraph, land_of, read_graph
from tools.build_geo.sources import fetch_member, read_lock
from tools.build_geo.tables import read_records
from tools.build_geo.workspace import RULES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tools.build_geo.points import Place
    from tools.build_geo.workspace import Workspace

log = logging.getLogger(__name__)

RAIL_NEAR_ROAD = 1.5
"""A railway no longer than this many times the road joins the two places of a leg as well."""


@dataclass(frozen=True)
class InlandLeg:
    """A way within one country.

    Attributes
    ----------
    first, second : str
        Nodes of the crossing network.
    km : float
        Length.
    rail : bool
        Whether a railway of about the same length joins the two; False if none was found.
    line : shapely.LineString
        Schematic.
    why, source : str
        Why the leg exists, and the identifiers of its sources.
    """

    first: str
    second: str
    km: float
    rail: bool
    line: shapely.LineString
    why: str
    source: str


def inland_legs(work: Workspace) -> list[InlandLeg]:
    """Return the inland legs of all countries, each once.

    Parameters
    ----------
    work : Workspace
        Folders of the build; see `build_crossing_legs`.
    """
    lock = read_lock()
    shapes = dict(gpd.read_parquet(work.geo / "countries.parquet").set_index("iso3").geometry)
    graphs = [
        read_graph(fetch_member(lock[name], work.cache)) for name in ("osm_roads", "osm_rail")
    ]
    lands = [land_of(graph.positions, shapes) for graph in graphs]
    nodes = read_records(work.geo / "crossing_nodes.csv")
    places = {row["node"]: (float(row["lon"]), float(row["lat"])) for row in nodes}
    by_country: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in nodes:
        by_country[row["iso3"]].append(row)
    legs: list[InlandLeg] = []
    for code, own in sorted(by_country.items()):
        legs += _legs_of(code, own, graphs, lands)
    links = [_by_hand(row, places) for row in read_records(RULES / "manual_links.csv")]
    # A length typed by hand is there because that of the graph is wrong.
    typed = {frozenset((link.first, link.second)) for link in links}
    legs = [leg for leg in legs if frozenset((leg.first, leg.second)) not in typed]
    log.info("inland legs: %d along roads, %d typed by hand", len(legs), len(links))
    return legs + links


def _legs_of(
    code: str,
    nodes: list[dict[str, str]],
    graphs: list[RoadGraph],
    lands: list[NDArray[np.object_]],
) -> list[InlandLeg]:
    """Return the ways between the places of one country; airports are where ways only end."""
    kinds: dict[bool, dict[str, Place]] = {True: {}, False: {}}
    for row in nodes:
        kinds[row["kind"] == "airport"][row["node"]] = (float(row["lon"]), float(row["lat"]))
    (roads, rails), (road_land, rail_land) = graphs, lands
    ways = ways_between(kinds[False], kinds[True], *roads_of(roads, road_land, code))
    by_rail = distances_between(kinds[False], *roads_of(rails, rail_land, code))
    return [
        InlandLeg(
            first=way.first,
            second=way.second,
            km=way.km,
            rail=_joined_by_rail(way, by_rail),
            line=way.line,
            why="shortest road",
            source="osm_roads",
        )
        for way in ways
    ]


def _joined_by_rail(way: Way, by_rail: dict[frozenset[str], float]) -> bool:
    found = by_rail.get(frozenset((way.first, way.second)), float("inf"))
    return found <= RAIL_NEAR_ROAD * way.km


def _by_hand(row: dict[str, str], places: dict[str, Place]) -> InlandLeg:
    """Return a link of the table for a gap of the road graph: straight, of the given length."""
    first, second = row["place_a"], row["place_b"]
    return InlandLeg(
        first=first,
        second=second,
        km=float(row["km"]),
        rail=row["note"].startswith("railway"),
        line=shapely.LineString([places[first], places[second]]),
        why=f"gap or fault of the road graph, length typed by hand: {row['note']}",
        source="manual_links",
    )
