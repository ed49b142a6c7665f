"""Chokepoints as the map shows them: rank and drop at each reaction, and who receives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from opiateroutes.maps.values import number, text

if TYPE_CHECKING:
    from opiateroutes.maps.inputs import ChokepointTables

SHOWN = 10
RECEIVERS = 5


def chokepoint_payload(chokepoints: ChokepointTables | None) -> dict[str, Any]:
    """Collect the rows at the effort shown, one record for each node, with their displacement.

    Parameters
    ----------
    chokepoints : ChokepointTables or None
        None gives an empty layer.

    Returns
    -------
    dict
        ``effort`` (share), ``reactions`` (kappa), ``shown`` (kappa of the first view) and ``rows``,
        each with ``at``: one entry for each reaction, in the order of ``reactions``; its rank is
        for the order, and for print only where ``inTop`` says how stable it is (the share of draws
        in which the place is among the first ``top``).

    Examples
    --------
    >>> chokepoint_payload(None)["rows"]
    []
    """
    if chokepoints is None:
        return {"effort": None, "reactions": [], "shown": None, "top": None, "rows": []}
    table = chokepoints.table
    effort = float(chokepoints.effort)
    table = table[np.isclose(table["effort"].astype(float), effort)]
    reactions = sorted({float(value) for value in table["reaction"]})
    rows: dict[str, dict[str, Any]] = {}
    for record in table.sort_values(["reaction", "rank", "node"]).to_dict("records"):
        node = str(record["node"])
        row = rows.setdefault(
            node, {"node": node, "name": text(record.get("name")) or node, "at": {}}
        )
        reaction = float(record["reaction"])
        row["at"][reaction] = {
            "rank": number(record.get("rank"), digits=0),
            "share": number(record.get("drop_share"), digits=4),
            "kg": number(record.get("drop_kg")),
            "low": number(record.get("drop_low"), digits=4),
            "high": number(record.get("drop_high"), digits=4),
            "rankLow": number(record.get("rank_low"), digits=0),
            "rankHigh": number(record.get("rank_high"), digits=0),
            "inTop": number(record.get("in_top"), digits=3),
            "receivers": _receivers(chokepoints, node, effort, reaction)
            if record["rank"] <= SHOWN
            else [],
        }
    for row in rows.values():
        row["at"] = [row["at"].get(reaction) for reaction in reactions]
    # The first view assumes some reaction: with none, nothing is displaced and every ranking looks
    # better than it is.
    shown = next(
        (reaction for reaction in reactions if reaction > 0), reactions[0] if reactions else None
    )
    return {
        "effort": effort,
        "reactions": [number(reaction) for reaction in reactions],
        "shown": number(shown),
        "top": getattr(chokepoints, "top", None),
        "rows": list(rows.values()),
    }


def _receivers(
    chokepoints: ChokepointTables, node: str, effort: float, reaction: float
) -> list[dict[str, Any]]:
    if reaction <= 0:
        return []
    # Tens of displacements, of which the page shows the estimates.
    moved = chokepoints.displacement(node, effort=effort, reaction=reaction, intervals=False)
    moved = moved[moved["change_kg"] > 0]
    top = moved.sort_values(
        ["change_kg", "from_node", "to_node"], ascending=[False, True, True]
    ).head(RECEIVERS)
    return [
        {"from": str(row["from_node"]), "to": str(row["to_node"]), "kg": number(row["change_kg"])}
        for row in top.to_dict("records")
    ]
