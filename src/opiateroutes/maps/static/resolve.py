"""Whom a name means on a map: nodes, or a country. The one resolver of extents and of labels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from opiateroutes.data import nearest
from opiateroutes.errors import MapError
from opiateroutes.maps.static.land import land_layer
from opiateroutes.maps.static.names import codes_by_name, short_names
from opiateroutes.network.lookup import folded, name_parts

if TYPE_CHECKING:
    import os

    import numpy.typing as npt

    from opiateroutes.maps.inputs import NetworkTables

    Rows = npt.NDArray[np.bool_]

__all__ = ["Meant", "label_ids", "meant_by"]

_WORDS = ("auto", "all")


class Meant(NamedTuple):
    """What a name means.

    Attributes
    ----------
    rows
        Marks the nodes of the network.
    code
        The country or area, if the name is that of one.
    """

    rows: Rows
    code: str | None


def meant_by(name: str, net: NetworkTables, owners: Any, argument: str) -> Meant:
    """Find what a name means.

    Parameters
    ----------
    name : str
        Id, name or label of a node, or code or name of a country.
    net : RouteNetwork
        Its nodes are what names are looked up in.
    owners : sequence of str
        Codes of the areas on the base map.
    argument : str
        Where the name was given, for the message.

    Returns
    -------
    Meant
        The nodes, all of a country if the name is that of one.

    Raises
    ------
    MapError
        Nothing has this name.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> meant_by("iran", opr.load_network("countries"), [], "extent").code
    'IRN'
    """
    nodes = net.nodes
    codes = set(nodes["iso3"].dropna()) | set(owners)
    wanted = folded(name)
    asked = _named_rows(nodes, wanted)
    code = next((c for c in sorted(codes) if folded(c) == wanted), None)
    if code is None and not (asked & (nodes["kind"] != "country").to_numpy()).any():
        code = {folded(known): c for known, c in codes_by_name().items()}.get(wanted)
    if code is not None:
        return Meant((nodes["iso3"] == code).to_numpy(dtype=bool) | asked, code)
    if not asked.any():
        asked = _rows_of_part(nodes, wanted)
    if not asked.any():
        known = [*nodes["name"].dropna(), *short_names().values(), *nodes.index, *sorted(codes)]
        raise MapError(
            f"{argument}: no node, country code or name {name!r}{nearest(name, map(str, known))}"
        )
    return Meant(asked, None)


def label_ids(
    labels: Any, net: NetworkTables, *, basemap: str | os.PathLike[str] | None = None
) -> str | list[str] | None:
    """Turn the names in ``labels`` into ids of nodes; words and None stay what they are.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> label_ids(["iran", "Turkey"], opr.load_network("countries"))
    Traceback (most recent call last):
    opiateroutes.errors.MapError: labels: no node, country code or name 'Turkey'...
    >>> label_ids(["iran", "Türkiye"], opr.load_network("countries"))
    ['IRN', 'TUR']
    """
    if labels is None or labels is False:
        return None
    if isinstance(labels, str) and labels in _WORDS:
        return labels
    if not isinstance(labels, Iterable):
        raise MapError(f'labels={labels!r} is not "auto", "all", None or a list of names')
    names = [labels] if isinstance(labels, str) else [str(label) for label in labels]
    if not names:
        return []
    owners, _ = land_layer(basemap)
    rows = np.any([meant_by(name, net, owners, "labels").rows for name in names], axis=0)
    if not rows.any():
        raise MapError(f"labels: no node of the network lies in {', '.join(names)}")
    return [str(node) for node in net.nodes.index[rows]]


def _named_rows(nodes: Any, wanted: str) -> Rows:
    # The id first: a name may be the id of another node.
    for column in _columns(nodes):
        hit = column.map(folded).eq(wanted).to_numpy(dtype=bool)
        if hit.any():
            return np.asarray(hit, dtype=np.bool_)
    return np.zeros(len(nodes), dtype=np.bool_)


def _rows_of_part(nodes: Any, wanted: str) -> Rows:
    hits = [
        [wanted in map(folded, name_parts(name)) for name in column] for column in _columns(nodes)
    ]
    return np.asarray(np.array(hits, dtype=np.bool_).any(axis=0), dtype=np.bool_)


def _columns(nodes: Any) -> list[Any]:
    return [nodes.index.to_series(), *(nodes[c] for c in ("name", "label") if c in nodes)]
