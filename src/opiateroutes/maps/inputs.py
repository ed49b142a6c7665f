"""What a map reads: the attributes of a fit and of a chokepoint table, and nothing more.

Protocols, not imports: a map can then draw anything that has the same tables (a test fixture, a
mean over an ensemble, a result read back from files) and ``maps`` does not depend on how a fit is
made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd


class NetworkTables(Protocol):
    """Node and leg tables of a route network."""

    @property
    def nodes(self) -> gpd.GeoDataFrame:
        """Index ``node``; ``name, label, kind, iso3, geometry``."""

    @property
    def legs(self) -> gpd.GeoDataFrame:
        """Index ``leg``; ``from_node, to_node, mode, distance_km, crossings, why, source``."""


class FitTables(Protocol):
    """Tables of estimated flows, all in kg of heroin equivalent a year."""

    @property
    def network(self) -> NetworkTables:
        """The network the flows run on."""

    @property
    def legs(self) -> pd.DataFrame:
        """Index ``leg``; ``flow_kg, low_kg, high_kg, leverage, basis, rests_on``, both ends."""

    @property
    def nodes(self) -> pd.DataFrame:
        """Index ``node``; throughput, consumption, seizures, interception with intervals."""

    @property
    def residuals(self) -> pd.DataFrame:
        """Index ``row``: one evidence row each, what it said and what the fit says."""

    @property
    def sources(self) -> pd.DataFrame:
        """Index ``source``; ``title, publisher, year, url, terms``."""

    @property
    def year(self) -> int | None:
        """Year of the estimate, None where the evidence spans several."""

    @property
    def supply_kg(self) -> float:
        """Total supply."""

    @property
    def supply_low_kg(self) -> float:
        """Lower end of the 90 % interval of the supply."""

    @property
    def supply_high_kg(self) -> float:
        """Upper end of the 90 % interval of the supply."""

    @property
    def unit(self) -> str:
        """Unit of every amount, for example ``kg heroin equivalent``."""

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Package and data version, hashes, options, seed."""


@runtime_checkable
class SampledTables(Protocol):
    """Draws of a fit."""

    def as_fit(self) -> FitTables:
        """Return the fit with the intervals of the draws."""


@runtime_checkable
class YearTables(Protocol):
    """Estimates of several years."""

    @property
    def fits(self) -> Mapping[int, FitTables | SampledTables]:
        """The estimate of each year, in order."""


class ChokepointTables(Protocol):
    """Ranking of chokepoints and the displacement behind it."""

    @property
    def table(self) -> pd.DataFrame:
        """Tidy: ``node, name, effort, reaction, drop_share, drop_kg, delivered_kg, rank``.

        Where there are draws also ``drop_low, drop_high, rank_low, rank_high, in_top``.
        """

    @property
    def effort(self) -> float:
        """Share of the flow through a node that is stopped in the rows to show."""

    def displacement(
        self, node: str, *, effort: float, reaction: float, intervals: bool
    ) -> pd.DataFrame:
        """Index ``leg``; ``from_node, to_node, before_kg, after_kg, change_kg``."""
