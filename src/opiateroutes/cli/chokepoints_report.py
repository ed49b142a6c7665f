"""``opiateroutes chokepoints report``: the chokepoints of a year as a document."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from opiateroutes.cli.options import AsJson, Folders, Level, Year
from opiateroutes.cli.screen import show_json, steps

__all__ = ["chokepoints_report"]


def chokepoints_report(
    out: Annotated[Path, typer.Option(help="The file to write: .html, .pdf, .docx or .xlsx.")],
    year: Year = 2010,
    *,
    level: Level = "countries",
    lang: Annotated[str, typer.Option(help="Language of the report: en or fr.")] = "en",
    effort: Annotated[
        float,
        typer.Option(min=0.0, max=1.0, help="Share stopped in addition, for example 0.3."),
    ] = 0.5,
    draws: Annotated[
        int,
        typer.Option(min=0, help="Sample so many draws; 0: none, then nothing is ranked."),
    ] = 512,
    evidence: Folders = None,
    as_json: AsJson = False,
) -> None:
    """Write a report: summary, maps, ranked table, displacement, best sets, sources and limits.

    Ranks are printed with their stability over the draws, or not at all.

    Example: opiateroutes chokepoints report --year 2015 --lang fr --out report.html
    """
    import opiateroutes as opr
    from opiateroutes.reports import chokepoint_report
    from opiateroutes.reports.saving import require_saveable
    from opiateroutes.reports.wording import wording

    require_saveable(out)
    wording(lang)  # a language that there is not is refused before the long part
    if draws == 1:
        raise typer.BadParameter("one draw has no spread: 0, or 2 and more", param_hint="--draws")
    with steps(["estimate flows", "find chokepoints", "write"]) as step:
        next(step)
        net, figures = opr.load_network(level), opr.load_evidence(year, paths=evidence or ())
        result = (
            # Independent draws can say which inputs decide the order; Sobol points cannot.
            opr.sample_flows(net, figures, draws=draws, points="independent")
            if draws
            else opr.estimate_flows(net, figures)
        )
        next(step)
        report = chokepoint_report(result, effort=effort, language=lang)
        next(step)
        report.save(out)
    about = {"file": str(out), "bytes": out.stat().st_size}
    if as_json:
        show_json({**about, "year": year, "level": level, "language": lang, "draws": draws})
        return
    typer.echo(f"wrote {out} ({out.stat().st_size / 1e6:.2f} MB)")
