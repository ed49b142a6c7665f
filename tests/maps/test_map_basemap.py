"""The base map: encoding, the antimeridian, size."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from opiateroutes.errors import MapError
from opiateroutes.maps.basemap import build_basemap, encode_line, encode_polygons

NAMES = ("countries.parquet", "boundaries.parquet", "disputed_lines.parquet")


def decode(ring):
    return np.cumsum(np.array(ring).reshape(-1, 2), axis=0) * 0.01


@pytest.fixture
def base(basemap_folder):
    return build_basemap(*(basemap_folder / name for name in NAMES), points=[(55.0, 30.0)])


def test_land_with_a_node_is_apart(base):
    assert [decode(polygon[0]).min(axis=0).tolist() for polygon in base["crossed"]] == [[50, 20]]
    assert len(base["other"]) == 2


def test_land_is_joined_across_the_antimeridian(base):
    spans = [(decode(ring)[:, 0].min(), decode(ring)[:, 0].max()) for [ring] in base["other"]]
    assert (170.0, 190.0) in [(round(west, 2), round(east, 2)) for west, east in spans]


def test_node_beyond_the_antimeridian_finds_its_land(basemap_folder):
    base = build_basemap(*(basemap_folder / name for name in NAMES), points=[(-175.0, 55.0)])
    assert decode(base["crossed"][0][0])[:, 0].max() == pytest.approx(190)


def test_lines_keep_their_status_and_are_drawn_once(base):
    assert base["lines"]["international"] == [[6500, 2000, 0, 500]]
    assert base["lines"]["undetermined"] == [[6500, 2500, 0, 500]]
    assert base["lines"]["administrative"] == []


def test_encoding_returns():
    polygon = shapely.Polygon([(0, 0), (0, 3), (3, 3), (3, 0)], [[(1, 1), (2, 1), (2, 2), (1, 2)]])
    [[outer, inner]] = encode_polygons(np.array([polygon]))
    assert shapely.Polygon(decode(outer), [decode(inner)]).equals(polygon)


def test_what_quantization_empties_is_dropped():
    assert encode_polygons(np.array([shapely.box(0, 0, 0.001, 0.001)])) == []
    assert encode_line(shapely.LineString([(0, 0), (0.001, 0)])) == [0, 0]


def test_missing_layer(tmp_path):
    with pytest.raises(MapError, match=r"countries\.parquet"):
        build_basemap(*(tmp_path / name for name in NAMES), points=[])


def test_shipped_base_map_is_small():
    from opiateroutes.data import data_path

    base = build_basemap(*(data_path(f"geo/{name}") for name in NAMES), points=[(66.0, 33.8)])
    assert len(json.dumps(base, separators=(",", ":"))) < 350_000
    assert len(base["crossed"]) == 1
    assert base["lines"]["line_of_control"]
