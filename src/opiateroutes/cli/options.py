"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["AsJson", "Out", "Top", "Year"]

Year = Annotated[int, typer.Option(help="Year of the evidence, 2005 to 2023.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Out = Annotated[
    Path | None, typer.Option(help="Write the whole table here: .csv, .json, .parquet or .xlsx.")
]
Top = Annotated[int, typer.Option(min=1, help="Rows shown on the screen.")]
