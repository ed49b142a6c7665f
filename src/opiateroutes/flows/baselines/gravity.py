"""Gravity on legs: nodes draw by their mass, distance deters, and all margins hold.

The onward share of a leg follows the production-constrained gravity model of Wilson: of what stands
at node i, the part

    w_ij = m_j exp(-c_ij) / (m_i + sum_k m_k exp(-c_ik))

goes on to j, where m is the mass of a node; its own mass competes at no cost. Chains of such steps
are then scaled to both margins, A_o for what a supply sends and B_d for what leaves at a figure, as
in the doubly constrained model: the number of routes from o to d is A_o B_d N_od with
``N = (I - W)^-1``, which always exists, since a part ends at every node.

References
----------
.. [1] Wilson, A. G. (1967), "A statistical theory of spatial distribution models", Transportation
   Research 1(3), 253-269.
.. [2] Wilson, A. G. (1971), "A family of spatial interaction models, and associated developments",
   Environment and Planning A 3(1), 1-32.
.. [3] Erlander, S., Stewart, N. F. (1990), The Gravity Model in Transportation Analysis: balancing
   and its convergence.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy.sparse as sp

from opiateroutes.flows.baselines.assigned import Assigned
from opiateroutes.flows.baselines.orders import orders_of, unmet_exactly
from opiateroutes.flows.binding.places import Places
from opiateroutes.flows.kernel.dual import Problem, evaluate, flows_at
from opiateroutes.flows.kernel.rows import Rows
from opiateroutes.units import format_kg

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.baselines.orders import Orders
    from opiateroutes.flows.binding.bind import Bound
    from opiateroutes.flows.kernel.measure import PathMeasure
    from opiateroutes.network import RouteNetwork

__all__ = ["gravity", "node_masses"]

_ROUNDS_AT_MOST = 500
_HELD = 1e-12
_WORTH_SAYING = 1e-9


def gravity(net: RouteNetwork, bound: Bound, evidence: Evidence) -> Assigned:
    """Assign all orders by gravity on legs.

    Parameters
    ----------
    net
        The network.
    bound
        The bound problem.
    evidence
        Its evidence.

    Returns
    -------
    Assigned
        Flows in balance. With one supply the orders hold after one round of scaling; with several
        after some, and where no flows can meet all of them, a note says which is missed most.

    Raises
    ------
    ConflictingEvidenceError
        If orders that must hold exactly cannot.
    """
    orders = orders_of(bound, evidence)
    reference, kept = _reference(bound.measure, orders, node_masses(net, bound.measure, evidence))
    problem = _problem(reference, orders, kept)
    t = np.zeros((len(orders.names), 1))
    missed = np.full(len(orders.names), np.inf)
    flows = np.zeros(reference.n_arcs)
    for rounds in range(_ROUNDS_AT_MOST + 1):
        flows = flows_at(problem, evaluate(problem, t))[:, 0]
        values = problem.rows.values(flows[:, None])
        missed = np.abs(values[:, 0] - orders.amount)
        if missed.max() <= _HELD or rounds == _ROUNDS_AT_MOST:
            break
        t += np.log(np.maximum(values, 1e-300)) - np.log(problem.target)
    arcs = np.zeros(bound.measure.n_arcs)
    arcs[kept] = flows
    notes = (*orders.notes, *_missed_note(orders, missed, bound.measure))
    return Assigned(arcs, iterations=rounds, notes=notes)


def _missed_note(
    orders: Orders, missed: NDArray[np.float64], measure: PathMeasure
) -> tuple[str, ...]:
    worst = int(missed.argmax())
    if missed[worst] <= _WORTH_SAYING:
        return ()
    if missed[orders.hard].max(initial=0.0) > _WORTH_SAYING:
        raise unmet_exactly(orders, missed > _WORTH_SAYING)
    amount = format_kg(missed[worst] * measure.supply_kg.sum())
    return (f"the supplies do not meet all orders: {orders.names[worst]} is missed by {amount}",)


def node_masses(net: RouteNetwork, measure: PathMeasure, evidence: Evidence) -> NDArray[np.float64]:
    """Return the mass of each state: the figures about the place where it stands, added up, kg.

    Supply, demand and seizures count alike. A figure about a place where no route arrives counts
    for all of its group. A state without any figure has the smallest mass that another has: a node
    that nobody reports on is not one that nobody passes.

    Parameters
    ----------
    net
        The network.
    measure
        The measure.
    evidence
        The evidence.

    Returns
    -------
    numpy.ndarray
        Shape ``(nodes,)``, all above 0.
    """
    places = Places.of(net)
    at = {str(state): k for k, state in enumerate(measure.nodes)}
    mass = np.zeros(measure.n_nodes)
    figures = pd.concat([evidence.supply, evidence.demand, evidence.seizures])
    for place, best in zip(figures["node"], figures["best_kg"], strict=True):
        own = {at[name] for name in (place, *places.members(place)) if name in at}
        around = {at[n] for p in places.members(place) for n in places.siblings(p) if n in at}
        mass[sorted(own or around)] += best
    return np.where(mass > 0, mass, mass[mass > 0].min())


def _reference(
    measure: PathMeasure, orders: Orders, mass: NDArray[np.float64]
) -> tuple[PathMeasure, NDArray[np.intp]]:
    """Return the chain of onward shares with the exits that serve an order, and its arcs."""
    m, log_mass = len(measure.legs), np.log(mass)
    pull = measure.leg_log_weight + log_mass[measure.head]
    # Shares are taken against the strongest pull: the sum cannot overflow.
    strongest = log_mass.copy()
    np.maximum.at(strongest, measure.tail, pull)
    total = np.exp(log_mass - strongest)
    np.add.at(total, measure.tail, np.exp(pull - strongest[measure.tail]))
    log_total = strongest + np.log(total)
    served = np.flatnonzero(np.asarray(orders.exits.sum(axis=0)).ravel() > 0)
    reference = replace(
        measure,
        leg_log_weight=pull - log_total[measure.tail],
        exit_node=measure.exit_node[served],
        exit_kind=measure.exit_kind[served],
        exit_log_weight=measure.exit_log_weight[served],
    )
    return reference, np.concatenate([np.arange(m), m + served])


def _problem(reference: PathMeasure, orders: Orders, kept: NDArray[np.intp]) -> Problem:
    m, count = len(reference.legs), len(orders.names)
    served = kept[m:] - m
    placed = sp.hstack([sp.csr_array((count, m)), orders.exits[:, served]])
    rows = Rows(
        names=orders.names,
        general=sp.csr_matrix(placed),
        n_flows=0,
        n_exits=len(served),
        exit_of_row=np.zeros(0, dtype=np.intp),
        target_kg=orders.amount * reference.supply_kg.sum(),
        sd_kg=np.zeros(count),
    )
    return Problem.of(reference, rows, n_effective=1.0)
