"""Price gaps as evidence: they move the costs of legs before anything is conditioned."""

import numpy as np
import pandas as pd
import pytest
from refined import refine

import opiateroutes as opr
from opiateroutes.errors import DivergentRoutesError, EvidenceError, UnreachableError
from opiateroutes.evidence.parameters import load_parameters
from opiateroutes.flows.binding.price_gaps import price_costs

SCALE = load_parameters().get("price_gap_scale").best
ROUTES = [("s", "a", 2.0), ("s", "b", 2.0), ("a", "t", 2.0), ("b", "t", 2.5)]
SUPPLY = [{"node": "s", "best_kg": 1000.0, "sd_kg": 0.0}]
DEMAND = [{"node": "t", "best_kg": 1000.0, "sd_kg": 0.0}]


def network(legs):
    nodes = sorted({node for start, end, _ in legs for node in (start, end)})
    legs = pd.DataFrame(legs, columns=["from_node", "to_node", "cost"])
    return opr.RouteNetwork.from_tables(pd.DataFrame({"node": nodes}), legs)


def gap(start, end, log_ratio, sd, **more):
    return {
        "from_node": start,
        "to_node": end,
        "best_log_ratio": log_ratio,
        "sd_log_ratio": sd,
        **more,
    }


def evidence(*gaps, outside="error", demand=DEMAND):
    return opr.Evidence.from_tables(
        supply=pd.DataFrame(SUPPLY),
        demand=pd.DataFrame(demand),
        price_gaps=pd.DataFrame(gaps),
        outside=outside,
    )


def priced(net, rows, *, structural_sd=0.7):
    return price_costs(net, rows, net.legs["cost"], structural_sd=structural_sd)


def together(costs):
    return -np.logaddexp.reduce(-costs.to_numpy())


def flows(fit):
    return fit.legs.groupby(["from_node", "to_node"])["flow_kg"].sum()


def test_the_cost_becomes_the_posterior_mean():
    found = priced(network(ROUTES), evidence(gap("a", "t", 0.9, 0.2)))
    precision = 1 / 0.7**2, (SCALE / 0.2) ** 2
    expected = (precision[0] * 2.0 + precision[1] * 0.9 / SCALE) / sum(precision)
    assert found.costs["a>t:leg"] == pytest.approx(expected, rel=1e-12)
    assert found.costs.drop("a>t:leg").tolist() == [2.5, 2.0, 2.0]
    assert found.estimates["price_gap:a>t"] == pytest.approx(SCALE * expected)


@pytest.mark.parametrize(
    ("structural_sd", "sd", "expected"),
    [(0.7, 0.0, 0.9 / SCALE), (0.7, 1e9, 2.0), (0.0, 0.2, 2.0), (0.0, 0.0, 2.0)],
)
def test_what_is_known_exactly_decides(structural_sd, sd, expected):
    rows = evidence(gap("a", "t", 0.9, sd))
    found = priced(network(ROUTES), rows, structural_sd=structural_sd)
    assert found.costs["a>t:leg"] == pytest.approx(expected)


def test_two_gaps_weigh_as_their_precision_whatever_their_order():
    expected = (2.0 / 0.49 + SCALE * (0.9 / 0.04 + 0.1 / 0.25)) / (
        1 / 0.49 + SCALE**2 * (1 / 0.04 + 1 / 0.25)
    )
    for names in (("x", "y"), ("y", "x")):
        first, second = gap("a", "t", 0.9, 0.2, row=names[0]), gap("a", "t", 0.1, 0.5, row=names[1])
        found = priced(network(ROUTES), evidence(first, second))
        assert found.costs["a>t:leg"] == pytest.approx(expected, rel=1e-12)


def test_a_dearer_leg_carries_less():
    net = network(ROUTES)
    demand = [{"node": "t", "best_kg": 900.0, "sd_kg": 100.0}]
    rows = [evidence(demand=demand), evidence(gap("a", "t", 1.5, 0.3), demand=demand)]
    before, after = (opr.estimate_flows(net, row) for row in rows)
    assert flows(after)["a", "t"] < flows(before)["a", "t"]
    cost = priced(net, rows[1]).costs["a>t:leg"]
    part = 1.0 / (1.0 + np.exp(cost - 2.5))
    found = flows(after)
    assert found["a", "t"] / (found["a", "t"] + found["b", "t"]) == pytest.approx(part, rel=1e-9)


def test_parallel_legs_move_together_as_their_merger_would():
    parallel = network([*ROUTES, ("a", "t", 3.0)])
    merged = -np.logaddexp(-2.0, -3.0)
    same = network([*ROUTES[:2], ("a", "t", merged), ROUTES[3]])
    rows = evidence(gap("a", "t", 0.9, 0.2))
    several, one = priced(parallel, rows), priced(same, rows)
    legs = parallel.legs.query("from_node == 'a'").index
    assert together(several.costs[legs]) == pytest.approx(one.costs["a>t:leg"], rel=1e-12)
    shift = (several.costs - parallel.legs["cost"])[legs]
    assert shift.tolist() == pytest.approx([shift.iloc[0]] * len(legs))
    pd.testing.assert_series_equal(several.estimates, one.estimates)
    assert flows(opr.estimate_flows(parallel, rows)).to_dict() == pytest.approx(
        flows(opr.estimate_flows(same, rows)).to_dict(), abs=1e-9
    )


def test_a_border_cut_into_crossings_moves_as_a_whole():
    net, rows = network(ROUTES), evidence(gap("a", "t", 0.9, 0.2))
    coarse, fine = opr.estimate_flows(net, rows), opr.estimate_flows(refine(net), rows)
    place = fine.network.nodes["iso3"]
    border = fine.legs[fine.network.legs["border"]]
    ends = [border[end].map(place) for end in ("from_node", "to_node")]
    assert (border["flow_kg"].groupby(ends).sum() - flows(coarse)).abs().max() <= 1e-6
    estimates = [fit.residuals.at["price_gap:a>t", "estimate"] for fit in (coarse, fine)]
    assert estimates[0] == pytest.approx(estimates[1], rel=1e-9)


def test_a_row_about_several_places_speaks_of_each_pair():
    net = network(ROUTES)
    listed = priced(net, evidence(gap("a;b", "t", 0.9, 0.2)))
    apart = priced(net, evidence(gap("a", "t", 0.9, 0.2), gap("b", "t", 0.9, 0.2)))
    pd.testing.assert_series_equal(listed.costs, apart.costs)
    assert listed.estimates.iloc[0] == pytest.approx(apart.estimates.mean())


def test_residuals_show_the_gap_that_the_costs_imply():
    rows = evidence(gap("a", "t", 0.9, 0.2, source="survey"))
    fit = opr.estimate_flows(network(ROUTES), rows)
    row = fit.residuals.loc["price_gap:a>t"]
    estimate = priced(network(ROUTES), rows).estimates.iloc[0]
    assert row["kind"] == "price_gap"
    assert row["target"] == "price gap a to t"
    assert row["unit"] == "log_ratio"
    assert row["estimate"] == pytest.approx(estimate)
    assert row["residual_sigmas"] == pytest.approx((estimate - 0.9) / 0.2)
    assert row[["nodes", "legs", "source"]].tolist() == ["", "a>t:leg", "survey"]
    assert row[["evidence_kg", "estimate_kg", "multiplier"]].isna().all()


def test_costs_in_the_provenance_are_those_after_the_gaps():
    hashes = [
        opr.estimate_flows(network(ROUTES), evidence(*gaps)).provenance["inputs_sha256"]
        for gaps in ([], [gap("a", "t", 0.9, 0.2)])
    ]
    assert hashes[0]["costs"] != hashes[1]["costs"]
    assert hashes[0]["legs"] == hashes[1]["legs"]


def test_a_gap_that_no_open_leg_explains_is_refused_or_set_aside():
    row = gap("a", "b", 0.9, 0.2)
    with pytest.raises(UnreachableError, match="price_gap:a>b"):
        opr.estimate_flows(network(ROUTES), evidence(row))
    fit = opr.estimate_flows(network(ROUTES), evidence(row, outside="skip"))
    assert fit.unused.index.tolist() == ["price_gap:a>b"]
    closed = network([*ROUTES, ("a", "b", np.inf)])
    with pytest.raises(UnreachableError, match="no open leg"):
        opr.estimate_flows(closed, evidence(row))


def test_a_node_that_the_network_lacks_is_named():
    with pytest.raises(EvidenceError) as raised:
        opr.estimate_flows(network(ROUTES), evidence(gap("aa", "t", 0.9, 0.2)))
    assert raised.value.failures["row"].tolist() == ["price_gap:aa>t"]


def test_prices_that_fall_all_round_a_cycle_are_refused():
    net = network([*ROUTES, ("t", "s", 2.0)])
    rows = [gap(start, end, -3.0, 0.0) for start, end in (("s", "a"), ("a", "t"), ("t", "s"))]
    with pytest.raises(DivergentRoutesError, match="cycle"):
        opr.estimate_flows(net, evidence(*rows))
