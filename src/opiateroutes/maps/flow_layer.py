"""Flows as arrows: one record for each directed pair of nodes that carries anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from opiateroutes.maps.values import number, text

if TYPE_CHECKING:
    from opiateroutes.maps.evidence import EvidenceRows
    from opiateroutes.maps.families import Families
    from opiateroutes.maps.inputs import FitTables

MOSTLY = 0.5
"""Leverage from which a fit says that a flow rests on evidence."""


def flow_payload(
    fit: FitTables, families: Families, evidence: EvidenceRows
) -> list[dict[str, Any]]:
    """Put the legs of each directed pair together into one arrow, largest flow first.

    Parameters
    ----------
    fit : FitTables
        Legs with flows in kg a year.
    families : Families
        Named routes by pair.
    evidence : EvidenceRows
        Rows by leg.

    Returns
    -------
    list of dict
        Pairs without flow are left out. The bounds of a pair are the sums of its legs' bounds, and
        ``legs`` keeps each leg with its own interval.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> from opiateroutes.maps.evidence import EvidenceRows
    >>> from opiateroutes.maps.families import Families
    >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2008))
    >>> families = Families.from_routes(opr.load_routes())
    >>> evidence = EvidenceRows.from_tables(fit.residuals, fit.sources)
    >>> flow_payload(fit, families, evidence)[0]["modes"]
    ['land']
    """
    described = fit.network.legs
    pairs: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for leg, record in zip(fit.legs.index, fit.legs.to_dict("records"), strict=True):
        if not (number(record.get("flow_kg")) or 0) > 0:
            continue
        about = described.loc[leg] if leg in described.index else pd.Series(dtype=object)
        key = (str(record["from_node"]), str(record["to_node"]))
        pairs.setdefault(key, []).append(_leg(str(leg), record, about, evidence))
    totals = {pair: sum(leg["kg"] for leg in legs) for pair, legs in pairs.items()}
    flows = [
        _arrow(pair, legs, families, back=totals.get(pair[::-1], 0.0))
        for pair, legs in pairs.items()
    ]
    return sorted(flows, key=lambda flow: (-flow["kg"], flow["from"], flow["to"]))


def _leg(
    leg: str, record: dict[Any, Any], about: pd.Series[Any], evidence: EvidenceRows
) -> dict[str, Any]:
    return {
        "id": leg,
        "mode": text(record.get("mode")),
        "kg": number(record.get("flow_kg")),
        "low": number(record.get("low_kg")),
        "high": number(record.get("high_kg")),
        "leverage": number(record.get("leverage"), digits=4),
        "basis": text(record.get("basis")),
        "restsOn": text(record.get("rests_on")),
        "distance": number(about.get("distance_km"), digits=0),
        "crossings": number(about.get("crossings"), digits=0),
        "why": text(about.get("why")),
        "source": text(about.get("source")),
        "evidence": evidence.behind(evidence.by_leg, leg, text(record.get("rests_on"))),
    }


def _arrow(
    pair: tuple[str, str], legs: list[dict[str, Any]], families: Families, *, back: float
) -> dict[str, Any]:
    legs = sorted(legs, key=lambda leg: (-leg["kg"], leg["id"]))
    total = sum(leg["kg"] for leg in legs)
    # An average by kg: the leverage of the pair is that of the legs which carry most of it.
    leverage = sum((leg["leverage"] or 0) * leg["kg"] for leg in legs) / total
    return {
        "from": pair[0],
        "to": pair[1],
        "kg": number(total),
        "low": _sum(legs, "low"),
        "high": _sum(legs, "high"),
        "net": number(total - back),
        "leverage": number(leverage, digits=4),
        "basis": legs[0]["basis"] if len(legs) == 1 else _basis(leverage),
        "group": families.group(*pair),
        "families": list(families.of(*pair)),
        "modes": list(dict.fromkeys(leg["mode"] for leg in legs)),
        "evidence": list(dict.fromkeys(row for leg in legs for row in leg["evidence"])),
        "legs": legs,
    }


def _basis(leverage: float) -> str:
    return "evidence" if leverage >= MOSTLY else "model"


def _sum(legs: list[dict[str, Any]], field: str) -> float | None:
    values = [leg[field] for leg in legs]
    # A missing bound makes the sum unknown: leaving it out would narrow the interval.
    return None if any(value is None for value in values) else number(sum(values))
