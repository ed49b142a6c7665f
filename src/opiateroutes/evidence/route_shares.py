"""Shares of heroin and morphine seized along named routes, as the World Drug Report counts.

A route is a list of countries where seizures count for it; nobody knows by which route a seized
consignment came. What is seized elsewhere keeps the name of its subregion.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.data import read_evidence_table
from opiateroutes.errors import UnknownNameError
from opiateroutes.evidence.schema import numbers_of, raise_failures, text_failures

if TYPE_CHECKING:
    from opiateroutes.evidence.schema import Failure

__all__ = ["route_shares"]

_SUBREGIONS = {
    "South-Eastern Europe": "Balkan",
    "Central Asia and Transcaucasia": "Northern",
    "Eastern Europe": "Northern",
}
_COUNTRIES = {"IRN": "Balkan", "PAK": "Pakistan"}
"""Countries that stand apart from their subregion."""

_DEFINITIONS = {
    "Balkan": "Iran and South-Eastern Europe with Turkiye; without Pakistan",
    "Northern": "Central Asia, Transcaucasia and Eastern Europe",
}
_PRODUCER = "AFG"
_COUNTED = ("heroin", "morphine")
_CELL = ["node", "commodity"]
_CITED = ("edition", "source")
_WEIGHTS = ("best_kg", "kg", "value_kg", "quantity_kg")
_NOWHERE = "not classified"
_REST = {
    "Pakistan": "a country on no route of this definition",
    "Near and Middle East/South-West Asia": "subregion without Afghanistan, Iran and Pakistan",
    _NOWHERE: "not in evidence/regions",
}


def route_shares(year: int, *, seizures: pd.DataFrame | None = None) -> pd.DataFrame:
    """Share out the heroin and morphine seized outside Afghanistan by route.

    The Balkan route is Iran and South-Eastern Europe with Turkiye, without Pakistan; the Northern
    route is Central Asia, Transcaucasia and Eastern Europe. Everything seized elsewhere stands
    beside them by subregion, Pakistan on its own. Subregions are those of the World Drug Report
    (``evidence/regions``). Weights are added up as reported, whatever the purity; opium is not
    counted. Of each cell (country and substance) the newest edition counts.

    Parameters
    ----------
    year
        Year of the seizures; the shipped table has all from 2005 to 2023.
    seizures
        A table to use in place of the shipped one: ``node`` (ISO 3166-1 code with three letters),
        ``commodity`` (rows that are neither ``heroin`` nor ``morphine`` are left out), ``best_kg``
        (``kg``, ``value_kg`` and ``quantity_kg`` also do) and, if known, ``year`` (without it, all
        rows are of this year), ``edition`` and ``source``. Several rows of one cell in one edition
        are added up.

    Returns
    -------
    pandas.DataFrame
        Index ``route``; ``kind`` (``"route"`` or ``"rest"``), ``year``, ``seized_kg``, ``share``
        (of all that was seized outside Afghanistan), ``members`` (countries with a figure, joined
        by ``;``), ``no_figure`` (countries of the group without one: not a zero), ``editions``,
        ``sources`` (keys of `opiateroutes.load_sources`) and ``definition``. Routes come first,
        then the rest by weight.

    Raises
    ------
    UnknownNameError
        If the table has no such year.
    EvidenceError
        With all failures: columns missing, weights that are no numbers or negative, a cell that
        one edition has from two sources.

    Notes
    -----
    Of what was seized outside Afghanistan, [1]_ puts 10 % of 2008 and 1 % of 2017 on the Northern
    route and 47 % of 2017 on the Balkan route. The shipped table gives 10.6, 0.9 and 46.5 %.
    Seizures measure enforcement and reporting as well as traffic: a share of seizures is not a
    share of what moves.

    References
    ----------
    .. [1] UNODC, *World Drug Report 2019* (source ``wdr2019``).

    Examples
    --------
    >>> shares = route_shares(2008)
    >>> shares.loc[["Balkan", "Northern"], "share"].round(3).to_dict()
    {'Balkan': 0.567, 'Northern': 0.106}
    >>> int(shares["seized_kg"].sum() / 1000)
    87
    """
    given = read_evidence_table("seizures") if seizures is None else seizures
    rows = _rows_of(year, _checked(given))
    rows = rows[rows["commodity"].isin(_COUNTED) & (rows["node"] != _PRODUCER)]
    return _shares(_newest(rows), _routes_by_country(), int(year))


def _checked(table: pd.DataFrame) -> pd.DataFrame:
    """Bring a table of seizures into one shape, or say all that is wrong with it."""
    weight = next((name for name in _WEIGHTS if name in table), _WEIGHTS[0])
    there = ", ".join(map(str, table))
    failures: list[Failure] = [
        ("seizures", "", column, None, "the column is missing", f"there are {there}")
        for column in ("node", "commodity", weight)
        if column not in table
    ]
    raise_failures(failures, "the table of seizures cannot be read")
    kg = numbers_of(table[weight])
    failures = text_failures(table, "seizures", [weight])
    wrong = ~((kg >= 0) & (kg < math.inf)) & (table[weight].isna() | kg.notna())
    failures += [
        ("seizures", row, weight, value, "must be a number of at least 0", "remove the row")
        for row, value in table.loc[wrong.to_numpy(), weight].items()
    ]
    failures += [
        ("seizures", row, column, None, "must not be empty", "remove the row")
        for column in ("node", "commodity")
        for row in table.index[table[column].isna()]
    ]
    raise_failures(failures, f"seizures break their rules in {len(failures)} place(s)")
    columns = {name: table[name] for name in ("year", "edition", "source") if name in table}
    rows = pd.DataFrame({"node": table["node"], "commodity": table["commodity"], **columns})
    return rows.assign(kg=kg).reindex(columns=["node", "commodity", "year", *_CITED, "kg"])


def _rows_of(year: int, rows: pd.DataFrame) -> pd.DataFrame:
    if rows["year"].isna().all():
        return rows
    years = numbers_of(rows["year"])
    if not (years == year).any():
        raise UnknownNameError(
            f"no seizures of {year}: the table has the years {years.min():.0f} to {years.max():.0f}"
        )
    return rows[(years == year).to_numpy()]


def _newest(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the newest edition of each cell and add up what it says in several rows."""
    rows = rows.assign(edition=numbers_of(rows["edition"]))
    age = rows["edition"].fillna(-math.inf)
    newest = rows[age == age.groupby([rows[key] for key in _CELL]).transform("max")]
    sources = newest.groupby(_CELL)["source"].nunique()
    failures: list[Failure] = [
        (
            "seizures",
            f"{node}, {commodity}",
            "source",
            count,
            "sources of one edition would be added up",
            "keep the rows of one",
        )
        for (node, commodity), count in sources[sources > 1].items()
    ]
    raise_failures(failures, f"{len(failures)} cell(s) have several sources of one edition")
    cited = {column: (column, "first") for column in _CITED}
    return newest.groupby(_CELL, as_index=False).agg(kg=("kg", "sum"), **cited)


def _routes_by_country() -> pd.Series:
    """Name the route, or else the subregion, that seizures of each country count for."""
    regions = read_evidence_table("regions").set_index("node")["subregion"]
    routes = regions.map(_SUBREGIONS).fillna(regions)
    apart = pd.Series(_COUNTRIES, index=routes.index, dtype="str").reindex(routes.index)
    return apart.fillna(routes).drop(index=_PRODUCER)


def _shares(rows: pd.DataFrame, route_of: pd.Series, year: int) -> pd.DataFrame:
    rows = rows.assign(route=rows["node"].map(route_of).fillna(_NOWHERE))
    total = rows["kg"].sum()
    found = []
    for route in sorted({*route_of, *rows["route"]}):
        here = rows[rows["route"] == route]
        members = set(here["node"])
        kg = here["kg"].sum(min_count=1)
        found.append(
            {
                "route": route,
                "kind": "route" if route in _DEFINITIONS else "rest",
                "year": year,
                "seized_kg": kg,
                "share": kg / total if total > 0 else math.nan,
                "members": ";".join(sorted(members)),
                "no_figure": ";".join(sorted(set(route_of.index[route_of == route]) - members)),
                "editions": "; ".join(
                    f"{e:.0f}" for e in sorted(here["edition"].dropna().unique())
                ),
                "sources": "; ".join(sorted(here["source"].dropna().astype("str").unique())),
                "definition": _DEFINITIONS.get(route, _REST.get(route, "subregion")),
            }
        )
    table = pd.DataFrame(found).astype({"seized_kg": "float64", "share": "float64"})
    table = table.sort_values(["kind", "seized_kg"], ascending=False, kind="stable")
    return table.set_index("route")
