"""Conditioning the path measure on an origin-destination table: closed form, no iteration.

With ``N = (I - W)^-1`` the weight of all routes from ``o`` to ``d`` is ``N_od``. If ``T_od`` takes
them, the flow on a leg of weight ``w`` is ``w_ij sum_od N_oi (T_od / N_od) N_jd``, in short
``f = w * (N' (T / N) N')``. Origin by origin that is a chain whose exits weigh ``T_od / N_od``: two
solves each. Weights stay logarithms, and each chain is recentred by its own cheapest way out, so
that no cost is too large.

References
----------
.. [1] Dial, R. B. (1971), "A probabilistic multipath traffic assignment model which obviates path
   enumeration", Transportation Research 5(2), 83-111.
.. [2] Bell, M. G. H. (1995), "Alternatives to Dial's logit assignment algorithm", Transportation
   Research B 29(4), 287-295: all walks at once by one inverse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.kernel.measure import PathMeasure

__all__ = ["log_weight_of_pairs", "od_flows"]


class _Chains(NamedTuple):
    """A batch of weights, recentred: cost of the cheapest way out, weights, what is ahead."""

    out: NDArray[np.float64]
    weights: NDArray[np.float64]
    factor: Any
    y: NDArray[np.float64]


def log_weight_of_pairs(
    measure: PathMeasure, destination: NDArray[np.intp], count: int
) -> NDArray[np.float64]:
    """Return ``ln N_od``, shape ``(sources, destinations)``; minus infinity where no route leads.

    Parameters
    ----------
    measure
        The measure.
    destination
        Shape ``(exits,)``: index of the destination that each exit belongs to.
    count
        Number of destinations.

    Raises
    ------
    DivergentRoutesError
        If the weights of all routes add up to infinity.
    """
    towards = destination[:, None] == np.arange(count)
    chains = _chains(measure, np.where(towards, 0.0, -np.inf))
    found = np.isfinite(chains.out[measure.sources])
    ahead = np.where(found, chains.y[measure.sources], 1.0)
    out = np.where(found, chains.out[measure.sources], np.inf)
    log: NDArray[np.float64] = np.log(ahead) - out
    return log


def od_flows(
    measure: PathMeasure,
    destination: NDArray[np.intp],
    table: NDArray[np.float64],
    log_pairs: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the flows of each source, shape ``(sources, arcs)``, in the unit of the table.

    Parameters
    ----------
    measure, destination
        See `log_weight_of_pairs`.
    table
        Shape ``(sources, destinations)``: what goes from where to where, at least 0; each source
        has some, to destinations that it reaches.
    log_pairs
        Result of `log_weight_of_pairs`.
    """
    with np.errstate(divide="ignore"):
        share = np.log(table)
    factor = np.where(table > 0, share - np.where(table > 0, log_pairs, 0.0), -np.inf)
    chains = _chains(measure, factor.T[destination])
    m, batch = len(measure.legs), len(table)
    each = np.arange(batch)
    start = np.zeros((measure.n_nodes, 1, batch))
    start[measure.sources, 0, each] = table.sum(axis=1) / chains.y[measure.sources, each]
    visits = measure.elimination.solve_transposed(chains.factor, start)[:, 0]
    flows: NDArray[np.float64] = visits[measure.arc_tail] * chains.weights
    flows[:m] *= chains.y[measure.head]
    return flows.T


def _chains(measure: PathMeasure, log_exits: NDArray[np.float64]) -> _Chains:
    """Solve for what is ahead of each node; exits weigh more by factors, ``(exits, batch)``."""
    m = len(measure.legs)
    legs = np.broadcast_to(measure.leg_log_weight[:, None], (m, log_exits.shape[1]))
    log = np.concatenate([legs, measure.exit_log_weight[:, None] + log_exits])
    out, found = measure.cheapest_way_out(log)
    if not found.all():
        raise measure.divergence()
    ahead = np.concatenate([out[measure.head], np.zeros_like(log_exits)])
    leads = np.isfinite(ahead) & np.isfinite(log)
    # Where an arc leads somewhere, so does the node where it starts.
    centred = np.where(leads, log, 0.0) - np.where(leads, ahead, 0.0)
    centred += np.where(leads, out[measure.arc_tail], 0.0)
    weights = np.where(leads, np.exp(centred), 0.0)
    factor = measure.elimination.factor(weights[:m])
    if not factor.stable.all():
        raise measure.divergence()
    y = measure.elimination.solve(factor, (measure.exits_at_nodes @ weights[m:])[:, None])[:, 0]
    return _Chains(out, weights, factor, y)
