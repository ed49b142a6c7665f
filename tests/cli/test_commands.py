import json
import re
import subprocess
import sys

import pandas as pd
import pytest

TIMEOUT = 120


def run(*arguments, cwd=None):
    return subprocess.run(
        [sys.executable, "-c", "from opiateroutes.cli import main; main()", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT,
        cwd=cwd,
    )


def test_help_lists_the_commands_and_exit_codes():
    done = run("--help")
    assert done.returncode == 0
    for word in ("atlas", "flows", "chokepoints", "data", "Exit codes"):
        assert word in done.stdout


def test_version():
    assert run("--version").stdout.startswith("opiateroutes ")


def test_atlas_writes_one_file_and_tells_about_it(tmp_path):
    out = tmp_path / "map.html"
    done = run("atlas", "--year", 2008, "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["supply_kg"] == pytest.approx(375_000)
    assert told["bytes"] == out.stat().st_size
    assert done.stderr == ""
    assert [p.name for p in tmp_path.iterdir()] == ["map.html"]


def test_atlas_defaults_to_atlas_html_here(tmp_path):
    done = run("atlas", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "atlas.html").exists()
    assert "wrote atlas.html" in done.stdout


def test_same_atlas_twice_is_the_same_bytes(tmp_path):
    pages = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        assert run("atlas", "--out", folder / "atlas.html").returncode == 0
        pages.append((folder / "atlas.html").read_bytes())
    assert pages[0] == pages[1]


def test_flows_in_a_pipe_are_tab_separated():
    done = run("flows", "--top", 3)
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert lines[0].split("\t")[:2] == ["flow", "estimate"]
    assert len(lines) == 4


def test_flows_with_draws_have_the_intervals_of_draws():
    first, drawn = (
        json.loads(run("flows", "--year", 2010, *more, "--json").stdout)
        for more in ((), ("--draws", 32))
    )
    assert (first["draws"], drawn["draws"]) == (0, 32)
    one, other = first["flows"][0], drawn["flows"][0]
    assert one["flow_kg"] == other["flow_kg"]
    assert other["low_kg"] < other["flow_kg"] < other["high_kg"]
    assert one["low_kg"] != other["low_kg"]


def test_flows_by_a_baseline_give_no_interval():
    told = run("flows", "--year", 2010, "--method", "gravity", "--top", 1).stdout
    assert told.splitlines()[-1].split("\t")[2:] == ["none", "none", "none", "gravity"]


@pytest.mark.parametrize("more", [("--draws", 1), ("--draws", 8, "--method", "gravity")])
def test_draws_that_make_no_sense_are_refused(more):
    done = run("flows", *more)
    assert (done.returncode, "--draws" in done.stderr) == (2, True)


def test_flows_of_a_country_by_name():
    rows = json.loads(run("flows", "--country", "tajikistan", "--json").stdout)["flows"]
    assert rows
    assert all("TJK" in (row["from_node"], row["to_node"]) for row in rows)
    assert {"flow_kg", "low_kg", "high_kg", "leverage", "rests_on"} <= set(rows[0])


@pytest.mark.parametrize("ending", ["csv", "json", "parquet", "xlsx"])
@pytest.mark.parametrize("command", ["flows", "chokepoints"])
def test_tables_go_to_files(tmp_path, command, ending):
    out = tmp_path / f"table.{ending}"
    done = run(command, "--out", out)
    assert done.returncode == 0, done.stderr
    readers = {
        "csv": pd.read_csv,
        "json": pd.read_json,
        "parquet": pd.read_parquet,
        "xlsx": lambda p: pd.read_excel(p, engine="openpyxl"),
    }
    frame = readers[ending](out)
    assert len(frame) > 100
    assert "wrote" in done.stdout


def test_chokepoints_on_screen_and_as_json():
    done = run("chokepoints", "--effort", 0.3, "--top", 5)
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    reactions = [f"reaction {k}" for k in (0, 1, 2, 4)]
    assert lines[0] == ["place", *reactions, "in first 5"]
    assert len(lines) == 6
    drops = [float(line[2].partition("%")[0]) for line in lines[1:]]
    assert drops == sorted(drops, reverse=True)
    assert all(line[2].count("%") == 3 for line in lines[1:])
    assert all(line[5].endswith("%") for line in lines[1:])
    plain = run("chokepoints", "--draws", 0, "--top", 5)
    assert plain.stdout.splitlines()[0].split("\t") == ["place", *reactions]
    assert "(" not in plain.stdout.splitlines()[1].partition("\t")[2]
    rows = json.loads(run("chokepoints", "--json").stdout)["chokepoints"]
    assert {"node", "reaction", "drop_share", "rank"} <= set(rows[0])


def test_commands_know_both_resolutions(tmp_path):
    few = ("--level", "crossings", "--draws", 8)
    done = run("atlas", *few, "--out", tmp_path / "map.html", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["level"] == "crossings"
    flows = json.loads(run("flows", "--level", "crossings", "--country", "Iran", "--json").stdout)[
        "flows"
    ]
    assert any(row["from_node"] == "AFG-IRN-ISLQ@AFG" for row in flows)
    assert all(("@IRN" in row["from_node"]) != ("@IRN" in row["to_node"])
               for row in flows if row["mode"] in ("road", "rail"))  # fmt: skip
    ranks = json.loads(run("chokepoints", *few, "--json").stdout)
    assert any("@" in row["node"] for row in ranks["chokepoints"])
    wrong = run("flows", "--level", "provinces")
    assert wrong.returncode == 2
    assert wrong.stderr.count("\n") == 1


def test_data_list_and_describe():
    listed = json.loads(run("data", "list", "--json").stdout)
    assert "evidence/seizures" in {entry["name"] for entry in listed}
    described = json.loads(run("data", "describe", "seizures", "--json").stdout)
    assert {"column", "unit", "meaning"} <= set(described["columns"][0])
    assert described["sources"]
    text = run("data", "describe", "geo/country_legs.csv").stdout
    assert "geo/country_legs.csv: legs of the country network" in text
    assert "from_node" in text
    assert "searoute" in text
    for entry in listed:
        assert run("data", "describe", entry["name"]).returncode == 0
    assert run("data", "list").stdout.startswith("name\t")
    assert "kilograms seized" in run("data", "describe", "seizures").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("atlas", "--year", 1999), 2, "2005 to 2023"),
        (("flows", "--country", "Irann"), 2, "did you mean 'Iran'"),
        (("data", "describe", "seizure"), 2, "did you mean 'evidence/seizures'"),
        (("flows", "--year", "soon"), 2, "'--year'"),
        (("flows", "--yeer", 2010), 2, "No such option"),
        (("chokepoints", "--effort", 2), 2, "'--effort'"),
        (("atlas", "--out", "nowhere/atlas.html"), 3, "no folder nowhere"),
        (("atlas", "--out", "atlas.pdf"), 3, ".html"),
        (("flows", "--out", "table.doc"), 3, ".csv, .json, .parquet, .xlsx"),
    ],
)
def test_mistakes_get_one_clear_line(tmp_path, arguments, code, words):
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not list(tmp_path.iterdir())


def test_a_folder_in_the_way_is_a_file_problem(tmp_path):
    (tmp_path / "atlas.html").mkdir()
    done = run("atlas", cwd=tmp_path)
    assert done.returncode == 3
    assert "it is a folder" in done.stderr


@pytest.mark.parametrize("command", ["flows", "chokepoints"])
def test_crossings_say_their_countries_and_countries_do_not(command):
    few = ("--draws", 0) if command == "chokepoints" else ()
    done = run(command, "--level", "crossings", "--top", 500, *few)
    assert done.returncode == 0, done.stderr
    places = [line.split("\t")[0] for line in done.stdout.splitlines()[1:]]
    form = r".+ \([A-Z]{3}\)" + (r" > .+ \([A-Z]{3}\) \(\w+\)" if command == "flows" else "")
    assert all(re.fullmatch(form, place) for place in places)
    coarse = run(command, "--top", 500).stdout.splitlines()[1:]
    assert not any(re.search(r"\([A-Z]{3}\)", line) for line in coarse)
