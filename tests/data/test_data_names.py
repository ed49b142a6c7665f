from __future__ import annotations

import csv

import pytest

from opiateroutes.data import country_names, data_path
from opiateroutes.errors import UnknownNameError

LANGUAGES = ("ar", "en", "es", "fa", "fa_AF", "fr", "ps", "ru", "zh")


def english_rows():
    with data_path("geo/country_names.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_english_is_what_is_given_without_asking():
    assert country_names() == country_names("en")
    assert country_names() == {row["iso3"]: row["name"] for row in english_rows()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_names_every_country(language):
    assert list(country_names(language)) == [row["iso3"] for row in english_rows()]
    assert all(country_names(language).values())


def test_prs_is_dari():
    assert country_names("prs") == country_names("fa_AF")
    assert country_names("prs") != country_names("fa")


@pytest.mark.parametrize(
    ("language", "name"),
    [("ar", "أفغانستان"), ("es", "Afganistán"), ("fa", "افغانستان"), ("ru", "Афганистан")],
)
def test_afghanistan(language, name):
    assert country_names(language)["AFG"] == name


def test_changing_the_names_changes_them_for_nobody_else():
    country_names("fr")["AFG"] = "changed"
    assert country_names("fr")["AFG"] == "Afghanistan"


@pytest.mark.parametrize(
    ("language", "said"),
    [("fa_af", "did you mean 'fa_AF'"), ("fra", "did you mean 'fr'"), ("german", "there are ar, ")],
)
def test_an_unknown_language_offers_the_nearest_and_all(language, said):
    with pytest.raises(UnknownNameError, match=said):
        country_names(language)


def test_an_unknown_language_is_a_key_error():
    with pytest.raises(KeyError, match="no country names in language 'xx'; there are"):
        country_names("xx")
