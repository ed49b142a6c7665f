"""Tables and progress on the screen; plain and quiet where the output is a pipe."""

from __future__ import annotations

import contextlib
import json
import sys
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

__all__ = ["records", "show_json", "show_table", "steps"]


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Turn a table into JSON-ready rows: the index is a column, what is missing is null."""
    flat = frame.reset_index() if frame.index.name else frame
    rows: list[dict[str, Any]] = json.loads(flat.to_json(orient="records", force_ascii=False))
    return rows


def show_json(value: Any) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))


def show_table(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, note: str = ""
) -> None:
    """Print a table; in a pipe one line a row, cells separated by tabs, without title and note."""
    if not sys.stdout.isatty():
        typer.echo("\t".join(heads))
        for row in rows:
            typer.echo("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), title_justify="left")
    for k, head in enumerate(heads):
        table.add_column(head, justify="left" if k == 0 else "right", overflow="fold")
    for row in rows:
        # Text, not str: a name in brackets is not markup.
        table.add_row(*(Text(cell) for cell in row))
    console = Console()
    console.print(table)
    if note:
        console.print(Text(note))


@contextlib.contextmanager
def steps(names: Sequence[str]) -> Iterator[Iterator[None]]:
    """Show the progress of a command step by step on the error stream, silent in pipes.

    Each ``next`` of the value yielded announces the next step.
    """
    from tqdm import tqdm

    with tqdm(total=len(names), disable=not sys.stderr.isatty(), bar_format="{l_bar}{bar}") as bar:

        def announce() -> Iterator[None]:
            for name in names:
                bar.set_description(name)
                yield
                bar.update()

        steps_left = announce()
        yield steps_left
        next(steps_left, None)
