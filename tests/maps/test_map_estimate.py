"""The shipped network and evidence as a map: the page a user gets first."""

from __future__ import annotations

import pytest

import opiateroutes as opr


@pytest.fixture(scope="module")
def atlas():
    fit = opr.estimate_flows(opr.load_network("countries"), opr.load_evidence(year=2010))
    return opr.explore(fit, chokepoints=opr.find_chokepoints(fit))


def test_every_flow_has_an_interval_around_it(atlas):
    flows = atlas.payload["flows"]
    assert len(flows) > 100
    assert all(flow["low"] <= flow["kg"] <= flow["high"] for flow in flows)


def test_evidence_has_sources(atlas):
    rows, sources = atlas.payload["evidence"], atlas.payload["sources"]
    assert all(row["sources"] for row in rows)
    assert all(isinstance(place, int) for row in rows for place in row["sources"])
    assert all(source["title"] for source in sources)


def test_named_routes_and_chokepoints_are_there(atlas):
    groups = {flow["group"] for flow in atlas.payload["flows"]}
    assert {"Balkan", "Northern", "Southern"} <= groups
    ranks = [row["at"][0]["rank"] for row in atlas.payload["chokepoints"]["rows"] if row["at"][0]]
    assert min(ranks) == 1


def test_file_is_of_moderate_size(atlas, tmp_path):
    atlas.save(tmp_path / "atlas.html")
    assert (tmp_path / "atlas.html").stat().st_size < 1_200_000


@pytest.mark.parametrize("year", [2009, 2014, 2023])
def test_the_first_view_holds_europe_and_no_far_ocean_in_any_year(year):
    fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(year))
    home = set(opr.explore(fit).payload["home"])
    assert {"AFG", "IRN", "PAK", "RUS", "GBR"} <= home
    assert not home & {"ZAF", "AUS", "CAN"}
