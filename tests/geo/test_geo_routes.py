"""Ways through the network of crossings, against distances that it was not made from.

``routes.csv`` holds quoted distances, which are recalled and not surveyed, with a band of at most
15 % around each, or, where none is known, bands from the great circle. No band was fitted to the
network. A row with a fault is known to be off: its test must fail, so that a repair clears it.
"""

from __future__ import annotations

import csv
import statistics
from pathlib import Path

import networkx as nx
import pytest
from tools.build_geo.points import GEOD

import opiateroutes as opr

FARTHEST_FROM_QUOTED = 0.15
LONGEST_WAY_ROUND = 1.6
CORRIDORS = {
    "source", "balkan", "northern", "southern", "caucasus", "sea", "gulf", "south_asia",
    "east_africa", "western_europe",
}  # fmt: skip

with (Path(__file__).parent / "routes.csv").open(encoding="utf-8", newline="") as stream:
    ROUTES = list(csv.DictReader(stream))


def case(row):
    marks = []
    if row["fault"]:
        marks.append(pytest.mark.xfail(reason=row["fault"], raises=AssertionError))
    return pytest.param(row, id=f"{row['from_node']} {row['to_node']}", marks=marks)


@pytest.fixture(scope="module")
def net():
    return opr.load_network("crossings")


@pytest.fixture(scope="module")
def surface(net):
    graph = net.to_networkx(cost="distance_km")
    by_air = [
        (*ends, leg) for *ends, leg, mode in graph.edges(keys=True, data="mode") if mode == "air"
    ]
    graph.remove_edges_from(by_air)
    return graph


@pytest.mark.parametrize("row", list(map(case, ROUTES)))
def test_shortest_way_has_the_quoted_length_and_passes_the_crossings(surface, row):
    km, way = nx.single_source_dijkstra(surface, row["from_node"], row["to_node"], weight="cost")
    assert float(row["low_km"]) <= km <= float(row["high_km"])
    assert set(row["via"].split(";")) - {""} <= set(way)


@pytest.mark.parametrize("row", ROUTES[::10], ids=lambda row: row["from_node"])
def test_the_way_back_is_as_long(surface, row):
    ends = row["from_node"], row["to_node"]
    out, back = (
        nx.dijkstra_path_length(surface, *pair, weight="cost") for pair in (ends, ends[::-1])
    )
    assert out == pytest.approx(back)


def test_table_covers_every_corridor():
    assert {row["corridor"] for row in ROUTES} == CORRIDORS
    assert len({(row["from_node"], row["to_node"]) for row in ROUTES}) == len(ROUTES)
    assert sum(not row["fault"] for row in ROUTES) >= 45


def test_table_names_nodes_that_exist(net):
    named = {row[end] for row in ROUTES for end in ("from_node", "to_node")}
    via = {node for row in ROUTES for node in row["via"].split(";") if node}
    assert named | via <= set(net.nodes.index)


def test_bands_are_narrow_and_say_what_they_rest_on(net):
    place = net.nodes.geometry
    for row in ROUTES:
        low, high = float(row["low_km"]), float(row["high_km"])
        assert low < high
        if row["quoted_km"]:
            quoted = float(row["quoted_km"])
            assert quoted * (1 - FARTHEST_FROM_QUOTED) - 1 <= low <= quoted
            assert quoted <= high <= quoted * (1 + FARTHEST_FROM_QUOTED) + 1
            assert "recalled" in row["basis"]
        else:
            start, end = place[row["from_node"]], place[row["to_node"]]
            straight = GEOD.inv(start.x, start.y, end.x, end.y)[2] / 1000
            assert straight - 1 <= low
            assert high <= straight * LONGEST_WAY_ROUND + 1
            assert row["basis"].startswith("great circle")


def test_the_median_length_is_within_a_twentieth_of_the_quoted_one(surface):
    ratios = [
        nx.dijkstra_path_length(surface, row["from_node"], row["to_node"], weight="cost")
        / float(row["quoted_km"])
        for row in ROUTES
        if row["quoted_km"]
    ]
    assert statistics.median(ratios) == pytest.approx(1, abs=0.05)
