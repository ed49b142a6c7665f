from __future__ import annotations

import datetime as dt
import math
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from mutated_books import assert_table_or_named_error, cut_off, mutated, write_book

import opiateroutes as opr
from opiateroutes.errors import DataFileError, EvidenceError, EvidenceWarning
from opiateroutes.evidence import check_table
from opiateroutes.evidence.importers.reading import read_file

REAL = Path(__file__).parents[3] / "shared/real/6.2.1_Illicit_cultivation_of_opium_poppy.xlsx"

JUNE = [dt.datetime(year, 6, 30) for year in (2016, 2017, 2018)]  # noqa: DTZ001 - as files have it
LINK = "='[1]OVERALL CALCULATION'!O6"

AREA = [
    [None, None, "Illicit cultivation of opium poppy, 2016-2020 (hectares)"],
    [],
    [None, None, None, None, *JUNE, None, 2019, 2020],
    [],
    [None, None, " SOUTH-WEST ASIA"],
    [None, None, "   Afghanistan (best estimate)", None, 201e3, 328e3, 263e3, None, LINK, 224e3],
    [None, None, "  lower bound a ", None, 182e3, 301e3, 242e3, None, 149e3, 202e3],
    [None, None, "  upper bound a ", None, 221e3, 355e3, 283e3, None, 178e3, 246e3],
    [None, None, " SOUTH-EAST ASIA"],
    [None, None, "   Lao PDR (best estimate) b, g", None, 5395, 5327, 4925, None, LINK, 5230],
    [None, None, "   Myanmar (best estimate) b, c", None, "..", 41e3, 37300, None, LINK, 29500],
    [None, None, "  lower bound a ", None, None, 30200, 29700, None, 25800, 21e3],
    [None, None, "  upper bound a ", None, None, 51900, 47200, None, 42800, 50400],
    [None, None, " SOUTH AND CENTRAL AMERICA"],
    [None, None, "   Colombia (best estimate)", None, 462, 282, 663, "h"],
    [None, None, "   Mexico (best estimate) d,e,f ", None, 25200, 30600, 28e3, None, 33100, 24100],
    [None, None, "  lower bound a ", None, 20400, 22800, 21200, None, 15500, 17400],
    [None, None, "  upper bound a ", None, 30e3, 38400, 34800, None, 27500, 30900],
    [None, None, "OTHER"],
    [None, None, "   Other countries e", None, 62438, 8791, 11815, None, 14426, 19224],
    [None, None, "TOTAL (best estimate)", None, 294e3, 414e3, 345e3, None, 236e3, 302e3],
    [None, None, "  lower bound", None, 258e3, 368e3, 310e3, None, 209e3, 264e3],
    [None, None, None, None, 333e3, 459e3, 382e3, None, 262e3, 346e3],
    [
        None,
        None,
        "Sources: \nAfghanistan: surveys of the World Drug Report 2021. " + "Notes. " * 30,
    ],
]
TONNES = [
    ["Potential production of oven-dry opium, 2018-2020 (tons)"],
    ["", 2018, 2019, 2020],
    ["Afghanistan (best estimate)", 6400, 6400, 6300],
    ["  lower bound", 5600, 5600, 5400],
    ["  upper bound", 7200, 7100, 7200],
    ["Mexico a", 440, "-", 500],
    ["Total", 7610, 7600, 7400],
]
BOOK = {"Sheet1": AREA}


def cached(path: Path, values: dict[str, float]) -> Path:
    """Write what a spreadsheet remembers of formulas, which openpyxl leaves blank."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    for place, value in values.items():
        pattern = rf'(<c r="{place}"[^>]*><f>[^<]*</f>)<v\s*(/>|></v>)'
        sheet, found = re.subn(pattern, rf"\g<1><v>{value}</v>", sheet)
        assert found == 1
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def annex(tmp_path):
    path = write_book(tmp_path / "6.2.1_Illicit_cultivation.xlsx", BOOK)
    return cached(path, {"I6": 0, "I10": 0, "I11": 4624})


@pytest.fixture
def area(annex):
    with pytest.warns(EvidenceWarning) as told:
        frame = opr.read_cultivation(annex)
    assert len(told) == 1
    frame.attrs["warning"] = str(told[0].message)
    return frame


def cell(frame, node, year):
    (row,) = frame[(frame["node"] == node) & (frame["year"] == year)].to_dict("records")
    return row


def test_years_are_dates_and_integers_and_bounds_belong_to_the_country_above(area):
    check_table(area, "cultivation")
    assert set(area["node"]) == {"AFG", "LAO", "MMR", "COL", "MEX"}
    row = cell(area, "AFG", 2016)
    assert (row["low_ha"], row["best_ha"], row["high_ha"]) == (182e3, 201e3, 221e3)
    assert cell(area, "AFG", 2020)["best_ha"] == 224e3
    assert cell(area, "MMR", 2018)["high_ha"] == 47200
    assert (area["edition"] == 2021).all()


def test_two_dots_are_missing_and_a_column_without_a_year_is_not_read(area):
    assert area[(area["node"] == "MMR") & (area["year"] == 2016)].empty
    assert area.loc[area["node"] == "COL", "year"].tolist() == [2016, 2017, 2018]


def test_formulas_with_links_are_refused_and_bounds_remain(area):
    row = cell(area, "AFG", 2019)
    assert math.isnan(row["best_ha"])
    assert (row["low_ha"], row["high_ha"], row["confidence"]) == (149e3, 178e3, "medium")
    assert row["note"].startswith("best estimate 0 left out: a formula that links to another")
    assert "4,624 left out: a formula" in cell(area, "MMR", 2019)["note"]
    assert area[(area["node"] == "LAO") & (area["year"] == 2019)].empty


def test_an_estimate_outside_of_its_bounds_is_refused_by_name(area):
    row = cell(area, "MEX", 2019)
    assert math.isnan(row["best_ha"])
    assert (row["low_ha"], row["high_ha"]) == (15500, 27500)
    assert row["note"] == "best estimate 33,100 left out: outside of its own bounds"
    for words in ("AFG 2019: best estimate 0", "LAO 2019", "MMR 2019", "MEX 2019"):
        assert words in area.attrs["warning"]


def test_totals_and_other_countries_are_counted_and_left_out(area):
    assert area.attrs["set_aside"] == {
        "other countries, not named": 5,
        "totals": 5,
        "bounds of totals": 5,
        "rows without a label": 5,
        "best estimates that cannot be right (in the notes)": 4,
    }


def test_zeros_are_refused_beside_positive_figures_even_as_plain_values(tmp_path):
    rows = [*AREA[:4], [None, None, "Thailand", None, 10, 0, 12, None, 9, 8]]
    path = write_book(tmp_path / "a.xlsx", {"Sheet1": rows})
    with pytest.warns(EvidenceWarning, match="THA 2017: best estimate 0 left out: 0 where"):
        area = opr.read_cultivation(path)
    assert area["year"].tolist() == [2016, 2018, 2019, 2020]
    never = [*AREA[:4], [None, None, "Thailand", None, 0, 0, 0, None, 0, 0]]
    assert len(opr.read_cultivation(write_book(tmp_path / "b.xlsx", {"Sheet1": never}))) == 5


def test_bounds_in_the_wrong_order_are_refused(tmp_path):
    rows = [
        *AREA[:4],
        [None, None, "Thailand", None, 10, 10, 12],
        [None, None, "lower bound", None, 11, 9, 9],
        [None, None, "upper bound", None, 9, 11, 14],
    ]
    with pytest.warns(EvidenceWarning, match="THA 2016: best estimate 10 left out: with bounds"):
        area = opr.read_cultivation(write_book(tmp_path / "a.xlsx", {"Sheet1": rows}))
    assert area["year"].tolist() == [2017, 2018]


def test_italics_are_preliminary(tmp_path):
    rows = [*AREA[:4], [None, None, "Thailand", None, 10, 11, 12]]
    path = write_book(tmp_path / "a.xlsx", {"Sheet1": rows}, italic=[("Sheet1", "G5")])
    area = opr.read_cultivation(path)
    assert area["confidence"].tolist() == ["high", "high", "medium"]
    assert area["note"][2] == "preliminary (in italics)"


def test_production_goes_into_the_table_of_supply(tmp_path):
    path = write_book(tmp_path / "6.2.2.xlsx", {"Sheet1": TONNES})
    supply = opr.read_cultivation(path)
    check_table(supply, "supply")
    assert set(supply["indicator"]) == {"opium_production"}
    assert cell(supply, "AFG", 2019)["best_kg"] == 6_400_000
    assert cell(supply, "AFG", 2019)["low_kg"] == 5_600_000
    assert supply.loc[supply["node"] == "MEX", "year"].tolist() == [2018, 2020]
    assert read_file(path).table == "supply"


def test_titles_moved_labels_first_and_bounds_named_otherwise(tmp_path):
    rows = [
        [],
        ["World Drug Report 2027, annex"],
        ["Opium poppy: illicit cultivation (ha)"],
        ["Country", "2018*", "2019", "2020 (preliminary)", "Notes"],
        ["Myanmar", 37_300, 33_100, 29_500, "c"],
        ["Myanmar (lower bound)", 29_700, 25_800, 21_000],
        ["Myanmar (upper bound)", 47_200, 42_800, 50_400],
    ]
    area = opr.read_cultivation(write_book(tmp_path / "a.xlsx", {"Tables": rows}))
    assert area["best_ha"].tolist() == [37_300, 33_100, 29_500]
    assert area["low_ha"].tolist() == [29_700, 25_800, 21_000]
    assert (area["edition"] == 2027).all()


@pytest.mark.parametrize(
    "title",
    [
        "Illicit cultivation of coca bush, 2016-2020 (hectares)",
        "Reported eradication of opium poppy, cultivation sites (hectares)",
        "Opium production and potential manufacture of heroin (tons)",
        "Opium yield of cultivation, kg per hectare",
        "",
    ],
)
def test_other_annexes_are_not_taken_for_it(tmp_path, title):
    path = write_book(tmp_path / "a.xlsx", {"Sheet1": [[None, None, title], *AREA[1:8]]})
    with pytest.raises(DataFileError, match="none of the layouts"):
        opr.read_cultivation(path)


def test_what_cannot_be_read_is_named(tmp_path):
    rows = [*AREA[:4], [None, None, "Thailand", None, "many", -1, 12]]
    with pytest.raises(EvidenceError) as refused:
        opr.read_cultivation(write_book(tmp_path / "a.xlsx", {"Sheet1": rows}))
    assert refused.value.failures[["row", "column"]].to_numpy().tolist() == [
        [5, "2016"],
        [5, "2017"],
    ]
    unknown = [*AREA[:4], [None, None, "Ruritania", None, 1, 2, 3]]
    with pytest.raises(EvidenceError, match="Ruritania"):
        opr.read_cultivation(write_book(tmp_path / "b.xlsx", {"Sheet1": unknown}))
    again = [*AREA[:4], *[[None, None, "Thailand", None, 1, 2, 3]] * 2]
    with pytest.raises(EvidenceError, match="several estimates"):
        opr.read_cultivation(write_book(tmp_path / "c.xlsx", {"Sheet1": again}))
    years = [AREA[0], ["", "", "", "", 2016, 2016, 2017, 2018], AREA[5]]
    with pytest.raises(DataFileError, match=r"two columns for the year\(s\) 2016"):
        opr.read_cultivation(write_book(tmp_path / "d.xlsx", {"Sheet1": years}))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_files_that_are_cut_off(annex, share):
    with pytest.raises(DataFileError):
        opr.read_cultivation(cut_off(annex, share))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated(BOOK))
def test_a_changed_file_gives_a_table_or_a_named_error(sheets):
    assert_table_or_named_error(opr.read_cultivation, sheets)


@pytest.mark.skipif(not REAL.exists(), reason="the published file is not at hand")
def test_the_published_file_equals_a_plain_reading():
    with pytest.warns(EvidenceWarning):
        area = opr.read_cultivation(REAL)
    sheet = openpyxl.load_workbook(REAL, data_only=True).active
    formulas = openpyxl.load_workbook(REAL).active
    expected, bounds = {}, {"lower": 0.0, "upper": 0.0}
    country = ""
    for row in range(4, 24):
        label = str(sheet.cell(row, 3).value or "").strip().casefold()
        numbers = [
            sheet.cell(row, column).value
            for column in range(5, 21)
            if isinstance(formulas.cell(row, column).value, (int, float))
        ]
        if label.startswith(("lower", "upper")):
            bounds[label[:5]] += sum(numbers)
        elif "best estimate" in label:
            country = label.partition(" (best")[0]
            expected[country] = sum(numbers)
    total = area.groupby("node")["best_ha"].sum()
    codes = {
        "afghanistan": "AFG",
        "lao people's democratic republic": "LAO",
        "myanmar": "MMR",
        "colombia": "COL",
        "mexico": "MEX",
    }
    assert {codes[name]: value for name, value in expected.items()} == pytest.approx(
        total.to_dict()
    )
    assert area["low_ha"].sum() == pytest.approx(bounds["lower"])
    assert area["high_ha"].sum() == pytest.approx(bounds["upper"])
    refused = area[area["note"].fillna("").str.contains("left out")]
    assert refused["node"].tolist() == ["AFG", "MEX", "MMR"]
