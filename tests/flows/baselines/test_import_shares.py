"""Import shares: the published examples, what the method refuses, and networks finer than it."""

import numpy as np
import pandas as pd
import pytest

import opiateroutes as opr
from opiateroutes.errors import (
    ConvergenceError,
    DivergentRoutesError,
    EvidenceError,
    UnreachableError,
)


def network(*pairs, cost=2.0):
    nodes = sorted({node for pair in pairs for node in pair})
    legs = pd.DataFrame([tuple(p) for p in pairs], columns=["from_node", "to_node"])
    return opr.RouteNetwork.from_tables(pd.DataFrame({"node": nodes}), legs.assign(cost=cost))


def figures(**nodes):
    return pd.DataFrame({"node": list(nodes), "kg": [float(v) for v in nodes.values()]})


def shares(*rows):
    return pd.DataFrame(rows, columns=["from_node", "to_node", "share"])


def estimate(net, *rows, supply=None, **evidence):
    supply = figures(D=100) if supply is None else supply
    evidence = opr.Evidence.from_tables(supply=supply, shares=shares(*rows), **evidence)
    return opr.estimate_flows(net, evidence, method="import_shares")


def flows(fit):
    return fit.legs.set_index(["from_node", "to_node"])["flow_kg"]


TOY_1 = (("D", "A", 1 / 3), ("C", "A", 2 / 3), ("D", "B", 1.0), ("D", "C", 1.0))


def test_the_first_published_toy():
    fit = estimate(
        network("DA", "CA", "DC", "DB"),
        *TOY_1,
        demand=figures(A=12, B=10, C=3, D=5),
        seizures=figures(A=3, C=2),
    )
    found = flows(fit)
    assert found["D", "A"] == pytest.approx(5.0, abs=1e-12)
    assert found["C", "A"] == pytest.approx(10.0, abs=1e-12)
    assert found["D", "C"] == pytest.approx(15.0, abs=1e-12)
    assert found["D", "B"] == pytest.approx(10.0, abs=1e-12)
    assert fit.supply_kg == pytest.approx(35.0, abs=1e-12)


def test_the_second_published_toy():
    rows = (("D", "A", 0.6), ("C", "A", 0.4), ("D", "B", 1.0), ("D", "C", 1.0))
    net = network("DA", "CA", "DC", "DB")
    found = flows(estimate(net, *rows, demand=figures(A=1, B=2, C=1)))
    expected = {("D", "B"): 2.0, ("D", "A"): 0.6, ("C", "A"): 0.4, ("D", "C"): 1.4}
    for pair, flow in expected.items():
        assert found[pair] == pytest.approx(flow, abs=1e-12)


def test_a_cycle_is_the_fixed_point_of_the_shares():
    rows = (("D", "A", 0.5), ("B", "A", 0.5), ("A", "B", 0.8), ("D", "B", 0.2))
    fit = estimate(network("DA", "BA", "AB", "DB"), *rows, demand=figures(A=3, B=6))
    b = np.array([[0, 0.8], [0.5, 0]])
    passing = np.linalg.solve(np.eye(2) - b, [3, 6])
    found = flows(fit)
    assert found["A", "B"] == pytest.approx(0.8 * passing[1])
    assert found["B", "A"] == pytest.approx(0.5 * passing[0])
    assert found["D", "A"] == pytest.approx(0.5 * passing[0])
    assert fit.supply_kg == pytest.approx(9.0)


def test_a_cycle_that_no_supply_feeds_is_named():
    rows = (("B", "A", 1.0), ("A", "B", 1.0), ("D", "C", 1.0))
    with pytest.raises(DivergentRoutesError, match=r"B > A > B|A > B > A") as error:
        estimate(network("BA", "AB", "DC", "DA"), *rows, demand=figures(A=3, C=1))
    assert "spectral radius 1" in str(error.value)


def test_what_the_shares_ask_for_stands_beside_the_supply_of_the_evidence():
    net = network("DA", "CA", "DC", "DB")
    fit = estimate(net, *TOY_1, demand=figures(A=15, B=10, C=5, D=5))
    row = fit.residuals.loc["supply:D"]
    assert (row["evidence_kg"], row["estimate_kg"]) == (100.0, pytest.approx(35.0))
    assert row["residual_sigmas"] < 0
    (note,) = fit.provenance["notes"]
    assert note.startswith("the shares ask the supplies for 35 kg; the evidence gives 100 kg")
    assert "note: the shares ask" in fit.summary()
    assert np.isnan(fit.supply_low_kg)
    assert fit.nodes.at["D", "supply_kg"] == pytest.approx(35.0)
    assert fit.residuals.filter(like="share:", axis=0)["residual_sigmas"].abs().max() < 1e-9


def test_exact_figures_may_exceed_the_supply_of_the_evidence():
    demand = figures(A=90, B=80).assign(sd_kg=0.0)
    fit = estimate(network("DA", "DB"), ("D", "A", 1.0), ("D", "B", 1.0), demand=demand)
    assert flows(fit).tolist() == pytest.approx([90.0, 80.0])


def test_a_supply_of_its_own_is_what_the_shares_leave():
    fit = estimate(network("DA"), ("D", "A", 0.75), supply=figures(D=1, A=1), demand=figures(A=8))
    assert flows(fit).tolist() == pytest.approx([6.0])
    assert fit.nodes["supply_kg"].to_dict() == pytest.approx({"A": 2.0, "D": 6.0})


def test_a_supply_that_no_share_draws_on_stays_idle_and_a_note_says_so():
    fit = estimate(
        network("DA", "EA"), ("D", "A", 1.0), supply=figures(D=1, E=5), demand=figures(A=8)
    )
    assert flows(fit)["E", "A"] == 0
    assert "no import shares draw on supply:E" in fit.provenance["notes"]
    assert fit.residuals.at["supply:E", "estimate_kg"] == 0


def test_parallel_legs_share_a_pair_by_their_weight():
    legs = pd.DataFrame(
        {"from_node": ["D", "D"], "to_node": ["A", "A"], "mode": ["road", "sea"], "cost": [1.0, 2]}
    )
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": ["A", "D"]}), legs)
    flow = estimate(net, ("D", "A", 1.0), demand=figures(A=10)).legs.set_index("mode")["flow_kg"]
    assert flow["road"] / flow["sea"] == pytest.approx(np.e)
    assert flow.sum() == pytest.approx(10.0)


def test_rounding_in_the_shares_is_taken_out_and_more_is_refused():
    net = network("DA", "CA", "DC")
    rows = (("D", "A", 0.3333333), ("C", "A", 0.6666666), ("D", "C", 1.0))
    assert estimate(net, *rows, demand=figures(A=9)).supply_kg == pytest.approx(9.0, abs=1e-12)
    with pytest.raises(EvidenceError, match=r"add up to 0\.99, not 1") as error:
        estimate(net, ("D", "A", 0.33), ("C", "A", 0.66), ("D", "C", 1.0), demand=figures(A=9))
    assert error.value.failures["row"].tolist() == ["A"]
    with pytest.raises(EvidenceError, match=r"add up to 1\.1"):
        estimate(net, ("D", "A", 0.4), ("C", "A", 0.7), ("D", "C", 1.0), demand=figures(A=9))


def test_an_importer_without_shares_is_named():
    with pytest.raises(EvidenceError, match="where B imports from") as error:
        estimate(network("DA", "DB"), ("D", "A", 1.0), demand=figures(A=1, B=4))
    assert "requires 4 kg" in str(error.value)


def test_an_exporter_without_shares_or_supply_is_named():
    rows = (("C", "A", 1.0), ("D", "B", 1.0))
    with pytest.raises(EvidenceError, match="where C imports from"):
        estimate(network("CA", "DB", "DC"), *rows, demand=figures(A=1, B=4))


def test_a_pair_without_a_leg_is_named():
    rows = (("D", "A", 1.0), ("D", "B", 1.0))
    with pytest.raises(UnreachableError, match=r"D to B \(no leg\).*Add the legs"):
        estimate(network("DA", "AB"), *rows, demand=figures(A=1, B=4))


def test_a_pair_whose_legs_are_closed_is_named():
    net = network("DA", "DB", "AB", cost=[2.0, np.inf, 2.0])
    with pytest.raises(UnreachableError, match=r"D to B \(all legs closed\)"):
        estimate(net, ("D", "A", 1.0), ("D", "B", 1.0), demand=figures(A=1, B=4))


def test_without_import_shares_the_method_says_what_it_needs():
    evidence = opr.Evidence.from_tables(supply=figures(D=1), demand=figures(A=1))
    with pytest.raises(EvidenceError, match="needs import shares"):
        opr.estimate_flows(network("DA"), evidence, method="import_shares")


def test_shares_of_other_wholes_are_no_import_shares():
    rows = shares(("D", "A", 1.0), ("D", "B", 0.5)).assign(of_from=["*", "D"], of_to=["A", "*"])
    evidence = opr.Evidence.from_tables(supply=figures(D=1), demand=figures(A=1, B=1), shares=rows)
    with pytest.raises(EvidenceError, match="where B imports from"):
        opr.estimate_flows(network("DA", "DB"), evidence, method="import_shares")


def test_no_requirement_has_nowhere_to_end():
    with pytest.raises(UnreachableError, match="nowhere to end"):
        estimate(network("DA"), ("D", "A", 1.0))


def crossings(inland):
    """Three countries; X has two crossings from S, and two to Y, joined by inland legs."""
    nodes = pd.DataFrame(
        {
            "node": ["s", "x1", "x2", "y1", "y2"],
            "iso3": ["SSS", "XXX", "XXX", "YYY", "YYY"],
            "population": [1.0] * 5,
        }
    )
    outer = [("s", "x1"), ("s", "x2"), ("x1", "y1"), ("x2", "y2")]
    inner = [("x1", "x2"), ("x2", "x1"), ("y1", "y2"), ("y2", "y1")] if inland else []
    legs = pd.DataFrame(outer + inner, columns=["from_node", "to_node"])
    legs["border"] = [True] * 4 + [False] * len(inner)
    legs["cost"] = [1.0, 2.0, 1.5, 0.5] + [0.3] * len(inner)
    return opr.RouteNetwork.from_tables(nodes, legs)


def at_crossings(net, **more):
    return estimate(
        net,
        ("SSS", "XXX", 1.0),
        ("XXX", "YYY", 1.0),
        supply=figures(SSS=50),
        demand=figures(XXX=6, YYY=10),
        seizures=figures(XXX=4),
        **more,
    )


def test_shares_between_groups_bind_the_sum_over_their_crossings():
    fit = at_crossings(crossings(inland=True))
    found = flows(fit)
    assert found["s", "x1"] + found["s", "x2"] == pytest.approx(20.0)
    assert found["x1", "y1"] + found["x2", "y2"] == pytest.approx(10.0)
    assert found["s", "x1"] > found["s", "x2"] > 0
    assert fit.nodes.groupby(fit.network.nodes["iso3"])["consumption_kg"].sum().to_dict() == (
        pytest.approx({"SSS": 0.0, "XXX": 6.0, "YYY": 10.0})
    )
    assert fit.certificate.balance < 1e-12


def test_crossings_that_are_not_joined_are_scaled_until_the_shares_hold():
    nodes = pd.DataFrame(
        {"node": ["s", "x1", "x2", "y", "z"], "iso3": ["SSS", "XXX", "XXX", "YYY", "ZZZ"]}
    )
    pairs = [("s", "x1"), ("s", "x2"), ("x1", "y"), ("x2", "y"), ("x2", "z")]
    legs = pd.DataFrame(pairs, columns=["from_node", "to_node"]).assign(cost=1.0)
    net = opr.RouteNetwork.from_tables(nodes, legs)
    fit = estimate(
        net,
        ("SSS", "XXX", 1.0),
        ("XXX", "YYY", 1.0),
        ("XXX", "ZZZ", 1.0),
        supply=figures(SSS=1),
        demand=figures(YYY=6, ZZZ=4),
    )
    found = flows(fit)
    assert found["x2", "z"] == pytest.approx(4.0, abs=1e-6)
    assert found["x1", "y"] + found["x2", "y"] == pytest.approx(6.0, abs=1e-6)
    assert fit.certificate.balance < 1e-12


def test_shares_at_two_levels_would_count_twice():
    with pytest.raises(EvidenceError, match="would count twice"):
        estimate(
            crossings(inland=True),
            ("SSS", "XXX", 1.0),
            ("SSS", "x1", 1.0),
            supply=figures(SSS=50),
            demand=figures(XXX=6),
        )


def test_random_shares_solve_their_equations():
    rng = np.random.default_rng(5)
    names = [f"n{k}" for k in range(9)]
    b = rng.uniform(size=(9, 9)) * (rng.uniform(size=(9, 9)) < 0.5)
    b[0] += 0.1
    np.fill_diagonal(b, 0.0)
    b[:, 0] = 0.0
    b[:, 1:] /= b[:, 1:].sum(axis=0)
    pairs = [(int(i), int(j)) for i, j in np.argwhere(b > 0)]
    net = network(*[(names[i], names[j]) for i, j in pairs])
    demand = dict(zip(names, rng.uniform(1, 9, 9), strict=True))
    fit = estimate(
        net,
        *[(names[i], names[j], b[i, j]) for i, j in pairs],
        supply=figures(n0=1),
        demand=figures(**demand),
    )
    passing = np.linalg.solve(np.eye(9) - b, list(demand.values()))
    found = flows(fit)
    for i, j in pairs:
        assert found[names[i], names[j]] == pytest.approx(b[i, j] * passing[j])
    assert fit.nodes["throughput_kg"].to_numpy() == pytest.approx(passing)


def two_ways_in():
    """X is entered from S at one crossing, from T at another, which alone leads on to Z."""
    nodes = pd.DataFrame(
        {"node": ["s", "t", "x1", "x2", "z"], "iso3": ["SSS", "TTT", "XXX", "XXX", "ZZZ"]}
    )
    pairs = [("s", "x1"), ("t", "x2"), ("s", "t"), ("x2", "z")]
    legs = pd.DataFrame(pairs, columns=["from_node", "to_node"]).assign(cost=1.0)
    return opr.RouteNetwork.from_tables(nodes, legs)


def test_a_crossing_that_nothing_arrives_at_is_named():
    rows = (("SSS", "XXX", 1.0), ("XXX", "ZZZ", 1.0), ("SSS", "TTT", 1.0))
    with pytest.raises(UnreachableError, match="XXX to ZZZ: the legs that other shares use"):
        estimate(two_ways_in(), *rows, supply=figures(SSS=1), demand=figures(XXX=6, ZZZ=4, TTT=1))


def test_shares_that_the_crossings_cannot_carry_are_refused():
    rows = (("SSS", "XXX", 0.9), ("TTT", "XXX", 0.1), ("XXX", "ZZZ", 1.0), ("SSS", "TTT", 1.0))
    with pytest.raises(ConvergenceError, match=r"XXX.*is missed by.*Add inland ways"):
        estimate(two_ways_in(), *rows, supply=figures(SSS=1), demand=figures(XXX=6, ZZZ=4))
