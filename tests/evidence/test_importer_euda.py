from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import opiateroutes as opr
from opiateroutes.errors import DataFileError, EvidenceError, EvidenceWarning, OpiateRoutesError
from opiateroutes.evidence.importers.reading import read_file

TITLE = ["Table SZR-2-2. Quantities of heroin seized, 2018 to 2021 (kg)"]
HEADER = ["Country", "2018", "2019", "2020", "2021"]
ROWS = [
    ["Belgium", "33", "n.a.", "101.9 a", "-"],
    ["Czechia (1)", "1,250.5", "0", "2", "3"],
    ["Germany b", "298", "–", "", "1"],
    ["Türkiye", "18 525", "20164", "13389", "22202"],
    ["EU-27", "1", "1", "1", "1"],
    ["Total", "2", "2", "2", "2"],
    ["Malta", "", "", "", ""],
    ["Notes: a figures of the police only"],
]
EXPECTED = {
    ("BEL", 2018): 33.0,
    ("BEL", 2020): 101.9,
    ("CZE", 2018): 1250.5,
    ("CZE", 2019): 0.0,
    ("CZE", 2020): 2.0,
    ("CZE", 2021): 3.0,
    ("DEU", 2018): 298.0,
    ("DEU", 2021): 1.0,
    ("TUR", 2018): 18525.0,
    ("TUR", 2019): 20164.0,
    ("TUR", 2020): 13389.0,
    ("TUR", 2021): 22202.0,
}


def put(folder, rows, name="table.csv", encoding="utf-8", delimiter=","):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    path = folder / name
    path.write_bytes(out.getvalue().encode(encoding, errors="replace"))
    return path


def book(folder, sheets, name="szr.xlsx"):
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    workbook.save(folder / name)
    return folder / name


def kilograms(frame):
    return {(r.node, r.year): r.best_kg for r in frame.itertuples()}


def test_markers_are_missing_and_zero_is_zero(tmp_path):
    frame = opr.read_seizures(put(tmp_path, [TITLE, [], HEADER, *ROWS]))
    assert kilograms(frame) == EXPECTED
    assert set(frame["commodity"]) == {"heroin"}
    assert frame.attrs["layout"].startswith("EUDA")
    assert frame.attrs["set_aside"] == {"totals and averages": 2}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings_and_order(tmp_path, encoding):
    rows = [TITLE, list(reversed(HEADER)), *(list(reversed(r)) for r in ROWS[:-1])]
    path = put(tmp_path, rows, encoding=encoding, delimiter=";")
    assert kilograms(opr.read_seizures(path)) == EXPECTED


def test_a_workbook_with_years_as_numbers_and_one_sheet_a_substance(tmp_path):
    years = ["Country", 2020, 2021.0]
    sheets = {
        "Heroin": [["Quantities seized (tonnes)"], years, ["Austria", 0.5, 1]],
        "Cocaine": [["Quantities seized (tonnes)"], years, ["Austria", 9, 9]],
        "Opium": [["Quantities seized (tonnes)"], years, ["Italy", 2, None]],
    }
    path = book(tmp_path, sheets)
    frame = opr.read_seizures(path)
    assert frame.set_index(["node", "year", "commodity"])["best_kg"].to_dict() == {
        ("AUT", 2020, "heroin"): 500.0,
        ("AUT", 2021, "heroin"): 1000.0,
        ("ITA", 2020, "opium"): 2000.0,
    }
    assert set(opr.read_seizures(path, commodity="opium")["node"]) == {"ITA"}
    with pytest.raises(DataFileError, match="no table of morphine"):
        opr.read_seizures(path, commodity="morphine")


def test_the_substance_is_asked_for_where_nothing_names_it(tmp_path):
    path = put(tmp_path, [["Quantities (kg)"], HEADER, *ROWS])
    with pytest.raises(DataFileError, match=r"does not say which substance .* give commodity="):
        opr.read_seizures(path)
    frame = opr.read_seizures(path, commodity="morphine")
    assert set(frame["commodity"]) == {"morphine"}
    with pytest.raises(DataFileError, match="is not one of heroin"):
        opr.read_seizures(path, commodity="cocaine")
    both = put(tmp_path, [["Heroin and opium (kg)"], HEADER, *ROWS])
    with pytest.raises(DataFileError, match="give commodity="):
        opr.read_seizures(both)


def test_the_name_of_the_file_may_tell_the_substance(tmp_path):
    path = put(tmp_path, [HEADER, *ROWS], name="szr-2-2-heroin.csv")
    assert set(opr.read_seizures(path)["commodity"]) == {"heroin"}


def test_a_table_without_a_unit_is_taken_for_kilograms_with_a_warning(tmp_path):
    path = put(tmp_path, [["Seizures of heroin"], HEADER, *ROWS])
    with pytest.warns(EvidenceWarning, match="kilograms are assumed"):
        frame = opr.read_seizures(path)
    assert kilograms(frame) == EXPECTED
    assert "kilograms are assumed" in frame.attrs["notes"][0]


@pytest.mark.parametrize(
    "title", ["Table SZR-1-2. Seizures of heroin", "Number of seizures of heroin, 2018-2021"]
)
def test_counts_are_no_weights(tmp_path, title):
    with pytest.raises(DataFileError, match="counts seizures and does not weigh them"):
        opr.read_seizures(put(tmp_path, [[title], HEADER, *ROWS]))


@pytest.mark.parametrize("title", ["Purity of heroin", "Price of heroin (EUR per g)", "PPP-1-1"])
def test_other_tables_of_the_bulletin_are_not_read_as_seizures(tmp_path, title):
    with pytest.raises(DataFileError, match="none of the layouts"):
        opr.read_seizures(put(tmp_path, [[title], HEADER, *ROWS]))


def test_a_table_of_another_drug(tmp_path):
    with pytest.raises(DataFileError, match="no table of opiates"):
        opr.read_seizures(put(tmp_path, [["Cocaine seized (kg)"], HEADER, *ROWS]))


def test_the_edition_is_read_off_the_title(tmp_path):
    path = put(tmp_path, [["Statistical Bulletin 2024", *TITLE], HEADER, *ROWS])
    assert set(opr.read_seizures(path)["edition"]) == {2024}
    path = put(tmp_path, [TITLE, HEADER, *ROWS])
    assert set(opr.read_seizures(path)["edition"]) == {2023}
    assert set(opr.read_seizures(path, edition=2025)["edition"]) == {2025}


def test_a_header_without_a_word_for_countries(tmp_path):
    path = put(tmp_path, [TITLE, ["", *HEADER[1:]], *ROWS])
    assert kilograms(opr.read_seizures(path)) == EXPECTED


def test_cells_that_cannot_be_read(tmp_path):
    rows = [*ROWS[:2], ["Germany", "lots", "-3", "1", "1"], ["Atlantis", "", "", "", ""]]
    with pytest.raises(EvidenceError) as caught:
        opr.read_seizures(put(tmp_path, [TITLE, HEADER, *rows]))
    found = caught.value.failures[["row", "column", "value"]]
    assert found.to_numpy().tolist() == [[5, "2018", "lots"], [5, "2019", "-3"]]
    with pytest.raises(EvidenceError, match="Atlantis"):
        opr.read_seizures(put(tmp_path, [TITLE, HEADER, ["Atlantis", "1", "1", "1", "1"]]))


def test_nothing_below_the_header(tmp_path):
    assert opr.read_seizures(put(tmp_path, [TITLE, HEADER])).empty


def test_tables_of_other_publishers_are_not_taken(tmp_path):
    header = ["Country Name", "Country Code", "Indicator Name", "Indicator Code", "2019", "2020"]
    path = put(tmp_path, [header, ["Germany", "DEU", "Heroin (kg)", "X.Y", "1", "2"]])
    with pytest.raises(DataFileError, match="none of the layouts"):
        read_file(path, table="seizures")


CELLS = st.sampled_from(["", "n.a.", "-", "1,5", "2020", "2019", "Total", "Country"]) | st.text(
    max_size=6
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    cells=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4), CELLS), max_size=6),
    cut=st.integers(0, 120),
)
@pytest.mark.filterwarnings("ignore::opiateroutes.errors.EvidenceWarning")
def test_mutated_tables_give_a_result_or_a_named_error(tmp_path, cells, cut):
    rows = [[*row, "", "", "", ""][:5] for row in (TITLE, HEADER, *ROWS)]
    for row, place, cell in cells:
        rows[row][place] = cell
    path = put(tmp_path, rows)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) - cut])
    try:
        frame = opr.read_seizures(path)
    except OpiateRoutesError:
        return
    assert frame["best_kg"].ge(0).all()
