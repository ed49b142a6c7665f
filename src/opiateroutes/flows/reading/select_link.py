"""The flow on every leg that belongs to the routes which pass one leg, before it and after it.

Routes are walks and may pass a leg twice. Here a route counts from its first passage on: what it
carried before is upstream, all that it carries later is downstream. With the chain split at that
passage every term is a sum of products of probabilities, so that nothing cancels and no leg gets
more than its own flow.

References
----------
.. [1] Kemeny, Snell (1976), Finite Markov Chains, ch. 3: first passages of an absorbing chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy.sparse as sp

from opiateroutes.flows.kernel.trace import sparse
from opiateroutes.flows.reading.fitted_chain import FittedChain
from opiateroutes.flows.reading.selection import known_legs
from opiateroutes.flows.reading.within_stage import Within

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.fit import FlowFit

__all__ = ["select_link"]

_ROUNDING = 1e-12
"""What is below this share of the chosen flow is left over from rounding."""


def select_link(fit: FlowFit, leg: str) -> pd.DataFrame:
    """Find the flow that routes over a leg carry elsewhere; see `FlowFit.select_link`."""
    (chosen,) = known_legs(fit.network, [leg])
    legs = fit.network.legs
    count, position = len(legs), int(legs.index.get_loc(chosen))
    upstream, downstream = np.zeros(count), np.zeros(count)
    for measure, arcs_kg in fit.chains:
        before, after = _sides(FittedChain(measure, arcs_kg), position, fit)
        upstream, downstream = upstream + before, downstream + after
    own = fit.legs["flow_kg"].to_numpy("float64")
    along = upstream + downstream
    along[position] = own[position]
    frame = pd.DataFrame(legs[["from_node", "to_node", "mode"]])
    frame = frame.assign(
        flow_kg=np.minimum(along, own),
        share=np.divide(along, own, out=np.zeros(count), where=own > 0).clip(max=1.0),
        upstream_kg=upstream,
        downstream_kg=downstream,
    )
    frame = frame[along > _ROUNDING * own[position]]
    return frame.sort_values("flow_kg", ascending=False, kind="stable").rename_axis("leg")


def _sides(
    chain: FittedChain, position: int, fit: FlowFit
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what each leg carries before the first passage, and after it."""
    measure, share = chain.measure, chain.share
    use = measure.trace.use
    passes = use[[position]].toarray()[0].clip(max=1.0)
    apart = chain.factor(1.0 - passes)
    # Routes that have not passed yet; those that have; the chance of still doing so.
    waiting = apart.solve(measure.supply_kg, "T")[measure.arc_tail] * share
    arrived = chain.at_heads(waiting * passes)
    passed = chain.factor(np.ones(measure.n_arcs)).solve(arrived, "T")[measure.arc_tail] * share
    still = apart.solve(chain.at_tails(share * passes))
    before, after = _within(use, passes, position, fit)
    later = np.concatenate([still[measure.head], np.zeros(len(measure.exit_node))])
    # A stage may have several hauls; those that do not pass here go on to pass later, or not.
    others = sp.diags_array((np.arange(use.shape[0]) != position).astype("float64"))
    missing = sp.csr_array(others @ (use - before - after))
    missing.data[missing.data < _ROUNDING] = 0.0
    upstream = before @ waiting + missing @ (waiting * later)
    downstream = after @ waiting + use @ passed
    return upstream, downstream


def _within(
    use: sp.csr_array, passes: NDArray[np.float64], position: int, fit: FlowFit
) -> tuple[sp.csr_array, sp.csr_array]:
    """Return what passes each leg and the chosen one within one arc, in this order or the other."""
    legs = fit.network.legs
    tail, head = (legs[end].to_numpy(object) for end in ("from_node", "to_node"))
    by_arc = use.tocsc()
    found: tuple[list[tuple[int, int, float]], ...] = ([], [])
    for arc in np.flatnonzero(passes).tolist():
        span = slice(by_arc.indptr[arc], by_arc.indptr[arc + 1])
        own = by_arc.indices[span]
        within = Within.of(own, tail[own], head[own], by_arc.data[span])
        for side, joint in zip(found, within.beside(position), strict=True):
            side += [(leg, arc, value) for leg, value in joint.items()]
    before, after = (
        sparse([e[0] for e in entries], [e[1] for e in entries], [e[2] for e in entries], use.shape)
        for entries in found
    )
    return before, after
