"""The card that a notebook shows for a result."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from opiateroutes.units import format_kg, format_kg_interval

if TYPE_CHECKING:
    import pandas as pd

    from opiateroutes.flows.fit import FlowFit

__all__ = ["fit_card", "result_card"]

_SHOWN = 8


def fit_card(fit: FlowFit) -> str:
    """Show the summary and the largest flows of a fit in HTML; all text is escaped."""
    return result_card(fit.summary(), fit.legs, fit.nodes["name"])


def result_card(summary: str, legs: pd.DataFrame, names: pd.Series) -> str:
    """Show a summary and the largest of the flows in HTML; all text is escaped."""
    head, *rest = (escape(line) for line in summary.splitlines())
    largest = legs.sort_values("flow_kg", ascending=False).head(_SHOWN)
    rows = "".join(
        f"<tr><td style='text-align:left'>{escape(str(names[r.from_node]))} &rarr; "
        f"{escape(str(names[r.to_node]))} ({escape(str(r.mode))})</td>"
        f"<td>{escape(format_kg(r.flow_kg))}</td>"
        f"<td>{escape(format_kg_interval(r.low_kg, r.high_kg))}</td>"
        f"<td style='text-align:left'>{escape(str(r.rests_on))}</td></tr>"
        for r in largest.itertuples()
    )
    return (
        f"<div><strong>{head}</strong><br>{'<br>'.join(rest)}"
        "<table style='margin-top:4px'><thead><tr><th>largest flows</th><th>estimate</th>"
        f"<th>90 % interval</th><th>rests on</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )
