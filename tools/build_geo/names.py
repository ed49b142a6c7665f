"""Build the country names in nine languages: CLDR, changed to follow United Nations usage."""

from __future__ import annotations

import json
import logging
from importlib import metadata
from typing import TYPE_CHECKING

import pandas as pd
from babel import Locale
from babel.core import get_global
from tools.build_geo.sources import LOCK_FILE, SourceError
from tools.build_geo.tables import read_records, write_table
from tools.build_geo.workspace import RULES, Workspace

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

log = logging.getLogger(__name__)

ENGLISH = "en"
LANGUAGES = ("ar", ENGLISH, "es", "fa", "fa_AF", "fr", "ps", "ru", "zh")
"""The six languages of the United Nations, and Persian, Dari (``fa_AF``) and Pashto."""

SOURCE_OF_BASE = "cldr"
SOURCE_OF_ENGLISH = "un_names"
SOURCE_OF_OVERRIDES = "un_names_override"
"""What the column ``source`` says; the same identifiers stand in the lock and the manifest."""

UNLISTED_TERRITORIES = {"XKX": "XK"}
"""CLDR knows the three-letter codes of ISO 3166; this one is not among them."""


def build_names(work: Workspace) -> None:
    """Write ``country_names_languages.csv``.

    Parameters
    ----------
    work : Workspace
        Folders of the build; ``country_names.csv`` gives the areas and their English names.
    """
    require_pinned_babel()
    english = {row["iso3"]: row["name"] for row in read_records(work.geo / "country_names.csv")}
    base = {language: cldr_names(language, english) for language in LANGUAGES}
    overrides = read_overrides(RULES / "un_names.csv", base)
    rows = [
        (code, language, *_name(code, language, english, base, overrides))
        for code in english
        for language in LANGUAGES
    ]
    table = pd.DataFrame(rows, columns=["iso3", "language", "name", "source"])
    write_table(table, work.geo / "country_names_languages.csv", sort_by=["iso3", "language"])
    log.info("names: %d rows, of which %d overrides", len(table), len(overrides))


def require_pinned_babel() -> None:
    """Refuse another edition of Babel than the pinned one: it carries another edition of CLDR.

    Raises
    ------
    SourceError
        If the installed version is not the one in the lock.
    """
    rows = json.loads(LOCK_FILE.read_text(encoding="utf-8"))["hand_tables"]
    pinned = next(row["version"] for row in rows if row["source"] == SOURCE_OF_BASE)
    found = metadata.version("babel")
    if found != pinned:
        message = (
            f"the names are pinned to babel {pinned}, but {found} is installed: install {pinned}, "
            "or pin the new edition in sources.lock.json and review the names that change"
        )
        raise SourceError(message)


def cldr_names(language: str, codes: Collection[str]) -> dict[str, str]:
    """Return the names that CLDR has for areas; Dari inherits from Persian what it does not change.

    Parameters
    ----------
    language : str
        Locale identifier, one of ``LANGUAGES``.
    codes : collection of str
        ISO 3166 codes with three letters.

    Returns
    -------
    dict of str to str
        Names by code; an area without a name is left out.
    """
    aliases = get_global("territory_aliases")
    territories = Locale.parse(language).territories
    found = {}
    for code in codes:
        territory = UNLISTED_TERRITORIES.get(code) or aliases[code][0]
        if territory in territories:
            found[code] = territories[territory]
    return found


def read_overrides(path: Path, base: Mapping[str, Mapping[str, str]]) -> dict[tuple[str, str], str]:
    """Return the names that go before those of CLDR, by code and language.

    Parameters
    ----------
    path : Path
        Table with the columns ``iso3``, ``language``, ``name`` and ``note``.
    base : mapping of str to mapping of str to str
        The names of CLDR by language and code.

    Returns
    -------
    dict of (str, str) to str
        Names by code and language.

    Raises
    ------
    ValueError
        If a row is doubled, has no reason, is for an unknown area or language, is for English
        (which ``country_names.csv`` decides), or changes nothing.
    """
    overrides: dict[tuple[str, str], str] = {}
    for row in read_records(path):
        key = row["iso3"], row["language"]
        known = row["language"] in base and row["iso3"] in base[ENGLISH]
        useful = known and base[row["language"]].get(row["iso3"]) != row["name"]
        if key in overrides or row["language"] == ENGLISH or not (useful and row["note"]):
            message = f"{path.name}: the row for {', '.join(key)} is doubled, unknown or needless"
            raise ValueError(message)
        overrides[key] = row["name"]
    return overrides


def _name(
    code: str,
    language: str,
    english: Mapping[str, str],
    base: Mapping[str, Mapping[str, str]],
    overrides: Mapping[tuple[str, str], str],
) -> tuple[str, str]:
    """Return the name of an area in a language, and where it comes from."""
    if language == ENGLISH:
        return english[code], SOURCE_OF_ENGLISH
    if (code, language) in overrides:
        return overrides[code, language], SOURCE_OF_OVERRIDES
    if code in base[language]:
        return base[language][code], SOURCE_OF_BASE
    message = f"CLDR has no name for {code} in {language}: give one in un_names.csv, with a note"
    raise ValueError(message)
