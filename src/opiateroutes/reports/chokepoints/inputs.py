"""What uncertain inputs and rows of evidence are called in a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opiateroutes.reports.chokepoints.material import Material
    from opiateroutes.reports.wording import Wording

__all__ = ["input_name"]


def input_name(material: Material, name: str) -> str:
    """Name an input of the draws, or a row of evidence, in the language of the report.

    Parameters
    ----------
    material
        Its language, its places and its network.
    name
        Such as ``"seizure:IRN"``, ``"cost:air"`` or ``"leg:IRN>TUR:land"``.

    Returns
    -------
    str
        Its kind and what it is about; what has no words here stays as it is.
    """
    kind, _, about = name.partition(":")
    if kind == "cause":
        return _cause(material, about)
    if kind == "cost":
        return _coefficients(material.words).get(about, about)
    if kind in {"leg", "shipments"}:
        about = _ends(material, [about])
    elif name in material.fit.residuals.index and material.fit.residuals.at[name, "legs"]:
        about = _ends(material, str(material.fit.residuals.at[name, "legs"]).split(";"))
    else:
        about = material.places.name(about)
    return _about(material.words, _kinds(material.words).get(kind, kind), about)


def _kinds(words: Wording) -> dict[str, str]:
    say = words.say
    return {
        "supply": say("supply"),
        "demand": say("consumption"),
        "seizure": say("seizures"),
        "flow": say("published flow"),
        "share": say("published share"),
        "interception": say("published interception rate"),
        "price_gap": say("published prices"),
        "interception_prior": say("assumed interception rate"),
        "consumption_weight": say("assumed weight of consumption"),
        "unaccounted_weight": say("assumed weight of the unaccounted part"),
        "leg": say("unknown cost of a connection"),
        "shipments": say("chance in few shipments"),
    }


def _coefficients(words: Wording) -> dict[str, str]:
    say = words.say
    return {
        "land_border": say("assumed cost of a land border"),
        "distance": say("assumed cost of distance"),
        "sea": say("assumed cost of sea transport"),
        "air": say("assumed cost of air transport"),
        "named_route": say("assumed advantage of published routes"),
    }


def _cause(material: Material, about: str) -> str:
    """Name an assumption that several figures share; it may end in a place."""
    say = material.words.say
    causes = {
        "heroin a user": say("heroin used by one user"),
        "of them use heroin": say("share of users who use heroin"),
        "of Afghan origin": say("share of Afghan origin"),
    }
    what, _, where = about.partition(": ")
    return _about(material.words, causes.get(what, what), where and material.places.name(where))


def _ends(material: Material, legs: list[str]) -> str:
    """Name both ends of legs, by country where there are several."""
    network = material.fit.network
    known = network.legs.loc[[leg for leg in legs if leg in network.legs.index]]
    if known.empty:
        return ", ".join(legs)
    ends = [known[end].astype("str") for end in ("from_node", "to_node")]
    if len(known) > 1:
        ends = [end.map(network.nodes["iso3"]).fillna(end) for end in ends]
    return " – ".join(material.places.names(end.drop_duplicates()) for end in ends)


def _about(words: Wording, kind: str, about: str) -> str:
    return words.say("{kind}: {about}", kind=kind, about=about) if about else kind
