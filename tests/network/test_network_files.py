from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

import pandas as pd
import pyogrio
import pytest
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from network_strategies import networks

import opiateroutes as opr
from opiateroutes.errors import DataFileError, OutputError

ENDINGS = [".gpkg", "", ".graphml"]


def assert_same(left, right):
    for table in ("nodes", "legs"):
        one, other = getattr(left, table), getattr(right, table)
        assert one.index.equals(other.index)
        assert one.index.name == other.index.name
        assert_geodataframe_equal(one, other, check_dtype=True, check_crs=True)
        assert one.geometry.to_wkb().tolist() == other.geometry.to_wkb().tolist()
    assert dict(left.meta) == dict(right.meta)


def tiny(name="a", **columns):
    return opr.RouteNetwork.from_tables(
        pd.DataFrame({"node": [name, "b"]}),
        pd.DataFrame({"u": [name], "v": ["b"], **columns}),
        meta={"title": name},
    )


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="module")
def shipped():
    return opr.load_network("countries")


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_shipped_network_comes_back_the_same(shipped, tmp_path, ending):
    assert_same(opr.read_network(shipped.save(tmp_path / f"net{ending}")), shipped)


@pytest.mark.parametrize("ending", ENDINGS)
@given(net=networks())
@settings(max_examples=8, deadline=None)
def test_any_network_comes_back_the_same(ending, net):
    with tempfile.TemporaryDirectory() as folder:
        assert_same(opr.read_network(net.save(Path(folder) / f"net{ending}")), net)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    "values",
    [
        pd.array([7], dtype="int64"),
        pd.array([True], dtype="bool"),
        pd.array([2.5], dtype="float32"),
        pd.to_datetime(["2021-02-03 04:05:06"]),
        pd.Series([None], dtype="object"),
        pd.Series([float("nan")]),
    ],
    ids=["int", "bool", "float32", "time", "nothing", "nan"],
)
def test_types_of_columns_come_back(tmp_path, ending, values):
    net = tiny(extra=values)
    assert_same(opr.read_network(net.save(tmp_path / f"net{ending}")), net)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("word", ["", "\r", "\\e", "\\u0041", "\x1f", "a\tb\n", "<&>'\"", "\ufffe"])
def test_awkward_text_comes_back(tmp_path, ending, word):
    net = tiny(f"id{word}", why=[word])
    assert_same(opr.read_network(net.save(tmp_path / f"net{ending}")), net)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_saved_network_is_replaced_and_nothing_is_left_beside_it(tmp_path, ending):
    path = tmp_path / f"net{ending}"
    tiny("old").save(str(path))
    assert tiny("new").save(path) == path
    assert opr.read_network(path).meta == {"title": "new"}
    assert names(tmp_path) == [path.name]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_saved_network_is_readable_like_any_file(tmp_path, ending):
    path = tiny().save(tmp_path / f"net{ending}")
    plain = tmp_path / "plain"
    plain.touch() if ending else plain.mkdir()
    assert path.stat().st_mode == plain.stat().st_mode


@pytest.mark.parametrize("name", ["net.csv", "net.json", "net.v1"])
def test_an_unknown_ending_writes_nothing(tmp_path, name):
    with pytest.raises(OutputError, match="ending"):
        tiny().save(tmp_path / name)
    assert names(tmp_path) == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_missing_folder_is_an_output_error(tmp_path, ending):
    with pytest.raises(OutputError, match="No such file"):
        tiny().save(tmp_path / "none" / f"net{ending}")
    assert names(tmp_path) == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_foreign_folder_is_never_replaced(tmp_path, ending):
    path = tmp_path / f"net{ending}"
    path.mkdir()
    (path / "meta.json").write_text("{}")
    (path / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="something else"):
        tiny().save(path)
    assert (path / "thesis.txt").read_text() == "years of work"
    assert names(tmp_path) == [path.name]


def test_a_folder_with_an_ending_is_not_replaced_even_by_its_own_format(tmp_path):
    path = tmp_path / "net.gpkg"
    path.mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        tiny().save(path)


def test_a_file_is_not_replaced_by_a_folder(tmp_path):
    path = tmp_path / "net"
    path.write_text("mine")
    with pytest.raises(OutputError):
        tiny().save(path)
    assert path.read_text() == "mine"


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_a_format_cannot_hold_is_an_output_error_and_the_old_file_survives(tmp_path, ending):
    path = tiny("old").save(tmp_path / f"net{ending}")
    with pytest.raises(OutputError, match="cannot write the network"):
        tiny("new", what=[object()]).save(path)
    assert opr.read_network(path).meta == {"title": "old"}
    assert names(tmp_path) == [path.name]


@pytest.mark.parametrize("ending", ENDINGS)
def test_metadata_that_is_no_json_is_an_output_error(tmp_path, ending):
    net = opr.RouteNetwork.from_tables(tiny().nodes, tiny().legs, meta={"net": tiny()})
    with pytest.raises(OutputError, match="not JSON serializable"):
        net.save(tmp_path / f"net{ending}")
    assert names(tmp_path) == []


@pytest.mark.parametrize("method", ["rename", "replace"])
def test_the_old_network_survives_when_the_new_one_cannot_be_moved(tmp_path, monkeypatch, method):
    path = tiny("old").save(tmp_path / ("net" if method == "rename" else "net.gpkg"))
    move = getattr(Path, method)

    def refuse(self, target):
        if ".writing-" in str(self) and not str(self).endswith(".replaced"):
            raise OSError(28, "No space left on device")
        return move(self, target)

    monkeypatch.setattr(Path, method, refuse)
    with pytest.raises(OutputError, match="No space left"):
        tiny("new").save(path)
    monkeypatch.undo()
    assert opr.read_network(path).meta == {"title": "old"}
    assert names(tmp_path) == [path.name]


def test_an_empty_folder_may_be_filled(tmp_path):
    assert_same(opr.read_network(tiny().save(tmp_path)), tiny())


def test_a_network_that_is_not_there_is_a_data_file_error(tmp_path):
    with pytest.raises(DataFileError, match="no network at"):
        opr.read_network(tmp_path / "none.gpkg")


def test_an_unknown_ending_cannot_be_read(tmp_path):
    (tmp_path / "net.csv").touch()
    with pytest.raises(DataFileError, match="is not a"):
        opr.read_network(tmp_path / "net.csv")


@pytest.mark.parametrize("name", ["net.gpkg", "net.graphml", "net"])
def test_a_file_that_is_no_network_is_a_data_file_error(tmp_path, name):
    (tmp_path / name).write_text("something else")
    with pytest.raises(DataFileError, match="does not hold a network"):
        opr.read_network(tmp_path / name)


def test_a_folder_that_lost_a_table_is_a_data_file_error(tmp_path):
    path = tiny().save(tmp_path / "net")
    (path / "legs.parquet").unlink()
    with pytest.raises(DataFileError, match=r"legs\.parquet"):
        opr.read_network(path)


def test_a_copy_of_a_folder_reads_like_the_folder(tmp_path):
    shutil.copytree(tiny().save(tmp_path / "net"), tmp_path / "copy")
    assert_same(opr.read_network(tmp_path / "copy"), tiny())


def test_a_geopackage_is_the_same_bytes_each_time_and_gdal_is_left_alone(tmp_path):
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    one = tiny().save(tmp_path / "one.gpkg").read_bytes()
    time.sleep(0.01)  # the date in the file has milliseconds
    assert tiny().save(tmp_path / "two.gpkg").read_bytes() == one
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") == before
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2001-01-01T00:00:00.000Z"})
    try:
        assert tiny().save(tmp_path / "three.gpkg").read_bytes() == one
        kept = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
    assert kept == "2001-01-01T00:00:00.000Z"
