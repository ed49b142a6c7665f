from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import opiateroutes as opr
from opiateroutes.errors import DataFileError, EvidenceError, OpiateRoutesError

HEADER = ["Region", "country", "ISO Code", "Drug Group", "Drug", "Year", "KG Equivalent"]
ROWS = [
    ["Asia", "Turkey", "TUR", "Opiates", "Heroin", "2017", "17385"],
    ["Asia", "Turkey", "TUR", "Opiates", "Heroin", "2017", "367"],
    ["Asia", "Turkey", "TUR", "Cocaine", "Cocaine hydrochloride", "2017", "1476.1"],
    ["Europe", "USSR", "", "Opiates", "Opium", "1989", "2,500.5"],
    ["Europe", "Serbia and Montenegro", "", "Opiates", "Heroin", "2004", "500"],
    ["Europe", "Serbia and Montenegro", "", "Opiates", "Heroin", "2005", "300"],
    ["Europe", "Kosovo (UNSCR 1244)", "", "Opiates", "Heroin", "2012", "93.5"],
    ["Africa", "Mauritius", "MUS", "Opiates", "Illicit morphine", "2012", "0"],
    ["Africa", "Mauritius", "MUS", "Opiates", "Heroin", "2012", ""],
]


def put(folder, rows=ROWS, header=HEADER, *, delimiter=",", encoding="utf-8"):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([header, *rows])
    path = folder / "portal.csv"
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def kilograms(frame):
    return {(r.node, r.year, r.commodity): r.best_kg for r in frame.itertuples()}


EXPECTED = {
    ("TUR", 2017, "heroin"): 17752.0,
    ("XKX", 2012, "heroin"): 93.5,
    ("MUS", 2012, "morphine"): 0.0,
}


def test_rows_of_a_cell_are_added_up_and_bygone_states_are_set_aside_by_name(tmp_path):
    frame = opr.read_seizures(put(tmp_path))
    assert kilograms(frame) == EXPECTED
    assert frame.attrs["layout"].startswith("UNODC data portal")
    assert frame.attrs["set_aside"] == {
        "other substances": 1,
        "Serbia and Montenegro: no present country": 2,
        "USSR: no present country": 1,
        "no year or weight": 1,
    }
    assert frame.set_index("node").at["TUR", "note"] == "2 rows added up"
    assert set(frame["edition"]) == {2019}
    assert set(opr.read_seizures(put(tmp_path), edition=2022)["edition"]) == {2022}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_order_encoding_and_separator_do_not_matter(tmp_path, encoding, delimiter):
    rows = [list(reversed(row)) for row in ROWS]
    path = put(tmp_path, rows, list(reversed(HEADER)), delimiter=delimiter, encoding=encoding)
    assert kilograms(opr.read_seizures(path)) == EXPECTED


def test_a_workbook_of_it(tmp_path):
    book = openpyxl.Workbook()
    for row in [["Drug seizures"], [], HEADER, *ROWS]:
        book.active.append(row)
    book.save(tmp_path / "portal.xlsx")
    assert kilograms(opr.read_seizures(tmp_path / "portal.xlsx")) == EXPECTED


def test_what_cannot_be_read_is_listed(tmp_path):
    rows = [
        *ROWS,
        ["Asia", "Turkey", "TUR", "Opiates", "Heroin", "long ago", "1"],
        ["Asia", "Turkey", "TUR", "Opiates", "Heroin", "2012", "-1"],
    ]
    with pytest.raises(EvidenceError) as caught:
        opr.read_seizures(put(tmp_path, rows))
    assert caught.value.failures["row"].tolist() == [11, 12]
    rows = [*ROWS, ["Asia", "Atlantis", "", "Opiates", "Heroin", "2012", "1"]]
    with pytest.raises(EvidenceError, match="Atlantis"):
        opr.read_seizures(put(tmp_path, rows))


def test_renamed_columns_and_empty_tables(tmp_path):
    header = ["Year of it" if name == "Year" else name for name in HEADER]
    with pytest.raises(DataFileError, match="none of the layouts"):
        opr.read_seizures(put(tmp_path, header=header))
    assert opr.read_seizures(put(tmp_path, [])).empty


CELLS = st.sampled_from(
    ["", "0", "-1", "1e400", "USSR", "2017", "Heroin", "AFG", "n.a."]
) | st.text(max_size=6)


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    header=st.lists(st.tuples(st.integers(0, 6), st.text(max_size=6)), max_size=2),
    cells=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 6), CELLS), max_size=5),
)
@pytest.mark.filterwarnings("ignore::opiateroutes.errors.EvidenceWarning")
def test_mutated_files_give_a_result_or_a_named_error(tmp_path, header, cells):
    names = list(HEADER)
    for place, name in header:
        names[place] = name
    rows = [list(row) for row in ROWS]
    for row, place, cell in cells:
        rows[row][place] = cell
    path = tmp_path / "mutated.csv"
    out = io.StringIO()
    csv.writer(out).writerows([names, *rows])
    path.write_text(out.getvalue(), encoding="utf-8", errors="replace")
    try:
        frame = opr.read_seizures(path)
    except OpiateRoutesError:
        return
    assert frame["best_kg"].ge(0).all()
