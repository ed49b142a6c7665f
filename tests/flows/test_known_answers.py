"""Known answers of others: a recursive logit worked out by hand, and two kinds of betweenness."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import opiateroutes as opr
from opiateroutes.errors import DivergentRoutesError
from opiateroutes.flows.kernel.dual import Problem, evaluate, flows_at
from opiateroutes.flows.kernel.measure import CONSUMPTION, PathMeasure
from opiateroutes.flows.kernel.rows import Rows
from opiateroutes.flows.kernel.trace import Trace

FOUR_STATES = [(0, 1, 5), (0, 3, 4), (1, 2, 3), (2, 1, 3), (2, 3, 5), (3, 0, 4)]
"""Pairs of states with the time from one to the other, a published hand-verified example."""

TEN_STATES = {
    0: {1: 5, 3: 4},
    1: {2: 6, 9: 6},
    2: {1: 6, 3: 5},
    3: {0: 4, 4: 5},
    4: {5: 6, 6: 6},
    5: {0: 5, 4: 6},
    6: {7: 6, 8: 6},
    7: {5: 6, 6: 6},
    8: {2: 6, 9: 6},
    9: {7: 6, 8: 6},
}


def all_to_one(legs, utility, end):
    """Everything goes from state 0 to one end; a leg costs what its time takes off utility."""
    nodes = sorted({state for tail, head, _ in legs for state in (tail, head)})
    frame = pd.DataFrame(legs, columns=["from_node", "to_node", "time"])
    frame = frame.assign(cost=-utility * frame["time"]).astype({"from_node": str, "to_node": str})
    net = opr.RouteNetwork.from_tables(
        pd.DataFrame({"node": [str(n) for n in nodes]}), frame.drop(columns="time")
    )
    exact = {"best_kg": [100.0], "sd_kg": [0.0]}
    evidence = opr.Evidence.from_tables(
        supply=pd.DataFrame({"node": ["0"], **exact}),
        demand=pd.DataFrame({"node": [str(end)], **exact}),
    )
    return opr.estimate_flows(net, evidence)


@pytest.mark.parametrize(
    ("route", "surprise"),
    [("0>1>2>1", 2.537993985), ("0>3>0>1", 3.337993985), ("0>1", 0.137993985)],
)
def test_recursive_logit_of_four_states(route, surprise):
    fit = all_to_one(FOUR_STATES, -0.4, 1)
    found = fit.likely_routes(50).set_index("nodes")["probability"]
    assert -np.log(found[route]) == pytest.approx(surprise, abs=1e-9)


def test_recursive_logit_that_diverges_is_refused():
    legs = [(i, j, time) for i, ends in TEN_STATES.items() for j, time in ends.items()]
    with pytest.raises(DivergentRoutesError, match="add up without end"):
        all_to_one(legs, -0.1, 9)
    assert all_to_one(legs, -0.2, 9).certificate.gap <= 1e-10


def flows_to(graph, end, cost):
    """Flows on all directed legs, one column a start, of unit supplies that end in one node."""
    n = graph.number_of_nodes()
    legs = [(i, j) for a, b in graph.edges for i, j in ((a, b), (b, a)) if i != end]
    tail, head = (np.array(side, dtype=np.intp) for side in zip(*legs, strict=True))
    starts = np.array([k for k in range(n) if k != end])
    measure = PathMeasure(
        nodes=np.arange(n).astype(object),
        legs=np.arange(len(legs)).astype(object),
        tail=tail,
        head=head,
        leg_log_weight=-cost(tail),
        exit_node=np.array([end], dtype=np.intp),
        exit_kind=np.array([CONSUMPTION], dtype=object),
        exit_place=np.array([end], dtype=object),
        exit_log_weight=np.zeros(1),
        supply_kg=(np.arange(n) != end).astype("float64"),
        trace=Trace.nowhere(len(legs) + 1),
    )
    none = np.zeros(0)
    no_rows = Rows(none, sp.csr_matrix((0, len(legs) + 1)), 0, 1, none.astype(int), none, none)
    empty = np.zeros((0, len(starts)))
    problem = Problem(measure, no_rows, np.eye(len(starts)), empty, empty)
    arcs = flows_at(problem, evaluate(problem, empty))
    return starts, tail, head, arcs[:-1]


def test_far_from_chance_the_measure_gives_shortest_path_betweenness():
    graph = nx.convert_node_labels_to_integers(nx.karate_club_graph())
    n = len(graph)
    passed = np.zeros(n)
    for end in range(n):
        starts, _, head, flow = flows_to(graph, end, lambda tail: np.full(len(tail), 30.0))
        for column, start in enumerate(starts):
            through = np.bincount(head, flow[:, column], n)
            through[[start, end]] = 0.0
            passed += through
    known = nx.betweenness_centrality(graph)
    passed /= (n - 1) * (n - 2)
    assert np.abs(passed - [known[k] for k in range(n)]).max() < 1e-10


def test_near_chance_the_net_flow_gives_current_flow_betweenness():
    graph = nx.convert_node_labels_to_integers(nx.karate_club_graph())
    n = len(graph)
    degree = np.array([graph.degree[k] for k in range(n)])
    passed = np.zeros(n)
    for end in range(n):
        starts, tail, head, flow = flows_to(graph, end, lambda tail: np.log(degree[tail]) + 1e-6)
        for column, start in enumerate(starts):
            matrix = np.zeros((n, n))
            matrix[tail, head] = flow[:, column]
            net = np.abs(matrix - matrix.T).sum(axis=1) / 2.0
            net[[start, end]] = 0.0
            passed += net
    known = nx.current_flow_betweenness_centrality(graph, normalized=True)
    passed /= (n - 1) * (n - 2)
    assert np.abs(passed - [known[k] for k in range(n)]).max() < 4e-4
