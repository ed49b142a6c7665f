"""The legs of the crossing network: border legs, inland legs along roads, lanes and flights."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

import geopandas as gpd
import shapely
from tools.build_geo.air_pairs import air_pairs
from tools.build_geo.crossing_nodes import side
from tools.build_geo.inland_legs import InlandLeg, inland_legs
from tools.build_geo.lanes import lanes_between
from tools.build_geo.points import GEOD, read_points
from tools.build_geo.road_graph import FLOOR_KM
from tools.build_geo.tables import CRS, read_records, write_layer

if TYPE_CHECKING:
    from tools.build_geo.workspace import Workspace

log = logging.getLogger(__name__)

COLUMNS = [
    "leg",
    "from_node",
    "to_node",
    "mode",
    "border",
    "distance_km",
    "crossings",
    "rail",
    "points",
    "why",
    "source",
    "geometry",
]

LINE_DECIMALS = 3
"""The grid of the source of roads, about a hundred metres."""

AIR_LINE_KM = 500.0
"""Longest straight piece of a drawn great circle."""


@dataclass(frozen=True)
class CrossingLeg:
    """One directed leg of the crossing network, see ``data/geo/README.md`` for its columns."""

    from_node: str
    to_node: str
    mode: str
    border: bool
    distance_km: float
    crossings: int
    rail: bool
    points: str
    why: str
    source: str
    geometry: shapely.LineString

    def there_and_back(self) -> list[CrossingLeg]:
        """Return this leg and the same leg in the other direction."""
        turned = shapely.reverse(self.geometry)
        back = replace(self, from_node=self.to_node, to_node=self.from_node, geometry=turned)
        return [self, back]

    def row(self) -> dict[str, object]:
        """Return the leg as a row of the layer."""
        leg = f"{self.from_node}>{self.to_node}:{self.mode}"
        line = shapely.transform(self.geometry, lambda xy: xy.round(LINE_DECIMALS))
        return {
            **self.__dict__,
            "leg": leg,
            "distance_km": round(max(self.distance_km, FLOOR_KM), 1),
            "geometry": line,
        }


def build_crossing_legs(work: Workspace) -> None:
    """Write ``crossing_legs.parquet``.

    Parameters
    ----------
    work : Workspace
        Folders of the build; reads the lists of points, hubs and sea links, ``crossing_nodes.csv``,
        ``countries.parquet``, the evidence table of itineraries, and the packages of roads,
        railways and lanes.
    """
    legs = [*_border_legs(work), *_inland(work), *_sea_legs(work), *_air_legs(work)]
    rows = [leg.row() for leg in legs]
    layer = gpd.GeoDataFrame(rows, columns=COLUMNS, geometry="geometry", crs=CRS)
    twice = layer["leg"][layer["leg"].duplicated()]
    if len(twice):
        message = f"legs made twice: {', '.join(twice)}"
        raise ValueError(message)
    write_layer(layer, work.geo / "crossing_legs.parquet", sort_by=["leg"], directed=True)
    log.info("legs of the crossing network: %s", layer["mode"].value_counts().to_dict())


def _border_legs(work: Workspace) -> list[CrossingLeg]:
    """Return a leg each way between the two sides of every listed crossing."""
    legs: list[CrossingLeg] = []
    for row in read_records(work.geo / "points.csv"):
        if row["kind"] != "crossing":
            continue
        modes = row["modes"].split(";")
        place = (float(row["lon"]), float(row["lat"]))
        leg = CrossingLeg(
            from_node=side(row["point"], row["iso3_a"]),
            to_node=side(row["point"], row["iso3_b"]),
            mode="rail" if modes == ["rail"] else "road",
            border=True,
            distance_km=FLOOR_KM,
            crossings=1,
            rail="rail" in modes,
            points=row["point"],
            why=f"official crossing {row['name']} ({' and '.join(modes)})",
            source="points_list",
            geometry=shapely.LineString([place, place]),
        )
        legs += leg.there_and_back()
    return legs


def _inland(work: Workspace) -> list[CrossingLeg]:
    """Return legs each way between places of one country, along roads or by a checked link."""
    by_rail_only = {
        row["point"] for row in read_records(work.geo / "points.csv") if row["modes"] == "rail"
    }
    legs: list[CrossingLeg] = []
    for found in inland_legs(work):
        leg = CrossingLeg(
            from_node=found.first,
            to_node=found.second,
            mode="rail" if _points(found) & by_rail_only else "road",
            border=False,
            distance_km=found.km,
            crossings=0,
            rail=found.rail,
            points="",
            why=found.why,
            source=found.source,
            geometry=found.line,
        )
        legs += leg.there_and_back()
    return legs


def _points(leg: InlandLeg) -> set[str]:
    return {place.partition("@")[0] for place in (leg.first, leg.second)}


def _sea_legs(work: Workspace) -> list[CrossingLeg]:
    """Return a leg each way for every listed pair of ports, along the lanes."""
    points = read_points(work.geo / "points.csv")
    links = read_records(work.geo / "sea_links.csv")
    lanes = lanes_between(work, [(link["point_a"], link["point_b"]) for link in links])
    legs: list[CrossingLeg] = []
    for link, lane in zip(links, lanes, strict=True):
        first, second = link["point_a"], link["point_b"]
        leg = CrossingLeg(
            from_node=first,
            to_node=second,
            mode="sea",
            border=link["iso3_a"] != link["iso3_b"],
            distance_km=lane.metres / 1000,
            crossings=1,
            rail=False,
            points=f"{first};{second}",
            why=f"sea link {points[first].name} – {points[second].name} ({link['service']})",
            source="points_list;searoute",
            geometry=shapely.simplify(lane.line, 0.02),
        )
        legs += leg.there_and_back()
    return legs


def _air_legs(work: Workspace) -> list[CrossingLeg]:
    """Return a leg between listed airports for each direction that reports support."""
    points = read_points(work.geo / "points.csv")
    airports: dict[str, list[str]] = defaultdict(list)
    for name, point in points.items():
        if point.kind == "airport":
            airports[point.countries[0]].append(name)
    legs: list[CrossingLeg] = []
    for pair in air_pairs(work):
        for first, second in product(airports[pair.start], airports[pair.end]):
            ends = points[first].place, points[second].place
            line = _great_circle(*ends)
            legs.append(
                CrossingLeg(
                    from_node=first,
                    to_node=second,
                    mode="air",
                    border=True,
                    distance_km=GEOD.geometry_length(shapely.LineString(ends)) / 1000,
                    crossings=0,
                    rail=False,
                    points=f"{first};{second}",
                    why=pair.why,
                    source="ids_2011_2016;points_list",
                    geometry=line,
                )
            )
    return legs


def _great_circle(start: tuple[float, float], end: tuple[float, float]) -> shapely.LineString:
    """Return a great circle as a line of short pieces."""
    _, _, metres = GEOD.inv(*start, *end)
    pieces = int(metres / 1000 // AIR_LINE_KM)
    return shapely.LineString([start, *GEOD.npts(*start, *end, pieces), end])
