"""A user's folder of evidence: what an import writes, and what a load makes of it."""

import openpyxl
import pandas as pd
import pytest

import opiateroutes as opr
from opiateroutes.errors import DataFileError, EvidenceError, EvidenceWarning, OutputError
from opiateroutes.evidence.importers.reading import read_file
from opiateroutes.evidence.user_folder import import_into, read_folder, source_id


def annex(path, rows):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Drug seizures, 2020-2024"])
    sheet.append(["Region", "SubRegion", "Country", "DrugGroup", "DrugSubGroup", "DrugName",
                  "Reference year", "Kilograms", "msCode"])  # fmt: skip
    for country, drug, year, kg, code in rows:
        sheet.append(["Asia", "x", country, "Opioids", "x", drug, year, kg, code])
    book.save(path)
    return path


@pytest.fixture
def file(tmp_path):
    rows = [
        ("Iran (Islamic Republic of)", "Heroin", 2023, 9_000, "IRN"),
        ("Iran (Islamic Republic of)", "Heroin", 2024, 8_000, "IRN"),
        ("Iran (Islamic Republic of)", "Heroin", 2024, 1_000, "IRN"),
        ("Türkiye", "Heroin", 2024, 7_000, "TUR"),
    ]
    return annex(tmp_path / "7.1_Drug_seizures_2020-2024.xlsx", rows)


def put(file, folder, **about):
    imported = read_file(file, source=source_id(file.name))
    return import_into(folder, imported, path=file, **about)


def test_an_import_writes_the_table_and_its_source(file, tmp_path):
    written = put(file, tmp_path / "mine", publisher="UNODC")
    assert [path.name for path in written] == ["seizures.csv", "sources.csv"]
    folder = read_folder(tmp_path / "mine")
    assert folder.tables["seizures"]["best_kg"].tolist() == [9000.0, 9000.0, 7000.0]
    source = folder.sources.loc["7_1_drug_seizures_2020_2024"]
    assert source["publisher"] == "UNODC"
    assert source["year"] == 2026
    assert "7.1_Drug_seizures_2020-2024.xlsx, sha256" in source["obtained"]


def test_importing_twice_changes_nothing(file, tmp_path):
    folder = tmp_path / "mine"
    put(file, folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    put(file, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_second_file_joins_and_a_new_version_replaces_its_own_rows(file, tmp_path):
    folder = tmp_path / "mine"
    put(file, folder)
    put(annex(tmp_path / "b.xlsx", [("Oman", "Heroin", 2024, 5, "OMN")]), folder)
    annex(file, [("Türkiye", "Heroin", 2024, 7_500, "TUR")])
    put(file, folder)
    table = read_folder(folder).tables["seizures"].set_index("node")["best_kg"]
    assert table.to_dict() == {"OMN": 5.0, "TUR": 7500.0}


def test_own_figures_go_before_shipped_ones_and_this_is_shown(file, tmp_path):
    put(file, tmp_path / "mine")
    shipped = opr.load_evidence(2023)
    own = opr.load_evidence(2023, paths=[tmp_path / "mine"])
    rows = own.seizures.loc["seizure:IRN"], shipped.seizures.loc["seizure:IRN"]
    assert rows[0]["best_kg"] != rows[1]["best_kg"]
    assert "7_1_drug_seizures_2020_2024" in rows[0]["source"]
    assert "7_1_drug_seizures_2020_2024" in own.sources.index
    gone = own.replaced.set_index("cell").loc[["IRN | 2023 | heroin"]]
    assert (gone["kept"] == 9000.0).all()
    assert shipped.replaced.empty


def test_a_year_that_does_not_ship_can_be_brought(file, tmp_path):
    put(file, tmp_path / "mine")
    evidence = opr.load_evidence(2024, paths=[tmp_path / "mine"])
    assert evidence.year == 2024
    fit = opr.estimate_flows(opr.load_network(), evidence)
    assert fit.certificate.gap <= 1e-10
    with pytest.raises(opr.errors.UnknownNameError, match=r"2005 to 2023, those of the folders 20"):
        opr.load_evidence(2025, paths=[tmp_path / "mine"])


def test_folders_that_are_none_are_refused(tmp_path):
    with pytest.raises(DataFileError, match="no evidence folder"):
        opr.load_evidence(2010, paths=[tmp_path / "nowhere"])
    with pytest.raises(DataFileError, match="holds no evidence table"):
        opr.load_evidence(2010, paths=[tmp_path])


def test_a_table_that_breaks_its_rules_is_refused_with_every_row(file, tmp_path):
    folder = tmp_path / "mine"
    put(file, folder)
    table = pd.read_csv(folder / "seizures.csv", dtype=str)
    table.loc[0, "best_kg"], table.loc[1, "commodity"] = "about 3", "tea"
    table.to_csv(folder / "seizures.csv", index=False)
    with pytest.raises(EvidenceError) as caught:
        read_folder(folder)
    assert set(caught.value.failures["value"]) == {"about 3", "tea"}


def test_rows_without_a_known_source_are_refused(file, tmp_path):
    folder = tmp_path / "mine"
    put(file, folder)
    text = (folder / "seizures.csv").read_text(encoding="utf-8")
    (folder / "seizures.csv").write_text(
        text.replace("7_1_drug_seizures_2020_2024", "hearsay", 1), encoding="utf-8"
    )
    with pytest.raises(EvidenceError, match="sources table lacks"):
        read_folder(folder)


def test_doubtful_figures_warn_or_are_refused(tmp_path):
    file = annex(
        tmp_path / "odd.xlsx",
        [("Oman", "Heroin", 2022, 5, "OMN"), ("Oman", "Heroin", 2023, 5_000, "OMN")],
    )
    put(file, tmp_path / "mine")
    with pytest.warns(EvidenceWarning, match="1,000 times the figure of 2022"):
        read_folder(tmp_path / "mine")
    with pytest.raises(EvidenceError, match="doubtful"):
        opr.load_evidence(2023, paths=[tmp_path / "mine"], strict=True)


def test_parquet_tables_do_as_well(file, tmp_path):
    folder = tmp_path / "mine"
    put(file, folder)
    table = read_folder(folder).tables["seizures"]
    (folder / "seizures.csv").unlink()
    table.to_parquet(folder / "seizures.parquet", index=False)
    pd.testing.assert_frame_equal(read_folder(folder).tables["seizures"], table)
    put(annex(tmp_path / "b.xlsx", [("Oman", "Heroin", 2024, 5, "OMN")]), folder)
    assert len(read_folder(folder).tables["seizures"]) == len(table) + 1
    assert not (folder / "seizures.csv").exists()


def test_one_table_in_two_formats_is_refused(file, tmp_path):
    folder = tmp_path / "mine"
    put(file, folder)
    read_folder(folder).tables["seizures"].to_parquet(folder / "seizures.parquet")
    with pytest.raises(DataFileError, match="keep one"):
        read_folder(folder)


def test_a_folder_that_cannot_be_made_is_one_clear_error(file, tmp_path):
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot make the folder"):
        put(file, tmp_path / "taken")
