"""Where the elements of a chokepoint table are, and what they are called on a map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from opiateroutes.maps.static.place_names import area_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from opiateroutes.maps.inputs import NetworkTables
    from opiateroutes.maps.static.flow_words import Words
    from opiateroutes.maps.static.moves import Places

__all__ = ["element_name", "places_of_element"]

_BETWEEN = " - "
"""Between the two areas in the id of a border."""
_TWO = 2


def places_of_element(element: str, net: NetworkTables, places: Places) -> tuple[str, ...]:
    """Find the places of a node, of both ends of a leg, of a border or of all nodes of an area.

    Parameters
    ----------
    element : str
        Id of a node or a leg, code of an area, or two codes with `` - `` between them: the ends of
        all legs over land from one area to the other.
    net, places : RouteNetwork, Places
        Where to look.

    Returns
    -------
    tuple of str
        Empty for what has no position of its own, as a route.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> from opiateroutes.maps.static.moves import places_of
    >>> net = opr.load_network("countries")
    >>> places_of_element("AFG>IRN:land", net, places_of(net))
    ('AFG', 'IRN')
    >>> places_of_element("AFG - IRN", net, places_of(net))
    ('AFG', 'IRN')
    """
    if element in places.of:
        return (places.of[element],)
    if element in net.legs.index:
        return _ends(net.legs.loc[[element]], places)
    if "iso3" not in net.nodes:
        return ()
    codes = element.split(_BETWEEN)
    if len(codes) == _TWO:
        area = net.nodes["iso3"]
        legs = net.legs[~net.legs["mode"].isin(["sea", "air"])]
        start, end = (legs[column].map(area) for column in ("from_node", "to_node"))
        forth = start.eq(codes[0]) & end.eq(codes[1])
        back = start.eq(codes[1]) & end.eq(codes[0])
        return _ends(pd.concat([legs[forth], legs[back]]), places)
    return _known(net.nodes.index[net.nodes["iso3"].eq(element)], places)


def element_name(
    element: str,
    spot: tuple[str, ...],
    net: NetworkTables,
    names: Mapping[str, str],
    words: Words,
    *,
    given: Any = None,
) -> str:
    """Name an element in the language of the map, or else as it is ``given``.

    Parameters
    ----------
    element, spot
        Its id and its places, see `places_of_element`.
    net, names, words : RouteNetwork, mapping, Words
        Names of places, and the language.
    given : str, optional
        Name for what the map has none for, as a route.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> from opiateroutes.maps.static.flow_words import words_in
    >>> net = opr.load_network("crossings")
    >>> element_name("IRN", (), net, {}, words_in())
    'Iran'
    >>> element_name("AFG - IRN", (), net, {}, words_in("fr"))
    'Afghanistan – Iran'
    >>> element_name("IND-PAK-ATTA@IND", ("IND-PAK-ATTA@IND",), net, {}, words_in("fr"))
    'Attari (Inde)'
    """
    if element in net.legs.index and spot:
        return " → ".join(names[place] for place in spot)
    areas = area_names(words.language)
    if element in net.nodes.index and spot:
        return _side(net.nodes.loc[element], areas) or names[spot[0]]
    codes = element.split(_BETWEEN)
    if all(code in areas for code in codes):
        return " – ".join(areas[code] for code in codes)
    return element if given is None or pd.isna(given) else str(given)


def _side(node: pd.Series[Any], areas: Mapping[str, str]) -> str:
    """Name one side of a crossing, with its country: both sides are one place on a map."""
    label, code = node.get("label"), node.get("iso3")
    is_side = node.get("kind") == "crossing" and isinstance(label, str) and code in areas
    return f"{label} ({areas[code]})" if is_side else ""


def _ends(legs: pd.DataFrame, places: Places) -> tuple[str, ...]:
    pairs = zip(legs["from_node"], legs["to_node"], strict=True)
    return _known((node for pair in pairs for node in pair), places)


def _known(nodes: Iterable[Any], places: Places) -> tuple[str, ...]:
    return tuple(dict.fromkeys(places.of[str(n)] for n in nodes if str(n) in places.of))
