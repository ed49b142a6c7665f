"""The Markov chain that fitted flows are: from flows to where they have been and where they go.

A conditioned path measure is a chain that moves along each arc (leg or exit) with the share of what
leaves its start. What two solves tell of it, of any amounts on its arcs, is where they set out and
where they end; flows of a baseline are read alike, as if they mixed in proportion at every node.

References
----------
.. [1] Kemeny, Snell (1976), Finite Markov Chains, ch. 3: visits and absorption of a chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.kernel.measure import PathMeasure

__all__ = ["FittedChain"]


@dataclass(frozen=True, eq=False)
class FittedChain:
    """Flows as a chain.

    Parameters
    ----------
    measure
        The graph, and what starts at each node.
    arcs_kg
        Shape ``(arcs,)``: flows on legs, then through exits, in balance at every node.
    """

    measure: PathMeasure
    arcs_kg: NDArray[np.float64]

    @cached_property
    def through_kg(self) -> NDArray[np.float64]:
        """What leaves each node, shape ``(nodes,)``."""
        return self.at_tails(self.arcs_kg)

    @cached_property
    def share(self) -> NDArray[np.float64]:
        """Share of each arc in what leaves its start, shape ``(arcs,)``."""
        through = self.through_kg[self.measure.arc_tail]
        return np.divide(self.arcs_kg, through, out=np.zeros_like(through), where=self.arcs_kg > 0)

    @cached_property
    def _factor(self) -> Any:
        return self.factor(np.ones(self.measure.n_arcs))

    def factor(self, kept: NDArray[np.float64]) -> Any:
        """Factorise ``I - P`` of the chain that goes on with a share of each arc only.

        Parameters
        ----------
        kept
            Shape ``(arcs,)``, 0 to 1; what is not kept is lost.

        Returns
        -------
        Any
            To be asked with ``solve(rhs)`` for what is ahead of each node, with ``solve(rhs, "T")``
            for the visits.
        """
        measure = self.measure
        n, m = measure.n_nodes, len(measure.legs)
        diagonal = np.arange(n)
        values = np.concatenate([np.ones(n), -(self.share * kept)[:m]])
        ends = [np.concatenate([diagonal, end]) for end in (measure.tail, measure.head)]
        return splu(sp.coo_array((values, tuple(ends)), shape=(n, n)).tocsc())

    def at_tails(self, amounts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add amounts on arcs up by the node where the arcs start, shape ``(nodes,)``."""
        added: NDArray[np.float64] = self.measure.arcs_at_nodes @ amounts
        return added

    def at_heads(self, amounts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add amounts on arcs up by the node where legs end; exits lead to none."""
        m = len(self.measure.legs)
        added: NDArray[np.float64] = self.measure.legs_into_nodes @ amounts[:m]
        return added

    def origins_kg(self, passing_kg: NDArray[np.float64]) -> NDArray[np.float64]:
        """Trace amounts on arcs back to where they set out, shape ``(nodes,)``.

        Parameters
        ----------
        passing_kg
            Shape ``(arcs,)``: part of the flow on each arc.
        """
        through = self.through_kg
        part = np.divide(
            self.at_tails(passing_kg), through, out=np.zeros_like(through), where=through > 0
        )
        origins: NDArray[np.float64] = self.measure.supply_kg * self._factor.solve(part)
        return origins

    def endings_kg(self, passing_kg: NDArray[np.float64]) -> NDArray[np.float64]:
        """Follow amounts on arcs to where they end, shape ``(exits,)``; see `origins_kg`."""
        measure = self.measure
        m = len(measure.legs)
        visits = self._factor.solve(self.at_heads(passing_kg), "T")
        endings: NDArray[np.float64] = passing_kg[m:] + visits[measure.exit_node] * self.share[m:]
        return endings
