from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import opiateroutes as opr
from opiateroutes.data import data_path
from opiateroutes.errors import DataFileError, EvidenceError, OpiateRoutesError


def put(folder, rows, name="table.csv", encoding="utf-8", delimiter=","):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    path = folder / name
    path.write_bytes(out.getvalue().encode(encoding, errors="replace"))
    return path


def book(folder, sheets, name):
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    workbook.save(folder / name)
    return folder / name


def values(frame):
    place = ["node"] if "node" in frame else ["from_node", "to_node"]
    keys = [*place, "year", "covariate"]
    return {tuple(row[:-1]): row[-1] for row in frame[[*keys, "value"]].itertuples(index=False)}


HEADER = (
    "year,country_id_o,country_id_d,iso3_o,iso3_d,country_exists_o,country_exists_d,dist,distcap,"
    "distw_harmonic,contig,comlang_off,pop_o,gdp_o,tradeflow_baci"
)
GRAVITY = [
    line.split(",")
    for line in (
        HEADER,
        "2018,AFG,IRN,AFG,IRN,1,1,1611,1611,1500,1,0,37172.4,18353881,",
        "2019,AFG,IRN,AFG,IRN,1,1,1611,1611,1500,1,0,38041.8,18904502,14.5",
        "2019,AFG,SUN,AFG,SUN,1,0,3358,3358,3300,0,0,,,",
        "2019,ANT,IRN,ANT,IRN,1,1,9000,9000,9000,0,0,,,",
        "2019,DEU,TUR,DEU,TUR,1,1,2036.5,2036,2400,0,0,,,NA",
    )
]


def test_gravity_gives_the_latest_year_of_pairs(tmp_path):
    frame = opr.read_covariates(put(tmp_path, GRAVITY), source="cepii")
    assert list(frame) == ["from_node", "to_node", "year", "covariate", "value", "unit", "source"]
    found = values(frame)
    assert found["AFG", "IRN", 2019, "distance_km"] == 1611.0
    assert found["AFG", "IRN", 2019, "trade_thousand_usd"] == 14.5
    assert found["AFG", "IRN", 2019, "shared_border"] == 1.0
    assert ("DEU", "TUR", 2019, "trade_thousand_usd") not in found
    assert set(frame["from_node"]) == {"AFG", "DEU"}
    assert set(frame["year"]) == {2019}
    assert set(frame["source"]) == {"cepii"}
    assert frame.attrs["layout"].startswith("CEPII")
    assert frame.attrs["set_aside"] == {"pairs with a state that no longer exists": 1}
    assert frame.attrs["notes"] == ("the figures of 2019",)
    assert set(opr.read_covariates(put(tmp_path, GRAVITY), year=2018)["year"]) == {2018}
    with pytest.raises(DataFileError, match="no rows of 1900"):
        opr.read_covariates(put(tmp_path, GRAVITY), year=1900)


def test_gravity_zipped_and_as_a_workbook(tmp_path):
    expected = opr.read_covariates(put(tmp_path, GRAVITY))
    with zipfile.ZipFile(tmp_path / "g.zip", "w") as archive:
        archive.write(tmp_path / "table.csv", "Gravity_V202211.csv")
    pd.testing.assert_frame_equal(opr.read_covariates(tmp_path / "g.zip"), expected)
    path = book(tmp_path, {"Sheet 1": GRAVITY}, "gravity.xlsx")
    pd.testing.assert_frame_equal(opr.read_covariates(path), expected)


def test_geodist_has_no_years(tmp_path):
    rows = [["iso_o", "iso_d", "contig", "dist", "distw", "distwces"], ["AFG", "PAK", 1, 368, 9, 8]]
    path = book(tmp_path, {"dist_cepii": rows}, "dist_cepii.xlsx")
    frame = opr.read_covariates(path)
    assert frame["year"].isna().all()
    assert frame.set_index("covariate")["value"].to_dict() == {
        "distance_km": 368.0,
        "distance_weighted_harmonic_km": 8.0,
        "distance_weighted_km": 9.0,
        "shared_border": 1.0,
    }


def test_gravity_names_rows_that_cannot_be_read(tmp_path):
    rows = [*GRAVITY, [*GRAVITY[2][:7], "far", *GRAVITY[2][8:]]]
    with pytest.raises(EvidenceError) as caught:
        opr.read_covariates(put(tmp_path, rows))
    assert caught.value.failures[["row", "value"]].to_numpy().tolist() == [[7, "far"]]
    again = ["9999" if c == "1500" else c for c in GRAVITY[2]]
    with pytest.raises(EvidenceError, match="given twice and differs"):
        opr.read_covariates(put(tmp_path, [*GRAVITY, again]))


WORLD_BANK = [
    [
        "Country Name",
        "Country Code",
        "Indicator Name",
        "Indicator Code",
        "2019",
        "2020",
        "2021",
        "",
    ],
    [
        "Germany",
        "DEU",
        "GDP per capita (current US$)",
        "NY.GDP.PCAP.CD",
        "46805.1",
        "46749.4",
        "",
        "",
    ],
    ["Kosovo", "XKX", "GDP per capita (current US$)", "NY.GDP.PCAP.CD", "4416.0", "..", "", ""],
    ["World", "WLD", "GDP per capita (current US$)", "NY.GDP.PCAP.CD", "11400", "10900", "", ""],
    ["Iran, Islamic Rep.", "IRN", "Net migration", "SM.POP.NETM", "-39998", "-39998", "", ""],
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_world_bank_csv(tmp_path, encoding):
    above = [
        ["Data Source", "World Development Indicators", ""],
        [],
        ["Last Updated Date", "2024-01-01"],
        [],
    ]
    frame = opr.read_covariates(put(tmp_path, [*above, *WORLD_BANK], encoding=encoding))
    assert values(frame) == {
        ("DEU", 2019, "NY.GDP.PCAP.CD"): 46805.1,
        ("DEU", 2020, "NY.GDP.PCAP.CD"): 46749.4,
        ("XKX", 2019, "NY.GDP.PCAP.CD"): 4416.0,
        ("IRN", 2019, "SM.POP.NETM"): -39998.0,
        ("IRN", 2020, "SM.POP.NETM"): -39998.0,
    }
    assert frame.set_index("covariate")["unit"].to_dict() == {
        "NY.GDP.PCAP.CD": "current US$",
        "SM.POP.NETM": "as published",
    }
    assert frame.attrs["set_aside"] == {"groups of countries and states that no longer exist": 1}


def test_world_bank_workbook_and_one_year(tmp_path):
    header = [int(c) if c.isdigit() else c or None for c in WORLD_BANK[0]]
    sheets = {
        "Data": [["Data Source", "WDI"], ["Last Updated Date"], [], header, *WORLD_BANK[1:]],
        "Metadata - Countries": [["Country Code", "Region"], ["DEU", "Europe"]],
    }
    frame = opr.read_covariates(book(tmp_path, sheets, "API.xlsx"), year=2020)
    assert set(frame["year"]) == {2020}
    assert len(frame) == 2


LPI = [
    ["Economy", "LPI Score", "LPI Grouped Rank", "Customs Score", "Tracking and Tracing Score"],
    ["Singapore", 4.3, 1, 4.2, 4.4],
    ["Egypt, Arab Rep.", 3.1, 57, 2.8, 3.2],
    ["Hong Kong SAR, China", 4.0, 7, 3.8, None],
]


def test_logistics_has_a_sheet_a_year(tmp_path):
    sheets = {"2018": [["International LPI"], *LPI[:2]], "2023": LPI, "Notes": [["Economy"]]}
    frame = opr.read_covariates(book(tmp_path, sheets, "International_LPI_from_2007_to_2023.xlsx"))
    found = values(frame)
    assert found["SGP", 2018, "lpi_score"] == 4.3
    assert found["EGY", 2023, "lpi_customs_score"] == 2.8
    assert found["HKG", 2023, "lpi_grouped_rank"] == 7.0
    assert ("HKG", 2023, "lpi_tracking_and_tracing_score") not in found
    assert frame.set_index("covariate")["unit"].to_dict()["lpi_grouped_rank"] == "rank"


def test_a_year_is_asked_for_where_nothing_names_it(tmp_path):
    path = put(tmp_path, LPI)
    with pytest.raises(DataFileError, match="give year="):
        opr.read_covariates(path)
    assert set(opr.read_covariates(path, year=2016)["year"]) == {2016}
    with pytest.raises(EvidenceError, match="must lie in 0 to 5"):
        opr.read_covariates(put(tmp_path, [*LPI, ["Chad", 42, 1, 1, 1]]), year=2016)
    with pytest.raises(EvidenceError, match="Atlantis"):
        opr.read_covariates(put(tmp_path, [*LPI, ["Atlantis", 1, 1, 1, 1]]), year=2016)


CPI = [
    ["Country / Territory", "ISO3", "Region", "CPI score 2023", "Rank", "Standard error"],
    ["Denmark", "DNK", "WE/EU", 90, 1, 0.9],
    ["Kosovo", "KSV", "ECA", 41, 83, 1.5],
]
SERIES = [
    ["Country / Territory", "ISO3", "CPI score 2023", "Rank 2023", "CPI score 2022", "Rank 2022"],
    ["Denmark", "DNK", 90, 1, 89, 1],
    ["Kosovo", "KSV", 41, 83, 41, 84],
]


def test_corruption_index_and_its_series(tmp_path):
    title = [["Corruption Perceptions Index 2023: Global Scores"], [], []]
    sheets = {"CPI 2023": [*title, *CPI], "CPI Timeseries 2012 - 2023": [*title[:2], *SERIES]}
    frame = opr.read_covariates(book(tmp_path, sheets, "CPI2023_Global_Results__Trends.xlsx"))
    score, rank = "corruption_perceptions_score", "corruption_perceptions_rank"
    assert values(frame) == {
        ("DNK", 2023, score): 90.0,
        ("DNK", 2022, score): 89.0,
        ("XKX", 2023, score): 41.0,
        ("XKX", 2022, score): 41.0,
        ("DNK", 2023, rank): 1.0,
        ("DNK", 2022, rank): 1.0,
        ("XKX", 2023, rank): 83.0,
        ("XKX", 2022, rank): 84.0,
        ("DNK", 2023, "corruption_perceptions_standard_error"): 0.9,
        ("XKX", 2023, "corruption_perceptions_standard_error"): 1.5,
    }
    assert frame.attrs["set_aside"] == {"figures that an earlier sheet has": 4}


def test_corruption_index_of_2024_turns_the_words_round(tmp_path):
    header = ["Country / Territory", "ISO3", "CPI 2024 score", "Rank"]
    frame = opr.read_covariates(put(tmp_path, [header, ["Denmark", "DNK", "90", "1"]]))
    assert set(frame["year"]) == {2024}


CRIME = [
    ["Continent", "Region", "Country", "Criminality avg,", "Heroin trade", "State-embedded actors",
     " Resilience avg,"],
    ["Asia", "Southern Asia", "Afghanistan", "7.1", "9.5", "8.5", "1.5"],
    ["Asia", "South-Eastern Asia", "Lao PDR", "6.1", "7,5", "8", "3"],
]  # fmt: skip


def test_organized_crime_index(tmp_path):
    path = put(tmp_path, CRIME, "global_oc_index_2023.csv")
    frame = opr.read_covariates(path)
    found = values(frame)
    assert found["AFG", 2023, "oci_heroin_trade"] == 9.5
    assert found["LAO", 2023, "oci_heroin_trade"] == 7.5
    assert found["AFG", 2023, "oci_resilience"] == 1.5
    assert {"oci_criminality", "oci_state_embedded_actors"} < set(frame["covariate"])
    sheets = {"2021_dataset": CRIME, "2023_dataset": CRIME}
    frame = opr.read_covariates(book(tmp_path, sheets, "global_oc_index.xlsx"))
    assert set(frame["year"]) == {2021, 2023}
    with pytest.raises(DataFileError, match="give year="):
        opr.read_covariates(put(tmp_path, CRIME))


def test_unknown_files_and_empty_ones(tmp_path):
    with pytest.raises(DataFileError, match="none of the layouts of covariates"):
        opr.read_covariates(put(tmp_path, [["a", "b"], [1, 2]]))
    for header in (GRAVITY[:1], WORLD_BANK[:1], CPI[:1], LPI[:1], CRIME[:1]):
        with pytest.raises(DataFileError, match=r"no rows|no figures"):
            opr.read_covariates(put(tmp_path, header), year=2019)
    for content in (b"", b"\n\n"):
        (tmp_path / "table.csv").write_bytes(content)
        with pytest.raises(DataFileError, match="empty"):
            opr.read_covariates(tmp_path / "table.csv")
    path = put(tmp_path, GRAVITY)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DataFileError, match="a row with"):
        opr.read_covariates(path)


@pytest.mark.parametrize("table", ["covariates", "pair_covariates"])
def test_the_dictionary_describes_the_columns(tmp_path, table):
    with data_path("evidence/dictionary.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    shared = {row["column"]: row for row in rows if row["table"] == "*"}
    described = [
        row if row["type"] else shared[row["column"]] for row in rows if row["table"] == table
    ]
    content = GRAVITY if table == "pair_covariates" else WORLD_BANK
    frame = opr.read_covariates(put(tmp_path, content))
    assert [row["column"] for row in described] == list(frame)
    types = {"text": "str", "integer": "Int64", "number": "float64"}
    assert {row["column"]: types[row["type"]] for row in described} == {
        column: str(dtype) for column, dtype in frame.dtypes.items()
    }
    for row in described:
        assert row["required"] != "yes" or frame[row["column"]].notna().all()


CELLS = st.sampled_from(
    ["", "-1", "..", "NA", "2019", "DEU", "iso3_o", "score", "1e400", "Country"]
) | st.text(max_size=6)


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    table=st.sampled_from([GRAVITY, WORLD_BANK, LPI, CPI, SERIES, CRIME]),
    cells=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 14), CELLS), max_size=5),
    cut=st.integers(0, 60),
)
@pytest.mark.filterwarnings("ignore::opiateroutes.errors.EvidenceWarning")
def test_mutated_files_give_a_result_or_a_named_error(tmp_path, table, cells, cut):
    rows = [list(row) for row in table]
    for row, place, cell in cells:
        row_of = rows[row % len(rows)]
        row_of[place % len(row_of)] = cell
    path = Path(put(tmp_path, rows))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) - cut])
    for year in (None, 2019):
        try:
            frame = opr.read_covariates(path, year=year)
        except OpiateRoutesError:
            continue
        assert frame["value"].notna().all()
