"""Legs by air, directed as reported, where land and sea do not explain the report."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.build_geo.points import read_points
from tools.build_geo.tables import read_records

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tools.build_geo.workspace import Workspace

FEWEST_CASES = 10
FIRST_YEAR, LAST_YEAR = 2011, 2016

MISCODED = "NAM"
"""In the seizure records this code stands for a mis-read "NA" (not available), not for Namibia."""

PRODUCER = "AFG"
"""Records often name the country of production as the departure of what passed through others."""

Pair = tuple[str, str]


@dataclass(frozen=True)
class AirPair:
    """A direction in which reports support a leg by air, and why."""

    start: str
    end: str
    why: str


def air_pairs(work: Workspace) -> list[AirPair]:
    """Return the directions between countries that reported itineraries support by air.

    A reported itinerary that leaves out the country between is not a flight: pairs joined by sea,
    or over one or two crossings by land, are left out.

    Parameters
    ----------
    work : Workspace
        Folders of the build; reads ``points.csv``, ``sea_links.csv`` and the evidence table of
        itineraries.
    """
    points = read_points(work.geo / "points.csv").values()
    by_land = _both_ways(point.countries for point in points if point.kind == "crossing")
    links = read_records(work.geo / "sea_links.csv")
    by_sea = _both_ways((link["iso3_a"], link["iso3_b"]) for link in links)
    airports = {point.countries[0] for point in points if point.kind == "airport"}
    explained = by_sea | within_two_steps(by_land)
    cases = reported_cases(work.evidence / "itineraries.csv")
    return [
        AirPair(
            start,
            end,
            f"reported seizure itineraries {FIRST_YEAR}-{LAST_YEAR}: {count} cases; "
            "listed airports in both countries",
        )
        for (start, end), count in sorted(cases.items())
        if count >= FEWEST_CASES and (start, end) not in explained and {start, end} <= airports
    ]


def _both_ways(pairs: Iterable[Sequence[str]]) -> set[Pair]:
    """Return pairs in both directions."""
    return {way for first, second in pairs for way in ((first, second), (second, first))}


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
