"""Spread that shipped figures owe to the same assumption, and what it does to draws."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

import opiateroutes as opr
from opiateroutes.evidence.parameters import load_parameters

YEARS = (2005, 2008, 2010, 2015, 2022)


def causes(evidence):
    """Relative spread by row and cause, of demand and seizures."""
    shared = evidence.shared[~evidence.shared["row"].str.startswith("supply:")]
    return shared.pivot_table(index="row", columns="cause", values="relative_sd", aggfunc="sum")


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize(
    "commodities", [None, ("opium", "heroin"), ("opium", "morphine", "heroin")]
)
def test_what_is_shared_stays_within_the_spread_of_a_figure(year, commodities):
    evidence = opr.load_evidence(year, commodities=commodities)
    rows = pd.concat([evidence.demand, evidence.seizures])
    found = causes(evidence)
    assert found.index.isin(rows.index).all()
    assert not evidence.shared.duplicated(["row", "cause"]).any()
    assert (evidence.shared["relative_sd"] > 0).all()
    own = (rows["sd_kg"] / rows["best_kg"]).reindex(found.index)
    assert (np.sqrt((found**2).sum(axis=1)) <= own * (1 + 1e-9)).all()


def test_use_per_user_is_one_value_for_all_demand_from_surveys():
    evidence = opr.load_evidence(2010)
    users = causes(evidence)["heroin a user"].dropna()
    derived = set(evidence.steps.loc[evidence.steps["step"] == "heroin a user", "node"])
    at_home = set(evidence.supply["node"])
    there = set(evidence.demand["node"])
    assert {row.removeprefix("demand:") for row in users.index} == derived & there - at_home
    assert set(users) == {load_parameters().get("heroin_g_per_user").relative_sd}


def test_a_published_consumption_has_no_use_per_user():
    evidence = opr.load_evidence(2008)
    published = evidence.demand.index[evidence.demand["note"].str.contains("published")]
    assert len(published) > 0
    assert causes(evidence)["heroin a user"].reindex(published).isna().all()


def test_the_share_of_afghan_origin_is_shared_by_scope():
    found = causes(opr.load_evidence(2010))
    europe = found["of Afghan origin: Western and Central Europe"].dropna().index
    assert {"demand:DEU", "demand:FRA", "seizure:DEU"} <= set(europe)
    assert not {"demand:TUR", "demand:RUS"} & set(europe)
    own = found["of Afghan origin: CHN"].dropna().index
    assert set(own) == {"demand:CHN", "seizure:CHN"}
    scopes = [c for c in found.columns if c.startswith("of Afghan origin: ")]
    # One scope for each figure.
    assert (found[scopes].notna().sum(axis=1) <= 1).all()


def test_the_share_of_heroin_users_is_shared_by_scope():
    found = causes(opr.load_evidence(2010))
    general = found["of them use heroin: *"].dropna().index
    assert {"demand:DEU", "demand:TUR"} <= set(general)
    assert "demand:IRN" not in general
    assert found["of them use heroin: IRN"].dropna().index.tolist() == ["demand:IRN"]


def test_other_commodities_share_their_origin_only():
    found = causes(opr.load_evidence(2008, commodities=("opium", "heroin")))
    row = found.loc["demand:IRN/opium"].dropna()
    assert row.index.tolist() == ["of Afghan origin: Near and Middle East/South-West Asia"]
    assert "heroin a user" in found.loc["demand:DEU/heroin"].dropna().index


def drawn(evidence):
    """Figures of 4,096 draws, kg."""
    ens = opr.sample_flows(opr.load_network(), evidence, draws=2, progress=False)
    inputs = ens.plan.inputs
    z = np.random.default_rng(0).standard_normal((len(inputs), 4096))
    problem, supply = inputs.problem(z)
    return pd.DataFrame((problem.target * supply).T, columns=inputs.rows.names)


def test_draws_of_two_markets_rise_and_fall_together():
    evidence = opr.load_evidence(2010)
    together = drawn(evidence)
    correlation = together.corr()
    assert correlation.loc["demand:DEU", "demand:FRA"] > 0.4
    assert correlation.loc["demand:DEU", "demand:TUR"] > 0.3
    assert abs(correlation.loc["demand:DEU", "seizure:IRN"]) < 0.05
    nothing = evidence.shared.iloc[:0]
    apart = drawn(dataclasses.replace(evidence, shared=nothing))
    assert abs(apart.corr().loc["demand:DEU", "demand:FRA"]) < 0.05
    demand = together.columns.str.startswith("demand:")
    total, alone = (frame.loc[:, demand].sum(axis=1) for frame in (together, apart))
    assert total.mean() == pytest.approx(alone.mean(), rel=0.02)
    assert total.std() > 1.5 * alone.std()
    for frame in (together, apart):
        assert frame["demand:DEU"].std() == pytest.approx(
            evidence.demand.at["demand:DEU", "sd_kg"], rel=0.08
        )


def test_consumption_in_all_is_less_certain_where_its_figures_share_causes():
    evidence = opr.load_evidence(2010)
    apart = dataclasses.replace(evidence, shared=evidence.shared.iloc[:0])
    widths = []
    for one in (apart, evidence):
        ens = opr.sample_flows(opr.load_network(), one, draws=512, rng=1)
        legs = len(ens.measure.legs)
        consumed = ens.arcs_kg[:, legs:][:, ens.measure.exit_kind == "consumption"].sum(axis=1)
        low, high = np.quantile(consumed, [0.05, 0.95])
        widths.append(high - low)
    assert 1.05 < widths[1] / widths[0] < 1.4
