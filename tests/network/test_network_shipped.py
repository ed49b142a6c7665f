from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely

import opiateroutes as opr
from opiateroutes.errors import NetworkWarning, UnknownNameError
from opiateroutes.network.shipped import LEVELS

MANIFEST = Path(__file__).parents[2] / "data" / "geo" / "manifest.json"
GRID_DEGREES = 0.001


@pytest.fixture(scope="module")
def net():
    return opr.load_network("countries")


@pytest.fixture(scope="module")
def crossings():
    return opr.load_network("crossings")


@pytest.fixture(scope="module", params=LEVELS)
def either(request):
    return request.getfixturevalue("net" if request.param == "countries" else request.param)


def test_the_land_neighbours_of_afghanistan(net):
    land = net.legs[net.legs["mode"] == "land"]
    into = set(land.loc[land["to_node"] == "AFG", "from_node"])
    assert set(land.loc[land["from_node"] == "AFG", "to_node"]) == into
    assert into == {"IRN", "PAK", "TJK", "TKM", "UZB"}  # the border with China has no crossing


@pytest.mark.parametrize("column", ["why", "source"])
def test_every_node_and_leg_says_why_it_exists_and_where_it_comes_from(either, column):
    for frame in (either.nodes, either.legs):
        assert frame[column].str.len().gt(0).all()


def findings(net):
    with pytest.warns(NetworkWarning):
        return net.check()


def explained():
    return set(json.loads(MANIFEST.read_text(encoding="utf-8"))["unconnected_nodes"])


def test_findings_are_the_nodes_that_the_manifest_explains(crossings):
    found = findings(crossings)
    assert set(found["table"]) == {"nodes"}
    assert set(found["row"]) == explained()
    assert found["value"].tolist() == [1] * len(found)


def test_a_country_is_apart_where_all_its_places_are(net, crossings):
    joined = crossings.nodes["iso3"].drop(index=list(explained()))
    found = findings(net)
    assert set(found["table"]) == {"nodes"}
    assert set(found["row"]) == set(net.nodes.index) - set(joined)
    assert found["value"].tolist() == [1] * len(found)


def test_land_and_sea_legs_go_both_ways_with_the_same_length(either):
    both = either.legs[either.legs["mode"] != "air"]
    length = both.set_index(["from_node", "to_node", "mode"])["distance_km"]
    back = length.rename_axis(["to_node", "from_node", "mode"]).reorder_levels([1, 0, 2])
    assert length.sort_index().to_dict() == back.sort_index().to_dict()


def test_legs_run_from_node_to_node(net):
    at = net.nodes.geometry
    first = net.legs.geometry.map(lambda line: line.coords[0])
    last = net.legs.geometry.map(lambda line: line.coords[-1])
    assert first.tolist() == [at[node].coords[0] for node in net.legs["from_node"]]
    assert last.tolist() == [at[node].coords[0] for node in net.legs["to_node"]]


def test_legs_between_crossings_run_from_node_to_node_on_the_grid(crossings):
    at, lines = crossings.nodes.geometry, crossings.legs.geometry.to_numpy()
    for end, vertex in (("from_node", 0), ("to_node", -1)):
        node = at[crossings.legs[end]].to_numpy()
        assert shapely.distance(shapely.get_point(lines, vertex), node).max() < GRID_DEGREES


def test_the_code_of_namibia_is_read_as_text(either):
    assert either.nodes["name"].notna().all()
    assert either.nodes["iso3"].str.fullmatch("[A-Z]{3}").all()


def test_both_levels_are_of_the_same_countries(net, crossings):
    assert set(net.nodes.index) == set(crossings.nodes["iso3"])


def test_the_level_stands_in_the_metadata(either):
    assert either.meta["level"] in LEVELS
    assert "OpenStreetMap contributors" in either.meta["licence"]
    assert either.meta["geometry"].startswith("schematic")


@pytest.mark.parametrize(
    ("level", "said"), [("country", "did you mean 'countries'"), ("streets", "there is countries")]
)
def test_an_unknown_level_suggests(level, said):
    with pytest.raises(UnknownNameError, match=said):
        opr.load_network(level)


@pytest.mark.parametrize("name", ["IRN", "irn", "iran", "Iran (Islamic Republic of)"])
def test_a_node_is_found_by_what_a_person_types(net, name):
    assert net.find_node(name) == "IRN"


@pytest.mark.parametrize("name", ["H-AFG-MAZARESH", "mazar-e sharif", "Mazār-e Sharīf"])
def test_a_place_is_found_by_what_a_person_types(crossings, name):
    assert crossings.find_node(name) == "H-AFG-MAZARESH"


def test_a_misspelled_node_suggests(net):
    with pytest.raises(UnknownNameError, match="'Tajikistan'"):
        net.find_node("tadjikistan")


def test_a_node_without_a_label_is_found_by_its_name():
    import pandas as pd

    nodes = pd.DataFrame({"node": ["a"], "name": ["Herat"]})
    assert (
        opr.RouteNetwork.from_tables(nodes, pd.DataFrame({"u": [], "v": []})).find_node("herat")
        == "a"
    )


@pytest.mark.parametrize(
    ("name", "node"),
    [
        ("  mazar-e   sharif ", "H-AFG-MAZARESH"),
        ("Spin Boldak", "AFG-PAK-CHAM@AFG"),
        ("wesh", "AFG-PAK-CHAM@AFG"),
        ("KBL", "A-KBL"),
        ("kbl", "A-KBL"),
    ],
)
def test_part_of_a_name_and_the_code_of_an_airport_do(crossings, name, node):
    assert crossings.find_node(name) == node


@pytest.mark.parametrize(
    ("name", "typed"), [("Iğdır", "igdir"), ("Igdir", "IĞDIR"), ("Tromsø", "tromso")]
)
def test_special_letters_are_folded(name, typed):
    import pandas as pd

    nodes = pd.DataFrame({"node": ["a"], "name": [name]})
    net = opr.RouteNetwork.from_tables(nodes, pd.DataFrame({"u": [], "v": []}))
    assert net.find_node(typed) == "a"


def test_a_crossing_with_two_sides_is_ambiguous(crossings):
    said = r"\(AFG-PAK-TORK@AFG \(AFG\), AFG-PAK-TORK@PAK \(PAK\)\)"
    with pytest.raises(UnknownNameError, match=said):
        crossings.find_node("Torkham")


@pytest.mark.parametrize("name", ["AFG", "afghanistan", "Iran", "Iran (Islamic Republic of)"])
def test_a_country_is_no_node_among_crossings(crossings, name):
    with pytest.raises(UnknownNameError, match=r"country of \d+ node.*by its code, (AFG|IRN)"):
        crossings.find_node(name)


@pytest.mark.parametrize("name", [None, 5, float("nan"), "", " "])
def test_what_is_no_name_is_an_unknown_name(either, name):
    with pytest.raises(UnknownNameError, match="no node"):
        either.find_node(name)


def test_a_code_of_a_country_and_of_an_airport_names_the_airport_first(crossings):
    with pytest.raises(UnknownNameError, match=r"give one of them \(A-FRA"):
        crossings.find_node("FRA")
