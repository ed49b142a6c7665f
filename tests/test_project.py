"""The files around the code say the same as the code."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import opiateroutes

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def readme_commands():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(r"```console\n(.*?)```", text, flags=re.DOTALL)


def test_ci_runs_the_test_command_of_the_readme():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert readme_commands()[1].strip() == script.strip().splitlines()[-1]


def test_one_version():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert PROJECT["project"]["version"] == opiateroutes.__version__
    assert f"version: {opiateroutes.__version__}" in citation


def test_every_public_name_is_importable_and_documented():
    for name in opiateroutes.__all__:
        assert getattr(opiateroutes, name).__doc__, name
    assert dir(opiateroutes) == sorted(opiateroutes.__all__)


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, opiateroutes, opiateroutes.cli; print(*sorted(sys.modules))"
    modules = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    heavy = {"pandas", "numpy", "geopandas", "folium", "networkx", "scipy", "matplotlib", "rich"}
    assert not heavy & set(modules.stdout.split())


def test_no_machine_path_in_the_sources():
    pattern = re.compile(r"/(?:work|root|home)/[A-Za-z0-9_.-]+")
    for folder in ("src", "tools", "data", "docs"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in {".py", ".csv", ".json", ".md", ".js", ".css", ".txt"}:
                assert not pattern.search(path.read_text(encoding="utf-8")), path


def test_modules_stay_small():
    lengths = {
        path: len(path.read_text(encoding="utf-8").splitlines())
        for path in (ROOT / "src").rglob("*.py")
    }
    assert max(lengths.values()) <= 500
    assert sorted(lengths.values())[len(lengths) // 2] < 250
