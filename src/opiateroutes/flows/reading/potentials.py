"""Potentials: what it costs to get from a node to where routes end, by all ways together.

The potential ``-ln y`` of a node, with ``y = (I - W)^-1 r`` of the conditioned measure, is the log
sum of all routes from there [1]_. Cheap exits ahead make it low, evidence that pulls flow to them
lower still; its difference along a leg is price-like.

References
----------
.. [1] Akamatsu, T. (1996), "Cyclic flows, Markov process and stochastic traffic assignment",
   Transportation Research B 30(5), 369-386.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.sparse.linalg import spsolve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.fit import FlowFit
    from opiateroutes.flows.kernel.measure import PathMeasure

__all__ = ["potentials"]


def potentials(fit: FlowFit) -> pd.DataFrame:
    """Work out the potential of each node; see `FlowFit.potentials`."""
    if fit.conditioned is None:
        raise ValueError(
            "this fit has no potentials: nothing moves in it, or it was not found by conditioning "
            f"on evidence (method {fit.method!r})"
        )
    measure, rows = fit.conditioned.bound.measure, fit.conditioned.problem.rows
    tilt = rows.tilt(fit.conditioned.solution.multipliers)[:, 0]
    index = pd.Index(measure.nodes, name="node", dtype="str")
    names = fit.nodes["name"].reindex(index)
    frame = pd.DataFrame({"name": names.where(names.notna(), index)}, index=index)
    frame["reference_nats"] = _potential(measure, measure.log_weight)
    frame["potential_nats"] = _potential(measure, measure.log_weight - tilt)
    frame["shift_nats"] = frame["potential_nats"] - frame["reference_nats"]
    return frame


def _potential(measure: PathMeasure, log_weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Solve with weights recentred by the cheapest way out: large costs do not vanish."""
    n, m = measure.n_nodes, len(measure.legs)
    out = measure.cheapest_way_out(log_weight[:, None])[0][:, 0]
    ahead = np.concatenate([out[measure.head], np.zeros(len(measure.exit_node))])
    weight = np.exp(log_weight + out[measure.arc_tail] - ahead)
    moves = sp.coo_array((weight[:m], (measure.tail, measure.head)), shape=(n, n))
    reward = np.bincount(measure.exit_node, weight[m:], n)
    solved = np.atleast_1d(spsolve(sp.csc_matrix(sp.eye_array(n) - moves), reward))
    potential: NDArray[np.float64] = out - np.log(solved)
    return potential
