"""``opiateroutes atlas``: the map of one year, or of several, in one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opiateroutes.cli.options import AsJson, Draws, Folders, Level, Year, Years, years_of
from opiateroutes.cli.screen import show_json, steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows import FlowEnsemble, FlowFit
    from opiateroutes.network import RouteNetwork

__all__ = ["atlas"]


def atlas(
    year: Year = 2010,
    years: Years = None,
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("atlas.html"),
    level: Level = "countries",
    evidence: Folders = None,
    *,
    draws: Draws = 256,
    as_json: AsJson = False,
) -> None:
    """Draw the estimated flows and chokepoints of a year as one HTML file that works offline.

    Of several years (--years 2005-2023) the page has a slider; with draws they take some minutes.

    Example: opiateroutes atlas --year 2015 --out atlas2015.html
    """
    asked = [year] if years is None else years_of(years)
    with steps(["reading", "estimating", "ranking", "drawing", "writing"]) as step:
        next(step)
        import opiateroutes as opr
        from opiateroutes.data import require_writable

        require_writable(out, (".html", ".htm"))
        net = opr.load_network(level)
        figures = {one: opr.load_evidence(one, paths=evidence or ()) for one in asked}
        next(step)
        estimated, skipped = _estimates(net, figures, draws)
        next(step)
        tables = {one: opr.find_chokepoints(result) for one, result in estimated.items()}
        first = year if year in tables else max(tables)
        fit = tables[first].fit
        next(step)
        shown = opr.FlowYears(estimated, skipped) if len(estimated) > 1 else estimated[first]
        page = opr.explore(shown, tables, first=first)
        next(step)
        page.save(out)
    for one, reason in skipped["reason"].items():
        typer.echo(f"{one} is left out: {reason}", err=True)
    if as_json:
        show_json(
            {
                "file": str(out),
                "bytes": out.stat().st_size,
                "year": first,
                "years": list(tables),
                "level": level,
                "supply_kg": fit.supply_kg,
                "supply_low_kg": fit.supply_low_kg,
                "supply_high_kg": fit.supply_high_kg,
                "gap": fit.certificate.gap,
                "balance": fit.certificate.balance,
                "chokepoints": tables[first].ranking()["name"].head(10).tolist(),
            }
        )
        return
    typer.echo(fit.summary())
    typer.echo(f"wrote {out} ({out.stat().st_size / 1e6:.2f} MB); open it in any browser")


def _estimates(
    net: RouteNetwork, figures: Mapping[int, Evidence], draws: int
) -> tuple[Mapping[int, FlowFit | FlowEnsemble], pd.DataFrame]:
    """Estimate each year; one alone as the other commands do. Also the years left out, and why."""
    import opiateroutes as opr

    if len(figures) == 1:
        import pandas as pd

        [(year, evidence)] = figures.items()
        alone = (
            opr.sample_flows(net, evidence, draws=draws, progress=False)
            if draws
            else opr.estimate_flows(net, evidence)
        )
        return {year: alone}, pd.DataFrame({"reason": []})
    several = opr.estimate_years(
        net, figures, evidence=figures, draws=draws or None, progress=False
    )
    return several.fits, several.skipped
