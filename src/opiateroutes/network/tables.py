"""Node and leg tables in one shape, whatever the caller brings.

Endpoint columns of legs come under several names in the tools that analysts use; they are renamed
here once, and every failure of both tables is collected before one error is raised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from opiateroutes.errors import NetworkError
from opiateroutes.network.failures import failure_table
from opiateroutes.network.positions import CRS, geometry_of
from opiateroutes.network.values import read_leg_values, read_node_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opiateroutes.network.failures import Failure

__all__ = ["network_tables"]

_NODE_ALIASES = ("node", "id", "node_id")
_ENDPOINTS = ("from_node", "to_node")
_ENDPOINT_ALIASES = (
    _ENDPOINTS,
    ("from", "to"),
    ("source_node", "target_node"),
    ("u", "v"),
    ("tail", "head"),
    ("source", "target"),
)
_LEG_ALIASES = ("leg", "leg_id")


def network_tables(
    nodes: pd.DataFrame, legs: pd.DataFrame
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Bring both tables into the shape that `RouteNetwork` keeps.

    Parameters
    ----------
    nodes
        One row a node. The id is the index named ``node``, or else the first of the columns
        ``node``, ``id``, ``node_id`` that exists, or else the index itself (or ``name``, if the
        rows are only numbered). Optional columns: ``name``, ``kind``, ``iso3``, ``lon`` and
        ``lat`` (degrees) or ``geometry`` (points), ``population``.
    legs
        One row a directed leg. Endpoints under ``from_node`` and ``to_node`` (also accepted:
        ``from``/``to``, ``u``/``v``, ``tail``/``head``, ``source``/``target``). Optional columns:
        ``leg`` (id), ``mode``, ``border`` (yes or no), ``distance_km``, ``cost`` (nats), ``why``,
        ``geometry`` and others.

    Returns
    -------
    nodes : geopandas.GeoDataFrame
        Index ``node`` (text, sorted); columns ``name``, ``kind``, ``iso3``, then the others, and
        point ``geometry`` in EPSG:4326 (missing where none was given).
    legs : geopandas.GeoDataFrame
        Index ``leg`` (text, sorted); columns ``from_node``, ``to_node``, ``mode``, the others and
        ``geometry`` in EPSG:4326. Legs without an id are called ``from>to:mode``, with a number
        where several are parallel.

    Raises
    ------
    NetworkError
        With all failures of both tables.

    Examples
    --------
    >>> nodes, legs = network_tables(
    ...     pd.DataFrame({"node": ["b", "a"]}), pd.DataFrame({"from": ["a"], "to": ["b"]})
    ... )
    >>> nodes.index.tolist(), legs.index.tolist()
    (['a', 'b'], ['a>b:leg'])
    """
    node_frame, of_nodes = _node_table(nodes)
    leg_frame, of_legs = _leg_table(legs, node_frame.index)
    failures = [*of_nodes, *of_legs]
    if failures:
        message = f"nodes and legs do not form a network, {len(failures)} failure(s)"
        raise NetworkError(message, failure_table(failures))
    return node_frame, leg_frame


def _node_table(nodes: pd.DataFrame) -> tuple[gpd.GeoDataFrame, list[Failure]]:
    frame = _with_id(_plain(nodes), _NODE_ALIASES, "node")
    failures = _id_failures(frame.index, "nodes", "node")
    of_people = read_node_values(frame)
    geometry, misplaced = geometry_of(frame, "nodes")
    frame = frame.drop(columns=[c for c in ("geometry", "lon", "lat") if c in frame])
    missing = pd.Series(pd.NA, index=frame.index, dtype="str")
    name, kind, iso3 = (
        frame[column].astype("str") if column in frame else missing
        for column in ("name", "kind", "iso3")
    )
    frame["name"] = name.where(name.notna(), frame.index.to_numpy())
    frame["kind"] = kind.fillna("node")
    frame["iso3"] = iso3
    first = ["name", "kind", "iso3"]
    frame = frame[first + [c for c in frame.columns if c not in first]]
    table = gpd.GeoDataFrame(frame, geometry=geometry, crs=CRS).sort_index()
    return table, [*failures, *of_people, *misplaced]


def _leg_table(legs: pd.DataFrame, nodes: pd.Index) -> tuple[gpd.GeoDataFrame, list[Failure]]:
    frame = _plain(legs)
    pair = next((pair for pair in _ENDPOINT_ALIASES if set(pair) <= set(frame.columns)), None)
    if pair is None:
        rule = "the columns from_node and to_node are missing"
        return gpd.GeoDataFrame(), [("legs", "", "from_node", list(frame.columns), rule, "")]
    frame = frame.rename(columns=dict(zip(pair, _ENDPOINTS, strict=True)))
    frame["mode"] = frame["mode"].astype("str").fillna("leg") if "mode" in frame else "leg"
    failures: list[Failure] = []
    given = frame.index.name == "leg" or any(alias in frame for alias in _LEG_ALIASES)
    if given:
        frame = _with_id(frame, _LEG_ALIASES, "leg")
        failures += _id_failures(frame.index, "legs", "leg")
    failures += _endpoint_failures(frame, nodes)
    for column in _ENDPOINTS:
        frame[column] = frame[column].astype("str")
    if not given and not failures:
        frame = _numbered(frame)
    failures += read_leg_values(frame)
    geometry, misplaced = geometry_of(frame, "legs")
    first = [*_ENDPOINTS, "mode"]
    frame = frame[first + [c for c in frame.columns if c not in (*first, "geometry")]]
    table = gpd.GeoDataFrame(frame, geometry=geometry, crs=CRS).sort_index()
    return table, [*failures, *misplaced]


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Copy a table; its active geometry, whatever its name, becomes the column ``geometry``."""
    active = getattr(table, "_geometry_column_name", None)
    frame = pd.DataFrame(table.copy()).rename(columns=str)
    return frame.rename(columns={active: "geometry"}) if active in frame else frame


def _with_id(frame: pd.DataFrame, aliases: Sequence[str], name: str) -> pd.DataFrame:
    if frame.index.name == name:
        # set_index(drop=False) leaves the id as a column too; no file could hold it twice.
        frame = frame.drop(columns=name, errors="ignore")
    else:
        column = next((alias for alias in aliases if alias in frame.columns), None)
        if column is not None:
            frame = frame.set_index(column)
        elif "name" in frame and isinstance(frame.index, pd.RangeIndex):
            frame = frame.set_index("name", drop=False)
    missing = frame.index.isna()
    index = frame.index.astype("str")
    frame.index = pd.Index(np.where(missing, None, index), name=name, dtype="str")
    return frame


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    stem = frame["from_node"] + ">" + frame["to_node"] + ":" + frame["mode"]
    number = stem.groupby(stem).cumcount()
    ids = stem.where(number == 0, stem + ":" + (number + 1).astype("str"))
    return frame.set_index(pd.Index(ids, name="leg", dtype="str"))


def _id_failures(index: pd.Index, table: str, column: str) -> list[Failure]:
    failures: list[Failure] = [
        (table, str(position), column, None, "an id is missing", "give every row an id")
        for position in np.flatnonzero(index.isna())
    ]
    double = index[index.duplicated() & ~index.isna()].unique()
    failures += [
        (table, str(key), column, key, "the id stands twice", "ids must differ") for key in double
    ]
    return failures


def _endpoint_failures(frame: pd.DataFrame, nodes: pd.Index) -> list[Failure]:
    failures: list[Failure] = []
    for column in _ENDPOINTS:
        unknown = ~frame[column].astype("str").isin(nodes) | frame[column].isna()
        failures += [
            ("legs", str(row), column, value, "no such node", "add it to the node table")
            for row, value in frame.loc[unknown.to_numpy(), column].items()
        ]
    return failures
