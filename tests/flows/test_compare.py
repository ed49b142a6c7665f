"""Comparing estimates: known figures, and what cannot be compared."""

import numpy as np
import pandas as pd
import pytest
from instances import random_case

import opiateroutes as opr
from opiateroutes.errors import NetworkError, UnknownNameError

METHODS = ("path_measure", "shortest_path", "least_squares")


@pytest.fixture(scope="module")
def fits():
    net, evidence = random_case(3)
    return [opr.estimate_flows(net, evidence, method=method) for method in METHODS]


def test_a_list_goes_by_method_and_the_first_is_the_reference(fits):
    comparison = opr.compare(fits)
    assert comparison.table.index.tolist() == list(METHODS)
    assert comparison.reference == "path_measure"
    first = comparison.table.loc["path_measure"]
    assert (first["wape"], first["coverage"]) == (0.0, 1.0)
    assert first["rank_correlation"] == pytest.approx(1.0)
    assert first["largest_difference_leg"] == ""


def test_figures_are_those_of_their_definitions(fits):
    from scipy.stats import spearmanr

    comparison = opr.compare(fits)
    truth = fits[0].legs["flow_kg"]
    for name, fit in zip(METHODS[1:], fits[1:], strict=True):
        row, flow = comparison.table.loc[name], fit.legs["flow_kg"]
        assert row["wape"] == pytest.approx((flow - truth).abs().sum() / truth.sum())
        assert row["rank_correlation"] == pytest.approx(spearmanr(flow, truth).statistic)
        assert row["total_flow_kg"] == pytest.approx(flow.sum())
        worst = (flow - truth).abs().idxmax()
        assert row["largest_difference_leg"] == worst
        assert row["largest_difference_kg"] == pytest.approx(flow[worst] - truth[worst])


def test_coverage_counts_legs_with_flow_and_is_missing_without_intervals(fits):
    low, high = (fits[2].legs[column] for column in ("low_kg", "high_kg"))
    truth = (low + high) / 2
    truth.iloc[0], truth.iloc[1] = 2 * high.iloc[0] + 1, 0.0
    table = opr.compare(fits, truth=truth).table
    moving = int((truth > 0).sum())
    assert table.at["least_squares", "coverage"] == pytest.approx(1 - 1 / moving)
    assert table.at["least_squares", "legs_with_interval"] == moving
    assert np.isnan(table.at["shortest_path", "coverage"])
    assert table.at["shortest_path", "legs_with_interval"] == 0


def test_legs_are_tidy(fits):
    comparison = opr.compare({"ours": fits[0], "cheapest": fits[1]}, truth=fits[2])
    assert comparison.reference == "the truth given (least_squares)"
    legs = comparison.legs
    assert legs.columns.tolist() == ["leg", "method", "flow_kg", "low_kg", "high_kg", "truth_kg"]
    assert len(legs) == 2 * len(fits[0].legs)
    assert legs["truth_kg"].tolist() == 2 * fits[2].legs["flow_kg"].tolist()


def test_a_truth_about_some_legs_judges_those_only(fits):
    legs = fits[0].legs["flow_kg"]
    truth = legs.iloc[:3].copy()
    truth.iloc[2] = np.nan
    comparison = opr.compare(fits[:1], truth=truth + 1.0)
    row = comparison.table.iloc[0]
    assert row["wape"] == pytest.approx(2.0 / (legs.iloc[:2].sum() + 2.0))
    assert comparison.legs["truth_kg"].notna().sum() == 2


def test_a_truth_without_flow_has_no_share_to_be_off_by(fits):
    row = opr.compare(fits[:1], truth=fits[0].legs["flow_kg"] * 0).table.iloc[0]
    assert np.isnan(row["wape"])
    assert np.isnan(row["rank_correlation"])
    assert np.isnan(row["coverage"])
    empty = opr.compare(fits[:1], truth=pd.Series(dtype="float64"))
    assert "not known" in empty.summary()


def test_summary_and_card_escape_names(fits):
    comparison = opr.compare({"<b>ours</b>": fits[0], "cheapest": fits[1]})
    lines = comparison.summary().splitlines()
    assert lines[0] == "2 estimates of the flows on legs, against <b>ours</b>"
    assert lines[2].startswith("cheapest: off by ")
    assert "<b>" not in comparison._repr_html_()
    assert "&lt;b&gt;ours" in comparison._repr_html_()
    assert repr(comparison) == "<Comparison of <b>ours</b>, cheapest against <b>ours</b>>"


def test_estimates_of_different_networks_are_refused(fits):
    net, evidence = random_case(4)
    other = opr.estimate_flows(net, evidence)
    with pytest.raises(NetworkError, match="different networks") as error:
        opr.compare({"one": fits[0], "other": other})
    assert len(error.value.failures)
    with pytest.raises(NetworkError, match="different networks"):
        opr.compare(fits[:1], truth=other)


def test_a_leg_that_joins_other_nodes_is_another_leg():
    def fit(*ends):
        legs = pd.DataFrame(ends, columns=["from_node", "to_node"]).assign(
            leg=["one", "two"], cost=1.0
        )
        net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": list("abc")}), legs)
        supply, demand = (pd.DataFrame({"node": [n], "kg": [1.0]}) for n in "ac")
        return opr.estimate_flows(net, opr.Evidence.from_tables(supply=supply, demand=demand))

    fits = {"x": fit(("a", "b"), ("b", "c")), "y": fit(("a", "b"), ("a", "c"))}
    with pytest.raises(NetworkError, match="joins other nodes in y than in x"):
        opr.compare(fits)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda s: s.rename({s.index[0]: "n00>n0l:leg"}), UnknownNameError, "network lacks"),
        (lambda s: -s - 1, ValueError, "at least 0"),
        (lambda s: pd.concat([s, s.iloc[:1]]), ValueError, "twice"),
    ],
)
def test_a_truth_that_cannot_be_read_is_refused(fits, change, error, words):
    with pytest.raises(error, match=words):
        opr.compare(fits, truth=change(fits[0].legs["flow_kg"].copy()))


def test_what_cannot_be_compared_is_refused(fits):
    with pytest.raises(ValueError, match="two estimates go by 'path_measure'"):
        opr.compare([fits[0], fits[0]])
    with pytest.raises(ValueError, match="no estimate"):
        opr.compare([])
    with pytest.raises(TypeError, match="several"):
        opr.compare(fits[0])
    with pytest.raises(TypeError, match="not str"):
        opr.compare({"x": "y"})


def test_nothing_is_changed(fits):
    before = fits[0].legs.copy()
    opr.compare(fits)
    pd.testing.assert_frame_equal(before, fits[0].legs)
