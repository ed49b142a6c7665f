"""``opiateroutes evidence import``: a published file into a folder of own evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from opiateroutes.cli.options import AsJson
from opiateroutes.cli.screen import show_json

__all__ = ["import_file"]


def import_file(
    file: Annotated[Path, typer.Argument(help="The file as it was downloaded.")],
    *,
    into: Annotated[Path, typer.Option(help="Evidence folder; made if it is not there.")] = Path(
        "my-evidence"
    ),
    table: Annotated[
        str | None, typer.Option(help="Expect this table, for example seizures.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Key of the publication; from the file name by default.")
    ] = None,
    edition: Annotated[
        int | None, typer.Option(help="Year of the edition; from the file by default.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Title of the publication.")] = None,
    publisher: Annotated[str, typer.Option(help="Who published it.")] = "not stated",
    url: Annotated[str, typer.Option(help="Where a reader can find it.")] = "",
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse doubtful figures instead of warning.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read a published file and put its figures into a folder of your own.

    The layout is found out; what does not enter is counted and named; nothing is written if a cell
    cannot be read. Use the folder with --evidence of the other commands.

    Example: opiateroutes evidence import 7.1_Drug_seizures_2020-2024.xlsx --into my-evidence
    """
    from opiateroutes.evidence.doubts import check_doubts
    from opiateroutes.evidence.importers.reading import read_all, read_file
    from opiateroutes.evidence.user_folder import import_into, source_id

    key = source or source_id(file.name)
    read = (
        read_all(file, source=key, edition=edition)
        if table is None
        else [read_file(file, table=table, source=key, edition=edition)]
    )
    for imported in read:
        check_doubts(imported.frame, imported.table, strict=strict)
    written: dict[str, None] = {}
    for imported in read:
        paths = import_into(into, imported, path=file, title=title, publisher=publisher, url=url)
        written |= {str(path): None for path in paths}
    if as_json:
        show_json(
            [
                {
                    "file": str(file),
                    "layout": imported.layout,
                    "table": imported.table,
                    "rows": len(imported.frame),
                    "source": key,
                    "set_aside": {str(k): int(v) for k, v in imported.set_aside.items()},
                    "written": list(written),
                }
                for imported in read
            ]
        )
        return
    for imported in read:
        typer.echo(imported.summary())
    typer.echo(f"wrote {', '.join(written)}; use it with --evidence {into}")
