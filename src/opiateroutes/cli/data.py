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
    heads = list(entry["columns"][0]) if entry["columns"] else []
    if heads:
        show_table("Columns", heads, [[c[head] for head in heads] for c in entry["columns"]])
    titles = load_sources()["title"]
    rows = [
        [key, str(about), titles[key]] if key in titles else [key, "", str(about)]
        for key, about in entry.get("sources", {}).items()
    ]
    if rows:
        show_table("Sources", ["source", "rows", "title"], rows)
