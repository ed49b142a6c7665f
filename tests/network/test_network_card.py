from __future__ import annotations

import pandas as pd
import pytest

import opiateroutes as opr

HOSTILE = "<script>alert('x')</script>\"&"


@pytest.mark.parametrize("place", ["kind", "mode", "key", "value"])
def test_hostile_text_is_escaped_in_the_card(place):
    nodes = pd.DataFrame({"node": [HOSTILE], "kind": [HOSTILE if place == "kind" else "x"]})
    legs = pd.DataFrame(
        {"u": [HOSTILE], "v": [HOSTILE], "mode": [HOSTILE if place == "mode" else "x"]}
    )
    meta = {HOSTILE if place == "key" else "k": HOSTILE if place == "value" else "v"}
    html = opr.RouteNetwork.from_tables(nodes, legs, meta=meta)._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&quot;&amp;" in html


def test_the_card_counts_kinds_and_modes():
    html = opr.load_network("countries")._repr_html_()
    assert "<td>84</td><td>84 country</td>" in html
    assert " land" in html
    assert "OpenStreetMap" in html
