from __future__ import annotations

import zipfile
from pathlib import Path

import pandas as pd
import pyarrow.csv as pacsv
import pytest
from seizure_records import (
    EXPECTED,
    NEW,
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
from opiateroutes.errors import DataFileError, EvidenceError, EvidenceWarning
from opiateroutes.evidence import load_parameters
from opiateroutes.evidence.importers import record_sums, workbook_rows

REAL = Path(__file__).parents[3] / "shared/real/ids2011_2016.zip"


def test_sums_by_country_year_and_substance(tmp_path):
    frame = opr.read_seizures(put(tmp_path, text(ROWS)))
    assert kilograms(frame) == pytest.approx(EXPECTED)
    assert frame.attrs["layout"] == "UNODC individual drug seizures"
    assert frame.attrs["set_aside"] == {
        "other substances": 1,
        "no weight: Tablet": 1,
        "no weight: no unit": 1,
    }
    assert set(frame["edition"]) == {2017}
    assert set(frame["confidence"]) == {"medium"}


def test_itineraries_are_codes_or_missing(tmp_path):
    path = put(tmp_path, text(ROWS))
    with pytest.warns(EvidenceWarning, match="1 records linked with India name Namibia"):
        frame = opr.read_itineraries(path)
    assert list(frame) == [
        "producing",
        "departure",
        "seized",
        "destination",
        "year",
        "commodity",
        "cases",
        "kg_heroin_equivalent",
    ]
    rows = frame.set_index(["seized", "year"])
    turkey = rows.loc[("TUR", 2015)]
    assert turkey[["producing", "departure", "destination"]].isna().all()
    ratio = load_parameters().get("opium_per_heroin").best
    assert turkey["kg_heroin_equivalent"] == pytest.approx(85 / ratio)
    assert rows.at[("CZE", 2015), "cases"] == 2
    assert rows.at[("CZE", 2015), "destination"] == "CZE"
    assert rows.at[("IRN", 2014), "kg_heroin_equivalent"] == 3.0
    assert rows["producing"].dropna().unique().tolist() == ["AFG"]
    assert pd.isna(rows.at[("KAZ", 2016), "departure"])
    assert frame.attrs["set_aside"]["acetic anhydride, which has no heroin equivalent"] == 1
    assert f"{ratio:g} to 1" in frame.attrs["notes"][0]
    assert "Namibia" in frame.attrs["notes"][1]


def test_namibia_stays_where_india_is_not_named(tmp_path):
    row = old("South Africa", "2014-01-01", "Heroin", "1", "Kilogram", "Namibia", "", "Namibia")
    assert opr.read_itineraries(put(tmp_path, text([row])))["producing"].tolist() == ["NAM"]


def test_itineraries_make_a_network(tmp_path):
    net = opr.network_from_itineraries(itineraries(put(tmp_path, text(ROWS))))
    assert "IRN" in net.nodes.index


def test_a_zipped_table_is_the_table(tmp_path):
    path = tmp_path / "extract.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("seizures.csv", text(ROWS))
        archive.writestr("__MACOSX/seizures.csv", b"\x00")
    assert kilograms(opr.read_seizures(path)) == pytest.approx(EXPECTED)


def test_a_workbook_with_a_sheet_a_year(tmp_path):
    sheets = {year: [r for r in ROWS if r[5].startswith(year)] for year in ("2014", "2015", "2016")}
    sheets["About"] = []
    path = workbook(tmp_path / "DS Report 2011-2016.xlsx", sheets, title=[["Individual seizures"]])
    whole = put(tmp_path, text(ROWS))
    pd.testing.assert_frame_equal(opr.read_seizures(path), opr.read_seizures(whole))
    pd.testing.assert_frame_equal(itineraries(path), itineraries(whole))


def test_a_failure_in_a_workbook_names_sheet_and_row(tmp_path):
    rows = [*ROWS[:2], old("Iran", "2014-01-01", "Heroin", "a lot", "Gram")]
    path = workbook(tmp_path / "x.xlsx", {"2014": rows}, title=[[], ["title"], []])
    with pytest.raises(EvidenceError) as caught:
        opr.read_seizures(path)
    failure = caught.value.failures.iloc[0]
    assert failure["table"].endswith("sheet 2014")
    assert (failure["row"], failure["value"]) == (7, "a lot")


def present(*cells):
    """Date, country, code, drug, quantity, unit."""
    date, country, code, drug, quantity, unit = cells
    rest = ["Some town", "Some province", "Road", "Car", "IDS", "Web"]
    return [date, country, code, "South-West Asia", "Asia", drug, quantity, unit, *rest]


@pytest.mark.parametrize("date", ["2023-05-01", "01/05/2023", "5.1.2023", "2023-05-01 00:00:00"])
def test_the_present_extract(tmp_path, date):
    rows = [
        present(date, "Iran (Islamic Republic of)", "IRN", "Heroin", "1,250.5", "Gram"),
        present(date, "Misspeltistan", "TJK", "Opium", "2", "Kilograms"),
    ]
    frame = opr.read_seizures(put(tmp_path, text(rows[:1], NEW, ",")))
    assert kilograms(frame) == {("IRN", 2023, "heroin"): 1.2505}
    with pytest.raises(EvidenceError, match="Misspeltistan"):
        opr.read_seizures(put(tmp_path, text(rows, NEW, ",")))


def test_dates_and_numbers_of_a_workbook(tmp_path):
    moment = pd.Timestamp(2023, 5, 1).to_pydatetime()
    rows = [present(moment, "Tajikistan", "TJK", "Opium", 2.25, "Kilogram"), []]
    path = workbook(tmp_path / "IDS-data-2023-2026.xlsx", {"2023": rows}, NEW)
    assert kilograms(opr.read_seizures(path)) == {("TJK", 2023, "opium"): 2.25}


def test_the_present_extract_has_no_itineraries(tmp_path):
    path = put(tmp_path, text([present("2023-05-01", "Iran", "IRN", "Heroin", "1", "g")], NEW))
    with pytest.raises(DataFileError, match="no columns for the countries of production"):
        opr.read_itineraries(path)
    book = workbook(tmp_path / "new.xlsx", {"2023": []}, NEW)
    with pytest.raises(DataFileError, match="no columns for the countries of production"):
        opr.read_itineraries(book)
    with pytest.raises(DataFileError, match="no extract of individual"):
        opr.read_itineraries(put(tmp_path, "a,b\n1,2\n"))


class TestPlaces:
    """Names of places within countries are neither asked for nor handed on."""

    @pytest.fixture
    def asked(self, monkeypatch):
        asked = []
        open_csv = pacsv.open_csv

        def spy(stream, **options):
            asked.extend(options["convert_options"].include_columns)
            return open_csv(stream, **options)

        monkeypatch.setattr(pacsv, "open_csv", spy)
        return asked

    def test_the_reader_is_not_asked_for_places(self, tmp_path, asked):
        rows = [old(*ROWS[0][2:3], "2014-01-01", "Heroin", "1", "Gram", place="Secret Street 5")]
        path = put(tmp_path, text(rows))
        frames = [opr.read_seizures(path), opr.read_itineraries(path)]
        assert set(asked) == {
            "country",
            "date",
            "substance",
            "amount",
            "unit",
            "producing",
            "departure",
            "destination",
        }
        for frame in frames:
            assert not WITHIN & set(frame)
            assert "Secret" not in frame.to_csv() + repr(frame.attrs)

    def test_a_sheet_gives_only_what_is_wanted(self, tmp_path, monkeypatch):
        seen = []
        batch = workbook_rows._batch
        monkeypatch.setattr(
            workbook_rows, "_batch", lambda *args: seen.append(batch(*args)) or seen[-1]
        )
        opr.read_seizures(workbook(tmp_path / "a.xlsx", {"2014": ROWS}))
        assert {name for b in seen for name in b.schema.names} == {
            "country",
            "date",
            "substance",
            "amount",
            "unit",
        }

    def test_errors_do_not_quote_places(self, tmp_path):
        whole = text(
            [old("Iran", "2014-01-01", "Heroin", "1", "Gram", place="Secret Street 5")] * 9
        )
        path = put(tmp_path, whole[: whole.rindex("Secret") + 8])
        with pytest.raises(DataFileError) as caught:
            opr.read_seizures(path)
        assert "Secret" not in str(caught.value)


@pytest.fixture(scope="module")
def by_pandas():
    if not REAL.exists():
        pytest.skip("the published extract is not at hand")
    table = pd.read_csv(REAL, sep=";", dtype="str", keep_default_na=False)
    names = {
        "Heroin": "heroin",
        "Heroin Base": "heroin",
        "Opium": "opium",
        "Morphine": "morphine",
        "Acetic Anhydride": "acetic_anhydride",
    }
    table["commodity"] = table["DRUG_NAME"].map(names)
    table = table[table["commodity"].notna()]
    kg = table["DRUG_UNIT"].map({"Kilogram": 1.0, "Gram": 1e-3, "Ton": 1e3})
    litres = table["DRUG_UNIT"].map({"Litre": 1.08, "Millilitre": 1.08e-3})
    kg = kg.fillna(litres.where(table["commodity"] == "acetic_anhydride"))
    table["kg"] = pd.to_numeric(table["AMOUNT"], errors="coerce") * kg
    table["year"] = table["SEIZURE_DATE"].str[:4].astype("int64")
    return table[table["kg"].notna()]


def test_the_published_extract_equals_plain_pandas(by_pandas):
    frame = opr.read_seizures(REAL)
    mine = frame.groupby(["commodity", "year"])["best_kg"].sum()
    theirs = by_pandas.groupby(["commodity", "year"])["kg"].sum()
    pd.testing.assert_series_equal(mine, theirs, check_names=False, check_index_type=False)
    iran = frame[(frame["node"] == "IRN")].groupby("commodity")["best_kg"].sum()
    named = by_pandas[by_pandas["COUNTRY"] == "Iran, Islamic Republic of"]
    assert iran.to_dict() == pytest.approx(named.groupby("commodity")["kg"].sum().to_dict())
    assert frame.attrs["set_aside"]["other substances"] == 280_856


def test_the_published_itineraries_equal_plain_pandas(by_pandas):
    with pytest.warns(EvidenceWarning, match="92 records linked with India name Namibia"):
        frame = opr.read_itineraries(REAL)
    opiates = by_pandas[by_pandas["commodity"] != "acetic_anhydride"]
    ratio = load_parameters().get("opium_per_heroin").best
    kg = opiates["kg"] / opiates["commodity"].map({"opium": ratio}).fillna(1.0)
    assert frame["cases"].sum() == len(opiates)
    assert frame["kg_heroin_equivalent"].sum() == pytest.approx(kg.sum())
    wanted = opiates["DEPARTURE_COUNTRY"].eq("Tajikistan")
    mine = frame[frame["departure"] == "TJK"]
    assert mine["cases"].sum() == wanted.sum()
    assert mine["kg_heroin_equivalent"].sum() == pytest.approx(kg[wanted].sum())
    assert not frame["producing"].eq("NAM").any()


@pytest.mark.skipif(not REAL.exists(), reason="the published extract is not at hand")
def test_the_published_extract_is_the_same_out_of_core(monkeypatch):
    small = opr.read_seizures(REAL)
    monkeypatch.setattr(record_sums, "MOST_BYTES_IN_MEMORY", 10)
    pd.testing.assert_frame_equal(opr.read_seizures(REAL), small, check_exact=True)
