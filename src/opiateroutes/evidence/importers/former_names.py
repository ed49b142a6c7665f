"""States that no longer exist, and areas that published files name and the list of areas lacks."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BYGONE", "WITHOUT_NODE", "folded_place", "present_names"]

_BYGONE = {
    "ant": "Netherlands Antilles",
    "netherlandsantilles": "Netherlands Antilles",
    "formernetherlandsantilles": "Netherlands Antilles",
    "csk": "Czechoslovakia",
    "czechoslovakia": "Czechoslovakia",
    "ddr": "German Democratic Republic",
    "germandemocraticrepublic": "German Democratic Republic",
    "scg": "Serbia and Montenegro",
    "serbiaandmontenegro": "Serbia and Montenegro",
    "serbiaandmontenegroformer": "Serbia and Montenegro",
    "sun": "USSR",
    "ussr": "USSR",
    "ussrformer": "USSR",
    "formerussr": "USSR",
    "unionofsovietsocialistrepublics": "USSR",
    "yug": "Yugoslavia",
    "yugoslavia": "Yugoslavia",
    "formeryugoslavia": "Yugoslavia",
    "yugoslaviaformer": "Yugoslavia",
}

BYGONE = tuple(dict.fromkeys(_BYGONE.values()))
"""States that no present country stands for; their figures are set aside by name."""

WITHOUT_NODE = {
    "Bonaire, Sint Eustatius and Saba": "BES",
    "Bouvet Island": "BVT",
    "Caribbean Netherlands": "BES",
    "French Guiana": "GUF",
    "Guadeloupe": "GLP",
    "Holy See": "VAT",
    "Martinique": "MTQ",
    "Mayotte": "MYT",
    "Réunion": "REU",
    "Svalbard and Jan Mayen Islands": "SJM",
    "Vatican City": "VAT",
}
"""Areas of ISO 3166 that published files have and the list of areas lacks: one of them must not
keep a whole file from being read. Other names of areas stand in ``evidence/place_names.csv``."""


def folded_place(name: str) -> str:
    """Return the name of a place without case, marks, spaces and punctuation.

    Letters of every script are kept: a name is never found inside a longer one.

    Examples
    --------
    >>> folded_place("Côte d’Ivoire"), folded_place("St. Kitts & Nevis"), folded_place("Roman")
    ('cotedivoire', 'saintkittsandnevis', 'roman')
    """
    text = unicodedata.normalize("NFKD", name).casefold()
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = re.sub(r"\bst\b\.?", "saint", text).replace("&", "and")
    return re.sub(r"[\W_]+", "", text)


_PARTS = {folded_place(name): code for name, code in WITHOUT_NODE.items()}


def present_names(names: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Find states that no longer exist, and areas that the list of areas lacks.

    Parameters
    ----------
    names
        As published.

    Returns
    -------
    names : pandas.Series
        With codes for areas that the list lacks; missing where the state no longer exists.
    bygone : pandas.Series
        The state that no longer exists, missing elsewhere.

    Examples
    --------
    >>> import pandas as pd
    >>> present, bygone = present_names(pd.Series(["Réunion", "USSR", "Iran"]))
    >>> present.tolist(), bygone.tolist()
    (['REU', None, 'Iran'], [None, 'USSR', None])
    """
    present, bygone = [], []
    for name in names:
        key = "" if name is None or name != name else folded_place(str(name))  # noqa: PLR0124 - NaN
        gone = _BYGONE.get(key)
        bygone.append(gone)
        present.append(None if gone else _PARTS.get(key, name))
    return names.__class__(present, index=names.index, dtype="object"), names.__class__(
        bygone, index=names.index, dtype="object"
    )
