"""Assemble the directed legs between country nodes, by land, by sea and by air."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pandas as pd
from tools.build_geo.air_legs import air_legs, reported_cases, within_two_steps
from tools.build_geo.points import read_points
from tools.build_geo.surface_legs import land_legs, sea_legs
from tools.build_geo.tables import read_records, write_table

if TYPE_CHECKING:
    from tools.build_geo.workspace import Workspace

log = logging.getLogger(__name__)


def build_legs(work: Workspace) -> None:
    """Write ``legs.csv``. Nothing is downloaded.

    Parameters
    ----------
    work : Workspace
        Folders of the build; reads ``nodes.csv``, ``points.csv``, ``sea_links.csv`` and the
        evidence table of itineraries.
    """
    nodes = read_records(work.geo / "nodes.csv")
    places = {row["node"]: (float(row["lon"]), float(row["lat"])) for row in nodes}
    points = read_points(work.geo / "points.csv")
    land = land_legs(points.values(), places)
    sea = sea_legs(read_records(work.geo / "sea_links.csv"), points, places)
    land_pairs = {(leg.from_node, leg.to_node) for leg in land}
    sea_pairs = {(leg.from_node, leg.to_node) for leg in sea}
    air = air_legs(
        reported_cases(work.evidence / "itineraries.csv"),
        points.values(),
        places,
        excluded=sea_pairs | within_two_steps(land_pairs),
    )
    table = pd.DataFrame([leg.row() for leg in (*land, *sea, *air)])
    write_table(table, work.geo / "legs.csv", sort_by=["leg"])
    log.info("legs: %d by land, %d by sea, %d by air", len(land), len(sea), len(air))
