"""The networks that a user saved."""

from __future__ import annotations

from pathlib import Path

from opiateroutes.network.files import read_tables
from opiateroutes.network.route_network import RouteNetwork

__all__ = ["read_network"]


def read_network(path: str | Path) -> RouteNetwork:
    """Read a network that `RouteNetwork.save` wrote.

    Parameters
    ----------
    path
        A ``.gpkg`` or ``.graphml`` file, or a folder of GeoParquet or of CSV files.

    Returns
    -------
    RouteNetwork
        With the types it had when it was saved.

    Raises
    ------
    DataFileError
        If there is no such file, or it does not hold a network.

    Examples
    --------
    >>> import opiateroutes as opr, tempfile
    >>> path = opr.load_network("countries").save(tempfile.mkdtemp() + "/countries")
    >>> read_network(path).meta["level"]
    'countries'
    """
    nodes, legs, meta = read_tables(Path(path))
    return RouteNetwork.from_tables(nodes, legs, meta=meta)
