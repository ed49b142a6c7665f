"""Scales: kg to arrow width and circle radius, and the round values a legend prints.

Widths are linear in kg and circle areas are linear in kg, so that a reader may compare by eye. Only
the thinnest line breaks the rule, because a line below one pixel cannot be seen; the legend says
from which amount on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

MAX_WIDTH_PX = 20.0
MIN_WIDTH_PX = 1.1
MAX_RADIUS_PX = 11.0
MIN_RADIUS_PX = 2.6


def floor_to_step(value: float) -> float:
    """Round down to 1, 2 or 5 times a power of ten.

    Parameters
    ----------
    value : float
        Any amount; 0 and negative amounts give 0.

    Returns
    -------
    float
        The largest such number that is not above ``value``.

    Examples
    --------
    >>> floor_to_step(163_000.0)
    100000.0
    >>> floor_to_step(0.7)
    0.5
    """
    if not value > 0 or math.isinf(value):
        return 0.0
    power = math.floor(math.log10(value))
    # Two powers above and below: the logarithm may round across a power of ten.
    steps = (
        float(f"{step}e{near}") for near in (power + 1, power, power - 1) for step in (5, 2, 1)
    )
    return next((step for step in steps if step <= value), 0.0)


def reference_values(largest: float) -> tuple[float, ...]:
    """Three round amounts for a legend, largest first.

    Parameters
    ----------
    largest : float
        Largest amount on the map, in kg.

    Returns
    -------
    tuple of float
        In kg; empty where nothing flows.

    Examples
    --------
    >>> reference_values(163_000.0)
    (100000.0, 20000.0, 10000.0)
    """
    top = floor_to_step(largest)
    if top == 0:
        return ()
    return (top, floor_to_step(top / 4), floor_to_step(top / 10))


@dataclass(frozen=True)
class Scale:
    """Widths and radii at the home zoom, in pixels.

    Attributes
    ----------
    px_per_kg : float
        Arrow width in pixels for one kg.
    radius_per_sqrt_kg : float
        Circle radius in pixels for the square root of one kg.
    thinnest_kg : float
        Below this amount an arrow has the minimum width.
    references_kg : tuple of float
        Amounts that the legend draws.
    """

    px_per_kg: float
    radius_per_sqrt_kg: float
    thinnest_kg: float
    references_kg: tuple[float, ...]

    @classmethod
    def fitted(cls, *, largest_flow_kg: float, largest_node_kg: float) -> Scale:
        """Scale on which the largest flow and the largest node have the maximum size.

        Parameters
        ----------
        largest_flow_kg, largest_node_kg : float
            In kg; 0 is allowed (an empty map).

        Returns
        -------
        Scale
            Ready to be written into the map.

        Examples
        --------
        >>> Scale.fitted(largest_flow_kg=200_000, largest_node_kg=0).px_per_kg
        0.0001
        """
        slope = MAX_WIDTH_PX / largest_flow_kg if largest_flow_kg > 0 else 0.0
        return cls(
            px_per_kg=slope,
            radius_per_sqrt_kg=MAX_RADIUS_PX / math.sqrt(largest_node_kg)
            if largest_node_kg > 0
            else 0.0,
            thinnest_kg=MIN_WIDTH_PX / slope if slope else 0.0,
            references_kg=reference_values(largest_flow_kg),
        )

    def payload(self) -> dict[str, object]:
        """Return the numbers the browser needs, sizes in pixels and amounts in kg."""
        return {
            "pxPerKg": self.px_per_kg,
            "minPx": MIN_WIDTH_PX,
            "radiusPerSqrtKg": self.radius_per_sqrt_kg,
            "minRadius": MIN_RADIUS_PX,
            "maxRadius": MAX_RADIUS_PX,
            "thinnestKg": self.thinnest_kg,
            "references": list(self.references_kg),
        }
