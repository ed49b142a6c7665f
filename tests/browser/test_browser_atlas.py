"""The saved map in a real browser: quiet, complete, usable by mouse, finger and keyboard."""

from __future__ import annotations

import csv
import io

import folium
import pytest

SCREENS = ["desktop", "phone"]


def drawn_flows(seen):
    return seen.evaluate(
        "[...document.querySelectorAll('.leaflet-or-flow-pane path')]"
        ".filter(p => p.getAttribute('d').length > 6).length"
    )


def open_panel(seen, screen, name):
    if screen == "phone":
        seen.page.click(f".or-panel-{name} summary")


@pytest.mark.parametrize("screen", SCREENS)
def test_no_request_no_complaint(visit, atlas_file, screen):
    seen = visit(atlas_file, screen)
    seen.page.click("#or-tabs [role=tab]:last-child")
    seen.page.wait_for_timeout(300)
    assert seen.requests == []
    assert seen.complaints == []


@pytest.mark.parametrize("screen", SCREENS)
def test_the_map_is_drawn(visit, atlas_file, screen):
    seen = visit(atlas_file, screen)
    assert drawn_flows(seen) > 20
    assert seen.count(".or-diamond") == 10
    assert "Afghanistan" in seen.page.locator(".or-label").all_inner_texts()
    assert seen.count("path.or-line-line_of_control") == 1
    assert seen.evaluate("document.documentElement.scrollWidth") <= seen.page.viewport_size["width"]


@pytest.mark.parametrize("screen", SCREENS)
def test_nothing_lies_on_top_of_each_other(visit, atlas_file, screen):
    seen = visit(atlas_file, screen)
    overlaps = seen.evaluate(
        """() => {
          const kinds = '.or-label, .or-diamond, .or-panel, .leaflet-control';
          const boxes = [...document.querySelectorAll(kinds)]
            .map(e => [e.textContent.slice(0, 20), e.getBoundingClientRect()])
            .filter(([, b]) => b.width);
          const found = [];
          for (let i = 0; i < boxes.length; i += 1) for (let j = i + 1; j < boxes.length; j += 1) {
            const [a, b] = [boxes[i][1], boxes[j][1]];
            const w = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const h = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            if (w > 2 && h > 2) found.push(boxes[i][0] + ' / ' + boxes[j][0]);
          }
          return found;
        }"""
    )
    assert overlaps == []


@pytest.mark.parametrize("screen", SCREENS)
def test_card_of_a_node_names_interval_and_source(visit, atlas_file, screen):
    seen = visit(atlas_file, screen)
    place = seen.evaluate(
        """() => { const a = OpiateAtlas.running;
        const n = a.model.nodes.find(n => n.id === 'TUR');
        const p = a.map.latLngToContainerPoint([n.lat, n.lon]);
        const r = a.map.getContainer().getBoundingClientRect();
        return [p.x + r.left, p.y + r.top]; }"""
    )
    seen.page.mouse.click(*place)
    card = seen.page.locator("#or-card")
    text = card.inner_text()
    assert "Türkiye" in text
    assert "90\u00a0% interval 67.9–136\u00a0t" in text
    assert "Synthetic yearbook of seizures, Nobody, 2012" in text
    assert "10\u00a0% (90\u00a0% interval 6\u00a0% to 19\u00a0%)" in text
    assert "Largest inflows from" in text
    assert card.locator("a").first.get_attribute("href") == "https://example.org/yearbook"
    seen.page.keyboard.press("Escape")
    assert card.is_hidden()


def test_card_of_a_flow_names_interval_modes_and_basis(visit, atlas_file):
    seen = visit(atlas_file)
    place = seen.evaluate(
        """() => { const a = OpiateAtlas.running;
        const f = a.model.flows.find(f => f.from === 'IRN' && f.to === 'TUR');
        const p = f.arrow.line[Math.floor(f.arrow.line.length / 2)];
        const q = a.map.layerPointToContainerPoint(p);
        const r = a.map.getContainer().getBoundingClientRect();
        return [q.x + r.left, q.y + r.top]; }"""
    )
    seen.page.mouse.move(*place)
    assert (
        "95\u00a0t (90\u00a0% interval 57–162\u00a0t)" in seen.page.locator(".or-tip").inner_text()
    )
    seen.page.mouse.click(*place)
    text = seen.page.locator("#or-card").inner_text()
    assert "90\u00a0% interval 57–162\u00a0t" in text
    assert "data 62\u00a0% / model 38\u00a0%" in text
    assert "Why this leg exists: shared land boundary" in text
    assert "Synthetic yearbook of seizures" in text


def test_card_of_a_chokepoint_by_keyboard(visit, atlas_file):
    seen = visit(atlas_file)
    seen.page.locator(".or-diamond").first.focus()
    seen.page.keyboard.press("Enter")
    text = seen.page.locator("#or-card").inner_text()
    assert "κ = 4" in text
    assert "receive most" in text
    assert seen.evaluate("document.activeElement.className") == "or-close"
    seen.page.keyboard.press("Enter")
    assert seen.page.locator("#or-card").is_hidden()
    assert "or-diamond" in seen.evaluate("document.activeElement.className")


@pytest.mark.parametrize("screen", SCREENS)
def test_layers_and_routes_change_what_is_drawn(visit, atlas_file, screen):
    seen = visit(atlas_file, screen)
    open_panel(seen, screen, "layers")
    before = drawn_flows(seen)
    seen.page.get_by_label("Balkan route").uncheck()
    without = drawn_flows(seen)
    assert 0 < without < before
    seen.page.get_by_label("Balkan route").check()
    assert drawn_flows(seen) == before
    seen.page.get_by_role("checkbox", name="Flows").uncheck()
    assert drawn_flows(seen) == 0
    seen.page.get_by_role("checkbox", name="Chokepoints").uncheck()
    assert seen.count(".or-diamond") == 0
    seen.page.get_by_role("checkbox", name="Names").uncheck()
    assert seen.count(".or-label") == 0
    nodes = seen.count("path.or-node")
    seen.page.get_by_role("checkbox", name="Places").uncheck()
    assert (nodes > 40, seen.count("path.or-node")) == (True, 0)


def test_share_and_reaction(visit, atlas_file):
    seen = visit(atlas_file)
    slider = seen.page.locator("input[type=range]")
    slider.fill("100")
    every = drawn_flows(seen)
    assert seen.page.locator("#or-drawn").inner_text() == "78 of 78 flows drawn"
    slider.fill("50")
    assert drawn_flows(seen) < every / 2
    names = "[...document.querySelectorAll('.or-diamond')].map(d => d.ariaLabel).sort()"
    first = seen.evaluate(names)
    seen.page.locator("input[type=radio][value='4']").check()
    assert seen.evaluate(names) != first


def test_tables_sort_and_lead_to_the_map(visit, atlas_file):
    seen = visit(atlas_file)
    seen.page.click("#or-table-flows-tab")
    column = seen.page.locator("#or-table-flows tbody tr td:nth-child(3)")
    assert column.first.inner_text() == "150\u00a0t"
    head = seen.page.locator("#or-table-flows thead button", has_text="Estimate")
    head.click()
    assert column.first.inner_text() == "150\u00a0t"
    head.click()
    assert column.first.inner_text() == "50\u00a0kg"
    assert (
        seen.page.locator("#or-table-flows th[aria-sort]").get_attribute("aria-sort") == "ascending"
    )
    seen.page.locator("#or-table-flows tbody button").first.click()
    assert "Australia" in seen.page.locator("#or-card h2").inner_text()
    assert seen.evaluate("window.scrollY") < 5


def test_tabs_by_arrow_keys(visit, atlas_file):
    seen = visit(atlas_file)
    seen.page.locator("#or-table-chokepoints-tab").focus()
    seen.page.keyboard.press("ArrowRight")
    assert seen.evaluate("document.activeElement.id") == "or-table-flows-tab"
    assert seen.page.locator("#or-table-flows").is_visible()
    assert seen.page.locator("#or-table-chokepoints").is_hidden()


def test_csv_holds_numbers(visit, atlas_file):
    seen = visit(atlas_file)
    seen.page.click("#or-table-flows-tab")
    with seen.page.expect_download() as waiting:
        seen.page.click("text=Download flows (CSV)")
    assert waiting.value.suggested_filename == "opiateroutes-flows-2010.csv"
    text = waiting.value.path().read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 78
    assert rows[0]["estimate_kg"] == "150000"
    assert {row["to"] for row in rows} >= {"Türkiye", "Iran (Islamic Republic of)"}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+x", "'+x"),
        ("-x", "'-x"),
        ("@x", "'@x"),
        ("-5.2", "-5.2"),
        (-5.2, "-5.2"),
        ("-1e3", "-1e3"),
        ('a"b', '"a""b"'),
        ("a,b", '"a,b"'),
        ("=a,b", '"\'=a,b"'),
        (None, ""),
    ],
)
def test_csv_cells_are_no_formulas(visit, atlas_file, value, written):
    seen = visit(atlas_file)
    assert seen.page.evaluate("value => OpiateAtlas.tables.csvCell(value)", value) == written


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing(visit, atlas_file, screen):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    seen = visit(atlas_file, screen)
    open_panel(seen, screen, "legend")
    # The policy of the page lets no foreign script element in, so axe comes by evaluation, as it
    # does by default.
    assert [item["id"] for item in axe.run(seen.page).response["violations"]] == []
    seen.page.locator(".or-diamond").first.focus()
    seen.page.keyboard.press("Enter")
    found = axe.run(seen.page).response["violations"]
    assert [(item["id"], [node["html"][:120] for node in item["nodes"]]) for item in found] == []


def test_hostile_texts_stay_text(visit, tmp_path):
    import synthetic_map_fit as synthetic

    from opiateroutes.maps import explore

    text = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
    fit = synthetic.hostile(synthetic.synthetic_fit(), text)
    ranking = synthetic.SyntheticChokepoints(fit)
    ranking.table["name"] = text
    explore(fit, ranking, routes=synthetic.synthetic_routes()).save(tmp_path / "hostile.html")
    seen = visit(tmp_path / "hostile.html")
    for tab in ("chokepoints", "flows", "places", "evidence", "sources"):
        seen.page.click(f"#or-table-{tab}-tab")
    for call in (
        "node(a.model.nodes[1])",
        "flow(a.model.flows[0])",
        "chokepoint(a.model.chokepoints.rows[0])",
    ):
        seen.evaluate("() => { const a = OpiateAtlas.running; a.state.select." + call + "; }")
        assert text in seen.page.locator("#or-card").inner_text()
    seen.page.locator(".or-diamond").first.hover()
    assert seen.count("img") == 0
    assert (
        seen.evaluate("[...document.links].filter(a => a.protocol === 'javascript:').length") == 0
    )
    assert (seen.requests, seen.complaints) == ([], [])


def test_layers_of_a_user_work(visit, tmp_path):
    import synthetic_map_fit as synthetic

    from opiateroutes.maps import explore

    atlas = explore(synthetic.synthetic_fit(), routes=synthetic.synthetic_routes())
    group = folium.FeatureGroup(name="mine").add_to(atlas)
    folium.Marker([41, 29], popup="Istanbul <b>office</b>", tooltip="office").add_to(group)
    folium.CircleMarker([34.5, 69.2], popup="Kabul").add_to(group)
    folium.PolyLine([[34, 60], [36, 70]]).add_to(group)
    folium.GeoJson(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"a": "b"},
                    "geometry": {"type": "Point", "coordinates": [51.4, 35.7]},
                }
            ],
        },
        tooltip=folium.GeoJsonTooltip(["a"]),
        popup=folium.GeoJsonPopup(["a"]),
    ).add_to(atlas)
    folium.LayerControl().add_to(atlas)
    atlas.save(tmp_path / "user.html")
    seen = visit(tmp_path / "user.html")
    seen.page.locator("img.leaflet-marker-icon").first.click()
    assert seen.page.locator(".leaflet-popup").inner_text().startswith("Istanbul office")
    assert (seen.requests, seen.complaints) == ([], [])


def test_fit_without_chokepoints_and_evidence(visit, tmp_path):
    import synthetic_map_fit as synthetic

    from opiateroutes.maps import explore

    fit = synthetic.synthetic_fit()
    fit.residuals = fit.residuals.iloc[:0]
    fit.sources = fit.sources.iloc[:0]
    explore(fit, routes=synthetic.synthetic_routes()).save(tmp_path / "bare.html")
    seen = visit(tmp_path / "bare.html")
    assert seen.page.locator("#or-tabs button").all_inner_texts() == ["Flows", "Places"]
    assert (seen.requests, seen.complaints) == ([], [])
