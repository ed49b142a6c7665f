"""``opiateroutes chokepoints``: where the network narrows, as a table; and its report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from opiateroutes.cli.chokepoints_report import chokepoints_report
from opiateroutes.cli.flows import place_names
from opiateroutes.cli.options import AsJson, Draws, Folders, Level, Out, Top, Year
from opiateroutes.cli.screen import records, show_json, show_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opiateroutes.chokepoints import Chokepoints

__all__ = ["chokepoints_app"]

_NOTE = (
    "Reaction 0: nobody goes round the place; 4: strongly. A drop can fall with effort or turn "
    "negative: displaced flows may meet less enforcement elsewhere."
)
_STABLE = "Last column: share of draws in which the place is among the first {top}, same reaction."
_NO_DRAWS = "Without draws nothing is known of how stable the order is."

chokepoints_app = typer.Typer(name="chokepoints", invoke_without_command=True)
chokepoints_app.command("report")(chokepoints_report)


@chokepoints_app.callback()
def chokepoints(
    context: typer.Context,
    year: Year = 2010,
    *,
    effort: Annotated[
        float,
        typer.Option(min=0.0, max=1.0, help="Share stopped in addition, for example 0.3."),
    ] = 0.5,
    draws: Draws = 256,
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
    if context.invoked_subcommand is not None:
        _refuse_options(context)
        return
    import opiateroutes as opr
    from opiateroutes.data import TABLE_FORMATS, require_writable, write_table

    if out is not None:
        require_writable(out, TABLE_FORMATS)
    net = opr.load_network(level)
    figures = opr.load_evidence(year, paths=evidence or ())
    result = (
        opr.sample_flows(net, figures, draws=draws) if draws else opr.estimate_flows(net, figures)
    )
    found = opr.find_chokepoints(result, effort=effort)
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
    heads, rows = _cells(found, place_names(net, level), top)
    title = (
        f"Estimated drop in delivered heroin {year}{' (90 % interval)' if draws else ''} if "
        f"{effort:.0%} more is stopped at each visit, in order of reaction {found.ordered_by:g}"
    )
    note = f"{_NOTE} {_STABLE.format(top=found.top) if draws else _NO_DRAWS}"
    show_table(title, heads, rows, note=note)


def _cells(
    found: Chokepoints, names: Mapping[str, str], top: int
) -> tuple[list[str], list[list[str]]]:
    """Write the ranking as it is shown: drops, with their intervals where there are draws."""
    ranking = found.ranking().head(top)
    drawn = found.ensemble is not None
    heads, rows = ["place"], [[names[node]] for node in ranking.index]
    for k in found.reactions:
        heads.append(f"reaction {k:g}")
        for cells, (_, row) in zip(rows, ranking.iterrows(), strict=True):
            text = f"{row[f'drop_share_{k:g}']:.1%}"
            if drawn:
                text += f" ({row[f'drop_low_{k:g}']:.1%} to {row[f'drop_high_{k:g}']:.1%})"
            cells.append(text)
    if drawn:
        heads.append(f"in first {found.top}")
        for cells, share in zip(rows, ranking[f"in_top_{found.ordered_by:g}"], strict=True):
            cells.append(f"{share:.0%}")
    return heads, rows


def _refuse_options(context: typer.Context) -> None:
    """Refuse options before a command of its own, which would not see them."""
    for option in context.command.params:
        source = context.get_parameter_source(option.name or "")
        if source is not None and source.name == "COMMANDLINE":
            raise typer.BadParameter(
                f"give it after the word {context.invoked_subcommand}",
                param_hint=f"'{option.opts[0]}'",
            )
