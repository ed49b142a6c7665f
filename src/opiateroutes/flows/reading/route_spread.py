"""How sure the flow of a route is, to first order, as `spread` says of sums of arcs.

A route has the count 1 where it is taken and 0 elsewhere. With its share ``q`` of all routes, ``s``
the share of its source, the use ``n`` that it makes of a sum of arcs and the mean use ``u`` of
routes from its source, its variance is ``q - q^2 / s`` and its covariance with the sum
``q (n - u)``; the rest is as for legs.

References
----------
.. [1] Kemeny, Snell (1976), Finite Markov Chains, ch. 3: second moments of a chain.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.flows.kernel.measure import CONSUMPTION
from opiateroutes.flows.kernel.trace import sparse

if TYPE_CHECKING:
    from collections.abc import Sequence

    import scipy.sparse as sp
    from numpy.typing import NDArray

    from opiateroutes.flows.reading.fitted_chain import FittedChain
    from opiateroutes.flows.reading.spread import Spread

__all__ = ["arcs_of_routes", "routes_sd_kg"]


def routes_sd_kg(
    spread: Spread, chain: FittedChain, routes: Sequence[tuple[int, ...]], kg: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the standard deviation of the flow of routes, kg.

    Parameters
    ----------
    spread
        That of the fit.
    chain
        Its flows.
    routes
        Nodes of each route, from a source to a consumption.
    kg
        Shape ``(routes,)``: flow of each route.
    """
    moments = spread.moments
    share = kg / spread.total_kg
    used = arcs_of_routes(chain, routes)
    first = np.array([route[0] for route in routes], dtype=np.intp)
    source = np.searchsorted(chain.measure.sources, first)
    seen = share * ((spread.rows @ used.T).toarray() - moments.uses_of(spread.rows)[:, source])
    explained = spread.inverse @ seen
    own = share - share**2 / moments.supply[source]
    variance = (own - (seen * explained).sum(axis=0)).clip(0) / spread.n_effective
    caused = (spread.causes @ used.T).toarray() - moments.uses_of(spread.causes)[:, source]
    held_back = moments.covariance(spread.causes, spread.rows) @ explained
    variance += ((share * caused - held_back) ** 2).sum(axis=0)
    # More supply sends more along a route, less what the evidence holds back.
    more = -(explained.T @ moments.uses_of(spread.rows))
    more[np.arange(len(routes)), source] += share / moments.supply[source]
    variance += ((more * spread.supply_sd) ** 2).sum(axis=1)
    sd: NDArray[np.float64] = np.sqrt(variance) * spread.total_kg
    return sd


def arcs_of_routes(chain: FittedChain, routes: Sequence[tuple[int, ...]]) -> sp.csr_array:
    """Return the mean use of arcs by routes, ``(routes, arcs)``: parallel legs share a step."""
    measure = chain.measure
    legs: dict[tuple[int, int], list[int]] = {}
    for arc, pair in enumerate(zip(measure.tail.tolist(), measure.head.tolist(), strict=True)):
        legs.setdefault(pair, []).append(arc)
    exits: dict[int, list[int]] = {}
    for k in np.flatnonzero(measure.exit_kind == CONSUMPTION).tolist():
        exits.setdefault(int(measure.exit_node[k]), []).append(len(measure.legs) + k)
    entries: list[tuple[int, int, float]] = []
    for row, route in enumerate(routes):
        steps = [legs[pair] for pair in itertools.pairwise(route)] + [exits[route[-1]]]
        for arcs in steps:
            total = chain.share[arcs].sum()
            entries += [(row, arc, float(chain.share[arc] / total)) for arc in arcs]
    at, used, values = zip(*entries, strict=True)
    return sparse(list(at), list(used), list(values), (len(routes), measure.n_arcs))
