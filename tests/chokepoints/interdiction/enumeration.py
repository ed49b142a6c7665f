"""Small random graphs, and the best blocking of each by looking at every set."""

from __future__ import annotations

import itertools
import math

import networkx as nx
import numpy as np

MAX_FLOW_LEGS = [
    ("Start", "B", 10),
    ("Start", "C", 70),
    ("C", "B", 30),
    ("B", "End", 100),
    ("C", "D", 40),
    ("D", "End", 50),
]
SHORTEST_PATH_LEGS = [
    ("Start", "B", 10),
    ("Start", "C", 2),
    ("C", "B", 2),
    ("B", "End", 1),
    ("C", "D", 7),
    ("D", "End", 8),
]


def gallery(legs, name):
    graph = nx.DiGraph()
    graph.add_edges_from((u, v, {name: number}) for u, v, number in legs)
    return graph


def small_graph(seed):
    """Parallel edges, loops, zeros, infinite delays, edges that may not be blocked; a budget."""
    rng = np.random.default_rng(seed)
    whole = seed % 2 == 0

    def number(most):
        return float(rng.integers(0, most)) if whole else float(rng.random() * most)

    graph = nx.MultiDiGraph() if seed % 5 else nx.MultiGraph()
    nodes = int(rng.integers(3, 7))
    graph.add_nodes_from(range(nodes))
    for _ in range(int(rng.integers(5, 11))):
        u, v = rng.integers(0, nodes, 2).tolist()
        graph.add_edge(
            u,
            v,
            capacity=number(20),
            km=number(20),
            delay=math.inf if rng.random() < 0.5 else number(30),
            price=number(4) if seed % 3 else 1.0,
            open=bool(rng.random() < 0.8),
        )
    return graph, number(5)


def largest_flow(graph, blocked):
    flow = nx.DiGraph()
    flow.add_nodes_from(graph)
    for u, v, key, data in graph.edges(keys=True, data=True):
        ways = [(u, v)] if graph.is_directed() else [(u, v), (v, u)]
        for a, b in ways if (u, v, key) not in blocked else []:
            before = flow.edges[a, b]["capacity"] if flow.has_edge(a, b) else 0.0
            flow.add_edge(a, b, capacity=before + data["capacity"])
    return nx.maximum_flow_value(flow, 0, 1)


def cheapest_route(graph, blocked):
    def cost(u, v, parallel):
        costs = [
            data["km"] + (data["delay"] if hit(u, v, k) else 0.0) for k, data in parallel.items()
        ]
        return min(costs) if math.isfinite(min(costs)) else None

    def hit(u, v, key):
        return (u, v, key) in blocked or (not graph.is_directed() and (v, u, key) in blocked)

    try:
        return nx.dijkstra_path_length(graph, 0, 1, weight=cost)
    except nx.NetworkXNoPath:
        return math.inf


def every_blocking(graph, budget):
    may = [e for e in graph.edges(keys=True) if graph.edges[e]["open"]]
    for size in range(len(may) + 1):
        for blocked in itertools.combinations(may, size):
            if sum(graph.edges[e]["price"] for e in blocked) <= budget * (1.0 + 1e-9):
                yield set(blocked)
