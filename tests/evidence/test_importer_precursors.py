from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import opiateroutes as opr
from opiateroutes.errors import DataFileError, EvidenceError, OpiateRoutesError

ROWS = [
    "AFG,2019,acetic anhydride,1000,litres,E/INCB/2020/4 annex VIII",
    'Iran (Islamic Republic of),2019,Acetic Anhydride,"12,500",l,E/INCB/2020/4 annex VIII',
    "TUR,2018,acetic anhydride,20,kg,E/INCB/2019/4 annex VIII",
    "TUR,2019,ephedrine,20,kg,E/INCB/2020/4 annex VIII",
]


def put(folder, *rows, head=None, encoding="utf-8"):
    path = folder / "precursors.csv"
    text = (opr.precursor_template() if head is None else head) + "\n".join(rows) + "\n"
    path.write_bytes(text.encode(encoding))
    return path


def test_litres_become_kilograms(tmp_path):
    frame = opr.read_seizures(put(tmp_path, *ROWS))
    found = frame.set_index(["node", "year"])["best_kg"].to_dict()
    expected = {("AFG", 2019): 1080.0, ("IRN", 2019): 13500.0, ("TUR", 2018): 20.0}
    assert found == pytest.approx(expected)
    assert set(frame["commodity"]) == {"acetic_anhydride"}
    assert frame.set_index("node").at["TUR", "place"] == "E/INCB/2019/4 annex VIII"
    assert frame.attrs["set_aside"] == {"other substances": 1}
    assert "1.08 kg" in frame.attrs["notes"][0]
    assert set(frame["source"]) == {"user_file"}


def test_the_template_is_one_line(tmp_path):
    assert opr.precursor_template() == "iso3,year,substance,amount,unit,source\n"
    assert opr.read_seizures(put(tmp_path)).empty


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_columns_in_another_order_and_separator(tmp_path, encoding):
    head = "source;unit;amount;substance;year;ISO3\n"
    row = "E/INCB/2020/4;litres;1000;acetic anhydride;2019;AFG"
    frame = opr.read_seizures(put(tmp_path, row, head=head, encoding=encoding))
    assert frame["best_kg"].tolist() == pytest.approx([1080.0])


def test_all_mistakes_are_listed(tmp_path):
    rows = [
        "AFG,2019,acetic anhydride,1000,barrels,r",
        "AFG,2018,acetic anhydride,1000,,r",
        "AFG,2017,acetic anhydride,,litres,r",
        "AFG,,acetic anhydride,5,litres,r",
        "AFG,2016,acetic anhydride,5,litres,",
        "AFG,2015,acetic anhydride,five,litres,r",
        "AFG,2014,acetic anhydride,5,litres,r",
        "Afghanistan,2014,acetic anhydride,6,litres,r",
    ]
    with pytest.raises(EvidenceError) as caught:
        opr.read_seizures(put(tmp_path, *rows))
    found = caught.value.failures.sort_values("row")[["row", "column"]].to_numpy().tolist()
    assert found == [
        [2, "unit"],
        [3, "unit"],
        [4, "amount"],
        [5, "year"],
        [6, "source"],
        [7, "amount"],
        [9, "iso3"],
    ]
    with pytest.raises(EvidenceError, match="Atlantis"):
        opr.read_seizures(put(tmp_path, "Atlantis,2019,acetic anhydride,1,l,r"))


def test_a_renamed_column_is_another_layout(tmp_path):
    head = "land,jahr,stoff,menge,einheit,quelle\n"
    with pytest.raises(DataFileError, match="none of the layouts"):
        opr.read_seizures(put(tmp_path, *ROWS, head=head))


CELLS = st.sampled_from(["", "0", "-1", "AFG", "2019", "litres", "nan"]) | st.text(
    st.characters(blacklist_characters="\r\n\x00", blacklist_categories=["Cs"]), max_size=6
)


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cells=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5), CELLS), max_size=5))
@pytest.mark.filterwarnings("ignore::opiateroutes.errors.EvidenceWarning")
def test_mutated_templates_give_a_result_or_a_named_error(tmp_path, cells):
    rows = [opr.precursor_template().strip(), *(row.replace('"', "") for row in ROWS)]
    table = [row.split(",") for row in rows]
    for row, place, cell in cells:
        table[row][place] = cell
    path = put(tmp_path, *(",".join(row) for row in table), head="")
    try:
        frame = opr.read_seizures(path)
    except OpiateRoutesError:
        return
    assert frame["best_kg"].ge(0).all()
