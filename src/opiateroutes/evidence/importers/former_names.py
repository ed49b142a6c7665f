"""Names and codes of areas that published files still carry, and states that no longer exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opiateroutes.evidence.importers.headers import folded

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BYGONE", "present_names"]

_PRESENT = {
    "congothedemocraticrepublicofthe": "COD",
    "koreademocraticpeoplesrepublicof": "PRK",
    "koreadpr": "PRK",
    "ksv": "XKX",
    "libyanarabjamahiriya": "LBY",
    "macausarofchina": "MAC",
    "macedoniatheformeryugoslavrepublicof": "MKD",
}
"""Names that ISO 3166 had between 2011 and 2016; KSV is Kosovo in the index of corruption."""

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

_PARTS = {
    "frenchguiana": "GUF",
    "guadeloupe": "GLP",
    "martinique": "MTQ",
    "mayotte": "MYT",
    "reunion": "REU",
}
"""Overseas departments of France, which agencies list on their own."""


def present_names(names: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Replace old names by present codes, and find states that no longer exist.

    Parameters
    ----------
    names
        As published.

    Returns
    -------
    names : pandas.Series
        With codes for old names; missing where the state no longer exists.
    bygone : pandas.Series
        The state that no longer exists, missing elsewhere.

    Examples
    --------
    >>> import pandas as pd
    >>> present, bygone = present_names(pd.Series(["Libyan Arab Jamahiriya", "USSR", "Iran"]))
    >>> present.tolist(), bygone.tolist()
    (['LBY', None, 'Iran'], [None, 'USSR', None])
    """
    known = _PRESENT | _PARTS
    present, bygone = [], []
    for name in names:
        key = folded(name)
        gone = _BYGONE.get(key)
        bygone.append(gone)
        present.append(None if gone else known.get(key, name))
    return names.__class__(present, index=names.index, dtype="object"), names.__class__(
        bygone, index=names.index, dtype="object"
    )
