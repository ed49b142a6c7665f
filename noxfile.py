"""The checks of this project; ``nox`` runs all of them in the environment that started it."""

import os
import shutil
import sys
from pathlib import Path

import nox

nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "floors", "chromium", "tests", "package"]
nox.options.error_on_missing_interpreters = True

# Where the browser tests look: another browser would leave them skipped.
_CHROMIUM = Path("/usr/bin/chromium")


def run(session, *command, **kwargs):
    session.run(sys.executable, "-m", *command, **kwargs)


@nox.session
def lint(session):
    """Style and format."""
    run(session, "ruff", "check", ".")
    run(session, "ruff", "format", "--check", ".")


@nox.session
def types(session):
    """Types, strictly."""
    run(session, "mypy")


@nox.session
def floors(session):
    """Upper floors import lower ones only."""
    session.run("lint-imports")


@nox.session
def chromium(session):
    """Install Chromium and Node.js for the tests of the page, where they are missing."""
    missing = [] if _CHROMIUM.exists() else ["chromium", "fonts-noto-core"]
    missing += [] if shutil.which("node") else ["nodejs"]
    if not missing:
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        session.warn(f"no {missing[0]}, and no way to install it here: its tests will be skipped")
        return
    session.run("apt-get", "update", "-qq", external=True)
    session.run("apt-get", "install", "-y", "-qq", *missing, external=True)


@nox.session
def tests(session):
    """Unit, property, known-answer and browser tests, docstring examples, branch coverage."""
    covered = ("network", "evidence", "flows", "chokepoints")
    run(
        session,
        "pytest",
        "-n",
        "2",
        "--dist",
        "loadgroup",
        "--doctest-modules",
        "src",
        "tests",
        *(f"--cov=opiateroutes.{name}" for name in covered),
        "--cov-branch",
        "--cov-report=term",
        "--cov-fail-under=95",
        "--ignore=tests/packaging",
        *session.posargs,
    )


@nox.session
def package(session):
    """Build the wheel and use it in a clean environment away from the repository."""
    run(session, "pytest", "-q", "tests/packaging")


@nox.session
def geo(session):
    """Rebuild data/geo from the pinned packages and compare (needs a package index; not in CI)."""
    run(session, "tools.build_geo", "--check", *session.posargs)


@nox.session
def screenshots(session):
    """Draw the atlas at desktop and phone size for a person to look at."""
    Path("screenshots").mkdir(exist_ok=True)
    session.run("opiateroutes", "atlas", "--out", "screenshots/atlas.html")
    session.run(sys.executable, "tests/browser/screenshots.py", "screenshots")
