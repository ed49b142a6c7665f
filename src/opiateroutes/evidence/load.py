"""The shipped evidence of one year, ready for an estimate."""

from __future__ import annotations

import pandas as pd

from opiateroutes.data import load_sources, read_evidence_table
from opiateroutes.errors import UnknownNameError
from opiateroutes.evidence.demand import consumed_heroin
from opiateroutes.evidence.evidence import Evidence
from opiateroutes.evidence.origin import afghan_part
from opiateroutes.evidence.parameters import load_parameters
from opiateroutes.evidence.priors import shipped_priors
from opiateroutes.evidence.seizures import latest_edition, seized_heroin
from opiateroutes.evidence.supply import supply_of

__all__ = ["YEARS", "load_evidence"]

YEARS = range(2005, 2024)
"""Years for which seizures and a supply ship."""

_CONFIDENCE = ("low", "medium", "high")


def load_evidence(year: int, *, min_confidence: str = "medium") -> Evidence:
    """Load the shipped evidence on Afghan heroin for one year.

    Supply is a published export, or derived from published harvests (`Evidence.steps` shows how).
    Seizures are those of heroin and morphine, newest edition of each cell. Demand is prevalence x
    population x use per user. Seizures and demand are scaled by the share of Afghan heroin, an
    assumption by subregion with a wide interval. What happens inside a country of supply is already
    taken off its supply.

    Parameters
    ----------
    year
        2005 to 2023.
    min_confidence
        Published flows below this confidence are left out (``"low"``, ``"medium"``, ``"high"``);
        by default those whose method is not known do not enter.

    Returns
    -------
    Evidence
        In kilograms of heroin; rows about countries outside of a network are set aside when the
        evidence is used.

    Raises
    ------
    UnknownNameError
        If there is no evidence for the year, or no such confidence.

    Examples
    --------
    >>> evidence = load_evidence(2008)
    >>> float(evidence.supply["best_kg"].iloc[0])
    375000.0
    """
    if year not in YEARS or int(year) != year:
        raise UnknownNameError(
            f"no evidence for {year}: the shipped years are {YEARS.start} to {YEARS.stop - 1}"
        )
    if min_confidence not in _CONFIDENCE:
        raise UnknownNameError(
            f"no confidence {min_confidence!r}; there are {', '.join(_CONFIDENCE)}"
        )
    parameters = load_parameters()
    seizures = read_evidence_table("seizures")
    prevalence, population, consumption = (
        read_evidence_table(table) for table in ("prevalence", "population", "consumption")
    )
    consumed = consumed_heroin(year, prevalence, population, consumption, parameters)
    seized = seized_heroin(year, seizures, parameters)
    supply, steps = supply_of(
        year, read_evidence_table("supply"), _domestic(consumed, seized), parameters
    )
    at_home = supply["node"].tolist()
    demand, seizure_rows = (
        afghan_part(figures.drop(index=at_home, errors="ignore"), parameters)
        for figures in (consumed, seized)
    )
    return Evidence.from_tables(
        supply=supply,
        demand=demand[demand["best_kg"] > 0],
        seizures=seizure_rows,
        flows=_flows(year, min_confidence),
        groups=read_evidence_table("groups").groupby("group")["node"].agg(list).to_dict(),
        priors=shipped_priors(sorted(parameters.subregions)),
        sources=load_sources(),
        year=year,
        outside="skip",
        steps=steps,
    )


def _domestic(consumed: pd.DataFrame, seized: pd.DataFrame) -> pd.DataFrame:
    both = pd.concat([consumed[["best_kg", "sd_kg"]], seized[["best_kg", "sd_kg"]]])
    variance = (both["sd_kg"] ** 2).groupby(level=0).sum()
    return pd.DataFrame({"best_kg": both["best_kg"].groupby(level=0).sum(), "sd_kg": variance**0.5})


def _flows(year: int, min_confidence: str) -> pd.DataFrame:
    table = read_evidence_table("flows")
    enough = _CONFIDENCE[_CONFIDENCE.index(min_confidence) :]
    rows = table[
        (table["year"] == year)
        & (table["commodity"] == "heroin")
        & table["confidence"].isin(enough)
    ]
    rows = latest_edition(rows, ["row"])
    return rows.rename(columns={"from_group": "from_node", "to_group": "to_node"})
