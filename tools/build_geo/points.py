"""The listed crossings, ports and airports, as they are in ``points.csv``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyproj import Geod
from tools.build_geo.tables import read_records

if TYPE_CHECKING:
    from pathlib import Path

GEOD = Geod(ellps="WGS84")

Place = tuple[float, float]
"""Longitude and latitude in degrees."""


@dataclass(frozen=True)
class Point:
    """One listed point.

    Attributes
    ----------
    point : str
        Identifier.
    kind : str
        ``crossing``, ``port`` or ``airport``.
    name : str
        Name as listed.
    countries : tuple of str
        The two countries of a crossing in alphabetical order, or the one country of a port or an
        airport.
    place : tuple of float
        Longitude and latitude.
    """

    point: str
    kind: str
    name: str
    countries: tuple[str, ...]
    place: Place


def read_points(path: Path) -> dict[str, Point]:
    """Return the listed points by identifier, in the order of the table."""
    return {
        row["point"]: Point(
            point=row["point"],
            kind=row["kind"],
            name=row["name"],
            countries=tuple(sorted(code for code in (row["iso3_a"], row["iso3_b"]) if code)),
            place=(float(row["lon"]), float(row["lat"])),
        )
        for row in read_records(path)
    }


def metres_between(first: Place, second: Place) -> float:
    """Return the geodesic distance between two places in metres."""
    _, _, metres = GEOD.inv(*first, *second)
    return float(metres)
