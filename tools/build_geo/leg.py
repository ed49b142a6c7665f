"""One directed leg between two country nodes."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Leg:
    """One directed leg.

    Attributes
    ----------
    from_node, to_node : str
        The two ends.
    mode : str
        ``land``, ``sea`` or ``air``.
    metres : float
        Schematic length.
    crossings : int
        Listed crossings (land) or port pairs (sea); 0 by air.
    points : tuple of str
        Listed points that the leg rests on.
    why : str
        Why the leg exists.
    source : str
        Identifiers of the sources, as in the manifest.
    """

    from_node: str
    to_node: str
    mode: str
    metres: float
    crossings: int
    points: tuple[str, ...]
    why: str
    source: str

    def there_and_back(self) -> list[Leg]:
        """Return this leg and the same leg in the other direction."""
        return [self, replace(self, from_node=self.to_node, to_node=self.from_node)]

    def row(self) -> dict[str, str | int]:
        """Return the leg as a row of ``legs.csv``."""
        return {
            "leg": f"{self.from_node}>{self.to_node}:{self.mode}",
            "from_node": self.from_node,
            "to_node": self.to_node,
            "mode": self.mode,
            "distance_km": f"{self.metres / 1000:.1f}",
            "crossings": self.crossings,
            "points": ";".join(sorted(self.points)),
            "why": self.why,
            "source": self.source,
        }
