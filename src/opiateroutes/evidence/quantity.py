"""What a table of evidence measures: the unit in its columns, and the values that can be."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["KILOGRAMS", "LOG_RATIO", "RATE", "SHARE", "Quantity"]


class Quantity(NamedTuple):
    """A kind of figure.

    ``unit`` ends the names of its columns, ``aliases`` are other names for the best estimate, and
    ``least`` and ``most`` bound all values but standard deviations. ``compared`` tells that a
    figure is the logarithm of a ratio of two others, so that its spread does not grow with it.

    Examples
    --------
    >>> KILOGRAMS.columns
    ['best_kg', 'low_kg', 'high_kg', 'sd_kg']
    """

    unit: str
    aliases: tuple[str, ...]
    least: float = 0.0
    most: float = float("inf")
    compared: bool = False

    @property
    def best(self) -> str:
        """Column of the best estimate."""
        return f"best_{self.unit}"

    @property
    def low(self) -> str:
        """Column of the lower bound."""
        return f"low_{self.unit}"

    @property
    def high(self) -> str:
        """Column of the upper bound."""
        return f"high_{self.unit}"

    @property
    def sd(self) -> str:
        """Column of the standard deviation."""
        return f"sd_{self.unit}"

    @property
    def columns(self) -> list[str]:
        """Best estimate, bounds and standard deviation."""
        return [self.best, self.low, self.high, self.sd]


KILOGRAMS = Quantity("kg", ("value_kg", "kg", "quantity_kg"))
SHARE = Quantity("share", ("value_share", "share"), most=1.0)
RATE = Quantity("rate", ("value_rate", "rate"), most=1.0)
LOG_RATIO = Quantity("log_ratio", ("value_log_ratio", "log_ratio"), float("-inf"), compared=True)
