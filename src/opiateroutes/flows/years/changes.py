"""Changes of flows between two years, each with an interval and a class by a printed rule."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.units import format_kg

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BEYOND", "CLASSES", "NOTHING", "Changes"]

BEYOND = 1.25
"""Ratio from which a change counts: a published figure of medium confidence is uncertain by as much
(``relative_sd`` in evidence/parameters), so that less is within what the reports can tell."""

NOTHING = 1e-12
"""Share of the supply up to which a leg carries nothing: evidence that closes a leg leaves rounding
on it, of about 1e-15."""

CLASSES = (
    "rises",
    "falls",
    "steady",
    "appears",
    "ends",
    "not distinguishable",
    "no interval",
    "no flow",
)
"""All classes, in the order in which they are counted."""

_SHOWN = 6
_CANCELLED = (
    "intervals of the ratio from {} pairs of draws: costs, prior rates, noise of the legs and "
    "shared causes of error are the same in both years, and cancel"
)
_NOT_CANCELLED = (
    "intervals of the ratio to first order, as if nothing were shared: costs, prior rates and "
    "noise of the legs, which are the same in both years, do not cancel, so that the intervals are "
    "too wide; draws= makes them right"
)


@dataclass(frozen=True, eq=False, repr=False)
class Changes:
    """Changes on all legs between two years; see `FlowYears.changes`.

    Parameters
    ----------
    table
        Index ``leg``; ``from_node``, ``to_node``, ``mode``, ``base_kg``, ``other_kg``, ``ratio``
        (other over base, missing where there is no flow in the base year), its 90 % interval
        ``ratio_low`` and ``ratio_high``, ``change`` (the class) and ``leverage`` (the smaller of
        both years: how much of the pair is evidence).
    base, other
        The years.
    beyond
        Ratio from which a change counts.
    pairs
        Pairs of draws behind the intervals; 0 where these are to first order.
    """

    table: pd.DataFrame
    base: int
    other: int
    beyond: float
    pairs: int

    @property
    def rule(self) -> str:
        """The rule by which changes are classed, in words."""
        above, below = f"{self.beyond:.4g}", f"{1 / self.beyond:.4g}"
        return (
            f"rises: the 90 % interval of the ratio lies above 1 and the ratio is at least {above};"
            f" falls: the interval lies below 1 and the ratio is at most {below};"
            f" steady: the interval lies within {below} to {above};"
            f" appears, ends: in one year the leg carries at most {NOTHING:g} of the supply;"
            " not distinguishable: anything else (the interval allows such a change, and less)"
        )

    @property
    def counts(self) -> pd.Series:
        """How many legs are in each class; index ``change``."""
        counts = self.table["change"].value_counts()
        return counts.reindex(CLASSES).fillna(0).astype("int64").rename_axis("change")

    @property
    def intervals(self) -> str:
        """How the intervals were made, in words."""
        return _CANCELLED.format(f"{self.pairs:,}") if self.pairs else _NOT_CANCELLED

    def largest(self, count: int) -> pd.DataFrame:
        """Return the rows with the largest flow in either of the years."""
        size = self.table[["base_kg", "other_kg"]].max(axis=1)
        order = size.sort_values(ascending=False, kind="stable").index
        return self.table.loc[order[:count]]

    def summary(self) -> str:
        """Say how many legs are in each class, by which rule, and what the largest do.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> years = opr.estimate_years(opr.load_network(), [2022, 2023])
        >>> print(years.changes(2022, 2023).summary().splitlines()[0])
        Changes of flows on legs, 2022 to 2023
        """
        found = ", ".join(f"{number} {name}" for name, number in self.counts.items() if number)
        lines = [
            f"Changes of flows on legs, {self.base} to {self.other}",
            found or "no legs",
            f"rule: {self.rule}",
            self.intervals,
            *(
                f"{row.from_node} to {row.to_node} ({row.mode}): {format_kg(row.base_kg)} to "
                f"{format_kg(row.other_kg)}, {_ratio(row)}: {row.change}"
                for row in self.largest(_SHOWN).itertuples()
            ),
        ]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Changes {self.base} to {self.other} on {len(self.table)} legs>"

    def _repr_html_(self) -> str:
        head, found, *notes = (escape(line) for line in self.summary().splitlines()[:4])
        rows = "".join(
            f"<tr><td style='text-align:left'>{escape(str(row.from_node))} &rarr; "
            f"{escape(str(row.to_node))} ({escape(str(row.mode))})</td>"
            f"<td>{escape(format_kg(row.base_kg))}</td><td>{escape(format_kg(row.other_kg))}</td>"
            f"<td>{escape(_ratio(row))}</td><td>{escape(str(row.change))}</td></tr>"
            for row in self.largest(_SHOWN).itertuples()
        )
        heads = ("largest flows", str(self.base), str(self.other), "ratio", "change")
        return (
            f"<div><strong>{head}</strong><br>{found}<table style='margin-top:4px'><thead><tr>"
            f"{''.join(f'<th>{name}</th>' for name in heads)}</tr></thead><tbody>{rows}</tbody>"
            f"</table><small>{'<br>'.join(notes)}</small></div>"
        )


def _ratio(row: object) -> str:
    ratio, low, high = (float(getattr(row, n)) for n in ("ratio", "ratio_low", "ratio_high"))
    if np.isnan(low):
        return "no ratio" if np.isnan(ratio) else f"ratio {ratio:.3g}"
    return f"ratio {ratio:.3g} (90 % interval {low:.3g} to {high:.3g})"
