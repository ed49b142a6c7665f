"""The two sentences that stand on every map: what the totals are, and how to read the estimate."""

from __future__ import annotations

from typing import Any

from opiateroutes.units import format_kg, format_kg_interval

MOST_NAMED = 2


def totals_line(meta: dict[str, Any]) -> str:
    """Write the supply with its interval, for the header.

    Examples
    --------
    >>> meta = {"suppliers": ["A"], "supply": 3e5, "supplyLow": 2e5, "supplyHigh": 4e5}
    >>> meta["measure"] = "heroin equivalent"
    >>> totals_line(meta)
    'Estimated supply leaving A: 300 t (90 % interval 200 t to 400 t), heroin equivalent a year'
    """
    origin = (
        " and ".join(meta["suppliers"])
        if 0 < len(meta["suppliers"]) <= MOST_NAMED
        else "all places of supply"
    )
    interval = f"90 % interval {format_kg_interval(meta['supplyLow'], meta['supplyHigh'])}"
    supply = format_kg(meta["supply"])
    line = f"Estimated supply leaving {origin}: {supply} ({interval}), {meta['measure']} a year"
    if meta.get("publishedFlows") == 0:
        # Without a published flow most arrows are model, and a reader must know at once.
        line += ". No published flow for this year: most arrows rest on the model"
    return line


def method_line(meta: dict[str, Any]) -> str:
    """Say how to read the map, and the certificate of the fit where there is one.

    Examples
    --------
    >>> method_line({"gap": None}).startswith("Estimates")
    True
    """
    text = (
        "Estimates of a statistical model fitted to published figures, each with a 90 % interval; "
        "click a flow or a place to see how much is data and how much is model (leverage). "
        "Totals are over all flows, not only the drawn ones. Arrows link places of departure and "
        "arrival; they are not itineraries. Projection: Lambert azimuthal equal-area."
    )
    if meta.get("gap") is not None:
        text += f" Solver certificate: duality gap at most {meta['gap']:.0e}."
    return text
