"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["AsJson", "Draws", "Folders", "Level", "Out", "Top", "Year"]

Year = Annotated[
    int, typer.Option(help="Year of the evidence, 2005 to 2023 (later with --evidence).")
]
Level = Annotated[
    str, typer.Option(help="Resolution: countries, or crossings (with ports and cities).")
]
Folders = Annotated[
    list[Path] | None,
    typer.Option(
        "--evidence", help="Own evidence folder, goes before what ships; may be repeated."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Draws = Annotated[
    int,
    typer.Option(
        min=0,
        help="Sample so many draws, for intervals and the stability of ranks; 0: none, no ranks.",
    ),
]
Out = Annotated[
    Path | None, typer.Option(help="Write the whole table here: .csv, .json, .parquet or .xlsx.")
]
Top = Annotated[int, typer.Option(min=1, help="Rows shown on the screen.")]
