"""Chokepoints on a map of flows: which are drawn, where, with which number, and their key."""

from __future__ import annotations

import itertools
import string
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from opiateroutes.maps.static.bands import curve, is_drawable
from opiateroutes.maps.static.elements import element_name, places_of_element
from opiateroutes.maps.static.legend import Entry
from opiateroutes.maps.static.signs import CHOKEPOINT, Sign

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt

    from opiateroutes.maps.inputs import NetworkTables
    from opiateroutes.maps.static.flow_words import Words
    from opiateroutes.maps.static.moves import Places

    Floats = npt.NDArray[np.float64]

__all__ = ["Key", "chokepoint_key"]

_TOP = 5
_SWATCH = 10.0


@dataclass(frozen=True)
class Key:
    """Chokepoints that are drawn.

    Attributes
    ----------
    heading
        What the drops are.
    entries
        One for each chokepoint.
    spots
        (element, number or letter, places it consists of).
    """

    heading: str = ""
    entries: list[Entry] = field(default_factory=list)
    spots: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)

    def signs(self, at: Mapping[str, Floats]) -> list[Sign]:
        """Make the diamonds, of places whose position on paper is ``at``.

        A leg has its diamond on the curve that stands for it, a set of places in their middle.
        """
        found = []
        for element, number, places in self.spots:
            known = [at[place] for place in places if place in at]
            if not known:
                continue
            ends = known[0], known[-1]
            if len(known) == len(ends) and is_drawable(*ends):
                line = curve(*ends)
                x, y = line[len(line) // 2].tolist()
            else:
                x, y = np.mean(known, axis=0).tolist()
            found.append(Sign(element, CHOKEPOINT, x, y, number))
        return found


def chokepoint_key(
    chokepoints: Any,
    net: NetworkTables,
    places: Places,
    names: Mapping[str, str],
    words: Words,
) -> Key:
    """Choose the chokepoints to draw.

    Parameters
    ----------
    chokepoints : Chokepoints or None
        ``ranking()``, ``ordered_by``, ``effort`` and, if it has them, ``top`` and ``measured``.
    net, places, names, words : RouteNetwork, Places, mapping, Words
        Where elements are, and how they are called.

    Returns
    -------
    Key
        Ranks are printed only if the table knows how often an element is among the first
        (``in_top``). Without that the elements have letters, in the order of their names.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> from opiateroutes.maps.static.flow_words import words_in
    >>> from opiateroutes.maps.static.moves import places_of
    >>> net = opr.load_network("countries")
    >>> chokepoint_key(None, net, places_of(net), {}, words_in()).entries
    []
    """
    if chokepoints is None:
        return Key()
    ranking = chokepoints.ranking()
    at = f"{float(chokepoints.ordered_by):g}"
    measured = str(getattr(chokepoints, "measured", "drop"))
    first = ranking.head(int(getattr(chokepoints, "top", _TOP)))
    stable = _column(first, f"in_top_{at}").notna()
    rows = []
    for (element, row), is_stable in zip(first.iterrows(), stable, strict=True):
        spot = places_of_element(str(element), net, places)
        name = element_name(str(element), spot, net, names, words, given=row.get("name"))
        number = str(int(row[f"rank_{at}"])) if is_stable else ""
        rows.append((name, str(element), number, spot, _share(name, row, (measured, at), words)))
    if not stable.all():
        # Letters in the order of the names tell diamonds apart and say nothing of ranks.
        rows = [
            (name, element, letter, spot, drop)
            for letter, (name, element, _, spot, drop) in zip(
                _letters(), sorted(rows), strict=False
            )
        ]
    effort = getattr(chokepoints, "effort", None)
    heading = words.say(
        f"chokepoints_{measured}",
        effort=words.percent(_first(effort)),
        reaction=words.number(float(at)),
    )
    known = _column(first, f"{measured}_low_{at}").notna().any()
    heading = words.say("chokepoints_ranked", text=heading) if known else heading
    heading = heading if stable.all() else words.say("chokepoints_unranked", text=heading)
    entries = [_entry(drop, number, spot) for _, _, number, spot, drop in rows]
    spots = [(element, number, spot) for _, element, number, spot, _ in rows]
    return Key(heading, entries, spots) if rows else Key()


def _letters() -> Iterator[str]:
    """Yield a, b, ... z, aa, ab and so on."""
    for size in itertools.count(1):
        for letters in itertools.product(string.ascii_lowercase, repeat=size):
            yield "".join(letters)


def _column(table: pd.DataFrame, name: str) -> pd.Series[Any]:
    return table[name] if name in table else pd.Series(pd.NA, index=table.index, dtype="object")


def _first(effort: Any) -> float:
    return float(np.atleast_1d(np.asarray(effort, dtype=np.float64))[0])


def _entry(drop: str, number: str, spot: tuple[str, ...]) -> Entry:
    if spot:
        return Entry(CHOKEPOINT, drop, number, _SWATCH)
    # Without a place of its own there is no diamond on the map.
    return Entry(None, f"({number}) {drop}")


def _share(name: str, row: pd.Series[Any], column: tuple[str, str], words: Words) -> str:
    measured, at = column
    share = words.percent(float(row[f"{measured}_share_{at}"]))
    low, high = (row.get(f"{measured}_{bound}_{at}") for bound in ("low", "high"))
    if low is None or high is None or pd.isna(low) or pd.isna(high):
        return words.say("drop_plain", name=name, drop=share)
    low, high = words.percent(float(low)), words.percent(float(high))
    return words.say("drop", name=name, drop=share, low=low, high=high)
