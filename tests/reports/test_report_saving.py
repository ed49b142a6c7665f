import pytest
from sample_report import report

from opiateroutes.errors import OutputError
from opiateroutes.reports import REPORT_FORMATS


@pytest.mark.parametrize(
    ("ending", "start"), [(".html", b"<!DOCTYPE html>"), (".docx", b"PK"), (".xlsx", b"PK")]
)
def test_ending_chooses_the_format(tmp_path, ending, start):
    path = report().save(tmp_path / f"report{ending.upper()}")
    assert path.read_bytes().lstrip().startswith(start)


@pytest.mark.parametrize("name", ["report.odt", "report", "none/report.html"])
def test_place_that_cannot_be_written(tmp_path, name):
    with pytest.raises(OutputError, match="cannot write"):
        report().save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_older_file_stays_if_a_renderer_fails(tmp_path, monkeypatch):
    from opiateroutes.reports import html

    path = report().save(tmp_path / "report.html")
    before = path.read_bytes()
    monkeypatch.setattr(html, "render", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        report(title="Other").save(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


def test_formats_are_named():
    assert REPORT_FORMATS == (".html", ".pdf", ".docx", ".xlsx")


def test_all_tables_are_found():
    assert [table.sheet for table in report().tables()] == ["Ranking", "Second"]
    assert repr(report()) == "<Report 'Chokepoints', 3 sections, en>"
