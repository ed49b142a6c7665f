"""``opiateroutes evidence``: what is known, by which publication, and what is not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opiateroutes.cli.evidence_import import import_file
from opiateroutes.cli.options import AsJson, Out
from opiateroutes.cli.screen import records, show_json, show_table

if TYPE_CHECKING:
    from opiateroutes.evidence import Coverage

__all__ = ["evidence_app"]

evidence_app = typer.Typer(
    name="evidence", help="Look at the evidence behind the estimates.", no_args_is_help=True
)

_YEARS = re.compile(r"(\d{4})(?:-(\d{4}))?")
_FIRST, _LAST = 1900, 2100
_NOTE = (
    "A gap means that no publication looked at has a figure: it is not a zero. --country and "
    "--kind show the years; --plot draws the grid."
)


evidence_app.command("import")(import_file)


@evidence_app.command("coverage")
def coverage(
    kind: Annotated[
        list[str] | None,
        typer.Option(help="Only this kind (repeatable): seizures, seizures_heroin, prices, ..."),
    ] = None,
    country: Annotated[
        list[str] | None, typer.Option(help="Only this country, code or name (repeatable).")
    ] = None,
    years: Annotated[
        str | None, typer.Option(help="Years such as 2010 or 2010-2015; 2005-2023 by default.")
    ] = None,
    out: Out = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw the grid here: .png, .svg or .pdf.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show by country and year what is known, from which publication, and the gaps.

    Example: opiateroutes evidence coverage --country Iran --kind seizures --years 2010-2015
    """
    import opiateroutes as opr
    from opiateroutes.data import TABLE_FORMATS, require_writable, write_table

    if out is not None:
        require_writable(out, TABLE_FORMATS)
    if plot is not None:
        require_writable(plot, (".png", ".svg", ".pdf"))
    found = opr.evidence_coverage(_codes(country), years=_years(years), kinds=kind or None)
    if out is not None:
        write_table(found.table, out)
    if plot is not None:
        opr.plot_coverage(found, save=plot)
    if as_json:
        show_json(
            {
                "kinds": records(found.summary()),
                "countries": records(found.summary(by="country")),
                "coverage": records(found.table),
            }
        )
        return
    if out is not None:
        typer.echo(f"wrote {out} ({len(found.table)} rows)")
    if plot is not None:
        typer.echo(f"wrote {plot}")
    if out is None and plot is None:
        _show(found, in_detail=bool(kind or country))


def _show(found: Coverage, *, in_detail: bool) -> None:
    if found.table.empty:
        typer.echo("nothing to show: supply is looked for where it is produced only", err=True)
        return
    if in_detail:
        _show_years(found)
        return
    heads = ["country", "known", "gaps", "share", "sources"]
    rows = [
        [row.name, str(row.known), str(row.gaps), f"{row.known_share:.0%}", str(row.n_sources)]
        for row in found.summary(by="country").sort_values("name").itertuples()
    ]
    title = "Figures by country: cells (a year of a kind) known and missing"
    kinds = found.summary()
    said = "; ".join(f"{k.Index} {k.known} of {k.cells}" for k in kinds.itertuples())
    show_table(title, heads, rows, note=f"Known by kind: {said}. {_NOTE}")


def _show_years(found: Coverage) -> None:
    spans = found.spans()
    names = spans["name"].unique()
    columns = {"kind": "kind", "known_years": "known", "gap_years": "gaps", "sources": "sources"}
    title = "Years with and without a figure"
    if len(names) == 1:
        title = f"{names[0]}: years with and without a figure"
    else:
        columns = {"name": "country", **columns}
    rows = spans[list(columns)].astype("str").to_numpy().tolist()
    show_table(title, list(columns.values()), rows, note=_NOTE)


def _codes(names: list[str] | None) -> list[str] | None:
    if not names:
        return None
    from opiateroutes.data import area_labels
    from opiateroutes.network.lookup import find_node

    areas = area_labels().rename(columns={"short_name": "label"}).assign(kind="country")
    return [find_node(areas, name) for name in names]


def _years(text: str | None) -> range | None:
    if text is None:
        return None
    parts = _YEARS.fullmatch(text.strip())
    if parts is None:
        raise typer.BadParameter(
            f"{text!r} is no year and no range such as 2010-2015", param_hint="'--years'"
        )
    first = int(parts[1])
    last = int(parts[2] or first)
    if not _FIRST <= first <= last <= _LAST:
        raise typer.BadParameter(
            f"{text!r} does not run forward between {_FIRST} and {_LAST}", param_hint="'--years'"
        )
    return range(first, last + 1)
