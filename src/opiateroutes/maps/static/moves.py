"""What moves between places: legs of a table put together into one arrow for each directed pair.

The two sides of a crossing stand at one place. What passes from one side to the other moves nothing
on a map and is left out, also of the totals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from opiateroutes.errors import MapError
from opiateroutes.maps.flow_layer import MOSTLY

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from opiateroutes.maps.families import Families
    from opiateroutes.maps.inputs import NetworkTables

    Floats = npt.NDArray[np.float64]

__all__ = ["Move", "Places", "by_size", "changed", "flowing", "largest", "places_of", "through"]

_DIGITS = 4
"""Of degrees: nodes within ten metres are one place."""


class Places(NamedTuple):
    """Where the nodes of a network are.

    Attributes
    ----------
    of
        Node -> id of the first node at its place.
    at
        That id -> longitude and latitude.
    """

    of: dict[str, str]
    at: dict[str, tuple[float, float]]

    def coordinates(self, places: Sequence[str]) -> Floats:
        """Rows of longitude and latitude."""
        return np.array([self.at[place] for place in places], dtype=np.float64).reshape(-1, 2)


@dataclass(frozen=True)
class Move:
    """One arrow.

    Attributes
    ----------
    start, end
        Places, named as in `Places`.
    kg
        How much flows, or by how much the flow changes (negative: it shrinks).
    low, high
        90 % interval of ``kg``; None where it is not known.
    group
        Family of routes, see `opiateroutes.maps.families`; for changes ``"gain"`` or ``"loss"``.
    sure
        A flow rests mostly on evidence; the interval of a change is on one side of zero.
    """

    start: str
    end: str
    kg: float
    low: float | None
    high: float | None
    group: str
    sure: bool


def places_of(net: NetworkTables) -> Places:
    """Find the places of the nodes.

    Raises
    ------
    MapError
        No node has a position.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> places = places_of(opr.load_network("crossings"))
    >>> places.of["AFG-PAK-TORK@AFG"] == places.of["AFG-PAK-TORK@PAK"]
    True
    """
    points = getattr(net.nodes, "geometry", None)
    if points is not None and points.crs is not None:
        points = points.to_crs(4326)
    of: dict[str, str] = {}
    at: dict[str, tuple[float, float]] = {}
    first: dict[tuple[float, float], str] = {}
    for node, point in () if points is None else points.items():
        if point is None or point.is_empty:
            continue
        lon, lat = point.x, point.y
        place = first.setdefault((round(lon, _DIGITS), round(lat, _DIGITS)), str(node))
        of[str(node)] = place
        at.setdefault(place, (lon, lat))
    if not at:
        raise MapError(
            "no node of the network has a position: there is nothing to draw; "
            "give nodes the columns lon and lat, or a point geometry"
        )
    return Places(of, at)


def flowing(legs: pd.DataFrame, places: Places, families: Families) -> list[Move]:
    """List the flows of a fit, largest first.

    Parameters
    ----------
    legs : pandas.DataFrame
        ``from_node, to_node, flow_kg, low_kg, high_kg, leverage``; the last three may be missing.
    places : Places
        Where the nodes are.
    families : Families
        Named routes by pair of nodes.

    Returns
    -------
    list of Move
        Pairs of places without flow are left out. Bounds of a pair are the sums of its legs'
        bounds: right where its legs move together, too wide as a rule where they do not. The
        leverage of a pair is the mean over its legs, by kg.

    Raises
    ------
    MapError
        A node that a flow uses has no position, or a column is missing.

    Examples
    --------
    >>> from opiateroutes.maps.families import Families
    >>> legs = pd.DataFrame({"from_node": ["a", "a"], "to_node": ["b", "b"], "flow_kg": [1.0, 2.0]})
    >>> places = Places({"a": "a", "b": "b"}, {"a": (60.0, 30.0), "b": (65.0, 30.0)})
    >>> flowing(legs, places, Families((), {}))[0].kg
    3.0
    """
    table = _between_places(legs, places, "flow_kg")
    table["supported_kg"] = table["leverage"].fillna(0.0) * table["flow_kg"]
    pairs = _pairs(table, ["flow_kg", "low_kg", "high_kg", "supported_kg"])
    moves = [
        Move(
            str(start),
            str(end),
            float(row["flow_kg"]),
            _known(row["low_kg"]),
            _known(row["high_kg"]),
            families.group(str(row["from_node"]), str(row["to_node"])),
            bool(row["supported_kg"] >= MOSTLY * row["flow_kg"]),
        )
        for (start, end), row in pairs.iterrows()
    ]
    return sorted(moves, key=by_size)


def changed(displacement: pd.DataFrame, places: Places) -> list[Move]:
    """List the changes of flows, largest first, whatever their sign.

    Parameters
    ----------
    displacement : pandas.DataFrame
        ``from_node, to_node, change_kg``; ``change_low_kg`` and ``change_high_kg`` may be missing.
    places : Places
        Where the nodes are.

    Returns
    -------
    list of Move
        A change without a known interval counts as sure: there is nothing that says otherwise, and
        the map says that intervals are not known.

    Raises
    ------
    MapError
        A node that a change concerns has no position, or a column is missing.

    Examples
    --------
    >>> moved = pd.DataFrame({"from_node": ["a"], "to_node": ["b"], "change_kg": [-2.0]})
    >>> places = Places({"a": "a", "b": "b"}, {"a": (60.0, 30.0), "b": (65.0, 30.0)})
    >>> changed(moved, places)[0].group
    'loss'
    """
    table = _between_places(displacement, places, "change_kg")
    pairs = _pairs(table, ["change_kg", "change_low_kg", "change_high_kg"])
    moves = []
    for (start, end), row in pairs.iterrows():
        kg, low, high = (_known(row[c]) for c in ("change_kg", "change_low_kg", "change_high_kg"))
        crosses = low is not None and high is not None and low <= 0 <= high
        if kg:
            group = "gain" if kg > 0 else "loss"
            moves.append(Move(str(start), str(end), kg, low, high, group, not crosses))
    return sorted(moves, key=by_size)


def largest(moves: Sequence[Move], share: float) -> list[Move]:
    """Take the largest moves that make up a share of all that moves.

    Raises
    ------
    MapError
        The share is not above 0 and at most 1.

    Examples
    --------
    >>> moves = [Move("a", "b", kg, None, None, "none", True) for kg in (6.0, -3.0, 1.0)]
    >>> [move.kg for move in largest(moves, 0.9)], len(largest(moves, 1.0))
    ([6.0, -3.0], 3)
    """
    if not 0 < share <= 1:
        raise MapError(f"share={share!r}: give a share above 0 and at most 1, for example 0.9")
    total = sum(abs(move.kg) for move in moves)
    chosen: list[Move] = []
    running = 0.0
    for move in moves:
        # Rounding must not bring in one more.
        if share < 1 and running >= share * total * (1 - 1e-12):
            break
        chosen.append(move)
        running += abs(move.kg)
    return chosen


def through(moves: Sequence[Move]) -> dict[str, float]:
    """Add up what passes each place: what comes in or what goes out, whichever is more.

    Examples
    --------
    >>> through([Move("a", "b", 6.0, None, None, "none", True)])
    {'a': 6.0, 'b': 6.0}
    """
    into: dict[str, float] = {}
    out: dict[str, float] = {}
    for move in moves:
        out[move.start] = out.get(move.start, 0.0) + abs(move.kg)
        into[move.end] = into.get(move.end, 0.0) + abs(move.kg)
    return {
        place: max(into.get(place, 0.0), out.get(place, 0.0))
        for place in dict.fromkeys([*out, *into])
    }


def by_size(move: Move) -> tuple[float, str, str]:
    """Sort moves largest first.

    Examples
    --------
    >>> by_size(Move("a", "b", -2.0, None, None, "loss", True))
    (-2.0, 'a', 'b')
    """
    # Amounts that differ in their last bits only must not change places between computers.
    return -float(f"{abs(move.kg):.9g}"), move.start, move.end


def _between_places(table: pd.DataFrame, places: Places, value: str) -> pd.DataFrame:
    """Rows with an amount, with the place of each end; what stays at its place is left out."""
    needed = {"from_node", "to_node", value} - set(table.columns)
    if needed:
        raise MapError(f"the table of legs lacks the column(s) {', '.join(sorted(needed))}")
    optional = ["low_kg", "high_kg", "leverage", "change_low_kg", "change_high_kg"]
    found = table.reindex(columns=["from_node", "to_node", value, *optional])
    numbers = [value, *optional]
    found[numbers] = found[numbers].apply(pd.to_numeric, errors="coerce").astype("float64")
    found = found[np.isfinite(found[value]) & (found[value] != 0)].copy()
    ends = found[["from_node", "to_node"]].astype("string")
    unplaced = sorted({str(node) for node in ends.to_numpy().ravel()} - set(places.of))
    if unplaced:
        raise MapError(
            f"network.nodes has no position for {len(unplaced)} node(s) that flows use, "
            f"first: {', '.join(unplaced[:5])}; give them a point geometry"
        )
    found["start"], found["end"] = (ends[c].map(places.of) for c in ("from_node", "to_node"))
    return found[found["start"] != found["end"]].copy()


def _pairs(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    groups = table.groupby(["start", "end"], sort=True)
    # A missing bound makes the sum unknown: leaving it out would narrow the interval.
    sums: Any = (
        groups[columns].sum(min_count=1).where(groups[columns].count().eq(groups.size(), axis=0))
    )
    return pd.concat([sums, groups[["from_node", "to_node"]].first()], axis=1)


def _known(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
