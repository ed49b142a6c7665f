"""Routes as a result: the nodes and legs of each, and the rule that parallel legs were read by."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd

from opiateroutes.chokepoints.structure.element_tables import ids_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opiateroutes.chokepoints.structure.leg_graph import LegGraph

__all__ = ["Routes", "routes_of"]


@dataclass(frozen=True, eq=False, repr=False)
class Routes:
    """Routes from a source to a target.

    Parameters
    ----------
    table
        Index ``route`` (from 1, the cheapest first); ``nodes`` and ``legs`` (tuples of ids, in
        order), ``n_legs``, ``cost`` (in the unit of the costs that were given).
    steps
        One row a leg of a route: ``route``, ``step`` (from 1), ``leg``, ``from_node``, ``to_node``,
        ``cost``.
    projection
        How parallel legs were read.
    """

    table: pd.DataFrame
    steps: pd.DataFrame
    projection: str

    @property
    def count(self) -> int:
        """Number of routes; 0 if none leads from source to target."""
        return len(self.table)

    def __len__(self) -> int:
        return self.count

    def __repr__(self) -> str:
        if not self.count:
            return "<Routes: none>"
        cost = self.table["cost"]
        return f"<Routes: {self.count}, cost {cost.min():g} to {cost.max():g}>"


def routes_of(
    graph: LegGraph,
    found: Sequence[tuple[Sequence[int], Sequence[int]]],
    *,
    cost: Sequence[float],
    rule: str,
) -> Routes:
    """Lay routes out as tables.

    Parameters
    ----------
    graph
        The graph.
    found
        Nodes and legs of each route, by position.
    cost
        Of each leg, by position.
    rule
        How parallel legs were read.

    Returns
    -------
    Routes
        In the order given.

    Examples
    --------
    >>> import networkx as nx
    >>> from opiateroutes.chokepoints.structure.leg_graph import read_graph
    >>> graph = read_graph(nx.DiGraph([("a", "b"), ("b", "c")]))
    >>> routes_of(graph, [([0, 1, 2], [0, 1])], cost=[3.0, 4.0], rule="").table.loc[1, "cost"]
    np.float64(7.0)
    """
    nodes, legs = graph.nodes.ids, graph.legs.ids
    number = pd.RangeIndex(1, len(found) + 1, name="route")
    table = pd.DataFrame(
        {
            "nodes": _tuples([tuple(nodes[k] for k in way) for way, _ in found]),
            "legs": _tuples([tuple(legs[k] for k in taken) for _, taken in found]),
            "n_legs": pd.Series([len(taken) for _, taken in found], dtype="int64"),
            "cost": pd.Series([sum(cost[k] for k in taken) for _, taken in found], dtype="f8"),
        }
    )
    rows = [
        (route, step, legs[leg], nodes[tail], nodes[head], cost[leg])
        for route, (way, taken) in zip(number, found, strict=True)
        for step, (leg, (tail, head)) in enumerate(zip(taken, pairwise(way), strict=True), 1)
    ]
    names = ("route", "step", "leg", "from_node", "to_node", "cost")
    columns: list[Any] = [list(column) for column in zip(*rows, strict=True)] or [[]] * len(names)
    steps = dict(zip(names, columns, strict=True))
    steps = {
        name: ids_column(column) if name in ("leg", "from_node", "to_node") else column
        for name, column in steps.items()
    }
    types = {"route": "int64", "step": "int64", "cost": "float64"}
    return Routes(table.set_axis(number), pd.DataFrame(steps).astype(types), rule)


def _tuples(rows: list[tuple[Any, ...]]) -> pd.Series:
    return pd.Series(rows, dtype="object")
