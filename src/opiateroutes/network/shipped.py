"""The networks that ship with the library, at two resolutions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import shapely

from opiateroutes.data import data_path, nearest
from opiateroutes.errors import UnknownNameError
from opiateroutes.network.route_network import RouteNetwork

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LEVELS", "load_network", "read_levels_from"]

LEVELS: tuple[str, ...] = ("countries", "crossings")
"""Resolutions that ship."""

_GEOMETRY = {
    "countries": "schematic: straight between representative nodes",
    "crossings": "schematic: straight between road junctions, generalised lanes, great circles",
}


def load_network(level: str = "countries") -> RouteNetwork:
    """Load a shipped network.

    Parameters
    ----------
    level
        ``"countries"``: nodes are countries, legs join those that share an official crossing, a
        sea link or reported flights. ``"crossings"``: nodes are both sides of official crossings,
        ports, airports and hub cities; border legs (column ``border``) join the two sides of a
        crossing or two countries by sea or air, inland legs follow the shortest road. The network
        of countries is the aggregate of the network of crossings, column by column.

    Returns
    -------
    RouteNetwork
        Column ``why`` of the legs says why each exists; lengths in ``distance_km`` are true,
        shapes are schematic.

    Raises
    ------
    UnknownNameError
        If there is no such level.

    Examples
    --------
    >>> net = load_network("countries")
    >>> sorted(net.legs.query("from_node == 'AFG' and mode == 'land'")["to_node"])
    ['IRN', 'PAK', 'TJK', 'TKM', 'UZB']
    >>> load_network("crossings").nodes["kind"].value_counts()["crossing"].item()
    442
    """
    if level not in LEVELS:
        raise UnknownNameError(
            f"no network {level!r} ships{nearest(level, LEVELS)}; there is {', '.join(LEVELS)}"
        )
    return read_levels_from(data_path("geo"), level)


def read_levels_from(folder: Path, level: str) -> RouteNetwork:
    """Read a network of the shipped layout from a folder; the build of the geodata uses it too.

    Examples
    --------
    >>> read_levels_from(data_path("geo"), "countries")
    <RouteNetwork countries: 84 nodes, 394 legs>
    """
    stem = "country" if level == "countries" else "crossing"
    text = {"keep_default_na": False, "na_values": [""]}
    nodes = pd.read_csv(folder / f"{stem}_nodes.csv", **text)
    if level == "countries":
        legs = pd.read_csv(folder / "country_legs.csv", **text)
        at = nodes.set_index("node")[["lon", "lat"]]
        ends = (at.loc[legs[end]].to_numpy() for end in ("from_node", "to_node"))
        lines = shapely.linestrings([list(pair) for pair in zip(*ends, strict=True)])
        legs = legs.assign(geometry=lines)
    else:
        legs = gpd.read_parquet(folder / "crossing_legs.parquet")
    meta = {
        "level": level,
        "title": "Afghan opiate routes",
        "licence": "ODbL 1.0 (legs, (c) OpenStreetMap contributors), CC BY 4.0 (nodes, GeoNames)",
        "geometry": _GEOMETRY[level],
    }
    return RouteNetwork.from_tables(nodes, legs, meta=meta)
