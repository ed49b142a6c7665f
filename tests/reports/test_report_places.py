import pandas as pd
import pytest
from small_ensembles import network

import opiateroutes as opr
from opiateroutes.reports.chokepoints.places import Places
from opiateroutes.reports.chokepoints.references import (
    figures_by_source,
    figures_left_out,
    numbered,
)


@pytest.mark.parametrize(
    ("language", "name"),
    [("en", "Iran (Islamic Republic of)"), ("fr", "Iran (République islamique d’)")],
)
def test_countries_have_their_names_of_the_united_nations(language, name):
    assert Places(opr.load_network(), language).name("IRN") == name


def test_a_crossing_keeps_its_name_and_says_on_which_side():
    places = Places(opr.load_network("crossings"), "fr")
    assert places.name("AFG-PAK-TORK@PAK") == "Torkham (Pakistan)"
    assert places.name("TJK") == "Tadjikistan"  # a country, though no node of this network


@pytest.mark.parametrize(
    ("language", "name"),
    [("en", "Mashhad (Islamic Republic of Iran)"), ("fr", "Mashhad (République islamique d’Iran)")],
)
def test_no_brackets_stand_in_brackets(language, name):
    net = opr.load_network("crossings")
    place = net.nodes.index[net.nodes["name"] == "Mashhad"][0]
    assert Places(net, language).name(place) == name


def test_places_of_an_own_network_keep_theirs():
    places = Places(network(("a", "b", 1.0)), "fr")
    assert places.names(["a", "b"]) == "a, b"
    assert places.name("elsewhere", "Somewhere") == "Somewhere"


def test_publications_are_counted_by_figure():
    residuals = pd.DataFrame({"source": ["x; y; y", "y", pd.NA, "assumption;x"]})
    assert figures_by_source(residuals) == {"x": 2, "y": 2, "assumption": 1}


def test_figures_left_out_are_those_of_the_estimate():
    residuals = pd.DataFrame(
        {
            "kind": ["supply", "demand", "seizure", "flow"],
            "source": ["x", "x; assumption", "y; assumption", pd.NA],
            "edition": ["2012", "2012.0", pd.NA, "2021"],
        }
    )
    assert figures_left_out(residuals, "source", "x; z; assumption") == 1
    assert figures_left_out(residuals, "source", "z") == 0
    assert figures_left_out(residuals, "edition", "2012") == 1


def test_publications_are_numbered_in_order_of_the_list():
    sources = pd.DataFrame(
        {
            "publisher": ["UNODC", "EMCDDA", "UNODC"],
            "year": [2012, 2019, 2009],
            "title": list("abc"),
        },
        index=["x", "y", "z"],
    )
    assert numbered(sources, ["x", "z", "y", "assumption", "2012"]) == {"y": 1, "z": 2, "x": 3}
    assert numbered(sources, ["x"]) == {"x": 1}
