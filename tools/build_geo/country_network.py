"""The network of countries: the aggregate of the network of crossings, written as tables."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pandas as pd
from tools.build_geo.tables import write_table

from opiateroutes.network.shipped import read_levels_from

if TYPE_CHECKING:
    from tools.build_geo.workspace import Workspace

log = logging.getLogger(__name__)


def build_country_network(work: Workspace) -> None:
    """Write ``country_nodes.csv`` and ``country_legs.csv``. Nothing is downloaded.

    Parameters
    ----------
    work : Workspace
        Folders of the build; reads ``crossing_nodes.csv`` and ``crossing_legs.parquet``.
    """
    net = read_levels_from(work.geo, "crossings").aggregate("countries")
    nodes = pd.DataFrame(net.nodes.drop(columns="geometry"))
    nodes.insert(4, "lon", net.nodes.geometry.x)
    nodes.insert(5, "lat", net.nodes.geometry.y)
    legs = pd.DataFrame(net.legs.drop(columns="geometry"))
    write_table(nodes.reset_index(), work.geo / "country_nodes.csv", sort_by=["node"])
    write_table(legs.reset_index(), work.geo / "country_legs.csv", sort_by=["leg"])
    log.info("network of countries: %d nodes, %d legs", len(nodes), len(legs))
