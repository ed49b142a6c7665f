"""Build the country layer: Natural Earth, changed to follow United Nations map practice."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import geopandas as gpd
import shapely
from tools.build_geo.sources import fetch_member, read_lock
from tools.build_geo.tables import CRS, GRID_DECIMALS, polygon_parts, read_records, write_layer
from tools.build_geo.workspace import RULES, Workspace

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

SIMPLIFY_DEGREES = 0.01
SLIVER_SQUARE_DEGREES = 1e-6
"""Smaller pieces are left-overs of an overlay, not land."""

SNAP_DEGREES = 0.05
"""Claim lines stop a little short of the coast or the boundary that they meet."""

GOLAN_CUT = 22
WESTERN_SAHARA_CUT = 33
"""Disputed lines of the source that divide these two areas from where they are drawn there."""

GOLAN_POINT = shapely.Point(35.8, 33.0)
WESTERN_SAHARA_POINT = shapely.Point(-13.5, 25.5)


def build_countries(work: Workspace) -> None:
    """Write ``countries.parquet``.

    Parameters
    ----------
    work : Workspace
        Folders of the build.
    """
    package = fetch_member(read_lock()["natural_earth"], work.cache)
    shapes = _read_shapes(package)
    _move_crimea(shapes, package)
    lines = gpd.read_file(package, layer="disputed_borders", fid_as_index=True).geometry
    _move_piece(shapes, cut=lines.loc[GOLAN_CUT], inside=GOLAN_POINT, giver="ISR", taker="SYR")
    _move_piece(
        shapes,
        cut=lines.loc[WESTERN_SAHARA_CUT],
        inside=WESTERN_SAHARA_POINT,
        giver="MAR",
        taker="ESH",
    )
    names = {row["iso3"]: row["name"] for row in read_records(work.geo / "country_names.csv")}
    notes = {row["iso3"]: row["note"] for row in read_records(RULES / "country_notes.csv")}
    if set(names) != set(shapes):
        message = f"country_names.csv and the layer differ: {sorted(set(names) ^ set(shapes))}"
        raise ValueError(message)
    codes = sorted(shapes)
    layer = gpd.GeoDataFrame(
        {
            "iso3": codes,
            "name": [names[code] for code in codes],
            "note": [notes.get(code, "") for code in codes],
        },
        geometry=generalise([shapes[code] for code in codes]),
        crs=CRS,
    )
    write_layer(layer, work.geo / "countries.parquet", sort_by=["iso3"])
    log.info("countries: %d rows", len(layer))


def generalise(shapes: list[shapely.Geometry]) -> list[shapely.MultiPolygon]:
    """Simplify a coverage without opening gaps, and round it to the storage grid.

    Shared edges stay shared because the whole coverage is simplified at once, and because rounding
    moves equal vertices to equal places. A precision model would repair each polygon alone and
    break that, so it is not used.

    Parameters
    ----------
    shapes : list of shapely.Geometry
        Polygons that form a valid coverage.

    Returns
    -------
    list of shapely.MultiPolygon
        The same countries in the same order.

    Raises
    ------
    ValueError
        If the result is not a valid coverage of valid polygons.
    """
    simple = shapely.coverage_simplify(shapes, SIMPLIFY_DEGREES)
    rounded = shapely.transform(simple, lambda xy: xy.round(GRID_DECIMALS))
    result = [shapely.MultiPolygon(polygon_parts(shape)) for shape in rounded]
    if not (shapely.is_valid(result).all() and shapely.coverage_is_valid(result)):
        message = "the generalised countries overlap, leave gaps or cross themselves"
        raise ValueError(message)
    return result


def _read_shapes(package: Path) -> dict[str, shapely.Geometry]:
    """Return the polygons by ISO 3166 code; units without a code go where the rules send them."""
    countries = gpd.read_file(package, layer="countries")
    codes = countries["ISO_A3"].mask(countries["NAME"].eq("Kosovo"), "XKX")
    coded = codes.notna()
    shapes = dict(zip(codes[coded], countries.geometry[coded], strict=True))
    rest = polygon_parts(shapely.geometrycollections(countries.geometry[~coded].to_numpy()))
    states = gpd.read_file(package, layer="states_provinces")
    rules = {
        (rule["adm0_a3"], rule["admin1_name"]): rule["iso3"]
        for rule in read_records(RULES / "merged_units.csv")
    }
    for part in rest:
        unit = states[states.intersects(part.representative_point())].iloc[0]
        code = rules[unit["adm0_a3"], unit["name"]]
        if code:
            shapes[code] = shapely.union(shapes[code], part) if code in shapes else part
    return shapes


def _move_crimea(shapes: dict[str, shapely.Geometry], package: Path) -> None:
    """Give Crimea and Sevastopol to Ukraine (General Assembly resolution 68/262)."""
    states = gpd.read_file(package, layer="states_provinces")
    crimea = states[states["adm0_a3"].eq("RUS") & states["name"].isin(["Crimea", "Sevastopol"])]
    _move(shapes, crimea.geometry.union_all(), giver="RUS", taker="UKR")


def _move_piece(
    shapes: dict[str, shapely.Geometry],
    *,
    cut: shapely.Geometry,
    inside: shapely.Point,
    giver: str,
    taker: str,
) -> None:
    """Cut a country along a line and give the piece around a point to another one."""
    edge = shapely.boundary(shapes[giver])
    lines = shapely.union_all([edge, shapely.snap(cut, edge, SNAP_DEGREES)])
    pieces = shapely.get_parts(shapely.polygonize(list(shapely.get_parts(lines))))
    body = shapely.buffer(shapes[giver], -SLIVER_SQUARE_DEGREES)
    moved = [piece for piece in pieces if piece.intersects(inside) and piece.intersects(body)]
    if len(moved) != 1 or moved[0].area > shapes[giver].area / 2:
        message = f"the line through {giver} does not cut off one piece for {taker}"
        raise ValueError(message)
    _move(shapes, moved[0], giver=giver, taker=taker)


def _move(
    shapes: dict[str, shapely.Geometry], area: shapely.Geometry, *, giver: str, taker: str
) -> None:
    """Take an area from one country, add it to another, and drop the slivers of the overlay."""
    for code, shape in (
        (giver, shapely.difference(shapes[giver], area)),
        (taker, shapely.union(shapes[taker], area)),
    ):
        land = [part for part in polygon_parts(shape) if part.area > SLIVER_SQUARE_DEGREES]
        shapes[code] = shapely.MultiPolygon(land)
