"""Figures left out and predicted: by source, by edition, and for several weights of the prior."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from instances import random_case
from scipy.stats import norm

import opiateroutes as opr
from opiateroutes.errors import UnknownNameError
from opiateroutes.flows.validation.left_out import worthless
from opiateroutes.flows.validation.prediction import predictions


def _sourced(seed=3):
    """A random case whose rows name publications."""
    net, evidence = random_case(seed, n_nodes=9, n_sources=1)
    demand = evidence.demand.assign(source="survey; people; assumption")
    seizures = evidence.seizures.assign(source="customs; assumption")
    flows = evidence.flows.assign(source=["customs; report", "report"])
    return net, replace(evidence, demand=demand, seizures=seizures, flows=flows)


def test_a_row_belongs_to_every_publication_but_the_assumption():
    net, evidence = _sourced()
    found = opr.leave_one_source_out(net, evidence)
    groups = found.rows.groupby("left_out").groups
    assert set(groups) == {"customs", "people; survey", "report"}
    assert set(groups["people; survey"]) == set(evidence.demand.index)
    assert set(groups["customs"]) == {*evidence.seizures.index, "flow:first"}
    assert set(groups["report"]) == {"flow:first", "flow:second"}
    assert found.summary["rows"].sum() == len(found.rows)


def test_what_is_left_out_does_not_reach_its_own_prediction():
    net, evidence = _sourced()
    before = opr.leave_one_source_out(net, evidence).rows
    other = evidence.demand.assign(best_kg=evidence.demand["best_kg"] * 7.0)
    after = opr.leave_one_source_out(net, replace(evidence, demand=other)).rows
    left_out = before["left_out"] == "people; survey"
    assert np.allclose(before.loc[left_out, "predicted_kg"], after.loc[left_out, "predicted_kg"])
    assert not np.allclose(
        before.loc[~left_out, "predicted_kg"], after.loc[~left_out, "predicted_kg"], rtol=1e-3
    )
    assert np.allclose(after.loc[left_out, "figure_kg"], other["best_kg"])


def test_a_figure_left_out_keeps_its_exit():
    net, evidence = _sourced()
    fit = opr.estimate_flows(net, worthless(evidence, evidence.seizures.index))
    seized = fit.nodes.loc[evidence.seizures["node"], "seizure_kg"]
    assert (seized > 0).all()
    left = opr.estimate_flows(net, replace(evidence, seizures=evidence.seizures.head(0)))
    assert left.nodes["seizure_kg"].sum() == 0


def test_a_row_without_weight_binds_nothing():
    net, evidence = _sourced()
    fit = opr.estimate_flows(net, worthless(evidence, evidence.flows.index))
    none = opr.estimate_flows(net, replace(evidence, flows=evidence.flows.head(0)))
    assert np.abs(fit.legs["flow_kg"] - none.legs["flow_kg"]).max() < 1e-3 * fit.supply_kg


def test_supply_and_rows_without_publication_stay():
    net, evidence = _sourced()
    supply = evidence.supply.assign(source="report")
    unnamed = evidence.seizures.assign(source="assumption")
    found = opr.leave_one_source_out(net, replace(evidence, supply=supply, seizures=unnamed))
    assert set(found.rows["left_out"]) == {"customs", "people; survey", "report"}
    assert not {"supply", "seizure"} & set(found.rows["kind"])


def test_evidence_without_publications_is_refused():
    net, evidence = random_case(3)
    with pytest.raises(ValueError, match="names a publication"):
        opr.leave_one_source_out(net, evidence)


def test_a_method_without_intervals_is_refused():
    net, evidence = _sourced()
    with pytest.raises(ValueError, match="path_measure"):
        opr.leave_one_source_out(net, evidence, method="shortest_path")


def test_scores_are_those_of_a_normal_logarithm():
    net, evidence = _sourced()
    fit = opr.estimate_flows(net, worthless(evidence, evidence.flows.index))
    found = predictions(fit, evidence.flows)
    z = norm.ppf(0.95)
    log_sd = np.log(found["high_kg"] / found["low_kg"]) / (2 * z)
    error = np.log(found["predicted_kg"] / found["figure_kg"])
    assert np.allclose(found["error_sigmas"], error / log_sd)
    assert np.allclose(found["log_score"], -norm.logpdf(error, scale=log_sd))
    within = (found["low_kg"] <= found["figure_kg"]) & (found["figure_kg"] <= found["high_kg"])
    assert (found["inside"] == within).all()


def test_a_figure_of_zero_is_compared_in_kilograms():
    net, evidence = _sourced()
    figures = evidence.flows.assign(best_kg=0.0, sd_kg=1.0)
    found = predictions(opr.estimate_flows(net, worthless(evidence, figures.index)), figures)
    assert found["log_score"].isna().all()
    assert np.isfinite(found["error_sigmas"]).all()
    assert (found["error_sigmas"] > 0).all()


def test_intervals_cover_figures_that_the_model_made_itself():
    net, evidence = _sourced(11)
    fit = opr.estimate_flows(net, evidence)
    flows = fit.residuals.loc[evidence.flows.index, "estimate"]
    own = evidence.flows.assign(best_kg=flows, sd_kg=0.2 * flows)
    found = opr.leave_one_source_out(net, replace(evidence, flows=own)).rows
    assert found.loc[found["kind"] == "flow", "inside"].all()


def test_prior_weights_stand_side_by_side():
    net, evidence = _sourced()
    found = opr.prior_weights(net, evidence, n_effective=(3, 30, 300))
    alone = opr.estimate_flows(net, evidence, n_effective=300)
    legs = found.legs.loc[alone.legs.index]
    assert np.allclose(legs["flow_n300_kg"], alone.legs["flow_kg"])
    assert np.allclose(legs["high_n300_kg"], alone.legs["high_kg"])
    best = legs[["flow_n3_kg", "flow_n30_kg", "flow_n300_kg"]]
    assert np.allclose(legs["factor"].dropna(), (best.max(axis=1) / best.min(axis=1)).dropna())
    throughput = found.nodes.loc[alone.nodes.index, "throughput_n300_kg"]
    assert np.allclose(throughput, alone.nodes["throughput_kg"])
    rms = found.misfit["rms_sigmas"]
    assert (rms.loc[3.0] < rms.loc[300.0]).all()
    assert found.residuals["sigmas_n3"].equals(found.fits[3.0].residuals["residual_sigmas"])


@pytest.mark.parametrize("weights", [(), (10, 10), (0,)])
def test_weights_that_make_no_sense_are_refused(weights):
    net, evidence = _sourced()
    with pytest.raises(ValueError, match="n_effective"):
        opr.prior_weights(net, evidence, n_effective=weights)


@pytest.fixture(scope="module")
def net():
    return opr.load_network()


def test_later_seizures_are_new_or_revised(net):
    early, late = opr.load_evidence(2019, edition=2021), opr.load_evidence(2019)
    found = opr.vintage_holdout(net, 2019, edition=2021).rows
    new = found[found["left_out"] == "new"]
    revised = found[found["left_out"] == "revised"]
    assert not set(new.index) & set(early.seizures.index)
    assert new["earlier_kg"].isna().all()
    assert np.allclose(revised["earlier_kg"], early.seizures.loc[revised.index, "best_kg"])
    assert np.allclose(found["figure_kg"], late.seizures.loc[found.index, "best_kg"])
    same = early.seizures["best_kg"].reindex(late.seizures.index) == late.seizures["best_kg"]
    assert not set(found.index) & set(same.index[same])


def test_a_revised_supply_is_predicted_by_the_early_one(net):
    found = opr.vintage_holdout(net, 2010, edition=2011).rows.loc["supply:AFG"]
    assert found["left_out"] == "revised"
    assert found["predicted_kg"] == pytest.approx(found["earlier_kg"])


def test_nothing_is_held_back_after_the_last_edition(net):
    found = opr.vintage_holdout(net, 2010, edition=2100)
    assert found.rows.empty
    assert "no figures" in repr(found)


def test_an_edition_keeps_what_was_published_by_then():
    early, late = opr.load_evidence(2008, edition=2009), opr.load_evidence(2008)
    assert early.seizures.empty
    assert set(early.flows["edition"]) == {2009}
    assert len(late.flows) == len(early.flows) + 1
    pd.testing.assert_frame_equal(early.demand, late.demand)
    with pytest.raises(UnknownNameError, match="no supply is known"):
        opr.load_evidence(2010, edition=2005)


def test_results_say_what_they_are(net):
    found = opr.vintage_holdout(net, 2008, edition=2009)
    assert "2008, as published up to 2009" in repr(found)
    assert "<table" in found._repr_html_()
    weights = opr.prior_weights(*_sourced(), n_effective=(5,))
    assert repr(weights).startswith("<PriorWeights: n_effective 5;")
    assert "<table" in weights._repr_html_()
