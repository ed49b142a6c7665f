"""Acetic anhydride: the reversed network, coupled to heroin at the laboratories, in balance."""

import numpy as np
import pandas as pd
import pytest

import opiateroutes as opr
from opiateroutes.errors import EvidenceError, UnknownNameError, UnreachableError
from opiateroutes.evidence.parameters import Z90
from opiateroutes.flows.commodities.precursor_network import reversed_network
from opiateroutes.flows.commodities.precursors import heroin_made

RATIO = (2.0, 2.0, 2.0)
BOTH = ("opium", "heroin")


def net(**columns):
    """Laboratories at s, its neighbours a and b, and c behind both."""
    pairs = [("s", "a"), ("s", "b"), ("a", "c"), ("b", "c")]
    legs = pd.DataFrame([*pairs, *((j, i) for i, j in pairs)], columns=["from", "to"])
    nodes = pd.DataFrame({"node": ["s", "a", "b", "c"], **columns})
    return opr.RouteNetwork.from_tables(nodes, legs.assign(mode="land", distance_km=500.0))


def table(**kilograms):
    return pd.DataFrame({"node": list(kilograms), "best_kg": list(kilograms.values())})


@pytest.fixture(scope="module")
def heroin():
    evidence = opr.Evidence.from_tables(
        supply=table(s=100.0).assign(sd_kg=10.0), demand=table(c=90.0).assign(sd_kg=5.0)
    )
    return opr.estimate_flows(net(), evidence)


def arriving(fit, node):
    into = fit.legs.loc[fit.legs["to_node"] == node, "flow_kg"].sum()
    return into - fit.legs.loc[fit.legs["from_node"] == node, "flow_kg"].sum()


def test_what_arrives_is_the_ratio_times_the_heroin_made(heroin):
    chemical = opr.estimate_precursor_flows(heroin, table(c=250.0), ratio=RATIO)
    assert arriving(chemical, "s") == pytest.approx(2.0 * heroin.supply_kg, rel=1e-12)
    assert chemical.nodes["consumption_kg"].to_dict() == {"a": 0, "b": 0, "c": 0, "s": 200.0}
    assert chemical.unit == "kg acetic anhydride"
    assert chemical.summary().startswith("Estimated flows of acetic anhydride")


def test_the_balance_is_that_of_the_chemical(heroin):
    chemical = opr.estimate_precursor_flows(
        heroin, table(c=200.0, b=60.0), seized=table(a=40.0), ratio=RATIO
    )
    assert chemical.certificate.balance <= 1e-12
    assert chemical.certificate.gap <= 1e-10
    totals = chemical.nodes[["supply_kg", "seizure_kg", "consumption_kg"]].sum()
    # Diverted = arriving + seized, in all and at every node.
    assert totals["supply_kg"] == pytest.approx(240.0, rel=1e-12)
    assert totals["seizure_kg"] == pytest.approx(40.0)
    for node, row in chemical.nodes.iterrows():
        gained = row["seizure_kg"] + row["consumption_kg"] - row["supply_kg"]
        assert arriving(chemical, node) == pytest.approx(gained, abs=1e-9)


def test_what_is_seized_never_reaches_a_laboratory(heroin):
    """40 kg were seized at a: they are on the way into a, and on none out of it."""
    without, seized = (
        opr.estimate_precursor_flows(
            heroin, table(c=1.0).assign(sd_kg=1e6), seized=rows, ratio=RATIO
        )
        for rows in (None, table(a=40.0))
    )
    legs = seized.legs["flow_kg"] - without.legs["flow_kg"]
    assert legs["a>s:land"] == pytest.approx(0.0, abs=1e-9)
    assert legs["b>s:land"] == pytest.approx(0.0, abs=1e-9)
    onward = legs[["c>a:land", "c>b:land"]].sum() - legs[["a>c:land", "b>c:land"]].sum()
    assert onward == pytest.approx(40.0)


def test_legs_are_told_in_the_direction_in_which_the_chemical_moves(heroin):
    chemical = opr.estimate_precursor_flows(heroin, table(c=200.0), ratio=RATIO)
    legs = chemical.legs
    ends = heroin.network.legs[["from_node", "to_node"]]
    pd.testing.assert_frame_equal(legs[["from_node", "to_node"]], pd.DataFrame(ends))
    assert legs.at["c>a:land", "flow_kg"] > 0
    # It is not carried out of where it is needed.
    assert legs.at["s>a:land", "flow_kg"] == 0
    pd.testing.assert_frame_equal(chemical.network.legs, heroin.network.legs)


def test_the_spread_of_ratio_and_heroin_is_in_the_interval(heroin):
    chemical = opr.estimate_precursor_flows(heroin, table(c=200.0), ratio=(1.0, 2.0, 3.0))
    relative = np.hypot(0.1, 2.0 / (2 * Z90) / 2.0)
    width = np.log(chemical.supply_high_kg / chemical.supply_low_kg) / (2 * Z90)
    assert width == pytest.approx(np.sqrt(np.log1p(relative**2)))


def test_the_default_ratio_lies_between_chemistry_and_the_published_bound(heroin):
    chemical = opr.estimate_precursor_flows(heroin, table(c=200.0))
    assert chemical.provenance["ratio"] == [0.55, 1.2, 2.5]
    assert chemical.nodes["consumption_kg"].sum() == pytest.approx(120.0)
    # Two molecules of 102.09 for one of heroin of 369.41; "as much as 2.5" as published.
    least = 2 * 102.09 / 369.41
    assert least == pytest.approx(0.55, abs=0.005)
    assert np.sqrt(least * 2.5) == pytest.approx(1.2, abs=0.03)


def test_published_flows_of_the_chemical_point_forward(heroin):
    flows = pd.DataFrame({"from_node": ["a"], "to_node": ["s"], "best_kg": [150.0], "sd_kg": [0.0]})
    chemical = opr.estimate_precursor_flows(heroin, table(c=200.0), flows=flows, ratio=RATIO)
    assert chemical.legs.at["a>s:land", "flow_kg"] == pytest.approx(150.0, rel=1e-9)


def test_laboratories_stand_where_commodities_are_converted():
    rows = pd.DataFrame({"node": ["s"], "commodity": ["opium"], "best_kg": [850.0], "sd_kg": [0.0]})
    wanted = pd.DataFrame(
        {"node": ["c", "c"], "commodity": ["heroin", "opium"], "best_kg": [80.0, 100.0]}
    )
    made = pd.DataFrame(
        {"node": ["s", "a"], "from_commodity": ["opium"] * 2, "to_commodity": ["heroin"] * 2}
    )
    fit = opr.estimate_flows(
        net(),
        opr.Evidence.from_tables(supply=rows, demand=wanted),
        commodities=BOTH,
        conversions=made,
    )
    chemical = opr.estimate_precursor_flows(fit, table(c=200.0), ratio=RATIO)
    for place in ("s", "a"):
        heroin = fit.legs.at[f"{place}:opium>heroin", "flow_kg"]
        assert heroin > 1.0
        assert chemical.nodes.at[place, "consumption_kg"] == pytest.approx(2.0 * heroin, rel=1e-9)
    assert sorted(chemical.nodes.index) == ["a", "b", "c", "s"]
    assert set(chemical.legs.index) == set(net().legs.index)
    assert chemical.certificate.balance <= 1e-12


def test_heroin_made_is_what_is_supplied_and_what_is_converted():
    evidence = opr.load_evidence(2008, commodities=BOTH)
    fit = opr.estimate_flows(opr.load_network(), evidence, commodities=BOTH)
    assert heroin_made(fit)[["node", "best_kg"]].to_numpy().tolist() == [["AFG", 375_000.0]]


def test_a_group_with_laboratories():
    grouped = net(iso3=["S", "A", "B", "C"], population=1.0)
    evidence = opr.Evidence.from_tables(
        supply=table(S=100.0), demand=table(C=90.0).assign(sd_kg=5.0)
    )
    fit = opr.estimate_flows(grouped, evidence)
    chemical = opr.estimate_precursor_flows(fit, table(C=200.0), seized=table(S=30.0), ratio=RATIO)
    assert chemical.nodes.at["s", "consumption_kg"] == pytest.approx(200.0)
    assert chemical.nodes.at["s", "seizure_kg"] == pytest.approx(30.0)
    assert chemical.nodes["supply_kg"].sum() == pytest.approx(230.0)


def test_without_a_place_of_diversion_there_is_no_estimate(heroin):
    with pytest.raises(UnreachableError, match="nowhere to end"):
        opr.estimate_precursor_flows(heroin, table())


def test_a_sum_over_commodities_does_not_say_what_is_made():
    evidence = opr.Evidence.from_tables(supply=table(s=100.0), demand=table(c=90.0))
    fit = opr.estimate_flows(net(), evidence, commodities=BOTH)
    with pytest.raises(EvidenceError, match="heroin made is not known"):
        opr.estimate_precursor_flows(fit, table(c=200.0))


@pytest.mark.parametrize("ratio", [(0.0, 1.0, 2.0), (2.0, 1.0, 3.0), (1.0, 2.0, np.inf)])
def test_ratios_that_are_none_are_refused(heroin, ratio):
    with pytest.raises(ValueError, match="ratio must be"):
        opr.estimate_precursor_flows(heroin, table(c=200.0), ratio=ratio)


def test_turning_twice_leads_back():
    legs = reversed_network(reversed_network(net(), []), []).legs
    pd.testing.assert_frame_equal(
        pd.DataFrame(legs[["from_node", "to_node"]]),
        pd.DataFrame(net().legs[["from_node", "to_node"]]),
    )


def test_shipped_seizures_of_the_chemical():
    rows = opr.load_precursor_seizures(2013).set_index("node")
    assert rows.at["PAK", "best_kg"] > 0
    assert "Afghan (assumption)" in rows.at["PAK", "note"]
    # What was meant for other heroin stays out.
    assert "MMR" not in set(opr.load_precursor_seizures(2014).query("best_kg > 1000")["node"])
    with pytest.raises(UnknownNameError, match="there are some for 2006"):
        opr.load_precursor_seizures(1999)


def test_both_resolutions_need_the_same():
    diverted = pd.DataFrame({"node": ["DEU", "CHN"], "low_kg": 0.0, "high_kg": 900_000.0})
    for level in ("countries", "crossings"):
        fit = opr.estimate_flows(opr.load_network(level), opr.load_evidence(2018))
        chemical = opr.estimate_precursor_flows(
            fit, diverted, seized=opr.load_precursor_seizures(2018), outside="skip"
        )
        assert chemical.nodes["consumption_kg"].sum() == pytest.approx(1.2 * fit.supply_kg)
        assert chemical.certificate.gap <= 1e-10
        at_labs = chemical.nodes.loc[fit.network.nodes["iso3"] == "AFG", "consumption_kg"]
        assert at_labs.sum() == pytest.approx(1.2 * fit.supply_kg)
