from __future__ import annotations

import pandas as pd
import pytest

from opiateroutes.data import EVIDENCE_TABLES, read_evidence_table

LIMITS = {"heroin": (500, 1e6), "morphine": (500, 1e6), "opium": (50, 150_000)}
FACTORS = {"g": 1000, "kg": 1, "100 g": 10, "350 g": 1000 / 350, "700 g": 1000 / 700}


@pytest.fixture(scope="module")
def prices():
    return read_evidence_table("prices")


def numbers(rows, stem):
    names = [f"{bound}_{stem}" for bound in ("low", "best", "high")]
    return rows[[name for name in names if name in rows]]


def figures(rows):
    return rows.melt()["value"].dropna()


def test_unflagged_prices_are_plausible(prices):
    doubtful = prices["note"].fillna("").str.contains("unit doubtful")
    for commodity, (least, most) in LIMITS.items():
        rows = prices[(prices["commodity"] == commodity) & ~doubtful]
        found = figures(numbers(rows, "usd_per_kg"))
        assert found.between(least, most).all()
        assert len(found) > 50
    # Whatever the commodity, nothing that is not flagged leaves 10 to a million.
    assert figures(numbers(prices[~doubtful], "usd_per_kg")).between(10, 1e6).all()


def test_implausible_prices_are_few_kept_and_flagged(prices):
    doubtful = prices[prices["note"].fillna("").str.contains("unit doubtful")]
    assert len(doubtful) == 19
    assert doubtful["confidence"].eq("low").all()
    egypt = doubtful[(doubtful["node"] == "EGY") & (doubtful["commodity"] == "heroin")]
    assert egypt["best_usd_per_kg"].tolist() == [pytest.approx(3.42755, abs=1e-4)]


def test_odd_bounds_are_few_kept_and_flagged(prices):
    low, best, high = (prices[f"{bound}_usd_per_kg"] for bound in ("low", "best", "high"))
    odd = (low > high) | (best < low) | (best > high)
    flagged = prices["note"].fillna("").str.contains("bounds in the wrong|of its bounds")
    assert odd.equals(flagged)
    assert prices.loc[odd, "node"].tolist() == ["BIH", "GBR", "POL", "PSE", "TJK"]
    assert prices.loc[odd, "confidence"].eq("low").all()


def test_a_midpoint_is_flagged_and_lies_in_the_middle(prices):
    middle = (prices["low_usd_per_kg"] + prices["high_usd_per_kg"]) / 2
    flagged = prices["typical_is_midpoint"] == "yes"
    assert flagged.sum() == 162
    error = (prices["best_usd_per_kg"] - middle)[flagged].abs()
    assert error.max() <= 1e-3
    # A typical price that is missing was missing with only one bound published.
    blank = prices[prices["best_usd_per_kg"].isna()]
    assert blank["note"].str.contains("one bound only").all()
    assert len(blank) == 6


def test_prices_whose_copy_averaged_rows_do_not_claim_to_be_typical(prices):
    averaged = prices[prices["source"] == "wdr2025_8_1"]
    assert averaged["typical_is_midpoint"].eq("unknown").all()
    assert averaged["confidence"].eq("medium").all()
    assert averaged["note"].str.contains("does not say").all()


@pytest.mark.parametrize(
    ("node", "year", "unit", "published"),
    [
        ("LVA", 2019, "100 g", 6718.925),
        ("LAO", 2018, "350 g", 6000.0),
        ("SGP", 2022, "pound", 2175.4895),
        ("KEN", 2021, "kg", 27420.0477),
    ],
)
def test_prices_of_other_weights_are_for_a_kilogram(prices, node, year, unit, published):
    row = prices[
        (prices["node"] == node)
        & (prices["year"] == year)
        & (prices["level"] == "wholesale")
        & (prices["source_unit"] == unit)
        & (prices["commodity"] == "heroin")
    ]
    factor = FACTORS.get(unit, 1 / 0.45359237)
    assert row["best_usd_per_kg"].tolist() == [pytest.approx(published * factor, abs=1e-3)]


def test_two_annexes_of_one_cell_stand_side_by_side_and_agree_where_they_can(prices):
    cells = prices[(prices["commodity"] == "heroin") & (prices["level"] == "retail")]
    by_source = cells[cells["item"] == 1].pivot_table(
        index=["node", "year"], columns="source", values="best_usd_per_kg"
    )
    both = by_source[["wdr2024_8_1", "wdr2025_8_1"]].dropna()
    ratio = both["wdr2025_8_1"] / both["wdr2024_8_1"]
    assert len(both) > 40
    assert ratio.median() == pytest.approx(1, abs=0.05)
    australia = both.loc[("AUS", 2019)]
    assert australia.tolist() == pytest.approx([382_741.85, 382_740.0], abs=1)


def test_several_rows_of_one_cell_are_numbered_and_not_averaged(prices):
    malaysia = prices[
        (prices["node"] == "MYS") & (prices["year"] == 2019) & (prices["level"] == "wholesale")
    ].query("commodity == 'heroin'")
    assert malaysia["item"].tolist() == [1, 2, 3]
    assert malaysia["best_usd_per_kg"].max() > 15 * malaysia["best_usd_per_kg"].min()
    assert malaysia["note"].str.contains("one of 3 rows").all()


def test_wholesale_prices_of_heroin_before_2018_are_a_gap(prices):
    rows = prices[prices["level"].isin(["wholesale", "border"]) & (prices["commodity"] == "heroin")]
    early = rows[rows["year"] < 2018]
    assert set(early["year"]) == {2008}
    assert len(early) == 4


def test_fresh_and_dry_opium_are_told_apart(prices):
    farm = prices[prices["level"].isin(["farmgate", "market"])]
    assert farm["note"].str.contains("fresh opium|dry opium").all()
    assert farm.loc[farm["note"].str.startswith("fresh"), "year"].tolist() == [2008]


@pytest.mark.parametrize("table", EVIDENCE_TABLES)
def test_percentages_lie_between_0_and_100(table):
    rows = numbers(read_evidence_table(table), "percent")
    assert figures(rows).between(0, 100).all()


def test_purities_are_of_the_retail_market_and_within_reason():
    purities = read_evidence_table("purities")
    assert purities["best_percent"].between(1, 95).all()
    assert set(purities["level"]) == {"retail"}
    assert set(purities["commodity"]) == {"heroin"}


def test_bounds_are_in_order_where_no_note_says_otherwise():
    stems = {
        "cultivation": "ha",
        "users": "persons",
        "supply": "kg",
        "prevalence_opioids": "percent",
    }
    for table, stem in stems.items():
        rows = read_evidence_table(table)
        rows = rows[~rows["note"].fillna("").str.contains("outside of its bounds")]
        low, best, high = (rows[f"{bound}_{stem}"] for bound in ("low", "best", "high"))
        assert not ((low > best) | (best > high) | (low > high)).any()
        assert numbers(rows, stem).notna().any(axis=1).all()


def test_yield_times_area_is_near_the_published_production():
    area = read_evidence_table("cultivation").query("node == 'AFG'")
    area = area.sort_values("edition").drop_duplicates("year", keep="last").set_index("year")
    supply = read_evidence_table("supply").query("indicator == 'opium_production'")
    production = supply.set_index("year")["best_kg"]
    per_ha = read_evidence_table("yields").set_index("year")["best_kg_per_ha"]
    for year in (2010, 2011, 2021, 2022):
        product = per_ha[year] * area.loc[year, "best_ha"]
        assert product == pytest.approx(production[year], rel=0.03)


def test_the_areas_of_countries_do_not_exceed_that_of_the_world():
    rows = read_evidence_table("cultivation").query("source == 'wdr2025_6_2_1' and year != 2019")
    best = rows.pivot_table(index="year", columns="node", values="best_ha")
    assert (best.drop(columns="WORLD").sum(axis=1) <= best["WORLD"]).all()


def test_money_is_money_of_its_years():
    finance = read_evidence_table("finance")
    assert (finance["first_year"] <= finance["last_year"]).all()
    bounds = ["low", "best", "high"]
    in_percent = finance["unit"] == "percent"
    assert figures(finance.loc[~in_percent, bounds]).between(1e8, 1e11).all()
    assert figures(finance.loc[in_percent, bounds]).between(0, 600).all()


@pytest.mark.parametrize("table", ["prices", "purities", "seizures", "prevalence_opioids"])
def test_nodes_are_codes_of_countries(table):
    assert read_evidence_table(table)["node"].str.fullmatch("[A-Z]{3}").all()


@pytest.mark.parametrize("table", ["cultivation", "users", "use_per_user", "precursors", "supply"])
def test_groups_are_those_the_dictionary_names(table):
    nodes = pd.Series(read_evidence_table(table)["node"].unique())
    groups = set(nodes[~nodes.str.fullmatch("[A-Z]{3}")])
    assert groups <= {"WORLD", "EUROPE", "EU27", "EU28"}
