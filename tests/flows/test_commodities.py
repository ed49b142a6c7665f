"""Commodities are layers of one network: conserved as heroin, counted in kilograms of their own."""

import numpy as np
import pandas as pd
import pytest

import opiateroutes as opr
from opiateroutes.errors import EvidenceError, UnknownNameError, UnreachableError
from opiateroutes.evidence.parameters import Z90
from opiateroutes.flows.commodities.layers import layered

BOTH = ("opium", "heroin")


def chain(*, iso3=None, border=None):
    """The places s > a > b, and back from b to a."""
    nodes = pd.DataFrame({"node": ["s", "a", "b"]})
    if iso3:
        nodes["iso3"] = iso3
        nodes["population"] = 1.0
    pairs = [("s", "a"), ("a", "b"), ("b", "a")]
    legs = pd.DataFrame(pairs, columns=["from", "to"]).assign(cost=1.0)
    if border is not None:
        legs["border"] = [border[pair] for pair in pairs]
    return opr.RouteNetwork.from_tables(nodes, legs)


def rows(*values):
    return pd.DataFrame(values, columns=["node", "commodity", "best_kg", "sd_kg"])


def evidence(supply, demand, **tables):
    return opr.Evidence.from_tables(supply=rows(*supply), demand=rows(*demand), **tables)


def exact(**ratios):
    """Conversions without spread."""
    return {name: (ratio, ratio, ratio) for name, ratio in ratios.items()}


MADE_AT_S = evidence(
    [("s", "opium", 8500.0, 0.0)], [("a", "opium", 850.0, 1.0), ("b", "heroin", 700.0, 1.0)]
)


@pytest.mark.parametrize("year", [2008, 2010, 2019])
def test_one_commodity_is_the_estimate_without(year):
    net, figures = opr.load_network(), opr.load_evidence(year)
    plain = opr.estimate_flows(net, figures)
    layer = opr.estimate_flows(net, figures, commodities=("heroin",))
    columns = ["flow_kg", "low_kg", "high_kg", "net_kg", "leverage"]
    found = layer.legs.set_index("of_leg")[columns].reindex(plain.legs.index)
    np.testing.assert_allclose(found, plain.legs[columns], rtol=1e-12, atol=1e-9)


def test_a_second_commodity_without_figures_changes_nothing():
    net, figures = opr.load_network(), opr.load_evidence(2010)
    plain = opr.estimate_flows(net, figures)
    both = opr.estimate_flows(net, figures, commodities=("opium", "heroin"))
    flows = both.legs.groupby("of_leg")["flow_kg"].sum().reindex(plain.legs.index)
    # Figures without a commodity bind the sum: it moves in either layer alike.
    np.testing.assert_allclose(flows, plain.legs["flow_kg"], rtol=1e-6, atol=1e-3)


def test_mass_is_conserved_through_conversion():
    fit = opr.estimate_flows(chain(), MADE_AT_S, commodities=BOTH)
    assert fit.certificate.balance <= 1e-12
    legs = fit.legs
    made = legs.at["s:opium>heroin", "flow_kg"]
    heroin = legs.at["s>a:leg/heroin", "flow_kg"]
    opium = legs.at["s>a:leg/opium", "flow_kg"]
    assert made + opium == pytest.approx(1000.0, rel=1e-12)
    assert heroin == pytest.approx(made, rel=1e-12)
    exits = fit.nodes[["consumption_kg", "seizure_kg", "unaccounted_kg"]].sum(axis=1)
    of_heroin = exits[fit.nodes["commodity"] == "heroin"].sum()
    assert of_heroin == pytest.approx(made, rel=1e-12)


def test_tables_say_what_and_how_many_kilograms_of_it():
    fit = opr.estimate_flows(chain(), MADE_AT_S, commodities=BOTH)
    opium = fit.legs.loc["s>a:leg/opium"]
    assert opium["commodity"] == "opium"
    assert opium["of_leg"] == "s>a:leg"
    assert opium["commodity_kg"] == pytest.approx(8.5 * opium["flow_kg"])
    made = fit.legs.loc["s:opium>heroin"]
    assert made["commodity"] == "heroin"
    assert made["mode"] == "conversion"
    assert pd.isna(made["of_leg"])
    assert made["commodity_kg"] == made["flow_kg"]
    assert fit.nodes.at["a/opium", "place"] == "a"
    assert fit.summary().startswith("Estimated flows of opium, heroin in heroin equivalent")


def test_the_conversion_is_in_the_interval():
    legs = opr.estimate_flows(chain(), MADE_AT_S, commodities=BOTH).legs
    row = legs.loc["s>a:leg/opium"]
    flow = np.log(row["high_kg"] / row["low_kg"])
    found = np.log(row["commodity_high_kg"] / row["commodity_low_kg"])
    assert found == pytest.approx(np.hypot(flow, np.log(10 / 7)))
    heroin = legs.loc["s>a:leg/heroin"]
    assert heroin["commodity_low_kg"] == pytest.approx(heroin["low_kg"])


def test_figures_become_heroin_equivalents_with_the_spread_of_the_conversion():
    _, found = layered(chain(), MADE_AT_S, commodities=BOTH)
    supply = found.supply.loc["supply:s/opium"]
    assert supply["best_kg"] == pytest.approx(1000.0)
    assert supply["sd_kg"] == pytest.approx(1000.0 * 3 / (2 * Z90) / 8.5)
    assert supply["note"] == "8.5 t of opium at 8.5 kg per kg of heroin"
    heroin = found.demand.loc["demand:b/heroin"]
    assert (heroin["best_kg"], heroin["sd_kg"]) == (700.0, 1.0)


def test_a_figure_without_a_commodity_binds_the_sum():
    figures = evidence(
        [("s", "opium", 100.0, 0.0)],
        [("a", None, 60.0, 0.0), ("b", "heroin", 40.0, 0.0)],
    )
    net, laid = layered(chain(), figures, commodities=BOTH, kg_per_heroin_kg=exact(opium=1.0))
    assert laid.demand["node"].tolist() == ["a/opium;a/heroin", "b/heroin"]
    fit = opr.estimate_flows(net, laid)
    at_a = fit.nodes.loc[["a/opium", "a/heroin"], "consumption_kg"]
    assert at_a.sum() == pytest.approx(60.0, abs=1e-6)
    assert (at_a > 1.0).all()
    assert fit.nodes.at["b/heroin", "consumption_kg"] == pytest.approx(40.0, abs=1e-6)


def test_a_place_that_is_a_group_stays_one():
    net = chain(iso3=["s", "a", "b"])
    figures = evidence([("s", "opium", 8500.0, 0.0)], [("a", None, 500.0, 50.0)])
    _, laid = layered(net, figures, commodities=BOTH)
    assert laid.demand["node"].tolist() == ["a"]
    grouped = opr.estimate_flows(net, figures, commodities=BOTH).legs["flow_kg"]
    listed = opr.estimate_flows(chain(), figures, commodities=BOTH).legs["flow_kg"]
    np.testing.assert_allclose(grouped, listed, rtol=1e-9)


def test_commodities_on_a_network_with_inland_legs():
    border = {("s", "a"): True, ("a", "b"): False, ("b", "a"): False}
    net = chain(iso3=["S", "A", "A"], border=border)
    figures = evidence(
        [("S", "opium", 8500.0, 0.0)], [("A", "opium", 4250.0, 10.0), ("A", "heroin", 400.0, 10.0)]
    )
    fit = opr.estimate_flows(net, figures, commodities=BOTH)
    consumed = fit.nodes.groupby("commodity")["consumption_kg"].sum()
    assert consumed["opium"] == pytest.approx(500.0, rel=0.2)
    assert consumed["heroin"] == pytest.approx(400.0, rel=0.2)
    assert fit.certificate.balance <= 1e-9
    plain = opr.Evidence.from_tables(
        supply=pd.DataFrame({"node": ["S"], "best_kg": [1000.0]}),
        demand=pd.DataFrame({"node": ["A"], "best_kg": [900.0]}),
    )
    one = opr.estimate_flows(net, plain).legs["flow_kg"]
    layer = opr.estimate_flows(net, plain, commodities=("heroin",)).legs
    np.testing.assert_allclose(layer.set_index("of_leg")["flow_kg"], one, rtol=1e-12)


def test_published_flows_and_shares_concern_their_commodity():
    figures = evidence(
        [("s", "opium", 8500.0, 0.0)],
        [("a", "opium", 850.0, 400.0), ("b", "heroin", 700.0, 400.0)],
        flows=pd.DataFrame(
            {
                "from_node": ["*", "s"],
                "to_node": ["a", "a"],
                "commodity": ["heroin", "opium"],
                "best_kg": [600.0, 3400.0],
                "sd_kg": [0.0, 0.0],
            }
        ),
    )
    net, laid = layered(chain(), figures, commodities=BOTH, kg_per_heroin_kg=exact(opium=8.5))
    ends = laid.flows[["from_nodes", "to_nodes", "best_kg"]]
    # Anywhere is where legs of heroin come from: what is made at the place does not arrive there.
    assert ends.loc["flow:*>a/heroin"].tolist() == ["b/heroin;s/heroin", "a/heroin", 600.0]
    assert ends.loc["flow:s>a/opium"].tolist() == ["s/opium", "a/opium", 400.0]
    fit = opr.estimate_flows(net, laid)
    assert fit.residuals.at["flow:*>a/heroin", "estimate_kg"] == pytest.approx(600.0)
    assert fit.legs.at["s>a:leg/opium", "flow_kg"] == pytest.approx(400.0)


def test_conversion_takes_place_where_it_is_said_to():
    figures = evidence([("s", "opium", 8500.0, 0.0)], [("b", "heroin", 800.0, 10.0)])
    at_a = pd.DataFrame({"node": ["a"], "from_commodity": ["opium"], "to_commodity": ["heroin"]})
    fit = opr.estimate_flows(chain(), figures, commodities=BOTH, conversions=at_a)
    assert fit.legs.at["a:opium>heroin", "flow_kg"] == pytest.approx(1000.0)
    assert fit.legs.at["s>a:leg/heroin", "flow_kg"] == 0
    nowhere = at_a.iloc[:0]
    with pytest.raises(UnreachableError):
        opr.estimate_flows(chain(), figures, commodities=BOTH, conversions=nowhere)


def test_the_cost_of_a_conversion_is_in_nats():
    figures = evidence(
        [("s", "opium", 8500.0, 0.0)], [("a", "opium", 1.0, 9e5), ("a", "heroin", 1.0, 9e5)]
    )
    made = pd.DataFrame({"node": ["s"], "from_commodity": ["opium"], "to_commodity": ["heroin"]})
    odds = []
    for cost in (0.0, 2.0):
        priced = made.assign(cost=cost)
        fit = opr.estimate_flows(chain(), figures, commodities=BOTH, conversions=priced)
        heroin = fit.legs.at["s:opium>heroin", "flow_kg"]
        odds.append(heroin / (1000.0 - heroin))
    assert odds[0] / odds[1] == pytest.approx(np.exp(2.0), rel=1e-3)


def test_where_a_commodity_has_a_supply_nothing_is_made_into_it():
    figures = evidence(
        [("s", "opium", 8500.0, 0.0), ("s", "heroin", 500.0, 0.0)],
        [("a", "opium", 8500.0, 100.0), ("b", "heroin", 500.0, 50.0)],
    )
    net, _ = layered(chain(), figures, commodities=BOTH)
    assert not (net.legs["mode"] == "conversion").any()


def test_costs_of_the_network_are_those_of_every_layer():
    net = chain()
    by_leg = pd.Series(3.0, index=net.legs.index)
    dear = opr.estimate_flows(net, MADE_AT_S, commodities=BOTH, cost=by_leg)
    same = opr.estimate_flows(net, MADE_AT_S, commodities=BOTH, cost="cost")
    default = opr.estimate_flows(net, MADE_AT_S, commodities=BOTH)
    pd.testing.assert_frame_equal(same.legs, default.legs)
    assert not np.allclose(dear.legs["flow_kg"], same.legs["flow_kg"])


def test_baselines_take_commodities_too():
    fit = opr.estimate_flows(chain(), MADE_AT_S, commodities=BOTH, method="shortest_path")
    assert "commodity_kg" in fit.legs
    assert fit.legs.loc["s>a:leg/opium", "commodity_low_kg":"commodity_high_kg"].isna().all()


def test_values_are_those_of_the_commodity_at_hand():
    fit = opr.estimate_flows(chain(), MADE_AT_S, commodities=BOTH)
    prices = pd.DataFrame(
        {
            "node": ["s", "a", "s", "a"],
            "commodity": ["opium", "opium", "heroin", "heroin"],
            "best_usd_per_kg": [100.0, 300.0, 2000.0, 5000.0],
        }
    )
    values = fit.values(prices)
    opium = values.loc["s>a:leg/opium"]
    kilograms = fit.legs.at["s>a:leg/opium", "commodity_kg"]
    assert opium["value_at_start_usd"] == pytest.approx(100.0 * kilograms)
    assert opium["gross_profit_usd"] == pytest.approx(200.0 * kilograms)
    made = values.loc["s:opium>heroin"]
    assert made["gross_profit_usd"] == pytest.approx(made["flow_kg"] * (2000.0 - 850.0))
    assert values.at["a>b:leg/heroin", "note"] == "no price of heroin at b/heroin"


def test_without_commodities_heroin_is_meant_and_other_kilograms_are_refused():
    figures = evidence([("s", "heroin", 100.0, 0.0)], [("b", "heroin", 90.0, 5.0)])
    plain = evidence([("s", None, 100.0, 0.0)], [("b", None, 90.0, 5.0)])
    found, same = (opr.estimate_flows(chain(), e).legs for e in (figures, plain))
    pd.testing.assert_series_equal(found["flow_kg"], same["flow_kg"])
    with pytest.raises(EvidenceError, match="2 figure") as error:
        opr.estimate_flows(chain(), MADE_AT_S)
    assert set(error.value.failures["hint"]) == {"estimate with commodities="}


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"commodities": ("opium", "opium")}, ValueError, "different names"),
        ({"commodities": ()}, ValueError, "at least one"),
        ({"commodities": ("codeine",)}, UnknownNameError, "give kg_per_heroin_kg"),
        ({"kg_per_heroin_kg": {"opium": (9.0, 8.0, 7.0)}}, ValueError, "in order"),
    ],
)
def test_commodities_that_cannot_be_laid_out_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        layered(chain(), MADE_AT_S, **options)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"node": ["x"]}, "the network has no such node"),
        ({"to_commodity": ["morphine"]}, "no such commodity"),
        ({"cost": ["much"]}, "must be a number of nats"),
    ],
)
def test_conversions_that_cannot_be_used_are_refused(change, rule):
    made = pd.DataFrame({"node": ["s"], "from_commodity": ["opium"], "to_commodity": ["heroin"]})
    with pytest.raises(EvidenceError) as error:
        layered(chain(), MADE_AT_S, commodities=BOTH, conversions=made.assign(**change))
    assert error.value.failures["rule"].tolist() == [rule]


def test_shipped_figures_stand_by_commodity():
    figures = opr.load_evidence(2008, commodities=("opium", "morphine", "heroin"))
    supply = figures.supply["best_kg"]
    assert supply.to_dict() == {"supply:AFG/heroin": 375_000, "supply:AFG/opium": 900_000}
    assert figures.demand.at["demand:IRN/opium", "best_kg"] == pytest.approx(0.99 * 450_000)
    assert figures.seizures.at["seizure:IRN/opium", "best_kg"] == pytest.approx(0.99 * 561_272)
    together = opr.load_evidence(2008).seizures.at["seizure:IRN", "best_kg"]
    apart = figures.seizures.loc[["seizure:IRN/heroin", "seizure:IRN/morphine"], "best_kg"]
    assert apart.sum() == pytest.approx(together)


def test_the_supply_of_opium_is_derived_in_steps_where_none_is_published():
    figures = opr.load_evidence(2019, commodities=BOTH)
    steps = figures.steps.query("node == 'AFG' and step == 'opium leaving as opium'")
    assert steps["best"].tolist() == figures.supply.loc[["supply:AFG/opium"], "best_kg"].tolist()
    assert "of 2008, for want" in figures.demand.at["demand:IRN/opium", "note"]
    assert figures.demand.at["demand:IRN/opium", "confidence"] == "low"


def test_without_the_argument_nothing_changes():
    figures = opr.load_evidence(2008)
    assert not any("/" in name for name in figures.demand["node"])
    assert "opium" not in set(figures.steps["step"])


@pytest.mark.parametrize("names", [("opium",), ("heroin", "codeine")])
def test_figures_of_other_commodities_do_not_ship(names):
    with pytest.raises(UnknownNameError, match="heroin always"):
        opr.load_evidence(2008, commodities=names)
