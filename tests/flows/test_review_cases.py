"""Cases that once gave a wrong number, a bare traceback or silence."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import opiateroutes as opr
from opiateroutes.errors import (
    ConflictingEvidenceError,
    DivergentRoutesError,
    EvidenceError,
)


def network(*legs):
    table = pd.DataFrame(legs, columns=["from_node", "to_node", "cost"])
    nodes = pd.unique(table[["from_node", "to_node"]].to_numpy().ravel())
    return opr.RouteNetwork.from_tables(pd.DataFrame({"node": nodes}), table)


def figures(sd=None, **nodes):
    table = pd.DataFrame({"node": list(nodes), "best_kg": [float(v) for v in nodes.values()]})
    return table if sd is None else table.assign(sd_kg=sd)


def flow(start, end, kg, sd=None):
    table = pd.DataFrame({"row": ["f"], "from_node": [start], "to_node": [end], "best_kg": [kg]})
    return table if sd is None else table.assign(sd_kg=sd)


def estimate(net, **tables):
    return opr.estimate_flows(net, opr.Evidence.from_tables(**tables))


FORK = [("a", "b", 2.0), ("b", "c", 2.0), ("a", "c", 3.0)]


@pytest.mark.parametrize("kg", [1.0, 10.0])
def test_soft_evidence_far_from_the_only_way_is_a_residual_not_a_crash(kg):
    net = network(("a", "b", 2.0))
    fit = estimate(net, supply=figures(a=100), demand=figures(b=80), flows=flow("a", "b", kg))
    assert fit.legs["flow_kg"].tolist() == [pytest.approx(100)]
    assert fit.residuals.loc["flow:f", "residual_sigmas"] > 3
    assert fit.certificate.gap <= 1e-10


def test_demand_above_the_supply_is_met_as_far_as_it_goes():
    fit = estimate(network(("a", "b", 2.0)), supply=figures(a=100), demand=figures(0.2, b=125))
    assert fit.nodes.at["b", "consumption_kg"] == pytest.approx(100, rel=1e-6)
    assert fit.residuals.loc["demand:b", "residual_sigmas"] == pytest.approx(-125, rel=1e-3)


def test_loops_with_clashing_rows_are_solved():
    net = network(
        ("x", "y", 3.377), ("x", "y", 3.113), ("x", "y", 1.265), ("y", "x", 5.589),
        ("y", "z", 3.059), ("z", "x", 1.911), ("z", "x", 1.23), ("z", "z", 4.773),
    )  # fmt: skip
    flows = pd.concat(
        [flow("x", "y", 1.6265, 0.671), flow("*", "x", 78.59, 21.3), flow("x", "y", 47.5, 6.27)]
    ).assign(row=["one", "two", "three"])
    fit = estimate(net, supply=figures(10, x=100), demand=figures(1222.0, z=130), flows=flows)
    assert fit.certificate.gap <= 1e-10


def test_a_node_where_everything_is_seized_keeps_the_baseline():
    net = network(("a", "b", 2.0), ("a", "c", 2.0), ("c", "d", 2.0))
    fit = estimate(
        net, supply=figures(0.0, a=100), demand=figures(3, d=60), seizures=figures(1, b=15, c=5)
    )
    found = opr.find_chokepoints(fit)
    consumed = fit.nodes["consumption_kg"].sum()
    assert (found.table["delivered_kg"] + found.table["drop_kg"]).to_numpy() == pytest.approx(
        consumed
    )
    assert found.displacement("c", effort=0.0)["change_kg"].abs().max() < 1e-9
    assert fit.nodes.at["b", "interception"] == pytest.approx(1.0)


@pytest.mark.parametrize("outside", ["error", "skip"])
def test_a_misspelt_supply_is_an_error_not_a_zero(outside):
    evidence = opr.Evidence.from_tables(
        supply=figures(aa=100), demand=figures(b=30), outside=outside
    )
    with pytest.raises(EvidenceError):
        opr.estimate_flows(network(*FORK), evidence)


@pytest.mark.parametrize(
    ("effort", "reaction"), [(0.5, 50.0), (0.99, 7.0), (0.999, 5.0), (0.9, 14.0), (1.0, 2.0)]
)
def test_strong_reactions_keep_the_digits(effort, reaction):
    net = network(("a", "b", 2), ("b", "c", 2), ("b", "d", 2), ("d", "c", 2), ("c", "b", 2))
    fit = estimate(net, supply=figures(a=100), demand=figures(c=60, d=25))
    found = opr.find_chokepoints(fit, effort=effort, reaction=reaction)
    from opiateroutes.chokepoints.chain import Enforcement, IntendedChain

    chain = IntendedChain.of(fit.measure, fit.arcs_kg)
    for row in found.table.itertuples():
        at_nodes = np.where(fit.measure.nodes == row.node, 1.0 - effort, 1.0)
        [again] = chain.delivered_kg(
            Enforcement(at_nodes, np.ones(len(fit.measure.legs))), reaction
        )
        assert row.delivered_kg == pytest.approx(again, rel=1e-9, abs=1e-9)


def test_a_network_without_legs_has_a_named_error_or_a_result():
    one = opr.from_networkx(nx.empty_graph(1))
    fit = estimate(one, supply=figures(**{"0": 1}), demand=figures(**{"0": 1}))
    assert fit.legs.empty
    assert fit.nodes.at["0", "consumption_kg"] > 0
    assert opr.find_chokepoints(fit).ranking().empty
    assert "first none" in repr(opr.find_chokepoints(fit))


@pytest.mark.parametrize("cost", [1e6, 1e9])
def test_huge_costs_do_not_drown_the_certificate(cost):
    net = network(("a", "b", cost), ("b", "c", cost), ("a", "c", 2 * cost))
    fit = estimate(net, supply=figures(a=100), demand=figures(c=50, b=20))
    assert fit.certificate.gap <= 1e-10


def test_hard_figures_just_below_the_supply_are_met():
    fit = estimate(network(*FORK), supply=figures(0.0, a=100), demand=figures(0.0, b=40, c=59.5))
    assert fit.nodes["consumption_kg"].tolist() == pytest.approx([0, 40, 59.5])


def test_hard_figures_that_use_the_supply_up_leave_nothing_unaccounted():
    fit = estimate(network(*FORK), supply=figures(0.0, a=100), demand=figures(0.0, b=40, c=60))
    assert fit.nodes["consumption_kg"].tolist() == pytest.approx([0, 40, 60])
    assert fit.nodes["unaccounted_kg"].sum() == 0


def test_hard_figures_that_leave_nothing_for_a_soft_one_are_named():
    demand = figures(b=100, c=60).assign(sd_kg=[0.0, 5.0])
    with pytest.raises(ConflictingEvidenceError, match="leaves nothing"):
        estimate(network(*FORK), supply=figures(0.0, a=100), demand=demand)


@pytest.mark.parametrize("vague", [1e3, 1e7, 1e9])
def test_a_vague_row_takes_nothing_from_a_sharp_one(vague):
    flows = pd.DataFrame({"row": ["sharp", "vague"], "from_node": ["a", "*"]}).assign(
        to_node=["b", "c"], best_kg=[40.0, 60.0], sd_kg=[1.0, vague]
    )
    fit = estimate(
        network(*FORK), supply=figures(0.0, a=100), demand=figures(2, b=30, c=50), flows=flows
    )
    leg = fit.legs.loc["a>b:leg"]
    assert leg["leverage"] > 0.95
    assert "flow:sharp" in leg["rests_on"]


def test_each_supply_has_its_own_spread():
    net = network(("s1", "c", 2.0), ("s2", "c", 2.0))
    supply = figures(s1=10, s2=1000).assign(sd_kg=[5.0, 10.0])
    legs = estimate(net, supply=supply, demand=figures(c=900)).legs.set_index("from_node")
    assert legs.at["s1", "low_kg"] < 5
    assert legs.at["s1", "high_kg"] > 18
    assert legs.at["s2", "high_kg"] < 1020


@pytest.mark.parametrize("group", [{}, {"G": ["b", "zz"]}])
def test_a_flow_that_names_an_unknown_node_is_refused(group):
    target = "G" if group else "b;zz"
    with pytest.raises(EvidenceError) as error:
        estimate(
            network(*FORK),
            supply=figures(a=100),
            demand=figures(c=60),
            flows=flow("a", target, 30),
            groups=group,
        )
    assert error.value.failures["value"].tolist() == ["zz"]


@pytest.mark.parametrize("name", ["b;x", " b", "b\n", "b\x00", "\u0628", "1"])
def test_any_id_can_carry_flow_evidence(name):
    net = network(("a", name, 2.0), (name, "c", 2.0))
    fit = estimate(
        net, supply=figures(a=100), demand=figures(c=60), flows=flow("a", name, 90.0, 1.0)
    )
    assert fit.residuals.loc["flow:f", "estimate_kg"] == pytest.approx(100)


@pytest.mark.parametrize(
    "priors",
    [
        {"interception": [1.5]},
        {"interception": [0.0]},
        {"interception": ["much"]},
        {"consumption_weight": [-1.0]},
        {"consumption_weight": [np.inf]},
        {"unaccounted_weight": [-1.0]},
        {"interceptions": [0.1]},
    ],
)
def test_priors_out_of_range_are_refused(priors):
    with pytest.raises(EvidenceError, match="priors"):
        opr.Evidence.from_tables(
            supply=figures(a=1), priors=pd.DataFrame(priors, index=pd.Index(["*"], name="node"))
        )


def test_priors_may_leave_out_columns_and_the_general_row():
    priors = pd.DataFrame({"interception": [0.3]}, index=["b"])
    evidence = opr.Evidence.from_tables(supply=figures(a=1), priors=priors)
    assert evidence.priors.loc["b", "interception"] == 0.3
    assert evidence.priors.loc["*"].notna().all()


def test_net_flows_of_parallel_legs_add_up():
    net = network(("a", "b", 2.0), ("a", "b", 2.0), ("b", "a", 2.0), ("b", "c", 2.0))
    fit = estimate(net, supply=figures(a=100), demand=figures(c=60))
    pair = fit.legs[fit.legs["from_node"].eq("a")]
    back = fit.legs[fit.legs["from_node"].eq("b") & fit.legs["to_node"].eq("a")]
    assert pair["net_kg"].sum() == pytest.approx(pair["flow_kg"].sum() - back["flow_kg"].sum())
    assert (pair["net_kg"] <= pair["flow_kg"]).all()


def test_a_flow_that_many_rows_carry_names_the_largest():
    ends = [f"m{k:02d}" for k in range(60)]
    legs = [("a", "t", 2.0), ("a", "u", 2.0)]
    legs += [("t" if k % 2 else "u", end, 2.0) for k, end in enumerate(ends)]
    demand = pd.DataFrame({"node": ends, "best_kg": 1.5, "sd_kg": 0.02})
    fit = estimate(network(*legs), supply=figures(0.0, a=100), demand=demand)
    leg = fit.legs.loc["a>t:leg"]
    assert leg["basis"] == "evidence"
    assert leg["rests_on"].startswith("demand:m")


def test_reported_zeros_are_listed():
    fit = estimate(
        network(*FORK), supply=figures(a=100), demand=figures(c=60), seizures=figures(b=0)
    )
    assert fit.unused.at["seizure:b", "why"] == "reported as zero: nothing ends here"


def test_seizures_alone_leave_the_rest_unaccounted():
    fit = estimate(network(*FORK), supply=figures(a=100), seizures=figures(1, b=5, c=5))
    assert fit.nodes["seizure_kg"].sum() == pytest.approx(10, abs=2)
    assert fit.nodes["unaccounted_kg"].sum() == pytest.approx(90, abs=2)


def test_a_graph_without_modes_or_costs_pays_for_each_leg():
    net = opr.from_networkx(nx.path_graph(4))
    fit = estimate(net, supply=figures(**{"0": 10}), demand=figures(**{"3": 8}))
    assert fit.certificate.gap <= 1e-10


@pytest.mark.parametrize("costs", [(-5.0, 4.0), (-1000.0, 900.0)])
def test_the_advice_on_diverging_cycles_works(costs):
    there, back = costs
    legs = [("a", "b", there), ("b", "a", back), ("b", "c", 2.0)]
    tables = {"supply": figures(a=10), "demand": figures(c=8)}
    with pytest.raises(DivergentRoutesError) as error:
        estimate(network(*legs), **tables)
    more = float(str(error.value).split("more than ")[1].split()[0])
    raised = [(i, j, cost + more + 0.01) for i, j, cost in legs]
    assert estimate(network(*raised), **tables).certificate.gap <= 1e-10


@pytest.mark.parametrize("value", [True, 1j, pd.Timestamp("2010-01-01"), pd.Timedelta(1, "D")])
def test_weights_must_be_numbers(value):
    supply = pd.DataFrame({"node": ["a"], "kg": [value]}, dtype=object)
    with pytest.raises(EvidenceError, match="must be a number"):
        opr.Evidence.from_tables(supply=supply)


def test_a_flow_without_an_end_is_refused():
    flows = pd.DataFrame({"from_node": [None], "to_node": ["b"], "kg": [1.0]})
    with pytest.raises(EvidenceError, match="must not be empty"):
        opr.Evidence.from_tables(supply=figures(a=1), flows=flows)


@pytest.mark.parametrize("option", [{"n_effective": "many"}, {"structural_sd": None}])
def test_options_that_are_no_numbers_are_refused(option):
    with pytest.raises(ValueError, match=next(iter(option))):
        opr.estimate_flows(
            network(*FORK),
            opr.Evidence.from_tables(supply=figures(a=1), demand=figures(c=1)),
            **option,
        )


def test_chokepoint_options_in_any_form():
    fit = estimate(network(*FORK), supply=figures(a=100), demand=figures(c=60))
    found = opr.find_chokepoints(fit, effort=(e for e in (0.2, 0.4)), candidates="b")
    assert found.table["node"].unique().tolist() == ["b"]
    assert len(found.ranking(effort=0.4)) == 1
    with pytest.raises(KeyError, match=r"no effort 0\.9"):
        found.ranking(effort=0.9)
    with pytest.raises(ValueError, match="effort"):
        opr.find_chokepoints(fit, effort="half")
