"""``opiateroutes flows``: estimated flows as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from opiateroutes.cli.options import AsJson, Folders, Level, Out, Top, Year
from opiateroutes.cli.screen import records, show_json, show_table

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from opiateroutes import RouteNetwork

__all__ = ["flows", "place_names"]

_ENDS = ("from_node", "to_node")


def flows(
    year: Year = 2010,
    *,
    country: Annotated[
        str | None, typer.Option(help="Only flows into or out of this country (code or name).")
    ] = None,
    level: Level = "countries",
    evidence: Folders = None,
    draws: Annotated[
        int, typer.Option(min=0, help="Sample so many draws: wider, honest intervals; 0: none.")
    ] = 0,
    method: Annotated[
        str,
        typer.Option(
            help="path_measure, or a baseline: import_shares, shortest_path, equal_split, gravity, "
            "least_squares."
        ),
    ] = "path_measure",
    out: Out = None,
    top: Top = 20,
    as_json: AsJson = False,
) -> None:
    """Estimate the flows of a year, each with its 90 % interval and what it rests on.

    Intervals are first-order ones, or those of draws that are each solved anew (--draws 1024).

    Example: opiateroutes flows --year 2017 --country Tajikistan --draws 1024 --out flows.xlsx
    """
    import opiateroutes as opr
    from opiateroutes.data import TABLE_FORMATS, require_writable, write_table
    from opiateroutes.units import format_kg

    if out is not None:
        require_writable(out, TABLE_FORMATS)
    net = opr.load_network(level)
    code = opr.load_network("countries").find_node(country) if country is not None else None
    figures = opr.load_evidence(year, paths=evidence or ())
    if draws == 1:
        raise typer.BadParameter("one draw has no spread: 0, or 2 and more", param_hint="--draws")
    if draws and method != "path_measure":
        raise typer.BadParameter("a baseline cannot be sampled", param_hint="--draws")
    fit = (
        opr.sample_flows(net, figures, draws=draws).as_fit()
        if draws
        else opr.estimate_flows(net, figures, method=method)
    )
    legs = fit.legs.sort_values("flow_kg", ascending=False, kind="stable")
    if code is not None:
        leaves, enters = (legs[end].map(net.nodes["iso3"]) == code for end in _ENDS)
        legs = legs[leaves != enters]
    if out is not None:
        write_table(legs, out)
    if as_json:
        about = {"year": year, "level": level, "method": method, "draws": draws, "unit": fit.unit}
        show_json({**about, "flows": records(legs)})
        return
    if out is not None:
        typer.echo(f"wrote {out} ({len(legs)} flows)")
        return
    names = place_names(net, level)
    rows = [
        [
            f"{names[leg.from_node]} > {names[leg.to_node]} ({leg.mode})",
            format_kg(leg.flow_kg),
            _known(leg.low_kg, format_kg),
            _known(leg.high_kg, format_kg),
            _known(leg.leverage, "{:.0%}".format),
            leg.rests_on,
        ]
        for leg in legs.head(top).itertuples()
    ]
    heads = ["flow", "estimate", "low", "high", "from data", "rests on"]
    show_table(f"Estimated heroin flows {year}, 90 % intervals", heads, rows)


def _known(value: float, say: Callable[[float], str]) -> str:
    """Say a number, or that the method gives none."""
    return "none" if value != value else say(value)  # noqa: PLR0124 - missing


def place_names(net: RouteNetwork, level: str) -> pd.Series:
    """Return what places are called in a row, with the country where both sides share a name.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> place_names(opr.load_network("crossings"), "crossings")["AFG-PAK-TORK@AFG"]
    'Torkham (AFG)'
    """
    labels = net.nodes["label"]
    return labels + " (" + net.nodes["iso3"] + ")" if level == "crossings" else labels
