"""``opiateroutes data``: what ships, with units, sources and licences."""

from __future__ import annotations

from typing import Annotated

import typer

from opiateroutes.cli.options import AsJson
from opiateroutes.cli.screen import records, show_json, show_table

__all__ = ["data_app"]

data_app = typer.Typer(
    name="data", help="List and describe the data that ships.", no_args_is_help=True
)


@data_app.command("list")
def list_data(*, as_json: AsJson = False) -> None:
    """List the data files that ship.

    Example: opiateroutes data list
    """
    from opiateroutes.data import catalogue

    table = catalogue()
    if as_json:
        show_json(records(table))
        return
    rows = [
        [name, "" if row["rows"] is None else str(row["rows"]), row["what"], row["licence"]]
        for name, row in table.astype({"rows": "object"}).iterrows()
    ]
    show_table("Data that ships", ["name", "rows", "what", "licence"], rows)


@data_app.command("describe")
def describe_data(
    name: Annotated[str, typer.Argument(help="A name of 'opiateroutes data list'.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Describe one data file: columns with unit and meaning, and its sources.

    Example: opiateroutes data describe seizures
    """
    from opiateroutes.data import describe, load_sources

    entry = describe(name)
    if as_json:
        show_json(entry)
        return
    typer.echo(f"{entry['name']}: {entry['what']}")
    typer.echo(f"rows: {entry['rows']}; licence: {entry['licence']}")
    if "columns" in entry:
        rows = [[c["column"], c["type"], c["unit"], c["meaning"]] for c in entry["columns"]]
        show_table("Columns", ["column", "type", "unit", "meaning"], rows)
    if "sources" in entry:
        titles = load_sources()["title"]
        rows = [[key, str(n), titles[key]] for key, n in entry["sources"].items()]
        show_table("Sources", ["source", "rows", "title"], rows)
