"""The network of crossings: both sides are joined to their country, all lengths are possible."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import shapely
from tools.build_geo.points import GEOD
from tools.build_geo.road_graph import FLOOR_KM
from tools.build_geo.workspace import RULES

import opiateroutes as opr

HERE = Path(__file__).parent

ROUNDED_KM = 0.05
"""Lengths are given to a tenth of a kilometre."""

ROUNDED_DEGREES = 0.0005 * np.sqrt(2) + 1e-9
"""Lines lie on a grid of a thousandth of a degree, nodes do not: half the diagonal of its cell."""

LONGEST_TYPED = 2.1
"""Times the straight line: the way from Uchkurgan round a boundary to Osh is the most winding."""

ABROAD_SHARE, ABROAD_KM = 0.25, 10.0
"""A line may leave its country this far where a straight edge cuts the bend of a boundary."""


def records(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def net():
    return opr.load_network("crossings")


@pytest.fixture(scope="module")
def legs(net):
    """Return the legs with the great circle between their ends and the countries of both."""
    ends = net.legs["from_node"], net.legs["to_node"]
    lon, lat = (
        [getattr(net.nodes.geometry, axis)[end].to_numpy() for end in ends] for axis in "xy"
    )
    _, _, metres = GEOD.inv(lon[0], lat[0], lon[1], lat[1])
    iso3 = [net.nodes["iso3"][end].to_numpy() for end in ends]
    return net.legs.assign(straight_km=metres / 1000, from_iso3=iso3[0], to_iso3=iso3[1])


@pytest.fixture(scope="module")
def land(legs):
    return legs[legs["mode"].isin(["road", "rail"])]


@pytest.fixture(scope="module")
def inland(land):
    return land[~land["border"]]


@pytest.fixture(scope="module")
def border(land):
    return land[land["border"]]


@pytest.fixture(scope="module")
def links():
    return records(RULES / "manual_links.csv")


def one_way(legs):
    return legs[legs["from_node"] < legs["to_node"]]


def digraph(net, legs):
    graph = nx.DiGraph()
    graph.add_nodes_from(net.nodes.index)
    graph.add_edges_from(zip(legs["from_node"], legs["to_node"], strict=True))
    return graph


def test_nodes_are_both_sides_of_crossings_ports_airports_and_hubs(net, geo):
    listed = set()
    for row in records(geo / "points.csv"):
        sides = [f"{row['point']}@{row[end]}" for end in ("iso3_a", "iso3_b")]
        listed.update(sides if row["kind"] == "crossing" else [row["point"]])
    listed.update(row["hub"] for row in records(geo / "hubs.csv"))
    assert set(net.nodes.index) == listed
    assert len(listed) == 857


def test_both_sides_of_a_crossing_stand_at_one_place(net):
    sides = net.nodes[net.nodes["kind"] == "crossing"]
    assert (sides.groupby("point")["iso3"].nunique() == 2).all()
    assert (sides.geometry.to_wkb().groupby(sides["point"]).nunique() == 1).all()


def test_every_pair_of_neighbours_with_a_crossing_is_joined_by_it(net, border, geo):
    pairs = {
        frozenset((row["iso3_a"], row["iso3_b"]))
        for row in records(geo / "points.csv")
        if row["kind"] == "crossing"
    }
    found = {frozenset(pair) for pair in zip(border["from_iso3"], border["to_iso3"], strict=True)}
    assert found == pairs
    assert set().union(*pairs) <= set(net.nodes["iso3"])


def test_every_place_is_joined_to_the_largest_hub_of_its_country_unless_listed(net, inland):
    graph = digraph(net, inland)
    hubs = net.nodes[net.nodes["kind"] == "hub"].sort_values(["iso3", "population"])
    largest = dict(zip(hubs["iso3"], hubs.index, strict=True))
    apart = set()
    for code, hub in largest.items():
        joined = (nx.ancestors(graph, hub) & nx.descendants(graph, hub)) | {hub}
        apart |= set(net.nodes.index[net.nodes["iso3"] == code]) - joined
    listed = {row["node"]: row["reason"] for row in records(HERE / "unconnected_sides.csv")}
    assert apart == set(listed)
    assert all(listed.values())
    assert set(net.nodes.loc[net.nodes["kind"] == "crossing", "iso3"]) <= set(largest)


def test_network_is_one_part_but_for_nodes_with_a_reason(net, geo):
    graph = digraph(net, net.legs)
    main = max(nx.weakly_connected_components(graph), key=len)
    reasons = json.loads((geo / "manifest.json").read_text(encoding="utf-8"))["unconnected_nodes"]
    assert set(graph) - main == set(reasons)
    assert all(reasons.values())


def test_border_legs_join_the_two_sides_of_one_crossing_at_the_floor(border):
    first, second = (
        border[end].str.rsplit("@", n=1, expand=True) for end in ("from_node", "to_node")
    )
    assert (first[0] == second[0]).all()
    assert (first[0] == border["points"]).all()
    assert (first[1] != second[1]).all()
    assert (border["distance_km"] == FLOOR_KM).all()
    assert (border["crossings"] == 1).all()


def test_every_crossing_has_a_border_leg_each_way(net, border):
    sides = net.nodes.index[net.nodes["kind"] == "crossing"]
    assert sorted(border["from_node"]) == sorted(border["to_node"]) == sorted(sides)


def test_inland_legs_stay_in_one_country(inland):
    assert (inland["from_iso3"] == inland["to_iso3"]).all()
    assert (inland["crossings"] == 0).all()


def test_border_says_whether_the_countries_differ(legs):
    assert (legs["border"] == (legs["from_iso3"] != legs["to_iso3"])).all()


def test_legs_are_named_after_what_they_join(net):
    legs = net.legs
    assert (legs.index == legs["from_node"] + ">" + legs["to_node"] + ":" + legs["mode"]).all()
    assert set(legs["mode"]) == {"road", "rail", "sea", "air"}


def test_a_rail_crossing_is_joined_by_rail(border):
    by_rail = border[border["mode"] == "rail"]
    assert by_rail["rail"].all()
    assert {"AFG-IRN-SHAM", "TKM-KAZ-SERH", "UZB-KAZ-KELE"} <= set(by_rail["points"])


def test_no_leg_is_shorter_than_the_great_circle(legs):
    short = legs[legs["distance_km"] < legs["straight_km"] - ROUNDED_KM]
    assert list(short.index) == []


def test_flights_are_as_long_as_the_great_circle(legs):
    air = legs[legs["mode"] == "air"]
    assert air["distance_km"].to_numpy() == pytest.approx(air["straight_km"], abs=ROUNDED_KM + 1e-9)


def test_lines_run_from_node_to_node(net):
    lines = net.legs.geometry.to_numpy()
    for end, vertex in (("from_node", 0), ("to_node", -1)):
        node = net.nodes.geometry[net.legs[end]].to_numpy()
        assert shapely.distance(shapely.get_point(lines, vertex), node).max() <= ROUNDED_DEGREES


def test_land_and_sea_legs_have_a_way_back_like_the_way_out(net):
    legs = net.legs[net.legs["mode"] != "air"]
    back = legs.set_index(legs["to_node"] + ">" + legs["from_node"] + ":" + legs["mode"])
    assert back.index.is_unique
    back = back.reindex(legs.index)
    same = ["distance_km", "border", "crossings", "rail", "points", "why", "source"]
    assert back[same].equals(legs[same])
    turned = shapely.reverse(back.geometry.to_numpy())
    assert shapely.equals_exact(turned, legs.geometry.to_numpy(), tolerance=0).all()


def test_airports_end_one_inland_leg_at_most(net, inland):
    airports = net.nodes.index[net.nodes["kind"] == "airport"]
    for end in ("from_node", "to_node"):
        assert inland[end].value_counts().reindex(airports).fillna(0).max() == 1


def test_flights_join_airports(net, legs):
    air = legs[legs["mode"] == "air"]
    assert set(net.nodes["kind"][[*air["from_node"], *air["to_node"]]]) == {"airport"}
    assert air["border"].all()


def test_sea_legs_join_listed_pairs_of_ports(legs, geo):
    sea = one_way(legs[legs["mode"] == "sea"])
    listed = {(row["point_a"], row["point_b"]) for row in records(geo / "sea_links.csv")}
    assert set(zip(sea["from_node"], sea["to_node"], strict=True)) == listed


def test_typed_links_are_no_shorter_than_straight_and_not_much_longer(links, inland):
    straight = inland.set_index(["from_node", "to_node"])["straight_km"]
    for link in links:
        ratio = float(link["km"]) / straight[link["place_a"], link["place_b"]]
        assert 1 <= ratio <= LONGEST_TYPED, link


def test_typed_links_are_legs_of_their_length_and_say_why(links, inland):
    typed = inland[inland["source"] == "manual_links"]
    pairs = [frozenset((link["place_a"], link["place_b"])) for link in links]
    assert len(set(pairs)) == len(pairs)
    assert len(typed) == 2 * len(links)
    length = typed.set_index(["from_node", "to_node"])["distance_km"]
    for link in links:
        assert length[link["place_a"], link["place_b"]] == float(link["km"])
        assert link["note"]


def test_readme_counts_the_typed_links(links, geo):
    assert f"{len(links)} gaps of the graph" in (geo / "README.md").read_text(encoding="utf-8")


def test_no_line_runs_far_through_another_country_unless_listed(inland, countries):
    legs = one_way(inland)
    lines, shapes = legs.geometry.to_numpy(), countries.geometry.to_numpy()
    found, country = shapely.STRtree(shapes).query(lines, predicate="intersects")
    codes = countries.index.to_numpy()[country]
    abroad = codes != legs["from_iso3"].to_numpy()[found]
    found, country, codes = found[abroad], country[abroad], codes[abroad]
    parts = shapely.intersection(lines[found], shapes[country])
    km = np.array([GEOD.geometry_length(part) for part in parts]) / 1000
    whole = np.array([GEOD.geometry_length(line) for line in lines[found]]) / 1000
    far = (km > ABROAD_KM) & (km > ABROAD_SHARE * whole)
    ends = legs.iloc[found[far]]
    listed = records(HERE / "lines_abroad.csv")
    assert all(row["reason"] for row in listed)
    assert set(zip(ends["from_node"], ends["to_node"], codes[far], strict=True)) == {
        (row["from_node"], row["to_node"], row["iso3"]) for row in listed
    }
