"""Shares of flows as evidence: a part of a flow, whatever the flow."""

import warnings

import numpy as np
import pandas as pd
import pytest
from instances import conic_flows, random_case, with_ratios
from refined import refine
from scipy.optimize import brentq

import opiateroutes as opr
from opiateroutes.errors import (
    ConflictingEvidenceError,
    EvidenceError,
    EvidenceWarning,
    UnreachableError,
)
from opiateroutes.flows.binding.bind import bind
from opiateroutes.flows.reweighting import settle

ROUTES = [("s", "a", 1.0), ("s", "b", 1.0), ("a", "t", 1.0), ("b", "t", 1.5)]
SUPPLY = [{"node": "s", "best_kg": 1000.0, "sd_kg": 0.0}]
DEMAND = [{"node": "t", "best_kg": 1000.0, "sd_kg": 0.0}]


def network(legs):
    nodes = sorted({node for start, end, _ in legs for node in (start, end)})
    legs = pd.DataFrame(legs, columns=["from_node", "to_node", "cost"])
    return opr.RouteNetwork.from_tables(pd.DataFrame({"node": nodes}), legs)


def evidence(*shares, supply=SUPPLY, demand=DEMAND, outside="error", **tables):
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    return opr.Evidence.from_tables(
        supply=pd.DataFrame(supply),
        demand=pd.DataFrame(demand),
        shares=pd.DataFrame(shares),
        outside=outside,
        **frames,
    )


def share(start, end, best, sd=0.0, **more):
    return {"from_node": start, "to_node": end, "best_share": best, "sd_share": sd, **more}


def flows(fit):
    return fit.legs.groupby(["from_node", "to_node"])["flow_kg"].sum()


def test_an_exact_share_splits_two_routes():
    fit = opr.estimate_flows(network(ROUTES), evidence(share("a", "t", 0.3)))
    expected = {("s", "a"): 300, ("a", "t"): 300, ("s", "b"): 700, ("b", "t"): 700}
    assert flows(fit).to_dict() == pytest.approx(expected, abs=1e-7)
    assert "rounds" not in fit.provenance


def test_a_soft_share_lies_between_the_costs_and_the_figure():
    n_effective, figure, sd = 30.0, 0.3, 0.05
    fit = opr.estimate_flows(network(ROUTES), evidence(share("a", "t", figure, sd)))
    prior = 1.0 / (1.0 + np.exp(-0.5))

    def slope(part):
        pull = np.log(part / prior) - np.log((1 - part) / (1 - prior))
        return pull + (part - figure) / (n_effective * sd**2)

    expected = brentq(slope, 1e-9, 1 - 1e-9, xtol=1e-15)
    assert flows(fit)["a", "t"] / 1000.0 == pytest.approx(expected, abs=1e-10)


def test_the_spread_of_a_share_is_that_of_the_flow_it_is_a_share_of():
    # Only a quarter of the supply reaches t, so that the first round is not the last.
    net = network([*ROUTES, ("s", "u", 1.0)])
    demand = [{"node": "t", "best_kg": 250.0, "sd_kg": 50.0}]
    demand += [{"node": "u", "best_kg": 750.0, "sd_kg": 50.0}]
    rows = evidence(share("a", "t", 0.2, 0.05), demand=demand)
    fit = opr.estimate_flows(net, rows)
    assert fit.provenance["rounds"] > 1
    bound, _, solution, _ = settle(bind(net, rows, net.legs["cost"]), n_effective=30.0)
    arcs_kg = solution.arcs[:, 0] * fit.supply_kg
    whole = bound.ratios.wholes_kg(arcs_kg)
    assert bound.rows.sd_kg[0] == pytest.approx(0.05 * whole[0], rel=1e-3)
    again = settle(bound.weighed(whole), n_effective=30.0).solution.arcs[:, 0]
    assert np.abs(again - solution.arcs[:, 0]).max() <= 1e-3


IMPORTS = [("D", "A", 1.0), ("C", "A", 2.0), ("D", "C", 1.0), ("D", "B", 1.0), ("B", "A", 1.0)]


def imports(supply, demand, *shares):
    supply = [{"node": "D", "best_kg": supply, "sd_kg": 0.0}]
    demand = [{"node": node, "best_kg": kg, "sd_kg": 0.0} for node, kg in demand.items()]
    return evidence(*shares, supply=supply, demand=demand)


def test_import_shares_of_the_first_published_toy():
    shares = [
        share("D", "A", 1 / 3),
        share("C", "A", 2 / 3),
        share("D", "B", 1),
        share("D", "C", 1),
    ]
    rows = imports(35.0, {"A": 15.0, "B": 10.0, "C": 5.0, "D": 5.0}, *shares)
    fit = opr.estimate_flows(network(IMPORTS), rows)
    expected = {("D", "A"): 5, ("C", "A"): 10, ("D", "C"): 15, ("D", "B"): 10, ("B", "A"): 0}
    assert flows(fit).to_dict() == pytest.approx(expected, abs=1e-9)
    assert fit.certificate.gap <= 1e-10


def test_import_shares_of_the_second_published_toy():
    shares = [share("D", "A", 0.6), share("C", "A", 0.4), share("D", "B", 1), share("D", "C", 1)]
    rows = imports(4.0, {"A": 1.0, "B": 2.0, "C": 1.0}, *shares)
    fit = opr.estimate_flows(network(IMPORTS), rows)
    expected = {("D", "B"): 2.0, ("D", "A"): 0.6, ("C", "A"): 0.4, ("D", "C"): 1.4, ("B", "A"): 0}
    assert flows(fit).to_dict() == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("figure", "kg"), [(0.0, 0.0), (1.0, 1000.0)])
def test_exact_shares_of_nothing_and_of_everything_close_legs(figure, kg):
    fit = opr.estimate_flows(network(ROUTES), evidence(share("a", "t", figure)))
    assert flows(fit)["a", "t"] == pytest.approx(kg, abs=1e-9)
    row = fit.residuals.loc["share:a>t"]
    assert row[["figure", "estimate", "residual_sigmas"]].tolist() == [figure, figure, 0.0]
    assert fit.unused.empty


def test_exact_shares_that_add_up_to_1_leave_nothing_for_others():
    net = network([*ROUTES, ("s", "c", 0.1), ("c", "t", 0.1)])
    fit = opr.estimate_flows(net, evidence(share("a", "t", 0.25), share("b", "t", 0.75)))
    found = flows(fit)
    assert found["c", "t"] == 0.0
    assert found["a", "t"] == pytest.approx(250.0, abs=1e-7)


def test_a_share_may_be_one_of_what_leaves_or_of_any_other_flow():
    leaving = share("s", "a", 0.3, of_from="s", of_to="*")
    assert flows(opr.estimate_flows(network(ROUTES), evidence(leaving)))["s", "a"] == pytest.approx(
        300.0, abs=1e-7
    )
    other = share("s", "a", 0.5, of_from="b", of_to="t")
    found = flows(opr.estimate_flows(network(ROUTES), evidence(other)))
    assert found["s", "a"] == pytest.approx(0.5 * found["b", "t"], abs=1e-7)


@pytest.mark.parametrize("seed", range(12))
def test_flows_equal_those_of_a_conic_solver(seed):
    net, first = random_case(seed)
    rows = with_ratios(first, seed)
    fit = opr.estimate_flows(net, rows)
    with warnings.catch_warnings():
        # The solver's own wrapper warns where it stops at its reduced tolerance of 1e-10.
        warnings.simplefilter("ignore")
        conic = conic_flows(fit, 30.0)
    assert np.abs(fit.arcs_kg - conic).max() <= 1e-6 * fit.supply_kg
    assert fit.certificate.gap <= 1e-10


def in_grams(rows, *, rename=lambda name: name, factor=1000.0):
    """The same evidence in another unit, about nodes of other names."""
    tables = {}
    for name in ("supply", "demand", "seizures", "flows", "shares", "interception"):
        table = getattr(rows, name).copy()
        kilograms = [column for column in table if column.endswith("_kg")]
        table[kilograms] = table[kilograms] * factor
        for column in (
            column for column in table if column.startswith(("node", "from", "to", "of"))
        ):
            table[column] = [node if node == "*" else rename(node) for node in table[column]]
        if name in ("supply", "demand", "seizures", "interception"):
            table = table.reset_index(drop=True)
        tables[name] = table
    return opr.Evidence.from_tables(**tables, priors=rows.priors)


@pytest.mark.parametrize("seed", range(6))
def test_units_and_names_do_not_matter(seed):
    net, first = random_case(seed)
    rows = with_ratios(first, seed)

    def rename(node):
        return f"x{99 - int(node[1:])}"

    legs = pd.DataFrame(net.legs[["from_node", "to_node", "cost"]])
    for end in ("from_node", "to_node"):
        legs[end] = legs[end].map(rename)
    nodes = pd.DataFrame({"node": sorted(rename(node) for node in net.nodes.index)})
    other = opr.RouteNetwork.from_tables(nodes, legs.reset_index(drop=True).iloc[::-1])
    expected = flows(opr.estimate_flows(net, rows))
    found = flows(opr.estimate_flows(other, in_grams(rows, rename=rename)))
    expected.index = pd.MultiIndex.from_tuples(
        [(rename(start), rename(end)) for start, end in expected.index]
    )
    total = rows.supply["best_kg"].sum()
    assert (found.reindex(expected.index) / 1000.0 - expected).abs().max() <= 1e-11 * total


@pytest.mark.parametrize("seed", range(4))
def test_a_network_cut_into_crossings_moves_the_same_between_places(seed):
    net, first = random_case(seed)
    rows = with_ratios(first, seed)
    coarse, fine = opr.estimate_flows(net, rows), opr.estimate_flows(refine(net), rows)
    place = fine.network.nodes["iso3"]
    border = fine.legs[fine.network.legs["border"]]
    ends = [border[end].map(place) for end in ("from_node", "to_node")]
    found, expected = border["flow_kg"].groupby(ends).sum(), flows(coarse)
    assert (found - expected).abs().max() <= 1e-8 * fine.supply_kg
    ratios = coarse.residuals["unit"] != "kg"
    columns = ["figure", "estimate", "residual_sigmas"]
    gap = fine.residuals.loc[ratios[ratios].index, columns] - coarse.residuals.loc[ratios, columns]
    assert gap.abs().max(axis=None) <= 1e-6


def test_residuals_show_a_share_in_its_own_unit():
    named = share("a", "t", 0.3, 0.05, row="a>t")
    rows = evidence(named, share("b", "t", 0.7, 0.9, row="vague"))
    fit = opr.estimate_flows(network(ROUTES), rows)
    row = fit.residuals.loc["share:a>t"]
    estimate = flows(fit)["a", "t"] / 1000.0
    assert row["kind"] == "share"
    assert row["target"] == "share a to t of flow anywhere to t"
    assert row["estimate"] == pytest.approx(estimate)
    assert row["residual_sigmas"] == pytest.approx((estimate - 0.3) / 0.05)
    assert row[["low", "high"]].tolist() == pytest.approx([0.3 - 0.0822, 0.3 + 0.0822], abs=1e-4)
    assert row[["evidence_kg", "low_kg", "high_kg", "estimate_kg"]].isna().all()
    assert row["legs"] == "a>t:leg"
    assert fit.residuals.loc["share:vague", ["low", "high"]].tolist() == [0.0, 1.0]
    kilograms = fit.residuals[fit.residuals["unit"] == "kg"]
    assert kilograms.index.tolist() == ["supply:s", "demand:t"]
    for column, own in (("evidence_kg", "figure"), ("estimate_kg", "estimate")):
        assert kilograms[column].tolist() == kilograms[own].tolist()


def test_where_there_is_one_way_only_a_soft_share_is_compared_and_binds_nothing():
    net = network([("s", "a", 1.0), ("a", "t", 1.0)])
    fit = opr.estimate_flows(net, evidence(share("a", "t", 0.6, 0.1)))
    assert fit.residuals.at["share:a>t", "residual_sigmas"] == pytest.approx(4.0)
    assert np.isnan(fit.residuals.at["share:a>t", "multiplier"])
    assert flows(fit)["a", "t"] == pytest.approx(1000.0)


def test_where_there_is_one_way_only_an_exact_share_is_refused():
    net = network([("s", "a", 1.0), ("a", "t", 1.0)])
    with pytest.raises(
        UnreachableError, match=r"share:a>t \(0.6\).*the network leaves no other way"
    ):
        opr.estimate_flows(net, evidence(share("a", "t", 0.6)))


def test_a_share_of_flows_that_do_not_exist_is_refused_or_set_aside():
    row = share("a", "b", 0.4, 0.1)
    with pytest.raises(UnreachableError, match="share:a>b"):
        opr.estimate_flows(network(ROUTES), evidence(row))
    fit = opr.estimate_flows(network(ROUTES), evidence(row, outside="skip"))
    assert fit.unused.index.tolist() == ["share:a>b"]
    assert fit.unused["best_kg"].isna().all()
    assert "share:a>b" not in fit.residuals.index


def test_a_node_that_the_network_lacks_is_named_once():
    row = share("tt", "a", 0.4, 0.1, of_from="tt", of_to="*")
    with pytest.raises(EvidenceError) as raised:
        opr.estimate_flows(network(ROUTES), evidence(row))
    assert raised.value.failures[["row", "value"]].to_numpy().tolist() == [["share:tt>a", "tt"]]


def test_exact_shares_that_cannot_hold_together_are_refused_with_names():
    with pytest.raises(ConflictingEvidenceError) as raised:
        opr.estimate_flows(network(ROUTES), evidence(share("a", "t", 0.6), share("b", "t", 0.6)))
    assert {"share:a>t", "share:b>t"} <= set(raised.value.failures["row"])


def test_shares_that_drive_their_whole_to_nothing_are_named_in_a_warning():
    net = network([*ROUTES, ("s", "u", 1.0)])
    demand = [{"node": "t", "best_kg": 250.0, "sd_kg": 1000.0}]
    demand += [{"node": "u", "best_kg": 750.0, "sd_kg": 1000.0}]
    both = [share("a", "t", 0.95, 0.001), share("b", "t", 0.95, 0.001)]
    with pytest.warns(EvidenceWarning, match="share:a>t") as caught:
        fit = opr.estimate_flows(net, evidence(*both, demand=demand))
    assert caught[0].filename == __file__
    assert fit.provenance["rounds"] == 10
    assert fit.certificate.gap <= 1e-10


def test_nothing_moves_and_the_share_is_listed():
    fit = opr.estimate_flows(
        network(ROUTES),
        evidence(share("a", "t", 0.3), supply=[{"node": "s", "best_kg": 0.0, "sd_kg": 0.0}]),
    )
    assert "share:a>t" in fit.unused.index


def test_provenance_tells_shares_apart():
    hashes = [
        opr.estimate_flows(network(ROUTES), evidence(share("a", "t", best))).provenance[
            "inputs_sha256"
        ]["shares"]
        for best in (0.3, 0.4)
    ]
    assert hashes[0] != hashes[1]
