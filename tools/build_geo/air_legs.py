"""Legs by air, directed as reported, where land and sea do not explain the report."""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from typing import TYPE_CHECKING

from tools.build_geo.leg import Leg
from tools.build_geo.points import Place, Point, metres_between
from tools.build_geo.tables import read_records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

FEWEST_CASES = 10
FIRST_YEAR, LAST_YEAR = 2011, 2016

MISCODED = "NAM"
"""In the seizure records this code stands for a mis-read "NA" (not available), not for Namibia."""

PRODUCER = "AFG"
"""Records often name the country of production as the departure of what passed through others."""

Pair = tuple[str, str]


def air_legs(
    cases: Mapping[Pair, int],
    points: Iterable[Point],
    places: Mapping[str, Place],
    *,
    excluded: set[Pair],
) -> list[Leg]:
    """Return the legs by air that reported itineraries support.

    Parameters
    ----------
    cases : mapping of (str, str) to int
        Reported cases by country of departure and country of destination.
    points : iterable of Point
        The listed points, of which the airports are used.
    places : mapping of str to (float, float)
        Longitude and latitude of each country node.
    excluded : set of (str, str)
        Pairs that land or sea explains: a reported itinerary that leaves out the country between is
        not a flight.

    Returns
    -------
    list of Leg
        One leg for each direction that was reported often enough.
    """
    airports: dict[str, list[Point]] = defaultdict(list)
    for point in points:
        if point.kind == "airport":
            airports[point.countries[0]].append(point)
    return [
        Leg(
            from_node=start,
            to_node=end,
            mode="air",
            metres=min(
                metres_between(places[start], first.place)
                + metres_between(first.place, second.place)
                + metres_between(second.place, places[end])
                for first, second in product(airports[start], airports[end])
            ),
            crossings=0,
            points=tuple(airport.point for airport in (*airports[start], *airports[end])),
            why=f"reported seizure itineraries {FIRST_YEAR}-{LAST_YEAR}: {count} cases; "
            "listed airports in both countries",
            source="ids_2011_2016;points_list",
        )
        for (start, end), count in sorted(cases.items())
        if count >= FEWEST_CASES
        and (start, end) not in excluded
        and {start, end} <= airports.keys()
    ]


def reported_cases(path: Path) -> dict[Pair, int]:
    """Return the number of reported cases by direction.

    Domestic and mis-coded rows are left out, and so are departures from the country of production.

    Parameters
    ----------
    path : Path
        The evidence table of itineraries.

    Returns
    -------
    dict of (str, str) to int
        Cases summed over the years that air legs rest on.
    """
    cases: dict[Pair, int] = defaultdict(int)
    for row in read_records(path):
        start, end = row["from_node"], row["to_node"]
        if (
            start not in {end, PRODUCER}
            and MISCODED not in {start, end}
            and FIRST_YEAR <= int(row["year"]) <= LAST_YEAR
        ):
            cases[start, end] += int(float(row["cases"]))
    return dict(cases)


def within_two_steps(steps: set[Pair]) -> set[Pair]:
    """Return the pairs joined by one step or by two."""
    onward: dict[str, set[str]] = defaultdict(set)
    for start, end in steps:
        onward[start].add(end)
    return steps | {(start, last) for start, end in steps for last in onward[end] if last != start}
