import json
import subprocess
import sys

import pytest

import opiateroutes as opr
from opiateroutes.network.summary import network_summary

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


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_help_names_the_commands_and_loads_nothing_heavy():
    for arguments in (("network", "--help"), ("network", "plot", "--help")):
        assert run(*arguments).returncode == 0
    listed = run("network", "--help").stdout
    assert all(word in listed for word in ("info", "export", "plot"))
    code = (
        "import sys; sys.argv = ['x', 'network', 'info', '--help']\n"
        "from opiateroutes.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pandas", "matplotlib", "networkx", "folium"} & set(done.stdout.split())


@pytest.mark.parametrize("level", ["countries", "crossings"])
def test_info_says_what_the_network_is(level):
    net = opr.load_network(level)
    told = json.loads(run("network", "info", "--level", level, "--json").stdout)
    assert told["nodes"] == net.nodes["kind"].value_counts().to_dict()
    assert told["legs"] == net.legs["mode"].value_counts().to_dict()
    assert sum(told["components"]) == len(net.nodes)
    assert sum(told["distance_km"].values()) == pytest.approx(net.legs["distance_km"].sum(), abs=1)
    assert told["licence"] == net.meta["licence"]
    assert "not surveyed" in told["precision_note"]
    ends = [net.legs[end].map(net.nodes["iso3"]) for end in ("from_node", "to_node")]
    assert told["border_legs"] == int((ends[0] != ends[1]).sum())


def test_info_in_a_pipe_is_tab_separated():
    done = run("network", "info")
    rows = dict(line.split("\t") for line in done.stdout.splitlines())
    assert rows["nodes: country"] == "84"
    assert {"legs: land", "border legs", "connected parts", "licence", "positions"} <= set(rows)
    assert done.stderr == ""


def test_the_summary_of_a_network_that_says_nothing():
    import pandas as pd

    net = opr.RouteNetwork.from_tables(
        pd.DataFrame({"node": ["a", "b", "c"], "iso3": ["AAA", "BBB", None]}),
        pd.DataFrame({"u": ["a", "b", "a"], "v": ["b", "a", "c"]}),
    )
    found = network_summary(net)
    assert found["border_legs"] == 2
    assert found["one_way_legs"] == 1
    assert found["components"] == [3]
    assert found["distance_km"] is None
    assert found["precision"] is None
    assert found["licence"] is None


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("net.gpkg", ()),
        ("net.graphml", ("--format", "graphml")),
        ("net", ()),
        ("net", ("--format", "parquet")),
        ("net", ("--format", "csv")),
    ],
)
def test_export_writes_what_comes_back(tmp_path, name, options):
    done = run("network", "export", tmp_path / name, *options, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    net = opr.read_network(tmp_path / name)
    assert (told["nodes"], told["legs"]) == (len(net.nodes), len(net.legs))
    assert told["licence"] == net.meta["licence"]
    assert names(tmp_path) == [name]


def test_export_of_crossings_says_the_licence(tmp_path):
    done = run("network", "export", "crossings", "--level", "crossings", cwd=tmp_path)
    assert "wrote crossings (857 nodes" in done.stdout
    assert "licence: ODbL" in done.stdout
    assert opr.read_network(tmp_path / "crossings").meta["level"] == "crossings"


@pytest.mark.parametrize(
    ("name", "options", "start"),
    [
        ("map.png", ("--extent", "58,28,76,40"), b"\x89PNG"),
        ("map.svg", ("--extent", "AFG, Iran", "--title", "Two"), b"<?xml"),
        ("map.pdf", ("--extent", "-10,35,5,44", "--level", "crossings"), b"%PDF"),
    ],
)
def test_plot_writes_one_picture(tmp_path, name, options, start):
    done = run("network", "plot", tmp_path / name, *options, "--json")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    picture = (tmp_path / name).read_bytes()
    assert picture.startswith(start)
    assert json.loads(done.stdout)["bytes"] == len(picture)
    assert names(tmp_path) == [name]


def test_plot_of_everything_tells_about_the_file(tmp_path):
    done = run("network", "plot", "map.png", cwd=tmp_path)
    assert done.stdout.startswith("wrote map.png (")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("network", "info", "--level", "country"), 2, "did you mean 'countries'"),
        (("network", "export", "net", "--format", "cvs"), 2, "did you mean 'csv'"),
        (("network", "export", "net.shp"), 3, ".gpkg"),
        (("network", "export", "net.csv", "--format", "csv"), 3, "folder"),
        (("network", "export", "nowhere/net.gpkg"), 3, "No such file"),
        (("network", "export"), 2, "OUT"),
        (("network", "plot", "map.jpg"), 3, ".png, .svg, .pdf"),
        (("network", "plot", "nowhere/map.png"), 3, "no folder"),
        (("network", "plot", "map.png", "--extent", "Afganistan"), 2, "did you mean 'Afghanistan'"),
        (("network", "plot", "map.png", "--extent", "1,2,3"), 2, "'--extent'"),
        (("network", "plot", "map.png", "--extent", "10,50,20,40"), 2, "south must be less"),
        (("network", "plot", "map.png", "--level", "x"), 2, "no network"),
    ],
)
def test_mistakes_get_one_clear_line_and_write_nothing(tmp_path, arguments, code, words):
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == code
    assert words.casefold() in done.stderr.casefold()
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert names(tmp_path) == []


def test_a_foreign_folder_is_a_file_problem(tmp_path):
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "nodes.csv").write_text("node\nmine\n")
    done = run("network", "export", "net", "--format", "csv", cwd=tmp_path)
    assert done.returncode == 3
    assert "something else" in done.stderr
    assert names(tmp_path / "net") == ["nodes.csv"]
