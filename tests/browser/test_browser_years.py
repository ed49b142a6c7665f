"""Several years in one page: the slider, play, charts and links."""

from __future__ import annotations

import pytest

import opiateroutes as opr

SCREENS = ["desktop", "phone"]


@pytest.fixture(scope="module")
def truth():
    """Each year as the library tells it."""
    net = opr.load_network()
    return {year: opr.estimate_flows(net, opr.load_evidence(year)) for year in (2008, 2010, 2022)}


def choose(seen, number):
    seen.page.locator("#or-years input").fill(str(number))


def width_of(seen, start, end):
    """Width in pixels of an arrow as it is drawn."""
    return seen.page.evaluate(
        """([start, end]) => OpiateAtlas.running.model.flows
          .find((flow) => flow.from === start && flow.to === end).arrow.options.width""",
        [start, end],
    )


def open_card(seen, place):
    seen.page.evaluate(
        """(id) => OpiateAtlas.state.select.node(
          OpiateAtlas.running.model.nodes.find((node) => node.id === id))""",
        place,
    )


def unit_factor(text):
    number, unit = text.replace("\u00a0", " ").split(" ")[:2]
    return float(number) * {"t": 1000, "kg": 1}[unit]


@pytest.mark.parametrize("screen", SCREENS)
def test_another_year_is_other_flows_totals_and_chokepoints(visit, years_file, truth, screen):
    seen = visit(years_file, screen)
    told = {}
    for number, year in [(1, 2010), (0, 2008), (2, 2022)]:
        choose(seen, number)
        heading = seen.page.locator(".or-head h1").inner_text()
        assert str(year) in heading
        totals = seen.page.locator("#or-totals-text").inner_text()
        supply = unit_factor(totals.split(": ")[1])
        assert supply == pytest.approx(truth[year].supply_kg, rel=0.005)
        told[year] = {
            "width": width_of(seen, "AFG", "PAK"),
            "places": sorted(
                mark.get_attribute("aria-label") for mark in seen.page.locator(".or-diamond").all()
            ),
            "first": seen.page.locator("#or-table-chokepoints tbody tr").first.inner_text(),
        }
        flow = truth[year].legs
        pair = flow[(flow["from_node"] == "AFG") & (flow["to_node"] == "PAK")]["flow_kg"].sum()
        told[year]["kg"] = pair
    ratio = told[2008]["width"] / told[2022]["width"]
    assert ratio == pytest.approx(told[2008]["kg"] / told[2022]["kg"], rel=1e-3)
    assert told[2008]["places"] != told[2022]["places"]
    assert told[2008]["first"] != told[2022]["first"]
    assert (seen.requests, seen.complaints) == ([], [])


def test_play_goes_through_the_years_and_stops_at_the_last(visit, years_file):
    seen = visit(years_file)
    play = seen.page.locator(".or-play")
    play.click()
    assert play.get_attribute("aria-label") == "Stop"
    seen.page.locator(".or-year", has_text="2022").wait_for()
    seen.page.locator(".or-play[aria-label='Play the years']").wait_for()
    assert "2022" in seen.page.locator(".or-head h1").inner_text()


@pytest.mark.parametrize("screen", SCREENS)
def test_a_card_has_a_chart_over_the_years_and_follows_the_year(visit, years_file, truth, screen):
    seen = visit(years_file, screen)
    seen.evaluate(
        "OpiateAtlas.state.select.node(OpiateAtlas.running.model.nodes.find(n => n.id === 'TUR'))"
    )
    card = seen.page.locator("#or-card")
    assert seen.count("#or-card .or-chart circle") == 3
    card.locator("summary", has_text="The same as a table").click()
    rows = card.locator(".or-more table tbody tr").all_inner_texts()
    for row, (year, fit) in zip(rows, truth.items(), strict=True):
        label, estimate, _ = row.split("\t")
        assert int(label) == year
        assert unit_factor(estimate) == pytest.approx(
            fit.nodes.loc["TUR", "throughput_kg"], rel=0.005
        )
    before = card.locator(".or-big").inner_text()
    choose(seen, 0)
    assert card.locator(".or-big").inner_text() != before
    assert card.is_visible()


def test_the_address_holds_the_state_and_brings_it_back(visit, years_file):
    seen = visit(years_file)
    choose(seen, 2)
    seen.page.locator("input[name=or-reaction][value='4']").check()
    seen.page.locator("#or-layers label", has_text="Balkan route").locator("input").uncheck()
    seen.evaluate(
        "OpiateAtlas.state.select.node(OpiateAtlas.running.model.nodes.find(n => n.id === 'IRN'))"
    )
    seen.evaluate("OpiateAtlas.running.map.setView([40, 60], 4.25, {animate: false})")
    fragment = seen.evaluate("location.hash")
    other = visit(years_file, fragment=fragment)
    assert "2022" in other.page.locator(".or-head h1").inner_text()
    assert other.page.locator("input[name=or-reaction][value='4']").is_checked()
    box = other.page.locator("#or-layers label", has_text="Balkan route").locator("input")
    assert not box.is_checked()
    assert other.page.locator("#or-card h2").inner_text() == "Iran (Islamic Republic of)"
    assert other.evaluate("OpiateAtlas.running.map.getZoom()") == 4.25


@pytest.mark.parametrize(
    "fragment",
    [
        "#year=1850&view=a,b,c&share=7&reaction=9&open=node:%3Cimg%3E&without=x&off=__proto__",
        "#%%%",
        "#open=flow:",
    ],
)
def test_a_fragment_that_means_nothing_is_left_out(visit, years_file, fragment):
    seen = visit(years_file, fragment=fragment)
    assert "2010" in seen.page.locator(".or-head h1").inner_text()
    assert seen.page.locator("#or-card").is_hidden()
    assert seen.complaints == []


def test_a_notebook_shows_the_years_in_its_frame(chromium, tmp_path):
    """A frame without an address keeps no state, and says nothing of it."""
    page = opr.explore(opr.estimate_years(opr.load_network(), [2008, 2010], progress=False))
    book = tmp_path / "notebook.html"
    book.write_text(f"<!DOCTYPE html><html><body>{page._repr_html_()}</body></html>", "utf-8")
    tab = chromium.new_page()
    complaints = []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(book.as_uri())
    frame = tab.frame_locator("iframe")
    frame.locator("#or-years input").fill("0")
    assert "2008" in frame.locator(".or-head h1").inner_text()
    tab.close()
    assert complaints == []
