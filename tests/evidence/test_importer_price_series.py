from __future__ import annotations

import math

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from mutated_books import assert_table_or_named_error, cut_off, mutated, write_book

import opiateroutes as opr
from opiateroutes.errors import DataFileError, EvidenceError
from opiateroutes.evidence import check_table

YEARS = list(range(2013, 2024))


def series(first, step=1.0):
    return [first + step * n for n in range(len(YEARS))]


EUROPE = [
    ["Heroin retail and wholesale prices in Western Europe, 2013-2023"],
    [],
    ["Retail price (street price), US$ per gram"],
    ["", *YEARS],
    ["Austria a", *series(60)],
    ["Türkiye", *series(20)],
    ["United Kingdom b, c", *series(70)[:-2], "..", None],
    ["Average, unweighted", *series(50)],
    ["Inflation-adjusted weighted average", *series(55)],
    ["* weighted by population"],
    [],
    ["Wholesale price, US$ per kilogram"],
    [None, *YEARS],
    ["Austria", *series(30_000, 100)],
    ["Greece*", *series(12_000, 100)],
    [],
    ["Retail price, inflation-adjusted, US$ per gram"],
    [None, *YEARS],
    ["Austria", *series(90)],
    ["Sources: national reports. Figures in italics are estimates."],
]
STATES = [
    ["Heroin prices in the United States"],
    ["Retail prices, US$ per gram", *YEARS],
    ["Average in US$", *series(400)],
    ["Adjusted for inflation", *series(500)],
    ["Adjusted for purity", *series(900)],
]
BOOK = {
    "Heroin_WE": EUROPE,
    "Heroin_US": STATES,
    "Cocaine_WE": [["Retail price, US$ per gram"], ["", *YEARS], ["Austria", *series(80)]],
}


@pytest.fixture
def annex(tmp_path):
    return write_book(tmp_path / "8.3_Price_time_series.xlsx", BOOK, italic=[("Heroin_WE", "B5")])


def cells(frame, node, level):
    rows = frame[(frame["node"] == node) & (frame["level"] == level)]
    return rows.sort_values("year").reset_index(drop=True)


def test_blocks_are_read_by_level_and_brought_to_a_kilogram(annex):
    prices = opr.read_prices(annex)
    check_table(prices, "prices")
    assert set(prices["node"]) == {"AUT", "TUR", "GBR", "GRC", "USA"}
    retail, wholesale = cells(prices, "AUT", "retail"), cells(prices, "AUT", "wholesale")
    assert retail["best_usd_per_kg"].tolist() == [1000 * p for p in series(60)]
    assert wholesale["best_usd_per_kg"].tolist() == series(30_000, 100)
    assert (set(retail["source_unit"]), set(wholesale["source_unit"])) == ({"g"}, {"kg"})
    assert cells(prices, "GRC", "wholesale")["best_usd_per_kg"].iloc[0] == 12_000
    assert cells(prices, "USA", "retail")["best_usd_per_kg"].iloc[0] == 400_000
    assert retail["year"].tolist() == YEARS
    assert (prices["item"] == 1).all()


def test_italics_are_estimates_of_low_confidence(annex):
    retail = cells(opr.read_prices(annex), "AUT", "retail")
    assert retail["confidence"].tolist() == ["low", *["high"] * 10]
    assert "italics" in retail["note"][0]
    assert "italics" not in retail["note"][1]


def test_what_is_missing_stays_missing(annex):
    assert cells(opr.read_prices(annex), "GBR", "retail")["year"].max() == 2021


def test_adjusted_prices_and_averages_are_counted_and_left_out(annex):
    prices = opr.read_prices(annex)
    assert prices.attrs["set_aside"] == {
        "averages of several countries": 11,
        "prices adjusted for inflation or purity": 44,
    }
    assert not prices["place"].str.contains("Cocaine").any()


def test_totals_equal_plain_openpyxl(annex):
    book = openpyxl.load_workbook(annex, data_only=True)
    expected = 0.0
    for sheet, row, factor in (
        ("Heroin_WE", 5, 1000),
        ("Heroin_WE", 6, 1000),
        ("Heroin_WE", 7, 1000),
        ("Heroin_WE", 14, 1),
        ("Heroin_WE", 15, 1),
        ("Heroin_US", 3, 1000),
    ):
        values = [cell.value for cell in book[sheet][row][1:]]
        expected += factor * sum(v for v in values if isinstance(v, (int, float)))
    assert math.isclose(opr.read_prices(annex)["best_usd_per_kg"].sum(), expected)


def test_blocks_in_another_order_with_other_words(tmp_path):
    rows = [
        ["World Drug Report 2026"],
        ["WHOLESALE PRICES (US$/kg)"],
        ["Country", *(str(year) for year in YEARS)],
        ["Austria", *series(30_000, 100)],
        ["Street prices, US$/gram"],
        ["Country", *(float(year) for year in YEARS)],
        ["Austria", *series(60)],
    ]
    prices = opr.read_prices(write_book(tmp_path / "a.xlsx", {"heroin W. Europe": rows}))
    assert cells(prices, "AUT", "retail")["best_usd_per_kg"][0] == 60_000
    assert cells(prices, "AUT", "wholesale")["best_usd_per_kg"][0] == 30_000
    assert (prices["edition"] == 2026).all()


def test_a_block_without_a_unit_is_read_as_usual_and_says_so(tmp_path):
    rows = [["Retail prices in US$"], ["", *YEARS], ["Austria", *series(60)]]
    prices = opr.read_prices(write_book(tmp_path / "a.xlsx", {"Heroin_WE": rows}))
    assert prices["best_usd_per_kg"][0] == 60_000
    assert any("state no weight" in note for note in prices.attrs["notes"])


def test_a_block_that_says_no_level_is_refused(tmp_path):
    rows = [["Prices in US$ per gram"], ["", *YEARS], ["Austria", *series(60)]]
    with pytest.raises(DataFileError, match="neither retail nor wholesale"):
        opr.read_prices(write_book(tmp_path / "a.xlsx", {"Heroin_WE": rows}))


def test_euros_are_set_aside(tmp_path):
    rows = [["Retail prices, euro per gram"], ["", *YEARS], ["Austria", *series(60)]]
    prices = opr.read_prices(write_book(tmp_path / "a.xlsx", {"Heroin_WE": rows}))
    assert len(prices) == 0
    assert prices.attrs["set_aside"] == {"prices in another currency": 11}


def test_cells_that_cannot_be_read_are_named(tmp_path):
    bad = [*EUROPE[:4], ["Austria", "dear", -1, *series(60)[2:]]]
    with pytest.raises(EvidenceError) as refused:
        opr.read_prices(write_book(tmp_path / "a.xlsx", {"Heroin_WE": bad}))
    assert refused.value.failures["row"].tolist() == [5, 5]
    assert refused.value.failures["column"].tolist() == ["2013", "2014"]
    unknown = [*EUROPE[:4], ["Ruritania", *series(60)]]
    with pytest.raises(EvidenceError, match="Ruritania"):
        opr.read_prices(write_book(tmp_path / "b.xlsx", {"Heroin_WE": unknown}))


@pytest.mark.parametrize("share", [0.2, 0.7, 0.99])
def test_files_that_are_cut_off(annex, share):
    with pytest.raises(DataFileError):
        opr.read_prices(cut_off(annex, share))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated(BOOK))
def test_a_changed_file_gives_a_table_or_a_named_error(sheets):
    assert_table_or_named_error(opr.read_prices, sheets)
