from __future__ import annotations

import random
import warnings
import zipfile

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from seizure_records import (
    EXPECTED,
    OLD,
    ROWS,
    WITHIN,
    itineraries,
    kilograms,
    old,
    put,
    text,
    workbook,
)

import opiateroutes as opr
from opiateroutes.errors import DataFileError, EvidenceError, EvidenceWarning, OpiateRoutesError
from opiateroutes.evidence.importers import record_sums
from opiateroutes.evidence.importers.reading import read_file


class TestFolder:
    """A folder, or a very large file, goes through DuckDB: same function, same result."""

    @pytest.fixture
    def folder(self, tmp_path):
        folder = tmp_path / "parts"
        folder.mkdir()
        put(folder, text(ROWS[:3]), "a.csv")
        put(folder, text(ROWS[3:8], delimiter=","), "b.csv", "utf-16")
        with zipfile.ZipFile(folder / "c.zip", "w") as archive:
            archive.writestr("c.csv", text(ROWS[8:9]))
        workbook(folder / "d.xlsx", {"2016": ROWS[9:]})
        put(folder, "what this is", "README.md")
        return folder

    def test_same_result_as_one_file(self, tmp_path, folder):
        one = put(tmp_path, text(ROWS))
        frame = opr.read_seizures(folder)
        pd.testing.assert_frame_equal(frame, opr.read_seizures(one))
        assert frame.attrs["set_aside"] == opr.read_seizures(one).attrs["set_aside"]
        pd.testing.assert_frame_equal(itineraries(folder), itineraries(one))
        assert read_file(folder).frame.equals(frame)

    def test_same_result_for_a_large_file(self, tmp_path, monkeypatch):
        generator = random.Random(7)  # noqa: S311
        rows = [
            old("Turkey", f"201{generator.randrange(5)}-01-01", "Heroin", repr(kg), "Gram", "Iran")
            for kg in (generator.lognormvariate(3, 2) for _ in range(5000))
        ]
        path = put(tmp_path, text(rows))
        small = opr.read_seizures(path), opr.read_itineraries(path)
        monkeypatch.setattr(record_sums, "MOST_BYTES_IN_MEMORY", 10)
        large = opr.read_seizures(path), opr.read_itineraries(path)
        for one, other in zip(small, large, strict=True):
            # Not nearly the same: whole micrograms are added.
            pd.testing.assert_frame_equal(one, other, check_exact=True)

    def test_years_that_two_files_share_are_told(self, tmp_path):
        for name in ("a.csv", "b.csv"):
            put(tmp_path, text(ROWS[:1]), name)
        with pytest.warns(EvidenceWarning, match="1 pairs of country and year"):
            frame = opr.read_seizures(tmp_path)
        assert kilograms(frame) == {("IRN", 2014, "heroin"): 5.0}

    def test_failures_of_all_files_come_with_their_own_error(self, folder):
        bad = [old("Atlantis", "2014-01-01", "Heroin", "much", "Gram")]
        put(folder, text(bad), "e.csv")
        with pytest.raises(EvidenceError) as caught:
            opr.read_seizures(folder)
        assert set(caught.value.failures["value"]) == {"Atlantis", "much"}
        put(folder, text(ROWS)[:-50], "e.csv")
        with pytest.raises(DataFileError, match=r"e\.csv"):
            opr.read_seizures(folder)

    def test_what_does_not_belong_is_named(self, folder, tmp_path):
        put(folder, "a,b\n1,2\n", "stray.csv")
        with pytest.raises(DataFileError, match=r"stray\.csv is no extract"):
            opr.read_seizures(folder)
        (tmp_path / "empty").mkdir()
        with pytest.raises(DataFileError, match="holds no"):
            opr.read_itineraries(tmp_path / "empty")


class TestOddFiles:
    """What agencies and spreadsheets do to files."""

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_encodings_and_ends_of_lines(self, tmp_path, encoding, end):
        rows = [
            old(
                "Côte d'Ivoire", "2014-01-01", "Heroin", "1", "Kilogram", place='the "Old" gate; 5'
            ),
            old("Türkiye", "2014-01-01", "Heroin", "2", "Kilogram", place="two\nlines"),
        ]
        path = put(tmp_path, text(rows, end=end), encoding=encoding)
        assert kilograms(opr.read_seizures(path)) == {
            ("CIV", 2014, "heroin"): 1.0,
            ("TUR", 2014, "heroin"): 2.0,
        }

    def test_a_stray_byte_far_down_in_a_file(self, tmp_path):
        rows = [*ROWS * 400, old("Réunion", "2014-01-01", "Heroin", "1", "Kilogram", place="é")]
        one, _, other = text(rows).rpartition("Réunion")
        path = put(tmp_path, one.encode() + "Réunion".encode("cp1252") + other.encode("cp1252"))
        assert kilograms(opr.read_seizures(path))["REU", 2014, "heroin"] == 1.0

    @pytest.mark.parametrize("byte", ["é".encode("cp1252"), b"\x81"])
    @pytest.mark.parametrize("cells", [-3, 2])
    def test_a_row_of_another_length_that_is_not_utf_8(self, tmp_path, byte, cells):
        first, *rest = text(ROWS).splitlines(keepends=True)
        row = rest[0].rstrip("\n").split(";")
        row = row[:cells] if cells < 0 else [*row, *["x"] * cells]
        bad = ";".join(row).encode() + byte + b"\n"
        path = put(tmp_path, first.encode() + "".join(rest).encode() * 3000 + bad)
        said = f"a row with {len(row)} cells where its header has 16"
        for read in (opr.read_seizures, opr.read_itineraries):
            with pytest.raises(DataFileError, match=said) as refused:
                read(path)
            # The row may name a place.
            assert "South Asia" not in str(refused.value)

    def test_titles_above_and_columns_in_another_order(self, tmp_path):
        turned = [list(reversed(row)) for row in ROWS]
        whole = "Drug seizures, 2011-2016\n\n" + text(turned, list(reversed(OLD)), "\t")
        assert kilograms(opr.read_seizures(put(tmp_path, whole))) == pytest.approx(EXPECTED)

    def test_renamed_columns_are_no_longer_this_layout(self, tmp_path):
        header = ["WHEN" if name == "SEIZURE_DATE" else name for name in OLD]
        with pytest.raises(DataFileError, match="none of the layouts"):
            opr.read_seizures(put(tmp_path, text(ROWS, header)))
        header = ["ORIGIN" if name == "PRODUCING_COUNTRY" else name for name in OLD]
        path = put(tmp_path, text(ROWS, header))
        assert kilograms(opr.read_seizures(path)) == pytest.approx(EXPECTED)
        with pytest.raises(DataFileError, match="no columns for the countries"):
            opr.read_itineraries(path)

    def test_cut_off_files(self, tmp_path):
        whole = text(ROWS)
        with pytest.raises(DataFileError, match="a row with 12 cells where its header has 16"):
            opr.read_seizures(put(tmp_path, whole[: whole.index("Rail", len(whole) // 2)] + "\n"))
        path = tmp_path / "a.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.csv", text(ROWS * 50))
        content = path.read_bytes()
        with pytest.raises(DataFileError):
            opr.read_seizures(put(tmp_path, content[: len(content) // 2], "b.zip"))
        damaged = bytearray(content)
        damaged[200:260] = bytes(60)
        with pytest.raises(DataFileError):
            opr.read_seizures(put(tmp_path, bytes(damaged), "c.zip"))

    def test_nothing_in_it(self, tmp_path):
        for content in ("", " \n\n"):
            with pytest.raises(DataFileError, match="empty"):
                opr.read_seizures(put(tmp_path, content))
        for content in (text([]), text([]).strip()):
            with pytest.raises(DataFileError, match="a header and no records"):
                opr.read_seizures(put(tmp_path, content))
        with pytest.raises(DataFileError, match="a header and no records"):
            opr.read_seizures(workbook(tmp_path / "a.xlsx", {"2014": []}))

    def test_no_opiates_in_it(self, tmp_path):
        path = put(tmp_path, text(ROWS[7:8]))
        assert opr.read_seizures(path).empty
        assert opr.read_itineraries(path).empty

    def test_every_cell_that_cannot_be_read_is_listed(self, tmp_path):
        rows = [
            old("Atlantis", "2014-01-01", "Heroin", "1", "Gram"),
            old("Iran", "last May", "Heroin", "1", "Gram"),
            old("Iran", "2014-01-01", "Heroin", "-4", "Gram"),
            old("Iran", "2014-01-01", "Heroin", "some", "Gram"),
            old("Iran", "2014-01-01", "Heroin", "9e9", "Tonnes"),
            old("Iran", "2014-01-01", "Cocaine", "some", "Gram"),
        ]
        with pytest.raises(EvidenceError) as caught:
            opr.read_seizures(put(tmp_path, text(rows)))
        failures = caught.value.failures.sort_values("row")
        assert failures["row"].tolist() == [2, 3, 4, 5, 6]
        assert failures["column"].tolist() == ["country", "date", "amount", "amount", "amount"]

    def test_a_file_of_nothing_but_mistakes_stops_early(self, tmp_path):
        rows = [old("Iran", "2014-01-01", "Heroin", f"x{i}", "Gram") for i in range(2000)]
        with pytest.raises(EvidenceError, match="cannot be read"):
            opr.read_seizures(put(tmp_path, text(rows)))

    def test_records_that_lack_something_are_counted(self, tmp_path):
        rows = [
            old("Unknown", "2014-01-01", "Heroin", "1", "Gram"),
            old("Iran", "", "Heroin", "1", "Gram"),
            old("Iran", "2014-01-01", "Heroin", "", "Gram"),
            old("Iran", "2014-01-01", "Heroin", "1", "Litre"),
            old("Iran", "2014-01-01", "Heroin", "1", "Gram"),
        ]
        frame = opr.read_seizures(put(tmp_path, text(rows)))
        assert frame.attrs["set_aside"] == {
            "no country": 1,
            "no year": 1,
            "no amount": 1,
            "no weight: Litre": 1,
        }
        assert kilograms(frame) == {("IRN", 2014, "heroin"): 0.001}

    def test_a_broken_workbook(self, tmp_path):
        path = workbook(tmp_path / "a.xlsx", {"2014": ROWS})
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"][:400]
        broken = tmp_path / "b.xlsx"
        with zipfile.ZipFile(broken, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
        with pytest.raises(DataFileError):
            opr.read_seizures(broken)

    def test_commodity_is_for_tables_that_name_none(self, tmp_path):
        with pytest.raises(DataFileError, match="leave commodity= out"):
            opr.read_seizures(put(tmp_path, text(ROWS)), commodity="heroin")


CELLS = st.sampled_from(
    ["", "0", "1e308", "-1", "nan", "inf", "Iran", "Unknown", "2014-02-30", "3000", "Heroin", "x;y"]
) | st.text(max_size=8)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    header=st.lists(st.tuples(st.integers(0, 15), st.text(max_size=6)), max_size=2),
    cells=st.lists(st.tuples(st.integers(0, 10), st.integers(0, 15), CELLS), max_size=6),
    cut=st.integers(0, 60),
    form=st.tuples(
        st.sampled_from(";,\t|"), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    ),
)
def test_mutated_files_give_a_result_or_a_named_error(tmp_path, header, cells, cut, form):
    delimiter, encoding = form
    names = list(OLD)
    for place, name in header:
        names[place] = name
    rows = [list(row) for row in ROWS]
    for row, place, cell in cells:
        rows[row][place] = cell
    whole = text(rows, names, delimiter)
    content = whole[: len(whole) - cut].encode(encoding, errors="replace")
    path = put(tmp_path, content)
    for read in (opr.read_seizures, opr.read_itineraries):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", EvidenceWarning)
            try:
                frame = read(path)
            except OpiateRoutesError:
                continue
        assert not WITHIN & set(frame)
        kg = frame["best_kg" if "best_kg" in frame else "kg_heroin_equivalent"]
        assert kg.ge(0).all()
