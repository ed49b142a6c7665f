"""Fits on disk: all digits, the same bytes, no formulas, nothing half written."""

import json
import os
import time

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
from instances import random_case

import opiateroutes as opr
from opiateroutes.errors import OutputError, UnknownNameError
from opiateroutes.flows.reading import files

TABLES = ["legs", "nodes", "routes", "residuals", "unused"]
NAMES = {"csv": "fit", "parquet": "fit", "xlsx": "fit.xlsx", "json": "fit.json", "gpkg": "fit.gpkg"}


@pytest.fixture(scope="module")
def fit():
    return opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))


@pytest.fixture(scope="module")
def small():
    return opr.estimate_flows(*random_case(1))


def read(path, kind, table):
    """A table as an outsider reads it."""
    if kind == "csv":
        return pd.read_csv(path / f"{table}.csv", keep_default_na=False, na_values=[""])
    if kind == "parquet":
        return pd.read_parquet(path / f"{table}.parquet")
    if kind == "xlsx":
        return pd.read_excel(
            path, sheet_name=table, engine="openpyxl", keep_default_na=False, na_values=[""]
        )
    if kind == "json":
        return pd.DataFrame(json.loads(path.read_text(encoding="utf-8"))[table])
    return pyogrio.read_dataframe(path, layer=table, read_geometry=table in ("legs", "nodes"))


def contents(path):
    paths = sorted(path.iterdir()) if path.is_dir() else [path]
    return {entry.name: entry.read_bytes() for entry in paths}


@pytest.mark.parametrize("kind", NAMES)
def test_numbers_come_back_equal(tmp_path, fit, kind):
    path = fit.save(tmp_path / NAMES[kind], format=kind)
    for table in TABLES:
        written = getattr(fit, table).reset_index().infer_objects()
        back = read(path, kind, table)
        assert back.columns.tolist()[: written.shape[1]] == written.columns.tolist()
        assert len(back) == len(written)
        for column in written.select_dtypes("number"):
            expected = written[column].astype("float64")
            found = back[column].astype("float64")
            # A workbook holds sixteen digits of a number.
            digits = {"rtol": 1e-15, "atol": 0.0} if kind == "xlsx" else {"check_exact": True}
            pd.testing.assert_series_equal(found, expected, **digits)
        for column in written.select_dtypes(exclude="number"):
            expected = written[column].astype("object").fillna("").tolist()
            assert back[column].astype("object").fillna("").tolist() == expected


@pytest.mark.parametrize("kind", NAMES)
def test_the_same_fit_gives_the_same_bytes(tmp_path, small, kind):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        small.save(tmp_path / folder / NAMES[kind], format=kind)
    first, second = (contents(tmp_path / folder / NAMES[kind]) for folder in ("one", "two"))
    assert first == second


def test_a_workbook_does_not_tell_the_time(tmp_path, small, monkeypatch):
    first = contents(small.save(tmp_path / "a.xlsx"))["a.xlsx"]
    later = time.time() + 1e6
    monkeypatch.setattr(time, "time", lambda: later)
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(later))
    assert contents(small.save(tmp_path / "b.xlsx"))["b.xlsx"] == first
    about = openpyxl.load_workbook(tmp_path / "b.xlsx").properties
    assert about.created.year == about.modified.year == 2000


@pytest.mark.parametrize("kind", ["csv", "parquet", "json"])
def test_provenance_and_certificate_are_beside_the_tables(tmp_path, fit, kind):
    path = fit.save(tmp_path / NAMES[kind], format=kind)
    text = (path / "provenance.json" if path.is_dir() else path).read_text(encoding="utf-8")
    about = json.loads(text)["provenance"] if kind == "json" else json.loads(text)
    assert about["certificate"] == {
        "gap": fit.certificate.gap,
        "balance": fit.certificate.balance,
        "iterations": fit.certificate.iterations,
    }
    assert about["year"] == 2010
    assert about["inputs_sha256"] == fit.provenance["inputs_sha256"]
    assert about["unit"] == fit.unit
    assert about["supply_kg"] == fit.supply_kg


def test_a_workbook_has_a_sheet_for_each_table(tmp_path, fit):
    book = openpyxl.load_workbook(fit.save(tmp_path / "fit.xlsx"))
    assert book.sheetnames == [*TABLES, "provenance"]
    about = dict(book["provenance"].iter_rows(min_row=2, values_only=True))
    assert json.loads(about["certificate"])["gap"] == fit.certificate.gap


@pytest.mark.parametrize("kind", ["gpkg", "parquet"])
def test_legs_and_nodes_have_their_geometry(tmp_path, fit, kind):
    path = fit.save(tmp_path / NAMES[kind], format=kind)
    for table in ("legs", "nodes"):
        back = (
            gpd.read_file(path, layer=table)
            if kind == "gpkg"
            else gpd.read_parquet(path / f"{table}.parquet")
        )
        expected = getattr(fit.network, table)
        assert back.crs == expected.crs
        assert back.geometry.geom_equals(expected.geometry.reset_index(drop=True)).all()


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_text_never_becomes_a_formula(tmp_path, start):
    net, evidence = random_case(1)
    name = f'{start}HYPERLINK("x")'
    nodes = net.nodes.assign(name=name)
    fit = opr.estimate_flows(opr.RouteNetwork.from_tables(nodes, net.legs), evidence)
    folder = fit.save(tmp_path / "fit")
    names = pd.read_csv(folder / "nodes.csv")["name"]
    assert set(names) == {f"'{name}"}
    sheet = openpyxl.load_workbook(fit.save(tmp_path / "fit.xlsx"))["nodes"]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert f"'{name}" in {cell.value for cell in cells}
    told = json.loads(fit.save(tmp_path / "fit.json").read_text(encoding="utf-8"))
    assert {row["name"] for row in told["nodes"]} == {name}


@pytest.mark.parametrize("kind", NAMES)
def test_an_older_one_is_replaced(tmp_path, small, kind):
    path = tmp_path / NAMES[kind]
    before = contents(small.save(path, format=kind))
    assert contents(small.save(path, format=kind)) == before
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [path.name]


@pytest.mark.parametrize("kind", NAMES)
def test_nothing_is_half_written(tmp_path, small, kind, monkeypatch):
    path = small.save(tmp_path / NAMES[kind], format=kind)
    before = contents(path)

    def refuse(*_, **__):
        raise OSError(28, "No space left on device")

    for module, name in (
        (pd.DataFrame, "to_csv"),
        (pd.DataFrame, "to_parquet"),
        (pd.DataFrame, "to_excel"),
        (json, "dumps"),
        (pyogrio, "write_dataframe"),
    ):
        monkeypatch.setattr(module, name, refuse)
    with pytest.raises(OutputError, match="No space left on device"):
        small.save(path, format=kind)
    assert contents(path) == before
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [path.name]


@pytest.mark.parametrize("kind", NAMES)
def test_a_link_is_not_written_through(tmp_path, small, kind):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = tmp_path / NAMES[kind]
    link.symlink_to(elsewhere)
    with pytest.raises(OutputError, match=r"it is a link to .*elsewhere; give that name"):
        small.save(link, format=kind)
    assert list(elsewhere.iterdir()) == []


def test_a_read_only_folder_is_named(tmp_path, small, monkeypatch):
    allowed = os.access
    monkeypatch.setattr(
        os, "access", lambda folder, mode: mode != os.W_OK and allowed(folder, mode)
    )
    for name in ("fit", "fit.xlsx"):
        with pytest.raises(OutputError, match="is read-only"):
            small.save(tmp_path / name)


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path, small):
    other = tmp_path / "papers"
    other.mkdir()
    (other / "legs.csv").write_text("mine")
    (other / "letter.txt").write_text("mine")
    with pytest.raises(OutputError, match="holds something else"):
        small.save(other)
    (tmp_path / "a.xlsx").mkdir()
    with pytest.raises(OutputError, match="holds something else"):
        small.save(tmp_path / "a.xlsx")
    assert (other / "legs.csv").read_text() == "mine"


def test_names_and_formats_that_do_not_fit(tmp_path, small):
    with pytest.raises(OutputError, match=r"the ending '\.shp' is not one of \.xlsx, \.json"):
        small.save(tmp_path / "fit.shp")
    with pytest.raises(UnknownNameError, match=r"no format 'xslx'.*did you mean 'xlsx'"):
        small.save(tmp_path / "fit", format="xslx")
    with pytest.raises(OutputError, match=r"the ending of the format 'gpkg' is \.gpkg"):
        small.save(tmp_path / "fit.json", format="gpkg")
    with pytest.raises(OutputError, match="there is no folder"):
        small.save(tmp_path / "none" / "fit.json")
    assert files.FIT_FORMATS.keys() == NAMES.keys()


@pytest.mark.parametrize("kind", NAMES)
def test_a_still_network_and_a_baseline_are_written_too(tmp_path, kind):
    net, evidence = random_case(1)
    baseline = opr.estimate_flows(net, evidence, method="gravity")
    path = baseline.save(tmp_path / NAMES[kind], format=kind)
    assert read(path, kind, "legs")["low_kg"].isna().all()
    evidence.supply["best_kg"] = 0.0
    still = opr.estimate_flows(net, evidence)
    path = still.save(tmp_path / NAMES[kind], format=kind)
    assert (read(path, kind, "legs")["flow_kg"] == 0).all()
    assert len(read(path, kind, "routes")) == 0
