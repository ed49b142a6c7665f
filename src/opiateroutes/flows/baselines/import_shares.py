"""Import shares: flows from who imports from whom, the five steps of the published method.

Consumption and seizures give what each importer needs, its shares from whom it comes; see
`requirements`. On a network that is finer than the shares, what stands anywhere in a place goes on
in the same proportions, and legs that serve one pair share its flow by their reference weight.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import networkx as nx
import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from opiateroutes.errors import ConvergenceError, UnreachableError
from opiateroutes.flows.baselines.assigned import Assigned
from opiateroutes.flows.baselines.orders import figure_rows
from opiateroutes.flows.baselines.requirements import requirements_of
from opiateroutes.flows.binding.bind import bind
from opiateroutes.flows.binding.places import Places, legs_between
from opiateroutes.units import format_kg

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.baselines.requirements import Requirements
    from opiateroutes.flows.binding.bind import Bound
    from opiateroutes.flows.kernel.measure import PathMeasure
    from opiateroutes.network import RouteNetwork

__all__ = ["import_shares"]

_CLOSED, _INSIDE = -1, -2
"""Keys of arcs that carry nothing, and of moves within one place."""

_ROUNDS_AT_MOST = 2000
_HELD, _HELD_AT_LEAST = 1e-14, 1e-9


class _Totals(NamedTuple):
    """Which pair or figure each arc serves, and what these must add up to (shares of supply)."""

    key: NDArray[np.intp]
    wanted: NDArray[np.float64]
    names: list[str]


def import_shares(
    net: RouteNetwork, evidence: Evidence, costs: pd.Series
) -> tuple[Bound, Assigned]:
    """Compute flows from import shares.

    Parameters
    ----------
    net
        The network.
    evidence
        Evidence with shares.
    costs
        Index ``leg``, nats; infinite closes a leg.

    Returns
    -------
    bound : Bound
        Bound with the supply that the shares ask for, in place of the evidence's.
    assigned : Assigned
        Flows in balance.

    Raises
    ------
    EvidenceError, DivergentRoutesError
        See `requirements_of`.
    UnreachableError
        If a pair that trades has no open leg.
    ConvergenceError
        If what arrives at the nodes of a place cannot go on as the shares say.
    """
    places = Places.of(net)
    needs = requirements_of(evidence, places)
    _refuse_pairs_without_legs(net, places, needs, costs)
    total = float(needs.supply_kg.sum())
    if total == 0:
        # Nobody requires anything: binding says so.
        return bind(net, evidence, costs), Assigned(np.zeros(0))
    asked = evidence.supply.assign(best_kg=needs.supply_kg)
    bound = bind(net, replace(evidence, supply=asked), costs)
    totals = _totals(bound, evidence, places, needs)
    arcs, rounds = _scaled(bound.measure, totals, needs, _places_of(bound.measure, places, needs))
    published = float(evidence.supply["best_kg"].sum())
    note = (
        f"the shares ask the supplies for {format_kg(total)}; the evidence gives "
        f"{format_kg(published)}, which this method does not use"
    )
    return bound, Assigned(arcs, iterations=rounds, notes=(note, *needs.notes))


def _refuse_pairs_without_legs(
    net: RouteNetwork, places: Places, needs: Requirements, costs: pd.Series
) -> None:
    lacking = []
    for i, j in sorted(needs.flows_kg):
        start, end = needs.places[i], needs.places[j]
        legs = legs_between(net.legs, places, start, end)
        if not np.isfinite(costs.reindex(legs).to_numpy("float64")).any():
            lacking.append(f"{start} to {end} ({'all legs closed' if len(legs) else 'no leg'})")
    if lacking:
        raise UnreachableError(
            f"{len(lacking)} pair(s) with an import share have no open leg: "
            f"{', '.join(lacking[:5])}. Add the legs to the network, or give the share to the "
            "exporters on the way"
        )


def _places_of(measure: PathMeasure, places: Places, needs: Requirements) -> NDArray[np.intp]:
    return np.array([needs.place_of(str(s), places) for s in measure.nodes], dtype=np.intp)


def _totals(bound: Bound, evidence: Evidence, places: Places, needs: Requirements) -> _Totals:
    """Find which pair of places or which figure each arc serves."""
    measure, total = bound.measure, float(bound.measure.supply_kg.sum())
    at = _places_of(measure, places, needs)
    pairs = {pair: k for k, pair in enumerate(sorted(needs.flows_kg))}
    key = np.full(measure.n_arcs, _CLOSED, dtype=np.intp)
    for arc, pair in enumerate(zip(at[measure.tail], at[measure.head], strict=True)):
        i, j = int(pair[0]), int(pair[1])
        key[arc] = _INSIDE if i == j >= 0 else pairs.get((i, j), _CLOSED)
    rows, kept = bound.rows, figure_rows(bound)
    node = {
        name: where
        for t in (evidence.demand, evidence.seizures)
        for name, where in t["node"].items()
    }
    exits = sp.csr_array(rows.matrix()[kept])
    for k, row in enumerate(kept):
        home = needs.place_of(str(node[rows.names[row]]), places)
        arcs = exits.indices[exits.indptr[k] : exits.indptr[k + 1]]
        key[arcs[at[measure.arc_tail[arcs]] == home]] = len(pairs) + k
    wanted = [needs.flows_kg[pair] for pair in pairs] + rows.target_kg[kept].tolist()
    names = [f"{needs.places[i]} to {needs.places[j]}" for i, j in pairs]
    return _Totals(
        _without_dead_ends(measure, key),
        np.array(wanted) / total,
        [*names, *(str(name) for name in rows.names[kept])],
    )


def _without_dead_ends(measure: PathMeasure, key: NDArray[np.intp]) -> NDArray[np.intp]:
    """Close arcs into states from which no figure can be reached."""
    m = len(measure.legs)
    graph = nx.DiGraph()
    ended = key[m:] != _CLOSED
    graph.add_edges_from(("end", int(state)) for state in measure.exit_node[ended])
    passable = key[:m] != _CLOSED
    graph.add_edges_from(zip(measure.head[passable], measure.tail[passable], strict=True))
    live = nx.descendants(graph, "end") if "end" in graph else set()
    open_ = np.array([int(head) in live for head in measure.head], dtype=bool)
    return np.where(np.concatenate([open_, np.ones(len(ended), dtype=bool)]), key, _CLOSED)


def _scaled(
    measure: PathMeasure, totals: _Totals, needs: Requirements, at: NDArray[np.intp]
) -> tuple[NDArray[np.float64], int]:
    """Send on, from every state, in the proportions that make all totals hold.

    Where every node of a place reaches all that the place sends to, the first round is exact; else
    the proportions are scaled until the totals hold (iterative proportional fitting).
    """
    m, n, tail = len(measure.legs), measure.n_nodes, measure.arc_tail
    supply = measure.supply_kg / measure.supply_kg.sum()
    used = totals.key >= 0
    weight = _first_weights(measure, totals, needs, at)
    arcs = np.zeros(measure.n_arcs)
    for rounds in range(_ROUNDS_AT_MOST):  # noqa: B007 - the count is part of the result
        leaving = np.bincount(tail, weight, n)
        share = weight / np.where(leaving > 0, leaving, 1.0)[tail]
        step = sp.coo_array((share[:m], (measure.head, measure.tail)), shape=(n, n))
        through = splu(sp.csc_matrix(sp.eye_array(n) - step)).solve(supply)
        arcs = np.maximum(through, 0.0)[tail] * share
        found = np.bincount(totals.key[used], arcs[used], len(totals.wanted))
        missed = np.abs(found - totals.wanted)
        if missed.max() <= _HELD:
            break
        if (found == 0).any():
            name = totals.names[int((found == 0).argmax())]
            raise UnreachableError(
                f"{name}: the legs that other shares use do not lead there. Add legs or inland "
                "ways between the nodes of the place it starts from"
            )
        factor = np.where(used, (totals.wanted / found)[totals.key], 1.0)
        weight = share * factor
    if missed.max() > _HELD_AT_LEAST:
        raise ConvergenceError(
            f"what arrives at the nodes of a place cannot go on as the shares say: "
            f"{totals.names[int(missed.argmax())]} is missed by {missed.max():.2g} of the supply. "
            "Add inland ways between its nodes, or change the shares"
        )
    return arcs, rounds


def _first_weights(
    measure: PathMeasure, totals: _Totals, needs: Requirements, at: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return what each state would send by each arc if it stood for its whole place."""
    key, log = totals.key, measure.log_weight
    group = measure.arc_tail * (len(totals.wanted) + 1) + np.where(
        key >= 0, key, len(totals.wanted)
    )
    best = np.full(int(group.max()) + 1, -np.inf)
    np.maximum.at(best, group, log)
    relative = np.exp(log - best[group])
    beside = np.bincount(group, relative)
    serves = np.where(key >= 0, totals.wanted[np.maximum(key, 0)], 0.0) * relative / beside[group]
    passing = needs.passing_kg / measure.supply_kg.sum()
    # A move within a place is as likely against all that leaves it as its weight is to 1.
    inside = passing[at[measure.arc_tail]] * np.exp(np.minimum(log, 0.0))
    weights: NDArray[np.float64] = np.where(key == _INSIDE, inside, serves)
    return weights
