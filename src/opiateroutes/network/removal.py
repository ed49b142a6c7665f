"""How a network falls apart as its nodes are removed, the most linked first or at random."""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["DENOMINATORS", "ORDERS", "largest_components", "removal_curves", "removal_order"]

DENOMINATORS = ("remaining", "original")
"""What a share of connected nodes is taken of."""

ORDERS = ("degree", "betweenness")
"""What targeted removal goes by."""

_INTERVAL = (0.05, 0.95)


def removal_curves(
    graph: nx.DiGraph[str],
    *,
    denominator: str,
    order: str,
    recompute: bool,
    steps: int | None,
    draws: int,
    rng: int | np.random.Generator | None,
) -> pd.DataFrame:
    """Tabulate the size of the largest component after each removal.

    Returns
    -------
    pandas.DataFrame
        See `opiateroutes.network.topology.Topology`, attribute ``removal``.

    Examples
    --------
    >>> curves = removal_curves(
    ...     nx.star_graph(3, create_using=nx.DiGraph), denominator="original", order="degree",
    ...     recompute=True, steps=1, draws=5, rng=1,
    ... )
    >>> curves.loc[curves["removal"] == "targeted", "largest_share"].tolist()
    [1.0, 0.25]
    """
    count = len(graph)
    last = max(count - 1, 0)
    limit = last if steps is None else min(max(steps, 0), last)
    taken = removal_order(graph, order=order, recompute=recompute, count=limit)
    targeted = largest_components(graph, taken)
    generator = np.random.default_rng(rng)
    names = sorted(graph)
    drawn = np.array(
        [
            largest_components(graph, [names[k] for k in generator.permutation(count)[:limit]])
            for _ in range(draws)
        ],
        dtype=np.float64,
    ).reshape(draws, limit + 1)
    removed = np.arange(limit + 1)
    below = count - removed if denominator == "remaining" else np.full(limit + 1, count)
    shared = {
        "removed_nodes": removed,
        "removed_share": removed / count if count else np.nan,
        "denominator": denominator,
        "denominator_nodes": below,
    }
    curves = [
        _curve("targeted", shared, [None, *taken], targeted.astype(np.float64), None),
        _curve("random", shared, [None] * (limit + 1), _mean(drawn), _bounds(drawn)),
    ]
    return pd.concat(curves, ignore_index=True)


def _curve(
    removal: str,
    shared: Mapping[str, object],
    nodes: Sequence[str | None],
    largest: NDArray[np.float64],
    bounds: NDArray[np.float64] | None,
) -> pd.DataFrame:
    frame = pd.DataFrame({"removal": removal, **shared, "largest_nodes": largest})
    frame.insert(3, "node", pd.array(list(nodes), dtype="str"))
    low, high = np.full((2, len(frame)), np.nan) if bounds is None else bounds
    below = frame["denominator_nodes"].where(frame["denominator_nodes"] > 0)
    frame["largest_share"] = largest / below
    frame["low_share"] = low / below
    frame["high_share"] = high / below
    return frame


def _mean(drawn: NDArray[np.float64]) -> NDArray[np.float64]:
    return drawn.mean(axis=0) if len(drawn) else np.full(drawn.shape[1], np.nan)


def _bounds(drawn: NDArray[np.float64]) -> NDArray[np.float64]:
    if not len(drawn):
        return np.full((2, drawn.shape[1]), np.nan)
    return np.asarray(np.quantile(drawn, _INTERVAL, axis=0), dtype=np.float64)


def removal_order(graph: nx.DiGraph[str], *, order: str, recompute: bool, count: int) -> list[str]:
    """Order nodes by what removal aims at; of equals, the first id goes first.

    Parameters
    ----------
    graph
        Without parallel edges.
    order
        ``"degree"`` or ``"betweenness"``.
    recompute
        Look at what is left after each removal, or at the whole graph only.
    count
        How many nodes to name.

    Returns
    -------
    list of str
        The first is removed first.

    Examples
    --------
    >>> path = nx.path_graph("abcde", create_using=nx.DiGraph)
    >>> removal_order(path, order="degree", recompute=False, count=3)
    ['b', 'c', 'd']
    >>> removal_order(path, order="degree", recompute=True, count=3)
    ['b', 'd', 'a']
    """
    score = nx.betweenness_centrality if order == "betweenness" else _degrees
    if not recompute:
        value = score(graph)
        return sorted(graph, key=lambda node: (-value[node], node))[:count]
    left, taken = graph.copy(), []
    for _ in range(count):
        value = score(left)
        taken.append(min(left, key=lambda node: (-value[node], node)))
        left.remove_node(taken[-1])
    return taken


def _degrees(graph: nx.DiGraph[str]) -> dict[str, float]:
    return dict(graph.degree)


def largest_components(graph: nx.DiGraph[str], removed: Sequence[str]) -> NDArray[np.int64]:
    """Size of the largest weak component before and after each of a row of removals.

    Components only grow when nodes are put back, so the removals are run backwards: each node
    put back joins the components of its neighbours.

    Returns
    -------
    numpy.ndarray
        One more than there are removals; the first is the whole graph.

    Examples
    --------
    >>> largest_components(nx.path_graph("abcde", create_using=nx.DiGraph), ["c", "a"]).tolist()
    [5, 2, 2]
    """
    out = set(removed)
    parts: nx.utils.UnionFind[str] = nx.utils.UnionFind()
    here: set[str] = set()
    largest = 0

    def put_back(node: str) -> int:
        here.add(node)
        parts.union(node, *(n for n in nx.all_neighbors(graph, node) if n in here))
        return int(parts.weights[parts[node]])

    for node in graph:
        if node not in out:
            largest = max(largest, put_back(node))
    sizes = [largest]
    for node in reversed(removed):
        largest = max(largest, put_back(node))
        sizes.append(largest)
    return np.array(sizes[::-1], dtype=np.int64)
