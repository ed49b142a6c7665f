from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))  # the build tool is not part of the installed package

GEO = REPOSITORY / "data" / "geo"


@pytest.fixture(scope="session")
def geo() -> Path:
    return GEO


@pytest.fixture(scope="session")
def countries() -> gpd.GeoDataFrame:
    return gpd.read_parquet(GEO / "countries.parquet").set_index("iso3", drop=False)


@pytest.fixture(scope="session")
def boundaries() -> gpd.GeoDataFrame:
    return gpd.read_parquet(GEO / "boundaries.parquet")


@pytest.fixture(scope="session")
def disputed() -> gpd.GeoDataFrame:
    return gpd.read_parquet(GEO / "disputed_lines.parquet")
