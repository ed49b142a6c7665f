"""The network: what nodes and legs there are, with no observation and no estimate in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from opiateroutes.data import nearest
from opiateroutes.errors import UnknownNameError
from opiateroutes.network.check import check_network
from opiateroutes.network.files import save_network
from opiateroutes.network.graph import graph_of, tables_of
from opiateroutes.network.html import network_card
from opiateroutes.network.tables import network_tables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    import networkx as nx
    import pandas as pd

__all__ = ["RouteNetwork", "from_networkx"]


@dataclass(frozen=True, eq=False, repr=False)
class RouteNetwork:
    """Nodes and directed legs of a route network, at any resolution.

    Make one with `from_tables`, `opiateroutes.from_networkx`, `opiateroutes.load_network` or
    `opiateroutes.read_network`. No function of this library changes it: new networks come back.

    Parameters
    ----------
    nodes
        Index ``node``; columns ``name``, ``kind``, ``iso3``, others, point ``geometry``.
    legs
        Index ``leg``; columns ``from_node``, ``to_node``, ``mode``, others (``distance_km``,
        ``why``, ...), line ``geometry``. Both directions of a border are two legs; several legs
        may join the same pair.
    meta
        Free text about the network: ``level``, ``title``, ``licence``, ``source``.

    Examples
    --------
    >>> import pandas as pd
    >>> net = RouteNetwork.from_tables(
    ...     pd.DataFrame({"node": ["a", "b"]}), pd.DataFrame({"from": ["a"], "to": ["b"]})
    ... )
    >>> net
    <RouteNetwork: 2 nodes, 1 leg>
    """

    nodes: gpd.GeoDataFrame
    legs: gpd.GeoDataFrame
    meta: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_tables(
        cls, nodes: pd.DataFrame, legs: pd.DataFrame, *, meta: Mapping[str, Any] | None = None
    ) -> RouteNetwork:
        """Build a network from a table of nodes and a table of legs; any ids will do.

        Parameters
        ----------
        nodes
            One row a node: an id (``node``) and, if known, ``name``, ``kind``, ``iso3``,
            ``lon`` and ``lat`` in degrees or ``geometry`` in any CRS.
        legs
            One row a directed leg: ``from_node``, ``to_node`` (``from``/``to``, ``u``/``v`` and
            ``source``/``target`` also do) and, if known, ``leg``, ``mode``, ``distance_km``,
            ``cost`` (nats), ``why``, ``geometry``.
        meta
            Free text about the network.

        Returns
        -------
        RouteNetwork
            Sorted by id, in EPSG:4326.

        Raises
        ------
        NetworkError
            With all failures: missing or double ids, endpoints that are no nodes, distances that
            are no numbers.

        Examples
        --------
        >>> import pandas as pd
        >>> nodes = pd.DataFrame({"node": ["a", "b"], "lon": [0, 1], "lat": [0, 0]})
        >>> legs = pd.DataFrame({"from_node": ["a"], "to_node": ["b"], "distance_km": [111.3]})
        >>> RouteNetwork.from_tables(nodes, legs).legs["distance_km"].tolist()
        [111.3]
        """
        return cls(*network_tables(nodes, legs), dict(meta or {}))

    def to_networkx(
        self, *, cost: str | None = None, strength: str | None = None
    ) -> nx.MultiDiGraph[str]:
        """Make a fresh, sorted networkx graph of the network.

        Parameters
        ----------
        cost
            Column of ``legs`` that becomes the edge attribute ``cost`` (smaller is easier).
        strength
            Column of ``legs`` that becomes the edge attribute ``strength`` (larger is more).
            There is never an attribute ``weight``: networkx takes it for a distance in one
            function and for a strength in the next.

        Returns
        -------
        networkx.MultiDiGraph
            Edge keys are leg ids; nodes and edges carry their columns as attributes.

        Raises
        ------
        UnknownNameError
            If ``cost`` or ``strength`` is no column of the legs.
        NetworkError
            If that column has missing values or is not numeric.

        Examples
        --------
        >>> import pandas as pd
        >>> net = RouteNetwork.from_tables(
        ...     pd.DataFrame({"node": ["a", "b"]}),
        ...     pd.DataFrame({"from": ["a"], "to": ["b"], "distance_km": [7.0]}),
        ... )
        >>> net.to_networkx(cost="distance_km").edges["a", "b", "a>b:leg"]["cost"]
        7.0
        """
        return graph_of(self, cost=cost, strength=strength)

    def check(self, *, strict: bool = False) -> pd.DataFrame:
        """Look for what is probably wrong: parts without connection, doubtful distances.

        Parameters
        ----------
        strict
            Raise instead of warn.

        Returns
        -------
        pandas.DataFrame
            One row a finding: ``table``, ``row``, ``column``, ``value``, ``rule``, ``hint``;
            empty for a clean network.

        Raises
        ------
        NetworkError
            If ``strict`` and there is a finding.

        Warns
        -----
        NetworkWarning
            If there is a finding and not ``strict``.

        Examples
        --------
        >>> import pandas as pd
        >>> net = RouteNetwork.from_tables(
        ...     pd.DataFrame({"node": ["a", "b"]}), pd.DataFrame({"from": ["a"], "to": ["b"]})
        ... )
        >>> net.check().empty
        True
        """
        return check_network(self, strict=strict)

    def find_node(self, name: str) -> str:
        """Find a node by its id, its name or its label, whatever the case of the letters.

        Parameters
        ----------
        name
            What a person would type.

        Returns
        -------
        str
            The id.

        Raises
        ------
        UnknownNameError
            If there is no such node, with the nearest name.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> opr.load_network().find_node("iran")
        'IRN'
        """
        ids: dict[str, str] = {}
        for column in ("name", "label"):
            if column in self.nodes:
                ids |= dict(zip(self.nodes[column].str.casefold(), self.nodes.index, strict=True))
        ids |= {node.casefold(): node for node in self.nodes.index}
        if name.casefold() in ids:
            return str(ids[name.casefold()])
        proper = self.nodes["label" if "label" in self.nodes else "name"].tolist()
        raise UnknownNameError(f"no node {name!r}{nearest(name, proper)}")

    def save(self, path: str | Path) -> Path:
        """Write the network; the ending of the name chooses the format.

        Parameters
        ----------
        path
            ``*.gpkg`` (GeoPackage, layers ``nodes`` and ``legs``), ``*.graphml``, or a name without
            ending: a folder with ``nodes.parquet``, ``legs.parquet`` (GeoParquet) and
            ``meta.json``.

        Returns
        -------
        pathlib.Path
            What was written. `opiateroutes.read_network` brings it back with the same types.

        Raises
        ------
        OutputError
            If the place cannot be written or the ending is not known; nothing is half written.

        Examples
        --------
        >>> import pandas as pd, tempfile
        >>> net = RouteNetwork.from_tables(
        ...     pd.DataFrame({"node": ["a", "b"]}), pd.DataFrame({"from": ["a"], "to": ["b"]})
        ... )
        >>> net.save(tempfile.mkdtemp() + "/net.graphml").name
        'net.graphml'
        """
        return save_network(self, path)

    def __repr__(self) -> str:
        level = f" {self.meta['level']}:" if "level" in self.meta else ":"
        nodes, legs = len(self.nodes), len(self.legs)
        return (
            f"<RouteNetwork{level} {nodes} node{'' if nodes == 1 else 's'}, "
            f"{legs} leg{'' if legs == 1 else 's'}>"
        )

    def _repr_html_(self) -> str:
        return network_card(self)


def from_networkx(graph: nx.Graph[Any]) -> RouteNetwork:
    """Turn a networkx graph into a network.

    Parameters
    ----------
    graph
        Any networkx graph. Undirected edges become two legs. Node and edge attributes become
        columns; ``lon``/``lat`` or ``x``/``y`` (degrees) or ``geometry`` place the nodes.

    Returns
    -------
    RouteNetwork
        Node ids are the graph's nodes as text.

    Raises
    ------
    NetworkError
        If two nodes have the same text, or a table rule is broken.

    Examples
    --------
    >>> import networkx as nx
    >>> from_networkx(nx.path_graph(3))
    <RouteNetwork: 3 nodes, 4 legs>
    """
    nodes, legs, meta = tables_of(graph)
    return RouteNetwork.from_tables(nodes, legs, meta=meta)
