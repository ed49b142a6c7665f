"""The networks that ship with the library."""

from __future__ import annotations

import pandas as pd
import shapely

from opiateroutes.data import data_path, nearest
from opiateroutes.errors import UnknownNameError
from opiateroutes.network.route_network import RouteNetwork

__all__ = ["LEVELS", "load_network"]

LEVELS: tuple[str, ...] = ("countries",)
"""Resolutions that ship."""


def load_network(level: str = "countries") -> RouteNetwork:
    """Load a shipped network.

    Parameters
    ----------
    level
        Resolution; ``"countries"`` is the one that ships.

    Returns
    -------
    RouteNetwork
        Nodes are countries at a representative point; legs join countries that share an official
        land crossing, ports that a lane links, and airports between which itineraries were
        reported. Column ``why`` of the legs says which.

    Raises
    ------
    UnknownNameError
        If there is no such level.

    Examples
    --------
    >>> net = load_network("countries")
    >>> sorted(net.legs.query("from_node == 'AFG' and mode == 'land'")["to_node"])
    ['IRN', 'PAK', 'TJK', 'TKM', 'UZB']
    """
    if level not in LEVELS:
        raise UnknownNameError(
            f"no network {level!r} ships{nearest(level, LEVELS)}; there is {', '.join(LEVELS)}"
        )
    text = {"keep_default_na": False, "na_values": [""]}
    nodes = pd.read_csv(data_path("geo/nodes.csv"), **text)
    legs = pd.read_csv(data_path("geo/legs.csv"), **text)
    at = nodes.set_index("node")
    ends = at.loc[legs["from_node"], ["lon", "lat"]], at.loc[legs["to_node"], ["lon", "lat"]]
    lines = shapely.linestrings([list(z) for z in zip(*(e.to_numpy() for e in ends), strict=True)])
    meta = {
        "level": level,
        "title": "Afghan opiate routes",
        "licence": "ODbL 1.0 (legs, (c) OpenStreetMap contributors), CC BY 4.0 (nodes, GeoNames)",
        "geometry": "schematic: straight between representative points",
    }
    return RouteNetwork.from_tables(nodes, legs.assign(geometry=lines), meta=meta)
