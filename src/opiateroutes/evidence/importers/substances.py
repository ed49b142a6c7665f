"""What publications call opiates and their precursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opiateroutes.evidence.importers.headers import folded

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["commodity_of"]

_COMMODITIES = {
    "heroin": "heroin",
    "heroinbase": "heroin",
    "heroinno3": "heroin",
    "heroinno4": "heroin",
    "diacetylmorphine": "heroin",
    "opium": "opium",
    "opiumraw": "opium",
    "opiumprepared": "opium",
    "rawopium": "opium",
    "opiumrawandprepared": "opium",
    "morphine": "morphine",
    "illicitmorphine": "morphine",
    "morphinebase": "morphine",
    "aceticanhydride": "acetic_anhydride",
}
"""Other opiates (acetylated opium, poppy straw, poppy plants, liquid opium) have no accepted
conversion and are left out by name; so are pharmaceutical opioids."""


def commodity_of(names: pd.Series) -> pd.Series:
    """Read the names of substances as commodities of the schema; missing for all others.

    Examples
    --------
    >>> import pandas as pd
    >>> commodity_of(pd.Series(["Illicit morphine", "Cannabis herb"])).tolist()
    ['morphine', nan]
    """
    known = {name: _COMMODITIES.get(folded(name)) for name in names.dropna().unique()}
    commodities: pd.Series = names.map(known).astype("str")
    return commodities.where(names.map(known).notna())
