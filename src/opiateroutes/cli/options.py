"""Options that several commands share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["AsJson", "Draws", "Folders", "Level", "Out", "Top", "Year", "Years", "years_of"]

Year = Annotated[
    int, typer.Option(help="Year of the evidence, 2005 to 2023 (later with --evidence).")
]
Years = Annotated[
    str | None,
    typer.Option(help="Several years: 2005-2023, 2008,2010,2022, or both; --year is shown first."),
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


def years_of(text: str) -> list[int]:
    """Read several years, each once and in order.

    Raises
    ------
    typer.BadParameter
        If the text is neither years nor ranges of years.

    Examples
    --------
    >>> years_of("2008, 2010-2012")
    [2008, 2010, 2011, 2012]
    """
    years: set[int] = set()
    for part in text.split(","):
        found = re.fullmatch(r"\s*(\d{4})\s*(?:-\s*(\d{4})\s*)?", part)
        if found is None or int(found[2] or found[1]) < int(found[1]):
            raise typer.BadParameter(
                f"{text!r} are no years: give some like 2005-2023 or 2008,2010,2022",
                param_hint="--years",
            )
        years.update(range(int(found[1]), int(found[2] or found[1]) + 1))
    return sorted(years)
