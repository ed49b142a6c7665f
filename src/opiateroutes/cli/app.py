"""The application: commands put together, errors turned into one line and an exit code."""

from __future__ import annotations

import sys
import warnings
from typing import Annotated

import typer

from opiateroutes import __version__
from opiateroutes.cli.atlas import atlas
from opiateroutes.cli.chokepoints import chokepoints_app
from opiateroutes.cli.data import data_app
from opiateroutes.cli.evidence import evidence_app
from opiateroutes.cli.flows import flows
from opiateroutes.cli.network import network_app
from opiateroutes.errors import DataFileError, OpiateRoutesError, OutputError, UnknownNameError

__all__ = ["app", "main"]

_HELP = """Afghan opiate routes: estimated flows, chokepoints and an offline atlas.

Figures are estimates from published data at country level, each with an interval and its source.

Exit codes: 0 done, 1 problem in data or estimate, 2 command not understood, 3 file problem.
"""

app = typer.Typer(
    name="opiateroutes",
    help=_HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command()(atlas)
app.command()(flows)
app.add_typer(chokepoints_app, name="chokepoints")
app.add_typer(data_app, name="data")
app.add_typer(evidence_app, name="evidence")
app.add_typer(network_app, name="network")


def _show_version(value: bool) -> None:  # noqa: FBT001 - the signature of a typer callback
    if value:
        typer.echo(f"opiateroutes {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Take the options that stand before a command."""
    del version  # its callback has acted already


def main() -> None:
    """Run the command line; an error of this library becomes one line and an exit code."""
    warnings.formatwarning = _one_line
    try:
        app()
    except OpiateRoutesError as error:
        sys.stderr.write(f"opiateroutes: {error}\n")
        raise SystemExit(_exit_code(error)) from None
    except KeyboardInterrupt:
        sys.stderr.write("opiateroutes: interrupted, nothing was left half written\n")
        raise SystemExit(130) from None


def _one_line(message: Warning | str, *_: object, **__: object) -> str:
    """Write a warning as an officer reads it: without the line of code that raised it."""
    return f"opiateroutes: warning: {message}\n"


def _exit_code(error: OpiateRoutesError) -> int:
    if isinstance(error, OutputError | DataFileError):
        return 3
    return 2 if isinstance(error, UnknownNameError) else 1
