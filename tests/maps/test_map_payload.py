"""The layer model: what the page is told."""

from __future__ import annotations

import json

import numpy as np
import pytest

from opiateroutes.errors import MapError
from opiateroutes.maps.families import Families
from opiateroutes.maps.layers import build_payload
from opiateroutes.maps.values import number, split_ids, text


@pytest.fixture
def payload(fit, chokepoints, routes):
    return build_payload(fit, chokepoints, routes=routes)


def flow(payload, start, end):
    return next(item for item in payload["flows"] if (item["from"], item["to"]) == (start, end))


def test_payload_is_json_without_nan(payload):
    json.dumps(payload, allow_nan=False)


def test_parallel_legs_become_one_arrow(payload):
    arrow = flow(payload, "NLD", "GBR")
    assert arrow["kg"] == 11_000
    assert arrow["modes"] == ["land", "sea"]
    assert [leg["kg"] for leg in arrow["legs"]] == [7700, 3300]
    assert (arrow["low"], arrow["high"]) == (6600, 18_700)


def test_net_subtracts_what_flows_back(payload):
    assert flow(payload, "DEU", "NLD")["net"] == 5000
    assert flow(payload, "NLD", "DEU")["net"] == -5000


def test_zero_flows_are_not_drawn(payload):
    assert not [item for item in payload["flows"] if item["from"] == "GBR"]


def test_flows_fall_and_total_is_kept(payload, fit):
    amounts = [item["kg"] for item in payload["flows"]]
    assert amounts == sorted(amounts, reverse=True)
    assert sum(amounts) == pytest.approx(fit.legs["flow_kg"].sum(), abs=1)


def test_missing_bound_makes_the_pair_bound_unknown(fit, routes):
    fit.legs.loc["NLD-GBR-sea", "high_kg"] = np.nan
    payload = build_payload(fit, None, routes=routes)
    assert flow(payload, "NLD", "GBR")["high"] is None
    assert flow(payload, "NLD", "GBR")["low"] == 6600


def test_families(payload):
    assert flow(payload, "IRN", "TUR")["group"] == "Balkan"
    assert flow(payload, "AFG", "IRN")["group"] == "shared"
    assert flow(payload, "AFG", "IRN")["families"] == ["Balkan", "Caucasus"]
    assert flow(payload, "ITA", "FRA")["group"] == "none"
    groups = {group["id"]: group["colour"] for group in payload["groups"]}
    assert groups["Balkan"] == "#D55E00"
    assert groups["shared"] == "#333333"


def test_unknown_family_gets_a_colour_of_its_own(routes):
    routes.loc[0, "family"] = "Eastern"
    colours = [group["colour"] for group in Families.from_routes(routes).payload()]
    assert len(set(colours)) == len(colours)


def test_evidence_is_linked_to_places_and_legs(payload):
    row = flow(payload, "IRN", "TUR")["evidence"][0]
    assert payload["evidence"][row]["id"] == "seizure_TUR_2010"
    node = next(item for item in payload["nodes"] if item["id"] == "TUR")
    assert node["evidence"] == [row]
    assert (
        payload["sources"][payload["evidence"][row]["sources"][0]]["title"]
        == "Synthetic yearbook of seizures"
    )


def test_rows_an_estimate_rests_on_are_linked_too(payload):
    rows = [payload["evidence"][place]["id"] for place in flow(payload, "IRN", "TUR")["evidence"]]
    assert sorted(rows) == ["seizure_TUR_2010", "supply_AFG_2010"]
    assert flow(payload, "ITA", "CHE")["evidence"] == []


def test_solver_gap_is_rounded_up(fit, routes):
    for gap, shown in ((1.7e-14, 1e-10), (0.0, 1e-10), (3e-9, 1e-8), (float("nan"), None)):
        fit.certificate.gap = gap
        assert build_payload(fit, None, routes=routes)["meta"]["gap"] == shown


def test_unlisted_and_several_sources_stay_visible(fit, routes):
    fit.residuals.loc["seizure_TUR_2010", "source"] = "s2; nowhere_2020"
    rows = build_payload(fit, None, routes=routes)["evidence"]
    assert next(row for row in rows if row["id"] == "seizure_TUR_2010")["sources"] == [
        1,
        "nowhere_2020",
    ]


def test_evidence_that_is_no_amount_says_its_figures_in_words(fit, routes):
    plain = {"kind": "share", "target": "share a to b of flow anywhere to b", "unit": "share"}
    figures = {"figure": 0.4, "low": 0.3, "high": 0.5, "estimate": 0.385}
    fit.residuals.loc["share:x", [*plain, *figures]] = [*plain.values(), *figures.values()]
    fit.residuals["unit"] = fit.residuals["unit"].fillna("kg")
    rows = {row["id"]: row for row in build_payload(fit, None, routes=routes)["evidence"]}
    share, amount = rows["share:x"], rows["seizure_TUR_2010"]
    assert [share[key] for key in ("kg", "low", "high", "fit")] == [None] * 4
    assert share["other"]["figure"] == "40\u00a0%"
    assert share["other"]["fit"] == "38.5\u00a0%"
    assert "other" not in amount


def test_missing_interception_is_null(payload):
    assert next(item for item in payload["nodes"] if item["id"] == "USA")["interception"] is None


def test_totals_name_the_place_of_supply(payload):
    assert payload["meta"]["suppliers"] == ["Afghanistan"]
    assert payload["meta"]["supply"] == 380_000
    assert payload["meta"]["title"] == "Afghan opiate routes: estimated flows, 2010"


def test_title_without_year(fit, routes):
    fit.year = None
    assert build_payload(fit, None, routes=routes)["meta"]["title"].endswith("flows")


def test_chokepoints_at_every_reaction(payload):
    layer = payload["chokepoints"]
    assert layer["effort"] == 0.5
    assert layer["reactions"] == [0, 1, 2, 4]
    assert layer["shown"] == 1
    first = next(row for row in layer["rows"] if row["node"] == "IRN")
    assert first["at"][0]["rank"] == 1
    assert first["at"][0]["receivers"] == []
    receivers = first["at"][1]["receivers"]
    assert len(receivers) == 5
    assert receivers[0]["kg"] == max(item["kg"] for item in receivers)
    assert all("IRN" not in (item["from"], item["to"]) for item in receivers)


def test_no_chokepoints(fit, routes):
    assert build_payload(fit, None, routes=routes)["chokepoints"]["rows"] == []


def test_home_holds_the_largest_flows(payload):
    assert {"AFG", "IRN", "TUR"} <= set(payload["home"])


def test_node_without_position_is_an_error(fit, routes):
    fit.network.nodes = fit.network.nodes.drop(index=["TUR", "IRN"])
    with pytest.raises(MapError, match=r"2 node\(s\).*'IRN', 'TUR'"):
        build_payload(fit, None, routes=routes)


def test_empty_fit_is_an_error(fit, routes):
    fit.legs = fit.legs.iloc[:0]
    with pytest.raises(MapError, match="nothing to draw"):
        build_payload(fit, None, routes=routes)


def test_projected_positions_are_converted(fit, routes):
    before = build_payload(fit, None, routes=routes)["nodes"]
    fit.network.nodes = fit.network.nodes.to_crs(3857)
    assert build_payload(fit, None, routes=routes)["nodes"] == before


def test_cells():
    assert number(float("inf")) is None
    assert number(-0.0) == 0
    assert text(float("nan")) == ""
    assert split_ids(None) == []
