"""The shipped seizures of acetic anhydride of one year."""

from __future__ import annotations

import pandas as pd

from opiateroutes.data import read_evidence_table
from opiateroutes.errors import UnknownNameError
from opiateroutes.evidence.origin import afghan_part
from opiateroutes.evidence.parameters import load_parameters
from opiateroutes.evidence.seizures import seized_heroin

__all__ = ["load_precursor_seizures"]

_PRECURSOR = "acetic_anhydride"


def load_precursor_seizures(year: int) -> pd.DataFrame:
    """Load the acetic anhydride seized in a year, as far as it was meant for Afghan heroin.

    Few countries report, and not in every year; a node without a row has not reported, or not to a
    publication at hand. The share meant for Afghan heroin is taken to be that of Afghan heroin in
    the heroin of the node, an assumption.

    Parameters
    ----------
    year
        Year wanted; there are seizures from 2006 on, for a few nodes each.

    Returns
    -------
    pandas.DataFrame
        ``node``, ``best_kg``, ``low_kg``, ``high_kg``, ``sd_kg``, ``source``, ``edition``,
        ``confidence``, ``note``; kilograms of the chemical. Nodes that reported zero are left out.

    Raises
    ------
    UnknownNameError
        If nothing was reported for the year.

    Examples
    --------
    >>> load_precursor_seizures(2018)["node"].tolist()
    ['TUR']
    """
    table = read_evidence_table("seizures")
    parameters = load_parameters()
    seized = seized_heroin(year, table, parameters, counted=[_PRECURSOR])
    seized = seized[seized["best_kg"] > 0]
    if seized.empty:
        years = sorted(table.loc[table["commodity"] == _PRECURSOR, "year"].unique())
        raise UnknownNameError(
            f"no seizure of acetic anhydride is known for {year}: there are some for "
            f"{', '.join(map(str, years))}"
        )
    rows = afghan_part(seized, parameters)
    return pd.DataFrame(rows[rows["best_kg"] > 0].reset_index(drop=True))
