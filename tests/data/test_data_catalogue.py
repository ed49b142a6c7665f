from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import opiateroutes as opr
from opiateroutes.data import (
    EVIDENCE_TABLES,
    boundary_notice,
    catalogue,
    data_path,
    describe,
    dictionary,
    nearest,
    read_evidence_table,
    resolver,
)
from opiateroutes.errors import DataFileError, UnknownNameError

DATA = Path(__file__).parents[2] / "data"
ABOUT = {"README.md", "manifest.json", "dictionary.csv"}
PATHS = [p for folder in ("evidence", "geo") for p in (DATA / folder).iterdir()]
FILES = sorted(
    f"{path.parent.name}/{path.stem if path.parent.name == 'evidence' else path.name}"
    for path in PATHS
    if path.name not in ABOUT
)


def test_every_file_is_listed_and_nothing_else():
    assert sorted(catalogue().index) == FILES


def test_every_entry_has_a_licence_and_rows():
    assert catalogue()["licence"].str.len().gt(0).all()
    assert catalogue()["rows"].gt(0).all()


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_described(name):
    entry = describe(name)
    assert entry["name"] == name
    assert entry["licence"]
    assert entry["rows"] == catalogue().loc[name, "rows"]


@pytest.mark.parametrize("table", EVIDENCE_TABLES)
def test_evidence_is_described_with_units_and_counted_sources(table):
    entry = describe(table)
    assert entry == describe(f"evidence/{table}")
    assert [set(c) for c in entry["columns"]] == [
        {"column", "type", "unit", "required", "meaning"}
    ] * len(dictionary(table))
    if table != "sources":
        assert sum(entry["sources"].values()) >= entry["rows"]
        assert set(entry["sources"]) <= set(opr.load_sources().index)


def test_geodata_is_described_with_its_checksum():
    assert len(describe("geo/country_legs.csv")["sha256"]) == 64


def test_geodata_is_described_with_columns_and_origins():
    legs = describe("country_legs")
    assert legs["name"] == "geo/country_legs.csv"
    assert {"column": "why"} in legs["columns"]
    assert "searoute" in legs["sources"]
    assert {"column": "geometry"} in describe("countries")["columns"]
    assert {"column": "border"} in describe("geo/crossing_legs.parquet")["columns"]
    assert describe("boundary_notice.txt")["columns"] == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("evidence/seizure", "'evidence/seizures'"),
        ("seizure", "'evidence/seizures'"),
        ("geo/country_leg.csv", "'geo/country_legs.csv'"),
    ],
)
def test_an_unknown_file_suggests(name, said):
    with pytest.raises(UnknownNameError, match=f"did you mean {said}"):
        describe(name)


def test_an_unknown_table_suggests():
    with pytest.raises(UnknownNameError, match="did you mean 'prevalence'"):
        dictionary("prevalance")


@pytest.mark.parametrize(("name", "said"), [("suply", "; did you mean 'supply'?"), ("weather", "")])
def test_nearest_offers_only_what_is_close(name, said):
    assert nearest(name, ["supply", "demand"]) == said


def test_a_changed_dictionary_changes_for_nobody_else():
    dictionary("groups")[0]["meaning"] = "changed"
    assert dictionary("groups")[0]["meaning"] != "changed"


@pytest.mark.parametrize(
    ("table", "column", "dtype"),
    [
        ("seizures", "best_kg", "float64"),
        ("seizures", "year", "Int64"),
        ("seizures", "note", "str"),
    ],
)
def test_columns_have_the_types_of_the_dictionary(table, column, dtype):
    assert read_evidence_table(table)[column].dtype == dtype


def test_an_empty_cell_is_missing_and_a_zero_is_zero():
    seizures = read_evidence_table("seizures")
    assert seizures["best_kg"].eq(0).any()
    assert seizures["note"].isna().any()
    assert not seizures["note"].eq("").any()


def test_named_routes_start_where_the_poppy_grows_and_use_known_countries():
    routes = opr.load_routes()
    nodes = set(opr.load_network().nodes.index)
    assert routes["route"].is_unique
    assert all(set(way.split(">")) <= nodes for way in routes["nodes"])
    assert routes["nodes"].str.contains("AFG").any()


def test_the_boundary_notice_says_that_this_is_no_united_nations_product():
    assert "not a United Nations product" in " ".join(boundary_notice().split())


def test_a_missing_file_says_what_to_do():
    with pytest.raises(DataFileError, match="install opiateroutes again") as raised:
        data_path("evidence/none.csv")
    assert isinstance(raised.value, FileNotFoundError)


def test_the_wheel_goes_before_the_repository(tmp_path, monkeypatch):
    (tmp_path / "a.csv").touch()
    monkeypatch.setattr(resolver, "_IN_WHEEL", tmp_path)
    assert data_path("a.csv") == tmp_path / "a.csv"
    assert data_path("evidence/supply.csv") == DATA / "evidence" / "supply.csv"


def test_population_is_of_whole_persons():
    assert pd.api.types.is_integer_dtype(read_evidence_table("population")["persons"])
