"""Between a network and networkx, in both directions, sorted and without loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pandas as pd

from opiateroutes.data import nearest
from opiateroutes.errors import NetworkError, UnknownNameError
from opiateroutes.network.failures import failure_table

if TYPE_CHECKING:
    from opiateroutes.network.failures import Failure
    from opiateroutes.network.route_network import RouteNetwork

__all__ = ["WEIGHT", "graph_of", "tables_of"]

WEIGHT = "weight_of_leg"
"""What a column ``weight`` is called in a graph: half of networkx would read it as a distance."""


def graph_of(net: RouteNetwork, *, cost: str | None, strength: str | None) -> nx.MultiDiGraph[str]:
    """Build the graph view of a network; see `RouteNetwork.to_networkx`."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.graph.update(net.meta)
    graph.add_nodes_from(_records(net.nodes))
    legs = pd.DataFrame(net.legs)
    for role, column in (("cost", cost), ("strength", strength)):
        if column is not None:
            legs = legs.assign(**{role: _numbers(net, column, role)})
            graph.graph[f"{role}_is"] = column
    for leg, attributes in _records(legs.rename(columns={"weight": WEIGHT})):
        ends = attributes.pop("from_node"), attributes.pop("to_node")
        # Not add_edge: a column may have the name of one of its arguments.
        graph.add_edges_from([(*ends, leg, attributes)])
    return graph


def tables_of(graph: nx.Graph[Any]) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Read node and leg tables off a networkx graph; see `from_networkx`."""
    ids = pd.Index([str(node) for node in graph.nodes], name="node", dtype="str")
    nodes = pd.DataFrame([attributes for _, attributes in graph.nodes(data=True)], index=ids)
    nodes = nodes.rename(columns={"x": "lon", "y": "lat"} if "lon" not in nodes else {})
    rows = _edge_rows(graph)
    keys = [row["leg"] for row in rows if row["leg"] is not None]
    # networkx keys need only differ between two nodes; a leg id stands for one leg of all.
    if len(keys) < len(rows) or len(set(keys)) < len(keys):
        rows = [{**row, "key": row["leg"]} if keys else row for row in rows]
        for row in rows:
            del row["leg"]
    legs = pd.DataFrame(rows, columns=None if rows else ["from_node", "to_node"])
    # What `to_networkx` copied into a role is no column: a distance must not come back as a cost.
    copies = {role: graph.graph.get(f"{role}_is", role) for role in ("cost", "strength")}
    legs = legs.drop(columns=[r for r, column in copies.items() if column != r], errors="ignore")
    meta = {str(k): v for k, v in graph.graph.items() if isinstance(v, (str, int, float, bool))}
    meta = {k: v for k, v in meta.items() if k not in ("cost_is", "strength_is")}
    return nodes, legs, meta


def _edge_rows(graph: nx.Graph[Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    edges: Any = (
        graph.edges(keys=True, data=True)
        if isinstance(graph, nx.MultiGraph)
        else ((tail, head, None, attributes) for tail, head, attributes in graph.edges(data=True))
    )
    for start, end, key, attributes in edges:
        tail, head = str(start), str(end)
        leg = attributes.get("leg", key if isinstance(key, str) else None)
        rows.append({**attributes, "from_node": tail, "to_node": head, "leg": leg})
        if not graph.is_directed() and tail != head:
            # The way back is a leg of its own: it cannot keep the id of the way out.
            back = None if leg is None else f"{leg}:back"
            rows.append({**attributes, "from_node": head, "to_node": tail, "leg": back})
    return rows


def _records(frame: pd.DataFrame) -> list[tuple[str, dict[str, Any]]]:
    """Rows as attribute dictionaries; what is missing is left out rather than stored as NaN."""
    columns = {str(column): frame[column].tolist() for column in frame.columns}
    kept = {column: pd.notna(frame[column]).tolist() for column in frame.columns}
    return [
        (
            str(key),
            {c: _plain(values[row]) for c, values in columns.items() if kept[c][row]},
        )
        for row, key in enumerate(frame.index)
    ]


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _numbers(net: RouteNetwork, column: str, role: str) -> pd.Series:
    if column not in net.legs:
        raise UnknownNameError(
            f"legs have no column {column!r} to use as {role}{nearest(column, net.legs.columns)}; "
            f"there are {', '.join(map(str, net.legs.columns))}"
        )
    numbers = pd.to_numeric(net.legs[column], errors="coerce")
    bad = net.legs.loc[numbers.isna(), column]
    if len(bad):
        failures: list[Failure] = [
            ("legs", leg, column, value, "no number", "") for leg, value in bad.items()
        ]
        raise NetworkError(
            f"column {column!r} cannot be used as {role}: {len(bad)} legs have no number in it",
            failure_table(failures),
        )
    return numbers.astype("float64")
