"""The layer model: a fit and its chokepoints as one plain dictionary that the page draws.

Nothing is estimated here. Legs of one directed pair are put together, amounts are rounded to 0.1
kg, evidence is linked to the places it speaks of, and that is all. Every layer is a list of records
with the ids of its nodes, so that a later layer (years, substances, another pillar) is one more
list and not another kind of map.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from opiateroutes.errors import MapError
from opiateroutes.maps.chokepoint_layer import chokepoint_payload
from opiateroutes.maps.evidence import EvidenceRows
from opiateroutes.maps.families import Families
from opiateroutes.maps.flow_layer import flow_payload
from opiateroutes.maps.scales import Scale
from opiateroutes.maps.values import number, text

if TYPE_CHECKING:
    import pandas as pd

    from opiateroutes.maps.inputs import ChokepointTables, FitTables

LICENCE = "\N{COPYRIGHT SIGN} OpenStreetMap contributors (ODbL). Made with Natural Earth."
# The first view holds the flows that make up this share: the far ends of thin flows would shrink
# everything else.
HOME_SHARE = 0.8
# One flow across an ocean would do the same.
HOME_LONGEST_KM = 7000.0
# A fit promises this exponent; below it the gap is rounding.
SMALLEST_GAP = -10


def build_payload(
    fit: FitTables,
    chokepoints: ChokepointTables | None,
    *,
    routes: pd.DataFrame,
) -> dict[str, Any]:
    """Put everything the page shows into one dictionary.

    Parameters
    ----------
    fit : FitTables
        Estimated flows in kg a year.
    chokepoints : ChokepointTables or None
        Ranking to draw as diamonds.
    routes : pandas.DataFrame
        Published sequences, see `opiateroutes.data.load_routes`.

    Returns
    -------
    dict
        JSON values only; the same tables always give the same dictionary.

    Raises
    ------
    MapError
        A node of the fit has no position, or a table is empty.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2008))
    >>> build_payload(fit, None, routes=opr.load_routes())["flows"][0]["to"]
    'PAK'
    """
    _check(fit)
    place_of = _places(fit)
    evidence = EvidenceRows.from_tables(fit.residuals, fit.sources, place_of)
    families = Families.from_routes(routes, place_of)
    flows = flow_payload(fit, families, evidence)
    nodes = _nodes(fit, evidence)
    scale = Scale.fitted(
        largest_flow_kg=max((flow["kg"] for flow in flows), default=0.0),
        largest_node_kg=max((node["kg"] or 0.0 for node in nodes), default=0.0),
    )
    return {
        "meta": _meta(fit),
        "groups": families.payload(),
        "scale": scale.payload(),
        "nodes": nodes,
        "flows": flows,
        "chokepoints": chokepoint_payload(chokepoints),
        "evidence": evidence.rows,
        "sources": evidence.sources,
        "home": _home(flows),
    }


def _check(fit: FitTables) -> None:
    if fit.network.nodes.empty or fit.legs.empty:
        raise MapError("the fit has no nodes or no legs: there is nothing to draw")
    geometry = fit.network.nodes.geometry
    unplaced = geometry.index[geometry.isna() | geometry.is_empty]
    used = set(fit.legs["from_node"]) | set(fit.legs["to_node"])
    missing = sorted((used - set(geometry.index)) | (used & set(unplaced)), key=str)
    if missing:
        raise MapError(
            f"network.nodes has no position for {len(missing)} node(s) that flows use, "
            f"first: {missing[:5]}; give them a point geometry"
        )


def _nodes(fit: FitTables, evidence: EvidenceRows) -> list[dict[str, Any]]:
    places = fit.network.nodes
    points = places.geometry.to_crs(4326) if places.crs is not None else places.geometry
    records = []
    for node in places.index:
        if node not in fit.nodes.index:
            continue
        place, row, point = places.loc[node], fit.nodes.loc[node], points.loc[node]
        name = text(place.get("name")) or text(row.get("name")) or str(node)
        records.append(
            {
                "id": str(node),
                "name": name,
                "label": text(place.get("label")) or name,
                "kind": text(place.get("kind")),
                "lat": round(float(point.y), 4),
                "lon": round(float(point.x), 4),
                "kg": number(row.get("throughput_kg")),
                "low": number(row.get("throughput_low_kg")),
                "high": number(row.get("throughput_high_kg")),
                "supply": number(row.get("supply_kg")),
                "consumption": number(row.get("consumption_kg")),
                "seizure": number(row.get("seizure_kg")),
                "unaccounted": number(row.get("unaccounted_kg")),
                "interception": number(row.get("interception"), digits=5),
                "interceptionLow": number(row.get("interception_low"), digits=5),
                "interceptionHigh": number(row.get("interception_high"), digits=5),
                "leverage": number(row.get("leverage"), digits=4),
                "restsOn": text(row.get("rests_on")),
                "evidence": evidence.behind(evidence.by_node, str(node), text(row.get("rests_on"))),
            }
        )
    return records


def _places(fit: FitTables) -> dict[str, str]:
    """Return the place of each node that lies in one: a crossing, a port or a city in a country."""
    places = fit.network.nodes.get("iso3")
    if places is None:
        return {}
    known = places.dropna()
    return {str(node): str(place) for node, place in known.items() if str(node) != str(place)}


def _meta(fit: FitTables) -> dict[str, Any]:
    supplies = fit.residuals[fit.residuals["kind"] == "supply"]
    suppliers = [text(target).removeprefix("supply, ") for target in supplies["target"]]
    year = None if fit.year is None else int(fit.year)
    # "kg heroin equivalent" -> "heroin equivalent": the page chooses kg or t by the size of each
    # amount.
    name = getattr(fit.network, "meta", {}).get("title", "Routes")
    return {
        "name": name,
        "title": f"{name}: estimated flows" + (f", {year}" if year is not None else ""),
        "publishedFlows": int((fit.residuals["kind"] == "flow").sum()),
        "year": year,
        "measure": fit.unit.removeprefix("kg").strip(),
        "unit": fit.unit,
        "supply": number(fit.supply_kg),
        "supplyLow": number(fit.supply_low_kg),
        "supplyHigh": number(fit.supply_high_kg),
        "suppliers": suppliers,
        "licence": LICENCE,
        "gap": _bound(getattr(getattr(fit, "certificate", None), "gap", None)),
        "provenance": {
            str(key): text(value)
            for key, value in sorted(fit.provenance.items())
            if _is_plain(value)
        },
    }


def _bound(gap: float | None) -> float | None:
    """Round a duality gap up to a power of ten: its last bits differ between computers."""
    if gap is None or not math.isfinite(gap):
        return None
    exponent = math.ceil(math.log10(gap)) if gap > 0 else SMALLEST_GAP
    return float(f"1e{max(exponent, SMALLEST_GAP)}")


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float)


def _home(flows: list[dict[str, Any]]) -> list[str]:
    """Ids of the nodes that the first view has to hold."""
    total = sum(flow["kg"] for flow in flows)
    reached: dict[str, None] = {}
    running = 0.0
    for flow in flows:
        if running >= HOME_SHARE * total:
            break
        running += flow["kg"]
        if min(leg["distance"] or 0.0 for leg in flow["legs"]) > HOME_LONGEST_KM:
            continue
        reached.update({flow["from"]: None, flow["to"]: None})
    return list(reached)
