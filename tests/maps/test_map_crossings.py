"""The atlas at the level of crossings: places know which country they lie in."""

import pytest

import opiateroutes as opr
from opiateroutes.maps.families import Families
from opiateroutes.maps.layers import build_payload


@pytest.fixture(scope="module")
def payload():
    fit = opr.estimate_flows(opr.load_network("crossings"), opr.load_evidence(2010))
    return build_payload(fit, None, routes=opr.load_routes())


def flow(payload, start, end):
    return next(f for f in payload["flows"] if (f["from"], f["to"]) == (start, end))


def test_border_flows_belong_to_the_routes_of_their_countries(payload):
    assert flow(payload, "TUR-BGR-KAPI@TUR", "TUR-BGR-KAPI@BGR")["group"] == "Balkan"
    assert flow(payload, "AFG-TJK-SHIR@AFG", "AFG-TJK-SHIR@TJK")["group"] == "Northern"


def test_inland_flows_belong_to_every_route_that_passes():
    families = Families.from_routes(opr.load_routes(), {"x": "IRN", "y": "IRN", "z": "DEU"})
    assert set(families.of("x", "y")) >= {"Balkan", "Caucasus"}
    assert families.of("x", "z") == families.by_pair.get(("IRN", "DEU"), ())


def test_figures_about_a_country_stand_behind_its_places(payload):
    node = next(n for n in payload["nodes"] if n["id"] == "IRN-TUR-BAZA@TUR")
    kinds = {payload["evidence"][row]["target"] for row in node["evidence"]}
    assert "seizure, Türkiye" in kinds


def test_the_supplier_is_named_once(payload):
    assert payload["meta"]["suppliers"] == ["Afghanistan"]
