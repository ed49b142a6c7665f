import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import opiateroutes as opr
from opiateroutes.cli.app import app
from opiateroutes.errors import OutputError, UnknownNameError
from opiateroutes.reports import chokepoint_report

TIMEOUT = 120


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-c", "from opiateroutes.cli import main; main()", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT,
    )


def test_report_of_the_command_is_that_of_the_library(tmp_path):
    out = tmp_path / "report.html"
    done = run("chokepoints", "report", "--lang", "fr", "--draws", 8, "--out", out, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told == {
        "file": str(out),
        "bytes": out.stat().st_size,
        "year": 2010,
        "level": "countries",
        "language": "fr",
        "draws": 8,
    }
    net, evidence = opr.load_network(), opr.load_evidence(2010)
    drawn = opr.sample_flows(net, evidence, draws=8, points="independent")
    again = chokepoint_report(drawn, language="fr").save(tmp_path / "again.html")
    assert again.read_bytes() == out.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("--out", "report.odt"), OutputError, "is not one of .html, .pdf, .docx, .xlsx"),
        (("--out", "none/report.html"), OutputError, "there is no folder none"),
        (("--out", "report.html", "--lang", "de"), UnknownNameError, "no report in language 'de'"),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_long_part(
    tmp_path, monkeypatch, arguments, error, message
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(opr, "load_network", None)
    done = CliRunner().invoke(app, ["chokepoints", "report", *arguments])
    assert isinstance(done.exception, error)
    assert message in str(done.exception)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("report", "--out", "report.html", "--draws", "1"), "one draw has no spread"),
        (("report", "--out", "report.html", "--effort", "2"), "'--effort'"),
        (("report",), "'--out'"),
        # Options before the word would else be ignored.
        (
            ("--year", "2017", "report", "--out", "r.html"),
            "'--year': give it after the word report",
        ),
        (("--json", "report", "--out", "r.html"), "'--json': give it after the word report"),
    ],
)
def test_command_that_is_not_understood(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(opr, "load_network", None)
    done = CliRunner().invoke(app, ["chokepoints", *arguments])
    assert done.exit_code == 2
    assert message in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_help_loads_nothing_heavy():
    code = (
        "import sys; sys.argv = ['x', 'chokepoints', 'report', '--help']\n"
        "from opiateroutes.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"pandas", "matplotlib", "jinja2", "docx", "openpyxl", "babel"}
    assert not heavy & set(done.stdout.split())
