"""`explore` and `AtlasMap`: one file, the same bytes, a folium map like any other."""

from __future__ import annotations

import re

import folium
import pytest

from opiateroutes.errors import MapError, OutputError
from opiateroutes.maps import AtlasMap, explore

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><!--",
    "'; alert(1); //",
    "${alert(1)}",
]


def render(atlas):
    return atlas.get_root().render()


def test_save_writes_one_complete_file(atlas, tmp_path):
    atlas.save(tmp_path / "atlas.html")
    assert [path.name for path in tmp_path.iterdir()] == ["atlas.html"]
    page = (tmp_path / "atlas.html").read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert 'lang="en"' in page
    assert "Content-Security-Policy" in page
    assert "user-scalable" not in page
    assert "Boundaries do not imply endorsement." in page
    assert "Estimated supply leaving Afghanistan: 380 t (90 % interval 300 t to 450 t)" in page


def test_file_has_the_usual_permissions(atlas, tmp_path):
    atlas.save(tmp_path / "atlas.html")
    (tmp_path / "plain").touch()
    assert (tmp_path / "atlas.html").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_same_input_same_bytes(fit, chokepoints, routes, basemap_folder, tmp_path):
    for name in ("a.html", "b.html"):
        explore(fit, chokepoints, routes=routes, basemap=basemap_folder).save(tmp_path / name)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_rendering_twice_gives_the_same_page(atlas):
    folium.CircleMarker([34.5, 69.2], popup="Kabul").add_to(atlas)
    assert render(atlas) == render(atlas)


def test_user_layers_are_added_and_reproducible(fit, chokepoints, routes, basemap_folder):
    pages = []
    for _ in range(2):
        atlas = explore(fit, chokepoints, routes=routes, basemap=basemap_folder)
        group = folium.FeatureGroup(name="mine").add_to(atlas)
        folium.Marker([34.5, 69.2], popup="Kabul", tooltip="capital").add_to(group)
        folium.GeoJson({"type": "Point", "coordinates": [69.2, 34.5]}).add_to(atlas)
        folium.LayerControl().add_to(atlas)
        pages.append(render(atlas))
    assert pages[0] == pages[1]
    assert "L.marker(" in pages[0]
    assert not re.search(r"_[0-9a-f]{32}\b", pages[0])


def test_hexadecimal_data_is_not_renamed(fit, routes, basemap_folder):
    digest = "0123456789abcdef0123456789abcdef"
    fit.provenance = {"hash": f"network_{digest}"}
    assert f"network_{digest}" in render(explore(fit, routes=routes, basemap=basemap_folder))


def test_two_maps_do_not_interfere(fit, chokepoints, routes, basemap_folder):
    first = explore(fit, chokepoints, routes=routes, basemap=basemap_folder)
    alone = render(first)
    second = explore(fit, None, routes=routes, basemap=basemap_folder)
    folium.Marker([0, 0]).add_to(second)
    render(second)
    assert render(first) == alone


def test_folium_itself_is_untouched(atlas):
    scripts, styles = list(folium.Map.default_js), list(folium.Map.default_css)
    atlas.add_js_link("mine", "https://example.org/x.js")
    AtlasMap.default_js.clear()
    assert folium.Map.default_js == scripts
    assert folium.Map.default_css == styles
    assert len(scripts) > 0
    assert "leaflet" in folium.Map(tiles=None).get_root().render()


def test_it_is_a_folium_map(atlas):
    assert isinstance(atlas, folium.Map)


def test_notebook_shows_a_frame(atlas):
    shown = atlas._repr_html_()
    assert shown.startswith("<iframe")
    assert 'title="Map of flows"' in shown
    assert "<script>" not in shown


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_text(fit, make_hostile, routes, basemap_folder, text):
    plain = render(explore(fit, routes=routes, basemap=basemap_folder))
    page = render(explore(make_hostile(fit, text), routes=routes, basemap=basemap_folder))
    assert page.count("<script") == plain.count("<script") == 5
    assert "<img" not in page
    assert "onerror=alert(1)>" not in re.sub(
        r"<script type=\"application/json\".*?</script>", "", page, flags=re.DOTALL
    )


@pytest.mark.parametrize("text", ["{{ 7 * 191 }}", "{% raw %}", "{# gone #}", "{{{% set x = 1 %}"])
def test_no_text_is_a_template(fit, make_hostile, routes, basemap_folder, text):
    spoiled = make_hostile(fit, text)
    spoiled.network.meta["title"] = text
    page = render(explore(spoiled, routes=routes, basemap=basemap_folder))
    assert f"<h1>{text}: estimated flows, 2010</h1>" in page
    assert f'"name":["{text}"]' in page
    assert "1337" not in page


def test_hostile_notice_is_escaped(fit, routes, basemap_folder, tmp_path):
    for path in basemap_folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "boundary_notice.txt").write_text("<script>alert(1)</script> $data", "utf-8")
    page = render(explore(fit, routes=routes, basemap=tmp_path))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; $data" in page


def test_folder_that_does_not_exist(atlas, tmp_path):
    with pytest.raises(OutputError, match="nowhere"):
        atlas.save(tmp_path / "nowhere" / "atlas.html")


def test_failed_replacement_leaves_nothing(atlas, tmp_path):
    (tmp_path / "atlas.html").mkdir()
    with pytest.raises(OutputError, match=r"atlas\.html"):
        atlas.save(tmp_path / "atlas.html")
    assert [path.name for path in tmp_path.iterdir()] == ["atlas.html"]


def test_incomplete_basemap(fit, routes, tmp_path):
    with pytest.raises(MapError, match="not found"):
        explore(fit, routes=routes, basemap=tmp_path)
