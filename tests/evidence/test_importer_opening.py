from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutated_books import write_book

from opiateroutes.errors import DataFileError, OpiateRoutesError
from opiateroutes.evidence.importers import opening
from opiateroutes.evidence.importers.cell_facts import cell_facts
from opiateroutes.evidence.importers.delimited import csv_rows
from opiateroutes.evidence.importers.opening import CSV, XLSX, open_file
from opiateroutes.evidence.importers.sheet_extent import MOST_CELLS

ROWS = "Country,Year,Kg\nCôte d'Ivoire,2020,1.5\n"


def zipped(path: Path, members: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def book(tmp_path):
    rows = [[], [None, "Country", "Year"], [None, "Iran", 2020]]
    return write_book(tmp_path / "book.xlsx", {"One": rows, "Two": [["x"]]})


def test_a_workbook_keeps_the_numbers_of_its_rows_and_columns(book):
    file = open_file(book)
    assert (file.kind, file.member) == (XLSX, "")
    assert file.sheets == {
        "One": [["", "", ""], ["", "Country", "Year"], ["", "Iran", 2020.0]],
        "Two": [["x"]],
    }


def test_the_ending_of_a_name_is_not_believed(tmp_path, book):
    renamed = book.rename(tmp_path / "book.csv")
    assert open_file(renamed).kind == XLSX
    text = tmp_path / "table.xlsx"
    text.write_text(ROWS, encoding="utf-8")
    assert open_file(str(text)).kind == CSV
    assert open_file(text).sheets == {}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \r\n\t\n", "is empty"),
        (b"\x00" * 5000, "is empty"),
        (b"<!DOCTYPE html><html><body>403 Forbidden", "is a web page"),
        (b"\n  <HTML><head></head>", "is a web page"),
        (b"\xef\xbb\xbf<!doctype html>", "is a web page"),
        ("<html>".encode("utf-16"), "is a web page"),
        (b"%PDF-1.7 \x00\x01", "is a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512, "with a password"),
        (b"Country,Year\x00\x00\x01\x02", "holds binary data"),
        (b"PK\x03\x04 and nothing more", "damaged or cut-off archive"),
    ],
)
def test_what_cannot_be_a_table_is_called_what_it_is(tmp_path, content, words):
    path = tmp_path / "annex.xlsx"
    path.write_bytes(content)
    with pytest.raises(DataFileError, match=words):
        open_file(path)


def test_missing_files_and_folders(tmp_path):
    with pytest.raises(DataFileError, match="there is no file"):
        open_file(tmp_path / "no.xlsx")
    with pytest.raises(DataFileError, match="is a folder"):
        open_file(tmp_path)
    with pytest.raises(FileNotFoundError):
        open_file(tmp_path / "no.xlsx")


def test_files_that_may_not_be_read(tmp_path, monkeypatch):
    path = tmp_path / "secret.csv"
    path.write_text(ROWS, encoding="utf-8")

    def refused(*_args, **_options):
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(DataFileError, match=r"cannot read .* Permission denied"):
        open_file(path)


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("cp1252", "cp1252")],
)
def test_encodings_are_recognised(tmp_path, encoding, found):
    path = tmp_path / "table.csv"
    path.write_bytes(ROWS.encode(encoding))
    file = open_file(path)
    assert (file.kind, file.encoding) == (CSV, found)
    assert file.head().splitlines() == ROWS.splitlines()
    assert csv_rows(file) == [row.split(",") for row in ROWS.splitlines()]


def test_a_character_may_be_cut_at_the_end_of_the_head(tmp_path):
    path = tmp_path / "table.csv"
    text = "x" * 65_535 + "é" * 10
    path.write_text(text, encoding="utf-8")
    file = open_file(path)
    assert file.encoding == "utf-8"
    assert file.head() == "x" * 65_535
    path.write_bytes(b"\xff\xfe\x00\xdc" + "ab".encode("utf-16-le"))
    with pytest.raises(DataFileError, match="cannot be read as text"):
        open_file(path).head()


def test_one_table_in_an_archive_is_read_in_spite_of_clutter(tmp_path):
    members = {
        "data/": b"",
        "data/seizures.CSV": ROWS.encode(),
        "__MACOSX/data/._seizures.csv": b"\x00\x05\x16\x07",
        "data/.hidden.csv": b"x",
        "README.md": b"words",
    }
    file = open_file(zipped(tmp_path / "a.zip", members))
    assert (file.kind, file.member) == (CSV, "data/seizures.CSV")
    assert file.name.endswith("a.zip (data/seizures.CSV)")
    assert csv_rows(file) == [row.split(",") for row in ROWS.splitlines()]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"a.csv": b"x,y", "b.csv": b"x,y"}, r"2 CSV tables.*\(a\.csv, b\.csv\)"),
        ({"notes.pdf": b"%PDF"}, r"0 CSV tables.*\(notes\.pdf\)"),
        ({}, r"0 CSV tables.*\(nothing\)"),
        ({"a.csv": b""}, r"\(a\.csv\) is empty"),
        ({"a.csv": b"<html>"}, r"\(a\.csv\) is a web page"),
        ({"a.csv": b"PK\x03\x04\x00\x00"}, "holds binary data"),
    ],
)
def test_archives_without_one_table(tmp_path, members, words):
    with pytest.raises(DataFileError, match=words):
        open_file(zipped(tmp_path / "a.zip", members))


def test_archives_with_a_password(tmp_path):
    path = zipped(tmp_path / "a.zip", {"a.csv": ROWS.encode()})
    content = bytearray(path.read_bytes())
    # Bit 0 of the flags, in the local header and in the directory.
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    path.write_bytes(content)
    with pytest.raises(DataFileError, match="protected by a password"):
        open_file(path)


def test_archives_that_would_fill_the_disk_are_not_opened(tmp_path):
    bomb = zipped(tmp_path / "bomb.zip", {"a.csv": b"0" * 40_000_000})
    assert bomb.stat().st_size < 50_000
    with pytest.raises(DataFileError, match=r"would unpack to 40 MB .* was not opened"):
        open_file(bomb)
    many = zipped(tmp_path / "many.zip", {f"{n}.csv": b"" for n in range(5_001)})
    with pytest.raises(DataFileError, match="would unpack"):
        open_file(many)
    book = zipped(
        tmp_path / "bomb.xlsx",
        {"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": b" " * 40_000_000},
    )
    with pytest.raises(DataFileError, match="would unpack"):
        open_file(book)


@pytest.mark.parametrize("places", [["XFD1048576"], ["AZ1048576"], ["C1000000", "ABC30000"]])
def test_workbooks_with_cells_far_away_are_not_opened(tmp_path, places):
    far = openpyxl.Workbook()
    for place in ["A1", *places]:
        far.active[place] = "x"
    far.save(tmp_path / "far.xlsx")
    with pytest.raises(DataFileError, match=r"reach over .* cells"):
        open_file(tmp_path / "far.xlsx")


def test_many_rows_or_many_columns_alone_are_no_harm(tmp_path):
    long = openpyxl.Workbook()
    long.active["C40000"] = "x"
    long.active["AZ3"] = "y"
    assert MOST_CELLS > 200_000 * 52
    long.save(tmp_path / "long.xlsx")
    (rows,) = open_file(tmp_path / "long.xlsx").sheets.values()
    assert (len(rows), len(rows[0])) == (40_000, 52)


@pytest.mark.parametrize("share", [0.05, 0.4, 0.8, 0.995])
def test_workbooks_that_are_cut_off(book, share):
    content = book.read_bytes()
    book.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(DataFileError, match="cut-off"):
        open_file(book)


def test_a_table_in_an_archive_that_was_altered(tmp_path):
    content = (ROWS * 20_000).encode()
    path = zipped(tmp_path / "a.zip", {"a.csv": content}, method=zipfile.ZIP_STORED)
    altered = bytearray(path.read_bytes())
    altered[len(altered) // 2] ^= 255
    path.write_bytes(altered)
    file = open_file(path)
    with pytest.raises(DataFileError, match="cannot be read as rows of text: Bad CRC"):
        csv_rows(file)


def test_a_workbook_without_its_sheets(tmp_path):
    path = zipped(tmp_path / "a.xlsx", {"xl/workbook.xml": b"<workbook></wrong>"})
    file = open_file(path)
    with pytest.raises(DataFileError, match="damaged workbook"):
        _ = file.sheets
    with pytest.raises(DataFileError, match="damaged workbook"):
        cell_facts(file, "Sheet1")


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_altered_workbooks_give_rows_or_a_named_error(tmp_path_factory, chance):
    folder = tmp_path_factory.mktemp("altered")
    path = write_book(folder / "a.xlsx", {"One": [["Country", "Year"], ["Iran", 2020]]})
    with zipfile.ZipFile(path) as archive:
        parts = {name: bytearray(archive.read(name)) for name in archive.namelist()}
    for _ in range(chance.randint(1, 4)):
        part = parts[chance.choice(sorted(parts))]
        place = chance.randrange(max(1, len(part)))
        if chance.random() < 0.5:
            part[place : place + 1] = bytes([chance.randrange(256)])
        else:
            del part[place : place + chance.randint(1, 40)]
    _rows_or_named_error(zipped(path, {name: bytes(part) for name, part in parts.items()}))


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe", b"%PDF", b"a,b\n"])
)
def test_any_bytes_give_lines_or_a_named_error(tmp_path_factory, content, start):
    path = tmp_path_factory.mktemp("bytes") / "table"
    path.write_bytes(start + content)
    _rows_or_named_error(path)


def _rows_or_named_error(path: Path) -> None:
    try:
        file = open_file(path)
        if file.kind == CSV:
            assert isinstance(file.head(), str)
            assert all(isinstance(cell, str) for row in csv_rows(file) for cell in row)
        else:
            for sheet in file.sheets:
                cell_facts(file, sheet)
    except OpiateRoutesError as error:
        assert str(path) in str(error)  # noqa: PT017 - either outcome is right


def test_no_more_than_the_head_of_a_large_text_is_read(tmp_path, monkeypatch):
    path = tmp_path / "large.csv"
    path.write_bytes(b"a,b\n" * 1_000_000)
    read = []

    class Counting(io.FileIO):
        def readinto(self, buffer):
            count = super().readinto(buffer)
            read.append(count)
            return count

    monkeypatch.setattr(
        opening.Path, "open", lambda self, _mode: io.BufferedReader(Counting(self, "r"))
    )
    open_file(path)
    assert sum(read) < 200_000
