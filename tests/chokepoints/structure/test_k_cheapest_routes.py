"""The cheapest routes against all simple paths, written out."""

import networkx as nx
import pandas as pd
import pytest
from random_multigraphs import multigraph, network, simple

import opiateroutes as opr
from opiateroutes.chokepoints.structure import cheapest_routes
from opiateroutes.errors import NetworkError


def test_against_all_simple_paths():
    found = 0
    for seed in range(40):
        graph = multigraph(seed)
        merged = simple(graph, "cost", min)
        every = sorted(
            nx.path_weight(merged, path, "cost") for path in nx.all_simple_paths(merged, "n0", "n1")
        )
        routes = cheapest_routes(network(graph), "n0", "n1", k=4, cost="cost")
        assert routes.table["cost"].tolist() == every[:4]
        assert routes.table["nodes"].is_unique
        for row in routes.table.itertuples():
            assert (
                sum(d["cost"] for *_, k, d in graph.edges(keys=True, data=True) if k in row.legs)
                == row.cost
            )
        found += routes.count
    assert found > 50


def test_the_cheapest_of_parallel_legs_is_named():
    legs = pd.DataFrame(
        {"leg": ["road", "rail"], "from": "a", "to": "b", "distance_km": [7.0, 3.0]}
    )
    net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": ["a", "b"]}), legs)
    routes = cheapest_routes(net, "a", "b")
    assert routes.table["legs"].tolist() == [("rail",)]
    assert routes.projection == "directed; cost: distance_km; of parallel legs the cheapest"
    assert repr(routes) == "<Routes: 1, cost 3 to 3>"


def test_routes_pass_no_other_node_of_either_end():
    graph = nx.DiGraph([("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")])
    routes = cheapest_routes(graph, ["a", "b"], ["d", "e"], cost=None)
    assert routes.table["nodes"].tolist() == [("b", "c", "d")]


def test_what_cannot_be_asked():
    graph = nx.path_graph(3)
    with pytest.raises(ValueError, match="k must be a whole number of at least 1"):
        cheapest_routes(graph, 0, 2, k=0, cost=1)
    with pytest.raises(NetworkError, match="'cost' cannot be used as cost: 1 of 2"):
        cheapest_routes(graph, 0, 2, cost={(0, 1): 1.0, (1, 2): float("inf")})
