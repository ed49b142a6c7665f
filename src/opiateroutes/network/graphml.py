"""Networks as GraphML: an XML file that many graph tools open."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import networkx as nx
import pandas as pd
import shapely

from opiateroutes.network.column_types import column_types, restored
from opiateroutes.network.graph import WEIGHT, graph_of, tables_of

if TYPE_CHECKING:
    from pathlib import Path

    from opiateroutes.network.route_network import RouteNetwork

__all__ = ["read_graphml", "write_graphml"]

_TYPES = "_column_types"
_META = "_meta"
_NOT_IN_XML = re.compile("[\\\\\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|e)")
_EMPTY = "\\e"


def write_graphml(net: RouteNetwork, path: Path) -> None:
    """Write both tables, their column types and the metadata into one GraphML file."""
    graph = graph_of(net, cost=None, strength=None)
    written: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node, attributes in graph.nodes(data=True):
        written.add_nodes_from([(_escaped(node), _flat(attributes))])
    for tail, head, leg, attributes in graph.edges(keys=True, data=True):
        ends = _escaped(tail), _escaped(head)
        written.add_edges_from([(*ends, _escaped(leg), _flat(attributes))])
    about = {_META: json.dumps(dict(net.meta)), _TYPES: json.dumps(column_types(net))}
    written.graph.update({key: _escaped(text) for key, text in about.items()})
    # Not `write_graphml`: where lxml is there it takes that, and a text that XML cannot hold then
    # ends the process instead of raising.
    nx.write_graphml_xml(written, path)


def read_graphml(path: Path) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Read what `write_graphml` wrote."""
    # Without a type of its own an id like "1" would come back as a number.
    graph = nx.read_graphml(path, edge_key_type=str, force_multigraph=True)
    types, meta = (json.loads(_plain(graph.graph[key])) for key in (_TYPES, _META))
    nodes, legs, _ = tables_of(graph)
    if "leg" not in legs:
        legs["leg"] = pd.Series(dtype="str")
    legs["leg"] = legs["leg"].map(_plain)
    nodes.index = nodes.index.map(_plain)
    frames = []
    for frame, table in ((nodes, "nodes"), (legs.set_index("leg"), "legs")):
        named = frame.rename(columns=_plain)
        if "weight" in types[table]:
            named = named.rename(columns={WEIGHT: "weight"})
        text = [c for c, kind in types[table].items() if kind in ("str", "object") and c in named]
        named = named.assign(**{c: named[c].map(_plain) for c in text})
        if "geometry" in named:
            shapes = named["geometry"].astype("object").where(named["geometry"].notna(), None)
            named["geometry"] = shapely.from_wkt(shapes)
        frames.append(restored(named, types[table]))
    return frames[0], frames[1], meta


def _flat(attributes: dict[str, Any]) -> dict[str, Any]:
    """Write as text what GraphML has no type for: shapes as WKT, times as ISO 8601."""
    flat = {}
    for name, value in attributes.items():
        if isinstance(value, shapely.Geometry):
            flat[_escaped(name)] = shapely.to_wkt(value, rounding_precision=20)
        elif isinstance(value, pd.Timestamp):
            flat[_escaped(name)] = value.isoformat()
        else:
            flat[_escaped(name)] = _escaped(value) if isinstance(value, str) else value
    return flat


def _escaped(text: str) -> str:
    r"""Write as ``\uXXXX`` what XML cannot hold or would change, and no text as ``\e``.

    Examples
    --------
    >>> _escaped("a\r\\"), _escaped("")
    ('a\\u000d\\u005c', '\\e')
    """
    return _NOT_IN_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", text) or _EMPTY


def _plain(text: Any) -> Any:
    """Undo `_escaped`; leave alone what is not text."""
    if not isinstance(text, str):
        return text
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else "", text)
