"""Small random multigraphs with numbers of every kind, and plain answers to compare with."""

from __future__ import annotations

import networkx as nx
import numpy as np

import opiateroutes as opr


def multigraph(seed, *, nodes=(3, 9), edges=(2, 25), whole=True):
    """Text ids, parallel edges and loops; ``strength`` and ``cost``."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(*nodes))
    names = [f"n{k}" for k in range(count)]
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(names)
    for key in range(int(rng.integers(*edges))):
        u, v = (names[k] for k in rng.integers(0, count, 2))
        strength = float(rng.integers(0, 10)) if whole else float(rng.random() * 3.0)
        graph.add_edge(u, v, key=f"{key:02d}", strength=strength, cost=float(rng.integers(1, 9)))
    return graph


def simple(graph, name, merge):
    """One edge for each ordered pair."""
    merged = nx.DiGraph()
    merged.add_nodes_from(graph)
    for u, v, data in graph.edges(data=True):
        if u != v:
            before = merged.edges[u, v][name] if merged.has_edge(u, v) else None
            value = data[name] if before is None else merge((before, data[name]))
            merged.add_edge(u, v, **{name: value})
    return merged


def network(graph):
    return opr.from_networkx(graph)
