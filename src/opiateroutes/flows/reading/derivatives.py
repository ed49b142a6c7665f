"""Derivatives of the estimate, by implicit differentiation of its optimum.

At the optimum ``A f(t) = b + U t``, flows and figures in kilograms, ``U = N sd^2 / F0``. An input
moves flows by ``D`` while the multipliers stay, and these answer::

    dt = (A C A' + U)^-1 (A D + a)        df = D - C A' dt

``C`` is the covariance of what routes use times the supply ``F0``, and ``a`` is what the input does
to the rows themselves: minus one for a figure. A cost, or the pull of a market, loads the arcs:
``D = -C load``. A share or a rate changes its own row and does both, and its spread follows the
flow that it is a share of.

References
----------
.. [1] Tobin, R. L., Friesz, T. L. (1988), "Sensitivity analysis for equilibrium network flow",
   Transportation Science 22(4), 242-250.
.. [2] Dontchev, A. L., Rockafellar, R. T. (2014), Implicit Functions and Solution Mappings, 2nd
   ed., Springer, ch. 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy.sparse as sp

from opiateroutes.data import nearest
from opiateroutes.errors import UnknownNameError
from opiateroutes.flows.kernel.measure import CONSUMPTION, SEIZURE
from opiateroutes.flows.kernel.trace import sparse
from opiateroutes.flows.reading.selection import known_legs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from opiateroutes.flows.conditioned import Conditioned
    from opiateroutes.flows.fit import FlowFit
    from opiateroutes.flows.kernel.measure import PathMeasure
    from opiateroutes.flows.reading.spread import Spread

__all__ = ["derivatives"]

_EVIDENCE, _COST = "evidence", "cost"
_LEGS, _EXITS = "legs", "exits"


def derivatives(
    fit: FlowFit, with_respect_to: str, *, of: str, legs: str | Iterable[str] | None
) -> pd.DataFrame:
    """Differentiate the estimate; see `FlowFit.derivatives`."""
    _known(with_respect_to, (_EVIDENCE, _COST), "inputs")
    _known(of, (_LEGS, _EXITS), "outputs")
    if legs is not None and with_respect_to != _COST:
        raise ValueError("legs= chooses costs: give it with derivatives('cost') only")
    chosen = fit.legs.index.tolist() if legs is None else known_legs(fit.network, legs)
    if fit.conditioned is None or fit.spread is None:
        raise ValueError(
            "this fit has no derivatives: nothing moves in it, or it was not found by conditioning "
            f"on evidence (method {fit.method!r})"
        )
    optimum = _Optimum.of(fit.conditioned, fit.spread)
    measure = fit.conditioned.bound.measure
    outputs, index = _outputs(measure, of)
    if with_respect_to == _COST:
        positions = pd.Index(measure.trace.legs).get_indexer(chosen)
        moved = optimum.moved_by(outputs, measure.trace.use[positions])
        return pd.DataFrame(moved, index=index, columns=pd.Index(chosen, name="cost_of"))
    names, moved_by_supply = _by_supply(fit.evidence.supply, measure, optimum, outputs)
    loads, acts = _figures(fit, fit.conditioned)
    moved = optimum.moved_by(outputs, loads, acts)
    columns = pd.Index([*names, *fit.spread.names], name="row")
    return pd.DataFrame(np.hstack([moved_by_supply, moved]), index=index, columns=columns)


@dataclass(frozen=True, eq=False)
class _Optimum:
    """What answers to a change: see the module."""

    spread: Spread
    felt: sp.csr_array
    inverse: NDArray[np.float64]
    pull: NDArray[np.float64]

    @classmethod
    def of(cls, conditioned: Conditioned, spread: Spread) -> _Optimum:
        """Set the system up; rows of soft shares feel the flow that they are shares of too."""
        ratios, problem = conditioned.bound.ratios, conditioned.problem
        variance = problem.variance[:, 0]
        pull = variance * conditioned.solution.multipliers[:, 0]
        whole, at = ratios.whole[ratios.bound], _ratio_rows(conditioned)
        soft = variance[at] > 0
        if not soft.any():
            return cls(spread, spread.rows, spread.inverse, pull)
        size = np.maximum(whole @ conditioned.solution.arcs[:, 0], 1e-300)
        follows = np.where(soft, 2.0 * pull[at] / size, 0.0)
        shape = (len(variance), len(at))
        placed = sparse(at, np.arange(len(at)), follows, shape)
        felt = sp.csr_array(spread.rows - placed @ whole)
        inner = spread.moments.covariance(felt, spread.rows) + np.diag(variance)
        scale = np.sqrt(np.maximum(np.abs(np.diag(inner)), 1e-300))
        scaled = np.linalg.pinv(inner / scale[:, None] / scale, rcond=1e-13)
        return cls(spread, felt, scaled / scale[:, None] / scale, pull)

    def moved_by(
        self, outputs: sp.csr_array, loads: sp.csr_array, acts: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """Return how outputs answer to loads of arcs (nats) and acts on rows (kg)."""
        covariance, total = self.spread.moments.covariance, self.spread.total_kg
        direct = -total * covariance(outputs, loads)
        on_rows = -total * covariance(self.felt, loads)
        return self.answered(outputs, direct, on_rows if acts is None else on_rows + acts)

    def answered(
        self, outputs: sp.csr_array, direct: NDArray[np.float64], on_rows: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Let the multipliers answer to what happens to the rows."""
        held = self.spread.moments.covariance(outputs, self.spread.rows)
        answered: NDArray[np.float64] = direct - held @ (self.inverse @ on_rows)
        return answered


def _outputs(measure: PathMeasure, of: str) -> tuple[sp.csr_array, pd.Index]:
    """Return what is asked for as sums of arcs."""
    if of == _LEGS:
        return measure.trace.use, pd.Index(measure.trace.legs, name="leg", dtype="str")
    labels = [f"{k}:{p}" for k, p in zip(measure.exit_kind, measure.exit_place, strict=True)]
    codes, names = pd.factorize(np.array(labels, dtype=object), sort=True)
    arcs = len(measure.legs) + np.arange(len(labels))
    sums = sparse(codes, arcs, np.ones(len(labels)), (len(names), measure.n_arcs))
    return sums, pd.Index(names, name="exit", dtype="str")


def _by_supply(
    supply: pd.DataFrame, measure: PathMeasure, optimum: _Optimum, outputs: sp.csr_array
) -> tuple[list[str], NDArray[np.float64]]:
    """Return the supply rows, and what a kilogram more of each does."""
    moments = optimum.spread.moments
    row_at = pd.Series(supply.index, index=supply["node"])
    names = [str(row_at[node]) for node in measure.nodes[measure.sources]]
    # More supply makes the shipments that the prior is worth larger: figures weigh less.
    on_rows = moments.uses_of(optimum.felt) + optimum.pull[:, None]
    return names, optimum.answered(outputs, moments.uses_of(outputs), on_rows)


def _figures(fit: FlowFit, conditioned: Conditioned) -> tuple[sp.csr_array, NDArray[np.float64]]:
    """Return how figures load arcs, ``(rows, arcs)``, and act on rows, ``(rows, rows)``."""
    problem, ratios = conditioned.problem, conditioned.bound.ratios
    names = problem.rows.names
    acts = -np.eye(len(names))
    at, whole = _ratio_rows(conditioned), ratios.whole[ratios.bound]
    acts[at, at] = -ratios.wholes_kg(fit.arcs_kg)
    tilts = -conditioned.solution.multipliers[at, 0]
    by_ratio = sparse(at, np.arange(len(at)), tilts, (len(names), len(at))) @ whole
    return sp.csr_array(by_ratio + _market_pull(fit, problem.measure, names)), acts


def _market_pull(fit: FlowFit, measure: PathMeasure, names: NDArray[np.object_]) -> sp.csr_array:
    """Return how markets load the exits: each pulls by its share of what all of them ask for."""
    asked = CONSUMPTION in measure.exit_kind
    table = fit.evidence.demand if asked else fit.evidence.seizures
    markets = np.flatnonzero(np.isin(names, table.index))
    figures = table.loc[names[markets]]
    kg, place = figures["best_kg"].to_numpy("float64"), figures["node"].to_numpy(object)
    exits = np.flatnonzero(measure.exit_kind != SEIZURE)
    own = place[:, None] == measure.exit_place[exits]
    load = 1.0 / kg.sum() - own / kg[:, None]
    rows, columns = np.meshgrid(markets, len(measure.legs) + exits, indexing="ij")
    return sparse(rows.ravel(), columns.ravel(), load.ravel(), (len(names), measure.n_arcs))


def _ratio_rows(conditioned: Conditioned) -> NDArray[np.intp]:
    """Return the positions of the shares and rates among the rows."""
    ratios = conditioned.bound.ratios
    position = pd.Index(conditioned.problem.rows.names)
    return np.asarray(position.get_indexer(ratios.names[ratios.bound]), dtype=np.intp)


def _known(name: str, names: tuple[str, ...], what: str) -> None:
    if name not in names:
        raise UnknownNameError(
            f"no derivatives with {what} {name!r}{nearest(str(name), names)}; there are "
            f"{' and '.join(names)}"
        )
