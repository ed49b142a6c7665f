from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opiateroutes.data import EVIDENCE_TABLES, dictionary, load_sources, read_evidence_table
from opiateroutes.errors import EvidenceError, UnknownNameError
from opiateroutes.evidence import check_table

FOLDER = Path(__file__).parents[2] / "data" / "evidence"


def refused(frame, table):
    with pytest.raises(EvidenceError) as raised:
        check_table(frame, table)
    return raised.value.failures


def cells(kind):
    found = []
    for table in EVIDENCE_TABLES:
        for row in dictionary(table):
            number = row["type"] != "text"
            limited = row["unit"] != "as unit" if number else "|" in row["unit"]
            if (kind == "number" and number) or (kind == "negative" and number and limited):
                found.append((table, row["column"]))
            if kind == "choice" and not number and limited:
                found.append((table, row["column"]))
            if kind == "required" and row["required"] == "yes" and row["type"] != "integer":
                found.append((table, row["column"]))
            if kind == "any":
                found.append((table, row["column"]))
    return found


@st.composite
def mutations(draw, kind):
    table, column = draw(st.sampled_from(cells(kind)))
    frame = read_evidence_table(table).head(40)
    return table, column, frame, draw(st.integers(0, len(frame) - 1))


def with_cell(frame, row, column, value):
    values = frame[column].astype("object").tolist()
    values[row] = value
    text = any(isinstance(v, str) for v in values) and pd.api.types.is_numeric_dtype(frame[column])
    return frame.assign(
        **{column: pd.array(values, dtype="object" if text else frame[column].dtype)}
    )


@pytest.mark.parametrize("table", EVIDENCE_TABLES)
def test_every_shipped_table_keeps_its_rules(table):
    frame = read_evidence_table(table)
    assert check_table(frame, table) is frame
    assert len(frame) > 0


@pytest.mark.parametrize("table", EVIDENCE_TABLES)
def test_the_dictionary_covers_exactly_the_columns_of_the_file(table):
    with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream))
    assert [row["column"] for row in dictionary(table)] == header
    assert all(row["meaning"] and row["type"] for row in dictionary(table))


@pytest.mark.parametrize("table", sorted(set(EVIDENCE_TABLES) - {"sources"}))
def test_every_row_has_a_source_that_exists(table):
    sources = read_evidence_table(table)["source"]
    assert sources.notna().all()
    assert set(sources.str.split("; ").explode()) <= set(load_sources().index)


def test_every_file_of_the_folder_is_a_table_or_the_dictionary():
    assert {path.stem for path in FOLDER.glob("*.csv")} == {*EVIDENCE_TABLES, "dictionary"}


def test_source_keys_differ():
    assert load_sources().index.is_unique


@settings(max_examples=12, deadline=None)
@given(mutations("any"))
def test_a_dropped_column_is_named(mutation):
    table, column, frame, _ = mutation
    found = refused(frame.drop(columns=column), table)
    assert found[["table", "column"]].to_numpy().tolist() == [[table, column]]
    assert found["rule"].tolist() == ["the column is missing"]


@settings(max_examples=12, deadline=None)
@given(mutations("negative"), st.integers(-(10**9), -1))
def test_a_negative_number_is_named(mutation, value):
    table, column, frame, row = mutation
    found = refused(with_cell(frame, row, column, value), table)
    assert found[["table", "row", "column"]].to_numpy().tolist() == [[table, row, column]]
    assert float(found["value"].iloc[0]) == value
    assert found["rule"].tolist() == ["must be at least 0"]


@settings(max_examples=12, deadline=None)
@given(mutations("number"), st.text("abc ,<>", min_size=1))
def test_text_among_numbers_is_named(mutation, value):
    table, column, frame, row = mutation
    found = refused(with_cell(frame, row, column, value), table)
    assert found[["table", "row", "column", "value"]].to_numpy().tolist() == [
        [table, row, column, value]
    ]
    assert found["rule"].tolist() == ["must be a number"]


@settings(max_examples=12, deadline=None)
@given(mutations("choice"), st.text("xyz|", min_size=1))
def test_a_value_outside_of_the_list_is_named(mutation, value):
    table, column, frame, row = mutation
    found = refused(with_cell(frame, row, column, value), table)
    assert found[["table", "row", "column", "value"]].to_numpy().tolist() == [
        [table, row, column, value]
    ]
    assert found["rule"].iloc[0].startswith("must be one of ")


@settings(max_examples=12, deadline=None)
@given(mutations("required"))
def test_an_empty_required_cell_is_named(mutation):
    table, column, frame, row = mutation
    found = refused(with_cell(frame, row, column, None), table)
    assert found[["table", "row", "column"]].to_numpy().tolist() == [[table, row, column]]
    assert found["rule"].tolist() == ["must not be empty"]


def test_an_infinite_weight_is_named():
    frame = with_cell(read_evidence_table("seizures").head(3), 1, "best_kg", float("inf"))
    found = refused(frame, "seizures")
    assert found[["row", "column", "rule"]].to_numpy().tolist() == [
        [1, "best_kg", "must be finite"]
    ]


def test_a_wrong_type_is_named_even_when_every_cell_could_be_read():
    frame = read_evidence_table("groups").assign(node=[1, 2, 3, 4, 5])
    found = refused(frame, "groups")
    assert set(found["column"]) == {"node"}
    assert found["rule"].str.startswith("wrong type").all()


def test_all_failures_of_a_table_are_collected():
    frame = read_evidence_table("seizures").head(5).drop(columns="node")
    frame = with_cell(with_cell(frame, 0, "best_kg", -1), 2, "best_kg", "x").assign(confidence="?")
    found = refused(frame, "seizures")
    assert set(found["column"]) == {"node", "best_kg", "confidence"}
    assert (found["column"] == "confidence").sum() == 5


def test_an_unknown_table_suggests():
    with pytest.raises(UnknownNameError, match="did you mean 'seizures'"):
        check_table(pd.DataFrame(), "seizure")
