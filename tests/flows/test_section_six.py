"""The table of degenerate cases in the methods, row by row, on awkward instances."""

import itertools

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import opiateroutes as opr
from opiateroutes.errors import (
    ConflictingEvidenceError,
    DivergentRoutesError,
    EvidenceError,
    UnreachableError,
)

CHAIN = [("a", "b", 2.0), ("b", "c", 2.0)]
FORK = [("a", "b", 2.0), ("b", "c", 2.0), ("a", "c", 3.0)]
TWO_WAYS = [("a", "c", 2.0), ("b", "d", 2.0)]
SEVERAL = [("s1", "c", 2.0), ("s2", "c", 2.0), ("s2", "d", 2.0), ("c", "d", 2.0), ("d", "c", 3.0)]
AWKWARD = [
    ("a", "b", 2.0), ("a", "b", 2.5), ("b", "b", 3.0), ("b", "a", 4.0), ("b", "c", 2.0),
    ("c", "b", 2.0), ("a", "c", 5.0), ("c", "c", 2.0),
]  # fmt: skip


def network(*legs, more=()):
    table = pd.DataFrame(legs, columns=["from_node", "to_node", "cost"])
    nodes = [*pd.unique(table[["from_node", "to_node"]].to_numpy().ravel()), *more]
    return opr.RouteNetwork.from_tables(pd.DataFrame({"node": nodes}), table)


def grouped():
    nodes = pd.DataFrame({"node": ["a", "b1", "b2", "c"], "iso3": [None, "BBB", "BBB", None]})
    legs = pd.DataFrame(
        [("a", "b1", 2.0), ("a", "b2", 2.0), ("b1", "c", 2.0), ("b2", "c", 2.0)],
        columns=["from_node", "to_node", "cost"],
    )
    return opr.RouteNetwork.from_tables(nodes, legs)


def figures(sd=None, **nodes):
    table = pd.DataFrame({"node": list(nodes), "best_kg": [float(v) for v in nodes.values()]})
    return table if sd is None else table.assign(sd_kg=sd)


def flow(start, end, kg, sd):
    return pd.DataFrame(
        {"row": ["f"], "from_node": [start], "to_node": [end], "best_kg": [kg], "sd_kg": [sd]}
    )


def estimate(net, **tables):
    given = {"supply": figures(a=100), "demand": figures(c=60)} | tables
    return opr.estimate_flows(net, opr.Evidence.from_tables(**given))


def scaled(table, scale):
    return table.assign(**{c: table[c] * scale for c in ("best_kg", "sd_kg") if c in table})


# --- sink or evidence leg unreachable: names and the nearest reachable --------------------------

UNREACHABLE = {
    "a node behind the supply": (
        network(*CHAIN, ("far", "c", 2.0)), {"demand": figures(c=50, far=5)},
        r"demand:far \(nearest reached node: c\)",
    ),
    "an isolated node": (
        network(*CHAIN, more=["island"]), {"demand": figures(c=50, island=5)},
        r"demand:island \(no leg links it",
    ),
    "a seizure behind a closed leg": (
        network(*CHAIN, ("c", "d", np.inf)), {"seizures": figures(d=5)},
        r"seizure:d \(nearest reached node: c\)",
    ),
    "one of two sources leads nowhere": (
        network(*CHAIN, ("x", "y", 2.0)), {"supply": figures(a=10, x=10)}, "supply at x",
    ),
    "a flow against the legs": (
        network(*CHAIN), {"flows": flow("c", "a", 5, 1.0)}, "flow:f cannot be met: no leg joins",
    ),
    "a flow on a leg that no route uses": (
        network(*CHAIN, ("c", "d", 2.0)), {"flows": flow("c", "d", 5, 1.0)},
        "flow:f cannot be met: no route uses these legs",
    ),
    "nothing to end at": (network(*CHAIN), {"demand": None}, "nowhere to end"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNREACHABLE)
def test_unreachable_evidence_is_named(case):
    net, tables, text = UNREACHABLE[case]
    with pytest.raises(UnreachableError, match=text):
        estimate(net, **tables)


def test_unreachable_evidence_of_the_world_is_set_aside_and_listed():
    given = opr.Evidence.from_tables(
        supply=figures(a=100),
        demand=figures(c=50, island=5, elsewhere=7),
        flows=flow("c", "a", 5, 1.0),
        outside="skip",
    )
    fit = opr.estimate_flows(network(*CHAIN, more=["island"]), given)
    why = fit.unused["why"]
    assert why["demand:island"] == "no route from the supply leads there"
    assert why["demand:elsewhere"] == "the network has no such node"
    assert why["flow:f"] == "no leg joins these nodes"


# --- zero supply: an all-zero result, flagged ---------------------------------------------------


@pytest.mark.parametrize(
    "net",
    [network(*CHAIN), network(*AWKWARD), grouped(), opr.from_networkx(nx.empty_graph(["a", "c"]))],
)
def test_zero_supply_gives_zeros_and_a_flag(net):
    fit = estimate(net, supply=figures(0.0, a=0))
    assert (fit.legs["flow_kg"] == 0).all()
    assert (fit.nodes["throughput_kg"] == 0).all()
    assert fit.provenance["flag"] == "supply of zero: nothing moves"
    assert fit.conflicts().empty
    assert opr.find_conflicts(net, fit.evidence).empty


def test_one_source_of_zero_beside_another_moves_nothing_of_its_own():
    fit = estimate(network(*SEVERAL), supply=figures(s1=0, s2=50), demand=figures(c=20, d=20))
    assert fit.legs.query("from_node == 's1'")["flow_kg"].sum() == 0
    assert fit.supply_kg == 50


# --- hard demand and seizures exceed the supply: the gap; soft ones: slack in sigmas ------------

EXCESS = {
    "two demands": (network(*CHAIN), {"demand": figures(0.0, b=70, c=60)}, 30.0,
                    {"supply:a", "demand:b", "demand:c"}),
    "demand and seizure": (network(*FORK), {"demand": figures(0.0, c=90),
                                            "seizures": figures(0.0, b=15)}, 5.0,
                           {"supply:a", "demand:c", "seizure:b"}),
    "one node": (opr.from_networkx(nx.empty_graph(["a"])), {"demand": figures(0.0, a=101)}, 1.0,
                 {"supply:a", "demand:a"}),
    "a group": (grouped(), {"demand": figures(0.0, BBB=80, c=60)}, 40.0,
                {"supply:a", "demand:BBB", "demand:c"}),
    "several sources": (network(*SEVERAL), {"supply": figures(s1=40, s2=60),
                                            "demand": figures(0.0, c=70, d=50)}, 20.0,
                        {"supply:s1", "supply:s2", "demand:c", "demand:d"}),
}  # fmt: skip


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e15])
@pytest.mark.parametrize("case", EXCESS)
def test_hard_exits_above_the_supply_give_the_gap_and_the_set(case, scale):
    net, tables, gap, rows = EXCESS[case]
    tables = {
        name: scaled(table, scale) for name, table in ({"supply": figures(a=100)} | tables).items()
    }
    with pytest.raises(ConflictingEvidenceError, match="more than the supply of") as error:
        estimate(net, **tables)
    found = error.value.failures.set_index("row")
    assert f"{gap * scale:,.6g} kg more than" in str(error.value)
    assert set(found.index) == rows
    assert found["clash_kg"].tolist() == pytest.approx([gap * scale] * len(rows))
    assert found["rest_fits"].all()


@pytest.mark.parametrize("supply", [{"a": 100}, {"a": 60, "b": 40}])
def test_soft_exits_above_the_supply_give_the_slack_in_sigmas(supply):
    fit = estimate(network(*FORK), supply=figures(0.0, **supply), demand=figures(5, b=70, c=60))
    residual = fit.residuals.loc[["demand:b", "demand:c"]]
    missed = residual["evidence_kg"] - residual["estimate_kg"]
    assert missed.sum() == pytest.approx(30.0 + fit.nodes["unaccounted_kg"].sum())
    assert residual["residual_sigmas"].tolist() == pytest.approx((-missed / 5).tolist())


# --- routes diverge: the cycle and the cost to raise --------------------------------------------

DIVERGENT = {
    "two legs": [("a", "b", 2.0), ("b", "c", 2.0), ("b", "d", -0.1), ("d", "b", 0.05)],
    "a loop": [("a", "b", 2.0), ("b", "b", -0.5), ("b", "c", 2.0)],
    "parallel legs": [("a", "b", 2.0), ("b", "a", 2.0), *[("a", "b", 0.5)] * 20, ("b", "c", 2.0)],
    "a long way round": [("a", "b", 0.0), ("b", "c", 0.0), ("c", "a", -0.01), ("c", "d", 1.0)],
    "by a hair": [("a", "b", 2.0), ("b", "b", -1e-12), ("b", "c", 2.0)],
}


@pytest.mark.parametrize("case", DIVERGENT)
def test_diverging_routes_name_the_cycle_and_the_cost(case):
    legs = DIVERGENT[case]
    with pytest.raises(DivergentRoutesError, match="Raise the cost of its legs by more") as error:
        estimate(network(*legs))
    text = str(error.value)
    cycle = text.split("cycle ")[1].split(" add up", maxsplit=1)[0].split(" > ")
    assert cycle[0] == cycle[-1]
    assert set(itertools.pairwise(cycle)) <= {(i, j) for i, j, _ in legs}
    more = float(text.split("more than ")[1].split(maxsplit=1)[0])
    raised = [(i, j, cost + more + 0.01) for i, j, cost in legs]
    assert estimate(network(*raised)).certificate.gap <= 1e-10


@pytest.mark.parametrize("margin", [1e-3, 1e-5, 1e-7])
def test_nearly_diverging_routes_are_solved(margin):
    legs = [("a", "b", 1.0), ("b", "b", margin), ("b", "c", 2.0)]
    fit = estimate(network(*legs))
    assert fit.certificate.gap <= 1e-10
    assert fit.certificate.balance <= 1e-9
    assert np.isfinite(fit.legs["flow_kg"]).all()


# --- hard evidence infeasible: a minimal set (many more in test_conflicts) ----------------------


@pytest.mark.parametrize(
    ("net", "tables", "rows"),
    [
        (network(*AWKWARD), {"demand": figures(0.0, c=60),
                             "flows": flow("*", "c", 30.0, 0.0)}, {"demand:c", "flow:f"}),
        (grouped(), {"flows": flow("a", "BBB", 150.0, 0.0)}, {"supply:a", "flow:f"}),
        (network(*SEVERAL), {"supply": figures(s1=40, s2=60), "demand": figures(c=20, d=20),
                             "flows": flow("s1", "*", 50.0, 0.0)}, {"supply:s1", "flow:f"}),
        (network(*TWO_WAYS), {"supply": figures(a=10, b=100), "demand": figures(0.0, c=9, d=101)},
         {"supply:b", "demand:d"}),
    ],
)  # fmt: skip
def test_infeasible_hard_evidence_names_a_minimal_set(net, tables, rows):
    with pytest.raises(ConflictingEvidenceError) as error:
        estimate(net, **tables)
    assert set(error.value.failures["row"]) == rows


def test_interval_evidence_that_cannot_hold_names_a_minimal_set():
    tables = {"supply": figures(a=100).assign(low_kg=90.0, high_kg=110.0)}
    demand = figures(b=100, c=60).assign(low_kg=[95.0, 50.0], high_kg=[105.0, 70.0])
    given = opr.Evidence.from_tables(demand=demand, **tables)
    found = opr.find_conflicts(network(*AWKWARD), given)
    assert set(found["row"]) == {"supply:a", "demand:b", "demand:c"}
    assert found["clash_kg"].tolist() == pytest.approx([35.0] * 3)


# --- soft evidence in conflict: ranked, with the leave-one-out shift ----------------------------


@pytest.mark.parametrize("legs", [FORK, AWKWARD])
def test_soft_conflicts_are_ranked_with_what_leaving_each_out_does(legs):
    rows = pd.concat([flow("a", "b", 20.0, 2.0), flow("a", "b", 90.0, 5.0)])
    fit = estimate(network(*legs), flows=rows.assign(row=["low", "high"]))
    found = fit.conflicts()
    assert found.index[0] in ("flow:low", "flow:high")
    assert (found["residual_sigmas"].abs() > 3).all()
    assert found["residual_sigmas"].abs().is_monotonic_decreasing
    for row in found.itertuples():
        assert (row.figure - row.estimate) * row.shift_sigmas <= 0


# --- evidence on a leg of about zero flow: "cannot be met by the cost model" --------------------


@pytest.mark.parametrize("sd", [0.0, 2.0, 20.0])
@pytest.mark.parametrize("cost", [100.0, 1e3, 1e5])
@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e15])
def test_evidence_where_nothing_flows_is_named(cost, sd, scale):
    net = network(("a", "b", 2.0), ("b", "c", 2.0), ("a", "c", cost))
    tables = {
        "supply": figures(a=100 * scale),
        "demand": figures(c=60 * scale),
        "flows": flow("a", "c", 40.0 * scale, sd * scale),
    }
    if sd == 0.0:
        with pytest.raises(ConflictingEvidenceError, match="cannot be met by the cost model") as e:
            estimate(net, **tables)
        assert e.value.failures["row"].tolist() == ["flow:f"]
        return
    found = estimate(net, **tables).conflicts()
    assert found.at["flow:f", "verdict"].startswith("cannot be met by the cost model")


def test_a_demand_where_nothing_flows_is_named():
    net = network(("a", "b", 2.0), ("b", "c", 2.0), ("b", "d", 200.0))
    found = estimate(net, demand=figures(c=60, d=10)).conflicts()
    assert found.at["demand:d", "verdict"].startswith("cannot be met by the cost model")
    exact = estimate(net, demand=figures(c=60, d=10).assign(sd_kg=[5.0, 0.0]))
    assert exact.nodes.at["d", "consumption_kg"] == pytest.approx(10.0)


def test_exact_flow_that_needs_a_closed_way_back_is_named():
    """More than the supply over one leg needs a way round, which the costs all but close."""
    net = network(("a", "b", 2.0), ("b", "a", 500.0), ("b", "c", 2.0))
    with pytest.raises(ConflictingEvidenceError, match="cannot be met by the cost model") as error:
        estimate(net, flows=flow("a", "b", 150.0, 0.0))
    assert set(error.value.failures["row"]) == {"supply:a", "flow:f"}


# --- all exits hard, none free: one row a source is dropped, never a slack ----------------------

ALL_HARD = {
    "one source": (network(*FORK), {"demand": figures(0.0, b=40, c=60)}),
    "with seizures": (network(*FORK), {"demand": figures(0.0, b=40, c=50),
                                       "seizures": figures(0.0, b=4, c=6)}),
    "one node": (opr.from_networkx(nx.empty_graph(["a"])), {"demand": figures(0.0, a=100)}),
    "two sources apart": (network(*TWO_WAYS), {"supply": figures(a=10, b=100),
                                               "demand": figures(0.0, c=10, d=100)}),
    "two sources that mix": (network(*SEVERAL), {"supply": figures(s1=30, s2=70),
                                                 "demand": figures(0.0, c=45, d=55)}),
    "a group": (grouped(), {"demand": figures(0.0, BBB=70, c=30)}),
    "loops and parallel legs": (network(*AWKWARD), {"demand": figures(0.0, b=25, c=75)}),
    "two sources at the limit": (network(*SEVERAL), {"supply": figures(s1=30, s2=70),
                                                     "demand": figures(0.0, d=100)}),
}  # fmt: skip


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e15])
@pytest.mark.parametrize("case", ALL_HARD)
def test_all_exits_hard_hold_exactly(case, scale):
    net, tables = ALL_HARD[case]
    tables = {
        name: scaled(table, scale) for name, table in ({"supply": figures(a=100)} | tables).items()
    }
    fit = estimate(net, **tables)
    rows = fit.residuals[fit.residuals["kind"] != "supply"]
    assert rows["estimate_kg"].tolist() == pytest.approx(rows["evidence_kg"].tolist(), rel=1e-9)
    assert fit.nodes["unaccounted_kg"].sum() == 0
    assert fit.certificate.gap <= 1e-10
    assert fit.certificate.balance <= 1e-12


def test_all_exits_hard_and_flows_too():
    tables = {"demand": figures(0.0, b=40, c=60), "flows": flow("a", "b", 70.0, 0.0)}
    fit = estimate(network(*FORK), **tables)
    assert fit.legs["flow_kg"].tolist() == pytest.approx([70.0, 30.0, 30.0])
    with pytest.raises(ConflictingEvidenceError, match="flow:f") as error:
        estimate(network(*FORK), **(tables | {"flows": flow("a", "b", 39.0, 0.0)}))
    assert error.value.failures.set_index("row").at["flow:f", "least_kg"] == pytest.approx(40.0)


def test_all_hard_below_the_supply_with_no_way_out_is_refused():
    priors = pd.DataFrame(
        {"interception": [0.05], "consumption_weight": [1.0], "unaccounted_weight": [0.0]},
        index=pd.Index(["*"], name="node"),
    )
    with pytest.raises(ConflictingEvidenceError, match="40 kg less than the supply") as error:
        estimate(network(*FORK), demand=figures(0.0, b=30, c=30), priors=priors)
    found = error.value.failures.set_index("row")
    assert set(found.index) == {"supply:a", "demand:b", "demand:c"}
    assert found.at["demand:b", "least_kg"] == pytest.approx(70.0)


def test_hard_figures_that_leave_nothing_are_listed():
    demand = figures(b=100, c=60).assign(sd_kg=[0.0, 5.0])
    with pytest.raises(ConflictingEvidenceError, match="leaves nothing") as error:
        estimate(network(*FORK), demand=demand)
    assert error.value.failures["row"].tolist() == ["demand:b"]


def test_a_misspelt_node_is_refused_before_anything_else():
    with pytest.raises(EvidenceError):
        estimate(network(*FORK), demand=figures(0.0, b=130, zz=1))
