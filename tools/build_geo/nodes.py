"""Choose the point that stands for each country of the study area."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from tools.build_geo.points import GEOD, read_points
from tools.build_geo.tables import read_records, read_table, write_table

if TYPE_CHECKING:
    from tools.build_geo.workspace import Workspace

log = logging.getLogger(__name__)

NODE_DECIMALS = 4


class Representative(NamedTuple):
    """A chosen point, the reason for it, and where it comes from."""

    lon: float
    lat: float
    why: str
    source: str


def build_nodes(work: Workspace) -> None:
    """Write ``nodes.csv``: one node for every country that has a listed point.

    Parameters
    ----------
    work : Workspace
        Folders of the build; reads ``points.csv``, ``hubs.csv``, ``country_names.csv`` and
        ``countries.parquet``.
    """
    points = read_points(work.geo / "points.csv")
    hubs = read_table(work.geo / "hubs.csv")
    names = {row["iso3"]: row for row in read_records(work.geo / "country_names.csv")}
    shapes = gpd.read_parquet(work.geo / "countries.parquet").set_index("iso3").geometry
    codes = sorted({code for point in points.values() for code in point.countries})
    chosen = {code: representative(hubs[hubs["iso3"].eq(code)], shapes.loc[code]) for code in codes}
    nodes = pd.DataFrame(
        {
            "node": codes,
            "name": [names[code]["name"] for code in codes],
            "label": [names[code]["short_name"] for code in codes],
            "kind": "country",
            "iso3": codes,
            "lon": [f"{chosen[code].lon:.{NODE_DECIMALS}f}" for code in codes],
            "lat": [f"{chosen[code].lat:.{NODE_DECIMALS}f}" for code in codes],
            "precision": "representative",
            "why": [chosen[code].why for code in codes],
            "source": [chosen[code].source for code in codes],
        },
    )
    write_table(nodes, work.geo / "nodes.csv", sort_by=["node"])
    log.info("nodes: %d countries", len(nodes))


def representative(hubs: pd.DataFrame, shape: shapely.Geometry) -> Representative:
    """Choose the point that stands for a country on a flow map.

    Parameters
    ----------
    hubs : pandas.DataFrame
        Listed hub cities of the country with ``name``, ``lon``, ``lat`` and ``population``; may be
        empty.
    shape : shapely.Geometry
        The land of the country.

    Returns
    -------
    Representative
        The population-weighted mean of the hubs if there are several and it lies inside the
        country; else the hub nearest to that mean; the only hub; or, without hubs, a point inside
        the largest piece of land.
    """
    if hubs.empty:
        largest = max(shapely.get_parts(shape), key=shapely.area)
        inside = largest.representative_point()
        return Representative(
            inside.x,
            inside.y,
            "point inside the largest piece of land (no listed hub)",
            "natural_earth",
        )
    if len(hubs) == 1:
        only = hubs.iloc[0]
        return Representative(
            only["lon"], only["lat"], f"the only listed hub, {only['name']}", "geonames"
        )
    lon, lat = _weighted_mean(hubs)
    if shape.covers(shapely.Point(lon, lat)):
        why = f"population-weighted mean of {len(hubs)} listed hubs"
        return Representative(lon, lat, why, "geonames;natural_earth")
    _, _, metres = GEOD.inv(
        np.full(len(hubs), lon),
        np.full(len(hubs), lat),
        hubs["lon"].to_numpy(dtype=float),
        hubs["lat"].to_numpy(dtype=float),
    )
    nearest = hubs.iloc[int(np.argmin(metres))]
    why = (
        f"{nearest['name']}, the hub nearest to the mean of {len(hubs)} hubs, "
        "which lies outside the country"
    )
    return Representative(nearest["lon"], nearest["lat"], why, "geonames;natural_earth")


def _weighted_mean(hubs: pd.DataFrame) -> tuple[float, float]:
    """Return the population-weighted mean place on the sphere, in degrees."""
    lon = np.radians(hubs["lon"].to_numpy(dtype=float))
    lat = np.radians(hubs["lat"].to_numpy(dtype=float))
    vectors = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    x, y, z = np.average(vectors, axis=0, weights=hubs["population"].to_numpy(dtype=float))
    return float(np.degrees(np.arctan2(y, x))), float(np.degrees(np.arctan2(z, np.hypot(x, y))))
