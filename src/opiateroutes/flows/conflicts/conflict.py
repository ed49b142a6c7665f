"""One conflict: a minimal set of rows, by how much they clash, what leaving one out does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from opiateroutes.flows.conflicts.minimal_set import minimal_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opiateroutes.flows.conflicts.demands import Demands

__all__ = ["WEIGHTS", "Conflict", "between", "conflict_among", "kilograms", "table_of"]

WEIGHTS = ("supply", "demand", "seizures", "flows")
"""Tables whose figures are weights; the rows of others are differences that should be 0 kg."""

_TRIED_FIRST = ("supply", "demand", "seizure")
_LARGE, _HUGE = 1e6, 1e15


@dataclass(frozen=True, eq=False)
class Conflict:
    """Rows that cannot hold together, none of them in vain.

    Parameters
    ----------
    clash_kg
        The least total change of their figures that makes them fit.
    rows
        Index ``row``; ``low_kg`` and ``high_kg`` (between what it should lie; equal if exact),
        ``rest_fits`` (whether all other rows fit without it), ``least_kg`` and ``most_kg`` (what it
        could then be; given the others of this set, if more than this set clashes).
    """

    clash_kg: float
    rows: pd.DataFrame

    def figure(self, row: str) -> str:
        """Write what a row should be."""
        if table_of(row) not in WEIGHTS:
            return "as given"
        return between(self.rows.at[row, "low_kg"], self.rows.at[row, "high_kg"])

    def without(self, row: str) -> str:
        """Say what leaving a row out does."""
        found = self.rows.loc[row]
        known = table_of(row) in WEIGHTS
        could = between(found["least_kg"], found["most_kg"])
        if found["rest_fits"]:
            return f"without it the rest fits{f', and it would be {could}' if known else ''}"
        beside = f"; beside the rest of this set it would be {could}" if known else ""
        return f"without it others still clash{beside}"

    def says(self) -> str:
        """Name the rows with their figures, and the clash."""
        named = [f"{row} ({self.figure(row)})" for row in self.rows.index]
        if len(named) == 1:
            return f"{named[0]} is {kilograms(self.clash_kg)} from anything that flows can be"
        return (
            f"{', '.join(named[:-1])} and {named[-1]} clash by {kilograms(self.clash_kg)} "
            "(the least total change that makes them fit)"
        )

    def failures(self) -> pd.DataFrame:
        """Return the rows as a table of failures, for an error."""
        exact = self.rows["low_kg"] == self.rows["high_kg"]
        weights = [table_of(row) in WEIGHTS for row in self.rows.index]
        columns = np.where(exact, "best_kg", "low_kg to high_kg")
        others = "the others of this set" if len(self.rows) > 1 else "the network"
        return pd.DataFrame(
            {
                "table": [table_of(row) for row in self.rows.index],
                "row": list(self.rows.index),
                "column": np.where(weights, columns, "best"),
                "value": [self.figure(row) for row in self.rows.index],
                "rule": f"cannot hold together with {others}",
                "hint": [self.without(row) for row in self.rows.index],
                "clash_kg": self.clash_kg,
                **{column: self.rows[column].to_numpy() for column in self.rows},
            }
        )


def conflict_among(demands: Demands, rows: Sequence[int] | None = None) -> Conflict | None:
    """Find a minimal set of rows that cannot hold together.

    Sets without the supply are preferred, then those without exits: rows are tried in the order
    supply, demand, seizures, others, each by name, so that the order of a table does not matter.

    Parameters
    ----------
    demands
        All rows.
    rows
        Positions of those that count; all by default.

    Returns
    -------
    Conflict or None
        None if all fit.
    """
    every = range(len(demands.names)) if rows is None else rows
    chosen = sorted(every, key=lambda row: _order(demands, row))
    found = minimal_set(chosen, demands.fit)
    if not found:
        return None
    table = []
    for row in found:
        others = [other for other in chosen if other != row]
        rest_fits = demands.fit(others)
        given = others if rest_fits else [other for other in found if other != row]
        bounds = span = (np.nan, np.nan)
        if table_of(str(demands.names[row])) in WEIGHTS:
            bounds, span = demands.bounds_kg(row), demands.range_kg(row, given)
        table.append((*bounds, rest_fits, *span))
    columns = ["low_kg", "high_kg", "rest_fits", "least_kg", "most_kg"]
    index = pd.Index([str(demands.names[row]) for row in found], name="row")
    return Conflict(demands.clash_kg(found), pd.DataFrame(table, index=index, columns=columns))


def table_of(row: str) -> str:
    """Return the table that a row stands in.

    Examples
    --------
    >>> table_of("seizure:IRN"), table_of("demand:IRN")
    ('seizures', 'demand')
    """
    kind = row.partition(":")[0]
    return kind if kind in ("supply", "demand", "interception") else f"{kind}s"


def _order(demands: Demands, row: int) -> tuple[int, str]:
    name = str(demands.names[row])
    kind = name.partition(":")[0]
    rank = _TRIED_FIRST.index(kind) if kind in _TRIED_FIRST else len(_TRIED_FIRST)
    return rank, name


def kilograms(quantity: float) -> str:
    """Write a weight to six digits: a clash may be small beside the figures.

    Examples
    --------
    >>> kilograms(1234567.8), kilograms(0.25)
    ('1,234,568 kg', '0.25 kg')
    """
    whole = _LARGE <= abs(quantity) < _HUGE
    return f"{quantity:,.0f} kg" if whole else f"{quantity:,.6g} kg"


def between(least: float, most: float) -> str:
    """Write a range of weights.

    Examples
    --------
    >>> between(1, 2), between(2, 2), between(0, 3), between(4, np.inf), between(0, np.inf)
    ('1 kg to 2 kg', '2 kg', 'at most 3 kg', 'at least 4 kg', 'anything')
    """
    ends = kilograms(least), kilograms(most)
    if ends[0] == ends[1]:
        return ends[0]
    if most == np.inf:
        return "anything" if least <= 0 else f"at least {kilograms(least)}"
    return f"at most {ends[1]}" if least <= 0 else f"{ends[0]} to {ends[1]}"
