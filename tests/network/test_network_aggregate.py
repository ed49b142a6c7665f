"""A coarse network is its fine one put together by rules: nothing guessed, totals kept."""

import geopandas as gpd
import geopandas.testing
import numpy as np
import pandas as pd
import pytest

import opiateroutes as opr
from opiateroutes.errors import NetworkError, UnknownNameError


def fine(**columns):
    nodes = pd.DataFrame(
        {
            "node": ["a1", "a2", "b1", "b2"],
            "iso3": ["AAA", "AAA", "BBB", "BBB"],
            "population": [9.0, 1.0, 0.0, 5.0],
            "lon": [0.0, 1.0, 2.0, 3.0],
            "lat": [0.0, 0.0, 0.0, 0.0],
        }
    )
    legs = pd.DataFrame(
        {
            "from": ["a1", "a2", "a1", "b1", "a2", "a1"],
            "to": ["a2", "b1", "b1", "b2", "b1", "a2"],
            "mode": ["road", "road", "sea", "road", "rail", "road"],
            "distance_km": [120.0, 130.0, 500.0, 125.0, 140.0, 115.0],
            **columns,
        }
    )
    return opr.RouteNetwork.from_tables(nodes, legs)


def test_shipped_network_of_countries_is_the_aggregate_of_that_of_crossings():
    coarse = opr.load_network("crossings").aggregate("countries")
    shipped = opr.load_network("countries")
    geopandas.testing.assert_geodataframe_equal(coarse.nodes, shipped.nodes)
    geopandas.testing.assert_geodataframe_equal(coarse.legs, shipped.legs)


def test_crossings_add_up_to_the_listed_ones():
    net = opr.load_network("crossings")
    coarse = net.aggregate("countries")
    outer = net.legs[net.legs["border"]]
    assert coarse.legs["crossings"].sum() == outer["crossings"].sum()
    assert set(";".join(coarse.legs["points"]).split(";")) == set(
        ";".join(outer["points"]).split(";")
    )


def test_inner_legs_go_and_modes_by_land_join():
    coarse = fine().aggregate("countries")
    assert coarse.legs.index.tolist() == ["AAA>BBB:land", "AAA>BBB:sea"]
    assert coarse.nodes.index.tolist() == ["AAA", "BBB"]


def test_distance_is_the_shortest_way_through():
    coarse = fine().aggregate("countries")
    # a1 (115 on the shorter road) a2 (130) b1 (125) b2; by sea a1 (500) b1 (125) b2.
    assert coarse.legs["distance_km"].to_dict() == {"AAA>BBB:land": 370.0, "AAA>BBB:sea": 625.0}


def test_where_there_is_no_inner_way_the_straight_line_stands_in():
    net = fine()
    cut = opr.RouteNetwork.from_tables(net.nodes, net.legs[net.legs["to_node"] != "b2"])
    coarse = cut.aggregate("countries")
    assert coarse.legs.loc["AAA>BBB:land", "distance_km"] == pytest.approx(
        115 + 130 + 111.319, abs=0.01
    )


def test_a_group_stands_at_the_node_nearest_to_where_its_people_live():
    nodes = fine().aggregate("countries").nodes
    assert nodes.geometry.x.to_dict() == {"AAA": 0.0, "BBB": 3.0}
    assert nodes["population"].to_dict() == {"AAA": 10.0, "BBB": 5.0}


def test_quantities_add_up():
    coarse = fine(flow_kg=[1.0, 2.0, 4.0, 8.0, 16.0, 32.0]).aggregate("countries")
    assert coarse.legs["flow_kg"].to_dict() == {"AAA>BBB:land": 18.0, "AAA>BBB:sea": 4.0}


def test_missing_quantities_stay_missing():
    values = [1.0, np.nan, np.nan, 8.0, np.nan, 32.0]
    coarse = fine(flow_kg=values).aggregate("countries")
    assert coarse.legs["flow_kg"].isna().all()


def test_a_column_without_a_rule_is_an_error_that_names_it():
    with pytest.raises(NetworkError, match=r"'toll'.*rules=") as caught:
        fine(toll=1.0).aggregate("countries")
    assert caught.value.failures["column"].tolist() == ["toll"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("sum", 18.0), ("min", 2.0), ("max", 16.0), ("mean", 9.0), ("first", 16.0)],
)
def test_rules_by_name(rule, expected):
    net = fine(toll=[1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    legs = net.aggregate("countries", rules={"toll": rule}).legs
    assert legs.loc["AAA>BBB:land", "toll"] == expected


def test_a_rule_may_be_a_function_or_drop_the_column():
    net = fine(toll=[1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    spread = net.aggregate("countries", rules={"toll": lambda s: s.max() - s.min()}).legs
    assert spread.loc["AAA>BBB:land", "toll"] == 14.0
    assert "toll" not in net.aggregate("countries", rules={"toll": "drop"}).legs


def test_an_unknown_rule_is_an_error():
    with pytest.raises(NetworkError, match="'toll'"):
        fine(toll=1.0).aggregate("countries", rules={"toll": "median of medians"})


def test_groups_may_come_as_a_series_or_a_column():
    net = fine()
    west = pd.Series({"a1": "west", "a2": "west", "b1": "west", "b2": "east"}, name="side")
    coarse = net.aggregate(west)
    assert coarse.legs.index.tolist() == ["west>east:land"]
    assert coarse.meta["level"] == "side"
    assert set(coarse.nodes["kind"]) == {"group"}
    with_column = opr.RouteNetwork.from_tables(net.nodes.assign(side=west), net.legs)
    again = with_column.aggregate("side", rules={"side": "first"})
    assert again.legs["distance_km"].tolist() == coarse.legs["distance_km"].tolist()


def test_groups_that_lack_nodes_or_columns_are_errors():
    with pytest.raises(NetworkError, match="1 node") as caught:
        fine().aggregate(pd.Series({"a1": "x", "a2": "x", "b1": "y"}))
    assert caught.value.failures["row"].tolist() == ["b2"]
    with pytest.raises(UnknownNameError, match="no column 'region'"):
        fine().aggregate("region")


def test_countries_have_the_names_of_the_list():
    nodes = opr.load_network("crossings").aggregate("countries").nodes
    assert nodes.loc["IRN", ["name", "label", "kind"]].tolist() == [
        "Iran (Islamic Republic of)",
        "Iran",
        "country",
    ]


def test_the_fine_network_is_not_changed():
    net = fine()
    before = net.nodes.copy(), net.legs.copy()
    net.aggregate("countries")
    geopandas.testing.assert_geodataframe_equal(net.nodes, before[0])
    geopandas.testing.assert_geodataframe_equal(net.legs, before[1])


def test_networks_without_places_and_lengths_aggregate_too():
    nodes = pd.DataFrame({"node": ["x", "y", "z"], "iso3": ["P", "P", "Q"]})
    legs = pd.DataFrame({"from": ["x", "y"], "to": ["z", "z"]})
    coarse = opr.RouteNetwork.from_tables(nodes, legs).aggregate("countries")
    assert coarse.legs.index.tolist() == ["P>Q:leg"]
    assert isinstance(coarse.legs, gpd.GeoDataFrame)
    assert coarse.legs.geometry.isna().all()


def pair_of_groups():
    nodes = pd.DataFrame({"node": ["p", "q", "r", "s"]})
    legs = pd.DataFrame({"from": ["p", "r"], "to": ["q", "s"], "flow_kg": [1.0, 10.0]})
    groups = {"p": "a>b", "q": "c", "r": "a", "s": "b>c"}
    return opr.RouteNetwork.from_tables(nodes, legs), groups


def test_groups_whose_names_run_together_stay_apart():
    net, groups = pair_of_groups()
    legs = net.aggregate(groups).legs
    assert legs[["from_node", "to_node", "flow_kg"]].to_numpy().tolist() == [
        ["a", "b>c", 10.0],
        ["a>b", "c", 1.0],
    ]
    assert legs.index.tolist() == ["a>b>c:leg", "a>b>c:leg:2"]


@pytest.mark.parametrize(
    ("rule", "values", "expected"),
    [
        ("mean", [1, 2, 9, 9, 2, 9], 2.0),
        ("mean", [1, 2, 9, 9, 3, 9], 2.5),
        ("sum", [1, 2, 9, 9, 3, 9], 5),
        ("union", [1, 2, 9, 9, 3, 9], "2;3"),
        ("join", [1, 2.5, 9, 9, 3, 9], "3.0; 2.5"),
        ("sum", [True] * 6, 2),
    ],
)
def test_a_rule_keeps_the_type_only_where_nothing_is_lost(rule, values, expected):
    legs = fine(toll=values).aggregate("countries", rules={"toll": rule}).legs
    assert legs.loc["AAA>BBB:land", "toll"] == expected


def test_a_rule_that_does_not_fit_is_a_network_error():
    with pytest.raises(NetworkError, match="'toll'"):
        fine(toll="much").aggregate("countries", rules={"toll": "mean"})


@pytest.mark.parametrize(
    ("values", "expected"),
    [([None] * 6, pd.NA), ([True, None, None, None, True, None], True)],
)
def test_an_unknown_border_stays_unknown(values, expected):
    legs = fine(border=pd.array(values, dtype="boolean")).aggregate("countries").legs
    assert legs["border"].dtype == "boolean"
    assert legs["border"].iloc[0] is pd.NA if expected is pd.NA else legs["border"].iloc[0]
    assert legs.loc["AAA>BBB:sea", "border"] is pd.NA


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"tol": "sum"}, "'tol' is no column.*did you mean 'toll'"),
        ({"distance_km": "min", "toll": "sum"}, "'distance_km' is worked out by the library"),
        ({"name": "first", "toll": "sum"}, "'name' is worked out by the library"),
        ({"toll": "own"}, "'toll'"),
    ],
)
def test_rules_for_no_column_or_for_the_librarys_own_are_errors(rules, said):
    with pytest.raises(NetworkError, match=said):
        fine(toll=1.0).aggregate("countries", rules=rules)


def test_a_reason_of_legs_may_have_a_rule_though_that_of_nodes_is_the_librarys():
    net = fine(why=["z", "y", "x", "w", "v", "u"])
    legs = net.aggregate("countries", rules={"why": "first"}).legs
    assert legs.loc["AAA>BBB:sea", "why"] == "x"


def test_groups_may_come_as_a_dict_but_not_twice():
    net = fine()
    west = {"a1": "west", "a2": "west", "b1": "west", "b2": "east"}
    geopandas.testing.assert_geodataframe_equal(
        net.aggregate(west).legs, net.aggregate(pd.Series(west)).legs
    )
    double = pd.Series(["x", "x", "y", "y", "y"], index=["a1", "a2", "b1", "b2", "b2"])
    with pytest.raises(NetworkError, match="several groups") as caught:
        net.aggregate(double)
    assert caught.value.failures["row"].tolist() == ["b2"]


def test_a_node_without_a_country_lacks_an_iso3():
    net = fine()
    nodes = net.nodes.assign(iso3=["AAA", "AAA", None, "BBB"])
    with pytest.raises(NetworkError) as caught:
        opr.RouteNetwork.from_tables(nodes, net.legs).aggregate("countries")
    assert caught.value.failures["column"].tolist() == ["iso3"]
