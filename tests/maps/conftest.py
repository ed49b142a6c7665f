"""Fixtures of the map tests: a synthetic fit, its chokepoints, a small base map, the map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
import shapely
import synthetic_map_fit as synthetic

from opiateroutes.maps import AtlasMap, explore

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def fit():
    """A new synthetic fit, which a test may change."""
    return synthetic.synthetic_fit()


@pytest.fixture
def chokepoints(fit):
    """A ranking over the synthetic fit."""
    return synthetic.SyntheticChokepoints(fit)


@pytest.fixture
def routes():
    """Named routes over the synthetic places."""
    return synthetic.synthetic_routes()


@pytest.fixture(scope="session")
def basemap_folder(tmp_path_factory) -> Path:
    """Four layers with three square countries, one of them on both sides of the antimeridian."""
    folder = tmp_path_factory.mktemp("geo")
    countries = gpd.GeoDataFrame(
        {"iso3": ["AAA", "BBB", "CCC"], "name": ["A", "B", "C"], "note": ""},
        geometry=[
            shapely.box(50, 20, 65, 40),
            shapely.box(65, 20, 80, 40),
            shapely.MultiPolygon([shapely.box(170, 50, 180, 60), shapely.box(-180, 50, -170, 60)]),
        ],
        crs=4326,
    )
    countries.to_parquet(folder / "countries.parquet")
    lines = {"status": ["international", "undetermined", "line_of_control"]}
    geometry = [shapely.LineString([(65, y), (65, y + 5)]) for y in (20, 25, 30)]
    boundaries = gpd.GeoDataFrame(
        {"iso3_a": "AAA", "iso3_b": "BBB", **lines}, geometry=geometry, crs=4326
    )
    boundaries.to_parquet(folder / "boundaries.parquet")
    disputed = gpd.GeoDataFrame({"name": "x", "note": "", **lines}, geometry=geometry, crs=4326)
    disputed.to_parquet(folder / "disputed_lines.parquet")
    (folder / "boundary_notice.txt").write_text(
        "Boundaries do not imply endorsement.\n", encoding="utf-8"
    )
    return folder


@pytest.fixture
def atlas(fit, chokepoints, routes, basemap_folder) -> AtlasMap:
    """The synthetic fit as a map."""
    return explore(fit, chokepoints, routes=routes, basemap=basemap_folder)


@pytest.fixture
def make_hostile():
    """The function that spoils a fit."""
    return synthetic.hostile
