"""``opiateroutes atlas --years``: several years in one page."""

import json
import subprocess
import sys

import pytest
import typer

from opiateroutes.cli.options import years_of


def run(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-c", "from opiateroutes.cli import main; main()", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
        cwd=cwd,
    )


def test_several_years_are_one_page(tmp_path):
    done = run("atlas", "--years", "2008,2010-2011", "--draws", 8, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["year"], told["years"]) == (2010, [2008, 2010, 2011])
    page = (tmp_path / "atlas.html").read_text("utf-8")
    assert all(f'"year":{year}' in page for year in told["years"])


def test_the_last_year_is_first_where_the_one_asked_for_is_not_there(tmp_path):
    done = run("atlas", "--years", "2021-2022", "--draws", 0, "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["year"] == 2022


@pytest.mark.parametrize(
    ("text", "years"),
    [("2010", [2010]), (" 2012-2010x", None), ("2010,2008-2010", [2008, 2009, 2010]), ("", None)],
)
def test_years_are_read_or_refused(text, years):
    if years is None:
        with pytest.raises(typer.BadParameter, match="no years"):
            years_of(text)
    else:
        assert years_of(text) == years


def test_a_year_without_evidence_is_a_clear_error(tmp_path):
    done = run("atlas", "--years", "1999-2000", cwd=tmp_path)
    assert done.returncode == 2
    assert "2005 to 2023" in done.stderr
    assert not list(tmp_path.iterdir())
