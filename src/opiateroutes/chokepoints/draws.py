"""What a search perturbs: the fit behind a result, and the chains of its draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.chokepoints.chain import IntendedChain
from opiateroutes.flows.ensemble.ensemble import FlowEnsemble
from opiateroutes.flows.fit import FlowFit

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["chunks", "fit_behind"]

_NUMBERS_AT_MOST = 4_000_000
"""Numbers in the largest array of a chunk of draws: 32 MB."""


def fit_behind(result: FlowFit | FlowEnsemble) -> FlowFit:
    """Return the fit of a result, with the intervals of the draws of an ensemble.

    Raises
    ------
    TypeError
        If it is neither a fit nor an ensemble.
    ValueError
        If it is of an origin-destination table with several origins.
    """
    fit = result.as_fit() if isinstance(result, FlowEnsemble) else result
    if not isinstance(fit, FlowFit):
        raise TypeError(
            f"expected a fit (estimate_flows) or an ensemble (sample_flows), not "
            f"{type(result).__name__}: chokepoints are read off estimated flows"
        )
    if len(fit.chains) > 1:
        raise ValueError(
            "this fit is of an origin-destination table with several origins: who is sent how much "
            "is fixed and would not answer to enforcement. Estimate from evidence, or give the "
            "table of one origin"
        )
    return fit


def chunks(ensemble: FlowEnsemble, elements: int = 1) -> Iterator[IntendedChain]:
    """Read the chains of an ensemble, as many draws at a time as fit into the caches."""
    measure = ensemble.measure
    largest = max(measure.n_nodes**2, measure.n_arcs, elements * measure.n_nodes)
    width = int(np.clip(_NUMBERS_AT_MOST // largest, 1, 256))
    for start in range(0, ensemble.draws, width):
        yield IntendedChain.of(measure, ensemble.arcs_kg[start : start + width])
