"""Legs by land and by sea, which the list of points and sea links alone decides."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tools.build_geo.leg import Leg
from tools.build_geo.points import Place, Point, metres_between

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def land_legs(points: Iterable[Point], places: Mapping[str, Place]) -> list[Leg]:
    """Return a leg each way for every pair of countries that shares a listed crossing.

    Parameters
    ----------
    points : iterable of Point
        The listed points, of which the crossings are used; tunnels, bridges and causeways over the
        sea are among them.
    places : mapping of str to (float, float)
        Longitude and latitude of each country node.

    Returns
    -------
    list of Leg
        The distance is that of the shortest way from node to crossing to node along geodesics:
        schematic, and shorter than any road.
    """
    by_pair: dict[tuple[str, ...], list[Point]] = defaultdict(list)
    for point in points:
        if point.kind == "crossing":
            by_pair[point.countries].append(point)
    legs: list[Leg] = []
    for (first, second), shared in sorted(by_pair.items()):
        names = ", ".join(point.name for point in shared)
        leg = Leg(
            from_node=first,
            to_node=second,
            mode="land",
            metres=min(
                metres_between(places[first], point.place)
                + metres_between(point.place, places[second])
                for point in shared
            ),
            crossings=len(shared),
            points=tuple(point.point for point in shared),
            why=f"{_count(shared, 'official land crossing')} in the list: {names}; "
            "distance by the shortest, schematic",
            source="points_list",
        )
        legs += leg.there_and_back()
    return legs


def sea_legs(
    links: Iterable[Mapping[str, str]],
    points: Mapping[str, Point],
    places: Mapping[str, Place],
) -> list[Leg]:
    """Return a leg each way for every pair of countries that a listed sea link or ferry joins.

    Parameters
    ----------
    links : iterable of mapping
        Rows of ``sea_links.csv``; links within one country make no leg.
    points : mapping of str to Point
        The listed points.
    places : mapping of str to (float, float)
        Longitude and latitude of each country node.

    Returns
    -------
    list of Leg
        The distance is the shortest over the port pairs of node to port, along the lane, and port
        to node.
    """
    by_pair: dict[tuple[str, str], list[Mapping[str, str]]] = defaultdict(list)
    for link in links:
        if link["iso3_a"] != link["iso3_b"]:
            first, second = sorted((link["iso3_a"], link["iso3_b"]))
            by_pair[first, second].append(link)
    legs: list[Leg] = []
    for (first, second), shared in sorted(by_pair.items()):
        names = ", ".join(_link_name(link, points) for link in shared)
        leg = Leg(
            from_node=first,
            to_node=second,
            mode="sea",
            metres=min(_link_metres(link, points, places) for link in shared),
            crossings=len(shared),
            points=tuple({link[end] for link in shared for end in ("point_a", "point_b")}),
            why=f"{_count(shared, 'sea link')} between listed ports: {names}; "
            "distance by the shortest, schematic",
            source="points_list;searoute",
        )
        legs += leg.there_and_back()
    return legs


def _count(items: list[Point] | list[Mapping[str, str]], thing: str) -> str:
    """Return a number with its noun."""
    return f"{len(items)} {thing}" if len(items) == 1 else f"{len(items)} {thing}s"


def _link_name(link: Mapping[str, str], points: Mapping[str, Point]) -> str:
    """Return the two port names of a sea link, and its kind of service."""
    return f"{points[link['point_a']].name} – {points[link['point_b']].name} ({link['service']})"


def _link_metres(
    link: Mapping[str, str],
    points: Mapping[str, Point],
    places: Mapping[str, Place],
) -> float:
    """Return the length from node to port, along the lane, and from port to node."""
    ashore = sum(
        metres_between(places[link[f"iso3_{end}"]], points[link[f"point_{end}"]].place)
        for end in ("a", "b")
    )
    return ashore + 1000 * float(link["lane_km"])
