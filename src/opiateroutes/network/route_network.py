"""The network: what nodes and legs there are, with no observation and no estimate in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from opiateroutes.network.aggregate import aggregated_tables
from opiateroutes.network.check import check_network
from opiateroutes.network.drawing import drawing
from opiateroutes.network.files import save_network
from opiateroutes.network.graph import graph_of, tables_of
from opiateroutes.network.html import network_card
from opiateroutes.network.lookup import find_node
from opiateroutes.network.tables import network_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
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

    def aggregate(
        self,
        by: str | pd.Series | Mapping[str, object] = "countries",
        *,
        rules: Mapping[str, str | Callable[[pd.Series], Any]] | None = None,
    ) -> RouteNetwork:
        """Put nodes together into groups: the same network at a coarser resolution.

        Legs inside a group disappear; legs between two groups become one leg for each mode (road
        and rail together are ``land``). Its ``distance_km`` is that of the shortest way through,
        from the node at which the one group stands to that of the other; its geometry is straight.

        Parameters
        ----------
        by
            ``"countries"`` (column ``iso3`` of the nodes, names of the shipped list), another
            column of the nodes, or a series or a dict with the group of each node.
        rules
            How columns that are not the library's own are put together: ``sum``, ``min``, ``max``,
            ``mean``, ``any``, ``all``, ``first``, ``same``, ``union`` (of lists separated by
            ``;``), ``join``, ``drop``, or a function of a series. Columns that end in ``_kg`` are
            added up unless a rule says otherwise.

        Returns
        -------
        RouteNetwork
            Nodes are the groups; each stands at its node nearest to its population-weighted mean.

        Raises
        ------
        UnknownNameError
            If nodes have no such column.
        NetworkError
            If a node has no group or several, a column no rule, or a rule no column of its own.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> coarse = opr.load_network("crossings").aggregate("countries")
        >>> int(coarse.legs.loc["AFG>PAK:land", "crossings"])
        5
        """
        nodes, legs, meta = aggregated_tables(self, by, rules)
        return RouteNetwork.from_tables(nodes, legs, meta=meta)

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
        """Find a node by id, name or label, whatever the case and marks of letters.

        Part of a name will do (before a bracket, or inside it), and the code of an airport.

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
            If there is no such node, with the nearest name, or if several have that name.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> opr.load_network().find_node("iran")
        'IRN'
        >>> opr.load_network("crossings").find_node("Mazar-e Sharif")
        'H-AFG-MAZARESH'
        """
        return find_node(self.nodes, name)

    def plot(
        self,
        *,
        extent: tuple[float, float, float, float] | str | Iterable[str] | None = None,
        ax: Any = None,
        labels: str | Iterable[str] | None = "auto",
        title: str | None = None,
        figsize: tuple[float, float] = (11.7, 8.3),
        save: str | Path | None = None,
    ) -> Any:
        """Draw the network as a map for print, with boundaries, legend, scale bar and notice.

        Lambert's azimuthal equal-area projection about the middle of what is shown. Legs are
        great-circle arcs between the points they have, by mode; those without a way back carry an
        arrow. Flights are drawn where one of their ends is in view. The same network and arguments
        give the same picture, byte by byte.

        Parameters
        ----------
        extent
            What must be in view: ``(west, south, east, north)`` in degrees (west greater than east
            crosses the antimeridian); an id, a name or a country code, or several of them. None:
            all nodes, without those more than 75 degrees from the middle of all.
        ax
            Axes to draw on; they are taken up by the map and all that stands around it.
        labels
            ``"auto"`` (crossings, ports and airports only where the view is small), ``"all"``,
            names as in ``extent``, or None. What finds no free place has no label.
        title
            Text above the map; by default the title of the network. ``""`` for none.
        figsize
            Width and height in inches, if no ``ax`` is given.
        save
            Write the figure here: ``.png``, ``.svg`` or ``.pdf``.

        Returns
        -------
        matplotlib.axes.Axes
            On a figure of its own that pyplot does not know; a notebook shows it. ``.figure`` is
            the figure; ``.project(lon, lat)`` gives the place of more marks.

        Raises
        ------
        MapError
            If the extent or the labels are not understood, no node has a position, or the figure is
            too small for the map and its notice.
        OutputError
            If ``save`` cannot be written.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> ax = opr.load_network("countries").plot(extent=["AFG", "IRN"])
        >>> mark = ax.plot(*ax.project(69.17, 34.53), "r*")
        """
        return drawing("static", "plot_network")(
            self, extent=extent, ax=ax, labels=labels, title=title, figsize=figsize, save=save
        )

    def save(self, path: str | Path, *, format: str | None = None) -> Path:  # noqa: A002
        """Write the network; the ending of the name chooses the format, unless it is given.

        Parameters
        ----------
        path
            ``*.gpkg`` (GeoPackage, layers ``nodes`` and ``legs``), ``*.graphml``, or a name without
            ending: a folder with ``nodes.parquet``, ``legs.parquet`` (GeoParquet) and
            ``meta.json``.
        format
            ``"gpkg"``, ``"graphml"``, ``"parquet"`` or ``"csv"``: a folder with ``nodes.csv``,
            ``legs.csv`` (geometry as WKT), ``types.json`` and ``meta.json``.

        Returns
        -------
        pathlib.Path
            What was written. `opiateroutes.read_network` brings it back with the same types.

        Raises
        ------
        OutputError
            If the place cannot be written or the ending does not fit; nothing is half written.
        UnknownNameError
            If there is no such format.

        Examples
        --------
        >>> import pandas as pd, tempfile
        >>> net = RouteNetwork.from_tables(
        ...     pd.DataFrame({"node": ["a", "b"]}), pd.DataFrame({"from": ["a"], "to": ["b"]})
        ... )
        >>> net.save(tempfile.mkdtemp() + "/net.graphml").name
        'net.graphml'
        """
        return save_network(self, path, format)

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
