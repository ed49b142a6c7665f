"""The policy and the audit: nothing leaves the page, and nothing that would is written."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import folium
import pytest

from opiateroutes.errors import OfflineError
from opiateroutes.maps.offline import atlas_script, json_for_script, leaflet_script, leaflet_style
from opiateroutes.maps.policy import POLICY_MARK, audit, with_policy


@pytest.mark.parametrize(
    "snippet",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="//cdn.example/x.css">',
        '<img src="http://example.org/x.png">',
        '<img srcset="x.png 2x">',
        "<style>@import 'x.css';</style>",
        "<style>p{background:url(https://example.org/x.png)}</style>",
        '<p style="background:url(//example.org/x.png)">',
        '<base href="https://example.org/">',
        '<meta http-equiv="refresh" content="0;url=https://example.org">',
        '<form action="https://example.org"></form>',
        '<object data="x.swf"></object>',
        "<script>fetch('data.json')</script>",
        "<script>L.tileLayer('https://tile.example/{z}/{x}/{y}.png')</script>",
        '<script>m.bindPopup(`<img src="https://example.org/x.png">`)</script>',
        "<script>import('./x.js')</script>",
        "<script>new L.AwesomeMarkers.icon({})</script>",
    ],
)
def test_audit_refuses(snippet):
    with pytest.raises(OfflineError, match="without a network"):
        audit(f"<html><body>{snippet}</body></html>")


@pytest.mark.parametrize(
    "snippet",
    [
        '<a href="https://example.org">source</a>',
        '<img src="data:image/png;base64,AA==">',
        '<link rel="icon" href="data:,">',
        '<a href="#or-tables">skip</a>',
        "<script>var text = 'see https://example.org';</script>",
        '<script type="application/json">{"url": "https://example.org"}</script>',
        "<style>p{background:url(data:image/png;base64,AA==)}</style>",
    ],
)
def test_audit_allows(snippet):
    audit(f"<html><body>{snippet}</body></html>")


def test_leaflet_carries_its_images():
    assert leaflet_style().count("data:image/png") >= 3
    assert "url(images" not in leaflet_style()
    assert '"iconUrl": "data:image/png' in leaflet_script()
    assert "sourceMappingURL" not in leaflet_script()


def test_policy_lists_exactly_the_scripts_and_styles():
    page = with_policy(
        f"{POLICY_MARK}<style>a</style><script>b</script><script type='application/json'>c</script>"
    )
    policy = re.search(r'content="([^"]+)"', page)[1]

    def digest(content):
        return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"

    assert f"script-src {digest('b')};" in policy
    assert f"style-src {digest('a')};" in policy
    assert digest("c") not in policy
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy


def test_json_cannot_leave_its_script():
    value = {"</script><script>": "<!-- \u2028 \u2029"}
    written = json_for_script(value)
    assert "<" not in written
    assert "\u2028" not in written
    assert json.loads(written) == value


def test_json_refuses_nan():
    with pytest.raises(ValueError, match="JSON"):
        json_for_script(float("nan"))


def test_own_scripts_use_no_html_writing():
    own = atlas_script().replace("holder.innerHTML", "")
    assert ".innerHTML" not in own
    assert "insertAdjacentHTML" not in own
    assert "eval(" not in own


def test_tile_layer_is_refused(atlas, tmp_path):
    folium.TileLayer("OpenStreetMap").add_to(atlas)
    with pytest.raises(OfflineError, match="tile"):
        atlas.save(tmp_path / "atlas.html")
    assert list(tmp_path.iterdir()) == []


def test_icon_library_is_refused(atlas):
    folium.Marker([34.5, 69.2], icon=folium.Icon(color="red")).add_to(atlas)
    with pytest.raises(OfflineError, match="AwesomeMarkers"):
        atlas.get_root().render()
