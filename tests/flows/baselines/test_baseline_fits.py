"""What all baselines share: balance, no flow below zero, tables, options and edges."""

import numpy as np
import pandas as pd
import pytest
from instances import random_case

import opiateroutes as opr
from opiateroutes.errors import ConvergenceError, EvidenceError, UnknownNameError, UnreachableError
from opiateroutes.flows.baselines import run
from opiateroutes.flows.baselines.assigned import Assigned
from opiateroutes.flows.baselines.cheapest_plan import balance_matrix

SERVING = ("shortest_path", "equal_split", "gravity", "least_squares")
WITHOUT_INTERVALS = ("shortest_path", "equal_split", "gravity")


def figures(**nodes):
    return pd.DataFrame({"node": list(nodes), "kg": [float(v) for v in nodes.values()]})


def with_import_shares(net, evidence):
    """Random shares of imports along the legs, on top of other evidence."""
    rng = np.random.default_rng(len(net.legs))
    pairs = net.legs[["from_node", "to_node"]].drop_duplicates()
    supplied = set(evidence.supply["node"])
    pairs = pairs[~pairs["to_node"].isin(supplied)].assign(share=1.0)
    pairs["share"] = rng.uniform(0.2, 1.0, len(pairs))
    pairs["share"] /= pairs.groupby("to_node")["share"].transform("sum")
    return opr.Evidence.from_tables(
        supply=evidence.supply, demand=evidence.demand, seizures=evidence.seizures, shares=pairs
    )


def estimate(seed, method, **options):
    net, evidence = random_case(seed, **options)
    if method == "import_shares":
        evidence = with_import_shares(net, evidence)
    return opr.estimate_flows(net, evidence, method=method)


@pytest.mark.parametrize("method", run.METHODS[1:])
@pytest.mark.parametrize("seed", range(12))
def test_flows_balance_at_every_node_and_none_is_negative(seed, method):
    fit = estimate(seed, method)
    assert fit.method == fit.provenance["method"] == method
    assert fit.arcs_kg.min() >= 0
    miss = balance_matrix(fit.measure) @ fit.arcs_kg - fit.measure.supply_kg
    assert np.abs(miss).max() <= 1e-9 * fit.supply_kg
    assert fit.certificate.balance <= 1e-9
    nodes, legs = fit.nodes, fit.legs
    arrives = legs.groupby("to_node")["flow_kg"].sum().reindex(nodes.index).fillna(0.0)
    leaves = legs.groupby("from_node")["flow_kg"].sum().reindex(nodes.index).fillna(0.0)
    ends = nodes[["consumption_kg", "seizure_kg", "unaccounted_kg"]].sum(axis=1)
    assert (nodes["supply_kg"] + arrives).to_numpy() == pytest.approx((leaves + ends).to_numpy())


@pytest.mark.parametrize("method", run.METHODS[1:])
def test_the_same_input_gives_the_same_bytes(method):
    first, second = (estimate(7, method) for _ in range(2))
    assert first.arcs_kg.tobytes() == second.arcs_kg.tobytes()
    assert first.legs.to_csv() == second.legs.to_csv()


@pytest.mark.parametrize("method", ["import_shares", *WITHOUT_INTERVALS])
def test_no_interval_is_invented(method):
    fit = estimate(1, method)
    for frame, columns in (
        (fit.legs, ["low_kg", "high_kg", "leverage"]),
        (fit.nodes, ["throughput_low_kg", "throughput_high_kg", "interception_low", "leverage"]),
    ):
        assert frame[columns].isna().all(axis=None)
        assert method in set(frame["rests_on"])
    assert fit.spread is None
    assert fit.residuals["multiplier"].isna().all()
    assert f"<FlowFit {method}:" in repr(fit)
    assert f", by {method}: supply" in fit.summary()
    assert "this method gives no intervals" in fit.summary()
    assert method in fit._repr_html_()


def test_least_squares_has_intervals_and_leverage():
    fit = estimate(1, "least_squares")
    legs = fit.legs[fit.legs["flow_kg"] > 0]
    assert (legs["low_kg"] <= legs["flow_kg"]).all()
    assert (legs["high_kg"] > legs["flow_kg"]).any()
    assert legs["leverage"].between(0, 1).all()
    assert "rest mainly on evidence" in fit.summary()


def test_the_path_measure_stays_what_it_was():
    fit = estimate(1, "path_measure")
    assert fit.method == "path_measure"
    assert "path_measure" not in repr(fit) + fit.summary()
    assert "notes" not in fit.provenance


@pytest.mark.parametrize("method", SERVING)
def test_one_node_supplies_itself(method):
    net = opr.RouteNetwork.from_tables(
        pd.DataFrame({"node": ["a"]}), pd.DataFrame({"from_node": [], "to_node": []})
    )
    evidence = opr.Evidence.from_tables(supply=figures(a=5), demand=figures(a=5).assign(sd_kg=0.0))
    fit = opr.estimate_flows(net, evidence, method=method)
    assert fit.nodes.at["a", "consumption_kg"] == pytest.approx(5.0)
    assert fit.certificate.balance <= 1e-9


@pytest.mark.parametrize("method", run.METHODS)
def test_a_supply_of_zero_moves_nothing(method):
    net, evidence = random_case(0)
    zero = opr.Evidence.from_tables(supply=figures(n00=0), demand=evidence.demand)
    fit = opr.estimate_flows(net, zero, method=method)
    assert fit.method == method
    assert (fit.legs["flow_kg"] == 0).all()


@pytest.mark.parametrize("method", SERVING)
def test_seizures_without_demand(method):
    net, evidence = random_case(3)
    seized = opr.Evidence.from_tables(supply=evidence.supply, seizures=evidence.seizures)
    fit = opr.estimate_flows(net, seized, method=method)
    assert fit.nodes["consumption_kg"].sum() == 0
    assert fit.nodes[["seizure_kg", "unaccounted_kg"]].sum(axis=None) == pytest.approx(
        fit.supply_kg
    )


@pytest.mark.parametrize("method", SERVING)
def test_unreachable_figures_are_refused(method):
    net = opr.RouteNetwork.from_tables(
        pd.DataFrame({"node": ["a", "b", "far"]}),
        pd.DataFrame({"from_node": ["a"], "to_node": ["b"], "cost": [2.0]}),
    )
    evidence = opr.Evidence.from_tables(supply=figures(a=1), demand=figures(b=1, far=1))
    with pytest.raises(UnreachableError, match="demand:far"):
        opr.estimate_flows(net, evidence, method=method)


def test_rates_open_exits_that_only_least_squares_reads():
    net, evidence = random_case(3)
    rates = pd.DataFrame({"node": [evidence.demand["node"].iloc[-1]], "rate": [0.2]})
    with_rate = opr.Evidence.from_tables(
        supply=evidence.supply, demand=evidence.demand, interception=rates
    )
    for method in SERVING:
        fit = opr.estimate_flows(net, with_rate, method=method)
        seized = fit.nodes["seizure_kg"].sum()
        assert seized > 0 if method == "least_squares" else seized == 0


def test_an_unknown_method_gets_a_suggestion():
    net, evidence = random_case(0)
    with pytest.raises(UnknownNameError, match="did you mean 'shortest_path'"):
        opr.estimate_flows(net, evidence, method="shortest_paths")


@pytest.mark.parametrize("k_routes", [0, -1, 2.5, "3", True])
def test_a_number_of_routes_is_a_whole_number(k_routes):
    net, evidence = random_case(0)
    with pytest.raises(ValueError, match="k_routes must be a whole number"):
        opr.estimate_flows(net, evidence, method="equal_split", k_routes=k_routes)


def test_flows_out_of_balance_are_never_handed_out(monkeypatch):
    net, evidence = random_case(0)
    monkeypatch.setattr(
        run, "gravity", lambda _, bound, __: Assigned(np.ones(bound.measure.n_arcs))
    )
    with pytest.raises(ConvergenceError, match="gravity did not reach its certificate"):
        opr.estimate_flows(net, evidence, method="gravity")


@pytest.mark.parametrize("method", SERVING)
def test_evidence_about_groups_binds_the_sum_of_their_crossings(method):
    net = opr.load_network("crossings")
    evidence = opr.load_evidence(2010)
    fit = opr.estimate_flows(net, evidence, method=method)
    assert fit.certificate.balance <= 1e-9
    row = fit.residuals.loc["seizure:IRN"]
    seized = fit.nodes.loc[net.nodes["iso3"] == "IRN", "seizure_kg"].sum()
    assert seized == pytest.approx(row["estimate_kg"], rel=1e-6)
    if method != "least_squares":
        assert row["estimate_kg"] == pytest.approx(row["evidence_kg"], rel=1e-6)


@pytest.mark.parametrize("method", SERVING)
def test_chokepoints_and_routes_read_a_baseline(method):
    fit = estimate(2, method)
    assert fit.routes["probability"].between(0, 1).all()
    assert len(opr.find_chokepoints(fit).table)


def test_units_do_not_matter():
    net, evidence = random_case(5)
    scaled = opr.Evidence.from_tables(
        **{
            name: getattr(evidence, name).assign(
                best_kg=getattr(evidence, name)["best_kg"] * 1000,
                sd_kg=getattr(evidence, name)["sd_kg"] * 1000,
            )
            for name in ("supply", "demand", "seizures", "flows")
        }
    )
    for method in SERVING:
        one, other = (opr.estimate_flows(net, e, method=method) for e in (evidence, scaled))
        assert other.arcs_kg / 1000 == pytest.approx(one.arcs_kg, abs=1e-7)


def test_a_share_of_a_node_that_the_network_lacks_is_refused():
    net, evidence = random_case(0)
    shares = pd.DataFrame({"from_node": ["n00"], "to_node": ["nowhere"], "share": [1.0]})
    given = opr.Evidence.from_tables(supply=evidence.supply, demand=evidence.demand, shares=shares)
    with pytest.raises(EvidenceError, match="lacks"):
        opr.estimate_flows(net, given, method="import_shares")
