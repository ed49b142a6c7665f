from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from mutated_books import (
    assert_read_or_refused,
    assert_table_or_named_error,
    cut_off,
    mutated,
    write_book,
)

import opiateroutes as opr
from opiateroutes.errors import DataFileError, EvidenceError, EvidenceWarning, UnknownNameError
from opiateroutes.evidence import check_table
from opiateroutes.evidence.importers.quantities import kg_of_unit
from opiateroutes.evidence.importers.reading import read_all, read_file

PRICE_HEADER = [
    "Region",
    "SubRegion",
    "Country/Territory",
    "DrugGroup",
    "Drug",
    "LevelOfSale",
    "Year",
    "Typical_USD",
    "Minimum_USD",
    "Maximum_USD",
    "Unit",
]
PURITY_HEADER = [*PRICE_HEADER[:7], "Typical", "Minimum", "Maximum", "Measurement"]


def sale(country, level, year, *figures, drug="Heroin"):
    return ["Asia", "West Asia", country, "Opioids", drug, level, year, *figures]


PRICES = [
    ["Prices of drugs, 2018-2022"],
    PRICE_HEADER,
    sale("Kenya", "Retail", 2019, 150.0, 100.0, 300.0, "g"),
    sale("Kenya", "Wholesale", 2019, None, 29362.5, 39150.5, "kg"),
    sale("Latvia", "Wholesale", 2019, 6718.9, 5599.1, 7838.7, "100 g"),
    sale("Lao PDR", "Wholesale", 2018, 6000, None, None, "350 g"),
    sale("Thailand", "Wholesale", 2019, None, 9836, 13115, "700 g"),
    sale("Thailand", "Retail", 2019, 22.5, None, None, "Dose"),
    sale("Canada", "Wholesale", 2020, 45359.237, None, None, "pound"),
    sale("Poland", "Retail", 2021, 30, 20, 40, "g"),
    sale("Poland", "Retail", 2021, 50, 40, 60, "g"),
    sale("Mauritius", "Retail", 2021, 367.86, None, None, None),
    sale("Iran (Islamic Republic of)", "Retail", 2021, 3, 2, 4, "mL", drug="Opium"),
    sale("Iran (Islamic Republic of)", "Wholesale", 2021, 900, None, None, "kg", drug="Opium"),
    sale("India", "Wholesale", 2022, None, 100, None, "kg"),
    sale("India", "Wholesale", 2022, 5, None, None, "kg", drug="Cannabis herb"),
]
PURITIES = [
    ["Purities of drugs, 2018-2022"],
    PURITY_HEADER,
    sale("Kenya", "Retail", 2019, 10, 5, 15, "% (percent)"),
    sale("Kenya", "Wholesale", 2019, None, 40, 60, "percent"),
    sale("Türkiye", "Retail", 2020, 20.9, None, None, "percent"),
    sale("Estonia", "Retail", 2020, 80, None, None, "mg/tablet"),
    sale("Estonia", "Retail", 2021, 0.4, None, None, "percent"),
]
BOOK = {"Prices in USD": PRICES, "Purities": PURITIES}


@pytest.fixture
def annex(tmp_path):
    return write_book(tmp_path / "8.1_Prices_and_purities_of_drugs.xlsx", BOOK)


def cell(frame, node, level, commodity="heroin"):
    rows = frame[
        (frame["node"] == node) & (frame["level"] == level) & (frame["commodity"] == commodity)
    ]
    return rows.iloc[0] if len(rows) == 1 else rows


def test_prices_are_brought_to_a_kilogram(annex):
    prices = opr.read_prices(annex)
    check_table(prices, "prices")
    assert cell(prices, "KEN", "retail")["best_usd_per_kg"] == 150_000
    assert cell(prices, "KEN", "retail")["low_usd_per_kg"] == 100_000
    assert cell(prices, "KEN", "retail")["high_usd_per_kg"] == 300_000
    assert cell(prices, "LVA", "wholesale")["best_usd_per_kg"] == 67_189
    assert cell(prices, "LAO", "wholesale")["best_usd_per_kg"] == pytest.approx(6000 / 0.35)
    assert cell(prices, "CAN", "wholesale")["best_usd_per_kg"] == pytest.approx(100_000)
    assert cell(prices, "IRN", "wholesale", "opium")["best_usd_per_kg"] == 900
    assert cell(prices, "LVA", "wholesale")["source_unit"] == "100 g"
    assert (prices["edition"] == 2024).all()


def test_a_typical_price_that_is_blank_is_the_midpoint_and_flagged(annex):
    row = cell(opr.read_prices(annex), "KEN", "wholesale")
    assert row["best_usd_per_kg"] == (29362.5 + 39150.5) / 2
    assert (row["typical_is_midpoint"], row["confidence"]) == ("yes", "medium")
    assert (row["low_usd_per_kg"], row["high_usd_per_kg"]) == (29362.5, 39150.5)
    assert cell(opr.read_prices(annex), "KEN", "retail")["typical_is_midpoint"] == "no"


def test_units_that_are_no_weight_are_set_aside_by_name(annex):
    prices = opr.read_prices(annex)
    assert prices.attrs["set_aside"] == {
        "other substances": 1,
        "no typical value and not both bounds": 1,
        "a unit that is no weight: Dose": 1,
        "no unit": 1,
        "a unit that is no weight: mL": 1,
    }
    assert "annex 8.1" in prices.attrs["layout"]
    assert "purity" in prices.attrs["notes"][0]


def test_rows_of_one_cell_stay_apart_and_levels_do(annex):
    prices = opr.read_prices(annex)
    rows = cell(prices, "POL", "retail")
    assert rows["item"].tolist() == [1, 2]
    assert rows["best_usd_per_kg"].tolist() == [30_000, 50_000]
    assert rows["note"].str.contains("one of 2 rows").all()
    assert set(prices.loc[prices["node"] == "KEN", "level"]) == {"retail", "wholesale"}


def test_a_form_of_heroin_is_named_in_the_note(tmp_path):
    rows = [
        *PRICES[:2],
        sale("Thailand", "Retail", 2019, 9, None, None, "500 g", drug="Heroin No. 4"),
    ]
    prices = opr.read_prices(write_book(tmp_path / "a.xlsx", {"Prices in USD": rows}))
    assert prices["note"].tolist() == ["Heroin No. 4"]
    assert prices["best_usd_per_kg"].tolist() == [18]


def test_purities_are_a_table_of_their_own(annex):
    purities = opr.read_prices(annex, kind="purity")
    check_table(purities, "purities")
    assert purities[["node", "level", "best_percent"]].to_numpy().tolist() == [
        ["KEN", "retail", 10.0],
        ["KEN", "wholesale", 50.0],
        ["TUR", "retail", 20.9],
    ]
    assert purities["typical_is_midpoint"].tolist() == ["no", "yes", "no"]
    assert purities.attrs["set_aside"] == {
        "a purity that is not in per cent": 1,
        "a purity of at most 1 among larger ones: per cent or a fraction?": 1,
    }


def test_both_tables_of_a_file_are_found(annex):
    assert [found.table for found in read_all(annex)] == ["prices", "purities"]
    assert read_file(annex, table="purities").table == "purities"
    with pytest.raises(UnknownNameError, match="price or purity"):
        opr.read_prices(annex, kind="seizures")


def test_cells_shown_as_per_cent_are_fractions(tmp_path):
    rows = [
        *PURITIES[:2],
        *(
            sale("Kenya", "Retail", y, v, None, None, "percent")
            for y, v in ((2018, 0.25), (2019, 30), (2020, 0.9))
        ),
    ]
    path = write_book(
        tmp_path / "a.xlsx", {"Purities": rows}, percent=[("Purities", "H3"), ("Purities", "H5")]
    )
    assert opr.read_prices(path, kind="purity")["best_percent"].tolist() == [25, 30, 90]


def test_a_sheet_of_fractions_is_read_as_fractions_and_says_so(tmp_path):
    rows = [
        *PURITIES[:2],
        sale("Kenya", "Retail", 2018, 0.25, 0.1, 0.4, "%"),
        sale("Kenya", "Retail", 2019, None, 0.1, 0.5, "%"),
    ]
    purities = opr.read_prices(write_book(tmp_path / "a.xlsx", {"Purities": rows}), kind="purity")
    assert purities["best_percent"].tolist() == [25, 30]
    assert purities["high_percent"].tolist() == [40, 50]
    assert "read as fractions" in purities.attrs["notes"][0]


def test_headers_renamed_reordered_and_moved(tmp_path):
    order = [10, 6, 2, 5, 4, 7, 9, 8, 0]
    names = {6: "Reference year", 2: "Country or territory", 5: "Level of sale", 7: "Typical (USD)"}
    header = [names.get(n, PRICE_HEADER[n]) for n in order] + ["Source"]
    table = [[None] * 10, ["A title"], ["and more"], header]
    table += [[row[n] for n in order] + ["ARQ"] for row in PRICES[2:]]
    moved = write_book(tmp_path / "moved.xlsx", {"Notes": [["nothing"]], "Prices in USD": table})
    plain = write_book(tmp_path / "plain.xlsx", {"Prices in USD": PRICES})
    pd.testing.assert_frame_equal(
        opr.read_prices(moved, edition=2024), opr.read_prices(plain, edition=2024)
    )


def test_prices_in_another_currency_are_no_prices_in_dollars(tmp_path):
    header = [name.replace("_USD", "") for name in PRICE_HEADER]
    euros = write_book(tmp_path / "e.xlsx", {"Prices in EUR": [["In euro"], header, *PRICES[2:]]})
    with pytest.raises(DataFileError, match="none of the layouts"):
        opr.read_prices(euros)
    dollars = {"Prices": [["Prices in US dollars"], header, *PRICES[2:]]}
    assert len(opr.read_prices(write_book(tmp_path / "d.xlsx", dollars))) == 9


def test_bounds_in_the_wrong_order_and_values_outside_are_told(tmp_path):
    rows = [
        *PRICES[:2],
        sale("Kenya", "Retail", 2018, 5, 9, 4, "kg"),
        sale("Kenya", "Retail", 2019, 50, 1, 10, "kg"),
        sale("Kenya", "Retail", 2020, None, 9, 4, "kg"),
        sale("Kenya", "Retail", 2021, 0, None, None, "kg"),
    ]
    path = write_book(tmp_path / "a.xlsx", {"Prices in USD": rows})
    with pytest.warns(EvidenceWarning) as told:
        prices = opr.read_prices(path)
    assert [str(w.message).split(": ", 1)[1] for w in told] == [
        "bounds published in the wrong order, left out, in 1 row(s): 3",
        "best estimate outside of its own bounds, as published, in 1 row(s): 4",
    ]
    assert prices["best_usd_per_kg"].tolist() == [5, 50]
    assert math.isnan(prices["low_usd_per_kg"][0])
    assert prices.attrs["set_aside"] == {
        "no typical value and bounds in the wrong order": 1,
        "a typical value of 0": 1,
    }


def test_all_cells_that_cannot_be_read_are_named_at_once(tmp_path):
    rows = [
        *PRICES[:2],
        sale("Kenya", "Retail", "soon", "cheap", None, None, "kg"),
        sale("Kenya", "Retail", 2019, 5, -1, True, "kg"),
    ]
    path = write_book(tmp_path / "a.xlsx", {"Prices in USD": rows})
    with pytest.raises(EvidenceError) as refused:
        opr.read_prices(path)
    found = refused.value.failures
    assert set(zip(found["row"], found["column"], strict=True)) == {
        (3, "year"),
        (3, "best"),
        (4, "low"),
        (4, "high"),
    }


def test_an_unknown_country_offers_the_nearest(tmp_path):
    rows = [*PRICES[:2], sale("Kenyamark", "Retail", 2019, 5, None, None, "kg")]
    with pytest.raises(EvidenceError, match="did you mean 'Denmark'"):
        opr.read_prices(write_book(tmp_path / "a.xlsx", {"Prices in USD": rows}))


@pytest.mark.parametrize(
    ("unit", "kg"),
    [("g", 1e-3), ("per gram", 1e-3), ("100g", 0.1), ("0.5 kg", 0.5), ("1,000 g", 1.0),
     ("USD", None), ("0 g", None), ("kg fresh (Nov)", None), ("unit", None), (5, None)],
)  # fmt: skip
def test_units_of_sale(unit, kg):
    assert kg_of_unit(pd.Series([unit])).tolist() == [pytest.approx(kg or math.nan, nan_ok=True)]


def test_totals_equal_plain_pandas(annex):
    table = pd.read_excel(annex, sheet_name="Prices in USD", header=1, engine="openpyxl")
    table = table[table["Drug"].isin(["Heroin", "Opium"])]
    per_kg = table["Unit"].map(
        {
            "g": 1e3,
            "kg": 1,
            "100 g": 10,
            "350 g": 1 / 0.35,
            "700 g": 1 / 0.7,
            "pound": 1 / 0.45359237,
        }
    )
    middle = (table["Minimum_USD"] + table["Maximum_USD"]) / 2
    expected = (table["Typical_USD"].fillna(middle) * per_kg).dropna()
    prices = opr.read_prices(annex)
    assert len(prices) == len(expected)
    assert prices["best_usd_per_kg"].sum() == pytest.approx(expected.sum())


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_files_that_are_cut_off(annex, share):
    with pytest.raises(DataFileError):
        opr.read_prices(cut_off(annex, share))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated(BOOK))
def test_a_changed_file_gives_a_table_or_a_named_error(sheets):
    assert_table_or_named_error(opr.read_prices, sheets)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated(BOOK))
def test_changed_purities_give_a_table_or_a_named_error(sheets):
    assert_table_or_named_error(lambda path: opr.read_prices(path, kind="purity"), sheets)


def test_other_annexes_are_not_prices(tmp_path):
    path = write_book(tmp_path / "a.xlsx", {"Seizures": [["Country", "Year"], ["Iran", 2020]]})
    with pytest.raises(DataFileError, match=r"annex 8\.1"):
        opr.read_prices(path)
    assert_read_or_refused(opr.read_prices, path)
