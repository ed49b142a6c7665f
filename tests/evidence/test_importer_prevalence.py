from __future__ import annotations

import datetime as dt
import math

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from mutated_books import assert_table_or_named_error, cut_off, mutated, write_book

import opiateroutes as opr
from opiateroutes.errors import DataFileError, EvidenceError, EvidenceWarning, UnknownNameError
from opiateroutes.evidence import check_table
from opiateroutes.evidence.importers.reading import read_all

HEADER = [
    None,
    "Region",
    "Sub-region",
    "Country/Territory",
    "Best",
    "Low",
    "High",
    "Male",
    "Female",
    "Year",
    "Age",
    "Source",
    "Method",
    "Adjustment/\n notes",
    "Specific notes",
]


def survey(country, best, low, high, year, *, age="15-64", group=(None, None), notes=()):
    return [None, *group, country, best, low, high, 0.01, 9.9, year, age, *notes]


OPIATES = [
    [],
    [None, "Prevalence of drug use in the general population: opiates"],
    HEADER,
    survey("Kenya", 0.22, None, None, 2012, group=("Africa", "East Africa"),
           notes=("Government report", "I", None, "Problem opiate users")),
    survey("Kenya", 0.73, None, None, 2004, notes=("Reference Group", "I ", "c, i ")),
    survey("Mauritius", 0.91, 0.8, 1.0, 2007, age="15-54"),
    survey("United Kingdom (England and Wales)", 0.75, 0.73, 0.78, 2010,
           group=("Europe", "Western Europe")),
    survey("United Kingdom (Northern Ireland)", 0.12, 0.12, 0.17, 2004),
    survey("United Kingdom (Scotland)", 1.52, 1.49, 1.56, 2009),
    survey("Kosovo under UNSCR 1244", "..", None, None, 2009),
    survey("Iran (Islamic Republic of)", 2.1, "1,9", "2.4*", "2011/12", age="15-64"),
    [None, "I: indirect estimate. HHS: household survey."],
]  # fmt: skip
OPIOIDS = [
    *OPIATES[:3],
    survey("Kenya", 0.3, None, None, 2012, group=("Africa", "East Africa")),
]
BOOK = {
    "Cannabis": [*OPIATES[:3], survey("Kenya", 1.0, None, None, 2012)],
    "Opioids": OPIOIDS,
    "Opiates": OPIATES,
    "Prescription opioids": [*OPIATES[:3], survey("Kenya", 7.0, None, None, 2012)],
}


@pytest.fixture
def annex(tmp_path):
    return write_book(tmp_path / "1.2_Prevalence.xlsx", BOOK)


def write(folder, *rows):
    return write_book(folder / "a.xlsx", {"Opiates": [*OPIATES[:3], *rows]})


def test_the_sheet_of_opiates_is_read(annex):
    table = opr.read_prevalence(annex)
    check_table(table, "prevalence")
    kenya = table[table["node"] == "KEN"]
    assert kenya[["year", "best_percent"]].to_numpy().tolist() == [[2004, 0.73], [2012, 0.22]]
    assert kenya["note"].tolist() == [
        "Reference Group | I | c, i",
        "Government report | I | Problem opiate users",
    ]
    assert table["place"].unique().tolist() == ["sheet Opiates"]
    iran = table[table["node"] == "IRN"].iloc[0]
    assert (iran["low_percent"], iran["high_percent"], iran["year"]) == (1.9, 2.4, 2011)
    assert len(table) == 7


def test_men_and_women_are_not_bounds(annex):
    table = opr.read_prevalence(annex).set_index(["node", "year"])
    assert math.isnan(table.loc[("KEN", 2012), "low_percent"])
    assert math.isnan(table.loc[("KEN", 2012), "high_percent"])
    assert not table.isin([0.01, 9.9]).any(axis=None)


def test_the_united_kingdom_is_kept_by_territory(annex):
    table = opr.read_prevalence(annex)
    parts = table[table["node"] == "GBR"].set_index("territory")["best_percent"]
    assert parts.to_dict() == {"GBR-EAW": 0.75, "GBR-NIR": 0.12, "GBR-SCT": 1.52}
    assert table.loc[table["node"] != "GBR", "territory"].isna().all()


def test_parts_of_other_countries_are_set_aside(tmp_path):
    path = write(tmp_path, survey("Iraq (Kurdistan Region)", 1, None, None, 2020))
    table = opr.read_prevalence(path)
    assert table.empty
    assert "parts of a country" in next(iter(table.attrs["set_aside"]))


def test_age_groups_are_kept(annex):
    table = opr.read_prevalence(annex)
    assert table.loc[table["node"] == "MUS", "age_group"].tolist() == ["15-54"]


def test_an_age_group_that_became_a_date_is_refused(tmp_path):
    path = write(tmp_path, survey("Kenya", 1, None, None, 2020, age=dt.date(2017, 12, 1)))
    with pytest.raises(EvidenceError, match="must be an age group"):
        opr.read_prevalence(path)
    unstated = write(tmp_path, survey("Kenya", 1, None, None, 2020, age=None))
    assert opr.read_prevalence(unstated)["age_group"].tolist() == ["not stated"]


def test_a_country_that_stands_only_once_is_repeated_below(tmp_path):
    path = write(
        tmp_path,
        survey("Kenya", 0.2, None, None, 2012, group=("Africa", "East Africa")),
        survey(None, 0.7, None, None, 2004),
        survey(None, 0.5, None, None, 2012, group=(None, "West Africa")),
    )
    table = opr.read_prevalence(path)
    assert table[["node", "year"]].to_numpy().tolist() == [["KEN", 2004], ["KEN", 2012]]
    assert table.attrs["set_aside"] == {"no country (figures of regions)": 1}


def test_opioids_are_another_table(annex):
    opioids = opr.read_prevalence(annex, substance="opioids")
    check_table(opioids, "prevalence_opioids")
    assert opioids["best_percent"].tolist() == [0.3]
    assert [found.table for found in read_all(annex)] == ["prevalence", "prevalence_opioids"]
    with pytest.raises(UnknownNameError, match="opiates or opioids"):
        opr.read_prevalence(annex, substance="cannabis")


def test_what_is_missing_is_counted(annex):
    assert opr.read_prevalence(annex).attrs["set_aside"] == {"no best estimate": 1}


def test_bounds_in_the_wrong_order_and_estimates_outside_are_told(tmp_path):
    path = write(
        tmp_path,
        survey("Latvia", 0.49, 0.5, 0.36, 2012),
        survey("Greece", 0.23, 0.26, 0.32, 2012),
    )
    with pytest.warns(EvidenceWarning) as told:
        table = opr.read_prevalence(path).set_index("node")
    assert len(told) == 2
    assert math.isnan(table.loc["LVA", "low_percent"])
    assert table.loc["LVA", "best_percent"] == 0.49
    assert table.loc["GRC", "best_percent"] == 0.23
    assert "outside" in table.loc["GRC", "note"]


def test_shares_above_all_are_refused(tmp_path):
    with pytest.raises(EvidenceError, match="at most 100 per cent"):
        opr.read_prevalence(write(tmp_path, survey("Kenya", 101, None, None, 2020)))


def test_two_failures_are_named_at_once(tmp_path):
    path = write(
        tmp_path,
        survey("Kenya", "few", None, None, 2020),
        survey("Kenya", 1, None, None, "last year"),
    )
    with pytest.raises(EvidenceError) as refused:
        opr.read_prevalence(path)
    failures = refused.value.failures
    assert set(zip(failures["row"], failures["column"], strict=True)) == {(4, "best"), (5, "year")}


def test_headers_renamed_reordered_and_moved(tmp_path, annex):
    order = [9, 10, 4, 5, 6, 3, 11, 12, 13, 14, 1, 2]
    names = {9: "YEAR", 10: "Age group", 4: "Best estimate", 3: "Country or territory", 13: "Notes"}
    header = ["Extra", *(names.get(n, HEADER[n]) for n in order)]
    rows = [["x", *(row[n] if n < len(row) else None for n in order)] for row in OPIATES[3:-1]]
    moved = write_book(
        tmp_path / "b.xlsx", {"Opiates ": [[], [], ["Title 2025"], [None], header, *rows]}
    )
    columns = ["node", "territory", "year", "low_percent", "best_percent", "age_group"]
    pd.testing.assert_frame_equal(
        opr.read_prevalence(moved)[columns], opr.read_prevalence(annex)[columns]
    )


def test_totals_equal_plain_pandas(annex):
    table = pd.read_excel(annex, sheet_name="Opiates", header=2, engine="openpyxl")
    best = pd.to_numeric(table["Best"], errors="coerce")
    assert opr.read_prevalence(annex)["best_percent"].sum() == pytest.approx(best.sum())


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_files_that_are_cut_off(annex, share):
    with pytest.raises(DataFileError):
        opr.read_prevalence(cut_off(annex, share))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated({"Opiates": OPIATES, "Opioids": OPIOIDS}))
def test_a_changed_file_gives_a_table_or_a_named_error(sheets):
    assert_table_or_named_error(opr.read_prevalence, sheets)
