"""Interception rates as evidence: the share seized of what passes a place."""

import numpy as np
import pandas as pd
import pytest

import opiateroutes as opr
from opiateroutes.errors import (
    ConflictingEvidenceError,
    EvidenceError,
    UnreachableError,
)

LINE = [("s", "a", 2.0), ("a", "t", 2.0)]
ROUTES = [("s", "a", 2.0), ("s", "b", 2.0), ("a", "t", 2.0), ("b", "t", 2.5)]
SUPPLY = [{"node": "s", "best_kg": 1000.0, "sd_kg": 0.0}]
DEMAND = [{"node": "t", "best_kg": 800.0, "sd_kg": 300.0}]


def network(legs, places=None):
    nodes = sorted({node for start, end, _ in legs for node in (start, end)})
    frame = pd.DataFrame({"node": nodes})
    if places is not None:
        frame["iso3"] = [places.get(node) for node in nodes]
    legs = pd.DataFrame(legs, columns=["from_node", "to_node", "cost"])
    return opr.RouteNetwork.from_tables(frame, legs)


def rate(node, best, sd=0.0):
    return {"node": node, "best_rate": best, "sd_rate": sd}


def evidence(*rates, supply=SUPPLY, demand=DEMAND, outside="error", **tables):
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    return opr.Evidence.from_tables(
        supply=pd.DataFrame(supply),
        demand=pd.DataFrame(demand),
        interception=pd.DataFrame(rates),
        outside=outside,
        **frames,
    )


def test_an_exact_rate_is_what_is_seized_of_what_passes():
    fit = opr.estimate_flows(network(LINE), evidence(rate("a", 0.1)))
    node = fit.nodes.loc["a"]
    assert node["seizure_kg"] == pytest.approx(100.0, abs=1e-7)
    assert node["interception"] == pytest.approx(0.1, abs=1e-10)
    assert "rounds" not in fit.provenance


def test_seizures_and_their_rate_say_how_much_passes():
    seizures = [{"node": "a", "best_kg": 20.0, "sd_kg": 0.0}]
    fit = opr.estimate_flows(network(ROUTES), evidence(rate("a", 0.1), seizures=seizures))
    assert fit.nodes.at["a", "throughput_kg"] == pytest.approx(200.0, abs=1e-7)
    assert fit.nodes.at["b", "throughput_kg"] == pytest.approx(800.0, abs=1e-7)


@pytest.mark.parametrize("node", ["s", "a", "t"])
def test_the_estimate_of_a_rate_is_the_interception_of_the_node(node):
    fit = opr.estimate_flows(network(ROUTES), evidence(rate(node, 0.2, 0.05)))
    row = fit.residuals.loc[f"interception:{node}"]
    implied = fit.nodes.at[node, "interception"]
    assert row["estimate"] == pytest.approx(implied)
    assert row["residual_sigmas"] == pytest.approx((implied - 0.2) / 0.05)
    assert row[["kind", "unit", "nodes", "legs"]].tolist() == ["interception", "rate", node, ""]
    assert row["target"] == f"interception, {node}"
    assert implied < 0.2


def test_a_sharper_rate_pulls_harder_and_the_prior_rate_stays():
    rates = [
        opr.estimate_flows(network(LINE), evidence(rate("a", 0.2, sd))).nodes.at[
            "a", "interception"
        ]
        for sd in (0.5, 0.05, 0.005)
    ]
    assert 0.0 < rates[0] < rates[1] < rates[2] < 0.2
    vague = opr.estimate_flows(network(LINE), evidence(rate("a", 0.2, 1e4)))
    without = opr.estimate_flows(
        network(LINE), evidence(seizures=[{"node": "a", "best_kg": 1.0, "sd_kg": 1e9}])
    )
    assert vague.nodes.at["a", "interception"] == pytest.approx(
        without.nodes.at["a", "interception"], rel=1e-6
    )


def test_flow_within_a_group_does_not_pass_it_twice():
    legs = [("s", "a1", 2.0), ("a1", "a2", 2.0), ("a2", "t", 2.0)]
    places = {"s": "S", "a1": "A", "a2": "A", "t": "T"}
    fit = opr.estimate_flows(network(legs, places), evidence(rate("A", 0.1)))
    assert fit.nodes.loc[["a1", "a2"], "seizure_kg"].sum() == pytest.approx(100.0, abs=1e-7)
    assert fit.residuals.at["interception:A", "estimate"] == pytest.approx(0.1)
    assert fit.residuals.at["interception:A", "nodes"] == "A"


def test_a_group_that_is_left_and_entered_again_is_passed_twice():
    legs = [("s", "a1", 2.0), ("a1", "b", 2.0), ("b", "a2", 2.0), ("a2", "t", 2.0)]
    places = {"s": "S", "a1": "A", "b": "B", "a2": "A", "t": "T"}
    fit = opr.estimate_flows(network(legs, places), evidence(rate("A", 0.1)))
    seized = fit.nodes.loc[["a1", "a2"], "seizure_kg"]
    passing = 1000.0 + (1000.0 - seized["a1"])
    assert seized.sum() == pytest.approx(0.1 * passing, abs=1e-7)


def test_rates_of_inland_nodes_speak_of_what_is_hauled_past_them():
    nodes = pd.DataFrame(
        {
            "node": ["a", "ab@A", "ab@B", "hub", "bc@B", "bc@C"],
            "iso3": ["A", "A", "B", "B", "B", "C"],
            "population": [1.0, np.nan, np.nan, 3.0, np.nan, 1.0],
        }
    )
    pairs = [
        ("a", "ab@A", 0.1, False),
        ("ab@A", "ab@B", 2.0, True),
        ("ab@B", "hub", 0.1, False),
        ("hub", "bc@B", 0.1, False),
        ("bc@B", "bc@C", 2.0, True),
    ]
    legs = pd.DataFrame(
        [
            {"from": start, "to": end, "cost": cost, "border": border}
            for i, j, cost, border in pairs
            for start, end in ((i, j), (j, i))
        ]
    )
    net = opr.RouteNetwork.from_tables(nodes, legs)
    supply = [{"node": "A", "best_kg": 1000.0, "sd_kg": 0.0}]
    demand = [{"node": "C", "best_kg": 800.0, "sd_kg": 300.0}]
    rows = evidence(rate("hub", 0.1), supply=supply, demand=demand)
    fit = opr.estimate_flows(net, rows)
    hub = fit.nodes.loc["hub"]
    assert hub["seizure_kg"] == pytest.approx(0.1 * hub["throughput_kg"], rel=1e-9)
    assert hub["interception"] == pytest.approx(0.1, rel=1e-9)
    everywhere = opr.estimate_flows(net, evidence(rate("B", 0.1), supply=supply, demand=demand))
    into = everywhere.legs.query("from_node == 'ab@A' and to_node == 'ab@B'")["flow_kg"].sum()
    back = everywhere.legs.query("from_node == 'bc@C' and to_node == 'bc@B'")["flow_kg"].sum()
    members = ["ab@B", "hub", "bc@B"]
    seized = everywhere.nodes.loc[members, "seizure_kg"].sum()
    assert seized == pytest.approx(0.1 * (into + back), rel=1e-9)


@pytest.mark.parametrize(
    ("rates", "seizures"),
    [
        ([rate("a", 0.0)], []),
        ([rate("a", 0.1, 0.1)], [{"node": "a", "best_kg": 0.0, "sd_kg": 0.0}]),
    ],
)
def test_zeros_bind_nothing_and_are_listed(rates, seizures):
    fit = opr.estimate_flows(network(LINE), evidence(*rates, seizures=seizures))
    assert "interception:a" in fit.unused.index
    assert fit.nodes.at["a", "seizure_kg"] == 0.0
    assert "interception:a" not in fit.residuals.index


def test_a_rate_where_no_route_leads_is_refused_or_set_aside():
    net = network([*LINE, ("x", "t", 1.0)])
    with pytest.raises(UnreachableError, match="interception:x"):
        opr.estimate_flows(net, evidence(rate("x", 0.1, 0.1)))
    fit = opr.estimate_flows(net, evidence(rate("x", 0.1, 0.1), outside="skip"))
    assert fit.unused["best_kg"].isna().tolist() == [True]


def test_a_rate_at_a_dead_end_opens_no_way_out():
    net = network([*LINE, ("a", "x", 1.0)])
    with pytest.raises(UnreachableError, match=r"interception:x.*no route passes there"):
        opr.estimate_flows(net, evidence(rate("x", 0.1, 0.1)))


def test_a_rate_alone_is_no_place_to_end():
    with pytest.raises(UnreachableError, match="nowhere to end"):
        opr.estimate_flows(network(LINE), evidence(rate("a", 0.1, 0.1), demand=[]))


def test_a_node_that_the_network_lacks_is_named():
    with pytest.raises(EvidenceError) as raised:
        opr.estimate_flows(network(LINE), evidence(rate("aa", 0.1)))
    assert raised.value.failures["row"].tolist() == ["interception:aa"]


@pytest.mark.parametrize(
    ("rates", "seizures"),
    [
        ([rate("A", 0.1, 0.1), rate("a1", 0.1, 0.1)], []),
        ([rate("a1", 0.1, 0.1)], [{"node": "A", "best_kg": 5.0}]),
        ([rate("A", 0.1, 0.1)], [{"node": "a1", "best_kg": 5.0}]),
    ],
)
def test_a_rate_of_a_group_and_seizures_at_one_of_its_nodes_overlap(rates, seizures):
    legs = [("s", "a1", 2.0), ("a1", "a2", 2.0), ("a2", "t", 2.0)]
    net = network(legs, {"s": "S", "a1": "A", "a2": "A", "t": "T"})
    with pytest.raises(EvidenceError, match="count twice"):
        opr.estimate_flows(net, evidence(*rates, seizures=seizures))


def test_exact_demand_that_leaves_nothing_to_be_seized_is_refused():
    demand = [{"node": "t", "best_kg": 1000.0, "sd_kg": 0.0}]
    with pytest.raises(ConflictingEvidenceError):
        opr.estimate_flows(network(LINE), evidence(rate("a", 0.1, 0.01), demand=demand))


def test_at_an_exact_rate_of_1_everything_is_seized():
    fit = opr.estimate_flows(network(LINE), evidence(rate("a", 1.0)))
    assert fit.nodes.at["a", "seizure_kg"] == pytest.approx(1000.0)
    assert fit.certificate.balance <= 1e-9
