"""The wheel works in a clean environment, away from the repository."""

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.packaging

ROOT = Path(__file__).parents[2]


def run(*command, cwd, **env):
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(c) for c in command], cwd=cwd, env={**clean, **env}, capture_output=True, text=True,
        check=False, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", out, ROOT, cwd=out)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, with_pip=True)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    run(scripts / "python", "-m", "pip", "install", "-q", wheel, cwd=folder)
    return scripts / "python"


def test_wheel_carries_data_types_and_licences(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert "opiateroutes/py.typed" in names
    assert "opiateroutes/data/evidence/seizures.csv" in names
    assert "opiateroutes/data/geo/countries.parquet" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests", "tools"))]


def test_wheel_draws_the_atlas_away_from_the_repository(python, tmp_path):
    told = json.loads(run(python.parent / "opiateroutes", "atlas", "--json", cwd=tmp_path))
    page = (tmp_path / "atlas.html").read_text(encoding="utf-8")
    assert told["bytes"] == len(page.encode())
    assert told["gap"] <= 1e-10
    where = run(python, "-c", "import opiateroutes; print(opiateroutes.__file__)", cwd=tmp_path)
    assert str(ROOT) not in where


def test_wheel_pulls_in_no_test_tools(python, tmp_path):
    listed = run(python, "-m", "pip", "list", "--format=json", cwd=tmp_path)
    installed = {entry["name"].lower() for entry in json.loads(listed)}
    assert not installed & {"pytest", "cvxpy", "playwright", "hypothesis"}
