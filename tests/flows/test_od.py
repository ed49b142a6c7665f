"""Fits of an origin-destination table: margins, special cases, all routes, and what is refused."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from instances import random_case
from refined import refine

import opiateroutes as opr
from opiateroutes.errors import (
    DivergentRoutesError,
    EvidenceError,
    UnknownNameError,
    UnreachableError,
)


def pairs(*rows):
    return pd.DataFrame(rows, columns=["origin", "destination", "kg"])


def random_table(net, seed, *, origins=2):
    rng = np.random.default_rng(seed)
    nodes = net.nodes.index.tolist()
    starts, ends = nodes[:origins], nodes[len(nodes) // 2 :]
    return pairs(*((o, d, rng.uniform(1, 100)) for o in starts for d in ends))


def dag(seed):
    """A random network without cycles, and costs of any size."""
    rng = np.random.default_rng(seed)
    names = [f"n{k}" for k in range(7)]
    ends = [(i, j) for i in range(7) for j in range(i + 1, 7) if rng.random() < 0.7 or j == i + 1]
    ends += ends[:3]  # parallel legs
    legs = pd.DataFrame(
        {
            "from": [names[i] for i, _ in ends],
            "to": [names[j] for _, j in ends],
            "cost": rng.uniform(-1.0, 4.0, len(ends)),
        }
    )
    return opr.RouteNetwork.from_tables(pd.DataFrame({"node": names}), legs)


def all_routes(net, origin, destination):
    """Legs of each route and its weight, by brute force."""
    found, open_ = [], [(origin, (), 0.0)]
    while open_:
        here, path, cost = open_.pop()
        if here == destination:
            found.append((path, np.exp(-cost)))
        for leg, row in net.legs[net.legs["from_node"] == here].iterrows():
            open_.append((row["to_node"], (*path, leg), cost + row["cost"]))
    return found


def brute(net, table):
    flows = pd.Series(0.0, index=net.legs.index)
    for row in table.itertuples():
        routes = all_routes(net, row.origin, row.destination)
        total = sum(weight for _, weight in routes)
        for path, weight in routes:
            for leg in path:
                flows[leg] += row.kg * weight / total
    return flows


@pytest.fixture
def evidence():
    return opr.Evidence.from_tables(
        supply=pd.DataFrame({"node": ["n0"], "kg": [50.0]}),
        demand=pd.DataFrame({"node": ["n6"], "kg": [40.0]}),
        interception=pd.DataFrame({"node": ["n3"], "rate": [0.2]}),
    )


@pytest.mark.parametrize("seed", range(6))
def test_flows_are_those_of_all_routes_of_each_pair(seed, evidence):
    net = dag(seed)
    table = random_table(net, seed, origins=3)
    fit = opr.estimate_flows(net, evidence, od=table)
    assert fit.legs["flow_kg"].to_numpy() == pytest.approx(brute(net, table).to_numpy(), rel=1e-12)
    assert fit.certificate.gap == 0
    assert fit.certificate.balance <= 1e-9


@pytest.mark.parametrize("seed", range(4))
def test_flows_are_those_of_the_formula_where_there_are_cycles(seed):
    net, evidence = random_case(seed)
    table = random_table(net, seed)
    fit = opr.estimate_flows(net, evidence, od=table)
    nodes = net.nodes.index
    tail, head = (nodes.get_indexer(net.legs[end]) for end in ("from_node", "to_node"))
    weight = np.zeros((len(nodes), len(nodes)))
    np.add.at(weight, (tail, head), np.exp(-net.legs["cost"]))
    ways = np.linalg.inv(np.eye(len(nodes)) - weight)
    sent = np.zeros_like(ways)
    sent[nodes.get_indexer(table["origin"]), nodes.get_indexer(table["destination"])] = table["kg"]
    onward = ways.T @ (sent / ways) @ ways.T
    expected = np.exp(-net.legs["cost"].to_numpy()) * onward[tail, head]
    assert fit.legs["flow_kg"].to_numpy() == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("seed", range(3))
def test_the_table_holds_row_by_row_and_column_by_column(seed):
    net, evidence = random_case(seed)
    table = random_table(net, seed)
    fit = opr.estimate_flows(net, evidence, od=table)
    origins, ends = (table.groupby(side)["kg"].sum() for side in ("origin", "destination"))
    supply, consumption = fit.nodes["supply_kg"], fit.nodes["consumption_kg"]
    assert supply[origins.index].to_numpy() == pytest.approx(origins.to_numpy())
    assert consumption[ends.index].to_numpy() == pytest.approx(ends.to_numpy())
    assert fit.supply_kg == pytest.approx(supply.sum())
    assert fit.nodes["seizure_kg"].sum() == fit.nodes["unaccounted_kg"].sum() == 0
    net_out = fit.legs.groupby("from_node")["flow_kg"].sum()
    net_in = fit.legs.groupby("to_node")["flow_kg"].sum()
    left = supply + net_in.reindex(supply.index).fillna(0)
    left -= consumption + net_out.reindex(supply.index).fillna(0)
    assert left.abs().max() <= 1e-9 * fit.supply_kg


@pytest.mark.parametrize("seed", range(3))
def test_one_source_and_exact_demand_is_the_ordinary_estimate(seed):
    net, evidence = random_case(seed, n_sources=1)
    demand = evidence.demand[["node", "best_kg"]].assign(sd_kg=0.0)
    supply = pd.DataFrame({"node": ["n00"], "kg": [demand["best_kg"].sum()], "sd_kg": [0.0]})
    exact = opr.Evidence.from_tables(supply=supply, demand=demand)
    ordinary = opr.estimate_flows(net, exact)
    table = pairs(*(("n00", row.node, row.best_kg) for row in demand.itertuples()))
    fit = opr.estimate_flows(net, evidence, od=table)
    for column in ("flow_kg", "low_kg", "high_kg", "net_kg", "leverage"):
        expected = ordinary.legs[column].to_numpy()
        assert fit.legs[column].to_numpy() == pytest.approx(expected, rel=1e-6, abs=1e-9), column
    # One origin makes one chain: all that is read off a fit is read off this one.
    expected = ordinary.routes[["nodes", "flow_kg"]]
    pd.testing.assert_frame_equal(fit.routes[["nodes", "flow_kg"]], expected, rtol=1e-7)
    table, other = (opr.find_chokepoints(f).table for f in (fit, ordinary))
    pd.testing.assert_frame_equal(table, other, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_a_sum_of_tables_is_a_sum_of_flows(seed):
    net, evidence = random_case(seed)
    table = random_table(net, seed)
    whole = opr.estimate_flows(net, evidence, od=table).legs["flow_kg"]
    apart = [
        opr.estimate_flows(net, evidence, od=rows).legs["flow_kg"]
        for _, rows in table.groupby("destination")
    ]
    assert sum(apart).to_numpy() == pytest.approx(whole.to_numpy(), rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_places_cut_into_crossings_carry_the_same(seed):
    coarse, evidence = random_case(seed, n_nodes=6)
    table = random_table(coarse, seed)
    fine = refine(coarse)
    one, two = (opr.estimate_flows(net, evidence, od=table) for net in (coarse, fine))
    place = fine.nodes["iso3"]
    border = fine.legs["border"].to_numpy(bool)
    ends = [fine.legs.loc[border, end].map(place) for end in ("from_node", "to_node")]
    crossed = two.legs.loc[border, "flow_kg"].groupby(ends).sum()
    direct = one.legs.groupby(["from_node", "to_node"])["flow_kg"].sum()
    assert crossed[direct.index].to_numpy() == pytest.approx(direct.to_numpy(), rel=1e-9)
    for origin, kg in table.groupby("origin")["kg"].sum().items():
        begun = two.nodes.loc[place == origin, "supply_kg"].sum()
        assert begun == pytest.approx(kg)


def test_crossings_and_groups_of_the_shipped_network():
    table = pairs(("AFG", "DEU", 900.0), ("AFG", "IRN", 500.0), ("MMR", "CHN", 300.0))
    net = opr.load_network("crossings")
    fit = opr.estimate_flows(net, opr.load_evidence(2010), od=table)
    ended = fit.nodes.groupby(net.nodes["iso3"])["consumption_kg"].sum()
    assert ended[["DEU", "IRN", "CHN"]].tolist() == pytest.approx([900.0, 500.0, 300.0])
    assert fit.certificate.balance <= 1e-9
    assert fit.routes["start"].isin(["AFG", "MMR"]).all()
    assert len(fit.routes) == 50
    assert fit.routes["flow_kg"].is_monotonic_decreasing


def test_a_place_may_send_and_receive():
    table = pairs(("AFG", "PAK", 10.0), ("PAK", "IND", 4.0), ("PAK", "PAK", 1.0))
    fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010), od=table)
    assert fit.nodes.loc["PAK", ["supply_kg", "consumption_kg"]].tolist() == pytest.approx([5, 11])
    # Nothing is carried back to where it only comes from.
    assert fit.legs.loc[fit.legs["to_node"] == "AFG", "flow_kg"].sum() == 0


def test_composition_knows_who_sends_to_whom():
    # Both origins pass b; in a chain of sums their goods would mix there.
    net = opr.RouteNetwork.from_tables(
        pd.DataFrame({"node": list("aobcd")}),
        pd.DataFrame({"from": list("aobb"), "to": list("bbcd"), "cost": 1.0}),
    )
    table = pairs(("a", "c", 10.0), ("o", "d", 5.0))
    evidence = opr.Evidence.from_tables(supply=pd.DataFrame({"node": ["a"], "kg": [1.0]}))
    fit = opr.estimate_flows(net, evidence, od=table)
    found = fit.composition("b>c:leg")
    assert found[["place", "kind", "flow_kg"]].to_numpy().tolist() == [
        ["a", "supply", pytest.approx(10.0)],
        ["c", "consumption", pytest.approx(10.0)],
    ]
    assert fit.select_link("b>d:leg")["flow_kg"].to_dict() == pytest.approx(
        {"b>d:leg": 5.0, "o>b:leg": 5.0}
    )
    routes = fit.routes.set_index("nodes")
    assert routes["flow_kg"].to_dict() == pytest.approx({"a>b>c": 10.0, "o>b>d": 5.0})
    assert routes.at["a>b>c", "probability"] == pytest.approx(2 / 3)
    assert (fit.legs["leverage"] == 1).all()
    assert fit.legs["low_kg"].to_numpy() == pytest.approx(fit.legs["flow_kg"].to_numpy())


def test_intervals_are_those_of_finite_differences():
    net, evidence = random_case(3, n_nodes=6)
    table = random_table(net, 3)
    with_noise, without = (
        opr.estimate_flows(net, evidence, od=table, structural_sd=sd) for sd in (0.4, 0.0)
    )
    log_sd = [
        np.log(f.legs["high_kg"] / f.legs["flow_kg"]) / 1.6448536 for f in (with_noise, without)
    ]
    variance = [np.expm1(one**2) * with_noise.legs["flow_kg"] ** 2 for one in log_sd]
    expected = pd.Series(0.0, index=net.legs.index)
    for leg in net.legs.index:
        sides = [
            opr.estimate_flows(
                net, evidence, od=table, cost=net.legs["cost"] + step * (net.legs.index == leg)
            ).legs["flow_kg"]
            for step in (1e-4, -1e-4)
        ]
        expected += (0.4 * (sides[0] - sides[1]) / 2e-4) ** 2
    found = (variance[0] - variance[1]).to_numpy()
    assert found == pytest.approx(expected.to_numpy(), rel=1e-4, abs=1e-6)


def test_no_other_evidence_enters_and_all_of_it_is_listed(evidence):
    net = dag(1)
    table = pairs(("n1", "n5", 10.0))
    fit = opr.estimate_flows(net, evidence, od=table)
    assert sorted(fit.unused.index) == ["demand:n6", "interception:n3", "supply:n0"]
    assert set(fit.unused["why"]) == {
        "an origin-destination table is given: no other evidence enters"
    }
    other = dataclasses.replace(evidence, interception=evidence.interception.iloc[:0])
    again = opr.estimate_flows(net, other, od=table)
    assert again.legs["flow_kg"].tolist() == fit.legs["flow_kg"].tolist()
    row = fit.residuals.loc["od:n1>n5"]
    assert row[["kind", "unit", "figure", "estimate"]].tolist() == [
        *("od", "kg", 10.0, pytest.approx(10.0)),
    ]
    assert fit.conflicts().empty
    assert fit.method == "od_table"
    assert "od" in fit.provenance["inputs_sha256"]
    assert "by od_table" in fit.summary()
    assert fit._repr_html_()


def test_costs_that_no_weight_survives():
    net = opr.RouteNetwork.from_tables(
        pd.DataFrame({"node": list("abcd")}),
        pd.DataFrame({"from": list("aabc"), "to": list("bcdd"), "cost": [900.0, 901.0, 1e4, 1e4]}),
    )
    evidence = opr.Evidence.from_tables(supply=pd.DataFrame({"node": ["a"], "kg": [1.0]}))
    fit = opr.estimate_flows(net, evidence, od=pairs(("a", "d", 1.0), ("c", "d", 1.0)))
    assert fit.legs.at["a>b:leg", "flow_kg"] == pytest.approx(1 / (1 + np.exp(-1.0)))


def test_a_pair_that_no_route_joins_is_named(evidence):
    net = dag(2)
    with pytest.raises(UnreachableError, match="no route leads from n5 to n2; the nearest"):
        opr.estimate_flows(net, evidence, od=pairs(("n0", "n6", 1.0), ("n5", "n2", 1.0)))
    closed = net.legs["cost"].where(net.legs["to_node"] != "n6", np.inf)
    with pytest.raises(UnreachableError, match="from n0 to n6"):
        opr.estimate_flows(net, evidence, od=pairs(("n0", "n6", 1.0)), cost=closed)


def test_all_that_is_wrong_with_a_table_is_listed(evidence):
    bad = pairs(
        ("n0", "n6", 1.0),
        ("n0", "n6", 2.0),
        ("n9", "n6", 1.0),
        ("n0", "n3", -1.0),
        ("n0", "n4", None),
    )
    with pytest.raises(EvidenceError) as caught:
        opr.estimate_flows(dag(0), evidence, od=bad)
    failures = caught.value.failures
    assert failures[["row", "column"]].to_numpy().tolist() == [
        *([2, "origin"], [3, "kg"], [4, "kg"], [1, "destination"]),
    ]
    assert failures["rule"].iloc[-1] == "stands twice"
    with pytest.raises(EvidenceError, match="column kg: None: column is missing"):
        opr.estimate_flows(dag(0), evidence, od=bad.drop(columns="kg"))


def test_a_table_of_nothing_moves_nothing(evidence):
    for table in (pairs(), pairs(("n0", "n6", 0.0))):
        fit = opr.estimate_flows(dag(0), evidence, od=table)
        assert fit.supply_kg == 0
        assert (fit.legs["flow_kg"] == 0).all()


def test_what_stays_where_it_is_passes_no_leg_of_a_dag(evidence):
    fit = opr.estimate_flows(dag(0), evidence, od=pairs(("n2", "n2", 7.0)))
    assert (fit.legs["flow_kg"] == 0).all()
    assert fit.nodes.at["n2", "consumption_kg"] == 7.0


def test_routes_without_end_are_refused(evidence):
    net = opr.RouteNetwork.from_tables(
        pd.DataFrame({"node": list("abc")}),
        pd.DataFrame({"from": list("abb"), "to": list("bac"), "cost": [0.0, 0.0, 1.0]}),
    )
    with pytest.raises(DivergentRoutesError, match="add up without end"):
        opr.estimate_flows(net, evidence, od=pairs(("a", "c", 1.0)))


def test_a_table_goes_with_no_other_method_and_no_chokepoints_of_several_origins(evidence):
    net = dag(0)
    table = pairs(("n0", "n6", 1.0), ("n1", "n5", 1.0))
    with pytest.raises(ValueError, match="od= fixes what 'gravity' would estimate"):
        opr.estimate_flows(net, evidence, od=table, method="gravity")
    fit = opr.estimate_flows(net, evidence, od=table)
    with pytest.raises(ValueError, match="several origins"):
        opr.find_chokepoints(fit)
    with pytest.raises(ValueError, match="no derivatives"):
        fit.derivatives()
    with pytest.raises(UnknownNameError):
        fit.composition("n99")


def test_a_table_by_commodity():
    net = dag(3)
    evidence = opr.Evidence.from_tables(
        supply=pd.DataFrame({"node": ["n0"], "commodity": ["opium"], "kg": [10.0]})
    )
    table = pairs(("n0/opium", "n6/heroin", 1.0))
    fit = opr.estimate_flows(net, evidence, od=table, commodities=("opium", "heroin"))
    made = fit.legs[fit.legs["mode"] == "conversion"]
    assert made["flow_kg"].sum() == pytest.approx(1.0)
