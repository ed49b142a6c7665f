"""What places are called in a report."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from opiateroutes.data import country_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from opiateroutes.network import RouteNetwork

__all__ = ["Places"]

_TURNED = re.compile(r"(.+) \((.+?) ?(of|of the|de|du|des|d’)\)")
_ELIDED = "d’"


@dataclass(frozen=True, eq=False)
class Places:
    """Names of places in one language: countries after United Nations usage, others as they are.

    Parameters
    ----------
    network
        The network that the places belong to.
    language
        A language of `opiateroutes.data.country_names`.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> Places(opr.load_network("crossings"), "fr").name("AFG-PAK-TORK@AFG")
    'Torkham (Afghanistan)'
    """

    network: RouteNetwork
    language: str
    _countries: dict[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_countries", country_names(self.language))

    def name(self, place: str, otherwise: str | None = None) -> str:
        """Name a node, or a country by its code.

        Parameters
        ----------
        place
            Its id.
        otherwise
            What it is called if it is neither; the id by default.
        """
        nodes = self.network.nodes
        if place in nodes.index:
            return self._node(place)
        return self._countries.get(place, place if otherwise is None else otherwise)

    def names(self, places: Iterable[str]) -> str:
        """Join the names of several places."""
        return ", ".join(self.name(str(place)) for place in places)

    def _node(self, place: str) -> str:
        row = self.network.nodes.loc[place]
        country = self._countries.get(row["iso3"]) if isinstance(row["iso3"], str) else None
        if row["kind"] == "country" and country is not None:
            return country
        label = row.get("label")
        own = label if isinstance(label, str) else str(row["name"])
        return own if country is None else f"{own} ({_straight(country)})"


def _straight(country: str) -> str:
    """Write a name such as "Iran (Islamic Republic of)" without brackets."""
    found = _TURNED.fullmatch(country)
    if not found:
        return country
    name, title, before = found.groups()
    return f"{title} {before}" + ("" if before == _ELIDED else " ") + name
