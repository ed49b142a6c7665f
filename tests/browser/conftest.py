"""A Chromium in which every request but the file itself is stopped and counted."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREENS = {"desktop": (1280, 800), "phone": (390, 844)}

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "maps"))


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass
class Visit:
    """A page with what it tried to load and what it complained about."""

    page: object
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def evaluate(self, script):
        return self.page.evaluate(script)

    def count(self, selector):
        return self.page.locator(selector).count()


@pytest.fixture(scope="session")
def chromium():
    if not CHROMIUM.exists():
        pytest.skip(
            f"no Chromium at {CHROMIUM}: install the system's chromium to run the browser tests"
        )
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium):
    """Open a file at a screen size; nothing but the file may be loaded."""
    contexts = []

    def open_page(path, screen="desktop", fragment=""):
        width, height = SCREENS[screen]
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            has_touch=screen == "phone",
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        seen = Visit(page)

        def gate(route):
            url = route.request.url.split("#")[0]
            if url == path.as_uri() or url.startswith(("data:", "blob:")):
                route.continue_()
            else:
                seen.requests.append(url)
                route.abort()

        page.route("**/*", gate)
        page.on("console", lambda message: seen.complaints.append(message.text))
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.on(
            "dialog",
            lambda dialog: (seen.complaints.append(f"dialog {dialog.message}"), dialog.dismiss()),
        )
        page.goto(path.as_uri() + fragment)
        # The script runs while the page loads: what is not there now never comes.
        running = page.evaluate("Boolean(globalThis.OpiateAtlas && OpiateAtlas.running)")
        assert running, seen.complaints
        return seen

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def atlas_file(tmp_path_factory):
    """The synthetic fit over the shipped base map, saved once."""
    import synthetic_map_fit as synthetic

    from opiateroutes.maps import explore

    fit = synthetic.synthetic_fit()
    fit.nodes.loc["AFG", "rests_on"] = "=HYPERLINK(1)"
    atlas = explore(fit, synthetic.SyntheticChokepoints(fit), routes=synthetic.synthetic_routes())
    path = tmp_path_factory.mktemp("atlas") / "atlas.html"
    atlas.save(path)
    return path


@pytest.fixture(scope="session")
def crossings_file(tmp_path_factory):
    """The atlas of 2010 at the level of crossings, saved once."""
    import opiateroutes as opr

    fit = opr.estimate_flows(opr.load_network("crossings"), opr.load_evidence(2010))
    path = tmp_path_factory.mktemp("crossings") / "atlas.html"
    opr.explore(fit, chokepoints=opr.find_chokepoints(fit)).save(path)
    return path


@pytest.fixture(scope="session")
def years_file(tmp_path_factory):
    """Three years of the network of countries in one page that opens at 2010."""
    import opiateroutes as opr

    years = opr.estimate_years(opr.load_network(), [2008, 2010, 2022], progress=False)
    found = {year: opr.find_chokepoints(fit) for year, fit in years.fits.items()}
    path = tmp_path_factory.mktemp("years") / "atlas.html"
    opr.explore(years, found, first=2010).save(path)
    return path
