from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from opiateroutes.data import read_evidence_table

SHARED = Path(__file__).parents[3] / "shared" / "evidence"
pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="the shared folder is not here")

SHIPPED = ["acetic_anhydride", "heroin", "morphine", "opium"]
BOUNDS = ["value", "low", "high"]
PERCENT = ["low_percent", "best_percent", "high_percent"]
FACTORS = {
    "USD/g": 1000.0,
    "USD/kg": 1.0,
    "USD/100 g": 10.0,
    "USD/350 g": 1000 / 350,
    "USD/700 g": 1000 / 700,
    "USD/pound": 1 / 0.45359237,
}


def figures(frame, columns):
    return frame[columns].melt(value_name="figure")["figure"].dropna()


def transcribed(name):
    return pd.read_csv(SHARED / f"{name}.csv", keep_default_na=False, na_values=[""])


def test_all_seizures_are_there_but_those_that_add_up_no_row():
    theirs = transcribed("seizures")
    other = theirs[~theirs["commodity"].isin(SHIPPED)]
    assert other["commodity"].value_counts().to_dict() == {
        "poppy_plants": 440,
        "poppy_straw": 141,
        "acetylated_opium": 12,
    }
    theirs = theirs[theirs["commodity"].isin(SHIPPED)]
    empty = theirs["note"].eq("sum of 0 source rows")
    assert empty.sum() == 27
    assert theirs.loc[empty, "value"].eq(0).all()
    ours = read_evidence_table("seizures")
    ours = ours[ours["source"] != "incb_precursors_2019"]
    theirs = theirs[~empty]
    old = ["country_iso3", "year", "commodity", "value"]
    new = ["node", "year", "commodity", "best_kg"]
    assert sorted(theirs[old].itertuples(index=False, name=None)) == sorted(
        ours[new].itertuples(index=False, name=None)
    )


def test_all_prices_with_a_weight_are_there():
    theirs = transcribed("prices").query("indicator == 'price'")
    weighed = theirs[theirs["unit"].isin(FACTORS)]
    annex = weighed[weighed["source"].str.contains("Annex")]
    assert theirs["source"].str.contains("Annex").sum() - len(annex) == 24
    ours = read_evidence_table("prices")
    ours = ours[ours["source"].isin(["wdr2024_8_1", "wdr2025_8_1", "wdr2025_8_3"])]
    assert len(ours) == len(annex)
    factor = annex["unit"].map(FACTORS)
    for old, new in (("low", "low"), ("high", "high"), ("value", "best")):
        published = ours[f"{new}_usd_per_kg"]
        if old == "value":
            published = published[ours["typical_is_midpoint"] != "yes"]
        assert sorted((annex[old] * factor).dropna()) == pytest.approx(
            sorted(published.dropna()), abs=1e-3
        )


def test_all_opioid_surveys_areas_and_productions_are_there():
    demand = transcribed("demand")
    opioids = demand.query("indicator == 'annual_prevalence' and commodity == 'opioids'")
    ours = read_evidence_table("prevalence_opioids")
    assert sorted(ours["best_percent"]) == sorted(opioids["value"])
    production = transcribed("production")
    areas = production.query("indicator == 'opium_cultivation'")
    assert set(areas["value"]) <= set(read_evidence_table("cultivation")["best_ha"])
    tonnes = production[production["unit"] == "t"]["value"].dropna()
    assert {1000 * t for t in tonnes} <= set(read_evidence_table("supply")["best_kg"])


def test_each_of_the_nineteen_published_flows_has_a_place():
    theirs = transcribed("flows")
    weights, shares = (theirs[theirs["unit"].str.startswith(u)] for u in ("t/yr", "percent"))
    assert len(weights) + len(shares) == len(theirs) == 19
    best = {
        kg
        for name in ("flows", "supply", "consumption")
        for kg in read_evidence_table(name)["best_kg"].dropna()
    }
    assert {1000 * t for t in weights["value"].dropna()} <= best
    percent = set(figures(read_evidence_table("shares"), PERCENT))
    money = set(figures(read_evidence_table("finance"), ["low", "best", "high"]))
    published = set(figures(shares, BOUNDS))
    assert published <= percent | money
    assert published - percent == {33.4}


def test_each_financial_figure_has_a_place():
    theirs = transcribed("finance")
    theirs = theirs[theirs["unit"] != "see seizures.csv commodity=acetic_anhydride"]
    scale = {"bn": 1e9, "m": 1e6}
    money = theirs[theirs["unit"].str.contains("USD|EUR")]
    factor = money["unit"].str.split().str[0].map(scale)
    published = figures(money[BOUNDS].mul(factor, axis=0), BOUNDS)
    ours = figures(read_evidence_table("finance"), ["low", "best", "high"])
    assert set(published.round()) <= set(ours.round())
    assert theirs["unit"].isin(["litre"]).sum() == 3


def test_partners_members_and_pillars_are_all_there():
    theirs = transcribed("policy")
    policy = read_evidence_table("policy")
    # One row of the transcription lists three conferences.
    assert len(policy) == len(theirs) + 2
    assert set(theirs["iso3"].dropna()) == set(policy["node"].dropna())
