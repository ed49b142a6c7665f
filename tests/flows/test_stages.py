"""Networks with inland legs: between two borders a route makes one choice, and nothing is lost."""

import itertools

import numpy as np
import pandas as pd
import pytest
from instances import random_case
from refined import refine

import opiateroutes as opr
from opiateroutes.errors import (
    EvidenceError,
    NetworkError,
    NetworkWarning,
    UnknownNameError,
    UnreachableError,
)
from opiateroutes.flows.binding.costs import leg_costs, leg_features
from opiateroutes.flows.binding.places import Places, legs_between


def line(*, inland=0.1, border=2.0):
    """Supply at A, a crossing, B with two hubs of unequal population, a crossing, C."""
    nodes = pd.DataFrame(
        {
            "node": ["a1", "ab@A", "ab@B", "b1", "b2", "bc@B", "bc@C", "c1"],
            "iso3": ["A", "A", "B", "B", "B", "B", "C", "C"],
            "population": [1.0, np.nan, np.nan, 3.0, 1.0, np.nan, np.nan, 1.0],
        }
    )
    pairs = [
        ("a1", "ab@A", inland, False),
        ("ab@A", "ab@B", border, True),
        ("ab@B", "b1", inland, False),
        ("b1", "b2", inland, False),
        ("b2", "bc@B", inland, False),
        ("bc@B", "bc@C", border, True),
        ("bc@C", "c1", inland, False),
    ]
    legs = pd.DataFrame(
        [
            {"from": start, "to": end, "cost": cost, "border": is_border}
            for i, j, cost, is_border in pairs
            for start, end in ((i, j), (j, i))
        ]
    )
    return opr.RouteNetwork.from_tables(nodes, legs)


def figures(**tables):
    frames = {
        name: pd.DataFrame(rows, columns=["node", "best_kg", "sd_kg"])
        for name, rows in tables.items()
    }
    return opr.Evidence.from_tables(**frames)


def totals(fit, column):
    place = fit.network.nodes["iso3"]
    return fit.nodes[column].groupby(place).sum()


def imbalance(fit):
    legs, nodes = fit.legs, fit.nodes
    arriving, leaving = (
        legs.groupby(end)["flow_kg"].sum().reindex(nodes.index).fillna(0.0)
        for end in ("to_node", "from_node")
    )
    exits = nodes[["consumption_kg", "seizure_kg", "unaccounted_kg"]].sum(axis=1)
    return (arriving + nodes["supply_kg"] - leaving - exits).abs().max() / fit.supply_kg


@pytest.mark.parametrize("seed", range(8))
def test_a_network_cut_into_crossings_moves_the_same_between_places(seed):
    net, evidence = random_case(seed)
    coarse = opr.estimate_flows(net, evidence)
    fine = opr.estimate_flows(refine(net), evidence)
    scale = fine.supply_kg
    for column in ("consumption_kg", "seizure_kg", "unaccounted_kg", "supply_kg"):
        assert (totals(fine, column) - coarse.nodes[column]).abs().max() <= 1e-8 * scale
    place = fine.network.nodes["iso3"]
    border = fine.legs[fine.network.legs["border"]]
    between = border["flow_kg"].groupby(
        border["from_node"].map(place) + ">" + border["to_node"].map(place)
    )
    pairs = coarse.legs["flow_kg"].groupby(coarse.legs["from_node"] + ">" + coarse.legs["to_node"])
    found, expected = between.sum(), pairs.sum()
    assert (found - expected).abs().max() <= 1e-8 * scale


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("with_population", [True, False])
def test_mass_balances_at_every_node(seed, with_population):
    net, evidence = random_case(seed)
    fit = opr.estimate_flows(
        refine(net, inland_cost=0.3, with_population=with_population), evidence
    )
    assert imbalance(fit) <= 1e-12
    assert fit.certificate.gap <= 1e-10
    assert (fit.legs[["flow_kg", "low_kg"]] >= 0).all(axis=None)
    assert (fit.nodes["leverage"].between(-1e-9, 1 + 1e-9)).all()


def test_figures_about_a_group_bind_the_sum_over_its_members():
    evidence = figures(
        supply=[("A", 100.0, 0.0)],
        demand=[("B", 30.0, 0.3), ("C", 60.0, 0.3)],
        seizures=[("B", 5.0, 0.01)],
    )
    fit = opr.estimate_flows(line(), evidence)
    assert fit.nodes.loc["a1", "supply_kg"] == pytest.approx(100.0)
    assert totals(fit, "consumption_kg")["C"] == pytest.approx(60.0, abs=1.0)
    assert totals(fit, "seizure_kg")["B"] == pytest.approx(5.0, abs=0.1)
    # What is seized is seized on arrival; what is consumed is consumed where people live.
    assert fit.nodes.loc["ab@B", "seizure_kg"] == pytest.approx(5.0, abs=0.1)
    assert fit.nodes.loc[["ab@B", "bc@B", "bc@C"], "consumption_kg"].sum() == 0
    by_hub = fit.nodes.loc[["b1", "b2"], "consumption_kg"]
    assert by_hub["b1"] / by_hub["b2"] == pytest.approx(3.0 * np.exp(0.1), rel=0.01)


def test_residuals_speak_of_the_group():
    evidence = figures(supply=[("A", 100.0, 0.0)], demand=[("C", 60.0, 10.0)])
    fit = opr.estimate_flows(line(), evidence)
    row = fit.residuals.loc["demand:C"]
    assert row["estimate_kg"] == pytest.approx(totals(fit, "consumption_kg")["C"])
    assert row["nodes"] == "C"


def test_hauls_pass_the_cheapest_inland_way_once():
    evidence = figures(supply=[("A", 100.0, 0.0)], demand=[("C", 100.0, 0.0)])
    fit = opr.estimate_flows(line(), evidence)
    flow = fit.legs.set_index(["from_node", "to_node"])["flow_kg"]
    for pair in (("a1", "ab@A"), ("ab@A", "ab@B"), ("b1", "b2"), ("bc@C", "c1")):
        assert flow[pair] == pytest.approx(100.0, rel=0.05)
    assert flow["b2", "b1"] < 0.1


def test_free_roads_do_not_make_routes_wander():
    # Every inland leg costs nothing: walks over them would add up without end.
    evidence = figures(supply=[("A", 100.0, 0.0)], demand=[("B", 40.0, 8.0), ("C", 40.0, 8.0)])
    fit = opr.estimate_flows(line(inland=0.0), evidence)
    assert fit.certificate.balance <= 1e-9


def test_more_crossings_of_a_border_draw_no_more_across_it():
    countries = opr.load_network("countries")
    costs = opr.load_network("crossings")
    fine, _ = leg_costs(costs, None, set())
    coarse, _ = leg_costs(countries, None, set())
    place = costs.nodes["iso3"]
    border = costs.legs[costs.legs["border"]]
    mode = border["mode"].replace({"road": "land", "rail": "land"})
    pair = border["from_node"].map(place) + ">" + border["to_node"].map(place) + ":" + mode
    distance = 0.6e-3 * border["distance_km"]
    weight = np.exp(-(fine[border.index] - distance)).groupby(pair).sum()
    expected = np.exp(-(coarse - 0.6e-3 * countries.legs["distance_km"]))
    assert weight.to_dict() == pytest.approx(expected[weight.index].to_dict())


def test_figures_may_sit_on_one_side_of_a_crossing_or_inland():
    evidence = figures(
        supply=[("A", 100.0, 0.0)],
        demand=[("C", 60.0, 5.0), ("b2", 20.0, 0.1)],
        seizures=[("ab@B", 3.0, 0.01), ("b1", 2.0, 0.01)],
    )
    fit = opr.estimate_flows(line(), evidence)
    assert fit.nodes.loc["ab@B", "seizure_kg"] == pytest.approx(3.0, abs=0.05)
    assert fit.nodes.loc["b1", "seizure_kg"] == pytest.approx(2.0, abs=0.05)
    assert fit.nodes.loc["b2", "consumption_kg"] == pytest.approx(20.0, abs=0.5)
    assert imbalance(fit) <= 1e-12


def test_supply_may_start_at_an_inland_node():
    evidence = figures(supply=[("a1", 50.0, 5.0)], demand=[("C", 30.0, 5.0)])
    fit = opr.estimate_flows(line(), evidence)
    assert fit.nodes.loc["a1", "supply_kg"] == 50.0
    assert imbalance(fit) <= 1e-12


def test_a_group_may_supply_and_consume():
    evidence = figures(
        supply=[("A", 100.0, 0.0)],
        demand=[("A", 30.0, 1.0), ("C", 60.0, 1.0)],
        seizures=[("A", 4.0, 0.1)],
    )
    fit = opr.estimate_flows(line(), evidence)
    assert totals(fit, "consumption_kg")["A"] == pytest.approx(30.0, abs=2.0)
    assert totals(fit, "seizure_kg")["A"] == pytest.approx(4.0, abs=0.5)
    assert fit.nodes["supply_kg"].sum() == pytest.approx(100.0)
    assert imbalance(fit) <= 1e-12


def test_a_published_flow_between_groups_binds_all_crossings_between_them():
    net, evidence = random_case(3)
    fine = opr.estimate_flows(refine(net, crossings=3), evidence)
    row = fine.residuals.loc["flow:first"]
    assert len(row["legs"].split(";")) == 3 * len(
        legs_between(net.legs, Places.of(net), "n00", "n01")
    )
    assert fine.legs.loc[row["legs"].split(";"), "flow_kg"].sum() == pytest.approx(
        row["estimate_kg"]
    )


def test_groups_that_nobody_can_reach_are_named():
    net = line()
    cut = opr.RouteNetwork.from_tables(
        net.nodes, net.legs[~net.legs["to_node"].isin(["bc@C", "bc@B"])]
    )
    evidence = figures(supply=[("A", 100.0, 0.0)], demand=[("B", 30.0, 5.0), ("C", 60.0, 5.0)])
    with pytest.raises(UnreachableError, match="demand:C"):
        opr.estimate_flows(cut, evidence)


def test_a_group_that_the_network_lacks_is_an_error_with_the_nearest_name():
    evidence = figures(supply=[("A", 100.0, 0.0)], demand=[("bc@D", 60.0, 5.0)])
    with pytest.raises(EvidenceError) as caught:
        opr.estimate_flows(line(), evidence)
    assert "did you mean 'bc@C'" in caught.value.failures["hint"].iloc[0]


def test_negative_inland_costs_are_refused_by_name():
    net = line(inland=-0.1)
    evidence = figures(supply=[("A", 100.0, 0.0)], demand=[("C", 60.0, 5.0)])
    with pytest.raises(NetworkError, match="inland") as caught:
        opr.estimate_flows(net, evidence)
    assert "a1>ab@A:leg" in set(caught.value.failures["row"])


def test_a_group_can_supply_a_network_without_inland_legs():
    nodes = pd.DataFrame({"node": ["a1", "a2", "b"], "iso3": ["A", "A", "B"]})
    legs = pd.DataFrame({"from": ["a1", "a2"], "to": ["b", "b"], "cost": [1.0, 2.0]})
    net = opr.RouteNetwork.from_tables(nodes, legs)
    evidence = figures(supply=[("A", 10.0, 0.0)], demand=[("b", 9.0, 1.0)])
    flow = opr.estimate_flows(net, evidence).legs["flow_kg"]
    assert flow.sum() == pytest.approx(10.0)
    assert flow["a1>b:leg"] / flow["a2>b:leg"] == pytest.approx(np.e)


def test_chokepoints_and_displacement_work_over_stages():
    evidence = figures(supply=[("A", 100.0, 0.0)], demand=[("B", 30.0, 5.0), ("C", 50.0, 5.0)])
    fit = opr.estimate_flows(line(), evidence)
    table = opr.find_chokepoints(fit, effort=0.5, reaction=(0, 1))
    assert set(table.table["node"]) <= set(fit.network.nodes.index)
    moved = table.displacement("bc@C", effort=1.0, reaction=1.0)
    assert moved.loc["bc@B>bc@C:leg", "after_kg"] == pytest.approx(0.0, abs=1e-9)
    assert moved.loc["ab@B>b1:leg", "after_kg"] > 0
    still = table.displacement("bc@C", effort=0.0)
    assert still["change_kg"].abs().max() < 1e-9


def test_a_supplying_node_with_an_exit_keeps_its_supply_in_the_table():
    nodes = pd.DataFrame({"node": ["a", "b"]})
    net = opr.RouteNetwork.from_tables(nodes, pd.DataFrame({"from": ["a"], "to": ["b"], "cost": 2}))
    evidence = figures(supply=[("a", 100.0, 0.0)], demand=[("a", 30.0, 3.0), ("b", 50.0, 5.0)])
    fit = opr.estimate_flows(net, evidence)
    assert fit.nodes["supply_kg"].to_dict() == {"a": 100.0, "b": 0.0}
    assert imbalance(fit) <= 1e-12


@pytest.mark.parametrize("seed", range(30))
def test_tables_of_plain_networks_balance(seed):
    fit = opr.estimate_flows(*random_case(seed))
    assert imbalance(fit) <= 1e-12
    assert fit.nodes["supply_kg"].sum() == pytest.approx(fit.supply_kg)


def test_figures_about_a_group_and_its_node_are_refused():
    evidence = figures(
        supply=[("A", 100.0, 0.0)],
        demand=[("C", 30.0, 3.0)],
        seizures=[("B", 10.0, 1.0), ("ab@B", 4.0, 1.0)],
    )
    with pytest.raises(EvidenceError, match="count twice") as caught:
        opr.estimate_flows(line(), evidence)
    assert caught.value.failures["value"].tolist() == ["ab@B"]


def test_group_figures_need_no_inland_legs():
    nodes = pd.DataFrame({"node": ["a", "b1", "b2"], "iso3": ["A", "B", "B"]})
    legs = pd.DataFrame({"from": ["a", "a"], "to": ["b1", "b2"], "cost": [2.0, 2.0]})
    net = opr.RouteNetwork.from_tables(nodes, legs)
    fit = opr.estimate_flows(net, figures(supply=[("a", 100.0, 0.0)], demand=[("B", 50.0, 3.0)]))
    assert totals(fit, "consumption_kg")["B"] == pytest.approx(
        fit.residuals.loc["demand:B", "estimate_kg"]
    )
    assert fit.legs["flow_kg"].sum() == pytest.approx(100.0)


@pytest.mark.parametrize(("start", "end"), [("a1", "A"), ("A", "a1")])
def test_what_starts_in_a_place_may_end_in_it(start, end):
    evidence = figures(supply=[(start, 100.0, 0.0)], demand=[(end, 30.0, 1.0), ("C", 60.0, 2.0)])
    closed = line()
    legs = closed.legs.assign(cost=closed.legs["cost"].where(closed.legs["to_node"] != "ab@A", 2.0))
    back = (closed.legs["from_node"] == "ab@B") & (closed.legs["to_node"] == "ab@A")
    net = opr.RouteNetwork.from_tables(closed.nodes, legs[~back])
    fit = opr.estimate_flows(net, evidence)
    assert totals(fit, "consumption_kg")["A"] == pytest.approx(30.0, abs=2.0)
    assert imbalance(fit) <= 1e-12


def test_what_a_city_supplies_is_not_carried_back_over_the_border():
    net = opr.load_network("crossings")
    shipped = opr.load_evidence(2010)
    supply = pd.DataFrame({"node": ["H-AFG-KANDAHAR"], "best_kg": [364_000.0], "sd_kg": [0.0]})
    evidence = opr.Evidence.from_tables(
        supply=supply,
        demand=shipped.demand,
        seizures=shipped.seizures,
        priors=shipped.priors,
        outside="skip",
    )
    fit = opr.estimate_flows(net, evidence)
    place = net.nodes["iso3"]
    back = (fit.legs["to_node"].map(place) == "AFG") & net.legs["border"]
    assert fit.legs.loc[back, "flow_kg"].sum() == 0
    assert imbalance(fit) <= 1e-9


@pytest.mark.parametrize("pieces", [1, 2, 10])
def test_cutting_an_inland_leg_moves_nothing_where_nobody_is_counted(pieces):
    middle = [f"m{k}" for k in range(pieces - 1)]
    chain = ["a1", *middle, "a2"]
    nodes = pd.DataFrame(
        {
            "node": ["a1", "a2", "b", "c", *middle],
            "iso3": ["A", "A", "B", "C", *["A"] * len(middle)],
        }
    )
    inland = [(i, j, 2.0 / pieces, False) for i, j in itertools.pairwise(chain)]
    rows = [("a1", "b", 2.0, True), ("a2", "c", 2.0, True), *inland]
    legs = pd.DataFrame(rows, columns=["from", "to", "cost", "border"])
    evidence = figures(supply=[("A", 100.0, 0.0)], demand=[("B", 40.0, 30.0), ("C", 40.0, 30.0)])
    fit = opr.estimate_flows(opr.RouteNetwork.from_tables(nodes, legs), evidence)
    whole = opr.RouteNetwork.from_tables(
        nodes.iloc[:4],
        pd.DataFrame([*rows[:2], ("a1", "a2", 2.0, False)], columns=legs.columns),
    )
    expected = opr.estimate_flows(whole, evidence).legs.loc["a1>b:leg", "flow_kg"]
    assert fit.legs.loc["a1>b:leg", "flow_kg"] == pytest.approx(expected, rel=1e-9)


def test_losing_the_way_to_the_market_attracts_nothing():
    nodes = pd.DataFrame(
        {
            "node": ["a", "p", "q", "city"],
            "iso3": ["A", "B", "B", "B"],
            "population": [1.0, np.nan, np.nan, 1.0],
        }
    )
    rows = [("a", "p", 2.0, True), ("a", "q", 2.0, True), ("p", "city", 3.0, False)]
    legs = pd.DataFrame(rows, columns=["from", "to", "cost", "border"])
    net = opr.RouteNetwork.from_tables(nodes, legs)
    fit = opr.estimate_flows(net, figures(supply=[("a", 100.0, 0.0)], demand=[("B", 80.0, 10.0)]))
    assert fit.legs.loc["a>q:leg", "flow_kg"] == pytest.approx(fit.legs.loc["a>p:leg", "flow_kg"])


def test_a_node_that_hides_a_group_is_warned_of():
    net = line()
    nodes = pd.concat([pd.DataFrame(net.nodes), pd.DataFrame({"iso3": ["B"]}, index=["B"])])
    odd = opr.RouteNetwork.from_tables(nodes.rename_axis("node"), net.legs)
    with pytest.warns(NetworkWarning, match="bind that node only"):
        Places.of(odd)


def test_missing_lengths_are_straight_where_places_are_known():
    nodes = pd.DataFrame({"node": ["a", "b"], "lon": [0.0, 1.0], "lat": [0.0, 0.0]})
    legs = pd.DataFrame({"from": ["a", "b"], "to": ["b", "a"], "distance_km": [np.nan, 500.0]})
    lengths = leg_features(opr.RouteNetwork.from_tables(nodes, legs), set())["distance"]
    assert lengths["a>b:leg"] == pytest.approx(0.1113, abs=1e-4)


def test_displacement_takes_a_country_and_says_where_enforcement_sits():
    fit = opr.estimate_flows(opr.load_network("crossings"), opr.load_evidence(2010))
    table = opr.find_chokepoints(fit, effort=0.5, reaction=0)
    moved = table.displacement("IRN")
    assert moved.loc["AFG-IRN-ISLQ@AFG>AFG-IRN-ISLQ@IRN:road", "change_kg"] < 0
    with pytest.raises(UnknownNameError, match="where routes arrive"):
        table.displacement("H-IRN-TEHRAN")
    assert table.table["name"].notna().all()


def test_both_resolutions_meet_the_shipped_figures_alike():
    evidence = opr.load_evidence(2010)
    fine, coarse = (
        opr.estimate_flows(opr.load_network(level), evidence).residuals["residual_sigmas"]
        for level in ("crossings", "countries")
    )
    # What is missed by more than one standard deviation is missed by countries too: there the
    # evidence fights the prior, whatever the resolution.
    assert (fine.abs() <= 1).mean() > 0.95
    assert fine.abs().max() < 2
    assert (fine - coarse).abs().max() < 0.5
