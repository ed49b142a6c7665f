"""The shipped evidence of one year, ready for an estimate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.data import load_sources, read_evidence_table
from opiateroutes.errors import UnknownNameError
from opiateroutes.evidence.by_commodity import by_commodity
from opiateroutes.evidence.demand import A_USER, consumed_heroin
from opiateroutes.evidence.evidence import Evidence
from opiateroutes.evidence.merging import CELLS, merged
from opiateroutes.evidence.origin import afghan_part, origin_steps
from opiateroutes.evidence.parameters import load_parameters
from opiateroutes.evidence.priors import shipped_priors
from opiateroutes.evidence.seizures import latest_edition, seized_heroin
from opiateroutes.evidence.shared_causes import shared_causes
from opiateroutes.evidence.supply import supply_causes, supply_of
from opiateroutes.evidence.user_folder import read_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from opiateroutes.evidence.parameters import Parameters
    from opiateroutes.evidence.user_folder import EvidenceFolder

__all__ = ["YEARS", "load_evidence"]

YEARS = range(2005, 2024)
"""Years for which seizures and a supply ship."""

_NONE = pd.DataFrame({"year": []})
_CONFIDENCE = ("low", "medium", "high")
_ONE_EDITION = ("population", "prevalence")


def load_evidence(
    year: int,
    *,
    paths: Sequence[str | Path] = (),
    min_confidence: str = "medium",
    strict: bool = False,
    commodities: Sequence[str] | None = None,
    harvests: int | None = None,
    edition: int | None = None,
) -> Evidence:
    """Load the evidence on Afghan heroin for one year: what ships, and what a user has brought.

    Supply is a published export, or derived from published harvests (`Evidence.steps` shows how).
    Seizures are those of heroin and morphine, newest edition of each cell. Demand is prevalence x
    population x use per user. Seizures and demand are scaled by the share of Afghan heroin, an
    assumption by subregion with a wide interval. `Evidence.shared` lists the spread that several
    figures owe to one assumption. What happens inside a country of supply is already taken off its
    supply.

    Parameters
    ----------
    year
        2005 to 2023, or a year for which a folder has seizures.
    paths
        Evidence folders (see ``opiateroutes evidence import``). Figures of a later folder go before
        those of an earlier one, and any folder goes before what ships; within one origin the newest
        edition of a cell counts. ``Evidence.replaced`` lists what gave way.
    min_confidence
        Published flows below this confidence are left out (``"low"``, ``"medium"``, ``"high"``);
        by default those whose method is not known do not enter.
    strict
        Turn warnings about doubtful figures of the folders into errors.
    commodities
        Some of ``"opium"``, ``"morphine"`` and ``"heroin"``, for an estimate with the same argument
        (see `estimate_flows`): each figure then says which of them it is about, in kilograms of it.
        Opium has its seizures, its published consumption and a supply; of morphine there are
        seizures only. None by default: heroin, with the morphine seized.
    edition
        Only supply, seizures, flows and published consumption of editions up to this year, as they
        stood then; rows without an edition stay. Prevalence and population stay too: they ship in
        one edition. None by default: the newest edition of each cell, whenever it came out.

    Returns
    -------
    Evidence
        In kilograms of heroin, or of each commodity; rows about countries outside of a network are
        set aside when the evidence is used.

    Raises
    ------
    UnknownNameError
        If there is no evidence for the year, no such confidence or no such commodity.
    DataFileError
        If a folder is missing or holds no evidence.
    EvidenceError
        If a table of a folder breaks its rules.
    ValueError
        If ``harvests`` is not a whole number of at least 1.

    Examples
    --------
    >>> evidence = load_evidence(2008)
    >>> float(evidence.supply["best_kg"].iloc[0])
    375000.0
    >>> [int(load_evidence(2023, harvests=n).supply["best_kg"].iloc[0] / 1000) for n in (1, 3)]
    [17, 232]
    """
    if min_confidence not in _CONFIDENCE:
        raise UnknownNameError(
            f"no confidence {min_confidence!r}; there are {', '.join(_CONFIDENCE)}"
        )
    folders = [read_folder(path, strict=strict) for path in paths]
    tables, replaced = _merged_tables(folders, edition)
    own_years = {int(y) for f in folders for y in f.tables.get("seizures", _NONE)["year"]}
    if year not in YEARS and year not in own_years:
        raise UnknownNameError(
            f"no evidence for {year}: the shipped years are {YEARS.start} to {YEARS.stop - 1}"
            + (f", those of the folders {', '.join(map(str, sorted(own_years)))}" if paths else "")
        )
    parameters = _with_harvests(load_parameters(), harvests)
    consumed, demand_steps = consumed_heroin(
        year, tables["prevalence"], tables["population"], tables["consumption"], parameters
    )
    seized = seized_heroin(year, tables["seizures"], parameters)
    supply, steps = supply_of(year, tables["supply"], _domestic(consumed, seized), parameters)
    if supply.empty:
        raise UnknownNameError(f"no supply is known for {year}: bring a table of supply for it")
    at_home = supply["node"].tolist()
    demand, seizure_rows = (
        afghan_part(figures.drop(index=at_home, errors="ignore"), parameters)
        for figures in (consumed, seized)
    )
    rows = {"supply": supply, "demand": demand[demand["best_kg"] > 0], "seizures": seizure_rows}
    flows = _flows(tables["flows"], year, min_confidence)
    opium_steps, origin = steps.head(0), origin_steps(demand, parameters)
    if commodities is not None:
        rows, opium_steps = by_commodity(year, commodities, tables, rows, parameters)
        flows = flows.assign(commodity="heroin")
    evidence = Evidence.from_tables(
        **rows,
        flows=flows,
        groups=read_evidence_table("groups").groupby("group")["node"].agg(list).to_dict(),
        priors=shipped_priors(sorted(parameters.subregions)),
        sources=_sources(folders),
        year=year,
        outside="skip",
        shared=supply_causes(steps),
        steps=pd.concat(
            [steps, *([opium_steps] if len(opium_steps) else []), demand_steps, origin],
            ignore_index=True,
        ),
    )
    surveyed = set(demand_steps.loc[demand_steps["step"] == A_USER, "node"])
    causes = shared_causes(evidence.demand, evidence.seizures, surveyed, parameters)
    shared = pd.concat([evidence.shared, causes], ignore_index=True)
    return replace(evidence, replaced=replaced, shared=shared)


def _with_harvests(parameters: Parameters, harvests: int | None) -> Parameters:
    if harvests is None:
        return parameters
    if isinstance(harvests, bool) or int(harvests) != harvests or harvests < 1:
        raise ValueError(f"harvests must be a whole number of at least 1, not {harvests!r}")
    return parameters.with_value("harvests_in_supply", float(harvests))


def _merged_tables(
    folders: Sequence[EvidenceFolder], edition: int | None
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Put shipped and own tables together, weakest first."""
    tables, replaced = {}, []
    for table in CELLS:
        own = [(str(f.path), f.tables[table]) for f in folders if table in f.tables]
        frames = [("shipped", read_evidence_table(table)), *own]
        if edition is not None and table not in _ONE_EDITION:
            frames = [(name, _published_by(edition, frame)) for name, frame in frames]
        tables[table], gone = merged(table, frames)
        replaced.append(gone)
    return tables, pd.concat(replaced, ignore_index=True)


def _published_by(edition: int, table: pd.DataFrame) -> pd.DataFrame:
    # What a user wrote down without an edition is known to the user.
    known = table["edition"].isna() | (table["edition"] <= edition)
    return table[known.astype("bool")]


def _sources(folders: Sequence[EvidenceFolder]) -> pd.DataFrame:
    sources = load_sources()
    own = [f.sources.reindex(columns=sources.columns) for f in folders if len(f.sources)]
    both = pd.concat([sources, *own])
    return both[~both.index.duplicated(keep="last")]


def _domestic(consumed: pd.DataFrame, seized: pd.DataFrame) -> pd.DataFrame:
    both = pd.concat([consumed[["best_kg", "sd_kg"]], seized[["best_kg", "sd_kg"]]])
    variance = (both["sd_kg"] ** 2).groupby(level=0).sum()
    return pd.DataFrame({"best_kg": both["best_kg"].groupby(level=0).sum(), "sd_kg": variance**0.5})


def _flows(table: pd.DataFrame, year: int, min_confidence: str) -> pd.DataFrame:
    enough = _CONFIDENCE[_CONFIDENCE.index(min_confidence) :]
    rows = table[
        (table["year"] == year)
        & (table["commodity"] == "heroin")
        & table["confidence"].isin(enough)
    ]
    # Without its label a row is about all that moves: here that is heroin.
    rows = latest_edition(rows, ["row"]).drop(columns="commodity")
    return rows.rename(columns={"from_group": "from_node", "to_group": "to_node"})
