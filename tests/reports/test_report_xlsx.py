import io
import zipfile

import openpyxl
import pytest
from sample_report import FORMULA, HOSTILE, report

from opiateroutes.reports.xlsx import render


@pytest.fixture(scope="module")
def book():
    return openpyxl.load_workbook(io.BytesIO(render(report(rows=3))))


def test_one_sheet_for_the_text_and_one_for_each_table(book):
    assert book.sheetnames == ["Report", "Ranking", "Second"]


def test_numbers_are_numbers_with_a_format(book):
    sheet = book["Ranking"]
    heads = [cell.value for cell in sheet[1]]
    assert heads == ["Place", "Passes, kg", "Passes, kg, low", "Passes, kg, high", "Drop"]
    assert [cell.value for cell in sheet[3]] == ["Place 1", 1000, 1000.5, 2000, 0.05]
    assert [cell.number_format for cell in sheet[3]] == ["General", *["#,##0"] * 3, "0.0%"]
    assert sheet["E2"].value is None  # not known is missing, never 0


def test_heads_stay_in_view(book):
    assert book["Ranking"].freeze_panes == "B2"
    assert book["Ranking"].auto_filter.ref == "A1:E5"


def test_long_text_is_wrapped_and_sheets_print_on_the_width_of_a_page(book):
    sheet = book["Ranking"]
    assert sheet["A2"].alignment.wrap_text
    assert not sheet["B2"].alignment.wrap_text
    assert sheet.print_title_rows == "$1:$1"
    for name, orientation in (("Report", "portrait"), ("Ranking", "landscape")):
        setup = book[name].page_setup
        assert (setup.orientation, setup.fitToWidth, setup.fitToHeight) == (orientation, 1, 0)
        assert book[name].sheet_properties.pageSetUpPr.fitToPage


def test_no_text_is_a_formula(book):
    kinds = {cell.data_type for sheet in book for row in sheet for cell in row}
    assert kinds == {"s", "n"}
    assert book["Ranking"]["B5"].value == f"'{FORMULA}"
    assert book["Ranking"]["A5"].value == HOSTILE.replace("\x00", "")


def test_text_sheet_holds_all_text(book):
    lines = [cell.value for cell in book["Report"]["A"]]
    clean = HOSTILE.replace("\x00", "")
    assert lines[:5] == [
        "Chokepoints",
        f"Subtitle {FORMULA}",
        "Summary",
        clean,
        f"• First: {clean}",
    ]
    assert "Drops at places [Ranking]" in lines
    assert f"A map: {clean}" in lines


def test_what_a_table_shows_stands_below_it(book):
    below = [cell.value for cell in book["Ranking"]["A"]][5:]
    assert [text for text in below if text] == ["Drops at places", "How to read it."]


def test_same_report_same_bytes_whatever_the_clock():
    content = render(report())
    assert content == render(report())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}
