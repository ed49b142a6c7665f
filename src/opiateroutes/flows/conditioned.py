"""What an estimate was solved from, kept for those who go on from it: draws, calibration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from opiateroutes.flows.binding.bind import Bound
    from opiateroutes.flows.kernel.condition import Solution
    from opiateroutes.flows.kernel.dual import Problem

__all__ = ["Conditioned"]


@dataclass(frozen=True, eq=False)
class Conditioned:
    """A bound problem and its solution.

    Parameters
    ----------
    bound, problem, solution
        The measure with its rows; the same in shares of the supply; its solution.
    coefficients
        Index ``leg``, one column a cost coefficient: change of the cost, in nats, for one standard
        deviation of the coefficient; no column where costs were given.
    supply_sd_kg
        Shape ``(sources,)``: standard deviation of each supply.
    n_effective
        Number of shipments that the prior is worth.
    structural_sd
        What the cost model does not know about a leg, nats.
    """

    bound: Bound
    problem: Problem
    solution: Solution
    coefficients: pd.DataFrame
    supply_sd_kg: NDArray[np.float64]
    n_effective: float
    structural_sd: float
