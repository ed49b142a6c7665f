"""The data of a page: one frame for each year, packed together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opiateroutes.errors import MapError
from opiateroutes.maps.packing import pack_table
from opiateroutes.maps.scales import Scale

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["pack_frames"]


def pack_frames(frames: Sequence[dict[str, Any]], *, first: int = -1) -> dict[str, Any]:
    """Put the layer models of several years into the one value that the page reads.

    Parameters
    ----------
    frames
        Layer models, see `opiateroutes.maps.layers.build_payload`, in the order of the years.
    first
        Which of them the page shows first; the last by default.

    Returns
    -------
    dict
        ``meta`` (one for each frame), ``first``, ``groups``, ``scale`` (one for all frames, so that
        widths can be compared between years), ``home``, ``sources``, ``chokepoints`` (what is
        common to all) and ``tables``, see `opiateroutes.maps.packing.pack_table`.

    Raises
    ------
    MapError
        If chokepoints were not found in the same way in all frames.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> from opiateroutes.maps.layers import build_payload
    >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2008))
    >>> packed = pack_frames([build_payload(fit, None, routes=opr.load_routes())])
    >>> packed["tables"]["pairs"]["count"] > 100
    True
    """
    sources = {row["id"]: row for frame in frames for row in frame["sources"]}
    position = {name: place for place, name in enumerate(sources)}
    flows = [flow for frame in frames for flow in frame["flows"]]
    nodes = [node for frame in frames for node in frame["nodes"]]
    scale = Scale.fitted(
        largest_flow_kg=max((flow["kg"] for flow in flows), default=0.0),
        largest_node_kg=max((node["kg"] or 0.0 for node in nodes), default=0.0),
    )
    return {
        "meta": [frame["meta"] for frame in frames],
        "first": range(len(frames))[first],
        "groups": frames[0]["groups"],
        "scale": scale.payload(),
        "home": list(dict.fromkeys(node for frame in frames for node in frame["home"])),
        "sources": list(sources.values()),
        "chokepoints": _common([frame["chokepoints"] for frame in frames]),
        "tables": {
            "nodes": pack_table([_naming_rows(f, f["nodes"]) for f in frames], ["id"]),
            "legs": pack_table([_legs(frame) for frame in frames], ["id"]),
            "pairs": pack_table([_pairs(frame) for frame in frames], ["from", "to"]),
            "chokepoints": pack_table([_drops(frame) for frame in frames], ["node", "reaction"]),
            "evidence": pack_table([_evidence(frame, position) for frame in frames], ["id"]),
        },
    }


def _common(chokepoints: list[dict[str, Any]]) -> dict[str, Any]:
    """Return how chokepoints were found; frames without any do not count."""
    found = [{k: v for k, v in c.items() if k != "rows"} for c in chokepoints if c["rows"]]
    if not found:
        return {k: v for k, v in chokepoints[0].items() if k != "rows"}
    if any(other != found[0] for other in found[1:]):
        raise MapError(
            "chokepoints of several years must be found with the same effort, reactions and top: "
            "otherwise their ranks cannot be compared"
        )
    return found[0]


def _naming_rows(frame: dict[str, Any], records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Name evidence rows by their id, as their positions differ between frames."""
    ids = [row["id"] for row in frame["evidence"]]
    return [{**record, "evidence": [ids[row] for row in record["evidence"]]} for record in records]


def _legs(frame: dict[str, Any]) -> list[dict[str, Any]]:
    ends = [
        {**leg, "from": flow["from"], "to": flow["to"]}
        for flow in frame["flows"]
        for leg in flow["legs"]
    ]
    return _naming_rows(frame, ends)


def _pairs(frame: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a pair of places is; its amounts are those of its legs, added up in the page."""
    fields = ("from", "to", "group", "families")
    return [{name: flow[name] for name in fields} for flow in frame["flows"]]


def _drops(frame: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "node": row["node"],
            "name": row["name"],
            "reaction": place,
            **entry,
            "receivers": [[leg["from"], leg["to"], leg["kg"]] for leg in entry["receivers"]],
        }
        for row in frame["chokepoints"]["rows"]
        for place, entry in enumerate(row["at"])
        if entry is not None
    ]


def _evidence(frame: dict[str, Any], position: dict[str, int]) -> list[dict[str, Any]]:
    ids = [row["id"] for row in frame["sources"]]
    return [
        {
            **row,
            # A source that is not in the list is text already.
            "sources": [
                position[ids[source]] if isinstance(source, int) else source
                for source in row["sources"]
            ],
        }
        for row in frame["evidence"]
    ]
