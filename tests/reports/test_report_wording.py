import math
import re
import string
from importlib import resources

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from opiateroutes.errors import UnknownNameError
from opiateroutes.maps.static.flow_words import NOTICE, WORDS, words_in
from opiateroutes.reports.wording import LANGUAGES, wording

METHODS = [("**.py", "python"), ("**.jinja", "jinja2.ext:babel_extract")]
FOLDER = resources.files("opiateroutes.reports")


@pytest.fixture(scope="module")
def sentences():
    """Every sentence that a module or a template of the reports says."""
    found = extract_from_dir(str(FOLDER), METHODS, keywords={"say": None}, comment_tags=())
    return {message for _, _, message, _, _ in found}


def catalogue(language):
    with (FOLDER / "locale" / f"{language}.po").open("rb") as stream:
        return read_po(stream, locale=language)


def fields(text):
    return sorted({name for _, name, _, _ in string.Formatter().parse(text) if name is not None})


def test_sentences_are_found(sentences):
    assert {"Summary", "Table {number}.", "{low} to {high}"} <= sentences
    assert len(sentences) > 80


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != "en"])
def test_no_sentence_is_missing_doubtful_or_left_over(sentences, language):
    entries = [entry for entry in catalogue(language) if entry.id]
    assert {entry.id for entry in entries} == sentences
    assert not [entry.id for entry in entries if not entry.string or entry.fuzzy]


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != "en"])
def test_translations_take_the_same_values(language):
    for entry in catalogue(language):
        if entry.id:
            assert fields(entry.string) == fields(entry.id), entry.id


def test_french_has_french_marks():
    for entry in catalogue("fr"):
        assert not re.search(r" [:;?!%»]|'", entry.string), entry.string


def test_every_language_has_a_catalogue_and_no_other():
    files = {file.name for file in (FOLDER / "locale").iterdir()}
    assert files == {f"{name}.po" for name in LANGUAGES if name != "en"}


@pytest.mark.parametrize("language", ["de", "", "EN"])
def test_unknown_language_names_those_that_there_are(language):
    with pytest.raises(UnknownNameError, match="there are en, fr"):
        wording(language)


def test_sentence_that_no_catalogue_has():
    with pytest.raises(UnknownNameError, match=r"locale/fr.po lacks 'Good morning'"):
        wording("fr").say("Good morning")


@pytest.mark.parametrize(
    ("share", "english", "french"),
    [
        (0.2049, "20%", "20\xa0%"),
        (0.0994, "9.9%", "9,9\xa0%"),
        (0.0996, "10%", "10\xa0%"),
        (-0.0428, "−4.3%", "−4,3\xa0%"),
        (-0.0001, "0.0%", "0,0\xa0%"),
        (1.0, "100%", "100\xa0%"),
        (math.nan, "not known", "non connu"),
    ],
)
def test_percent(share, english, french):
    assert (wording("en").percent(share), wording("fr").percent(share)) == (english, french)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("share", [0.2049, 0.0994, 0.0996, 0.07, -0.0428, -0.0001, 1.0, 0.0])
def test_maps_and_reports_write_percentages_alike(language, share):
    assert words_in(language).percent(share) == wording(language).percent(share)


def test_maps_and_reports_use_the_same_french_terms():
    strings = {entry.id: entry.string for entry in catalogue("fr") if entry.id}
    words = words_in("fr")
    assert strings["Flows and chokepoints"] == "Flux et points de passage obligés"
    named = {"effort": "50\xa0%", "reaction": "1"}
    assert words.say("chokepoints_drop", **named).startswith("Points de passage obligés\xa0: ")
    everything = " ".join([*strings.values(), *WORDS["fr"].values(), *NOTICE["fr"].values()])
    # One term each: estimatif, intercepter, point de passage obligé.
    assert not re.search(r"estimée?s?\b|arrêt|[Pp]oints? critique", everything)
    assert not re.search(r" [:;?!%»]", everything)


@pytest.mark.parametrize(
    ("share", "text"),
    [(1.0, "over 99%"), (0.996, "over 99%"), (0.994, "99%"), (0.004, "under 1%"), (0.5, "50%")],
)
def test_no_probability_is_certain(share, text):
    assert wording().probability(share) == text


def test_probability_that_is_missing():
    assert wording().probability(math.nan) == "not known"


@pytest.mark.parametrize("kilograms", [375_000.0, 12.34, 0.0, -1234.0, 1_234_567.0, 999.6, 0.05])
def test_weights_as_everywhere_in_the_library(kilograms):
    from opiateroutes.units import format_kg

    # But for the space that does not break and the sign that is as long as a plus.
    written = wording().weight(kilograms).replace("\xa0", " ").replace("−", "-")
    assert written == format_kg(kilograms)


def test_weights_that_are_small_or_missing():
    assert wording("fr").weight(0.0002) == "moins de 0,001\xa0kg"
    assert wording().weight(math.nan) == "not known"
    assert wording().change(0.0) == "0\xa0kg"
    assert wording("fr").change(1500.0) == "+1,5\xa0t"


def test_numbers():
    assert wording().number(math.nan) == "not known"
    assert wording("fr").number(0.5, digits=2) == "0,50"
    assert wording("fr").number(12345.0).replace("\u202f", " ") == "12 345"
