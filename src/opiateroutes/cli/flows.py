"""``opiateroutes flows``: estimated flows as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from opiateroutes.cli.options import AsJson, Folders, Level, Out, Top, Year
from opiateroutes.cli.screen import records, show_json, show_table

if TYPE_CHECKING:
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
    out: Out = None,
    top: Top = 20,
    as_json: AsJson = False,
) -> None:
    """Estimate the flows of a year, each with its 90 % interval and what it rests on.

    Example: opiateroutes flows --year 2017 --country Tajikistan --out flows.xlsx
    """
    import opiateroutes as opr
    from opiateroutes.data import TABLE_FORMATS, require_writable, write_table
    from opiateroutes.units import format_kg

    if out is not None:
        require_writable(out, TABLE_FORMATS)
    net = opr.load_network(level)
    code = opr.load_network("countries").find_node(country) if country is not None else None
    fit = opr.estimate_flows(net, opr.load_evidence(year, paths=evidence or ()))
    legs = fit.legs.sort_values("flow_kg", ascending=False, kind="stable")
    if code is not None:
        leaves, enters = (legs[end].map(net.nodes["iso3"]) == code for end in _ENDS)
        legs = legs[leaves != enters]
    if out is not None:
        write_table(legs, out)
    if as_json:
        show_json({"year": year, "level": level, "unit": fit.unit, "flows": records(legs)})
        return
    if out is not None:
        typer.echo(f"wrote {out} ({len(legs)} flows)")
        return
    names = place_names(net, level)
    rows = [
        [
            f"{names[leg.from_node]} > {names[leg.to_node]} ({leg.mode})",
            format_kg(leg.flow_kg),
            format_kg(leg.low_kg),
            format_kg(leg.high_kg),
            f"{leg.leverage:.0%}",
            leg.rests_on,
        ]
        for leg in legs.head(top).itertuples()
    ]
    heads = ["flow", "estimate", "low", "high", "from data", "rests on"]
    show_table(f"Estimated heroin flows {year}, 90 % intervals", heads, rows)


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
