"""What a baseline hands back: flows on the arcs of a measure, and how they were found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from opiateroutes.flows.reading.spread import Spread

__all__ = ["Assigned"]


@dataclass(frozen=True, eq=False)
class Assigned:
    """Flows of a baseline.

    Parameters
    ----------
    arcs
        Shape ``(arcs,)``: flows on stages, then through exits, in shares of the supply.
    gap
        Optimality gap, relative to the objective where that is above 1; 0 for a closed form, which
        optimises nothing.
    iterations
        Iterations of whatever was iterated.
    notes
        What a reader must know: assumptions that this very evidence made necessary.
    spread
        Uncertainty; None where the method gives none.
    multipliers
        Shape ``(rows,)``: pull of each evidence row; None where the method has none.
    """

    arcs: NDArray[np.float64]
    gap: float = 0.0
    iterations: int = 0
    notes: tuple[str, ...] = ()
    spread: Spread | None = None
    multipliers: NDArray[np.float64] | None = None
