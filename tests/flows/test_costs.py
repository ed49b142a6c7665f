import numpy as np
import pandas as pd
import pytest

import opiateroutes as opr
from opiateroutes.data import read_evidence_table
from opiateroutes.flows.binding.costs import leg_costs, leg_features


@pytest.fixture(scope="module")
def net():
    return opr.load_network("countries")


def test_cost_is_features_times_coefficients(net):
    costs, spread = leg_costs(net, None, {"AFG"})
    table = read_evidence_table("costs").set_index("feature")["best"]
    leg = net.legs.loc["KAZ>RUS:land"]
    expected = table["land_border"] + table["distance"] * leg["distance_km"] / 1000
    assert costs["KAZ>RUS:land"] == pytest.approx(expected + table["named_route"])
    assert set(spread.columns) == set(table.index) - {"into_supply"}


def test_legs_back_into_the_supply_are_closed(net):
    costs, _ = leg_costs(net, None, {"AFG"})
    back = net.legs.index[net.legs["to_node"] == "AFG"]
    assert np.isinf(costs[back]).all()
    assert np.isfinite(costs.drop(back)).all()


def test_named_routes_are_directed(net):
    features = leg_features(net, {"AFG"})
    assert features.at["IRN>TUR:land", "named_route"] == 1
    assert features.at["TUR>IRN:land", "named_route"] == 0


def test_every_coefficient_states_bounds_and_source():
    table = read_evidence_table("costs")
    assert (table["low"] <= table["best"]).all()
    assert (table["best"] <= table["high"]).all()
    assert table["source"].notna().all()


def test_missing_distances_take_the_median():
    legs = pd.DataFrame(
        {"from_node": ["a", "b"], "to_node": ["b", "a"], "distance_km": [500.0, np.nan]}
    )
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": ["a", "b"]}), legs)
    assert leg_features(net, set())["distance"].tolist() == [0.5, 0.5]
