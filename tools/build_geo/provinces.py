"""Build the provinces of Afghanistan and the countries around it, fitted into the country layer.

Outer edges are those of ``countries.parquet``: the dividing lines of the source are laid into the
finished country polygons, and only those lines are simplified here. Where a dividing line meets a
country's edge, the edge gets one more vertex on the storage grid; this is the only difference, and
it moves no edge by more than ``LARGEST_SHIFT_DEGREES``.
"""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from tools.build_geo.boundaries import shared_boundaries
from tools.build_geo.countries import SIMPLIFY_DEGREES
from tools.build_geo.sources import fetch_member, read_lock
from tools.build_geo.tables import (
    CRS,
    GRID_DECIMALS,
    line_parts,
    polygon_parts,
    read_records,
    write_layer,
)
from tools.build_geo.workspace import RULES, Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

log = logging.getLogger(__name__)

LARGEST_SHIFT_DEGREES = 1e-4
"""About ten metres: one step of the storage grid."""


def build_provinces(work: Workspace) -> None:
    """Write ``provinces.parquet``.

    Parameters
    ----------
    work : Workspace
        Folders of the build; ``countries.parquet`` must exist.
    """
    package = fetch_member(read_lock()["natural_earth"], work.cache)
    rules = read_records(RULES / "provinces.csv")
    areas = read_areas(package, rules)
    about = {rule["province"]: (rule["iso3"], rule["name"], rule["note"]) for rule in rules}
    countries = gpd.read_parquet(work.geo / "countries.parquet").set_index("iso3").geometry
    owner = {province: about[province][0] for province in areas}
    around = {code: countries[code] for code in sorted(set(owner.values()))}
    fitted = fit_into_countries(areas, owner, around)
    layer = gpd.GeoDataFrame(
        [(province, *about[province], shape) for province, shape in fitted.items()],
        columns=["province", "iso3", "name", "note", "geometry"],
        geometry="geometry",
        crs=CRS,
    )
    write_layer(layer, work.geo / "provinces.parquet", sort_by=["iso3", "province"])
    log.info("provinces: %d rows", len(layer))


def read_areas(package: Path, rules: list[dict[str, str]]) -> dict[str, shapely.Geometry]:
    """Return the areas of the source by province, as the table of provinces names them.

    Parameters
    ----------
    package : Path
        The file with the layer of states and provinces.
    rules : list of dict of str to str
        One row for each area of the source; areas with one province in common are joined.

    Returns
    -------
    dict of str to shapely.Geometry
        Areas by province, in the order of the rules.

    Raises
    ------
    ValueError
        If the rules do not name exactly the areas that the source has for their countries.
    """
    states = gpd.read_file(package, layer="states_provinces")
    states = states[states["adm0_a3"].isin({rule["adm0_a3"] for rule in rules})]
    keys = list(zip(states["adm0_a3"], states["name"], states["gn_name"].fillna(""), strict=True))
    found = dict(zip(keys, states.geometry, strict=True))
    named = [(rule["adm0_a3"], rule["source_name"], rule["source_gn_name"]) for rule in rules]
    if sorted(keys) != sorted(named):
        changed = sorted((Counter(keys) - Counter(named)) + (Counter(named) - Counter(keys)))
        message = f"provinces.csv does not match the areas of the source: {changed}"
        raise ValueError(message)
    parts: dict[str, list[shapely.Geometry]] = {}
    for key, rule in zip(named, rules, strict=True):
        parts.setdefault(rule["province"], []).append(found[key])
    return {province: shapely.coverage_union_all(shapes) for province, shapes in parts.items()}


def fit_into_countries(
    areas: Mapping[str, shapely.Geometry],
    owner: Mapping[str, str],
    countries: Mapping[str, shapely.Geometry],
) -> dict[str, shapely.MultiPolygon]:
    """Divide country polygons along the lines between provinces, and simplify those lines.

    Everything is put on the storage grid and cut where it crosses, all countries at once, so that
    provinces share their edges also across a border. Then the lines inside each country are
    simplified; its outer edge stays as it is.

    Parameters
    ----------
    areas : mapping of str to shapely.Geometry
        Provinces, a valid coverage that may differ a little from the countries.
    owner : mapping of str to str
        The country of each province.
    countries : mapping of str to shapely.Geometry
        Countries, a valid coverage.

    Returns
    -------
    dict of str to shapely.MultiPolygon
        Provinces, a valid coverage that fills the countries.

    Raises
    ------
    ValueError
        If a province comes out empty, or the result is not a valid coverage of valid polygons.
    """
    of_country: dict[str, dict[str, shapely.Geometry]] = {code: {} for code in countries}
    for province, area in areas.items():
        of_country[owner[province]][province] = area
    pieces: dict[str, list[shapely.Polygon]] = {province: [] for province in areas}
    for face in _faces(of_country, countries):
        code = _country_of(face, countries)
        if code:
            pieces[_province_of(face, of_country[code])].append(face)
    gone = [province for province, parts in pieces.items() if not parts]
    if gone:
        message = f"nothing is left of {', '.join(gone)}"
        raise ValueError(message)
    fitted: dict[str, shapely.MultiPolygon] = {}
    for own in of_country.values():
        whole = [shapely.coverage_union_all(pieces[province]) for province in own]
        fitted |= zip(own, _simplified(whole), strict=True)
    shapes = list(fitted.values())
    if not (shapely.is_valid(shapes).all() and shapely.coverage_is_valid(shapes)):
        message = "the provinces overlap, leave gaps or cross themselves"
        raise ValueError(message)
    return fitted


def _faces(
    of_country: Mapping[str, Mapping[str, shapely.Geometry]],
    countries: Mapping[str, shapely.Geometry],
) -> list[shapely.Polygon]:
    """Return the faces that edges of countries and lines between provinces cut out, on the grid."""
    lines = [shapely.boundary(shape) for shape in countries.values()]
    for code, shape in countries.items():
        lines += _dividing_lines(of_country[code], shape)
    noded = shapely.union_all(lines, grid_size=10**-GRID_DECIMALS)
    return list(shapely.get_parts(shapely.polygonize(list(shapely.get_parts(noded)))))


def _dividing_lines(
    areas: Mapping[str, shapely.Geometry], country: shapely.Geometry
) -> list[shapely.Geometry]:
    """Return the lines between the provinces of one country, carried on to its edge at loose ends.

    The edge of the country was simplified, so that a line may end a little inside of it.
    """
    frame = gpd.GeoDataFrame({"iso3": list(areas)}, geometry=list(areas.values()), crs=CRS)
    lines = line_parts(shapely.union_all(list(shared_boundaries(frame).values())))
    ends = Counter(
        end
        for line in lines
        for end in (line.coords[0], line.coords[-1])
        if line.coords[0] != line.coords[-1]
    )
    edge = shapely.boundary(country)
    loose = [shapely.Point(end) for end, times in ends.items() if times == 1]
    inside = [point for point in loose if shapely.intersects(country, point)]
    return [*lines, *(shapely.shortest_line(point, edge) for point in inside)]


def _country_of(face: shapely.Polygon, countries: Mapping[str, shapely.Geometry]) -> str | None:
    """Return the country in which a face lies; none for a hole between countries."""
    point = shapely.point_on_surface(face)
    return next((code for code, shape in countries.items() if shapely.covers(shape, point)), None)


def _province_of(face: shapely.Polygon, areas: Mapping[str, shapely.Geometry]) -> str:
    """Return the province that covers most of a face, or the nearest if none covers any."""
    names, shapes = list(areas), list(areas.values())
    shares = shapely.area(shapely.intersection(shapes, face))
    if shares.any():
        return names[int(np.argmax(shares))]
    return names[int(np.argmin(shapely.distance(shapes, face)))]


def _simplified(shapes: list[shapely.Geometry]) -> list[shapely.MultiPolygon]:
    """Return the provinces of one country with simpler lines between them, on the storage grid."""
    simple = shapely.coverage_simplify(shapes, SIMPLIFY_DEGREES, simplify_boundary=False)
    rounded = shapely.transform(simple, lambda xy: xy.round(GRID_DECIMALS))
    return [shapely.MultiPolygon(polygon_parts(shape)) for shape in rounded]
