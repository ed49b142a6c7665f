"""What is calibrated: cost coefficients and weights of exits, on scales where priors are normal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from opiateroutes.data import read_evidence_table
from opiateroutes.evidence.parameters import Z90
from opiateroutes.evidence.priors import bounds_of
from opiateroutes.flows.kernel.measure import CONSUMPTION, UNACCOUNTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence

__all__ = ["COST", "WEIGHTS", "Coefficients", "coefficients_of"]

COST = "cost"
"""Kind of the coefficients of ``evidence/costs``; the other kinds are weights of exits."""

WEIGHTS = {"consumption_weight": CONSUMPTION, "unaccounted_weight": UNACCOUNTED}
"""Weights that are calibrated, and the exits that each of them weighs."""


class _Row(NamedTuple):
    coefficient: str
    kind: str
    low: float
    best: float
    high: float
    unit: str
    source: str


@dataclass(frozen=True, eq=False)
class Coefficients:
    """Coefficients with their priors; what is sought is how far each lies from its best value.

    Parameters
    ----------
    table
        Index ``coefficient``; ``kind`` (``cost``, or the weight that it is), ``low``, ``best``,
        ``high``, ``unit``, ``source``.

    Notes
    -----
    A coefficient whose bounds have the same sign is lognormal (a negative one in its absolute
    value), with the best value as median and the spread of its bounds, read as a 90 % interval; one
    whose bounds do not is normal. ``shifts`` below are in prior standard deviations on that scale,
    and above 0 where the value is larger than the best one.
    """

    table: pd.DataFrame

    def __len__(self) -> int:
        return len(self.table)

    @property
    def of_costs(self) -> NDArray[np.bool_]:
        """Which are coefficients of costs."""
        of_costs: NDArray[np.bool_] = (self.table["kind"] == COST).to_numpy(bool)
        return of_costs

    @property
    def _best(self) -> NDArray[np.float64]:
        best: NDArray[np.float64] = self.table["best"].to_numpy("float64")
        return best

    @property
    def _is_log(self) -> NDArray[np.bool_]:
        low, high = (self.table[end].to_numpy("float64") for end in ("low", "high"))
        is_log: NDArray[np.bool_] = (low > 0) | (high < 0) | ~self.of_costs
        return is_log

    @property
    def _sd(self) -> NDArray[np.float64]:
        """Standard deviation on the scale of each, above 0 where the value rises with it."""
        low, high = (self.table[end].to_numpy("float64") for end in ("low", "high"))
        best = self._best
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.log(high / low) / 2
            # A weight that may be 0 has no lower bound in logarithms: the upper one speaks.
            ratio = np.where(np.isfinite(ratio), ratio, np.log(high / best))
        sd: NDArray[np.float64] = np.where(self._is_log, np.abs(ratio), (high - low) / 2) / Z90
        return np.where(self._is_log & (best < 0), -sd, sd)

    def values(self, shifts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the value of each coefficient at its shift.

        Examples
        --------
        >>> rows = [("sea", "cost", 2.0, 4.0, 8.0), ("named_route", "cost", -2.0, -1.0, -0.5)]
        >>> columns = ["coefficient", "kind", "low", "best", "high"]
        >>> table = pd.DataFrame(rows, columns=columns).set_index("coefficient")
        >>> Coefficients(table).values(np.array([1.645, 1.645])).round(2).tolist()
        [8.0, -0.5]
        """
        best, sd = self._best, self._sd
        logs = np.where(self._is_log, sd, 0.0) * shifts
        return np.where(self._is_log, best * np.exp(logs), best + sd * shifts)

    def effects(self, shifts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what acts on log weights: change of a coefficient, or of the log of a weight."""
        return np.where(self.of_costs, self.values(shifts) - self._best, self._sd * shifts)

    def slopes(self, shifts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the derivative of each effect by its shift."""
        relative = np.where(self._is_log & self.of_costs, self.values(shifts), 1.0)
        return self._sd * relative

    def groups(
        self, priors: pd.DataFrame, weight: str, places: Iterable[str]
    ) -> NDArray[np.object_]:
        """Name the coefficient that weighs each place; empty where its weight has no spread."""
        rows = self.table[self.table["kind"] == weight]
        named = {
            (float(low), float(best), float(high)): str(name)
            for name, low, best, high in rows[["low", "best", "high"]].itertuples()
        }
        bounds = [bounds_of(priors, weight, str(place)) for place in places]
        return np.array([named.get(one, "") for one in bounds], dtype=object)

    def weighed(
        self,
        evidence: Evidence,
        shifts: NDArray[np.float64],
        ends: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None,
    ) -> Evidence:
        """Give evidence the weights at given shifts; as bounds those at ``ends``, if there are any.

        The result has the bounds of the priors where ``ends`` is None: for estimates, not draws.
        """
        values = {end: self.values(x) for end, x in zip(("low", "high"), ends or (), strict=False)}
        values["best"] = self.values(shifts)
        priors = evidence.priors.copy()
        for weight in WEIGHTS:
            groups = self.groups(evidence.priors, weight, priors.index)
            for k, name in enumerate(self.table.index):
                for end, found in values.items():
                    column = weight if end == "best" else f"{weight}_{end}"
                    priors.loc[groups == name, column] = found[k]
        return replace(evidence, priors=priors)


def coefficients_of(years: Sequence[Evidence]) -> Coefficients:
    """Collect all coefficients with a finite spread.

    Parameters
    ----------
    years
        Evidence whose priors say what weights are assumed; places for which the same bounds are
        assumed share one weight, as in draws.
    """
    rows = [*_of_costs(), *_of_weights(years)]
    table = pd.DataFrame(rows, columns=list(_Row._fields)).set_index("coefficient")
    return Coefficients(table)


def _of_costs() -> Iterator[_Row]:
    for row in read_evidence_table("costs").itertuples():
        if np.isfinite([row.low, row.best, row.high]).all() and row.low < row.high:
            bounds = (float(row.low), float(row.best), float(row.high))
            yield _Row(str(row.feature), COST, *bounds, str(row.unit), str(row.source))


def _of_weights(years: Sequence[Evidence]) -> Iterator[_Row]:
    shipped = read_evidence_table("parameters").set_index("parameter")
    for weight in WEIGHTS:
        bounds = {
            bounds_of(evidence.priors, weight, str(place))
            for evidence in years
            for place in evidence.priors.index
        }
        spread = sorted((low, best, high) for low, best, high in bounds if low < high and best > 0)
        for number, (low, best, high) in enumerate(spread, start=1):
            row = shipped.loc[weight]
            given = tuple(float(row[end]) for end in ("low", "best", "high"))
            source = str(row["source"]) if given == (low, best, high) else "priors of the evidence"
            name = weight if len(spread) == 1 else f"{weight}:{number}"
            yield _Row(name, weight, low, best, high, str(row["unit"]), source)
