"""Annex 7.1 in every edition, and anybody's own list of seizures."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import opiateroutes as opr
from opiateroutes.errors import DataFileError, EvidenceError

REAL = Path(__file__).parents[3] / "shared" / "real" / "7.1_Drug_seizures_2019-2023.xlsx"

WDR_2025 = ["Region", "SubRegion", "Country", "DrugGroup", "DrugSubGroup", "DrugName",
            "Reference year", "Kilograms", "msCode"]  # fmt: skip
WDR_2024 = ["Region", "SubRegion", "Country/Territory", "msCode", "Drug group", "DrugSubGroup",
            "Drug", "Year", "Kilograms"]  # fmt: skip
WDR_2026 = ["Iso3_code", "Country", "DrugGroup", "DrugName", "Reference year", "Kilograms",
            "Source", "Footnote"]  # fmt: skip
WDR_2012 = ["Country or Territory", "Code", "Year", "DrugGroup", "Drug", "Quantity", "Unit",
            "Comment"]  # fmt: skip


def book(path, header, rows, title="Drug seizures, 2019-2023"):
    """Write an annex; rows are country, code, substance, year, quantity, unit."""
    made = openpyxl.Workbook()
    made.active.append([title])
    made.active.append(header)
    for country, code, substance, year, quantity, unit in rows:
        values = []
        for name in header:
            plain = name.casefold().replace(" ", "").replace("/", "").replace("_", "")
            known = {
                "country": country, "countryterritory": country, "countryorterritory": country,
                "mscode": code, "iso3code": code, "code": code, "drugname": substance,
                "drug": substance, "referenceyear": year, "year": year, "kilograms": quantity,
                "quantity": quantity, "unit": unit,
            }  # fmt: skip
            values.append(known.get(plain, "x"))
        made.active.append(values)
    made.save(path)
    return path


ROWS = [
    ("Iran (Islamic Republic of)", "IRN", "Heroin", 2022, 1000.5, "kg"),
    ("Iran (Islamic Republic of)", "IRN", "Heroin", 2022, 500, "kg"),
    ("Kosovo under UNSCR 1244", "KKK", "Heroin", 2022, 30, "kg"),
    ("Türkiye", "TUR", "Illicit morphine", 2023, 7, "kg"),
    ("Türkiye", "TUR", "Opium", 2023, 8, "kg"),
    ("Türkiye", "TUR", "Poppy plants", 2023, 9999, "kg"),
    ("Pakistan", "PAK", "Acetic anhydride", 2023, 11, "kg"),
]
EXPECTED = {
    ("IRN", 2022, "heroin"): 1500.5,
    ("XKX", 2022, "heroin"): 30.0,
    ("TUR", 2023, "morphine"): 7.0,
    ("TUR", 2023, "opium"): 8.0,
    ("PAK", 2023, "acetic_anhydride"): 11.0,
}


def cells(frame):
    return frame.set_index(["node", "year", "commodity"])["best_kg"].to_dict()


@pytest.mark.parametrize("header", [WDR_2025, WDR_2024, WDR_2026, WDR_2012])
def test_every_edition_gives_the_same_table(tmp_path, header):
    frame = opr.read_seizures(book(tmp_path / "annex.xlsx", header, ROWS))
    assert cells(frame) == EXPECTED
    assert frame.attrs["set_aside"] == {"other substances": 1}
    assert "annex 7.1" in frame.attrs["layout"]


def test_columns_may_come_in_any_order_with_titles_above(tmp_path):
    path = book(tmp_path / "annex.xlsx", WDR_2025[::-1], ROWS)
    made = openpyxl.load_workbook(path)
    made.active.insert_rows(1, amount=4)
    made.save(path)
    assert cells(opr.read_seizures(path)) == EXPECTED


def test_units_are_converted_and_what_is_no_weight_is_counted(tmp_path):
    rows = [
        ("Iran", "IRN", "Heroin", 2010, 2, "t"),
        ("Iran", "IRN", "Opium", 2010, 500, "Grams"),
        ("Iran", "IRN", "Morphine", 2010, 40, "tablets"),
        ("Iran", "IRN", "Acetic anhydride", 2010, 10, "litres"),
    ]
    frame = opr.read_seizures(book(tmp_path / "annex.xlsx", WDR_2012, rows))
    assert cells(frame) == pytest.approx(
        {
            ("IRN", 2010, "heroin"): 2000.0,
            ("IRN", 2010, "opium"): 0.5,
            ("IRN", 2010, "acetic_anhydride"): 10.8,
        }
    )
    assert sum(frame.attrs["set_aside"].values()) == 1


def test_the_edition_is_read_off_the_title_or_given(tmp_path):
    path = book(tmp_path / "annex.xlsx", WDR_2025, ROWS)
    assert set(opr.read_seizures(path)["edition"]) == {2025}
    assert set(opr.read_seizures(path, edition=2031)["edition"]) == {2031}


def test_all_that_cannot_be_read_is_reported_at_once(tmp_path):
    rows = [
        ("Iran", "IRN", "Heroin", "last year", 5, "kg"),
        ("Iran", "IRN", "Heroin", 2022, "much", "kg"),
        ("Iran", "IRN", "Heroin", 2022, -5, "kg"),
    ]
    with pytest.raises(EvidenceError) as caught:
        opr.read_seizures(book(tmp_path / "annex.xlsx", WDR_2025, rows))
    assert set(caught.value.failures["value"]) == {"last year", "much", -5}
    assert caught.value.failures["row"].tolist() == [3, 4, 5]
    unknown = [("Ruritania", None, "Heroin", 2022, 5, "kg")]
    with pytest.raises(EvidenceError, match="countries are not known"):
        opr.read_seizures(book(tmp_path / "annex.xlsx", WDR_2025, unknown))


def test_a_workbook_of_another_kind_is_refused(tmp_path):
    made = openpyxl.Workbook()
    made.active.append(["a", "b"])
    made.save(tmp_path / "x.xlsx")
    with pytest.raises(DataFileError, match="none of the layouts"):
        opr.read_seizures(tmp_path / "x.xlsx")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_list_of_ones_own_is_read_too(tmp_path, delimiter):
    lines = [["Country", "Drug", "Year", "kg"], ["Oman", "Heroin", "2024", "12.5"],
             ["Afganistan", "opium", "2024", "3"]]  # fmt: skip
    path = tmp_path / "own.csv"
    path.write_text("\n".join(delimiter.join(line) for line in lines), encoding="utf-8")
    assert cells(opr.read_seizures(path)) == {
        ("OMN", 2024, "heroin"): 12.5,
        ("AFG", 2024, "opium"): 3.0,
    }


@pytest.mark.skipif(not REAL.exists(), reason="the published file is not part of the project")
def test_the_published_file_adds_up_as_pandas_says():
    plain = pd.read_excel(REAL, header=1, engine="openpyxl")
    frame = opr.read_seizures(REAL)
    for published, commodity in (
        ("Heroin", "heroin"),
        ("Opium", "opium"),
        ("Illicit morphine", "morphine"),
        ("Acetic anhydride", "acetic_anhydride"),
    ):
        own = frame.loc[frame["commodity"] == commodity, "best_kg"].sum()
        total = plain.loc[plain["DrugName"] == published, "Kilograms"].sum()
        assert own == pytest.approx(total, rel=1e-12)
