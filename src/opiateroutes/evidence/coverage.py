"""What is known of each country and year, from which publication, and what is not.

A gap is a row like any other: `evidence_coverage` lays out every country, year and kind of figure
that was asked for, so that what is missing can be counted and drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.data import area_labels, data_path, nearest
from opiateroutes.errors import UnknownNameError
from opiateroutes.evidence.coverage_figures import (
    chosen_kinds,
    figures_by_kind,
    shipped_tables,
    source_keys,
)
from opiateroutes.evidence.load import YEARS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

__all__ = ["Coverage", "evidence_coverage"]

_CELL = ["node", "year", "kind"]
_ONLY_WHERE_PRODUCED = "supply"


@dataclass(frozen=True, eq=False, repr=False)
class Coverage:
    """Figures and gaps by country, year and kind.

    Made by `opiateroutes.evidence_coverage`.

    Parameters
    ----------
    table
        One row a cell: ``node``, ``year``, ``kind``, ``known``, ``n_figures`` (rows of the tables,
        all editions), ``n_sources``, ``sources`` (keys joined by ``"; "``; missing in a gap) and
        ``latest_edition``.
    """

    table: pd.DataFrame

    def summary(self, *, by: str = "kind") -> pd.DataFrame:
        """Count what is known and what is not.

        Parameters
        ----------
        by
            ``"kind"`` or ``"country"``.

        Returns
        -------
        pandas.DataFrame
            Index ``kind`` or ``node``; ``name`` (of countries), ``cells``, ``known``, ``gaps``,
            ``known_share``, ``n_figures``, ``n_sources``, ``first_year`` and ``last_year`` known.

        Raises
        ------
        UnknownNameError
            If ``by`` is neither.

        Examples
        --------
        >>> table = pd.DataFrame({"node": ["IRN"], "year": [2010], "source": "a", "edition": 2012})
        >>> coverage = evidence_coverage(["IRN"], years=[2010, 2011], tables={"supply": table})
        >>> coverage.summary()[["known", "gaps"]].loc["supply"].tolist()
        [1, 1]
        """
        keys = {"kind": "kind", "country": "node"}
        if by not in keys:
            raise UnknownNameError(f"no summary by {by!r}; there is {', '.join(keys)}")
        grouped = self.table.groupby(keys[by])
        known = self.table[self.table["known"]].groupby(keys[by])
        summary = pd.DataFrame({"cells": grouped.size(), "known": grouped["known"].sum()})
        summary["gaps"] = summary["cells"] - summary["known"]
        summary["known_share"] = summary["known"] / summary["cells"]
        summary["n_figures"] = grouped["n_figures"].sum()
        summary["n_sources"] = grouped["sources"].agg(lambda cells: len(source_keys(cells)))
        summary["first_year"] = known["year"].min().astype("Int64")
        summary["last_year"] = known["year"].max().astype("Int64")
        if by == "country":
            summary.insert(0, "name", _names(summary.index))
        return summary

    def spans(self) -> pd.DataFrame:
        """Write the years of each country and kind that are known, and those that are not.

        Returns
        -------
        pandas.DataFrame
            One row a country and kind: ``node``, ``name``, ``kind``, ``known_years`` and
            ``gap_years`` (text such as ``2005-2009, 2011``), ``n_figures``, ``sources``,
            ``latest_edition``.

        Examples
        --------
        >>> evidence_coverage(["AFG"], years=range(2004, 2008), kinds=["supply"]).spans().loc[
        ...     0, ["known_years", "gap_years"]
        ... ].tolist()
        ['2005-2007', '2004']
        """
        rows = []
        for (node, kind), cells in self.table.groupby(["node", "kind"], sort=False):
            rows.append(
                {
                    "node": node,
                    "kind": kind,
                    "known_years": _ranges(cells.loc[cells["known"], "year"]),
                    "gap_years": _ranges(cells.loc[~cells["known"], "year"]),
                    "n_figures": int(cells["n_figures"].sum()),
                    "sources": "; ".join(source_keys(cells["sources"])),
                    "latest_edition": cells["latest_edition"].max(),
                }
            )
        columns = ["node", "kind", "known_years", "gap_years", "n_figures", "sources"]
        table = pd.DataFrame(rows, columns=[*columns, "latest_edition"])
        table.insert(1, "name", _names(pd.Index(table["node"])).to_numpy())
        return table.astype({"latest_edition": "Int64"})

    def __repr__(self) -> str:
        known = int(self.table["known"].sum())
        return (
            f"<Coverage: {self.table['node'].nunique()} countries, "
            f"{self.table['year'].nunique()} years, {self.table['kind'].nunique()} kinds; "
            f"{known} of {len(self.table)} cells known>"
        )

    def _repr_html_(self) -> str:
        return f"<div><strong>{repr(self)[1:-1]}</strong>{self.summary().to_html()}</div>"


def evidence_coverage(
    nodes: Iterable[str] | None = None,
    *,
    years: Iterable[int] | None = None,
    kinds: Collection[str] | None = None,
    tables: Mapping[str, pd.DataFrame] | None = None,
) -> Coverage:
    """Find out what is known by country, year and kind of figure, and where the gaps are.

    Kinds are seizures by substance (``seizures_heroin``, ...), ``prevalence``, ``population``,
    ``supply``, published ``flows`` (of the countries at either end, members of groups too), and
    prices and purities by substance where such tables ship. Supply is laid out for countries with a
    figure of any year only: elsewhere nothing is produced, and nothing is missing.

    Parameters
    ----------
    nodes
        Codes of countries; by default those of the shipped network of countries.
    years
        2005 to 2023 by default.
    kinds
        Kinds, or names of tables for all their kinds; by default all.
    tables
        Tables to look at in place of the shipped ones, by name (``"seizures"``, ...), with the
        columns that `opiateroutes data describe` names.

    Returns
    -------
    Coverage
        ``.table`` with a row for each cell, gaps included; ``.summary()`` and ``.spans()``.

    Raises
    ------
    UnknownNameError
        If there is no such kind or country.

    Examples
    --------
    >>> coverage = evidence_coverage(["AFG", "IRN"], years=range(2008, 2011), kinds=["flows"])
    >>> coverage.table[["node", "year", "known"]].values.tolist()[:4]
    [['AFG', 2008, True], ['AFG', 2009, False], ['AFG', 2010, True], ['IRN', 2008, False]]
    """
    given = shipped_tables() if tables is None else tables
    figures, all_kinds = figures_by_kind(given)
    chosen = chosen_kinds(kinds, all_kinds)
    places = _places(nodes, figures)
    grid = pd.MultiIndex.from_product(
        [places, sorted({int(year) for year in (YEARS if years is None else years)}), chosen],
        names=_CELL,
    ).to_frame(index=False)
    producers = set(figures.loc[figures["kind"] == _ONLY_WHERE_PRODUCED, "node"])
    grid = grid[(grid["kind"] != _ONLY_WHERE_PRODUCED) | grid["node"].isin(producers)]
    grouped = figures.groupby(_CELL)
    known = pd.DataFrame(
        {
            "n_figures": grouped.size(),
            "sources": grouped["source"].agg(lambda cells: "; ".join(source_keys(cells))),
            "latest_edition": grouped["edition"].max(),
        }
    ).reset_index()
    table = grid.merge(known, on=_CELL, how="left")
    found = table["n_figures"].notna()
    table.insert(3, "known", found)
    table["n_figures"] = table["n_figures"].fillna(0).astype("int64")
    keys = table["sources"].astype("str").where(found & (table["sources"] != ""))
    table["sources"] = keys.astype("str")
    table.insert(5, "n_sources", table["sources"].map(_count_of).astype("int64"))
    return Coverage(table.astype({"latest_edition": "Int64", "kind": "str", "node": "str"}))


def _count_of(cell: object) -> int:
    return len(source_keys([cell]))


def _places(nodes: Iterable[str] | None, figures: pd.DataFrame) -> list[str]:
    if nodes is None:
        path = data_path("geo/country_nodes.csv")
        table = pd.read_csv(path, keep_default_na=False, dtype="str")
        return [str(node) for node in table["node"]]
    places = list(dict.fromkeys([nodes] if isinstance(nodes, str) else map(str, nodes)))
    known = {*area_labels().index, *figures["node"]}
    for place in places:
        if place not in known:
            raise UnknownNameError(
                f"no country {place!r}{nearest(place, sorted(known))}: codes have three letters, "
                "as in opiateroutes.load_network().nodes"
            )
    return places


def _names(nodes: pd.Index) -> pd.Series:
    names = area_labels()["short_name"].reindex(nodes)
    return names.fillna(nodes.to_series())


def _ranges(years: Iterable[int]) -> str:
    """Write years as ranges.

    Examples
    --------
    >>> _ranges([2005, 2006, 2007, 2010])
    '2005-2007, 2010'
    """
    runs: list[list[int]] = []
    for year in sorted(years):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(f"{r[0]}-{r[-1]}" if len(r) > 1 else str(r[0]) for r in runs)
