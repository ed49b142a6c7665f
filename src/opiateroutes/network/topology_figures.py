"""Figures of a network's shape, each with its unit, its denominator and whom it is about."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import networkx as nx
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["centralisation", "figure_table"]

_HALF = 0.5


class _Figure(NamedTuple):
    figure: str
    value: float
    unit: str
    denominator: str = ""
    who: str = ""
    note: str = ""


def figure_table(
    graph: nx.DiGraph[str], removal: pd.DataFrame, *, legs: pd.DataFrame, denominator: str
) -> pd.DataFrame:
    """Tabulate the figures of a graph and of its removal curves.

    Parameters
    ----------
    graph
        Without parallel edges and loops.
    removal
        Its removal curves.
    legs
        The legs that the edges were merged from.
    denominator
        Of the removal curves.

    Returns
    -------
    pandas.DataFrame
        Index ``figure``; ``value``, ``unit``, ``denominator``, ``who``, ``note``.

    Examples
    --------
    >>> from opiateroutes.network.removal import removal_curves
    >>> graph = nx.DiGraph([("a", "b"), ("b", "a"), ("b", "c")])
    >>> legs = pd.DataFrame(list(graph.edges), columns=["from_node", "to_node"])
    >>> options = {"denominator": "original", "order": "degree", "recompute": True}
    >>> curves = removal_curves(graph, **options, steps=None, draws=5, rng=1)
    >>> table = figure_table(graph, curves, legs=legs, denominator="original")
    >>> table.loc[["density", "reciprocity"], "value"].round(3).tolist()
    [0.5, 0.667]
    """
    figures = [
        *_sizes(graph, legs),
        *_degree_figures(graph),
        *_parts(graph),
        *_removal_figures(removal, denominator),
    ]
    return pd.DataFrame(figures).set_index("figure").astype({"value": "float64"})


def centralisation(degrees: Mapping[str, int], largest_sum: float) -> float:
    """Freeman's centralisation: how far the degrees are from being equal, 1 for a star.

    Parameters
    ----------
    degrees
        By node.
    largest_sum
        What the differences from the largest degree add up to in a star of this size.

    Returns
    -------
    float
        From 0 to 1; NaN where no star of this size exists.

    Examples
    --------
    >>> centralisation({"hub": 3, "a": 1, "b": 1, "c": 1}, largest_sum=3 * 2)
    1.0
    """
    if not degrees or largest_sum <= 0:
        return math.nan
    top = max(degrees.values())
    return sum(top - degree for degree in degrees.values()) / largest_sum


def _sizes(graph: nx.DiGraph[str], legs: pd.DataFrame) -> list[_Figure]:
    count, edges = len(graph), graph.number_of_edges()
    loops = int((legs["from_node"] == legs["to_node"]).sum())
    parallel = len(legs) - loops - edges
    note = f"{parallel} parallel legs merged, {loops} legs from a node to itself left out"
    density = edges / (count * (count - 1)) if count > 1 else math.nan
    back = sum(graph.has_edge(b, a) for a, b in graph.edges)
    reciprocity = back / edges if edges else math.nan
    return [
        _Figure("nodes", count, "nodes"),
        _Figure("legs", len(legs), "legs"),
        _Figure("edges", edges, "directed pairs", note=note),
        _Figure("density", density, "share", f"{count * (count - 1)} possible directed pairs"),
        _Figure("reciprocity", reciprocity, "share", f"{edges} directed pairs"),
    ]


def _degree_figures(graph: nx.DiGraph[str]) -> list[_Figure]:
    count = len(graph)
    others = max(count - 1, 0)
    neighbours = dict(graph.to_undirected(as_view=True).degree)
    sides = (
        ("in_degree", dict(graph.in_degree), others**2, "edges in"),
        ("out_degree", dict(graph.out_degree), others**2, "edges out"),
        ("degree", neighbours, others * (count - 2), "neighbours, whatever the direction"),
    )
    figures = []
    for name, degrees, star, unit in sides:
        mean = sum(degrees.values()) / count if count else math.nan
        top = max(degrees.values(), default=math.nan)
        who = "; ".join(sorted(node for node, degree in degrees.items() if degree == top))
        figures += [
            _Figure(f"{name}_mean", mean, unit),
            _Figure(f"{name}_max", top, unit, who=who),
            _Figure(
                f"{name}_centralisation",
                centralisation(degrees, star),
                "share",
                "a star of as many nodes",
            ),
        ]
    return figures


def _parts(graph: nx.DiGraph[str]) -> list[_Figure]:
    count = len(graph)
    of_all = f"{count} nodes, none removed"
    figures = []
    for kind, find in (
        ("weak", nx.weakly_connected_components),
        ("strong", nx.strongly_connected_components),
    ):
        sizes = sorted((len(part) for part in find(graph)), reverse=True)
        largest = sizes[0] if sizes else 0
        note = "joined whatever the direction" if kind == "weak" else "joined there and back"
        figures += [
            _Figure(f"{kind}_components", len(sizes), "components", note=note),
            _Figure(f"largest_{kind}_component", largest, "nodes"),
            _Figure(
                f"largest_{kind}_component_share",
                largest / count if count else math.nan,
                "share",
                of_all,
            ),
        ]
    pairs = count * (count - 1)
    reached = sum(len(nx.descendants(graph, node)) for node in graph)
    share = reached / pairs if pairs else math.nan
    note = "one can be reached from the other along the direction of legs"
    reachable = _Figure("reachable_pairs_share", share, "share", f"{pairs} ordered pairs", "", note)
    return [*figures, reachable]


def _removal_figures(removal: pd.DataFrame, denominator: str) -> list[_Figure]:
    curves = dict(iter(removal.groupby("removal", sort=False)))
    figures = []
    first = curves["targeted"].iloc[1:2]
    if len(first):
        row = first.iloc[0]
        figures.append(
            _Figure(
                "connected_share_after_first_removal",
                row["largest_share"],
                "share",
                f"{row['denominator_nodes']} {denominator} nodes",
                row["node"],
                "largest component once this node is gone",
            )
        )
    for name, curve in curves.items():
        halved = curve.loc[curve["largest_share"] <= _HALF, "removed_nodes"]
        mean = ", mean of draws" if name == "random" else ""
        figures.append(
            _Figure(
                f"{name}_removals_to_half",
                halved.iloc[0] if len(halved) else math.nan,
                "nodes removed",
                f"{denominator} nodes",
                note=f"until the largest component holds at most half of them{mean}; "
                "missing if it never does",
            )
        )
    return figures
