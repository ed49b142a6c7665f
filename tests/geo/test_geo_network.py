"""Points and the network of countries: every statement goes back to a row of the lists."""

from __future__ import annotations

import csv
import json
from collections import Counter

import networkx as nx
import pytest
import shapely
from tools.build_geo.points import metres_between, read_points

CLOSEST_DEGREES = 0.7


@pytest.fixture(scope="module")
def tables(geo):
    def read(name):
        with (geo / name).open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    names = ("points", "hubs", "sea_links", "country_nodes", "country_legs", "crossing_nodes")
    return {name: read(f"{name}.csv") for name in names}


@pytest.fixture(scope="module")
def points(geo):
    return read_points(geo / "points.csv")


@pytest.fixture(scope="module")
def places(tables):
    return {row["node"]: (float(row["lon"]), float(row["lat"])) for row in tables["country_nodes"]}


def legs_by(tables, mode):
    return [leg for leg in tables["country_legs"] if leg["mode"] == mode]


def test_points_are_the_listed_ones(tables):
    kinds = Counter(row["kind"] for row in tables["points"])
    assert kinds == {"crossing": 221, "port": 126, "airport": 88}
    assert len({row["point"] for row in tables["points"]}) == 435
    assert all(row["precision_class"] and row["precision_note"] for row in tables["points"])
    assert all(bool(row["iso3_b"]) == (row["kind"] == "crossing") for row in tables["points"])


def test_no_note_carries_a_failed_check(tables):
    assert not [row["point"] for row in tables["points"] if " nan" in row["precision_note"]]


def test_crossings_lie_near_both_countries(tables, countries):
    fixed_links = {"FRA-GBR-TUNN", "DNK-SWE-ORES", "SAU-BHR-CAUS"}
    for row in tables["points"]:
        if row["kind"] == "crossing" and row["point"] not in fixed_links:
            place = shapely.Point(float(row["lon"]), float(row["lat"]))
            for code in (row["iso3_a"], row["iso3_b"]):
                assert countries.geometry[code].distance(place) < 0.15, row["point"]


def test_hubs_lie_in_their_country(tables, countries):
    assert len(tables["hubs"]) == 201
    for hub in tables["hubs"]:
        place = shapely.Point(float(hub["lon"]), float(hub["lat"]))
        assert countries.geometry[hub["iso3"]].distance(place) < 0.05, hub["hub"]


def test_every_country_with_a_point_is_a_node(tables, points):
    listed = {code for point in points.values() for code in point.countries}
    assert {row["node"] for row in tables["country_nodes"]} == listed
    assert len(listed) == 84
    assert all(row["why"] and row["source"] and row["label"] for row in tables["country_nodes"])


def test_a_country_stands_at_one_of_its_own_places(tables):
    stands = {(row["iso3"], row["lon"], row["lat"]) for row in tables["crossing_nodes"]}
    for row in tables["country_nodes"]:
        assert (row["iso3"], row["lon"], row["lat"]) in stands, row["node"]


def test_nodes_lie_in_their_country(places, countries):
    for node, place in places.items():
        assert countries.geometry[node].distance(shapely.Point(place)) < 0.05, node


def test_nodes_do_not_cover_each_other(places):
    ordered = sorted(places)
    for position, first in enumerate(ordered):
        for second in ordered[position + 1 :]:
            apart = shapely.Point(places[first]).distance(shapely.Point(places[second]))
            assert apart > CLOSEST_DEGREES, (first, second)


def test_russia_is_drawn_in_its_european_part(places):
    lon, lat = places["RUS"]
    assert 35 < lon < 55
    assert 50 < lat < 60


def test_legs_are_complete(tables, places):
    for leg in tables["country_legs"]:
        assert leg["leg"] == f"{leg['from_node']}>{leg['to_node']}:{leg['mode']}"
        assert {leg["from_node"], leg["to_node"]} <= places.keys()
        assert leg["border"] == "True"
        assert leg["why"]
        assert leg["source"]
        assert leg["points"].split(";") == sorted(set(leg["points"].split(";")))
    assert len({leg["leg"] for leg in tables["country_legs"]}) == len(tables["country_legs"])


def test_a_leg_is_never_shorter_than_the_straight_way(tables, places):
    for leg in tables["country_legs"]:
        straight = metres_between(places[leg["from_node"]], places[leg["to_node"]]) / 1000
        assert float(leg["distance_km"]) > 0
        assert float(leg["distance_km"]) >= straight - 0.2, leg["leg"]


def test_land_legs_rest_on_crossings_of_their_pair(tables, points):
    legs = legs_by(tables, "land")
    for leg in legs:
        used = [points[name] for name in leg["points"].split(";")]
        assert int(leg["crossings"]) == len(used)
        for point in used:
            assert point.kind == "crossing"
            assert set(point.countries) == {leg["from_node"], leg["to_node"]}
    used = {name for leg in legs for name in leg["points"].split(";")}
    assert used == {name for name, point in points.items() if point.kind == "crossing"}


def test_land_neighbours_of_afghanistan(tables):
    ends = {leg["to_node"] for leg in legs_by(tables, "land") if leg["from_node"] == "AFG"}
    assert ends == {"IRN", "PAK", "TJK", "TKM", "UZB"}


def test_land_legs_join_neighbours_or_fixed_links(tables, boundaries):
    neighbours = set(zip(boundaries["iso3_a"], boundaries["iso3_b"], strict=True))
    fixed_links = {("FRA", "GBR"), ("DNK", "SWE"), ("BHR", "SAU")}
    pairs = {tuple(sorted((leg["from_node"], leg["to_node"]))) for leg in legs_by(tables, "land")}
    assert pairs <= neighbours | fixed_links
    assert fixed_links <= pairs


def test_land_and_sea_legs_go_both_ways_alike(tables):
    legs = {leg["leg"]: leg for leg in tables["country_legs"] if leg["mode"] != "air"}
    for leg in legs.values():
        back = legs[f"{leg['to_node']}>{leg['from_node']}:{leg['mode']}"]
        assert back["distance_km"] == leg["distance_km"]
        assert back["points"] == leg["points"]


def test_sea_legs_rest_on_listed_ports(tables, points):
    for leg in legs_by(tables, "sea"):
        used = [points[name] for name in leg["points"].split(";")]
        assert {point.kind for point in used} == {"port"}
        assert {point.countries[0] for point in used} == {leg["from_node"], leg["to_node"]}


def test_sea_links_are_no_shorter_than_the_straight_way(tables, points):
    for link in tables["sea_links"]:
        first, second = points[link["point_a"]], points[link["point_b"]]
        assert (first.countries, second.countries) == ((link["iso3_a"],), (link["iso3_b"],))
        straight = metres_between(first.place, second.place) / 1000
        assert straight * 0.99 < float(link["lane_km"]) < straight * 4


def test_the_caspian_is_a_sea_of_its_own(tables, points):
    shores = {"AZE", "IRN", "KAZ", "RUS", "TKM"}
    in_caspian = {
        name
        for name, point in points.items()
        if point.kind == "port" and 46 < point.place[0] < 55 and 36 < point.place[1] < 48
    }
    for link in tables["sea_links"]:
        ends = {link["point_a"], link["point_b"]}
        assert ends <= in_caspian or not ends & in_caspian
        if ends <= in_caspian:
            assert {link["iso3_a"], link["iso3_b"]} <= shores


def test_air_legs_add_what_land_and_sea_do_not_explain(tables, points):
    surface = nx.Graph()
    surface.add_edges_from((leg["from_node"], leg["to_node"]) for leg in legs_by(tables, "land"))
    by_sea = {(leg["from_node"], leg["to_node"]) for leg in legs_by(tables, "sea")}
    legs = legs_by(tables, "air")
    assert legs
    for leg in legs:
        pair = leg["from_node"], leg["to_node"]
        assert pair not in by_sea
        if surface.has_node(pair[0]) and surface.has_node(pair[1]):
            near = nx.single_source_shortest_path_length(surface, pair[0], cutoff=2)
            assert pair[1] not in near
        assert {points[name].countries[0] for name in leg["points"].split(";")} == set(pair)
        assert "NAM" not in pair


def test_network_is_connected_except_where_the_manifest_says_why(tables, geo):
    graph = nx.Graph((leg["from_node"], leg["to_node"]) for leg in tables["country_legs"])
    graph.add_nodes_from(row["node"] for row in tables["country_nodes"])
    main = max(nx.connected_components(graph), key=len)
    manifest = json.loads((geo / "manifest.json").read_text(encoding="utf-8"))
    apart = manifest["unconnected_nodes"]
    joined = {row["iso3"] for row in tables["crossing_nodes"] if row["node"] not in apart}
    assert "AFG" in main
    assert main == joined
    assert all(apart.values())
