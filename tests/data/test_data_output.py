from __future__ import annotations

import csv
import io
import os
import string
import tempfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opiateroutes.data import TABLE_FORMATS, require_writable, write_atomically, write_table
from opiateroutes.errors import OutputError

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("x")']

READERS = {
    ".csv": lambda p: pd.read_csv(p, keep_default_na=False, na_values=[""]),
    ".json": lambda p: pd.DataFrame(
        pd.read_json(io.StringIO(p.read_text("utf-8")), precise_float=True)
    ),
    ".parquet": pd.read_parquet,
    ".xlsx": lambda p: pd.read_excel(p, engine="openpyxl", keep_default_na=False, na_values=[""]),
}


@st.composite
def frames(draw):
    size = draw(st.integers(1, 5))
    words = st.text(string.ascii_letters + "漢", max_size=5).map("é{}".format)
    return pd.DataFrame(
        {
            "name": draw(st.lists(words, min_size=size, max_size=size)),
            "flow_kg": draw(
                st.lists(
                    st.integers(-(10**6), 10**6).map(lambda n: n / 8), min_size=size, max_size=size
                )
            ),
            "rows": draw(st.lists(st.integers(-(2**31), 2**31), min_size=size, max_size=size)),
        }
    )


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("ending", TABLE_FORMATS)
@given(frame=frames())
@settings(max_examples=10, deadline=None)
def test_a_table_comes_back(ending, frame):
    with tempfile.TemporaryDirectory() as folder:
        back = READERS[ending](write_table(frame, Path(folder) / f"t{ending}"))
    pd.testing.assert_frame_equal(back, frame, check_dtype=False, rtol=1e-12)


@pytest.mark.parametrize("ending", TABLE_FORMATS)
@pytest.mark.parametrize("ending_case", [str.lower, str.upper])
def test_what_is_missing_stays_missing_and_whole_numbers_stay_whole(tmp_path, ending, ending_case):
    frame = pd.DataFrame(
        {"year": pd.array([2010, None], dtype="Int64"), "note": ["NA", None], "kg": [0.0, 2.5]}
    )
    path = write_table(frame, tmp_path / f"t{ending_case(ending)}")
    back = READERS[ending](path)
    assert back.isna().to_numpy().tolist() == frame.isna().to_numpy().tolist()
    assert back.loc[0].tolist() == [2010, "NA", 0]
    if ending == ".csv":
        assert path.read_text() == "year,note,kg\n2010,NA,0.0\n,,2.5\n"


@pytest.mark.parametrize("ending", TABLE_FORMATS)
def test_named_indexes_are_written_and_unnamed_ones_are_not(tmp_path, ending):
    plain = pd.DataFrame({"a": [1]}, index=["x"])
    double = plain.set_index(pd.MultiIndex.from_tuples([("p", 2)], names=["node", None]))
    found = [
        READERS[ending](write_table(frame, tmp_path / f"t{ending}")).columns.tolist()
        for frame in (plain, plain.rename_axis("leg"), double)
    ]
    assert found == [["a"], ["leg", "a"], ["node", "level_1", "a"]]


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("dtype", ["str", "object", "category"])
def test_formulas_are_neutralised_in_csv(tmp_path, text, dtype):
    index = pd.Index([text], name=f"{text}i")
    frame = pd.DataFrame({text: pd.Series([text], index=index, dtype=dtype)})
    raw = write_table(frame, tmp_path / "t.csv").read_bytes().decode()
    rows = list(csv.reader(io.StringIO(raw, newline="")))
    assert [len(row) for row in rows] == [2, 2]
    assert all(cell.startswith("'") for row in rows for cell in row)
    assert "\r" not in raw


def test_a_carriage_return_inside_a_text_begins_no_row(tmp_path):
    path = write_table(pd.DataFrame({"a": ["x\r=1+1", "y\r\nz"]}), tmp_path / "t.csv")
    assert path.read_bytes() == b'a\n"x\n=1+1"\n"y\nz"\n'


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_are_neutralised_in_xlsx(tmp_path, text):
    frame = pd.DataFrame({text: [text]}, index=pd.Index([text], name=text + "i"))
    sheet = openpyxl.load_workbook(write_table(frame, tmp_path / "t.xlsx")).active
    written = [cell for row in sheet.iter_rows() for cell in row]
    assert len(written) == 4
    assert {cell.data_type for cell in written} == {"s"}
    assert all(cell.value.startswith("'") for cell in written)


@pytest.mark.parametrize("ending", [".json", ".parquet"])
@pytest.mark.parametrize("text", FORMULAS)
def test_text_is_left_alone_where_nothing_runs_it(tmp_path, ending, text):
    back = READERS[ending](write_table(pd.DataFrame({"a": [text, "x"]}), tmp_path / f"t{ending}"))
    assert back["a"].tolist() == [text, "x"]


def test_negative_numbers_are_no_formulas(tmp_path):
    path = write_table(pd.DataFrame({"a": [-1.5], "b": ["a-1=2"]}), tmp_path / "t.csv")
    assert path.read_text() == "a,b\n-1.5,a-1=2\n"


def test_writing_changes_nothing_in_place(tmp_path):
    frame = pd.DataFrame({"=a": ["=b"]})
    before = frame.copy()
    write_table(frame, tmp_path / "t.csv")
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), ValueError("bad"), KeyboardInterrupt()]
)
def test_a_writer_that_raises_leaves_the_old_file_and_nothing_beside_it(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def write(draft):
        draft.write_text("half")
        raise error

    expected = OutputError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected):
        write_atomically(path, write)
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("ending", TABLE_FORMATS)
def test_what_a_format_cannot_hold_is_an_output_error_and_leaves_the_old_file(tmp_path, ending):
    path = tmp_path / f"t{ending}"
    path.write_text("old")
    impossible = {
        ".csv": pd.DataFrame({"a": ["\ud800"]}, dtype="object"),
        ".json": pd.DataFrame([[1, 2]], columns=["a", "a"]),
        ".parquet": pd.DataFrame({"a": [1, "x"]}, dtype="object"),
        ".xlsx": pd.DataFrame({"a": ["\x00"]}),
    }
    with pytest.raises(OutputError, match="cannot write"):
        write_table(impossible[ending], path)
    assert path.read_text() == "old"
    assert names(tmp_path) == [path.name]


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_a_written_file_has_the_permissions_of_an_ordinary_one(tmp_path, mask):
    before = os.umask(mask)
    try:
        (tmp_path / "plain").touch()
        path = write_table(pd.DataFrame({"a": [1]}), tmp_path / "t.csv")
        assert os.umask(mask) == mask
    finally:
        os.umask(before)
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_file_is_replaced(tmp_path):
    for word in ("old", "new"):
        path = write_atomically(
            str(tmp_path / "a"), lambda draft, word=word: draft.write_text(word)
        )
    assert path.read_text() == "new"
    assert names(tmp_path) == ["a"]


def test_a_folder_is_no_target(tmp_path):
    (tmp_path / "t.csv").mkdir()
    with pytest.raises(OutputError, match="it is a folder"):
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "t.csv")


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(OutputError, match="there is no folder"):
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "none" / "t.csv")


@pytest.mark.parametrize("name", ["t.ods", "t", "t.csv.gz"])
def test_an_unknown_ending_lists_the_known_ones(tmp_path, name):
    with pytest.raises(OutputError, match=r"\.csv, \.json, \.parquet, \.xlsx"):
        write_table(pd.DataFrame({"a": [1]}), tmp_path / name)
    assert names(tmp_path) == []


def test_a_read_only_folder_is_refused_before_work_begins(tmp_path, monkeypatch):
    monkeypatch.setattr(
        os, "access", lambda folder, mode: not (mode & os.W_OK and folder == tmp_path)
    )
    with pytest.raises(OutputError, match="read-only"):
        require_writable(tmp_path / "a.html")


def test_a_place_that_can_be_written_is_silent(tmp_path):
    assert require_writable(tmp_path / "a.any") is None
    assert names(tmp_path) == []


def test_a_name_that_is_too_long_is_an_output_error(tmp_path):
    with pytest.raises(OutputError, match="too long"):
        write_table(pd.DataFrame({"a": [1]}), tmp_path / f"{'a' * 300}.csv")
    assert names(tmp_path) == []


def test_a_full_disk_is_named_as_such(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", refuse)
    with pytest.raises(OutputError, match=r"t\.csv: No space left on device$"):
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "t.csv")
