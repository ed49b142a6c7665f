"""Conversions and assumptions: each a row with low, best and high, looked up by scope."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from opiateroutes.data import nearest, read_evidence_table
from opiateroutes.errors import UnknownNameError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Z90", "Parameters", "Value", "load_parameters"]

Z90 = 1.6448536269514722
"""95 % point of the normal distribution: published bounds are read as a 90 % interval."""


@dataclass(frozen=True)
class Value:
    """A number with bounds and where it comes from."""

    best: float
    low: float
    high: float
    source: str
    note: str = ""

    @property
    def relative_sd(self) -> float:
        """Standard deviation as a share of the best value, the bounds read as a 90 % interval."""
        if self.best == 0 or math.isnan(self.low) or math.isnan(self.high):
            return 0.0
        return (self.high - self.low) / (2 * Z90) / abs(self.best)


@dataclass(frozen=True)
class Parameters:
    """Values by parameter and scope; the narrowest scope wins: node, then subregion, then all."""

    values: dict[tuple[str, str], Value]
    subregions: dict[str, str]

    def get(self, parameter: str, scope: str = "*") -> Value:
        """Look a value up.

        Parameters
        ----------
        parameter
            Name of the parameter.
        scope
            A node, a subregion, or another scope of the table; ``"*"`` for the general value.

        Returns
        -------
        Value
            The value with the narrowest scope that covers ``scope``.

        Raises
        ------
        UnknownNameError
            If there is no such parameter for this scope.

        Examples
        --------
        >>> load_parameters().get("opium_per_heroin").best
        8.5
        """
        return self.values[parameter, self.scope(parameter, scope)]

    def scope(self, parameter: str, scope: str) -> str:
        """Find the scope that a value is looked up at: that of the parameter that applies.

        Parameters
        ----------
        parameter, scope
            As in `get`.

        Returns
        -------
        str
            The node itself, its subregion or ``"*"``.

        Raises
        ------
        UnknownNameError
            If there is no such parameter for this scope.

        Examples
        --------
        >>> load_parameters().scope("afghan_share", "DEU")
        'Western and Central Europe'
        """
        for key in (scope, self.subregions.get(scope, "*"), "*"):
            if (parameter, key) in self.values:
                return key
        known = sorted({name for name, _ in self.values})
        raise UnknownNameError(
            f"no parameter {parameter!r} for {scope!r}{nearest(parameter, known)}"
        )

    def with_value(self, parameter: str, value: float) -> Parameters:
        """Return the parameters with the general value of one of them fixed.

        Examples
        --------
        >>> load_parameters().with_value("opium_per_heroin", 7.0).get("opium_per_heroin").best
        7.0
        """
        fixed = Value(value, value, value, "as given")
        return replace(self, values={**self.values, (parameter, "*"): fixed})


@functools.cache
def load_parameters() -> Parameters:
    """Read the shipped parameters.

    Examples
    --------
    >>> load_parameters().get("afghan_share", "DEU").best
    0.97
    """
    table = read_evidence_table("parameters")
    values = {
        (row.parameter, row.scope): Value(
            float(row.best), float(row.low), float(row.high), row.source, _text(row.note)
        )
        for row in table.itertuples()
    }
    regions = read_evidence_table("regions")
    subregions = dict(zip(regions["node"], regions["subregion"], strict=True))
    return Parameters(values, subregions)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def relative_sd(confidence: pd.Series, parameters: Parameters) -> pd.Series:
    """Spread of figures that were published without bounds, by confidence."""
    levels = {c: parameters.get("relative_sd", c).best for c in ("high", "medium", "low")}
    return confidence.map(levels).fillna(levels["low"]).astype("float64")
