"""What places are called on a map of flows, in the language of the map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.data import country_names
from opiateroutes.maps.static.marks import joint_name, shown_names
from opiateroutes.maps.static.names import short_names

if TYPE_CHECKING:
    from opiateroutes.maps.inputs import NetworkTables
    from opiateroutes.maps.static.moves import Places

__all__ = ["area_names", "names_of"]

# What brackets say of these is part of the name.
_WHOLE = frozenset({"CCK", "FLK", "MAF", "SXM"})


def area_names(language: str) -> dict[str, str]:
    """Names of countries and areas short enough for a map, by code.

    Parameters
    ----------
    language : str
        One that `opiateroutes.data.country_names` has.

    Returns
    -------
    dict
        English short names; in other languages the name after United Nations usage, without what
        stands in brackets after it.

    Examples
    --------
    >>> area_names("en")["IRN"], area_names("fr")["IRN"], area_names("fr")["GBR"]
    ('Iran', 'Iran', 'Royaume-Uni')
    """
    if language == "en":
        return short_names()
    names = country_names(language)
    return {
        code: name if code in _WHOLE else _SHORT.get((language, code), name.split(" (")[0])
        for code, name in names.items()
    }


_SHORT = {
    ("fr", "GBR"): "Royaume-Uni",
    ("fr", "HKG"): "Hong Kong (Chine)",
    ("fr", "MAC"): "Macao (Chine)",
}
"""Names without brackets that are too long for a map."""


def names_of(net: NetworkTables, places: Places, language: str) -> dict[str, str]:
    """Name the places of a network.

    Parameters
    ----------
    net : RouteNetwork
        A node of the kind ``country`` has the name of its country in the language; others have no
        names but their own.
    places : Places
        Where the nodes are.
    language : str
        See `area_names`.

    Returns
    -------
    dict
        Place -> name.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> from opiateroutes.maps.static.moves import places_of
    >>> net = opr.load_network("countries")
    >>> names_of(net, places_of(net), "fr")["DEU"]
    'Allemagne'
    """
    nodes = pd.DataFrame(net.nodes.drop(columns="geometry"))
    if "name" not in nodes:
        nodes["name"] = nodes.index.astype("string")
    nodes["name"] = nodes["name"].fillna(nodes.index.to_series().astype("string"))
    if "kind" not in nodes:
        nodes["kind"] = ""
    shown = dict(zip(nodes.index.map(str), shown_names(nodes), strict=True))
    if "iso3" in nodes:
        of_countries = area_names(language)
        countries = nodes.loc[nodes["kind"].eq("country"), "iso3"].dropna()
        shown |= {
            str(node): of_countries[code]
            for node, code in countries.items()
            if code in of_countries
        }
    together: dict[str, list[str]] = {}
    for node, place in places.of.items():
        together.setdefault(place, []).append(shown[node])
    return {place: _one_name(names) for place, names in together.items()}


def _one_name(names: list[str]) -> str:
    """Name a place; what both sides of a crossing are called before a bracket is enough.

    Examples
    --------
    >>> _one_name(["Ghulam Khan (Khost)", "Ghulam Khan (N. Waziristan)"])
    'Ghulam Khan'
    """
    bases = {name.split(" (")[0] for name in names}
    return bases.pop() if len(bases) == 1 < len(names) else joint_name(names)
