"""Named route families of a leg, with the colours that stand for them.

A leg belongs to a family if its two ends follow each other in one of the family's published
sequences. A leg in several families is shared trunk: giving it the colour of one of them would
claim what nobody published.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

SHARED = "shared"
UNNAMED = "none"

# Largest distances under normal and colour-blind vision among the palettes measured; at least 3:1
# on the land colour.
COLOURS = {"Balkan": "#D55E00", "Northern": "#0072B2", "Southern": "#009E73", "Caucasus": "#7A2A6A"}
SPARE_COLOURS = ("#8C6D00", "#5B4FA2", "#9B2D4A", "#2F6B6B")


@dataclass(frozen=True)
class Families:
    """Families by pair of nodes.

    Attributes
    ----------
    names : tuple of str
        Families in a fixed order: those with a reserved colour first, then by name.
    by_pair : dict
        (from place, to place) -> names of the families that run over this pair.
    place_of : dict
        Place of a node where that is not the node itself: published sequences name countries, and
        a crossing lies in one.
    """

    names: tuple[str, ...]
    by_pair: dict[tuple[str, str], tuple[str, ...]]
    place_of: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_routes(cls, routes: pd.DataFrame, place_of: dict[str, str] | None = None) -> Families:
        """Read the sequences of ``opiateroutes.data.load_routes()``.

        Parameters
        ----------
        routes : pandas.DataFrame
            Columns ``family`` and ``nodes`` (ids joined by ``>``).
        place_of : dict, optional
            Place of each node.

        Returns
        -------
        Families
            Every consecutive pair with its families.

        Examples
        --------
        >>> import pandas as pd
        >>> table = pd.DataFrame({"family": ["Balkan", "Southern"], "nodes": ["A>B>C", "A>B>D"]})
        >>> Families.from_routes(table).of("A", "B")
        ('Balkan', 'Southern')
        """
        found: dict[tuple[str, str], set[str]] = {}
        for family, nodes in zip(routes["family"], routes["nodes"], strict=True):
            for pair in pairwise(str(nodes).split(">")):
                found.setdefault(pair, set()).add(str(family))
        present = {name for names in found.values() for name in names}
        order = [name for name in COLOURS if name in present] + sorted(present - set(COLOURS))
        by_pair = {
            pair: tuple(name for name in order if name in names) for pair, names in found.items()
        }
        return cls(tuple(order), by_pair, place_of or {})

    def of(self, start: str, end: str) -> tuple[str, ...]:
        """Families of one directed pair, empty where no published route runs over it.

        A pair inside one place belongs to all families that pass that place.
        """
        pair = self.place_of.get(start, start), self.place_of.get(end, end)
        if pair[0] != pair[1]:
            return self.by_pair.get(pair, ())
        passing = {
            name for known, names in self.by_pair.items() if pair[0] in known for name in names
        }
        return tuple(name for name in self.names if name in passing)

    def group(self, start: str, end: str) -> str:
        """Legend group of one directed pair: a family, ``shared`` or ``none``."""
        families = self.of(start, end)
        if not families:
            return UNNAMED
        return families[0] if len(families) == 1 else SHARED

    def payload(self) -> list[dict[str, str]]:
        """Return the legend groups in drawing order, each with id, text and colour."""
        spare = iter(SPARE_COLOURS)
        groups = [
            {
                "id": name,
                "text": f"{name} route",
                "colour": COLOURS.get(name) or next(spare, "#555555"),
            }
            for name in self.names
        ]
        shared = {"id": SHARED, "text": "Shared by several routes", "colour": "#333333"}
        unnamed = {"id": UNNAMED, "text": "No named route", "colour": "#7D868C"}
        return [*groups, shared, unnamed]
