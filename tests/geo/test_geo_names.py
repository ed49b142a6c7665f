"""The names in nine languages: complete, in their own script, and after United Nations usage."""

from __future__ import annotations

import csv
import shutil
import unicodedata
from importlib import metadata

import pytest
from tools.build_geo import names
from tools.build_geo.__main__ import main
from tools.build_geo.comparison import differing_files
from tools.build_geo.names import LANGUAGES, build_names, cldr_names, read_overrides
from tools.build_geo.sources import SourceError
from tools.build_geo.tables import read_records
from tools.build_geo.workspace import RULES, Workspace

TABLE = "country_names_languages.csv"
SCRIPTS = {
    "ar": "ARABIC",
    "en": "LATIN",
    "es": "LATIN",
    "fa": "ARABIC",
    "fa_AF": "ARABIC",
    "fr": "LATIN",
    "ps": "ARABIC",
    "ru": "CYRILLIC",
    "zh": "CJK",
}


@pytest.fixture(scope="module")
def rows(geo):
    return read_records(geo / TABLE)


@pytest.fixture(scope="module")
def table(rows):
    return {(row["iso3"], row["language"]): row["name"] for row in rows}


def test_every_area_has_a_name_in_every_language(geo, rows):
    areas = [row["iso3"] for row in read_records(geo / "country_names.csv")]
    wanted = sorted((code, language) for code in areas for language in LANGUAGES)
    assert [(row["iso3"], row["language"]) for row in rows] == wanted


def test_names_are_clean_text(rows):
    for row in rows:
        name = row["name"]
        assert name
        assert name == " ".join(name.split())
        assert name == unicodedata.normalize("NFC", name)
        assert not any(unicodedata.category(c) == "Cc" for c in name)


def test_every_source_is_one_that_is_documented(rows):
    assert {row["source"] for row in rows} == {"cldr", "un_names", "un_names_override"}
    assert all((row["source"] == "un_names") == (row["language"] == "en") for row in rows)


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_are_of_the_script_of_the_language(rows, language):
    for row in rows:
        if row["language"] == language:
            letters = [c for c in row["name"] if unicodedata.category(c).startswith("L")]
            assert letters
            foreign = [c for c in letters if not unicodedata.name(c).startswith(SCRIPTS[language])]
            assert not foreign, row


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_areas_share_a_name(rows, language):
    found = [row["name"] for row in rows if row["language"] == language]
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "IRN",
            {
                "ar": "إيران (جمهورية - الإسلامية)",
                "en": "Iran (Islamic Republic of)",
                "es": "Irán (República Islámica del)",
                "fa": "ایران",
                "fa_AF": "ایران",
                "fr": "Iran (République islamique d’)",
                "ru": "Иран (Исламская Республика)",
                "zh": "伊朗伊斯兰共和国",
            },
        ),
        (
            "TUR",
            {
                "ar": "تركيا",
                "en": "Türkiye",
                "es": "Türkiye",
                "fr": "Türkiye",
                "ru": "Турция",
                "zh": "土耳其",
            },
        ),
        (
            "MDA",
            {
                "ar": "جمهورية مولدوفا",
                "es": "República de Moldova",
                "fr": "République de Moldova",
                "ru": "Республика Молдова",
                "zh": "摩尔多瓦共和国",
            },
        ),
        (
            "SYR",
            {
                "ar": "الجمهورية العربية السورية",
                "es": "República Árabe Siria",
                "fr": "République arabe syrienne",
                "ru": "Сирийская Арабская Республика",
                "zh": "阿拉伯叙利亚共和国",
            },
        ),
        (
            "RUS",
            {
                "ar": "الاتحاد الروسي",
                "es": "Federación de Rusia",
                "fr": "Fédération de Russie",
                "ru": "Российская Федерация",
                "zh": "俄罗斯联邦",
            },
        ),
        (
            "TZA",
            {
                "ar": "جمهورية تنزانيا المتحدة",
                "es": "República Unida de Tanzanía",
                "fr": "République-Unie de Tanzanie",
                "ru": "Объединенная Республика Танзания",
                "zh": "坦桑尼亚联合共和国",
            },
        ),
        (
            "PRK",
            {
                "ar": "جمهورية كوريا الشعبية الديمقراطية",
                "es": "República Popular Democrática de Corea",
                "fr": "République populaire démocratique de Corée",
                "ru": "Корейская Народно-Демократическая Республика",
                "zh": "朝鲜民主主义人民共和国",
            },
        ),
        (
            "PSE",
            {
                "ar": "دولة فلسطين",
                "es": "Estado de Palestina",
                "fr": "État de Palestine",
                "ru": "Государство Палестина",
                "zh": "巴勒斯坦国",
            },
        ),
        (
            "GBR",
            {
                "ar": "المملكة المتحدة لبريطانيا العظمى وأيرلندا الشمالية",
                "es": "Reino Unido de Gran Bretaña e Irlanda del Norte",
                "fr": "Royaume-Uni de Grande-Bretagne et d’Irlande du Nord",
                "ru": "Соединенное Королевство Великобритании и Северной Ирландии",
                "zh": "大不列颠及北爱尔兰联合王国",
            },
        ),
        (
            "NLD",
            {
                "es": "Países Bajos (Reino de los)",
                "fr": "Pays-Bas (Royaume des)",
                "ru": "Нидерланды (Королевство)",
                "zh": "荷兰王国",
            },
        ),
        (
            "KGZ",
            {"es": "Kirguistán", "fr": "Kirghizistan", "ru": "Кыргызстан", "fa_AF": "قرقیزستان"},
        ),
        (
            "MMR",
            {"ar": "ميانمار", "es": "Myanmar", "fr": "Myanmar", "ru": "Мьянма", "fa": "میانمار"},
        ),
        ("XKX", {"ar": "كوسوفو", "fr": "Kosovo", "ru": "Косово", "zh": "科索沃", "ps": "کوسوو"}),
        ("BGR", {"fa": "بلغارستان", "fa_AF": "بلغاریا", "ps": "بلغاریه"}),
    ],
)
def test_names_are_those_of_the_united_nations_and_of_the_region(table, code, expected):
    assert {language: table[code, language] for language in expected} == expected


def test_a_rebuild_gives_what_is_committed(geo, tmp_path):
    work = Workspace(geo=tmp_path / "geo")
    shutil.copytree(geo, work.geo)
    (work.geo / TABLE).unlink()
    build_names(work)
    assert differing_files(geo, work.geo) == []


def test_check_on_the_command_line_passes(tmp_path):
    assert main(["--stage", "names", "--check", "--cache", str(tmp_path)]) == 0


def test_another_edition_of_babel_is_refused(monkeypatch):
    monkeypatch.setattr(metadata, "version", lambda _: "1.0")
    with pytest.raises(SourceError, match=r"pinned to babel \d.*but 1\.0 is installed"):
        names.require_pinned_babel()


def test_dari_inherits_from_persian():
    codes = ["AFG", "BEL", "XKX"]
    persian, dari = cldr_names("fa", codes), cldr_names("fa_AF", codes)
    assert persian["AFG"] == dari["AFG"]
    assert persian["BEL"] != dari["BEL"]
    assert set(dari) == set(codes)


@pytest.fixture
def base():
    return {"en": {"AFG": "Afghanistan", "ALB": "Albania"}, "fr": {"AFG": "Afghanistan"}}


def written(path, *lines):
    table = path / "rules.csv"
    table.write_text("\n".join(["iso3,language,name,note", *lines, ""]), encoding="utf-8")
    return table


def test_an_override_may_fill_a_gap(base, tmp_path):
    table = written(tmp_path, "ALB,fr,Albanie,none in CLDR")
    assert read_overrides(table, base) == {("ALB", "fr"): "Albanie"}


@pytest.mark.parametrize(
    "lines",
    [
        ["AFG,fr,Afghanistan,changes nothing"],
        ["AFG,fr,Afghanistan (l’),"],
        ["AFG,en,Afganistan,English is decided elsewhere"],
        ["AFG,de,Afghanistan,no such language"],
        ["XXX,fr,Nulle part,no such area"],
        ["AFG,fr,A,first", "AFG,fr,B,second"],
    ],
)
def test_an_override_that_cannot_be_meant_is_refused(base, tmp_path, lines):
    with pytest.raises(ValueError, match="doubled, unknown or needless"):
        read_overrides(written(tmp_path, *lines), base)


def test_an_area_without_a_name_is_refused(geo, tmp_path, monkeypatch):
    work = Workspace(geo=tmp_path)
    shutil.copy(geo / "country_names.csv", tmp_path)
    whole = names.cldr_names
    monkeypatch.setattr(
        names,
        "cldr_names",
        lambda language, codes: {
            code: name
            for code, name in whole(language, codes).items()
            if (language, code) != ("ps", "AFG")
        },
    )
    with pytest.raises(ValueError, match=r"no name for AFG in ps"):
        build_names(work)


def test_every_override_of_the_table_is_used(rows):
    used = {(row["iso3"], row["language"]) for row in rows if row["source"] == "un_names_override"}
    with (RULES / "un_names.csv").open(encoding="utf-8", newline="") as stream:
        assert {(row["iso3"], row["language"]) for row in csv.DictReader(stream)} == used
