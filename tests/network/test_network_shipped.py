from __future__ import annotations

import json
from pathlib import Path

import pytest

import opiateroutes as opr
from opiateroutes.errors import NetworkWarning, UnknownNameError

MANIFEST = Path(__file__).parents[2] / "data" / "geo" / "manifest.json"


@pytest.fixture(scope="module")
def net():
    return opr.load_network("countries")


def test_the_land_neighbours_of_afghanistan(net):
    land = net.legs[net.legs["mode"] == "land"]
    into = set(land.loc[land["to_node"] == "AFG", "from_node"])
    assert set(land.loc[land["from_node"] == "AFG", "to_node"]) == into
    assert into == {"IRN", "PAK", "TJK", "TKM", "UZB"}  # the border with China has no crossing


@pytest.mark.parametrize("column", ["why", "source"])
def test_every_leg_says_why_it_exists_and_where_it_comes_from(net, column):
    assert net.legs[column].str.len().gt(0).all()


def test_findings_are_the_nodes_that_the_manifest_explains(net):
    explained = json.loads(MANIFEST.read_text(encoding="utf-8"))["unconnected_nodes"]
    with pytest.warns(NetworkWarning):
        found = net.check()
    assert set(found["table"]) == {"nodes"}
    assert set(found["row"]) == set(explained)
    assert found["value"].tolist() == [1] * len(explained)


def test_land_and_sea_legs_go_both_ways_with_the_same_length(net):
    both = net.legs[net.legs["mode"].isin(["land", "sea"])]
    length = both.set_index(["from_node", "to_node", "mode"])["distance_km"]
    back = length.rename_axis(["to_node", "from_node", "mode"]).reorder_levels([1, 0, 2])
    assert length.sort_index().to_dict() == back.sort_index().to_dict()


def test_legs_run_from_node_to_node(net):
    at = net.nodes.geometry
    first = net.legs.geometry.map(lambda line: line.coords[0])
    last = net.legs.geometry.map(lambda line: line.coords[-1])
    assert first.tolist() == [at[node].coords[0] for node in net.legs["from_node"]]
    assert last.tolist() == [at[node].coords[0] for node in net.legs["to_node"]]


def test_the_code_of_namibia_is_read_as_text(net):
    assert net.nodes["name"].notna().all()
    assert net.nodes["iso3"].str.fullmatch("[A-Z]{3}").all()


@pytest.mark.parametrize(
    ("level", "said"), [("country", "did you mean 'countries'"), ("streets", "there is countries")]
)
def test_an_unknown_level_suggests(level, said):
    with pytest.raises(UnknownNameError, match=said):
        opr.load_network(level)


@pytest.mark.parametrize("name", ["IRN", "irn", "iran", "Iran (Islamic Republic of)"])
def test_a_node_is_found_by_what_a_person_types(net, name):
    assert net.find_node(name) == "IRN"


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
