"""The page about one's own annex says what happens: its code is run and its output compared."""

import contextlib
import io
import re
from pathlib import Path

import openpyxl

PAGE = Path(__file__).parents[2] / "docs" / "own_annex.md"
ANNEX = "7.1_Drug_seizures_2020-2024.xlsx"


def annex(folder):
    """Make the small annex of the page, in the published layout."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Drug seizures, 2020-2024"])
    sheet.append(["Region", "SubRegion", "Country", "DrugGroup", "DrugSubGroup", "DrugName",
                  "Reference year", "Kilograms", "msCode"])  # fmt: skip
    for country, drug, year, kg, code in (
        ("Iran (Islamic Republic of)", "Heroin", 2023, 12_500, "IRN"),
        ("Iran (Islamic Republic of)", "Heroin", 2024, 11_000, "IRN"),
        ("Türkiye", "Heroin", 2023, 26_000, "TUR"),
        ("Türkiye", "Heroin", 2024, 24_000, "TUR"),
        ("Türkiye", "Cannabis herb (marijuana)", 2024, 90_000, "TUR"),
    ):
        sheet.append(["Asia", "x", country, "Opioids", "x", drug, year, kg, code])
    book.save(folder / ANNEX)


def test_the_code_of_the_page_prints_what_the_page_says(tmp_path, monkeypatch):
    from opiateroutes.cli.app import app

    annex(tmp_path)
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text(encoding="utf-8")
    (command,) = re.findall(r"```console\nopiateroutes (.*?)\n```", text)
    app(command.split(), standalone_mode=False)
    blocks = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", text, flags=re.DOTALL)
    assert len(blocks) == 3
    names = {}
    for code, expected in blocks:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, str(PAGE), "exec"), names)  # noqa: S102 - the page's own code
        assert printed.getvalue() == expected


def test_a_year_that_does_not_ship_can_be_loaded(tmp_path, monkeypatch):
    import opiateroutes as opr
    from opiateroutes.cli.app import app

    annex(tmp_path)
    monkeypatch.chdir(tmp_path)
    app(["evidence", "import", ANNEX], standalone_mode=False)
    assert opr.load_evidence(2024, paths=["my-evidence"]).year == 2024
