"""Build the land boundary lines, each with its status, and the layer of disputed lines."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import shapely
from tools.build_geo.sources import fetch_member, read_lock
from tools.build_geo.tables import CRS, GRID_DECIMALS, line_parts, read_records, write_layer
from tools.build_geo.workspace import RULES, Workspace

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

INTERNATIONAL = "international"
LINE_OF_CONTROL = "line_of_control"
UNDETERMINED = "undetermined"

LINE_OF_CONTROL_NOTE = (
    "Dotted line represents approximately the Line of Control in Jammu and Kashmir agreed upon by "
    "India and Pakistan. The final status of Jammu and Kashmir has not yet been agreed upon by the "
    "parties."
)
SAME_LINE_DEGREES = 0.03
"""Two lines closer than this are one line: generalising moves each by up to 0.01 degrees."""

SHORTEST_LINE_DEGREES = 0.02
"""Shorter left-overs of a claim line are where it meets a boundary, not lines of their own."""


class Stretch(NamedTuple):
    """A part of the boundary of a country pair that is not a plain international boundary."""

    iso3_a: str
    iso3_b: str
    status: str
    name: str
    note: str
    geometry: shapely.MultiLineString


def build_boundaries(work: Workspace) -> None:
    """Write ``boundaries.parquet`` and ``disputed_lines.parquet``.

    Every boundary appears once per country pair and status. Stretches that are not international
    are repeated in the layer of disputed lines under their name, with the very same vertices, so
    that drawing both layers never shows two styles for one line.

    Parameters
    ----------
    work : Workspace
        Folders of the build; ``countries.parquet`` must exist.
    """
    package = fetch_member(read_lock()["natural_earth"], work.cache)
    shared = shared_boundaries(gpd.read_parquet(work.geo / "countries.parquet"))
    stretches = [*_ruled_stretches(shared), *_control_stretches(shared, package)]
    boundaries = gpd.GeoDataFrame(
        [row for pair, line in shared.items() for row in _rows_of_pair(pair, line, stretches)],
        columns=["iso3_a", "iso3_b", "status", "geometry"],
        geometry="geometry",
        crs=CRS,
    )
    write_layer(boundaries, work.geo / "boundaries.parquet", sort_by=["iso3_a", "iso3_b", "status"])
    disputed = gpd.GeoDataFrame(
        [*(_disputed_row(stretch) for stretch in stretches), *_claim_rows(package, boundaries)],
        columns=["name", "status", "note", "iso3_a", "iso3_b", "geometry"],
        geometry="geometry",
        crs=CRS,
    ).dissolve(by=["name", "status", "note", "iso3_a", "iso3_b"], as_index=False)
    disputed = disputed.set_geometry([_merged(line) for line in disputed.geometry], crs=CRS)
    columns = ["name", "status", "note", "iso3_a", "iso3_b", "geometry"]
    write_layer(
        disputed[columns], work.geo / "disputed_lines.parquet", sort_by=["iso3_a", "iso3_b", "name"]
    )
    log.info("boundaries: %d rows, disputed lines: %d rows", len(boundaries), len(disputed))


def shared_boundaries(
    countries: gpd.GeoDataFrame,
) -> dict[tuple[str, str], shapely.MultiLineString]:
    """Return the line that each two neighbours share, by pair of codes in alphabetical order."""
    codes = list(countries["iso3"])
    shapes = countries.geometry.to_numpy()
    edges = shapely.boundary(shapes)
    shared: dict[tuple[str, str], shapely.MultiLineString] = {}
    for first, second in zip(
        *shapely.STRtree(shapes).query(shapes, predicate="intersects"), strict=True
    ):
        if codes[first] < codes[second]:
            parts = line_parts(shapely.intersection(edges[first], edges[second]))
            if parts:
                shared[codes[first], codes[second]] = shapely.MultiLineString(parts)
    return dict(sorted(shared.items()))


def _ruled_stretches(shared: dict[tuple[str, str], shapely.MultiLineString]) -> list[Stretch]:
    """Return the stretches that the table of boundary rules names, whole or inside a box."""
    stretches = []
    for rule in read_records(RULES / "boundary_rules.csv"):
        line = shared[rule["iso3_a"], rule["iso3_b"]]
        if rule["west"]:
            sides = (float(rule[side]) for side in ("west", "south", "east", "north"))
            line = _whole_segments(line, shapely.box(*sides))
        stretches.append(
            Stretch(
                iso3_a=rule["iso3_a"],
                iso3_b=rule["iso3_b"],
                status=rule["status"],
                name=rule["name"],
                note=rule["note"],
                geometry=_merged(line),
            )
        )
    return stretches


def _control_stretches(
    shared: dict[tuple[str, str], shapely.MultiLineString], package: Path
) -> list[Stretch]:
    """Return the Line of Control: where the two parts of Jammu and Kashmir meet."""
    states = gpd.read_file(package, layer="states_provinces")
    indian = states[states["adm0_a3"].eq("IND") & states["name"].eq("Jammu and Kashmir")]
    pakistani = states[
        states["adm0_a3"].eq("PAK") & states["name"].isin(["Azad Kashmir", "Northern Areas"])
    ]
    reference = shapely.intersection(
        shapely.boundary(indian.geometry.union_all()),
        shapely.boundary(pakistani.geometry.union_all()),
    )
    line = _whole_segments(shared["IND", "PAK"], shapely.buffer(reference, SAME_LINE_DEGREES))
    return [
        Stretch(
            "IND", "PAK", LINE_OF_CONTROL, "Line of Control", LINE_OF_CONTROL_NOTE, _merged(line)
        )
    ]


def _whole_segments(line: shapely.Geometry, area: shapely.Geometry) -> shapely.MultiLineString:
    """Return the segments whose middle lies in an area, so that a cut never adds a vertex."""
    segments = [
        shapely.LineString(ends)
        for part in shapely.get_parts(line)
        for ends in zip(part.coords[:-1], part.coords[1:], strict=True)
    ]
    return shapely.MultiLineString(
        [s for s in segments if area.covers(s.interpolate(0.5, normalized=True))]
    )


def _rows_of_pair(
    pair: tuple[str, str],
    line: shapely.MultiLineString,
    stretches: list[Stretch],
) -> list[tuple[str, str, str, shapely.MultiLineString]]:
    """Return one row for each status that occurs along the boundary of a pair."""
    own = [stretch for stretch in stretches if (stretch.iso3_a, stretch.iso3_b) == pair]
    by_status: dict[str, list[shapely.Geometry]] = {}
    for stretch in own:
        by_status.setdefault(stretch.status, []).append(stretch.geometry)
    rest = (
        shapely.difference(line, shapely.union_all([stretch.geometry for stretch in own]))
        if own
        else line
    )
    if not rest.is_empty:
        by_status[INTERNATIONAL] = [rest]
    return [
        (*pair, status, _merged(shapely.union_all(parts))) for status, parts in by_status.items()
    ]


def _disputed_row(stretch: Stretch) -> tuple[str, str, str, str, str, shapely.MultiLineString]:
    """Return the row of the disputed layer for a stretch of a land boundary."""
    return (
        stretch.name,
        stretch.status,
        stretch.note,
        stretch.iso3_a,
        stretch.iso3_b,
        stretch.geometry,
    )


def _claim_rows(
    package: Path,
    boundaries: gpd.GeoDataFrame,
) -> list[tuple[str, str, str, str, str, shapely.MultiLineString]]:
    """Return the claim lines that the rules keep, without what follows a land boundary."""
    lines = gpd.read_file(package, layer="disputed_borders", fid_as_index=True)
    rules = {int(rule["fid"]): rule for rule in read_records(RULES / "disputed_rules.csv")}
    _check_rules_cover(
        {int(fid): str(name) for fid, name in lines["name"].items()},
        {fid: rule["source_name"] for fid, rule in rules.items()},
    )
    drawn = shapely.buffer(boundaries.geometry.union_all(), SAME_LINE_DEGREES)
    rows = []
    for fid, rule in rules.items():
        if rule["keep"] != "yes":
            continue
        rounded = shapely.transform(
            shapely.simplify(lines.geometry.loc[fid], 0.005),
            lambda xy: xy.round(GRID_DECIMALS),
        )
        parts = [
            part
            for part in line_parts(shapely.difference(rounded, drawn))
            if part.length > SHORTEST_LINE_DEGREES
        ]
        if parts:
            line = shapely.MultiLineString(parts)
            rows.append(
                (rule["name"], UNDETERMINED, rule["note"], rule["iso3_a"], rule["iso3_b"], line)
            )
    return rows


def _check_rules_cover(lines: dict[int, str], rules: dict[int, str]) -> None:
    """Refuse a source whose lines are not the ones that the rules were written for."""
    if lines != rules:
        changed = sorted(
            str(key) for key in lines.keys() | rules.keys() if lines.get(key) != rules.get(key)
        )
        message = (
            f"disputed_rules.csv does not match the source's lines at fid {', '.join(changed)}"
        )
        raise ValueError(message)


def _merged(line: shapely.Geometry) -> shapely.MultiLineString:
    """Return a line joined end to end, on the storage grid, always as a multi-part line."""
    rounded = shapely.transform(line, lambda xy: xy.round(GRID_DECIMALS))
    return shapely.MultiLineString(line_parts(rounded))
