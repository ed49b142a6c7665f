"""What cuts, routes and interdiction do with graphs, budgets and numbers that are hardly any."""

import itertools
import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import opiateroutes as opr
from opiateroutes.chokepoints.interdiction import max_flow
from opiateroutes.errors import ConvergenceError, NetworkError, UnknownNameError

NAN, INF = math.nan, math.inf

NOT_BUDGETS = [-1, -1e-12, NAN, -INF, "x", None, [1]]
NOT_COUNTS = [0, -1, 1.5, NAN, INF, "5", True, None]


# ---- interdiction on any graph -------------------------------------------------------------------


def two_ways(**changed):
    """a to d over b or over c; a loop at a; z by itself."""
    graph = nx.DiGraph()
    for u, v in (("a", "b"), ("b", "d"), ("a", "c"), ("c", "d"), ("a", "a")):
        graph.add_edge(u, v, capacity=4.0, km=1.0, price=1.0)
    graph.add_node("z")
    for leg, data in changed.items():
        graph.edges[tuple(leg)].update(data)
    return graph


def most_flow(graph, source="a", target="d", **options):
    return opr.max_flow_interdiction(graph, source, target, **{"budget": 1, **options})


def cheapest(graph, source="a", target="d", **options):
    options = {"budget": 1, "cost": "km", **options}
    return opr.shortest_path_interdiction(graph, source, target, **options)


BOTH = pytest.mark.parametrize("find", [most_flow, cheapest])


@BOTH
def test_budgets_of_interdiction_at_their_ends(find):
    graph = two_ways()
    empty = find(graph, budget=0)
    assert (empty.blocked, empty.value, empty.cost, empty.status) == (
        (),
        empty.before,
        0,
        "optimal",
    )
    for budget in (2, 1e300, INF):
        found = find(graph, budget=budget)
        assert found.blocked == (("a", "b"), ("a", "c"))
        assert found.value == (0.0 if find is most_flow else INF)
        assert found.gap == 0.0
    assert find(graph, budget=0, cost_to_block=0).cost == 0.0
    assert find(graph, budget=0, cost_to_block=0).value == find(graph, budget=2).value
    assert find(graph, budget=2, blockable=[]).blocked == ()
    assert isinstance(find(graph, budget=0, time_limit=0).bound, float)


@BOTH
@pytest.mark.parametrize("budget", [*NOT_BUDGETS, "1", True], ids=repr)
def test_a_budget_of_interdiction_is_a_number(find, budget):
    with pytest.raises(ValueError, match="budget must be a number of at least 0"):
        find(two_ways(), budget=budget)


@BOTH
@pytest.mark.parametrize("limit", [-1, NAN, "5", True, [1]], ids=repr)
def test_a_time_limit_is_a_number_of_seconds(find, limit):
    with pytest.raises(ValueError, match="time_limit must be at least 0 seconds"):
        find(two_ways(), time_limit=limit)


@BOTH
@pytest.mark.parametrize("price", [-1.0, NAN, INF, "x", None, 1e308, 1e-320], ids=repr)
def test_costs_to_block_are_finite_numbers_of_at_least_0(find, price):
    with pytest.raises(NetworkError, match="1 of 5 legs have no usable number") as raised:
        find(two_ways(ab={"price": price}), cost_to_block="price")
    [failure] = raised.value.failures.itertuples()
    assert failure.row == ("a", "b")


@BOTH
def test_a_choice_of_yes_is_no_number_and_names_of_legs_are_ids(find):
    with pytest.raises(TypeError, match="cost_to_block is a column, a number"):
        find(two_ways(), cost_to_block=True)
    for legs in ([["a", "b"]], [None], ("a", "b"), [("a", "d")]):
        with pytest.raises(UnknownNameError, match="legs that the graph does not have"):
            find(two_ways(), blockable=legs)
    once, twice = (find(two_ways(), blockable=[("a", "b")] * n) for n in (1, 2))
    assert (once.blocked, once.value) == (twice.blocked, twice.value)


def test_a_target_out_of_reach_needs_no_blocking():
    for source, target in (("a", "z"), ("z", "d"), ("d", "a")):
        flow, route = (find(two_ways(), source, target) for find in (most_flow, cheapest))
        assert (flow.value, flow.before, flow.blocked, flow.gap) == (0.0, 0.0, (), 0.0)
        assert (route.value, route.before, route.blocked, route.gap) == (INF, INF, (), 0.0)


@pytest.mark.parametrize(
    ("capacity", "value"), [(0.0, 0.0), (1e-300, 1e-300), (INF, 4.0), (1e290, 4.0)]
)
def test_capacities_at_their_ends(capacity, value):
    assert most_flow(two_ways(ab={"capacity": capacity})).value == value


@pytest.mark.parametrize("all_of_them", [0.0, 1e-305, 1e290, INF])
def test_one_capacity_for_all_whatever_its_size(all_of_them):
    found = most_flow(two_ways(), strength=all_of_them)
    assert found.before == 2 * all_of_them
    assert found.value == all_of_them
    assert found.status == "optimal"


@pytest.mark.parametrize("size", [1e-305, 1.0, 1e290])
def test_one_length_for_all_whatever_its_size(size):
    found = cheapest(two_ways(), source=["a", "b"], cost=size)
    assert found.before == size  # b to d
    assert found.blocked == (("b", "d"),)
    assert found.value == 2 * size


@pytest.mark.parametrize("seed", range(12))
def test_a_flow_of_grams_is_found_beside_one_of_megatons(seed):
    """Capacities of twenty orders of magnitude: every set is tried."""
    rng = np.random.default_rng(seed)
    graph = nx.gnm_random_graph(6, 12, seed=seed, directed=True)
    for leg in graph.edges:
        graph.edges[leg]["capacity"] = float(10.0 ** rng.uniform(-8, 12))
    found = most_flow(graph, 0, 5, budget=2)
    left = []
    for blocked in itertools.combinations(graph.edges, 2):
        rest = graph.copy()
        rest.remove_edges_from(blocked)
        left.append(opr.minimum_cut(rest, 0, 5, strength="capacity").value)
    assert found.value == pytest.approx(min(left), rel=1e-9)
    assert (found.status, found.gap) == ("optimal", 0.0)


def test_a_set_that_cannot_be_proven_best_is_not_called_so(monkeypatch):
    """As many rounds as it takes: with one, four kilograms are not seen beside 1e12."""
    graph = nx.MultiDiGraph()
    for capacity in (1e12, 4.0, 1.0):
        graph.add_edge("a", "b", capacity=capacity)
    assert most_flow(graph, "a", "b", budget=2).value == 1.0
    monkeypatch.setattr(max_flow, "_ROUNDS", 1)
    with pytest.raises(ConvergenceError, match=r"too far apart.*strength 0"):
        most_flow(graph, "a", "b", budget=2)


def test_delays_at_their_ends():
    graph = two_ways(ac={"km": 5.0})
    assert cheapest(graph, added=0.0).blocked == ()
    for added in (1e9, INF):
        assert cheapest(graph, added=added).value == 6.0
    with pytest.raises(ValueError, match=r"between 1 and 1e\+290.*Write infinity in added"):
        cheapest(graph, added=1e290)
    with pytest.raises(NetworkError, match="cannot be used as cost"):
        cheapest(two_ways(ab={"km": INF}))


# ---- structure -----------------------------------------------------------------------------------

BETWEEN = {
    "max_flow_interdiction": most_flow,
    "shortest_path_interdiction": cheapest,
    "minimum_cut": opr.minimum_cut,
    "minimum_cut of nodes": lambda *ends: opr.minimum_cut(*ends, nodes=True),
    "disjoint_routes": opr.disjoint_routes,
    "disjoint_routes by nodes": lambda *ends: opr.disjoint_routes(*ends, by="nodes"),
    "cheapest_routes": lambda *ends: opr.cheapest_routes(*ends, cost="km"),
}
EACH = pytest.mark.parametrize("find", BETWEEN.values(), ids=BETWEEN)


@EACH
@pytest.mark.parametrize(
    ("source", "target", "error", "words"),
    [
        ("a", "a", ValueError, "'a' is in the source and in the target.*give two places"),
        (["a", "d"], "d", ValueError, "'d' is in the source and in the target"),
        ("a", "nowhere", UnknownNameError, "target: no node and no group"),
        (None, "d", UnknownNameError, "source: no node and no group"),
        (NAN, "d", UnknownNameError, "source: no node and no group"),
        (True, "d", UnknownNameError, "source: no node and no group"),
        ([], "d", ValueError, "source names no node"),
        ("a", [], ValueError, "target names no node"),
    ],
)
def test_ends_that_cannot_be(find, source, target, error, words):
    with pytest.raises(error, match=words):
        find(two_ways(), source, target)


@EACH
@pytest.mark.parametrize(
    "graph",
    [nx.DiGraph(), nx.path_graph(1), None, "x"],
    ids=["no node", "one node", "none", "text"],
)
def test_graphs_without_the_ends(find, graph):
    with pytest.raises(
        (UnknownNameError, TypeError), match=r"no node and no group|expected a Route"
    ):
        find(graph, "a", "b")


@EACH
def test_an_end_named_twice_counts_once_and_one_without_routes_not_at_all(find):
    want = find(two_ways(), "a", "d")
    for source in (["a", "a"], ["a", "z"]):
        found = find(two_ways(), source, "d")
        pd.testing.assert_frame_equal(found.table, want.table)


def test_where_no_route_leads_there_is_nothing_to_cut_and_no_route():
    for nodes in (False, True):
        cut = opr.minimum_cut(two_ways(), "a", "z", nodes=nodes)
        assert (cut.value, cut.legs, cut.nodes) == (0.0, (), ())
        assert cut.target_side == ("z",)
    for by in ("legs", "nodes"):
        assert opr.disjoint_routes(two_ways(), "a", "z", by=by).count == 0
    assert len(opr.cheapest_routes(two_ways(), "z", "a", cost="km").steps) == 0
    assert opr.dominators(two_ways(), "z").table.empty
    assert opr.dominators(two_ways(), "z").unreached == ("a", "b", "d", "c")


def test_neighbours_cannot_be_separated_by_nodes():
    cut = opr.minimum_cut(two_ways(), "a", "b", nodes=True)
    assert (cut.value, cut.nodes, cut.source_side) == (INF, (), ())
    assert opr.minimum_cut(two_ways(), "a", "d", strength=INF).value == INF


def test_a_leg_of_no_strength_is_still_cut_and_one_without_limit_never():
    assert opr.minimum_cut(two_ways(), "a", "d", strength=0).legs == (("a", "b"), ("a", "c"))
    cut = opr.minimum_cut(two_ways(ab={"capacity": INF}), "a", "d", strength="capacity")
    assert cut.legs == (("a", "c"), ("b", "d"))
    assert cut.value == 8.0


@pytest.mark.parametrize("number", [-1.0, NAN, "x", None, 1e308, 1e-320], ids=repr)
def test_strengths_and_costs_of_legs_are_numbers_of_at_least_0(number):
    graph = two_ways(ab={"km": number})
    calls = (
        lambda: opr.minimum_cut(graph, "a", "d", strength="km"),
        lambda: opr.disjoint_routes(graph, "a", "d", cost="km"),
        lambda: opr.disjoint_routes(graph, "a", "d", cost="km", by="nodes"),
        lambda: opr.cheapest_routes(graph, "a", "d", cost="km"),
        lambda: opr.betweenness(graph, cost="km"),
        lambda: opr.betweenness(graph, kind="current_flow", strength="km"),
        lambda: cheapest(graph),
        lambda: most_flow(graph, strength="km"),
    )
    for call in calls:
        with pytest.raises(NetworkError, match="1 of 5 legs have no usable number"):
            call()


@pytest.mark.parametrize("size", [0.0, 1e-305, 1e290])
def test_routes_of_any_size(size):
    for by in ("legs", "nodes"):
        found = opr.disjoint_routes(two_ways(), "a", "d", by=by, cost=size)
        assert found.table["cost"].tolist() == [2 * size] * 2
    assert (
        opr.cheapest_routes(two_ways(), "a", "d", cost=size).table["cost"].tolist()
        == [2 * size] * 2
    )


@pytest.mark.parametrize("k", NOT_COUNTS, ids=repr)
def test_the_number_of_cheapest_routes_is_a_count(k):
    with pytest.raises(ValueError, match="k must be a whole number of at least 1"):
        opr.cheapest_routes(two_ways(), "a", "d", k=k, cost="km")


def test_more_cheapest_routes_than_there_are():
    assert opr.cheapest_routes(two_ways(), "a", "d", k=10**6, cost="km").count == 2


@pytest.mark.parametrize("other", [None, 5, ["legs"], "roads"], ids=repr)
def test_kinds_of_structure_are_named(other):
    with pytest.raises(UnknownNameError, match="no way to keep routes apart"):
        opr.disjoint_routes(two_ways(), "a", "d", by=other)
    with pytest.raises(UnknownNameError, match="no kind of betweenness"):
        opr.betweenness(two_ways(), kind=other)


@pytest.mark.parametrize("source", ["nowhere", None, NAN, True], ids=repr)
def test_dominators_of_a_source_that_is_not_there(source):
    with pytest.raises(UnknownNameError, match="source: no node and no group"):
        opr.dominators(two_ways(), source)


def test_dominators_of_nothing_and_of_everything():
    with pytest.raises(ValueError, match="source names no node"):
        opr.dominators(two_ways(), [])
    everything = opr.dominators(two_ways(), list("abcdz"))
    assert everything.table.empty
    assert everything.unreached == ()
    assert opr.dominators(nx.path_graph(1), 0).table.empty


@pytest.mark.parametrize("node", ["a", "z", "nowhere", None, NAN, ["b"]], ids=repr)
def test_what_comes_before_a_node_that_is_not_reached(node):
    found = opr.dominators(two_ways(), "a")
    with pytest.raises(UnknownNameError, match="no route from the source leads to a node"):
        found.before(node)
    assert found.before("d") == ()


@pytest.mark.parametrize("kind", ["shortest", "current_flow"])
def test_betweenness_where_nobody_can_be_between(kind):
    for graph in (nx.DiGraph(), nx.path_graph(1), nx.path_graph(2)):
        found = opr.betweenness(graph, kind=kind).table
        assert found["betweenness"].tolist() == [0.0] * len(graph)
    for ends in ({"sources": "a", "targets": "a"}, {"sources": "a", "targets": "z"}):
        assert (opr.betweenness(two_ways(), kind=kind, **ends).table["betweenness"] == 0).all()
    for ends in ({"sources": []}, {"targets": []}):
        with pytest.raises(ValueError, match="names no node"):
            opr.betweenness(two_ways(), kind=kind, **ends)


@pytest.mark.parametrize("size", [1e-305, 1.0, 1e290])
def test_betweenness_does_not_depend_on_the_unit(size):
    graph, ones = two_ways(), opr.betweenness(two_ways()).table["betweenness"]
    found = opr.betweenness(graph, cost=size).table["betweenness"]
    assert found.to_dict() == pytest.approx(ones.to_dict())
    current = opr.betweenness(graph, kind="current_flow", strength=size).table["betweenness"]
    want = opr.betweenness(graph, kind="current_flow").table["betweenness"]
    assert current.to_dict() == pytest.approx(want.to_dict())


def test_costs_of_nothing_make_no_betweenness():
    with pytest.raises(ValueError, match=r"leg \('a', 'b'\) has cost 0.*give it a small cost"):
        opr.betweenness(two_ways(), cost=0)


def test_strengths_of_nothing_carry_no_current():
    without = two_ways()
    without.remove_edge("a", "b")
    found = opr.betweenness(
        two_ways(ab={"capacity": 0.0}), kind="current_flow", strength="capacity"
    ).table["betweenness"]
    want = opr.betweenness(without, kind="current_flow").table["betweenness"]
    assert found.to_dict() == pytest.approx(want.to_dict())


def test_currents_over_legs_of_very_different_strength():
    """A way that is hopelessly weak carries nothing; where all would have to, nobody can say."""
    found = opr.betweenness(
        two_ways(ab={"capacity": 1e20}, bd={"capacity": 1e-20}),
        kind="current_flow",
        strength="capacity",
    ).table["betweenness"]
    assert found.to_dict() == pytest.approx(
        {"a": 2 / 3, "c": 2 / 3, "b": 0, "d": 0, "z": 0}, abs=1e-12
    )
    assert (found >= 0).all()
    graph = nx.path_graph(4)
    for weak in (1e-12, 1e-18):
        nx.set_edge_attributes(graph, {(0, 1): 1.0, (1, 2): weak, (2, 3): 1.0}, "capacity")
        with pytest.raises(ConvergenceError, match=r"too far apart.*strength 0"):
            opr.betweenness(graph, kind="current_flow", strength="capacity")


def test_graphs_without_anything_have_no_separators():
    for graph in (nx.DiGraph(), nx.path_graph(1)):
        assert len(opr.bridges(graph)) == 0
        assert len(opr.articulation_points(graph)) == 0
