"""Reported itineraries become a network: chains by hand, the trap, and the extract as published."""

import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import opiateroutes as opr
from opiateroutes.data import area_labels
from opiateroutes.errors import NetworkError, NetworkWarning
from opiateroutes.network.itineraries import UNKNOWN

PLACES = ["producing", "departure", "seized", "destination"]
EXTRACT = Path(__file__).parents[3] / "shared" / "real" / "ids2011_2016.zip"


def records(*chains, **columns):
    rows = [chain.split() for chain in chains]
    table = pd.DataFrame(rows, columns=PLACES).replace("-", None)
    return table.assign(**columns)


def cases(net):
    return {(leg.from_node, leg.to_node): leg.cases for leg in net.legs.itertuples()}


def test_a_chain_joins_its_countries_in_order():
    net = opr.network_from_itineraries(records("AFG PAK GBR IRL"))
    assert cases(net) == {("AFG", "PAK"): 1, ("PAK", "GBR"): 1, ("GBR", "IRL"): 1}
    assert set(net.legs["mode"]) == {"reported"}
    assert net.legs["cases"].dtype == "int64"
    assert "departure > seized 1" in net.legs.loc["PAK>GBR:reported", "why"]


def test_repeats_are_dropped_and_unknown_places_skipped():
    net = opr.network_from_itineraries(
        records("AFG AFG IRN IRN", "AFG - - TUR", "- IRN Unknown TUR", "- - BGR -")
    )
    assert cases(net) == {("AFG", "IRN"): 1, ("AFG", "TUR"): 1, ("IRN", "TUR"): 1}
    assert net.nodes.index.tolist() == ["AFG", "BGR", "IRN", "TUR"]
    assert net.nodes["cases"].to_dict() == {"AFG": 2, "BGR": 1, "IRN": 2, "TUR": 2}


@pytest.mark.parametrize("word", ["Unknown", "Other", "Multiple Countries", "unknown", " ", ""])
def test_words_for_unknown_places(word):
    table = records("AFG x IRN -").replace("x", word)
    assert cases(opr.network_from_itineraries(table)) == {("AFG", "IRN"): 1}


def test_a_way_back_is_a_leg_and_the_same_step_twice_is_one_case():
    net = opr.network_from_itineraries(records("AAA BBB AAA BBB", "AAA BBB AAA -"))
    assert cases(net) == {("AAA", "BBB"): 2, ("BBB", "AAA"): 2}


def test_rows_may_stand_for_several_cases_and_weights_add_up_where_known():
    net = opr.network_from_itineraries(
        records(
            "AFG - IRN TUR", "AFG - IRN -", "AFG - PAK -",
            cases=[3, 2, 1], kg_heroin_equivalent=[1.5, None, None], year=2015,
        )
    )  # fmt: skip
    legs = net.legs
    assert legs["cases"].to_dict() == {
        "AFG>IRN:reported": 5, "AFG>PAK:reported": 1, "IRN>TUR:reported": 3
    }  # fmt: skip
    assert legs.loc["AFG>IRN:reported", "kg_heroin_equivalent"] == 1.5
    assert "weight known for 3" in legs.loc["AFG>IRN:reported", "why"]
    assert np.isnan(legs.loc["AFG>PAK:reported", "kg_heroin_equivalent"])
    assert "year" not in legs


def test_namibia_in_records_about_india_is_a_misread_code():
    table = records("NAM - IND -", "NAM IND LKA -", "NAM ZAF ZAF -", cases=[92, 2, 1])
    with pytest.warns(NetworkWarning, match=r"NAM was set aside in 94 case\(s\) \(2 record"):
        net = opr.network_from_itineraries(table)
    assert cases(net) == {("IND", "LKA"): 2, ("NAM", "ZAF"): 1}
    assert net.nodes.loc["NAM", "cases"] == 1
    assert net.meta["miscoded_cases_set_aside"] == 94
    kept = opr.network_from_itineraries(table, miscoded=None)
    assert cases(kept) == {("NAM", "IND"): 94, ("IND", "LKA"): 2, ("NAM", "ZAF"): 1}


def test_known_codes_have_names_and_places_others_only_their_id():
    nodes = opr.network_from_itineraries(records("afg NZL XX-9 -")).nodes
    shipped = opr.load_network("countries").nodes
    assert nodes.loc["AFG", "geometry"].equals(shipped.loc["AFG", "geometry"])
    assert nodes.loc["AFG", ["name", "label", "iso3", "kind"]].tolist() == [
        "Afghanistan", "Afghanistan", "AFG", "country"
    ]  # fmt: skip
    assert nodes.loc["NZL", "geometry"].y < -34
    assert nodes.loc["XX-9", "name"] == "XX-9"
    assert nodes.loc["XX-9", "geometry"] is None
    assert pd.isna(nodes.loc["XX-9", "iso3"])


def test_no_records_no_network():
    net = opr.network_from_itineraries(pd.DataFrame({place: [] for place in PLACES}))
    assert (len(net.nodes), len(net.legs)) == (0, 0)
    assert opr.describe_topology(net).table.loc["nodes", "value"] == 0


def test_all_that_is_wrong_is_said_at_once():
    table = records(
        "Afghanistan - IRN -", "AFG - PAK -", cases=[1.5, 1], kg_heroin_equivalent=[1, -1]
    )
    with pytest.raises(NetworkError, match="3 failure") as caught:
        opr.network_from_itineraries(table)
    found = caught.value.failures.set_index("column")
    assert found.loc["producing", "hint"] == "write AFG"
    assert found["row"].to_dict() == {"producing": "0", "cases": "0", "kg_heroin_equivalent": "1"}


@pytest.mark.parametrize("bad", [0, -1, None, "many", float("inf"), 1e300])
def test_cases_are_whole_numbers(bad):
    with pytest.raises(NetworkError, match="whole number of at least 1"):
        opr.network_from_itineraries(records("AFG - IRN -", cases=[bad]))


def test_missing_columns_are_named():
    with pytest.raises(NetworkError, match="departure"):
        opr.network_from_itineraries(pd.DataFrame({"producing": ["AFG"], "seized": ["IRN"]}))


def test_the_records_are_not_changed_and_their_order_does_not_matter():
    table = records("AFG PAK GBR IRL", "AFG - IRN TUR", cases=[1, 2])
    before = table.copy()
    net = opr.network_from_itineraries(table)
    pd.testing.assert_frame_equal(table, before)
    again = opr.network_from_itineraries(table.iloc[::-1].set_axis([7, 7]))
    pd.testing.assert_frame_equal(pd.DataFrame(net.legs), pd.DataFrame(again.legs))


def slowly(table):
    """Count steps record by record, written apart from the library."""
    steps, places = Counter(), set()
    for row in table[PLACES].itertuples(index=False):
        chain = [p for p in row if isinstance(p, str) and p not in UNKNOWN]
        chain = [p for k, p in enumerate(chain) if k == 0 or chain[k - 1] != p]
        places.update(chain)
        steps.update(set(pairwise(chain)))
    return steps, places


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.sampled_from(["AAA", "BBB", "CCC", None]), min_size=4, max_size=4)))
def test_equals_the_count_record_by_record(rows):
    table = pd.DataFrame(rows, columns=PLACES, dtype=object)
    net = opr.network_from_itineraries(table)
    steps, places = slowly(table)
    assert cases(net) == dict(steps)
    assert set(net.nodes.index) == places


OLD_NAMES = {
    "Aland Islands": "ALA", "Bolivia, Plurinational State of": "BOL",
    "Congo, the Democratic Republic of the": "COD", "Czech Republic": "CZE",
    "French Guiana": "GUF", "Guadeloupe": "GLP", "Hong Kong": "HKG",
    "Iran, Islamic Republic of": "IRN", "Iraq (Central Iraq)": "IRQ",
    "Iraq (Kurdistan Region)": "IRQ", "Korea, Democratic People's Republic of": "PRK",
    "Korea, Republic of": "KOR", "Kosovo under UNSCR 1244": "XKX",
    "Lao Peoples Democratic Republic": "LAO", "Libyan Arab Jamahiriya": "LBY",
    "Macau, SAR of China": "MAC", "Macedonia, the former Yugoslav Republic of": "MKD",
    "Martinique": "MTQ", "Moldova, Republic of": "MDA", "Netherlands Antilles": "ANT",
    "Réunion": "REU", "Swaziland": "SWZ", "Taiwan, Province of China": "TWN",
    "Tanzania, United Republic of": "TZA", "Turkey": "TUR",
    "United Kingdom (England and Wales)": "GBR", "Venezuela, Bolivarian Republic of": "VEN",
}  # fmt: skip


def read_extract():
    columns = {
        "PRODUCING_COUNTRY": "producing", "DEPARTURE_COUNTRY": "departure",
        "COUNTRY": "seized", "DESTINATION_COUNTRY": "destination",
    }  # fmt: skip
    table = pd.read_csv(
        EXTRACT, sep=";", dtype="str", keep_default_na=False, usecols=[*columns, "DRUG_NAME"]
    )
    areas = area_labels()
    codes = {name: code for end in areas for code, name in areas[end].items()} | OLD_NAMES
    codes |= {word: word for word in UNKNOWN}
    table = table.rename(columns=columns)
    assert set(table[PLACES].to_numpy().ravel()) - set(codes) == {""}
    return table.assign(**{place: table[place].map(codes) for place in PLACES})


@pytest.mark.skipif(not EXTRACT.exists(), reason="the published extract is not here")
def test_the_published_extract_in_seconds():
    table = read_extract()
    opiates = table["DRUG_NAME"].isin(["Heroin", "Morphine", "Opium"])
    start = time.perf_counter()
    with pytest.warns(NetworkWarning, match=r"NAM was set aside in 95 case"):
        net = opr.network_from_itineraries(table)
    topology = opr.describe_topology(net)
    seconds = time.perf_counter() - start
    sys.stdout.write(f"{len(table)} records in {seconds:.2f} s\n{topology.table.to_string()}\n")
    assert seconds < 10
    assert len(table) == 311_038
    with pytest.warns(NetworkWarning, match=r"NAM was set aside in 92 case"):
        of_opiates = opr.network_from_itineraries(table[opiates])
    misread = (table["producing"] == "NAM") & (table[PLACES[1:]] == "IND").any(axis=1)
    table.loc[misread, "producing"] = None
    steps, places = slowly(table)
    assert cases(net) == dict(steps)
    assert set(net.nodes.index) == places
    assert cases(of_opiates)["AFG", "PAK"] == 3088
    # Aggregated by others from the same extract: the largest pairs are the same.
    shipped = pd.read_csv(
        Path(__file__).parents[2] / "data" / "evidence" / "itineraries.csv", keep_default_na=False
    )
    pairs = shipped.groupby(["from_node", "to_node"])["cases"].sum()
    assert all(cases(of_opiates)[pair] == n for pair, n in pairs.nlargest(6).items())
