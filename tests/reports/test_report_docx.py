import datetime as dt
import io
import zipfile

import docx
import pytest
from docx.oxml.ns import qn
from sample_report import FORMULA, HOSTILE, report, table

from opiateroutes.reports.document import Cell, Column, Paragraph, Report, Section, Table
from opiateroutes.reports.docx import render


@pytest.fixture(scope="module")
def document():
    return docx.Document(io.BytesIO(render(report(rows=3, language="fr"))))


def test_outline_is_made_of_word_styles(document):
    styles = [line.style.name for line in document.paragraphs]
    assert styles[:2] == ["Title", "Subtitle"]
    headings = [line.text for line in document.paragraphs if line.style.name.startswith("Heading")]
    assert headings == ["Summary", "Map", "Ranking", "Below"]
    assert [line.style.name for line in document.paragraphs if line.text == "Below"] == [
        "Heading 2"
    ]
    assert styles.count("List Bullet") == 2


def test_heads_repeat_and_rows_stay_whole(document):
    ranked = document.tables[0]
    assert [cell.text for cell in ranked.rows[0].cells] == ["Place", "Passes", "Drop"]
    marks = [[child.tag for child in row._tr.trPr] for row in ranked.rows]
    assert marks[0] == [qn("w:tblHeader")]
    assert marks[1:] == [[qn("w:cantSplit")]] * 4
    assert ranked.rows[1].cells[1].text == "0 t\n0 t to 1 t"


def test_table_stays_on_one_page_with_what_leads_to_it():
    ranked = table(rows=3)
    section = Section("One", (Paragraph("How."), ranked, Paragraph("After.")))
    made = docx.Document(io.BytesIO(render(Report("A", "", "en", (section,), {}))))
    kept = {
        line.text if line.style.name == "Normal" else line.style.name: (
            line.paragraph_format.keep_with_next
        )
        for line in made.paragraphs
    }
    assert (kept["How."], kept["Caption"], kept["After."]) == (True, True, None)
    rows = made.tables[0].rows
    keeps = [
        {line.paragraph_format.keep_with_next for cell in row.cells for line in cell.paragraphs}
        for row in rows
    ]
    assert keeps == [{True}] * 3 + [{None}]


def test_long_table_may_break():
    section = Section("One", (table(rows=60),))
    made = docx.Document(io.BytesIO(render(Report("A", "", "en", (section,), {}))))
    assert made.tables[0].rows[5].cells[0].paragraphs[0].paragraph_format.keep_with_next is None


def test_columns_fill_the_page_and_no_word_is_torn():
    columns = (
        Column("Place"),
        Column("In, out"),
        *(Column(f"Drop, reaction {k}", "end") for k in range(4)),
        Column("From data", "end"),
    )
    row = (
        Cell("United Kingdom of Great Britain and Northern Ireland"),
        Cell("in: Iran (Islamic Republic of), Uzbekistan, Turkmenistan; out: India, Kazakhstan"),
        *(Cell("−8.8%", "−16.5% to −12.2%") for _ in range(4)),
        Cell("50%"),
    )
    section = Section("One", (Table("T", columns, (row,), "T"),))
    made = docx.Document(io.BytesIO(render(Report("A", "", "en", (section,), {}))))
    widths = [column.width.mm for column in made.tables[0].columns]
    assert sum(widths) == pytest.approx(174, abs=0.2)
    assert widths[2] > 20  # the interval on one line: 16 letters of 7 points
    assert widths[-1] > 8.5  # "From" and "data" are not broken
    assert min(widths[:2]) > 20


def test_hostile_text_is_text(document):
    clean = HOSTILE.replace("\x00", "")
    assert clean in [line.text for line in document.paragraphs]
    assert document.tables[0].rows[-1].cells[0].text == clean
    assert document.tables[0].rows[-1].cells[1].text == FORMULA


def test_picture_has_words(document):
    described = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert described == [f"What it shows: {HOSTILE}".replace("\x00", "")]


def test_tall_picture_fits_the_page():
    import dataclasses

    from sample_report import png

    made = report()
    tall = dataclasses.replace(made.sections[1].blocks[0], png=png(width=3, height=40))
    section = dataclasses.replace(made.sections[1], blocks=(tall,))
    found = docx.Document(io.BytesIO(render(dataclasses.replace(made, sections=(section,)))))
    shape = found.inline_shapes[0]
    assert shape.height.mm == pytest.approx(215)
    assert shape.width.mm == pytest.approx(215 * 3 / 40, abs=0.1)


def test_captions_count_by_fields(document):
    captions = [line for line in document.paragraphs if line.style.name == "Caption"]
    codes = [
        field.get(qn("w:instr")) for line in captions for field in line._p.iter(qn("w:fldSimple"))
    ]
    assert codes == ["SEQ Figure \\* ARABIC", "SEQ Table \\* ARABIC", "SEQ Table \\* ARABIC"]
    shown = ["".join(text.text for text in line._p.iter(qn("w:t"))) for line in captions]
    assert shown[1:] == ["Tableau 1. Drops at places", "Tableau 2. Drops at places"]


def test_paper_language_and_foot(document):
    page = document.sections[0]
    assert (round(page.page_width.mm), round(page.page_height.mm)) == (210, 297)
    assert next(document.styles.element.iter(qn("w:lang"))).get(qn("w:val")) == "fr"
    foot = page.footer.paragraphs[0]._p
    assert [f.get(qn("w:instr")) for f in foot.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]


def test_new_pages(document):
    breaks = {
        line.text: line.paragraph_format.page_break_before
        for line in document.paragraphs
        if line.style.name == "Heading 1"
    }
    assert breaks == {"Summary": None, "Map": True, "Ranking": None}


def test_same_report_same_bytes_whatever_the_clock():
    content = render(report())
    assert content == render(report())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}
    about = docx.Document(io.BytesIO(content)).core_properties
    assert about.modified == dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    assert (about.title, about.author) == ("Chokepoints", "opiateroutes 0")
