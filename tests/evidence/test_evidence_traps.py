from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import opiateroutes as opr
from opiateroutes.data import read_evidence_table
from opiateroutes.evidence import load_parameters
from opiateroutes.evidence.demand import consumed_heroin
from opiateroutes.evidence.seizures import latest_edition, seized_heroin

SHARED = Path(__file__).parents[3] / "shared"


@pytest.fixture(scope="module")
def seizures():
    return read_evidence_table("seizures")


@pytest.fixture(scope="module")
def parameters():
    return load_parameters()


@pytest.fixture(scope="module")
def evidence_2010():
    return opr.load_evidence(2010)


@pytest.mark.parametrize(
    ("commodity", "tonnes"), [("heroin", 77.5), ("morphine", 17.4), ("opium", 493.8)]
)
def test_world_seizures_of_2010(seizures, commodity, tonnes):
    rows = seizures[(seizures["year"] == 2010) & (seizures["commodity"] == commodity)]
    newest = latest_edition(rows, ["node", "year", "commodity"])
    assert newest["best_kg"].sum() / 1000 == pytest.approx(tonnes, abs=0.1)


def test_editions_side_by_side_are_never_summed(seizures, parameters):
    table = seizures[
        (seizures["year"] == 2022) & seizures["commodity"].isin(["heroin", "morphine"])
    ]
    both = table.groupby(["node", "commodity"])["edition"].nunique().eq(2).groupby("node").all()
    total = seized_heroin(2022, seizures, parameters)["best_kg"]
    doubled = table.groupby("node")["best_kg"].sum()
    repeated = both.index[both & total.gt(1)]
    assert len(repeated) > 40
    assert (total[repeated] < 0.99 * doubled[repeated]).all()
    assert not seizures.duplicated(["node", "year", "commodity", "edition"]).any()


def test_opium_stays_apart_from_heroin(evidence_2010, seizures):
    iran = seizures[(seizures["node"] == "IRN") & (seizures["year"] == 2010)]
    kg = iran.set_index("commodity")["best_kg"]
    assert kg["opium"] / 1000 == pytest.approx(401.4, abs=0.1)
    counted = evidence_2010.seizures.loc["seizure:IRN", "best_kg"]
    assert counted == pytest.approx((kg["heroin"] + kg["morphine"]) * 0.99)


def test_opium_consumed_in_iran_is_no_demand_for_heroin():
    demand = opr.load_evidence(2008).demand.loc["demand:IRN"]
    assert demand["best_kg"] == pytest.approx(14_000 * 0.99)
    assert "published consumption" in demand["note"]


def test_opium_per_heroin_is_a_range_and_not_ten(parameters):
    ratio = parameters.get("opium_per_heroin")
    assert (ratio.low, ratio.high) == (7, 10)
    assert ratio.low < ratio.best < ratio.high


def test_use_per_user_is_the_widest_factor(parameters):
    grams = parameters.get("heroin_g_per_user")
    assert grams.low == 3.6
    assert grams.high > 30
    shares = [parameters.get("heroin_users_share", n).relative_sd for n in ("*", "IRN")]
    assert grams.relative_sd > shares[0]


def test_the_miscoded_namibia_is_not_in_the_itineraries():
    itineraries = read_evidence_table("itineraries")
    ends = set(itineraries["from_node"]) | set(itineraries["to_node"])
    assert "NAM" not in ends
    assert {"AFG", "IND", "PAK"} <= ends


def test_the_text_na_is_no_missing_value():
    assert "NAM" in set(read_evidence_table("regions")["node"])
    assert read_evidence_table("regions")["node"].notna().all()


@pytest.mark.parametrize(
    "table", ["seizures", "population", "prevalence", "regions", "itineraries", "supply"]
)
def test_kosovo_is_never_coded_kkk(table):
    frame = read_evidence_table(table)
    codes = [c for c in ("node", "from_node", "to_node") if c in frame]
    assert not frame[codes].isin(["KKK", "XK", "RKS"]).any(axis=None)


def test_kosovo_is_there_under_its_code(parameters):
    assert parameters.subregions["XKX"] == "South-Eastern Europe"


@pytest.mark.parametrize("year", [2006, 2007, 2009])
def test_the_original_harvest_series_is_flagged(year):
    supply = read_evidence_table("supply")
    row = supply[(supply["year"] == year) & (supply["indicator"] == "opium_production")]
    assert len(row) == 1
    assert row["note"].iloc[0].startswith("originally published")


def test_the_united_kingdom_is_three_territories_weighted_by_population(evidence_2010):
    persons = read_evidence_table("population").set_index(["node", "year"])["persons"]
    percent = 0.887 * 0.75 + 0.084 * 1.52 + 0.029 * 0.12
    grams = persons["GBR", 2018] * percent / 100 * 0.79 * 28.8
    row = evidence_2010.demand.loc["demand:GBR"]
    assert row["best_kg"] == pytest.approx(grams / 1000 * 0.97)
    assert not evidence_2010.demand["node"].str.startswith("GBR-").any()


@pytest.mark.parametrize("node", ["IRQ", "JOR", "XKX", "MNE", "OMN", "MOZ"])
def test_a_country_without_a_survey_is_imputed_flagged_and_wide(evidence_2010, node):
    surveyed = set(read_evidence_table("prevalence")["node"])
    row = evidence_2010.demand.set_index("node").loc[node]
    assert node not in surveyed
    assert row["note"].startswith("imputed: no survey")
    assert row["confidence"] == "low"
    assert row["sd_kg"] > row["best_kg"]


def test_population_of_another_year_is_flagged_and_lowers_confidence(evidence_2010):
    row = evidence_2010.demand.loc["demand:DEU"]
    assert "population of 2018" in row["note"]
    assert row["confidence"] == "low"
    assert opr.load_evidence(2020).demand.loc["demand:DEU", "confidence"] == "medium"


def test_the_standard_age_group_is_chosen_and_another_is_named(parameters):
    tables = [read_evidence_table(t) for t in ("prevalence", "population", "consumption")]
    found, _ = consumed_heroin(2013, *tables, parameters)
    assert found.loc["CRI", "note"].startswith("prevalence of 2015;")
    assert found.loc["ECU", "note"].startswith("prevalence of 2013 (age 12-65);")


def test_not_all_demand_is_afghan(evidence_2010):
    demand = evidence_2010.demand.set_index("node")["best_kg"]
    total = demand.sum()
    assert demand["USA"] < 0.05 * total
    assert demand["IND"] < 0.2 * total
    assert "Afghan (assumption)" in evidence_2010.demand.loc["demand:IND", "note"]


def test_the_share_of_the_northern_route_in_seizures_of_2008(seizures, parameters):
    kg = seized_heroin(2008, seizures, parameters)["best_kg"].drop("AFG")
    region = kg.index.map(parameters.subregions.get)
    north = kg[region.isin(["Central Asia and Transcaucasia", "Eastern Europe"])]
    assert {"TJK", "TKM", "RUS"} <= set(north.index)
    assert north.sum() / kg.sum() == pytest.approx(0.106, abs=0.003)


def test_every_node_of_the_network_has_a_region(parameters):
    assert set(opr.load_network("countries").nodes.index) <= set(parameters.subregions)


@pytest.mark.parametrize("tables", [("seizures",), ("itineraries",)])
def test_what_is_missing_looks_missing(tables):
    for table in tables:
        assert read_evidence_table(table)["year"].max() < 2024
    supply = read_evidence_table("supply")
    assert 2019 not in set(supply.loc[supply["indicator"] == "opium_production", "year"])


def test_the_lowest_confidence_of_added_figures_counts(parameters):
    rows = pd.DataFrame(
        {
            "node": "a",
            "year": 2010,
            "commodity": ["heroin", "morphine"],
            "best_kg": [3.0, 4.0],
            "source": ["y", "x"],
            "edition": [2021, 2020],
            "confidence": ["medium", "low"],
        }
    )
    found = seized_heroin(2010, rows, parameters).loc["a"]
    assert found["confidence"] == "low"
    assert found["best_kg"] == 7
    assert found["sd_kg"] == pytest.approx((0.75**2 + 2**2) ** 0.5)
    assert (found["source"], found["edition"]) == ("x; y", 2021)


@pytest.mark.skipif(not SHARED.exists(), reason="the shared folder is not here")
def test_shipped_seizures_are_the_published_figures(seizures):
    shared = pd.read_csv(SHARED / "evidence" / "seizures.csv", keep_default_na=False)
    shared = shared[(shared["year"] == 2010) & (shared["commodity"] == "heroin")]
    published = shared.groupby("country_iso3")["value"].agg(lambda s: set(s.astype(float)))
    ours = seizures[(seizures["year"] == 2010) & (seizures["commodity"] == "heroin")]
    odd = [row.node for row in ours.itertuples() if row.best_kg not in published[row.node]]
    assert odd == []
    assert len(ours) > 100
