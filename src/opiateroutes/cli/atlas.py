"""``opiateroutes atlas``: the map of one year in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from opiateroutes.cli.options import AsJson, Draws, Folders, Level, Year
from opiateroutes.cli.screen import show_json, steps

__all__ = ["atlas"]


def atlas(
    year: Year = 2010,
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("atlas.html"),
    level: Level = "countries",
    evidence: Folders = None,
    *,
    draws: Draws = 256,
    as_json: AsJson = False,
) -> None:
    """Draw the estimated flows and chokepoints of a year as one HTML file that works offline.

    Example: opiateroutes atlas --year 2015 --out atlas2015.html
    """
    with steps(["reading", "estimating", "ranking", "drawing", "writing"]) as step:
        next(step)
        import opiateroutes as opr
        from opiateroutes.data import require_writable

        require_writable(out, (".html", ".htm"))
        net, figures = opr.load_network(level), opr.load_evidence(year, paths=evidence or ())
        next(step)
        result = (
            opr.sample_flows(net, figures, draws=draws, progress=False)
            if draws
            else opr.estimate_flows(net, figures)
        )
        next(step)
        table = opr.find_chokepoints(result)
        fit = table.fit
        next(step)
        page = opr.explore(fit, chokepoints=table)
        next(step)
        page.save(out)
    if as_json:
        show_json(
            {
                "file": str(out),
                "bytes": out.stat().st_size,
                "year": year,
                "level": level,
                "supply_kg": fit.supply_kg,
                "supply_low_kg": fit.supply_low_kg,
                "supply_high_kg": fit.supply_high_kg,
                "gap": fit.certificate.gap,
                "balance": fit.certificate.balance,
                "chokepoints": table.ranking()["name"].head(10).tolist(),
            }
        )
        return
    typer.echo(fit.summary())
    typer.echo(f"wrote {out} ({out.stat().st_size / 1e6:.2f} MB); open it in any browser")
