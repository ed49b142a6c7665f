"""``opiateroutes chokepoints``: where the network narrows, as a table."""

from __future__ import annotations

from typing import Annotated

import typer

from opiateroutes.cli.flows import place_names
from opiateroutes.cli.options import AsJson, Folders, Level, Out, Top, Year
from opiateroutes.cli.screen import records, show_json, show_table

__all__ = ["chokepoints"]

_NOTE = (
    "Reaction 0: nobody goes round the place; 4: strongly. A drop can fall with effort or turn "
    "negative: displaced flows may meet less enforcement elsewhere. Ranks carry no interval: "
    "places with similar drops are not told apart."
)


def chokepoints(
    year: Year = 2010,
    *,
    effort: Annotated[
        float,
        typer.Option(min=0.0, max=1.0, help="Share stopped in addition, for example 0.3."),
    ] = 0.5,
    level: Level = "countries",
    evidence: Folders = None,
    out: Out = None,
    top: Top = 15,
    as_json: AsJson = False,
) -> None:
    """Rank places by the drop in what reaches consumers, for four strengths of reaction.

    Reaction 0: traffickers do not go round the enforcement; 4: strongly.

    Example: opiateroutes chokepoints --year 2017 --effort 0.3 --out chokepoints.csv
    """
    import opiateroutes as opr
    from opiateroutes.data import TABLE_FORMATS, require_writable, write_table

    if out is not None:
        require_writable(out, TABLE_FORMATS)
    net = opr.load_network(level)
    fit = opr.estimate_flows(net, opr.load_evidence(year, paths=evidence or ()))
    found = opr.find_chokepoints(fit, effort=effort)
    if out is not None:
        write_table(found.table, out)
    if as_json:
        show_json(
            {"year": year, "level": level, "effort": effort, "chokepoints": records(found.table)}
        )
        return
    if out is not None:
        typer.echo(f"wrote {out} ({len(found.table)} rows)")
        return
    ranking = found.ranking()
    names = place_names(net, level)
    heads, rows = ["place"], [[names[node]] for node in ranking.index[:top]]
    for k in found.reactions:
        heads.append(f"reaction {k:g}")
        columns = zip(ranking[f"drop_share_{k:g}"], ranking[f"rank_{k:g}"], strict=True)
        for cells, (drop, rank) in zip(rows, columns, strict=False):
            cells.append(f"{drop:.1%} ({rank})")
    title = (
        f"Estimated drop in delivered heroin {year} (and rank) if {effort:.0%} more is stopped at "
        f"each visit, in order of reaction {found.ordered_by:g}"
    )
    show_table(title, heads, rows, note=_NOTE)
