"""A result draws itself, and reading one never imports what draws."""

import subprocess
import sys

import pytest

import opiateroutes as opr
from opiateroutes.maps.static import plot_flows


@pytest.fixture(scope="module")
def fit():
    return opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))


def test_a_fit_plots_what_the_function_plots(fit, tmp_path):
    options = {"extent": ["AFG", "IRN"], "size": (20, 14)}
    fit.plot(**options, out=tmp_path / "one.svg")
    plot_flows(fit, **options, out=tmp_path / "two.svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_a_fit_and_an_ensemble_explore_what_the_function_explores(fit, tmp_path):
    ensemble = opr.sample_flows(fit.network, fit.evidence, draws=4, progress=False)
    for result in (fit, ensemble):
        result.explore().save(tmp_path / "one.html")
        opr.explore(result).save(tmp_path / "two.html")
        assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


def test_an_estimate_imports_nothing_that_draws():
    lines = (
        "import sys, opiateroutes as opr",
        "opr.estimate_flows(opr.load_network(), opr.load_evidence(2010)).summary()",
        "assert not {'matplotlib', 'folium'} & set(sys.modules)",
    )
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
