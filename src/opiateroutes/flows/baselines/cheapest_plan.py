"""The cheapest transport plan: which legs serve all orders at least cost, as one linear program.

References
----------
.. [1] Ahuja, Magnanti, Orlin (1993), Network Flows, ch. 9: minimum cost flow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from opiateroutes.flows.baselines.assigned import Assigned
from opiateroutes.flows.baselines.orders import unmet_exactly
from opiateroutes.units import format_kg

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from opiateroutes.flows.baselines.orders import Orders
    from opiateroutes.flows.kernel.measure import PathMeasure

__all__ = ["balance_matrix", "cheapest_plan"]

_TOLERANCE = 1e-10
"""Feasibility that the solver is asked for, in shares of the supply: the finest that it knows."""


def balance_matrix(measure: PathMeasure) -> sp.csr_array:
    """Return what leaves less what arrives, shape ``(nodes, arcs)``."""
    m, n, count = len(measure.legs), measure.n_nodes, measure.n_arcs
    leaving = sp.coo_array((np.ones(count), (measure.arc_tail, np.arange(count))), shape=(n, count))
    arriving = sp.coo_array((np.ones(m), (measure.head, np.arange(m))), shape=(n, count))
    return sp.csr_array(leaving - arriving)


def cheapest_plan(measure: PathMeasure, orders: Orders) -> Assigned:
    """Serve all orders from the supplies at least cost.

    Costs are those of the measure (``-ln`` of its weights), recentred by the cheapest way out of
    each node: that changes no plan, and leaves no cost below 0. Where some supply cannot reach what
    its share of the orders would ask for, orders that need not hold exactly give way as little as
    they can.

    Parameters
    ----------
    measure
        The measure.
    orders
        What leaves where.

    Returns
    -------
    Assigned
        A basic solution, so no flow goes round in circles; of plans that cost the same, one.

    Raises
    ------
    ConflictingEvidenceError
        If orders that must hold exactly cannot.
    DivergentRoutesError
        If going round a cycle costs less than nothing.
    """
    m = len(measure.legs)
    cost = np.maximum(-measure.centred, 0.0)
    supply = measure.supply_kg / measure.supply_kg.sum()
    placed = sp.hstack([sp.csr_array((len(orders.names), m)), orders.exits])
    rows = sp.csr_array(sp.vstack([balance_matrix(measure), placed]))
    # An exit that serves no order stays shut.
    served = np.concatenate([np.ones(m, bool), np.asarray(orders.exits.sum(axis=0)).ravel() > 0])
    bounds = np.column_stack([np.zeros(len(cost)), np.where(served, np.inf, 0.0)])
    wanted = np.concatenate([supply, orders.amount])
    result = _solved(cost, rows, wanted, bounds)
    notes = orders.notes
    if result is None:
        soft = np.flatnonzero(~orders.hard)
        result = _with_give(cost, rows, wanted, bounds, soft + len(supply))
        if result is None:
            raise unmet_exactly(orders, orders.hard)
        missed = np.abs(placed @ result.x[: len(cost)] - orders.amount)
        worst = int(missed.argmax())
        amount = format_kg(missed[worst] * measure.supply_kg.sum())
        name = orders.names[worst]
        note = f"the supplies do not reach all orders: they give way, {name} most, by {amount}"
        notes = (*notes, note)
    arcs = np.maximum(result.x[: len(cost)], 0.0)
    gap = abs(result.fun - float(wanted @ result.eqlin.marginals)) / max(1.0, abs(result.fun))
    return Assigned(arcs, gap=gap, iterations=int(result.nit), notes=notes)


def _solved(
    cost: NDArray[np.float64],
    rows: sp.csr_array,
    wanted: NDArray[np.float64],
    bounds: NDArray[np.float64],
) -> Any | None:
    options = {
        "primal_feasibility_tolerance": _TOLERANCE,
        "dual_feasibility_tolerance": _TOLERANCE,
    }
    result = linprog(
        cost, A_eq=rows, b_eq=wanted, bounds=bounds, method="highs-ds", options=options
    )
    return result if result.status == 0 else None


def _with_give(
    cost: NDArray[np.float64],
    rows: sp.csr_array,
    wanted: NDArray[np.float64],
    bounds: NDArray[np.float64],
    soft: NDArray[np.intp],
) -> Any | None:
    """Solve with orders that give way, at a price above that of any route."""
    count = len(soft)
    shape = (rows.shape[0], count)
    give = sp.csr_array((np.ones(count), (soft, np.arange(count))), shape=shape)
    price = 1.0 + 2.0 * float(np.sort(cost)[-rows.shape[0] :].sum())
    return _solved(
        np.concatenate([cost, np.full(2 * count, price)]),
        sp.csr_array(sp.hstack([rows, give, -give])),
        wanted,
        np.vstack([bounds, np.column_stack([np.zeros(2 * count), np.full(2 * count, np.inf)])]),
    )
