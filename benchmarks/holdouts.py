# ruff: noqa: INP001 - started by itself
"""Real figures that the estimate has not seen: sources left out, later editions, prior weights.

Run ``python benchmarks/holdouts.py``. What is printed are the tables of ``docs/validation.md``, for
the network of countries and the years 2008, 2010 and 2019.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import opiateroutes as opr

if TYPE_CHECKING:
    import pandas as pd

VINTAGES = {2008: 2009, 2010: 2011, 2019: 2021}
"""Year and the last edition that an early estimate may read."""

_LEGS = 8


def markdown(table: pd.DataFrame, heads: list[str]) -> str:
    """Write a table with one index as markdown."""
    rows = [
        heads,
        ["---"] * len(heads),
        *([str(cell) for cell in row] for row in table.itertuples()),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def of_holdout(found: opr.Holdout, year: int) -> str:
    """Write the summary of one holdout, one row a group and kind."""
    lines = []
    for (left_out, kind), row in found.summary.iterrows():
        cells = (
            str(year),
            str(left_out),
            str(kind),
            f"{row['rows']:.0f}",
            f"{row['inside']:.0%}",
            f"{row['mean_error_sigmas']:+.1f}",
            f"{row['typical_factor']:.1f}",
            f"{row['mean_log_score']:.1f}",
            f"{row['figure_kg'] / 1000:,.1f}",
            f"{row['predicted_kg'] / 1000:,.1f}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def heads(first: str) -> str:
    """Write the head of the table of a holdout."""
    columns = [
        *("year", first, "kind", "rows", "inside 90 %", "mean error, sigmas", "typical factor"),
        *("log score", "figures, t", "predicted, t"),
    ]
    return f"| {' | '.join(columns)} |\n| {' | '.join(['---'] * len(columns))} |"


def of_weights(found: opr.PriorWeights) -> str:
    """Write the largest legs and the misfit for each weight of the prior."""
    legs = found.legs.head(_LEGS)
    cells = legs[[]].copy()
    for n in found.fits:
        flow, low, high = (legs[f"{name}_n{n:g}_kg"] / 1000 for name in ("flow", "low", "high"))
        cells[f"n{n:g}"] = [
            f"{f:,.0f} ({a:,.0f} to {b:,.0f})" for f, a, b in zip(flow, low, high, strict=True)
        ]
    cells["factor"] = legs["factor"].map("{:.1f}".format)
    names = [f"N = {n:g}, t" for n in found.fits]
    misfit = (
        found.misfit["rms_sigmas"]
        .reset_index()
        .pivot_table(index="kind", columns="n_effective", values="rms_sigmas")
    )
    return (
        f"{markdown(cells, ['leg', *names, 'factor'])}\n\n"
        f"{markdown(misfit.map('{:.2f}'.format), ['misfit, rms sigmas', *names])}"
    )


def main() -> None:
    """Print all tables."""
    net = opr.load_network()
    evidence = {year: opr.load_evidence(year) for year in VINTAGES}
    sys.stdout.write(f"Sources\n\n{heads('left out')}\n")
    for year, figures in evidence.items():
        sys.stdout.write(of_holdout(opr.leave_one_source_out(net, figures), year) + "\n")
    sys.stdout.write(f"\nVintages\n\n{heads('published later')}\n")
    for year, edition in VINTAGES.items():
        sys.stdout.write(of_holdout(opr.vintage_holdout(net, year, edition=edition), year) + "\n")
    for year, figures in evidence.items():
        sys.stdout.write(
            f"\nPrior weights, {year}\n\n{of_weights(opr.prior_weights(net, figures))}\n"
        )


if __name__ == "__main__":
    main()
