"""From what publications call a country to its code.

Codes, the names of the United Nations in nine languages, and the variants that published files use
are read as they are. A misspelling is read as the one name that it is very close to, with a
warning; anything else is an error that offers the nearest.
"""

from __future__ import annotations

import csv
import difflib
import functools
import re
import warnings
from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.data import area_labels, country_names, data_path
from opiateroutes.errors import EvidenceError, EvidenceWarning
from opiateroutes.evidence.importers.former_names import WITHOUT_NODE, folded_place

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NO_COUNTRY", "find_place", "resolve_places"]

NO_COUNTRY = frozenset(
    {"", "unknown", "other", "others", "multiplecountries", "various", "notspecified", "na", "nan"}
)
"""Folded entries that stand for no country at all."""

_LANGUAGES = ("ar", "en", "es", "fr", "ru", "zh", "fa", "fa_AF", "ps")
_CLOSE = 0.9
_MARGIN = 0.04
_SHORTEST_TO_GUESS = 5


@functools.cache
def _codes() -> Mapping[str, str]:
    """Codes by folded name; a name that two areas share is not in it."""
    found: dict[str, set[str]] = {}
    labels = area_labels()
    pairs = [(name, str(code)) for code, row in labels.iterrows() for name in (code, *row)]
    pairs += [(name, code) for lang in _LANGUAGES for code, name in country_names(lang).items()]
    pairs += [(form, code) for name, code in WITHOUT_NODE.items() for form in (name, code)]
    with data_path("evidence/place_names.csv").open(encoding="utf-8", newline="") as stream:
        aliases = [(row["name"], row["node"]) for row in csv.DictReader(stream)]
    for name, code in pairs:
        for form in {str(name), str(name).partition("(")[0]}:
            found.setdefault(folded_place(form), set()).add(code)
    unique = {name: next(iter(codes)) for name, codes in found.items() if len(codes) == 1}
    unique.pop("", None)
    return unique | {folded_place(name): code for name, code in aliases}


def find_place(name: str) -> tuple[str | None, str | None]:
    """Find the code of a country by name or code.

    Parameters
    ----------
    name
        As published.

    Returns
    -------
    code : str or None
        ISO 3166-1 alpha-3, ``XKX`` for Kosovo; None if the name is not known.
    guess : str or None
        The name that a misspelling was read as, or the nearest name if there is no code.

    Examples
    --------
    >>> find_place("Iran (Islamic Republic of)"), find_place("Uzbekstan")
    (('IRN', None), ('UZB', 'Uzbekistan'))
    """
    codes = _codes()
    key = folded_place(name)
    # Footnote marks and territories stand in brackets or behind an asterisk.
    for candidate in (key, folded_place(re.sub(r"[\(\[*].*", "", name)), key.rstrip("0123456789")):
        if candidate in codes:
            return codes[candidate], None
    close = difflib.get_close_matches(key, codes, n=5, cutoff=0.6)
    if not close:
        return None, None
    labels = area_labels()["short_name"]
    best = codes[close[0]]
    score = difflib.SequenceMatcher(None, key, close[0]).ratio()
    rivals = [
        difflib.SequenceMatcher(None, key, other).ratio() for other in close if codes[other] != best
    ]
    sure = score >= _CLOSE and score - max(rivals, default=0.0) >= _MARGIN
    if sure and len(key) >= _SHORTEST_TO_GUESS:
        return best, str(labels.get(best, best))
    return None, str(labels.get(best, best))


def resolve_places(names: pd.Series, *, file: str, column: str) -> pd.Series:
    """Replace the names of countries by codes.

    Parameters
    ----------
    names
        Names or codes; the index tells rows in messages.
    file, column
        Where they come from, for messages.

    Returns
    -------
    pandas.Series
        Codes; missing where a cell is empty or says that no country is known.

    Raises
    ------
    EvidenceError
        With every name that is not known, and the nearest.

    Warns
    -----
    EvidenceWarning
        If misspellings were read as what they are close to.

    Examples
    --------
    >>> resolve_places(pd.Series(["Türkiye", "KKK"]), file="a.csv", column="Country").tolist()
    ['TUR', 'XKX']
    """
    text = names.astype("object").map(lambda value: "" if pd.isna(value) else str(value).strip())
    code_of: dict[str, str | None] = {}
    failures, guessed = [], []
    for name in text.unique():
        if folded_place(name) in NO_COUNTRY:
            code_of[name] = None
            continue
        code, guess = find_place(name)
        code_of[name] = code
        if code is None:
            rows = text.index[text == name]
            hint = f"did you mean {guess!r}?" if guess else "use an ISO 3166 code"
            rule = "no country of this name is known"
            failures.append((file, rows[0], column, name, rule, hint))
        elif guess:
            guessed.append(f"{name!r} as {guess}")
    if failures:
        columns = ["table", "row", "column", "value", "rule", "hint"]
        raise EvidenceError(
            f"{len(failures)} name(s) of countries are not known",
            pd.DataFrame(failures, columns=columns),
        )
    if guessed:
        warnings.warn(f"{file}: read {'; '.join(guessed)}", EvidenceWarning, stacklevel=3)
    return text.map(code_of).astype("str").where(text.map(code_of).notna())
