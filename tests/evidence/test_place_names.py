from __future__ import annotations

import warnings

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opiateroutes.data import area_labels, country_names, read_evidence_table
from opiateroutes.errors import EvidenceError, EvidenceWarning, OpiateRoutesError
from opiateroutes.evidence.importers.former_names import WITHOUT_NODE, folded_place, present_names
from opiateroutes.evidence.place_names import NO_COUNTRY, find_place, resolve_places

UNITED_NATIONS = ("ar", "en", "es", "fr", "ru", "zh")


def codes(*names):
    return resolve_places(pd.Series(names), file="annex.xlsx", column="Country").tolist()


def test_every_code_is_its_own_name():
    for code in area_labels().index:
        assert find_place(code) == (code, None)
        assert find_place(code.lower()) == (code, None)


@pytest.mark.parametrize("language", [*UNITED_NATIONS, "fa", "fa_AF", "ps"])
def test_names_are_known_in_every_language(language):
    names = country_names(language)
    assert {code: find_place(name) for code, name in names.items()} == {
        code: (code, None) for code in names
    }


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Iran", "IRN"),
        ("Iran (Islamic Republic of)", "IRN"),
        ("Iran, Islamic Rep.", "IRN"),
        ("IRAN (ISLAMIC REPUBLIC OF) ", "IRN"),
        ("ir", "IRN"),
        ("Иран (Исламская Республика)", "IRN"),
        ("Turkey", "TUR"),
        ("TÜRKİYE", "TUR"),
        ("Côte d’Ivoire", "CIV"),
        ("Cote dIvoire", "CIV"),
        ("Viet-Nam", "VNM"),
        ("St. Lucia", "LCA"),
        ("Bosnia & Herzegovina", "BIH"),
        ("The former Yugoslav Republic of Macedonia", "MKD"),
        ("Korea, Dem. People's Rep.", "PRK"),
        ("Republic of Korea", "KOR"),
        ("Congo", "COG"),
        ("Democratic Republic of the Congo", "COD"),
        ("Niger", "NER"),
        ("Nigeria", "NGA"),
        ("Guinea-Bissau", "GNB"),
        ("Tajikistan*", "TJK"),
        ("Tajikistan 2", "TJK"),
        ("Tajikistan [a]", "TJK"),
        ("Kirghizstan", "KGZ"),
        ("Tadzhikistan", "TJK"),
    ],
)
def test_variants_of_published_files(name, code):
    assert find_place(name) == (code, None)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("KKK", "XKX"),
        ("XK", "XKX"),
        ("Kosovo", "XKX"),
        ("Kosovo under UNSCR 1244", "XKX"),
        ("GBR_E_W", "GBR"),
        ("United Kingdom (England and Wales)", "GBR"),
        ("Scotland", "GBR"),
        ("Northern Ireland", "GBR"),
        ("Ireland", "IRL"),
        ("Iraq (Kurdistan Region)", "IRQ"),
        ("China, Hong Kong SAR", "HKG"),
        ("China (Macao SAR)", "MAC"),
        ("China, Taiwan Province of China", "TWN"),
        ("State of Palestine", "PSE"),
        ("Réunion", "REU"),
        ("French Guiana", "GUF"),
        ("GLP", "GLP"),
    ],
)
def test_territories_and_areas_of_their_own(name, code):
    assert find_place(name) == (code, None)


def test_names_are_kept_in_one_place_and_stand_for_one_area():
    rows = read_evidence_table("place_names")
    listed = list(zip(rows["node"], rows["name"], strict=True))
    assert listed == sorted(set(listed))
    assert {find_place(name) == (node, None) for node, name in listed} == {True}
    areas = area_labels()
    official: dict[str, set[str]] = {}
    for code, labels in areas.iterrows():
        for name in (code, *labels):
            official.setdefault(folded_place(name), set()).add(code)
    for language in UNITED_NATIONS:
        for code, name in country_names(language).items():
            official.setdefault(folded_place(name), set()).add(code)
    for node, name in listed:
        assert official.get(folded_place(name), {node}) == {node}
    off_the_list = {folded_place(form) for pair in WITHOUT_NODE.items() for form in pair}
    assert not off_the_list & ({folded_place(name) for name in rows["name"]} | set(official))
    assert not set(WITHOUT_NODE.values()) & set(areas.index)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Congo, the Democratic Republic of the", "COD"),
        ("Korea, DPR", "PRK"),
        ("Korea, Democratic People's Republic of", "PRK"),
        ("KSV", "XKX"),
        ("Libyan Arab Jamahiriya", "LBY"),
        ("Macau (SAR of China)", "MAC"),
        ("Macedonia, the former Yugoslav Republic of", "MKD"),
    ],
)
def test_names_that_are_no_longer_official(name, code):
    assert find_place(name) == (code, None)


def test_states_that_no_longer_exist_have_no_code():
    states = ["USSR", "Yugoslavia (former)", "Serbia and Montenegro", "ANT", "Czechoslovakia"]
    present, bygone = present_names(pd.Series(states))
    assert present.isna().all()
    assert bygone.notna().all()
    assert {find_place(name)[0] for name in states} == {None}


@pytest.mark.parametrize(
    "name", ["Roman", "man", "Sun Island", "太阳SUN", "ANTаб", "Sunny", "Union"]
)
def test_no_name_is_found_inside_another(name):
    present, bygone = present_names(pd.Series([name]))
    assert present.tolist() == [name]
    assert bygone.isna().all()
    assert find_place(name)[0] is None


@pytest.mark.parametrize(
    ("name", "code", "read_as"),
    [
        ("Uzbekstan", "UZB", "Uzbekistan"),
        ("Kazahstan", "KAZ", "Kazakhstan"),
        ("Saudia Arabia", "SAU", "Saudi Arabia"),
        ("Venzuela", "VEN", "Venezuela"),
        ("Afghanisatn", "AFG", "Afghanistan"),
    ],
)
def test_misspellings_are_read_with_a_warning(name, code, read_as):
    with pytest.warns(EvidenceWarning, match=rf"annex\.xlsx: read '{name}' as {read_as}"):
        assert codes(name, "Iran") == [code, "IRN"]


def test_all_misspellings_stand_in_one_warning():
    with pytest.warns(EvidenceWarning, match=r"'Uzbekstan' as .*; 'Kazahstan' as") as told:
        codes("Uzbekstan", "Kazahstan", "Uzbekstan")
    assert len(told) == 1


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Ruritania", "did you mean 'Mauritania'?"),
        ("Austira", "did you mean 'Austria'?"),
        ("Irak", "did you mean 'Iraq'?"),
        ("Nigera", "did you mean 'Nigeria'?"),
        ("Korea", "did you mean 'Republic of Korea'?"),
        ("Qwxzj", "use an ISO 3166 code"),
    ],
)
def test_what_is_not_sure_is_an_error_that_offers_the_nearest(name, hint):
    with pytest.raises(EvidenceError) as refused:
        codes("Iran", name)
    (failure,) = refused.value.failures.to_dict("records")
    assert failure == {
        "table": "annex.xlsx",
        "row": 1,
        "column": "Country",
        "value": name,
        "rule": "no country of this name is known",
        "hint": hint,
    }


def test_all_unknown_names_are_told_at_once():
    with pytest.raises(EvidenceError, match=r"2 name\(s\) of countries") as refused:
        codes("Ruritania", "Iran", "Graustark", "Ruritania")
    assert refused.value.failures["row"].tolist() == [0, 2]
    assert isinstance(refused.value, OpiateRoutesError)


def test_blanks_and_words_for_nothing_are_missing_and_no_error():
    blanks = [None, "", "  ", float("nan"), pd.NA, "Unknown", "OTHER", "Multiple Countries"]
    found = resolve_places(pd.Series([*blanks, "-", "n.a."]), file="a", column="b")
    assert found.isna().all()
    assert found.dtype == "str"
    assert resolve_places(pd.Series([], dtype="object"), file="a", column="b").tolist() == []


def test_two_letters_that_mean_not_available_are_not_namibia():
    assert "na" in NO_COUNTRY
    assert pd.isna(codes("NA")[0])
    assert codes("Namibia", "NAM") == ["NAM", "NAM"]


def test_the_index_is_kept_even_if_it_repeats():
    names = pd.Series(["Iran", "Iraq"], index=[7, 7])
    found = resolve_places(names, file="a", column="b")
    assert found.index.tolist() == [7, 7]
    assert found.tolist() == ["IRN", "IRQ"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=30), st.none(), st.integers(), st.floats()), max_size=4))
def test_any_cells_give_codes_or_a_named_error(cells):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EvidenceWarning)
        try:
            found = resolve_places(pd.Series(cells, dtype="object"), file="a", column="b")
        except EvidenceError as error:
            unknown = set(error.failures["value"])
            assert unknown <= {str(cell).strip() for cell in cells}
        else:
            assert len(found) == len(cells)


# What stands in brackets may be left out, and "Saint Marin" alone is a name of San Marino.
@given(st.sampled_from([n for n in area_labels()["name"] if "(" not in n]), st.data())
def test_a_letter_left_out_never_gives_another_country_without_a_word(name, data):
    place = data.draw(st.integers(0, len(name) - 1))
    wrong = name[:place] + name[place + 1 :]
    code, guess = find_place(wrong)
    right = find_place(name)[0]
    assert code in (None, right) or guess is not None
