from __future__ import annotations

import functools

import pandas as pd
import pytest

import opiateroutes as opr
from opiateroutes.data import read_evidence_table
from opiateroutes.errors import UnknownNameError
from opiateroutes.evidence import YEARS, load_parameters

load = functools.cache(opr.load_evidence)
TABLES = ("supply", "demand", "seizures", "flows")


@pytest.mark.parametrize("year", YEARS)
def test_every_year_is_complete_and_says_where_each_row_comes_from(year):
    evidence = load(year)
    assert evidence.year == year
    assert evidence.supply["best_kg"].gt(0).all()
    assert evidence.supply["node"].tolist() == ["AFG"]
    assert evidence.outside == "skip"
    for name in TABLES:
        rows = getattr(evidence, name)
        sources = set(rows["source"].dropna().str.split("; ").explode())
        assert rows["source"].notna().all()
        assert sources <= set(evidence.sources.index)
        assert rows["edition"].notna().all()
        assert rows["confidence"].isin(["high", "medium", "low"]).all()
        assert rows["sd_kg"].notna().all()
        assert not rows["best_kg"].isna().any()
        assert not ((rows["low_kg"] > rows["best_kg"]) | (rows["best_kg"] > rows["high_kg"])).any()
    assert len(evidence.demand) > 160
    assert len(evidence.seizures) > 100


@pytest.mark.parametrize("year", YEARS)
def test_what_happens_at_the_supply_is_taken_off_it_and_nowhere_counted_twice(year):
    evidence = load(year)
    assert "AFG" not in set(evidence.demand["node"]) | set(evidence.seizures["node"])
    steps = evidence.steps.set_index("step")["best"]
    if "seized and consumed at home" in steps:
        assert steps["seized and consumed at home"] > 0
    assert steps["heroin leaving the country"] == evidence.supply["best_kg"].iloc[0]


def test_the_published_export_of_2008_stands_as_published():
    supply = load(2008).supply.loc["supply:AFG"]
    assert supply["best_kg"] == 375_000
    assert supply["source"] == "uniscp585"
    assert supply["sd_kg"] == pytest.approx(0.15 * 375_000)
    assert "published export" in supply["note"]


def test_the_supply_of_2012_is_derived_step_by_step():
    evidence = load(2012)
    steps = evidence.steps.set_index("step")["best"]
    harvest = (3_600_000 + 5_800_000 + 3_700_000) / 3
    assert steps["opium harvests of 2010, 2011, 2012, mean"] == pytest.approx(harvest)
    exported = harvest * steps["share exported"]
    heroin = exported * steps["share made into heroin"] / steps["opium per heroin"]
    assert evidence.supply["best_kg"].iloc[0] == pytest.approx(heroin)
    assert evidence.supply["confidence"].tolist() == ["low"]


def test_the_published_production_of_2010_goes_before_harvests():
    steps = load(2010).steps.set_index("step")
    assert steps.loc["heroin made", "best"] == 380_000
    assert steps.loc["heroin made", "source"] == "unodc_northern_2012"
    left = steps.loc["heroin made", "best"] - steps.loc["seized and consumed at home", "best"]
    assert load(2010).supply["best_kg"].iloc[0] == pytest.approx(left)


def test_the_factors_of_the_harvest_give_the_published_export_of_2008_back():
    # 8,200 and 6,100 t were harvested before the 375 t of heroin left.
    p = load_parameters()
    factors = (
        p.get("share_of_harvest_exported").best * p.get("share_of_opium_made_into_heroin").best
    )
    assert 7_150 * factors / p.get("opium_per_heroin").best == pytest.approx(375, rel=0.01)


def test_a_year_without_a_harvest_uses_the_harvests_there_are_and_says_so():
    assert "harvests of 2017, 2018;" in load(2019).supply["note"].iloc[0]


def test_seizures_are_of_the_newest_edition():
    table = read_evidence_table("seizures").set_index(["node", "year", "commodity", "edition"])
    old, new = (table.loc[("ARE", 2020, "heroin", e), "best_kg"] for e in (2024, 2025))
    assert (old, new) == (190.514, 381.028)
    row = load(2020).seizures.loc["seizure:ARE"]
    assert row["best_kg"] == pytest.approx(new * 0.99)
    assert row["edition"] == 2025


@pytest.mark.parametrize("year", [2008, 2010, 2019, 2020, 2022])
def test_seizures_equal_an_independent_sum_within_the_newest_edition(year):
    newest = {}
    for row in read_evidence_table("seizures").itertuples():
        cell = (row.node, row.commodity)
        if row.year == year and row.edition >= newest.get(cell, (0, 0))[0]:
            newest[cell] = (row.edition, row.best_kg)
    total = {}
    for (node, commodity), (_, kg) in newest.items():
        if commodity in ("heroin", "morphine") and node != "AFG":
            total[node] = total.get(node, 0) + kg
    found = load(year).seizures.set_index("node")
    assert set(found.index) == set(total)
    share = found["best_kg"] / pd.Series(total)
    reported = found["note"].str.extract(r"these ([\d,]+) kg")[0].str.replace(",", "").astype(float)
    assert (reported - pd.Series(total)).abs().max() <= 0.5
    assert share.dropna().le(1).all()


def test_an_estimate_of_flows_is_left_out_when_its_method_is_not_known():
    assert len(load(2011).flows) == 0
    loose = opr.load_evidence(2011, min_confidence="low").flows
    assert loose.index.tolist() == ["flow:afg_pak_2011"]
    assert loose["best_kg"].tolist() == [225_000]
    assert "[middle of the bounds]" in loose["note"].iloc[0]


def test_only_well_founded_flows_remain_when_asked():
    assert len(load(2008).flows) == 3
    strict = opr.load_evidence(2008, min_confidence="high").flows
    assert strict.index.tolist() == ["flow:afg_central_asia_2008", "flow:afg_pak_2008"]


def test_groups_of_flows_become_their_members():
    flows = load(2010).flows
    assert flows.loc["flow:afg_central_asia_2010", "to_nodes"] == "KAZ;KGZ;TJK;TKM;UZB"


@pytest.mark.parametrize("year", [2004, 2024, "2010", None])
def test_a_year_without_evidence_is_refused_with_the_years_there_are(year):
    with pytest.raises(UnknownNameError, match="2005 to 2023"):
        opr.load_evidence(year)


def test_an_unknown_confidence_is_refused():
    with pytest.raises(UnknownNameError, match="there are low, medium, high"):
        opr.load_evidence(2010, min_confidence="certain")


def test_priors_are_narrowest_for_central_asia_and_cover_every_node():
    priors = load(2010).priors
    assert priors["interception"].between(0, 1, inclusive="neither").all()
    assert {"*", "TJK", "TKM", "DEU"} <= set(priors.index)
    assert priors.index.is_unique
