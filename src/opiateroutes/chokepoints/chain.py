"""The intended chain of a fit, and what extra enforcement at nodes does to it.

From a fit: where traffickers mean to go (legs and exits, given not seized) and the share seized at
each node. Extra enforcement lets a share ``s`` through at each visit of a node; traffickers
reweight their routes by ``survival ** reaction``. With ``Y[m; e]`` the expected exit ``e`` of the
chain under node multipliers ``m``::

    delivered / dispatched = Y[(1 - r) s^(reaction + 1); consumption] / Y[s^reaction; any exit]

References
----------
.. [1] Sherman, Morrison (1950), "Adjustment of an inverse matrix corresponding to a change in one
   element of a given matrix", Annals of Mathematical Statistics 21(1): all single nodes at once
   from one inverse.
.. [2] Doob (1957), "Conditional Brownian motion and the boundary limits of harmonic functions",
   Bulletin de la SMF 85: the chain under reweighted routes is again a chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.flows.kernel.measure import CONSUMPTION, SEIZURE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.kernel.measure import PathMeasure

__all__ = ["IntendedChain"]

_SMALL = 1e-3
"""Below this share of surviving routes a node is solved on its own instead of in closed form."""


@dataclass(frozen=True, eq=False)
class IntendedChain:
    """Intended moves and baseline interception of a fit, on its ``n`` nodes and ``m`` legs.

    Parameters
    ----------
    measure
        The path measure of the fit, for the graph and the supply.
    move
        Shape ``(m,)``: probability of taking each leg, given not seized at its start.
    consumed
        Shape ``(n,)``: probability of being consumed at each node, given not seized there.
    left
        Shape ``(n,)``: probability of any exit but seizure, given not seized there.
    ending
        Shape ``(exits,)``: probability of each exit, given not seized there; 0 for seizures.
    intercepted
        Shape ``(n,)``: share seized of what passes each node.
    """

    measure: PathMeasure
    move: NDArray[np.float64]
    consumed: NDArray[np.float64]
    left: NDArray[np.float64]
    ending: NDArray[np.float64]
    intercepted: NDArray[np.float64]

    @classmethod
    def of(cls, measure: PathMeasure, arcs_kg: NDArray[np.float64]) -> IntendedChain:
        """Read the chain off fitted flows, shape ``(arcs,)``."""
        n, m = measure.n_nodes, len(measure.legs)
        through = np.bincount(measure.arc_tail, arcs_kg, n)
        exits = arcs_kg[m:]
        seized = np.bincount(
            measure.exit_node, np.where(measure.exit_kind == SEIZURE, exits, 0.0), n
        )
        consumption = np.where(measure.exit_kind == CONSUMPTION, exits, 0.0)
        other = np.where(measure.exit_kind == SEIZURE, 0.0, exits)
        # Added up, not taken from the whole: where nearly all is seized the difference is noise.
        onward = np.concatenate([arcs_kg[:m], other])
        passed = np.bincount(measure.arc_tail, onward, n)
        share = np.divide(1.0, passed, out=np.zeros(n), where=passed > 0)
        left = share * np.bincount(measure.exit_node, other, n).astype(np.float64)
        consumed = share * np.bincount(measure.exit_node, consumption, n).astype(np.float64)
        # Where all is seized nobody's intention is seen: routes are taken to end there.
        left[passed == 0] = 1.0
        return cls(
            measure=measure,
            move=arcs_kg[:m] * share[measure.tail],
            consumed=consumed,
            left=left,
            ending=other * share[measure.exit_node],
            intercepted=np.divide(seized, through, out=np.zeros(n), where=through > 0),
        )

    def moves(self, multiplier: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the chain under node multipliers as a dense matrix, shape ``(n, n)``."""
        matrix = np.zeros((len(multiplier), len(multiplier)))
        np.add.at(matrix, (self.measure.tail, self.measure.head), self.move)
        return multiplier[:, None] * matrix

    def delivered_kg(self, survival: NDArray[np.float64], reaction: float) -> float:
        """Quantity consumed under extra enforcement, supply as before.

        Parameters
        ----------
        survival
            Shape ``(n,)``: share that extra enforcement lets through at each visit.
        reaction
            How strongly traffickers go round it; 0 not at all.

        Returns
        -------
        float
            Kilograms; 0 where no route survives.
        """
        kept = (1.0 - self.intercepted) * survival ** (reaction + 1.0)
        meant = survival**reaction
        eye = np.eye(len(survival))
        reached = np.linalg.solve(eye - self.moves(kept), kept * self.consumed)
        any_exit = np.linalg.solve(eye - self.moves(meant), meant * self.left)
        at = self.measure.sources
        ratio = np.divide(reached[at], any_exit[at], out=np.zeros(len(at)), where=any_exit[at] > 0)
        return float((self.measure.supply_kg[at] * ratio).sum())

    def delivered_by_single_node_kg(self, effort: float, reaction: float) -> NDArray[np.float64]:
        """Quantity consumed when extra enforcement sits on each node alone, in closed form.

        Parameters
        ----------
        effort
            Share that is stopped in addition, at each visit.
        reaction
            How strongly traffickers go round it.

        Returns
        -------
        numpy.ndarray
            Shape ``(n,)``, kilograms.
        """
        passed = 1.0 - self.intercepted
        survival = 1.0 - effort
        number = self._value_by_node(passed, self.consumed, survival ** (reaction + 1.0))
        amount = self._value_by_node(np.ones_like(passed), self.left, survival**reaction)
        # Where little survives the closed form is a small difference of large numbers.
        doubtful = np.flatnonzero((amount < _SMALL).any(axis=0))
        ratio = np.divide(number, amount, out=np.zeros_like(number), where=amount >= _SMALL)
        supply = self.measure.supply_kg[self.measure.sources]
        delivered: NDArray[np.float64] = supply @ ratio
        for node in doubtful:
            alone = np.where(np.arange(len(passed)) == node, survival, 1.0)
            delivered[node] = self.delivered_kg(alone, reaction)
        return delivered

    def _value_by_node(
        self, multiplier: NDArray[np.float64], exits: NDArray[np.float64], factor: float
    ) -> NDArray[np.float64]:
        """Value from each source when one node's multiplier is scaled, shape ``(sources, n)``."""
        visits = np.linalg.inv(np.eye(len(exits)) - self.moves(multiplier))
        value = visits @ (multiplier * exits)
        at = self.measure.sources
        through = visits[at] * value
        again = np.diag(visits) - 1.0
        change = (factor - 1.0) * through / (1.0 - (factor - 1.0) * again)
        scaled: NDArray[np.float64] = value[at, None] + change
        return scaled

    def flows_kg(self, survival: NDArray[np.float64], reaction: float) -> NDArray[np.float64]:
        """Flows on all arcs but seizures under extra enforcement, shape ``(arcs,)``, kilograms.

        Parameters
        ----------
        survival, reaction
            See `delivered_kg`.

        Returns
        -------
        numpy.ndarray
            On stages, then through exits; what is seized is left at 0.
        """
        measure = self.measure
        meant = survival**reaction
        value = np.linalg.solve(np.eye(len(survival)) - self.moves(meant), meant * self.left)
        ahead = np.divide(1.0, value, out=np.zeros_like(value), where=value > 0)
        move = meant[measure.tail] * self.move * value[measure.head] * ahead[measure.tail]
        passed = (1.0 - self.intercepted) * survival
        step = np.zeros((len(survival), len(survival)))
        np.add.at(step, (measure.tail, measure.head), passed[measure.tail] * move)
        # Where no route survives nothing is sent.
        sent = np.where(value > 0, measure.supply_kg, 0.0)
        visits = np.linalg.solve(np.eye(len(survival)) - step.T, sent)
        at = measure.exit_node
        end = meant[at] * self.ending * ahead[at]
        flows: NDArray[np.float64] = np.concatenate(
            [visits[measure.tail] * passed[measure.tail] * move, visits[at] * passed[at] * end]
        )
        return flows
