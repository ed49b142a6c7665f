"""What the methods page promises for inputs at the edge: a result or a named error."""

import itertools

import numpy as np
import pandas as pd
import pytest

import opiateroutes as opr
from opiateroutes.errors import (
    ConflictingEvidenceError,
    ConvergenceError,
    DivergentRoutesError,
    EvidenceError,
    NetworkError,
    UnknownNameError,
    UnreachableError,
)


def line(cost=2.0, nodes=("a", "b", "c")):
    pairs = list(itertools.pairwise(nodes))
    legs = pd.DataFrame(pairs, columns=["from_node", "to_node"]).assign(cost=cost)
    return opr.RouteNetwork.from_tables(pd.DataFrame({"node": list(nodes)}), legs)


def figures(**nodes):
    return pd.DataFrame({"node": list(nodes), "best_kg": [float(v) for v in nodes.values()]})


def evidence(supply=None, demand=None, **more):
    supply = figures(a=100) if supply is None else supply
    demand = figures(c=60) if demand is None else demand
    return opr.Evidence.from_tables(supply=supply, demand=demand, **more)


def test_one_way_takes_everything():
    fit = opr.estimate_flows(line(), evidence())
    assert fit.legs["flow_kg"].tolist() == pytest.approx([100.0, 100.0])
    assert fit.legs["basis"].tolist() == ["evidence", "evidence"]
    assert fit.legs["rests_on"].tolist() == ["supply:a", "supply:a"]


def test_zero_supply_moves_nothing_and_says_so():
    fit = opr.estimate_flows(line(), evidence(supply=figures(a=0)))
    assert (fit.legs["flow_kg"] == 0).all()
    assert (fit.nodes["throughput_kg"] == 0).all()
    assert "supply of zero" in fit.provenance["flag"]
    assert fit.routes.empty
    assert "set aside" in fit.summary()


def test_unreachable_demand_is_named_with_the_nearest_reached_node():
    net = opr.RouteNetwork.from_tables(
        pd.DataFrame({"node": ["a", "b", "far"]}),
        pd.DataFrame({"from_node": ["a", "far"], "to_node": ["b", "b"], "cost": [2.0, 2.0]}),
    )
    with pytest.raises(UnreachableError, match=r"demand:far \(nearest reached node: b\)"):
        opr.estimate_flows(net, evidence(demand=figures(b=10, far=5)))


def test_an_island_is_named():
    net = opr.RouteNetwork.from_tables(
        pd.DataFrame({"node": ["a", "b", "island"]}),
        pd.DataFrame({"from_node": ["a"], "to_node": ["b"], "cost": [2.0]}),
    )
    with pytest.raises(UnreachableError, match="no leg links it"):
        opr.estimate_flows(net, evidence(demand=figures(b=10, island=5)))


def test_a_misspelt_node_gets_a_suggestion():
    with pytest.raises(EvidenceError) as error:
        opr.estimate_flows(
            line(nodes=("Kabul", "Herat", "Mashhad")),
            evidence(supply=figures(Kabul=1), demand=figures(Mashad=1)),
        )
    assert error.value.failures["hint"].tolist() == ["did you mean 'Mashhad'?"]


def test_supply_that_leads_nowhere_is_named():
    with pytest.raises(UnreachableError, match="supply at c"):
        opr.estimate_flows(line(), evidence(supply=figures(a=1, c=1), demand=figures(b=1)))


def test_routes_need_somewhere_to_end():
    with pytest.raises(UnreachableError, match="nowhere to end"):
        opr.estimate_flows(line(), opr.Evidence.from_tables(supply=figures(a=1)))


def test_a_flow_between_nodes_without_a_leg_is_refused():
    flows = pd.DataFrame({"from_node": ["a"], "to_node": ["c"], "best_kg": [1.0]})
    with pytest.raises(UnreachableError, match="no leg joins these nodes"):
        opr.estimate_flows(line(), evidence(flows=flows))


def test_a_flow_on_a_closed_leg_is_refused():
    net = opr.RouteNetwork.from_tables(
        pd.DataFrame({"node": ["a", "b", "c"]}),
        pd.DataFrame(
            {"from_node": ["a", "b", "a"], "to_node": ["b", "c", "c"], "cost": [2.0, 2.0, np.inf]}
        ),
    )
    flows = pd.DataFrame({"from_node": ["a"], "to_node": ["c"], "best_kg": [1.0]})
    with pytest.raises(UnreachableError, match="no route uses these legs"):
        opr.estimate_flows(net, evidence(flows=flows))


@pytest.mark.parametrize("cost", [0.0, -1.0, 0.001])
def test_diverging_routes_name_the_cycle(cost):
    legs = pd.DataFrame(
        {"from_node": list("abbc"), "to_node": list("bacb"), "cost": [cost, cost, cost, cost]}
    )
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": list("abc")}), legs)
    with pytest.raises(DivergentRoutesError, match="Raise the cost of its legs") as error:
        opr.estimate_flows(net, evidence())
    assert "b" in str(error.value)


def test_negative_costs_without_a_gaining_cycle_are_fine():
    fit = opr.estimate_flows(line(cost=-3.0), evidence())
    assert fit.legs["flow_kg"].tolist() == pytest.approx([100.0, 100.0])


def test_hard_exits_above_the_supply_give_the_gap():
    demand = figures(b=70, c=60).assign(sd_kg=0.0)
    with pytest.raises(ConflictingEvidenceError, match=r"130 kg, 30 kg more than"):
        opr.estimate_flows(line(), evidence(demand=demand))


def test_hard_exits_are_met_exactly():
    fit = opr.estimate_flows(line(), evidence(demand=figures(b=30, c=20).assign(sd_kg=0.0)))
    consumed = fit.nodes["consumption_kg"]
    assert (consumed["b"], consumed["c"]) == (pytest.approx(30.0), pytest.approx(20.0))
    assert fit.nodes["unaccounted_kg"].sum() == pytest.approx(50.0)


def test_all_exits_hard_and_none_free_is_solved_without_a_slack():
    priors = pd.DataFrame(
        {"interception": [0.05], "consumption_weight": [10.0], "unaccounted_weight": [0.0]},
        index=pd.Index(["*"], name="node"),
    )
    demand = figures(b=40, c=60).assign(sd_kg=0.0)
    fit = opr.estimate_flows(line(), evidence(demand=demand, priors=priors))
    assert fit.nodes["consumption_kg"].tolist() == pytest.approx([0.0, 40.0, 60.0])
    assert fit.legs["flow_kg"].tolist() == pytest.approx([100.0, 60.0])


def test_a_reported_zero_closes_the_exit_and_is_no_error():
    fit = opr.estimate_flows(line(), evidence(seizures=figures(b=0)))
    assert fit.nodes.at["b", "seizure_kg"] == 0


def test_hard_flows_that_clash_are_a_named_error():
    flows = pd.DataFrame(
        {"row": ["one", "two"], "from_node": ["a", "a"], "to_node": ["b", "b"]}
    ).assign(best_kg=[100.0, 20.0], sd_kg=0.0)
    with pytest.raises((ConvergenceError, ConflictingEvidenceError), match="flow:one"):
        opr.estimate_flows(line(), evidence(flows=flows))


def test_clashing_soft_flows_show_in_the_residuals():
    flows = pd.DataFrame(
        {"row": ["low", "high"], "from_node": ["a", "*"], "to_node": ["b", "b"]}
    ).assign(best_kg=[100.0, 20.0], sd_kg=5.0)
    fit = opr.estimate_flows(line(), evidence(flows=flows))
    assert fit.residuals.at["flow:high", "residual_sigmas"] > 3


@pytest.mark.parametrize("cost", ["toll", "distances"])
def test_unknown_cost_columns_are_named(cost):
    with pytest.raises(UnknownNameError, match=cost):
        opr.estimate_flows(line(), evidence(), cost=cost)


def test_a_missing_cost_is_refused():
    with pytest.raises(NetworkError, match="have no cost"):
        opr.estimate_flows(line(cost=np.nan), evidence())


@pytest.mark.parametrize(
    "option", [{"n_effective": 0}, {"n_effective": np.nan}, {"structural_sd": -1}]
)
def test_options_out_of_range_are_refused(option):
    with pytest.raises(ValueError, match=next(iter(option))):
        opr.estimate_flows(line(), evidence(), **option)


def test_costs_may_come_as_a_series_or_another_column():
    net = line()
    by_series = opr.estimate_flows(net, evidence(), cost=pd.Series(1.0, index=net.legs.index))
    by_column = opr.estimate_flows(net, evidence(), cost="cost")
    assert by_series.legs["flow_kg"].tolist() == pytest.approx(by_column.legs["flow_kg"].tolist())


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1e6, 1e15])
def test_magnitudes_do_not_matter(scale):
    demand = figures(b=30 * scale, c=20 * scale)
    fit = opr.estimate_flows(line(), evidence(supply=figures(a=100 * scale), demand=demand))
    usual = opr.estimate_flows(line(), evidence(demand=figures(b=30, c=20)))
    assert (fit.legs["flow_kg"] / scale).tolist() == pytest.approx(usual.legs["flow_kg"].tolist())


@pytest.mark.parametrize("cost", [50.0, 700.0, 5000.0])
def test_high_costs_do_not_vanish(cost):
    fit = opr.estimate_flows(line(cost=cost), evidence(demand=figures(c=60)))
    assert fit.certificate.gap <= 1e-10
    assert fit.legs["flow_kg"].tolist() == pytest.approx([100.0, 100.0])


def test_self_legs_are_allowed():
    legs = pd.DataFrame({"from_node": ["a", "b", "b"], "to_node": ["b", "b", "c"], "cost": 2.0})
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": list("abc")}), legs)
    fit = opr.estimate_flows(net, evidence())
    assert fit.certificate.balance <= 1e-9
    assert fit.legs.at["b>b:leg", "flow_kg"] > 0
