"""The folder of CSV files: the same network comes back, and spreadsheets are safe with it."""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from network_strategies import networks

import opiateroutes as opr
from opiateroutes.errors import DataFileError, OutputError, UnknownNameError

FILES = ["legs.csv", "meta.json", "nodes.csv", "types.json"]


def exact(shapes):
    # Text has no negative zero.
    return shapely.to_wkb(shapely.transform(shapes.to_numpy(), lambda xy: xy + 0.0)).tolist()


def assert_same(left, right):
    for table in ("nodes", "legs"):
        one, other = getattr(left, table), getattr(right, table)
        assert one.index.equals(other.index)
        assert one.index.name == other.index.name
        assert one.dtypes.to_dict() == other.dtypes.to_dict()
        assert_geodataframe_equal(one, other, check_dtype=True, check_crs=True)
        assert exact(one.geometry) == exact(other.geometry)
    assert dict(left.meta) == dict(right.meta)


def tiny(name="a", **columns):
    return opr.RouteNetwork.from_tables(
        pd.DataFrame({"node": [name, "b"]}),
        pd.DataFrame({"u": [name], "v": ["b"], **columns}),
        meta={"title": name},
    )


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def cells(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


@pytest.mark.parametrize("level", ["countries", "crossings"])
def test_the_shipped_networks_come_back_the_same(tmp_path, level):
    net = opr.load_network(level)
    path = net.save(tmp_path / "net", format="csv")
    assert names(path) == FILES
    assert_same(opr.read_network(path), net)


@given(net=networks())
@settings(max_examples=40, deadline=None)
def test_any_network_comes_back_the_same(net):
    with tempfile.TemporaryDirectory() as folder:
        assert_same(opr.read_network(net.save(Path(folder) / "net", format="csv")), net)


@pytest.mark.parametrize(
    "values",
    [
        pd.array([7], dtype="int64"),
        pd.array([2**62 + 1], dtype="Int64"),
        pd.array([200], dtype="uint8"),
        pd.array([True], dtype="bool"),
        pd.array([False], dtype="boolean"),
        pd.array([pd.NA], dtype="boolean"),
        pd.array([2.5], dtype="float32"),
        pd.Series([0.1 + 0.2]),
        pd.Series([np.inf]),
        pd.Series([-0.0]),
        pd.to_datetime(["2021-02-03 04:05:06.789"]),
        pd.to_datetime(["2021-02-03 04:05:06"]).tz_localize("Asia/Kabul"),
        pd.Series([None], dtype="object"),
        pd.Series([float("nan")]),
        pd.Series(["x"], dtype="object"),
    ],
    ids=str,
)
def test_types_of_columns_come_back(tmp_path, values):
    net = tiny(extra=values)
    assert_same(opr.read_network(net.save(tmp_path / "net", format="csv")), net)


@pytest.mark.parametrize(
    "word",
    [
        "",
        "\r",
        "\\e",
        "\\u0041",
        "\x1f",
        "a\tb\n",
        "<&>'\"",
        "\ufffe",
        "\ufeff",
        "NA",
        ",",
        " ",
        "\0",
    ],
)
def test_awkward_text_comes_back(tmp_path, word):
    net = tiny(f"id{word}", why=[word], **{f"column{word}": ["x"]})
    assert_same(opr.read_network(net.save(tmp_path / "net", format="csv")), net)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\n"])
def test_a_spreadsheet_finds_no_formula(tmp_path, start):
    net = tiny(f"{start}1+1", why=[f"{start}cmd"], lost=[-1.5])
    path = net.save(tmp_path / "net", format="csv")
    rows = cells(path / "nodes.csv") + cells(path / "legs.csv")
    found = [cell for row in rows for cell in row if cell.startswith(start)]
    assert found in ([], ["-1.5"])
    assert_same(opr.read_network(path), net)


def test_the_tables_can_be_read_without_us(tmp_path):
    net = opr.load_network("countries")
    path = net.save(tmp_path / "net", format="csv")
    legs = pd.read_csv(path / "legs.csv", index_col="leg")
    assert legs["distance_km"].tolist() == net.legs["distance_km"].tolist()
    assert legs.loc["AFG>IRN:land", "geometry"].startswith("LINESTRING (")
    assert cells(path / "nodes.csv")[0][0] == "node"
    assert json.loads((path / "meta.json").read_text())["level"] == "countries"
    assert json.loads((path / "types.json").read_text())["legs"]["distance_km"] == "float64"


@pytest.mark.parametrize("degrees", [0.1 + 0.2, 1 / 3, 5e-324, 179.99999999999997])
def test_every_digit_of_a_position_comes_back(tmp_path, degrees):
    nodes = pd.DataFrame({"node": ["a", "b"], "lon": [degrees, 1], "lat": [degrees / 2, 1]})
    net = opr.RouteNetwork.from_tables(nodes, pd.DataFrame({"u": ["a"], "v": ["b"]}))
    assert_same(opr.read_network(net.save(tmp_path / "net", format="csv")), net)


def test_shapes_of_several_parts_come_back(tmp_path):
    shape = shapely.MultiLineString([[(179, 1), (180, 2)], [(-180, 2), (-179, 3)]])
    net = tiny(geometry=[shape])
    assert_same(opr.read_network(net.save(tmp_path / "net", format="csv")), net)


def test_missing_and_empty_differ(tmp_path):
    net = tiny(why=[""], note=pd.array([pd.NA], dtype="str"))
    path = net.save(tmp_path / "net", format="csv")
    legs = dict(zip(*cells(path / "legs.csv"), strict=True))
    assert (legs["why"], legs["note"]) == ("\\e", "")


def test_the_same_network_is_the_same_bytes(tmp_path):
    one, two = (
        opr.load_network("countries").save(tmp_path / n, format="csv") for n in ("one", "two")
    )
    assert all((one / name).read_bytes() == (two / name).read_bytes() for name in FILES)


@pytest.mark.parametrize("before", ["csv", "parquet"])
@pytest.mark.parametrize("after", ["csv", "parquet", None])
def test_a_saved_folder_is_replaced_by_either_format(tmp_path, before, after):
    path = tmp_path / "net"
    tiny("old").save(path, format=before)
    assert tiny("new").save(path, format=after) == path
    assert names(tmp_path) == ["net"]
    assert_same(opr.read_network(path), tiny("new"))
    assert ("nodes.csv" in names(path)) == (after == "csv")


@pytest.mark.parametrize("ours", [["nodes.csv", "legs.csv"], ["meta.json", "nodes.csv"]])
def test_tables_of_other_origin_are_never_replaced(tmp_path, ours):
    path = tmp_path / "net"
    path.mkdir()
    for name in ours:
        (path / name).write_text("node\nmine\n")
    with pytest.raises(OutputError, match="something else"):
        tiny().save(path, format="csv")
    assert names(path) == sorted(ours)
    assert names(tmp_path) == ["net"]


def test_an_empty_folder_may_be_filled(tmp_path):
    assert_same(opr.read_network(tiny().save(tmp_path, format="csv")), tiny())


def test_a_line_of_very_many_points_comes_back(tmp_path):
    net = tiny(geometry=[shapely.LineString([(k / 1e4, 1 / (k + 3)) for k in range(9000)])])
    assert_same(opr.read_network(net.save(tmp_path / "net", format="csv")), net)
    assert csv.field_size_limit() == 131072


@pytest.mark.parametrize("value", [object(), 5, (1, 2), pd.Timedelta("1h")])
def test_what_csv_cannot_hold_is_an_output_error_and_the_old_folder_survives(tmp_path, value):
    path = tiny("old").save(tmp_path / "net", format="csv")
    with pytest.raises(OutputError, match="cannot hold the column 'what'"):
        tiny("new", what=pd.Series([value], dtype="object")).save(path, format="csv")
    assert opr.read_network(path).meta == {"title": "old"}
    assert names(tmp_path) == ["net"]


@pytest.mark.parametrize(
    ("format_", "ending"), [("gpkg", ".gpkg"), ("graphml", ".graphml"), ("parquet", "")]
)
def test_the_format_may_be_named(tmp_path, format_, ending):
    path = tiny().save(tmp_path / f"net{ending}", format=format_)
    assert_same(opr.read_network(path), tiny())


@pytest.mark.parametrize(
    ("name", "format_"),
    [("net.csv", "csv"), ("net.gpkg", "csv"), ("net", "gpkg"), ("net.graphml", "gpkg")],
)
def test_name_and_format_must_agree(tmp_path, name, format_):
    with pytest.raises(OutputError, match="ending"):
        tiny().save(tmp_path / name, format=format_)
    assert names(tmp_path) == []


def test_an_unknown_format_is_named_with_the_nearest(tmp_path):
    with pytest.raises(UnknownNameError, match="did you mean 'graphml'"):
        tiny().save(tmp_path / "net", format="graphm")
    assert names(tmp_path) == []


def test_a_folder_that_lost_a_table_is_a_data_file_error(tmp_path):
    path = tiny().save(tmp_path / "net", format="csv")
    (path / "legs.csv").unlink()
    with pytest.raises(DataFileError, match=r"legs\.csv"):
        opr.read_network(path)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("types.json", "{}"),
        ("nodes.csv", "id\na\n"),
        ("nodes.csv", "node\na,b\n"),
        ("legs.csv", ""),
        ("legs.csv", 'leg,"x\n'),
    ],
)
def test_a_spoiled_folder_is_a_data_file_error(tmp_path, file, text):
    path = tiny().save(tmp_path / "net", format="csv")
    (path / file).write_text(text)
    with pytest.raises(DataFileError, match="does not hold a network"):
        opr.read_network(path)


def test_a_copy_of_a_folder_reads_like_the_folder(tmp_path):
    shutil.copytree(tiny().save(tmp_path / "net", format="csv"), tmp_path / "copy")
    assert_same(opr.read_network(tmp_path / "copy"), tiny())
