"""Gravity on legs: the definition, written out again, and both margins."""

import numpy as np
import pandas as pd
import pytest
from instances import random_case

import opiateroutes as opr
from opiateroutes.flows.baselines.gravity import node_masses


def figures(**nodes):
    return pd.DataFrame({"node": list(nodes), "kg": [float(v) for v in nodes.values()]})


def small(demand, supply=None, **more):
    rows = [("s", "a", 1.0), ("s", "b", 2.0), ("a", "b", 1.0), ("b", "a", 0.5), ("a", "t", 3.0)]
    legs = pd.DataFrame(rows, columns=["from_node", "to_node", "cost"])
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": list("abst")}), legs)
    supply = figures(s=20) if supply is None else supply
    return net, opr.Evidence.from_tables(supply=supply, demand=demand, **more)


def test_flows_follow_the_definition():
    net, evidence = small(figures(a=4, b=10, t=6))
    fit = opr.estimate_flows(net, evidence, method="gravity")
    names = ["a", "b", "s", "t"]
    mass = np.array([4.0, 10.0, 20.0, 6.0])
    pull = np.zeros((4, 4))
    for leg in net.legs.itertuples():
        i, j = names.index(leg.from_node), names.index(leg.to_node)
        pull[i, j] = mass[j] * np.exp(-leg.cost)
    w = pull / (mass + pull.sum(axis=1))[:, None]
    routes = np.linalg.inv(np.eye(4) - w)[2]
    wanted = np.array([4.0, 10.0, 0.0, 6.0])
    y = np.linalg.inv(np.eye(4) - w) @ (wanted / routes)
    flow = routes[:, None] * w * y / y[2] * 20.0
    found = fit.legs.set_index(["from_node", "to_node"])["flow_kg"]
    for (start, end), kg in found.items():
        assert kg == pytest.approx(flow[names.index(start), names.index(end)])


def test_a_heavier_node_draws_more():
    legs = pd.DataFrame(
        {"from_node": ["s", "s", "a", "b"], "to_node": ["a", "b", "t", "t"], "cost": 1.0}
    )
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": list("abst")}), legs)
    evidence = opr.Evidence.from_tables(supply=figures(s=30), demand=figures(a=2, b=8, t=20))
    flow = opr.estimate_flows(net, evidence, method="gravity").legs["flow_kg"]
    assert flow["b>t:leg"] > flow["a>t:leg"] > 0


@pytest.mark.parametrize("seed", range(8))
def test_both_margins_hold(seed):
    net, evidence = random_case(seed)
    fit = opr.estimate_flows(net, evidence, method="gravity")
    total = fit.supply_kg
    rows = fit.residuals[fit.residuals["kind"].isin(["demand", "seizure"])]
    wanted = rows["evidence_kg"].sum()
    scale = min(1.0, total / wanted)
    assert rows["estimate_kg"].to_numpy() == pytest.approx(scale * rows["evidence_kg"].to_numpy())
    assert fit.certificate.gap == 0.0


def test_costs_that_diverge_elsewhere_do_not_here():
    legs = pd.DataFrame({"from_node": list("sab"), "to_node": list("aba"), "cost": -1.0})
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": list("abs")}), legs)
    evidence = opr.Evidence.from_tables(supply=figures(s=3), demand=figures(b=3))
    fit = opr.estimate_flows(net, evidence, method="gravity")
    assert fit.nodes.at["b", "consumption_kg"] == pytest.approx(3.0)


def test_costs_of_hundreds_of_nats_do_not_underflow():
    legs = pd.DataFrame({"from_node": list("sa"), "to_node": list("at"), "cost": [600.0, 900.0]})
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": list("ast")}), legs)
    evidence = opr.Evidence.from_tables(supply=figures(s=3), demand=figures(t=3))
    fit = opr.estimate_flows(net, evidence, method="gravity")
    assert fit.legs["flow_kg"].tolist() == pytest.approx([3.0, 3.0])


def test_a_node_without_figures_has_the_smallest_mass():
    net, evidence = small(figures(b=10, t=6), seizures=figures(b=2))
    measure = opr.estimate_flows(net, evidence).measure
    mass = dict(zip(measure.nodes, node_masses(net, measure, evidence), strict=True))
    assert mass == {"a": 6.0, "b": 12.0, "s": 20.0, "t": 6.0}


def test_the_mass_of_a_group_stands_at_each_of_its_nodes():
    nodes = pd.DataFrame({"node": ["s", "x1", "x2"], "iso3": ["SSS", "XXX", "XXX"]})
    legs = pd.DataFrame({"from_node": ["s", "s"], "to_node": ["x1", "x2"], "cost": [1.0, 1.0]})
    net = opr.RouteNetwork.from_tables(nodes, legs)
    evidence = opr.Evidence.from_tables(supply=figures(s=9), demand=figures(XXX=4))
    fit = opr.estimate_flows(net, evidence, method="gravity")
    mass = node_masses(net, fit.measure, evidence)
    assert dict(zip(fit.measure.nodes, mass, strict=True)) == {"s": 9.0, "x1": 4.0, "x2": 4.0}
    assert fit.legs["flow_kg"].tolist() == pytest.approx([4.5, 4.5])
