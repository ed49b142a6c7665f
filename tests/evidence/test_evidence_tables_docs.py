from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from opiateroutes.data import EVIDENCE_TABLES, load_sources, read_evidence_table

PAGE = (Path(__file__).parents[2] / "docs" / "evidence.md").read_text(encoding="utf-8")


def section(title):
    return PAGE.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def table(title):
    lines = [line for line in section(title).splitlines() if line.startswith("| `")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def test_every_table_is_listed_with_its_rows_and_purpose():
    expected = [
        [name, f"{len(read_evidence_table(name)):,}", what]
        for name, what in EVIDENCE_TABLES.items()
    ]
    assert [row[:3] for row in table("Tables")] == expected


def test_rows_by_source_are_as_counted():
    counts = {source: Counter() for source in load_sources().index}
    for name in EVIDENCE_TABLES:
        if name != "sources":
            for keys in read_evidence_table(name)["source"]:
                for key in keys.split("; "):
                    counts[key][name] += 1
    expected = {
        source: ", ".join(f"{name} {n:,}" for name, n in sorted(counted.items()))
        for source, counted in counts.items()
    }
    written = {row[0]: row[3] for row in table("Rows by source")}
    assert written == expected
    assert [row[0] for row in table("Rows by source")] == sorted(expected)


def test_publishers_and_years_are_those_of_the_list():
    sources = load_sources()
    for source, publisher, year, _ in table("Rows by source"):
        assert publisher == sources.loc[source, "publisher"]
        assert year == str(sources.loc[source, "year"]).replace("<NA>", "")


@pytest.mark.parametrize(
    "words",
    [
        "Flows onward",
        "revised in the World Drug Report 2012",
        "Wholesale prices of heroin before 2018",
        "Cultivation by province",
        "Acetic anhydride",
        "Seizures of 2024",
    ],
)
def test_what_is_missing_is_said(words):
    assert words in section("Gaps")


def test_numbers_of_the_text_are_as_counted():
    prices, seizures = (read_evidence_table(name) for name in ("prices", "seizures"))
    note = prices["note"].fillna("")
    doubtful = section("Doubtful figures that are kept")
    assert f"{note.str.contains('unit doubtful').sum()} prices suggest" in doubtful
    assert f"{note.str.contains('wrong order|of its bounds').sum()} prices have" in doubtful
    precursor = seizures[seizures["commodity"] == "acetic_anhydride"]
    said = f"{len(precursor)} figures of {precursor['node'].nunique()} countries"
    assert said in section("Gaps")


def test_every_table_and_parameter_that_the_text_names_exists():
    named = set(re.findall(r"`([a-z_]+)`", PAGE.split("## Rows by source")[0]))
    columns = {column for name in EVIDENCE_TABLES for column in read_evidence_table(name)}
    parameters = set(read_evidence_table("parameters")["parameter"])
    assert named <= {*EVIDENCE_TABLES, *columns, *parameters}


def test_the_text_tells_what_is_kept_and_not_corrected():
    assert "33,100 ha lies outside its own bounds, 15,500 to 27,500 ha" in PAGE
    assert "XKX for Kosovo" in PAGE
