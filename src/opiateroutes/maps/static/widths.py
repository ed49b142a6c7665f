"""Widths of bands on paper: linear in kg, down to the thinnest line that a press prints."""

from __future__ import annotations

from dataclasses import dataclass

from opiateroutes.maps.scales import MAX_WIDTH_PX, Scale

__all__ = ["Widths"]

THINNEST_POINTS = 0.4
# At least so wide that the smallest reference, 4 % of the largest amount, is above the thinnest.
_LEAST_WIDEST, _MOST_WIDEST, _OF_MAP = 10.5, 17.0, 0.022


@dataclass(frozen=True)
class Widths:
    """Amounts to widths.

    Attributes
    ----------
    per_kg : float
        Points for one kg.
    references_kg : tuple of float
        Round amounts that the legend draws, largest first.
    """

    per_kg: float
    references_kg: tuple[float, ...]

    @classmethod
    def fitted(cls, *, largest_kg: float, map_width: float) -> Widths:
        """Make the largest amount as wide as a map of this width, in points, bears.

        Parameters
        ----------
        largest_kg : float
            Largest amount drawn; 0 is allowed.
        map_width : float
            In points.

        Returns
        -------
        Widths

        Examples
        --------
        >>> widths = Widths.fitted(largest_kg=170_000, map_width=500)
        >>> round(widths.of(170_000), 6), widths.of(1.0), widths.references_kg
        (11.0, 0.4, (100000.0, 20000.0, 10000.0))
        """
        scale = Scale.fitted(largest_flow_kg=largest_kg, largest_node_kg=0.0)
        widest = min(max(_OF_MAP * map_width, _LEAST_WIDEST), _MOST_WIDEST)
        per_kg = scale.px_per_kg * widest / MAX_WIDTH_PX
        return cls(per_kg, tuple(kg for kg in scale.references_kg if kg * per_kg > THINNEST_POINTS))

    @property
    def thinnest_kg(self) -> float:
        """Amount below which every band has the same width, in kg.

        Examples
        --------
        >>> Widths(0.001, ()).thinnest_kg
        400.0
        """
        return THINNEST_POINTS / self.per_kg if self.per_kg else 0.0

    def of(self, kg: float) -> float:
        """Width of an amount, whatever its sign, in points.

        Examples
        --------
        >>> Widths(0.001, ()).of(-5000.0)
        5.0
        """
        return max(abs(kg) * self.per_kg, THINNEST_POINTS)
