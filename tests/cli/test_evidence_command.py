"""``opiateroutes evidence coverage`` as an officer types it."""

import json
import subprocess
import sys

import pandas as pd
import pytest

TIMEOUT = 120


def run(*arguments, cwd=None):
    return subprocess.run(
        [
            sys.executable, "-c", "from opiateroutes.cli import main; main()",
            "evidence", "coverage", *map(str, arguments),
        ],
        capture_output=True, text=True, check=False, timeout=TIMEOUT, cwd=cwd,
    )  # fmt: skip


def test_all_countries_in_a_pipe():
    done = run()
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert lines[0] == ["country", "known", "gaps", "share", "sources"]
    assert len(lines) == 85
    assert [line[0] for line in lines[1:4]] == ["Afghanistan", "Albania", "Armenia"]


def test_one_country_shows_years_gaps_and_sources():
    done = run("--country", "iran", "--kind", "seizures_heroin", "--years", "2004-2010")
    lines = done.stdout.splitlines()
    assert lines[0].split("\t") == ["kind", "known", "gaps", "sources"]
    kind, known, _gaps, sources = lines[1].split("\t")
    assert kind == "seizures_heroin"
    assert known.endswith("-2010")
    assert "unodc_portal_2021" in sources


def test_several_countries_are_named():
    lines = run(
        "--country", "IRN", "--country", "Tajikistan", "--kind", "flows"
    ).stdout.splitlines()
    assert lines[0].startswith("country\tkind")
    assert [line.split("\t")[0] for line in lines[1:]] == ["Iran", "Tajikistan"]


def test_json_has_gaps_as_rows():
    told = json.loads(run("--country", "AFG", "--years", "2010", "--json").stdout)
    assert {"kinds", "countries", "coverage"} == set(told)
    rows = told["coverage"]
    assert {row["year"] for row in rows} == {2010}
    assert any(row["known"] for row in rows)
    gap = next(row for row in rows if not row["known"])
    assert gap["sources"] is None
    assert gap["n_figures"] == 0
    assert sum(kind["gaps"] for kind in told["kinds"]) == sum(not row["known"] for row in rows)


def test_files(tmp_path):
    table, picture = tmp_path / "coverage.csv", tmp_path / "coverage.png"
    done = run("--kind", "supply", "--out", table, "--plot", picture)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("wrote") == 2
    assert pd.read_csv(table)["node"].unique().tolist() == ["AFG"]
    assert picture.read_bytes()[1:4] == b"PNG"


def test_nothing_to_show_is_said():
    done = run("--country", "DEU", "--kind", "supply")
    assert done.returncode == 0
    assert "where it is produced" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--country", "Irann"), 2, "did you mean 'Iran'"),
        (("--kind", "seizure"), 2, "did you mean 'seizures'"),
        (("--years", "soon"), 2, "'--years'"),
        (("--years", "2015-2010"), 2, "run forward"),
        (("--years", "1000-9999"), 2, "run forward"),
        (("--out", "table.doc"), 3, ".csv, .json, .parquet, .xlsx"),
        (("--plot", "nowhere/a.png"), 3, "no folder nowhere"),
        (("--plot", "a.gif"), 3, ".png, .svg, .pdf"),
    ],
)
def test_mistakes_get_one_clear_line(tmp_path, arguments, code, words):
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())
