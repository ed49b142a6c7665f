"""``opiateroutes network``: what the network is, as numbers, as a file and as a map for print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from opiateroutes.cli.options import AsJson, Level
from opiateroutes.cli.screen import show_json, show_table

__all__ = ["network_app"]

_PRECISION = (
    "Positions are recalled from public knowledge and checked, not surveyed (A: two checks within "
    "2.5 km, B: near the border plus one more proof, C: weaker). Lines are schematic; no leg is "
    "an itinerary."
)

network_app = typer.Typer(
    name="network", help="Describe, export and draw the network.", no_args_is_help=True
)


@network_app.command("info")
def network_info(level: Level = "countries", *, as_json: AsJson = False) -> None:
    """Count nodes, legs, border legs, connected parts and kilometres, with licence and precision.

    Example: opiateroutes network info --level crossings
    """
    import opiateroutes as opr
    from opiateroutes.network.summary import network_summary

    found = network_summary(opr.load_network(level))
    if as_json:
        show_json({**found, "precision_note": _PRECISION})
        return
    show_table(f"Network of {level}", ["what", "value"], _rows(found))


@network_app.command("export")
def network_export(
    out: Annotated[
        Path, typer.Argument(help="*.gpkg, *.graphml, or a name without ending for a folder.")
    ],
    level: Level = "countries",
    format_: Annotated[
        str | None,
        typer.Option(
            "--format", help="gpkg, parquet (folder), graphml or csv (folder); else by the ending."
        ),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Write the network for other programs: GeoPackage, GeoParquet, GraphML or CSV.

    Example: opiateroutes network export crossings --level crossings --format csv
    """
    import opiateroutes as opr

    net = opr.load_network(level)
    net.save(out, format=format_)
    if as_json:
        counts = {"nodes": len(net.nodes), "legs": len(net.legs)}
        show_json({"path": str(out), "level": level, **counts, "licence": net.meta["licence"]})
        return
    typer.echo(f"wrote {out} ({len(net.nodes)} nodes, {len(net.legs)} legs)")
    typer.echo(f"licence: {net.meta['licence']}")


@network_app.command("plot")
def network_plot(
    out: Annotated[Path, typer.Argument(help="The picture to write: .png, .svg or .pdf.")],
    level: Level = "countries",
    extent: Annotated[
        str | None,
        typer.Option(help="west,south,east,north in degrees, or nodes or countries (AFG,IRN)."),
    ] = None,
    title: Annotated[str | None, typer.Option(help="Text above the map.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Draw the network as a map for print.

    Example: opiateroutes network plot map.png --level crossings --extent 58,28,76,40
    """
    import opiateroutes as opr
    from opiateroutes.errors import MapError

    net = opr.load_network(level)
    try:
        net.plot(extent=_extent(extent), title=title, save=out)
    except MapError as error:
        if extent is None:
            raise
        # Like an unknown option: the command was not understood, the data is all right.
        raise typer.BadParameter(str(error), param_hint="'--extent'") from None
    if as_json:
        show_json({"file": str(out), "bytes": out.stat().st_size, "level": level})
        return
    typer.echo(f"wrote {out} ({out.stat().st_size / 1e6:.2f} MB)")


def _extent(text: str | None) -> Any:
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    try:
        return tuple(float(part) for part in parts)
    except ValueError:
        return parts


def _rows(found: dict[str, Any]) -> list[list[str]]:
    rows = [[f"nodes: {kind}", f"{n:,}"] for kind, n in found["nodes"].items()]
    rows += [[f"precision: {name}", f"{n:,}"] for name, n in (found["precision"] or {}).items()]
    rows += [[f"legs: {mode}", f"{n:,}"] for mode, n in found["legs"].items()]
    rows += [["border legs", f"{found['border_legs']:,}"]]
    rows += [["legs without a way back", f"{found['one_way_legs']:,}"]]
    lengths = found["distance_km"] or {}
    rows += [[f"km: {mode}", f"{km:,.0f}"] for mode, km in lengths.items()]
    rows += [["km: all directed legs", f"{sum(lengths.values()):,.0f}"]] if lengths else []
    parts = found["components"]
    rows += [["connected parts", f"{len(parts)} ({', '.join(map(str, parts))} nodes)"]]
    words = (("licence", "licence"), ("lines", "geometry"))
    rows += [[name, str(found[key])] for name, key in words if found[key]]
    return [*rows, ["positions", _PRECISION]]
