"""Shipped prices: one row a node, of the year asked for, and honest about what it is."""

import pandas as pd
import pytest

import opiateroutes as opr
from opiateroutes.data import read_evidence_table
from opiateroutes.errors import UnknownNameError


def test_one_row_a_node_of_the_year():
    prices = opr.load_prices(2019)
    assert prices["node"].is_unique
    assert set(prices["year"]) == {2019}
    assert set(prices["level"]) == {"wholesale"}
    assert set(prices["commodity"]) == {"heroin"}
    assert prices["source"].notna().all()


def test_a_price_is_the_published_one():
    row = opr.load_prices(2019).set_index("node").loc["TJK"]
    bounds = ["low_usd_per_kg", "best_usd_per_kg", "high_usd_per_kg"]
    assert row[bounds].tolist() == [3000.0, 5000.0, 8000.0]


def test_missing_stays_missing():
    """The annexes have no wholesale price of heroin for Afghanistan and Turkey in these years."""
    for year in range(2018, 2023):
        assert not {"AFG", "TUR"} & set(opr.load_prices(year)["node"])


def test_rows_of_one_cell_are_put_together():
    row = opr.load_prices(2019).set_index("node").loc["GRC"]
    assert row["best_usd_per_kg"] == pytest.approx((20156.7749 + 22396.4166) / 2)
    assert row["low_usd_per_kg"] == pytest.approx(13437.8499)
    assert row["high_usd_per_kg"] == pytest.approx(27995.5207)
    assert row["note"].startswith("mean of 2 rows")


def test_other_years_only_when_asked_for_and_named():
    assert set(opr.load_prices(2021)["year"]) == {2021}
    prices = opr.load_prices(2021, years_apart=3).set_index("node")
    assert prices.at["IRN", "year"] == 2019
    assert prices.at["IRN", "note"] == "price of 2019, for 2021"
    own = prices[prices["year"] == 2021]
    assert not own["note"].str.contains("price of").any()


def test_of_two_years_equally_near_the_earlier_one_counts():
    table = read_evidence_table("prices").query("level == 'wholesale' and commodity == 'heroin'")
    years = table.groupby("node")["year"].agg(set)
    both = [n for n, y in years.items() if {2019, 2021} <= y and 2020 not in y]
    prices = opr.load_prices(2020, years_apart=1).set_index("node")
    assert both
    assert set(prices.loc[prices.index.intersection(both), "year"]) == {2019}


def test_prices_in_doubt_enter_only_when_asked_for():
    assert "EGY" not in set(opr.load_prices(2022)["node"])
    doubtful = opr.load_prices(2022, min_confidence="low").set_index("node")
    assert doubtful.at["EGY", "best_usd_per_kg"] < 10
    assert "unit doubtful" in doubtful.at["EGY", "note"]


def test_bounds_that_contradict_their_price_are_emptied():
    row = opr.load_prices(2021, min_confidence="low").set_index("node").loc["POL"]
    assert pd.isna(row["low_usd_per_kg"])
    assert pd.isna(row["high_usd_per_kg"])
    assert "wrong order" in row["note"]


@pytest.mark.parametrize("year", range(2018, 2023))
def test_every_shipped_year_can_be_used_as_it_comes(year):
    prices = opr.load_prices(year, min_confidence="low")
    bounds = prices[["low_usd_per_kg", "best_usd_per_kg", "high_usd_per_kg"]]
    assert (bounds["best_usd_per_kg"] > 0).all()
    assert not (bounds["low_usd_per_kg"] > bounds["best_usd_per_kg"]).any()
    assert not (bounds["high_usd_per_kg"] < bounds["best_usd_per_kg"]).any()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"year": 2010}, "there are prices for 2008, 2018, 2019"),
        ({"year": 2019, "level": "wholesales"}, "did you mean 'wholesale'"),
        ({"year": 2019, "commodity": "herion"}, "did you mean 'heroin'"),
        ({"year": 2019, "min_confidence": "sure"}, "no confidence 'sure'"),
    ],
)
def test_what_is_not_known_is_refused(options, message):
    with pytest.raises(UnknownNameError, match=message):
        opr.load_prices(**options)


def test_years_before_now_are_no_distance():
    with pytest.raises(ValueError, match="years_apart"):
        opr.load_prices(2019, years_apart=-1)
