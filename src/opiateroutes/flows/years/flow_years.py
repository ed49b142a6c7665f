"""The result for several years: fits by year, tidy tables, and changes between any two."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from opiateroutes.data import nearest
from opiateroutes.errors import UnknownNameError
from opiateroutes.flows.ensemble.ensemble import FlowEnsemble
from opiateroutes.flows.years.change_table import changes_between
from opiateroutes.flows.years.changes import BEYOND
from opiateroutes.flows.years.saving import save_years
from opiateroutes.units import format_kg, format_kg_interval

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from opiateroutes.flows.fit import FlowFit
    from opiateroutes.flows.years.changes import Changes
    from opiateroutes.network import RouteNetwork

__all__ = ["FlowYears"]

_SHOWN = 8


@dataclass(frozen=True, eq=False, repr=False)
class FlowYears:
    """Flows of several years, estimated with the same parameters; see `estimate_years`.

    Parameters
    ----------
    fits
        The estimate of each year, in order: a `FlowFit`, or a `FlowEnsemble` where there are draws.
    skipped
        Index ``year``; ``reason``: years that were asked for and could not be estimated.
    """

    fits: Mapping[int, FlowFit | FlowEnsemble]
    skipped: pd.DataFrame

    @property
    def years(self) -> list[int]:
        """Years that have an estimate."""
        return list(self.fits)

    @property
    def network(self) -> RouteNetwork:
        """The network."""
        return next(iter(self.fits.values())).network

    @property
    def unit(self) -> str:
        """Unit of the flows."""
        return next(iter(self.fits.values())).unit

    @property
    def provenance(self) -> dict[str, Any]:
        """Version, hashes of the inputs, options and seed of each year; years that are missing."""
        by_year = {str(year): dict(fit.provenance) for year, fit in self.fits.items()}
        skipped = {str(year): reason for year, reason in self.skipped["reason"].items()}
        return {"years": by_year, "skipped": skipped}

    @cached_property
    def legs(self) -> pd.DataFrame:
        """Flows on all legs in all years.

        Columns ``year``, ``leg``, ``from_node``, ``to_node``, ``mode``, ``flow_kg``, ``low_kg``,
        ``high_kg`` (90 %), ``leverage`` and the others of `FlowFit.legs`.
        """
        return _stacked({year: fit.legs for year, fit in self._tables.items()})

    @cached_property
    def nodes(self) -> pd.DataFrame:
        """Throughput, exits and interception of all nodes in all years, as `FlowFit.nodes`."""
        return _stacked({year: fit.nodes for year, fit in self._tables.items()})

    @cached_property
    def supply(self) -> pd.DataFrame:
        """Supply of each year.

        Index ``year``; ``supply_kg`` with its 90 % interval ``low_kg`` and ``high_kg``,
        ``confidence`` and ``note`` of its figures (which says whether it was published or derived).
        """
        rows = {}
        for year, fit in self._tables.items():
            used = fit.evidence.supply.query("best_kg > 0")
            rows[year] = {
                "supply_kg": fit.supply_kg,
                "low_kg": fit.supply_low_kg,
                "high_kg": fit.supply_high_kg,
                **{c: _joined(used[c]) for c in ("confidence", "note")},
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("year")

    def changes(self, base: int, other: int, *, beyond: float = BEYOND) -> Changes:
        """Compare the flows of two years: ratio, its interval, and a class by a printed rule.

        Parameters
        ----------
        base, other
            Two of the years.
        beyond
            Ratio from which a change counts (and its inverse, for falls): 1.25 by default, since
            figures of medium confidence, as most are, are uncertain by a quarter.

        Returns
        -------
        Changes
            One row a leg. With draws, what both years share cancels in the ratio. Without, the
            interval comes from those of the two years as if they were independent, and is too wide.

        Raises
        ------
        UnknownNameError
            If a year has no estimate, with the reason.
        ValueError
            If ``beyond`` is no finite number above 1.

        Notes
        -----
        An interval must exclude 1, and the change be larger than ``beyond``, for a leg to rise or
        fall. The intervals are those of single legs: of a hundred that did not change about ten
        exclude 1 by chance. A leg that rests on the model (low ``leverage``) changes with the
        supply and the demand around it, not because anybody saw it change.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> years = opr.estimate_years(opr.load_network(), [2022, 2023], draws=64)
        >>> changes = years.changes(2022, 2023)
        >>> changes.table.at["AFG>PAK:land", "change"]
        'not distinguishable'
        """
        pair = self._fit(base), self._fit(other)
        return changes_between(*pair, years=(base, other), beyond=beyond)

    def save(self, path: str | Path) -> Path:
        """Write all tables to a folder.

        Parameters
        ----------
        path
            A name without ending: ``legs.csv``, ``nodes.csv``, ``supply.csv``, ``skipped.csv`` and
            ``provenance.json``. A folder with other files in it is refused.

        Returns
        -------
        pathlib.Path
            The folder; the same bytes for the same result.

        Raises
        ------
        OutputError
            If it cannot be written; nothing is half written.

        Examples
        --------
        >>> import opiateroutes as opr, tempfile
        >>> years = opr.estimate_years(opr.load_network(), [2022])
        >>> years.save(tempfile.mkdtemp() + "/years").name
        'years'
        """
        return save_years(self, path)

    def summary(self) -> str:
        """Say in a few lines what was estimated, and which years are missing.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> print(opr.estimate_years(opr.load_network(), [2008, 2024]).summary())
        Estimated flows of 1 year: 2008
        2008: supply 375 t (90 % interval 293 t to 479 t)
        skipped 2024: no evidence for 2024: the shipped years are 2005 to 2023
        """
        number = f"{len(self.fits)} year{'s' if len(self.fits) != 1 else ''}"
        listed = f": {', '.join(map(str, self.fits))}" if self.fits else ""
        lines = [f"Estimated flows of {number}{listed}"]
        draws = {fit.draws for fit in self.fits.values() if isinstance(fit, FlowEnsemble)}
        lines += [f"{n:,} draws each, paired from year to year" for n in sorted(draws)]
        for row in self.supply.itertuples():
            bounds = ""
            if not np.isnan(row.low_kg):
                bounds = f" (90 % interval {format_kg_interval(row.low_kg, row.high_kg)})"
            lines.append(f"{row.Index}: supply {format_kg(row.supply_kg)}{bounds}")
        for year, reason in self.skipped["reason"].items():
            lines.append(f"skipped {year}: {reason.splitlines()[0]}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        skipped = f", {len(self.skipped)} skipped" if len(self.skipped) else ""
        years = f"{self.years[0]} to {self.years[-1]}" if self.fits else "none"
        return f"<FlowYears {years}: {len(self.fits)} estimated{skipped}>"

    def _repr_html_(self) -> str:
        head, *rest = (escape(line) for line in self.summary().splitlines())
        flows = self.legs.pivot_table(index="leg", columns="year", values="flow_kg", sort=False)
        largest = flows.loc[flows.max(axis=1).nlargest(_SHOWN).index]
        rows = "".join(
            f"<tr><td style='text-align:left'>{escape(str(leg))}</td>"
            f"{''.join(f'<td>{escape(format_kg(kg))}</td>' for kg in flow)}</tr>"
            for leg, flow in zip(largest.index, largest.to_numpy(), strict=True)
        )
        heads = "".join(f"<th>{name}</th>" for name in ("largest flows", *largest.columns))
        return (
            f"<div><strong>{head}</strong><br>{'<br>'.join(rest)}<table style='margin-top:4px'>"
            f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
        )

    @cached_property
    def _tables(self) -> dict[int, FlowFit]:
        """The fits, with the intervals of the draws where there are any."""
        return {
            year: fit.as_fit() if isinstance(fit, FlowEnsemble) else fit
            for year, fit in self.fits.items()
        }

    def _fit(self, year: int) -> FlowFit | FlowEnsemble:
        if year in self.fits:
            return self.fits[year]
        if year in self.skipped.index:
            raise UnknownNameError(f"{year} was skipped: {self.skipped.at[year, 'reason']}")
        raise UnknownNameError(
            f"{year} was not estimated; there are {', '.join(map(str, self.fits))}"
            f"{nearest(str(year), [str(y) for y in self.fits])}"
        )


def _stacked(tables: dict[int, pd.DataFrame]) -> pd.DataFrame:
    """Put tables of all years below one another, the year first."""
    frames = [
        table.reset_index().assign(year=year)[["year", table.index.name, *table.columns]]
        for year, table in tables.items()
    ]
    return pd.concat(frames, ignore_index=True)


def _joined(texts: pd.Series) -> str:
    return "; ".join(dict.fromkeys(texts.dropna().astype("str")))
