"""The page of a report in a browser: nothing loaded, nothing run, readable on a phone."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "reports"))

SCREENS = {"desktop": (1280, 800), "phone": (390, 844)}


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    from sample_report import report

    return report(rows=60, text='"><img src=x onerror=alert(1)><script>alert(2)</script>').save(
        tmp_path_factory.mktemp("report") / "report.html"
    )


@pytest.fixture(params=["desktop", "phone"])
def seen(request, chromium, file):
    """The page, and what it complained about or asked for."""
    width, height = SCREENS[request.param]
    context = chromium.new_context(viewport={"width": width, "height": height})
    page, events = context.new_page(), []
    page.on("console", lambda message: events.append(message.text))
    page.on("dialog", lambda dialog: (events.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda sent: events.append(sent.url))
    page.goto(file.as_uri())
    yield page, [event for event in events if not event.startswith(("data:", file.as_uri()))]
    context.close()


def test_page_is_quiet_styled_and_fits(seen):
    page, events = seen
    assert events == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    colour = page.evaluate("getComputedStyle(document.querySelector('h1')).color")
    assert colour == "rgb(0, 83, 143)"  # the policy lets the style in
    assert page.evaluate("document.images[0].naturalWidth") == 40


def test_axe_finds_nothing(seen):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    violations = axe.run(seen[0]).response["violations"]
    assert [(item["id"], item["nodes"][0]["html"][:90]) for item in violations] == []


def test_table_scrolls_by_itself_with_the_keyboard(seen):
    page, _ = seen
    page.locator(".table").first.focus()
    assert page.evaluate("document.activeElement.getAttribute('role')") == "region"
