from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from opiateroutes.data import EVIDENCE_TABLES, dictionary, load_sources, read_evidence_table
from opiateroutes.evidence.importers.covariate_rows import COVARIATE_TABLES

FOLDER = Path(__file__).parents[2] / "data" / "evidence"
TABLES = sorted(set(EVIDENCE_TABLES) - {"sources"})


def unsourced(rows, known):
    """Rows that name no publication, or one that is not in the list."""
    named = rows["source"].fillna("").str.split("; ")
    return rows[[not set(keys) <= known for keys in named]]


@pytest.fixture(scope="module")
def known():
    return set(load_sources().index)


@pytest.mark.parametrize("table", TABLES)
def test_every_shipped_row_names_a_publication_of_the_list(table, known):
    assert unsourced(read_evidence_table(table), known).empty


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("source", [None, "", "a_report_nobody_has", "wdr2007; ", "wdr2007; x"])
def test_a_row_without_a_publication_of_the_list_is_refused(table, source, known):
    rows = read_evidence_table(table).head(3)
    broken = rows.assign(source=pd.Series([rows["source"].iloc[0], source, "wdr2007"], dtype="str"))
    assert unsourced(broken, known).index.tolist() == [1]


def test_every_publication_of_the_list_is_used(known):
    used = [read_evidence_table(t)["source"].str.split("; ").explode() for t in TABLES]
    assert set(pd.concat(used)) == known


def test_publications_can_be_found_and_have_terms():
    sources = load_sources()
    about = ["title", "publisher", "terms", "obtained"]
    assert sources[about].apply(lambda column: column.str.len().gt(3)).all(axis=None)
    assert set(sources.index[sources["url"].isna()]) == {"aci_2009_cnn", "assumption", "own_list"}
    assert sources["url"].dropna().str.match(r"https?://[\w.-]+\.\w+").all()
    undated = sources.index[sources["year"].isna()]
    assert sources.loc[undated, "title"].str.endswith("(not dated)").all()


@pytest.mark.parametrize("table", TABLES)
def test_no_figure_is_older_than_its_publication_allows(table):
    rows = read_evidence_table(table)
    if "edition" in rows:
        year = rows["last_year"] if table == "finance" else rows["year"]
        assert rows["edition"].dropna().between(2000, 2026).all()
        assert (year <= rows["edition"].fillna(2026)).all()


@pytest.mark.parametrize("table", EVIDENCE_TABLES)
def test_columns_of_the_file_and_of_the_dictionary_are_the_same(table):
    with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream))
    declared = [row["column"] for row in dictionary(table)]
    assert sorted(header) == sorted(declared)
    assert len(set(declared)) == len(declared)


def test_the_dictionary_declares_no_table_that_nobody_gives():
    with (FOLDER / "dictionary.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["table"] for row in rows} == {*EVIDENCE_TABLES, *COVARIATE_TABLES, "*"}
    shared = {row["column"] for row in rows if row["table"] == "*"}
    borrowed = {row["column"] for row in rows if row["table"] != "*" and not row["type"]}
    assert borrowed == shared


@pytest.mark.parametrize("table", EVIDENCE_TABLES)
def test_quantities_have_their_unit_in_the_name(table):
    units = {
        "kg": "_kg",
        "percent": "_percent",
        "ha": "_ha",
        "kg per ha": "_kg_per_ha",
        "USD per kg": "_usd_per_kg",
        "persons": "persons",
        "g per user and year": "_g_per_user",
    }
    for row in dictionary(table):
        if row["unit"] in units:
            assert row["column"].endswith(units[row["unit"]])


@pytest.mark.parametrize("table", EVIDENCE_TABLES)
def test_notes_and_places_speak_to_a_reader(table):
    rows = read_evidence_table(table)
    for column in rows.columns.intersection(["note", "place", "obtained"]):
        text = rows[column].dropna()
        assert not text.str.contains(r"github|\.json|/work/|/tmp/|nan\b", regex=True).any()
