"""Evidence on the nodes of a layered network, in kilograms of heroin equivalent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from opiateroutes.evidence.commodity_ids import ANYWHERE, commodity_id, split_id
from opiateroutes.evidence.parameters import Z90
from opiateroutes.evidence.priors import OTHERS
from opiateroutes.flows.binding.costs import CONVERSION
from opiateroutes.flows.binding.places import Places
from opiateroutes.units import format_kg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from opiateroutes.evidence import Evidence, Value
    from opiateroutes.network import RouteNetwork

__all__ = ["layered_evidence"]

_PLACES = ("supply", "demand", "seizures", "interception")
_LINKS = ("flows", "shares", "price_gaps")


@dataclass(frozen=True, eq=False)
class _Layers:
    """How ids of a network become ids of its layers."""

    base: Places
    places: Places
    legs: pd.DataFrame
    commodities: Sequence[str]
    kg_per_heroin_kg: Mapping[str, Value]

    def split(self, name: str) -> tuple[str, str | None]:
        """Split an id into place and commodity, unless it is a node that is called so."""
        return (name, None) if self.base.is_one(name) else split_id(name, self.commodities)

    def commodity(self, names: str) -> str | None:
        """Return the commodity that one end of a row is about; None for the sum over all."""
        return next((c for part in self.base.parts(names) if (c := self.split(part)[1])), None)

    def ids(self, names: str) -> str:
        """Return the ids of layers that an id, or a list of ids, stands for."""
        return ";".join(dict.fromkeys(self._id(part) for part in self.base.parts(names)))

    def _id(self, name: str) -> str:
        place, commodity = self.split(name)
        if not self.base.known(place):
            return name
        layers = self.commodities if commodity is None else (commodity,)
        nodes = [commodity_id(node, c) for node in self.base.members(place) for c in layers]
        # The place itself, where it is the same as all layers of all its nodes.
        as_group = commodity is None and set(self.places.groups.get(place, ())) == set(nodes)
        return place if as_group else ";".join(nodes)

    def around(self, other: str, commodity: str, *, start: bool) -> str:
        """Return the nodes of a layer from which (or to which) legs join one end of a flow."""
        there = {node for part in self.places.parts(other) for node in self.places.members(part)}
        near, far = ("from_node", "to_node") if start else ("to_node", "from_node")
        joins = self.legs[far].isin(there) & ~self.legs[near].isin(there)
        own = (self.legs["commodity"] == commodity) & (self.legs["mode"] != CONVERSION)
        return ";".join(sorted(set(self.legs.loc[joins & own, near]))) or ANYWHERE


def layered_evidence(
    evidence: Evidence,
    base: RouteNetwork,
    net: RouteNetwork,
    commodities: Sequence[str],
    kg_per_heroin_kg: Mapping[str, Value],
) -> Evidence:
    """Write evidence about a network as evidence about its layers.

    Parameters
    ----------
    evidence
        Rows about one commodity are in kilograms of it, rows about their sum in kilograms of heroin
        equivalent. Shares and rates are of heroin equivalents.
    base, net
        The network, and the same with layers.
    commodities, kg_per_heroin_kg
        The layers, and the kilograms of each that make one of heroin.

    Returns
    -------
    Evidence
        With the same names of rows. The spread of a conversion is part of that of its rows.
    """
    legs = pd.DataFrame(net.legs[["from_node", "to_node", "mode", "commodity"]])
    layers = _Layers(Places.of(base), Places.of(net), legs, commodities, kg_per_heroin_kg)
    tables = {name: _place_rows(getattr(evidence, name), layers) for name in _PLACES}
    tables |= {name: _link_rows(getattr(evidence, name), layers) for name in _LINKS}
    return replace(evidence, **tables, priors=_priors(evidence, tables, layers))


def _place_rows(rows: pd.DataFrame, layers: _Layers) -> pd.DataFrame:
    if rows.empty:
        return rows
    commodity = rows["node"].map(layers.commodity)
    ids = rows["node"].map(layers.ids).astype("str")
    return _in_heroin(rows.assign(node=ids), commodity, layers)


def _link_rows(rows: pd.DataFrame, layers: _Layers) -> pd.DataFrame:
    """Rewrite both ends (or all four) of rows about legs."""
    if rows.empty:
        return rows
    rows = rows.copy()
    commodity = pd.Series(None, index=rows.index, dtype="object")
    pairs = [("from_nodes", "to_nodes"), ("of_from_nodes", "of_to_nodes")]
    for start, end in pairs:
        if start not in rows:
            continue
        given = [
            layers.commodity(a) or layers.commodity(b)
            for a, b in zip(rows[start], rows[end], strict=True)
        ]
        commodity = commodity.where(commodity.notna(), pd.Series(given, rows.index, dtype="object"))
        for one, other in ((start, end), (end, start)):
            rows[one] = [names if names == ANYWHERE else layers.ids(names) for names in rows[one]]
            known = rows[other].map(lambda names: names if names == ANYWHERE else layers.ids(names))
            rows[one] = [
                layers.around(there, c, start=one == start)
                if names == ANYWHERE and c is not None
                else names
                for names, there, c in zip(rows[one], known, given, strict=True)
            ]
    return _in_heroin(rows, commodity, layers)


def _in_heroin(rows: pd.DataFrame, commodity: pd.Series, layers: _Layers) -> pd.DataFrame:
    """Turn kilograms of a commodity into those of the heroin that they make."""
    if "best_kg" not in rows:
        return rows
    values = [layers.kg_per_heroin_kg.get(c) if c else None for c in commodity]
    ratio = np.array([1.0 if value is None else value.best for value in values])
    spread = np.array([0.0 if value is None else value.relative_sd for value in values])
    best = rows["best_kg"] / ratio
    sd = np.hypot(rows["sd_kg"] / ratio, best * spread)
    wider = Z90 * sd
    bounds = {
        "low_kg": (rows["low_kg"] / ratio).where(spread == 0, (best - wider).clip(0)),
        "high_kg": (rows["high_kg"] / ratio).where(spread == 0, best + wider),
    }
    notes = [
        note
        if value is None or value.best == 1.0
        else "; ".join(
            filter(None, [note, f"{format_kg(kg)} of {c} at {value.best:g} kg per kg of heroin"])
        )
        for note, kg, c, value in zip(
            rows["note"].fillna(""), rows["best_kg"], commodity, values, strict=True
        )
    ]
    return rows.assign(best_kg=best, sd_kg=sd, **bounds, note=notes)


def _priors(
    evidence: Evidence, tables: Mapping[str, pd.DataFrame], layers: _Layers
) -> pd.DataFrame:
    """Give the ids of layers the prior values of their places."""
    priors = evidence.priors
    added = {}
    for name in ("demand", "seizures", "interception"):
        before, after = getattr(evidence, name), tables[name]
        if before.empty:
            continue
        for old, new in zip(before["node"], after["node"], strict=True):
            place = layers.split(old)[0]
            if place in priors.index and new not in priors.index and place != OTHERS:
                added[new] = priors.loc[place]
    return pd.concat([priors, pd.DataFrame(added).T]) if added else priors
