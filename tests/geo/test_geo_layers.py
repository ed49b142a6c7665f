"""The committed layers: valid, complete, and drawn as the notice says."""

from __future__ import annotations

import csv
import json

import pyarrow.parquet as pq
import pytest
import shapely
from tools.build_geo.comparison import differing_files
from tools.build_geo.manifest import MANIFEST
from tools.build_geo.sources import sha256_of
from tools.build_geo.tables import read_table

STATUSES = {"international", "undetermined", "line_of_control", "administrative"}
LARGEST_TOTAL_BYTES = 12_000_000


def test_countries_form_a_valid_coverage(countries):
    shapes = countries.geometry.to_numpy()
    assert countries.crs.to_epsg() == 4326
    assert countries["iso3"].is_unique
    assert list(countries.columns) == ["iso3", "name", "note", "geometry"]
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ((34.1, 44.95), "UKR"),  # Simferopol
        ((33.55, 44.6), "UKR"),  # Sevastopol
        ((35.8, 33.0), "SYR"),  # Golan
        ((35.3, 32.7), "ISR"),
        ((-13.5, 25.5), "ESH"),
        ((-9.0, 28.5), "MAR"),
        ((33.5, 35.3), "CYP"),
        ((46.0, 9.7), "SOM"),
        ((63.38, 45.96), "KAZ"),  # Baikonur
        ((21.17, 42.66), "XKX"),
    ],
)
def test_a_place_lies_in_one_country(countries, place, code):
    assert list(countries[countries.intersects(shapely.Point(place))]["iso3"]) == [code]


def test_names_follow_united_nations_usage(countries):
    expected = {
        "IRN": "Iran (Islamic Republic of)",
        "TUR": "Türkiye",
        "RUS": "Russian Federation",
        "SYR": "Syrian Arab Republic",
        "MDA": "Republic of Moldova",
        "TZA": "United Republic of Tanzania",
        "MKD": "North Macedonia",
        "CZE": "Czechia",
        "NLD": "Netherlands (Kingdom of the)",
        "PSE": "State of Palestine",
        "XKX": "Kosovo",
    }
    assert countries.loc[list(expected), "name"].to_dict() == expected
    assert "1244" in countries.loc["XKX", "note"]


def test_every_country_has_a_name_and_a_label(geo, countries):
    with (geo / "country_names.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["iso3"] for row in rows] == sorted(countries["iso3"])
    assert all(row["name"] and row["short_name"] for row in rows)


def test_boundaries_have_one_row_for_each_pair_and_status(boundaries):
    assert not boundaries.duplicated(["iso3_a", "iso3_b", "status"]).any()
    assert (boundaries["iso3_a"] < boundaries["iso3_b"]).all()
    assert set(boundaries["status"]) == STATUSES
    assert boundaries.is_valid.all()
    assert not boundaries.is_empty.any()


@pytest.mark.parametrize(
    ("first", "second", "statuses"),
    [
        ("IND", "PAK", {"international", "line_of_control", "undetermined"}),
        ("CHN", "IND", {"international", "undetermined"}),
        ("SDN", "SSD", {"undetermined"}),
        ("SRB", "XKX", {"administrative"}),
        ("ESH", "MAR", {"undetermined"}),
        ("AFG", "PAK", {"international"}),
    ],
)
def test_status_of_a_boundary(boundaries, first, second, statuses):
    rows = boundaries[boundaries["iso3_a"].eq(first) & boundaries["iso3_b"].eq(second)]
    assert set(rows["status"]) == statuses


def test_land_neighbours_of_afghanistan(boundaries):
    rows = boundaries[boundaries["iso3_a"].eq("AFG") | boundaries["iso3_b"].eq("AFG")]
    assert set(rows["iso3_a"]) | set(rows["iso3_b"]) == {
        "AFG", "CHN", "IRN", "PAK", "TJK", "TKM", "UZB",
    }  # fmt: skip


def test_no_line_is_drawn_in_two_styles(boundaries, disputed):
    shapes = boundaries.geometry.to_numpy()
    assert set(disputed["status"]) <= STATUSES - {"international"}
    for line in disputed.itertuples():
        others = shapes[(boundaries["status"] != line.status).to_numpy()]
        near = others[shapely.dwithin(others, line.geometry, 0.02)]
        beside = shapely.buffer(shapely.union_all(near), 0.02)
        meets_at_ends_only = shapely.length(shapely.intersection(line.geometry, beside)) < 0.1
        assert meets_at_ends_only, line.name


def test_status_parts_of_a_pair_do_not_overlap(boundaries):
    for pair, rows in boundaries.groupby(["iso3_a", "iso3_b"]):
        parts = rows.geometry.to_numpy()
        together = shapely.length(shapely.union_all(parts))
        assert together == pytest.approx(shapely.length(parts).sum()), pair


def test_line_of_control_is_in_both_layers_with_the_same_vertices(boundaries, disputed):
    first = boundaries[boundaries["status"].eq("line_of_control")].geometry
    second = disputed[disputed["status"].eq("line_of_control")].geometry
    assert len(first) == len(second) == 1
    assert shapely.equals_exact(first.iloc[0], second.iloc[0], tolerance=0)


def test_outdated_lines_are_gone(disputed):
    in_karabakh = shapely.box(45.9, 39.3, 47.4, 40.5)
    in_donbas = shapely.box(37.4, 47.0, 39.7, 48.8)
    assert not disputed.intersects(in_karabakh).any()
    assert not disputed.intersects(in_donbas).any()


def test_notice_says_what_every_map_must_say(geo):
    notice = (geo / "boundary_notice.txt").read_text(encoding="utf-8")
    for phrase in (
        "do not imply official endorsement",
        "not a United Nations product",
        "Line of Control",
        "resolution 1244 (1999)",
        "South Sudan has not yet been determined",
        "Natural Earth",
        "Arrows link countries, or places in them, and are not trafficking itineraries",
    ):
        assert phrase in notice


def test_manifest_describes_the_files_as_they_are(geo):
    manifest = json.loads((geo / MANIFEST).read_text(encoding="utf-8"))
    found = {path.name for path in geo.iterdir()} - {MANIFEST, "README.md"}
    assert set(manifest["files"]) == found
    known = {source["source"] for source in manifest["sources"]}
    for name, entry in manifest["files"].items():
        assert entry["sha256"] == sha256_of(geo / name), name
        assert set(entry["sources"]) <= known
        assert entry["licence"]


def test_readme_has_a_row_for_every_file(geo):
    readme = (geo / "README.md").read_text(encoding="utf-8")
    named = {line.split("`")[1] for line in readme.splitlines() if line.startswith("| `")}
    assert named == {path.name for path in geo.iterdir()} - {"README.md"}


def test_readme_names_the_columns_of_the_networks(geo):
    readme = (geo / "README.md").read_text(encoding="utf-8").splitlines()
    for name in ("crossing_nodes.csv", "crossing_legs.parquet", "points.csv", "provinces.parquet"):
        path = geo / name
        table = pq.read_schema(path).names if path.suffix == ".parquet" else list(read_table(path))
        (row,) = (line for line in readme if line.startswith(f"| `{name}`"))
        assert row.split("|")[3].split("`")[1::2] == table


def test_layers_are_small(geo):
    assert sum(path.stat().st_size for path in geo.iterdir()) <= LARGEST_TOTAL_BYTES


def test_comparison_sees_a_moved_vertex(geo, countries, tmp_path):
    moved = countries.set_geometry(
        shapely.transform(countries.geometry.to_numpy(), lambda xy: xy + 1e-4), crs=4326
    )
    for folder, layer in (("a", countries), ("b", moved)):
        (tmp_path / folder).mkdir()
        layer.reset_index(drop=True).to_parquet(tmp_path / folder / "countries.parquet")
    assert differing_files(tmp_path / "a", tmp_path / "b") == ["countries.parquet"]
    assert differing_files(geo, geo) == []
