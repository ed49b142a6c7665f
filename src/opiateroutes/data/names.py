"""Names of countries and areas in nine languages."""

from __future__ import annotations

import csv
import functools
from types import MappingProxyType
from typing import TYPE_CHECKING

from opiateroutes.data.catalogue import nearest
from opiateroutes.data.resolver import data_path
from opiateroutes.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

__all__ = ["area_labels", "country_names"]

_ALIASES = {"prs": "fa_AF"}
"""Dari has a code of its own in ISO 639-3; CLDR treats it as Persian of Afghanistan."""


@functools.cache
def _names_by_language() -> Mapping[str, Mapping[str, str]]:
    names: dict[str, dict[str, str]] = {}
    path = data_path("geo/country_names_languages.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            names.setdefault(row["language"], {})[row["iso3"]] = row["name"]
    return MappingProxyType(names)


def country_names(language: str = "en") -> dict[str, str]:
    """Return the names of all countries and areas in one language.

    Parameters
    ----------
    language
        ``"ar"``, ``"en"``, ``"es"``, ``"fr"``, ``"ru"``, ``"zh"`` (names after United Nations
        usage), ``"fa"`` (Persian), ``"fa_AF"`` or ``"prs"`` (Dari), ``"ps"`` (Pashto).

    Returns
    -------
    dict of str to str
        Names by ISO 3166 code with three letters (``"XKX"``: Kosovo), for every row of
        ``geo/countries.parquet``.

    Raises
    ------
    UnknownNameError
        If there are no names in that language.

    Examples
    --------
    >>> country_names("es")["DEU"]
    'Alemania'
    >>> country_names()["IRN"]
    'Iran (Islamic Republic of)'
    """
    names = _names_by_language()
    key = _ALIASES.get(language, language)
    if key not in names:
        known = sorted([*names, *_ALIASES])
        raise UnknownNameError(
            f"no country names in language {language!r}{nearest(language, known)}; "
            f"there are {', '.join(known)}"
        )
    return dict(names[key])


def area_labels() -> pd.DataFrame:
    """Return the English names of countries and areas: in full, and short for a map.

    Examples
    --------
    >>> area_labels().loc["IRN"].tolist()
    ['Iran (Islamic Republic of)', 'Iran']
    """
    import pandas as pd

    table = pd.read_csv(data_path("geo/country_names.csv"), keep_default_na=False)
    return table.set_index("iso3")[["name", "short_name"]]
