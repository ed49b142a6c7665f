"""Case 3: the published mass balance of 2008, and the shipped years."""

import pytest

import opiateroutes as opr
from opiateroutes.evidence import YEARS


@pytest.fixture(scope="module")
def net():
    return opr.load_network("countries")


@pytest.fixture(scope="module")
def fit_2008(net):
    return opr.estimate_flows(net, opr.load_evidence(2008))


def test_375_tonnes_leave_afghanistan(fit_2008):
    leaving = fit_2008.legs.query("from_node == 'AFG'")["flow_kg"].sum()
    returning = fit_2008.legs.query("to_node == 'AFG'")["flow_kg"].sum()
    assert leaving == pytest.approx(375_000, rel=1e-12)
    assert returning == 0


def test_certificate(fit_2008):
    assert fit_2008.certificate.gap <= 1e-10
    assert fit_2008.certificate.balance <= 1e-9


@pytest.mark.parametrize(
    ("row", "published_kg"),
    [("flow:afg_pak_2008", 150_000), ("flow:afg_central_asia_2008", 100_000)],
)
def test_published_corridors_are_met_within_their_spread(fit_2008, row, published_kg):
    residual = fit_2008.residuals.loc[row]
    assert residual["evidence_kg"] == published_kg
    assert abs(residual["residual_sigmas"]) < 1.0


def test_the_rest_goes_to_iran(fit_2008):
    to = fit_2008.legs.query("from_node == 'AFG'").set_index("to_node")["flow_kg"]
    assert to["IRN"] == pytest.approx(375_000 - to.drop("IRN").sum(), rel=1e-12)
    assert fit_2008.legs.at["AFG>IRN:land", "low_kg"] < 125_000
    assert fit_2008.legs.at["AFG>IRN:land", "high_kg"] > 125_000


def test_every_flow_names_its_evidence_or_says_model(fit_2008):
    rows = set(fit_2008.residuals.index)
    for leg in fit_2008.legs.itertuples():
        if leg.basis == "model":
            assert leg.rests_on.startswith("model")
        else:
            assert set(leg.rests_on.split("; ")) <= rows


def test_every_evidence_row_leads_to_a_publication(fit_2008):
    for row in fit_2008.residuals.itertuples():
        assert set(row.source.split("; ")) <= set(fit_2008.sources.index), row.Index


def test_intervals_hold_the_estimate(fit_2008):
    legs = fit_2008.legs
    assert (legs["low_kg"] <= legs["flow_kg"]).all()
    assert (legs["flow_kg"] <= legs["high_kg"]).all()
    nodes = fit_2008.nodes.dropna(subset="interception")
    assert (
        nodes["interception"].between(nodes["interception_low"], nodes["interception_high"]).all()
    )
    assert nodes["interception_high"].max() <= 1


@pytest.mark.parametrize("year", YEARS)
def test_every_shipped_year_is_certified(net, year):
    fit = opr.estimate_flows(net, opr.load_evidence(year))
    assert fit.certificate.gap <= 1e-10
    assert fit.certificate.balance <= 1e-9
    assert (fit.legs["flow_kg"] >= 0).all()
    exits = fit.nodes[["consumption_kg", "seizure_kg", "unaccounted_kg"]].sum().sum()
    assert exits == pytest.approx(fit.supply_kg, rel=1e-9)


def test_evidence_outside_of_the_network_is_listed_not_lost(fit_2008):
    used = fit_2008.residuals.index
    unused = fit_2008.unused.index
    evidence = fit_2008.evidence
    everything = set(evidence.supply.index) | set(evidence.demand.index)
    everything |= set(evidence.seizures.index) | set(evidence.flows.index)
    assert set(used) | set(unused) == everything
    assert not set(used) & set(unused)
    assert fit_2008.unused.at["demand:USA", "why"] == "no route from the supply leads there"


def test_summary_and_cards_say_estimate_and_interval(fit_2008):
    assert "90 % interval" in fit_2008.summary()
    assert "Estimated" in fit_2008._repr_html_()
    assert "375 t" in repr(fit_2008)
