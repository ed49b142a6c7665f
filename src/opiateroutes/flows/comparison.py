"""The result of comparing estimates: a table, the legs, and how to read them."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.units import format_kg

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Comparison"]


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Estimates beside one another; see `compare`.

    Parameters
    ----------
    table
        Index ``method``; ``wape``, ``rank_correlation``, ``coverage``, ``legs_with_interval``,
        ``total_flow_kg``, ``supply_kg``, ``largest_difference_leg``, ``largest_difference_kg``
        (estimate less truth).
    legs
        One row a leg and method: ``leg``, ``method``, ``flow_kg``, ``low_kg``, ``high_kg``,
        ``truth_kg`` (missing where the truth says nothing).
    reference
        What stands for the truth.
    """

    table: pd.DataFrame
    legs: pd.DataFrame
    reference: str

    def summary(self) -> str:
        """Say in a few lines how far the estimates are from the truth.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> net, evidence = opr.load_network(), opr.load_evidence(2010)
        >>> fits = [
        ...     opr.estimate_flows(net, evidence, method=m)
        ...     for m in ("path_measure", "shortest_path")
        ... ]
        >>> opr.compare(fits).summary().splitlines()[0]
        '2 estimates of the flows on legs, against path_measure'
        """
        count = len(self.table)
        several = "s" if count != 1 else ""
        lines = [f"{count} estimate{several} of the flows on legs, against {self.reference}"]
        for row in self.table.itertuples():
            parts = [
                f"off by {_percent(row.wape)} of the flow",
                f"rank correlation {_number(row.rank_correlation)}",
            ]
            if not np.isnan(row.coverage):
                parts.append(f"intervals cover {_percent(row.coverage)} of legs")
            if row.largest_difference_leg:
                parts.append(
                    f"furthest off at {row.largest_difference_leg} "
                    f"({format_kg(row.largest_difference_kg)})"
                )
            lines.append(f"{row.Index}: {', '.join(parts)}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Comparison of {', '.join(self.table.index)} against {self.reference}>"

    def _repr_html_(self) -> str:
        heads = ("off by", "rank correlation", "covered", "total", "furthest off")
        rows = "".join(
            f"<tr><td style='text-align:left'>{escape(str(row.Index))}</td>"
            f"<td>{_percent(row.wape)}</td><td>{_number(row.rank_correlation)}</td>"
            f"<td>{_percent(row.coverage)}</td><td>{escape(format_kg(row.total_flow_kg))}</td>"
            f"<td style='text-align:left'>{escape(str(row.largest_difference_leg))} "
            f"({escape(format_kg(row.largest_difference_kg))})</td></tr>"
            for row in self.table.itertuples()
        )
        return (
            f"<div><strong>Flows on legs against {escape(self.reference)}</strong>"
            f"<table style='margin-top:4px'><thead><tr><th>estimate</th>"
            f"{''.join(f'<th>{head}</th>' for head in heads)}</tr></thead>"
            f"<tbody>{rows}</tbody></table></div>"
        )


def _percent(share: float) -> str:
    return "not known" if np.isnan(share) else f"{share:.1%}"


def _number(value: float) -> str:
    return "not known" if np.isnan(value) else f"{value:.2f}"
