"""``opiateroutes evidence import`` as an officer types it."""

import json
import subprocess
import sys

import openpyxl

TIMEOUT = 120


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-c", "from opiateroutes.cli import main; main()", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT,
    )


def small_annex(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Drug seizures, 2020-2024"])
    sheet.append(["Country", "DrugName", "Reference year", "Kilograms", "msCode"])
    sheet.append(["Türkiye", "Heroin", 2023, 26_000, "TUR"])
    sheet.append(["Türkiye", "Cannabis herb", 2023, 9, "TUR"])
    book.save(path)
    return path


def test_import_writes_a_folder_that_other_commands_use(tmp_path):
    annex = small_annex(tmp_path / "annex.xlsx")
    done = run("evidence", "import", annex, "--into", tmp_path / "mine", "--publisher", "UNODC")
    assert done.returncode == 0, done.stderr
    assert "annex 7.1" in done.stdout
    assert "left out: 1 rows, other substances" in done.stdout
    flows = run("flows", "--year", 2023, "--evidence", tmp_path / "mine", "--json")
    assert flows.returncode == 0, flows.stderr
    other = run("flows", "--year", 2023, "--json")
    assert flows.stdout != other.stdout


def test_import_as_json(tmp_path):
    annex = small_annex(tmp_path / "annex.xlsx")
    done = run("evidence", "import", annex, "--into", tmp_path / "mine", "--json")
    (entry,) = json.loads(done.stdout)
    assert entry["table"] == "seizures"
    assert entry["rows"] == 1
    assert entry["set_aside"] == {"other substances": 1}


def test_import_of_what_cannot_be_read_writes_nothing(tmp_path):
    page = tmp_path / "annex.xlsx"
    page.write_text("<html><body>403</body></html>", encoding="utf-8")
    done = run("evidence", "import", page, "--into", tmp_path / "mine")
    assert done.returncode == 3
    assert "web page" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "mine").exists()


def test_doubtful_figures_warn_in_one_line_or_are_refused(tmp_path):
    book = openpyxl.load_workbook(small_annex(tmp_path / "annex.xlsx"))
    book.active.append(["Türkiye", "Heroin", 2022, 10, "TUR"])
    book.save(tmp_path / "annex.xlsx")
    done = run("evidence", "import", tmp_path / "annex.xlsx", "--into", tmp_path / "mine")
    assert done.returncode == 0
    assert done.stderr.startswith("opiateroutes: warning: table 'seizures' is doubtful")
    assert done.stderr.count("\n") == 1
    strict = run(
        "evidence", "import", tmp_path / "annex.xlsx", "--into", tmp_path / "b", "--strict"
    )
    assert strict.returncode == 1
    assert not (tmp_path / "b").exists()
