"""What a map should show, as people say it: four degrees, nodes, countries, or everything."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from opiateroutes.errors import MapError
from opiateroutes.maps.static.frame import near_the_middle
from opiateroutes.maps.static.land import land_layer
from opiateroutes.maps.static.resolve import meant_by

if TYPE_CHECKING:
    import os

    import numpy.typing as npt

    from opiateroutes.maps.inputs import NetworkTables

    Floats = npt.NDArray[np.float64]

__all__ = ["Places", "places_to_show"]

_SIDES = ("west", "south", "east", "north")
_POLE, _HALF_TURN, _FULL_TURN = 90.0, 180.0, 360.0
_POINTS_A_SIDE = 33
# Islands smaller than this share of the main land do not widen a view of their country.
_SMALL_SHARE = 0.1
# One place alone is shown with this much around it, in degrees of latitude.
_AROUND = 1.5


class Places(NamedTuple):
    """What a frame has to hold.

    Attributes
    ----------
    coordinates
        Rows of longitude and latitude.
    middle
        Where the caller sees the middle, if he says so.
    """

    coordinates: Floats
    middle: tuple[float, float] | None = None


def places_to_show(
    extent: Any, net: NetworkTables, *, basemap: str | os.PathLike[str] | None = None
) -> Places:
    """Turn an extent into places that the frame has to hold.

    Parameters
    ----------
    extent : tuple of float, str, list of str or None
        See `opiateroutes.RouteNetwork.plot`.
    net : RouteNetwork
        Its nodes are what names are looked up in.
    basemap : path-like, optional
        Folder with another base map.

    Returns
    -------
    Places
        What the frame has to hold.

    Raises
    ------
    MapError
        The extent is not understood, or nothing has a position.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> net = opr.load_network("countries")
    >>> places_to_show((58, 28, 76, 40), net).middle
    (67.0, 34.0)
    >>> places_to_show(["AFG", "IRN"], net).coordinates.min(axis=0).round().tolist()
    [44.0, 25.0]
    """
    if extent is None:
        everything = _positions(net, np.ones(len(net.nodes), dtype=bool))
        if not len(everything):
            raise MapError("no node of the network has a position: there is nothing to draw")
        return Places(near_the_middle(everything))
    if isinstance(extent, str):
        return Places(_named([extent], net, basemap))
    if not isinstance(extent, Iterable):
        raise MapError(_not_understood(extent))
    parts = list(extent)
    if parts and all(isinstance(part, str) for part in parts):
        return Places(_named(parts, net, basemap))
    return _box(extent, parts)


def _not_understood(extent: Any) -> str:
    return (
        f"extent {extent!r} is not understood: give (west, south, east, north) in degrees, "
        "or ids of nodes or countries"
    )


def _box(extent: Any, parts: list[Any]) -> Places:
    try:
        sides = [float(part) for part in parts]
    except (TypeError, ValueError):
        raise MapError(_not_understood(extent)) from None
    if len(sides) != len(_SIDES):
        raise MapError(_not_understood(extent))
    west, south, east, north = sides
    for name, side in zip(_SIDES, sides, strict=True):
        limit = _POLE if name in ("south", "north") else _HALF_TURN
        if not math.isfinite(side) or abs(side) > limit:
            raise MapError(f"extent {tuple(sides)}: {name} must be degrees within {limit:g}")
    if south >= north:
        raise MapError(f"extent {tuple(sides)}: south must be less than north")
    if west == east:
        raise MapError(f"extent {tuple(sides)}: west and east are the same meridian")
    # West of greater degree than east: the box crosses the antimeridian.
    width = east - west if east > west else east - west + _FULL_TURN
    across = west + np.linspace(0, 1, _POINTS_A_SIDE) * width
    up = np.linspace(south, north, _POINTS_A_SIDE)
    still = np.ones(_POINTS_A_SIDE)
    lon = np.concatenate((across, across, west * still, (west + width) * still))
    lat = np.concatenate((south * still, north * still, up, up))
    return Places(np.column_stack((lon, lat)), (west + width / 2, (south + north) / 2))


def _named(names: list[str], net: NetworkTables, basemap: Any) -> Floats:
    owners, parts = land_layer(basemap)
    found = [places for name in names for places in _one(name, net, owners, parts)]
    if not found:
        raise MapError(f"nothing of {', '.join(names)} has a position: there is nothing to show")
    return np.concatenate(found)


def _one(name: str, net: NetworkTables, owners: Any, parts: Any) -> list[Floats]:
    meant = meant_by(name, net, owners, "extent")
    places = _positions(net, meant.rows)
    if meant.code is not None:
        return [p for p in (places, _main_land(parts[owners == meant.code])) if len(p)]
    return [places + shift for shift in ([0, _AROUND], [0, -_AROUND]) if len(places)]


def _positions(net: NetworkTables, rows: npt.NDArray[np.bool_]) -> Floats:
    points = net.nodes.geometry[rows]
    known = points[points.notna() & ~points.is_empty]
    return np.column_stack((known.x, known.y)).astype(np.float64)


def _main_land(parts: Any) -> Floats:
    if not len(parts):
        return np.zeros((0, 2))
    area = shapely.area(parts)
    large = parts[area >= _SMALL_SHARE * area.max()]
    return np.asarray(shapely.get_coordinates(large), dtype=np.float64)
