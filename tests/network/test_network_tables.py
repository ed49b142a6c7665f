from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from network_strategies import IDS
from shapely.geometry import LineString, Point, Polygon

import opiateroutes as opr
from opiateroutes.errors import NetworkError

AB = pd.DataFrame({"node": ["a", "b"]})


def network(nodes, legs):
    return opr.RouteNetwork.from_tables(pd.DataFrame(nodes), pd.DataFrame(legs))


def failures_of(nodes, legs):
    with pytest.raises(NetworkError) as raised:
        network(nodes, legs)
    return raised.value.failures


@pytest.mark.parametrize(
    ("tail", "head"),
    [
        ("from_node", "to_node"),
        ("from", "to"),
        ("source_node", "target_node"),
        ("u", "v"),
        ("tail", "head"),
        ("source", "target"),
    ],
)
def test_endpoints_are_read_under_every_usual_name(tail, head):
    legs = network(AB, {tail: ["b"], head: ["a"]}).legs
    assert legs[["from_node", "to_node"]].to_numpy().tolist() == [["b", "a"]]


def test_a_publication_called_source_is_no_endpoint_when_from_and_to_are_given():
    legs = network(AB, {"from": ["a"], "to": ["b"], "source": ["x"], "target": ["y"]}).legs
    assert legs[["from_node", "source", "target"]].to_numpy().tolist() == [["a", "x", "y"]]


@pytest.mark.parametrize("alias", ["node", "id", "node_id"])
def test_node_ids_are_read_under_every_usual_name(alias):
    assert network({alias: ["b", "a"]}, {"u": [], "v": []}).nodes.index.tolist() == ["a", "b"]


def test_an_index_called_node_goes_before_columns():
    nodes = pd.DataFrame({"node": ["x", "x"], "id": [1, 2]}, index=["b", "a"]).rename_axis("node")
    found = network(nodes, {"u": [], "v": []}).nodes
    assert found.index.tolist() == ["a", "b"]
    assert "node" not in found.columns
    assert found["id"].tolist() == [2, 1]


def test_an_unnamed_index_is_the_id():
    assert network(pd.DataFrame(index=["q", "p"]), {"u": [], "v": []}).nodes.index.tolist() == [
        "p",
        "q",
    ]


def test_rows_that_are_only_numbered_are_called_by_their_name():
    nodes = network({"name": ["Kabul", "Herat"]}, {"u": ["Kabul"], "v": ["Herat"]}).nodes
    assert nodes["name"].tolist() == nodes.index.tolist() == ["Herat", "Kabul"]


@pytest.mark.parametrize("alias", ["leg", "leg_id"])
def test_leg_ids_are_kept(alias):
    legs = network(AB, {"u": ["a", "b"], "v": ["b", "a"], alias: [2, 1]}).legs
    assert legs.index.tolist() == ["1", "2"]
    assert legs.index.name == "leg"


@settings(max_examples=25, deadline=None)
@given(st.lists(IDS | st.integers(), min_size=2, max_size=6, unique_by=str))
def test_any_ids_will_do(ids):
    net = network({"id": ids}, {"from": ids[:-1], "to": ids[1:]})
    assert net.nodes.index.tolist() == sorted(map(str, ids))
    assert sorted(net.legs["from_node"]) == sorted(map(str, ids[:-1]))
    assert sorted(net.nodes["name"]) == sorted(map(str, ids))


def test_parallel_legs_are_numbered_and_modes_keep_them_apart():
    legs = network(
        AB, {"u": ["a"] * 4, "v": ["b"] * 4, "mode": ["land", "land", None, "land"]}
    ).legs
    assert legs.index.tolist() == ["a>b:land", "a>b:land:2", "a>b:land:3", "a>b:leg"]


def test_unknown_names_kinds_and_codes_stay_missing_or_fall_back():
    nodes = network(
        {"node": ["a", "b"], "name": [None, "Bee"], "kind": ["port", None]}, {"u": [], "v": []}
    ).nodes
    assert nodes["name"].tolist() == ["a", "Bee"]
    assert nodes["kind"].tolist() == ["port", "node"]
    assert nodes["iso3"].isna().all()
    assert nodes["iso3"].dtype == "str"


def test_all_failures_of_both_tables_are_collected():
    found = failures_of(
        {"node": ["a", "a", None, "b"], "lon": [0, 181, 0, "east"], "lat": [0, 0, 0, 91]},
        {
            "leg": ["1", "1", None, "4"],
            "from": ["a", "x", "a", None],
            "to": ["b", "b", "y", "b"],
            "distance_km": [-1, np.inf, "far", 3],
            "cost": [1, "dear", None, -np.inf],
        },
    )
    assert list(found.columns) == ["table", "row", "column", "value", "rule", "hint"]
    said = {(f.table, f.row, f.column) for f in found.itertuples()}
    assert said == {
        ("nodes", "a", "node"),
        ("nodes", "2", "node"),
        ("nodes", "a", "lon"),
        ("nodes", "b", "lon"),
        ("nodes", "b", "lat"),
        ("legs", "1", "leg"),
        ("legs", "2", "leg"),
        ("legs", "1", "from_node"),
        ("legs", "4", "from_node"),
        ("legs", "nan", "to_node"),
        ("legs", "1", "distance_km"),
        ("legs", "nan", "distance_km"),
        ("legs", "1", "cost"),
    }


def test_a_failure_shows_the_value_that_was_given():
    found = failures_of(AB, {"u": ["a"], "v": ["b"], "distance_km": ["7 km"]})
    assert found["value"].tolist() == ["7 km"]
    assert found["row"].tolist() == ["a>b:leg"]


def test_missing_endpoint_columns_are_a_failure_that_lists_what_there_is():
    found = failures_of(AB, {"start": ["a"], "to": ["b"]})
    assert found["column"].tolist() == ["from_node"]
    assert found["value"].tolist() == [["start", "to"]]


def test_numbers_written_as_text_are_numbers_and_infinite_cost_closes_a_leg():
    legs = network(AB, {"u": ["a"], "v": ["b"], "distance_km": ["7"], "cost": [np.inf]}).legs
    assert legs[["distance_km", "cost"]].to_numpy().tolist() == [[7.0, np.inf]]


def test_geometry_in_another_crs_is_converted():
    nodes = gpd.GeoDataFrame(AB, geometry=[Point(7, 46), None], crs=4326).to_crs(3857)
    line = gpd.GeoSeries([LineString([(7, 46), (8, 47)])], crs=4326).to_crs(2056)
    net = network(nodes, gpd.GeoDataFrame({"u": ["a"], "v": ["b"]}, geometry=line))
    assert net.nodes.crs == net.legs.crs == "EPSG:4326"
    assert net.nodes.loc["a", "geometry"].distance(Point(7, 46)) < 1e-9
    assert net.nodes["geometry"].isna().tolist() == [False, True]
    assert net.legs.geometry.iloc[0].hausdorff_distance(LineString([(7, 46), (8, 47)])) < 1e-6


def test_an_active_geometry_of_any_name_is_used():
    nodes = gpd.GeoDataFrame(AB, geometry=[Point(1, 2), Point(3, 4)], crs=4326)
    legs = pd.DataFrame({"u": ["a"], "v": ["b"]})
    net = opr.RouteNetwork.from_tables(nodes.rename_geometry("where"), legs)
    assert net.nodes.geometry.x.tolist() == [1, 3]
    assert "where" not in net.nodes


def test_geometry_without_crs_is_read_as_degrees():
    nodes = gpd.GeoDataFrame(AB, geometry=[Point(1, 2), Point(3, 4)])
    assert network(nodes, {"u": [], "v": []}).nodes.geometry.y.tolist() == [2, 4]


def test_degrees_become_points_and_half_a_position_is_none():
    nodes = network({"node": ["a", "b"], "lon": [1, 3], "lat": [2, None]}, {"u": [], "v": []}).nodes
    assert nodes.geometry.loc["a"] == Point(1, 2)
    assert nodes.geometry.loc["b"] is None
    assert not {"lon", "lat"} & set(nodes.columns)


def test_without_positions_geometry_is_missing_but_there():
    net = network(AB, {"u": ["a"], "v": ["b"]})
    assert net.nodes.geometry.isna().all()
    assert net.legs.geometry.isna().all()


@pytest.mark.parametrize(
    ("table", "shape"),
    [("nodes", Polygon([(0, 0), (1, 0), (1, 1)])), ("nodes", "POINT (0 0)"), ("legs", "LINE")],
)
def test_what_is_no_geometry_of_its_kind_is_a_failure(table, shape):
    tables = {"nodes": {"node": ["a"]}, "legs": {"u": ["a"], "v": ["a"]}}
    tables[table]["geometry"] = pd.Series([shape], dtype=object)
    found = failures_of(tables["nodes"], tables["legs"])
    assert found[["table", "column"]].to_numpy().tolist() == [[table, "geometry"]]
    assert found["value"].tolist() == [shape]


def test_a_network_is_frozen_and_its_inputs_stay_as_they_were():
    nodes = gpd.GeoDataFrame({"id": [2, 1]}, geometry=[Point(0, 0), Point(1, 1)], crs=3857)
    legs = pd.DataFrame({"u": [2], "v": [1], "distance_km": ["1"], "mode": [None]})
    before = nodes.copy(), legs.copy()
    net = network(nodes, legs)
    pd.testing.assert_frame_equal(nodes, before[0])
    pd.testing.assert_frame_equal(legs, before[1])
    with pytest.raises(dataclasses.FrozenInstanceError):
        net.nodes = net.nodes


def test_metadata_is_a_copy():
    meta = {"title": "x"}
    net = opr.RouteNetwork.from_tables(AB, pd.DataFrame({"u": ["a"], "v": ["b"]}), meta=meta)
    meta["title"] = "y"
    assert net.meta == {"title": "x"}


@pytest.mark.parametrize(
    ("legs", "said"),
    [([], "<RouteNetwork: 2 nodes, 0 legs>"), (["b"], "<RouteNetwork: 2 nodes, 1 leg>")],
)
def test_repr_counts(legs, said):
    assert repr(network(AB, {"u": ["a"] * len(legs), "v": legs})) == said


@pytest.mark.parametrize(
    ("given", "dtype", "expected"),
    [
        ([True, False], "bool", [True, False]),
        ([1, 0], "bool", [True, False]),
        (["Yes", "FALSE"], "bool", [True, False]),
        (["no", None], "boolean", [False, pd.NA]),
        ([1.0, float("nan")], "boolean", [True, pd.NA]),
        (pd.array([True, False], dtype="boolean"), "bool", [True, False]),
    ],
)
def test_borders_are_read_as_yes_or_no(given, dtype, expected):
    legs = network(AB, {"leg": ["x", "y"], "u": ["a", "b"], "v": ["b", "a"], "border": given}).legs
    assert legs["border"].dtype == dtype
    assert legs["border"].tolist() == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [(["12", None], [12.0, None]), ([3, 4], [3, 4]), ([0.5, None], [0.5, None])],
)
def test_populations_are_read_as_numbers(given, expected):
    nodes = network({"node": ["a", "b"], "population": given}, {"u": [], "v": []}).nodes
    assert pd.api.types.is_numeric_dtype(nodes["population"])
    assert [None if pd.isna(n) else n for n in nodes["population"]] == expected


def test_wrong_borders_and_populations_are_collected_with_the_rest():
    failures = failures_of(
        {"node": list("abcde"), "population": [-1, "many", float("inf"), True, None]},
        {"u": ["a", "b"], "v": ["b", "a"], "border": ["maybe", 2], "cost": ["dear", 1]},
    )
    found = failures.groupby(["table", "column"]).size().to_dict()
    assert found == {("legs", "border"): 2, ("legs", "cost"): 1, ("nodes", "population"): 4}
