"""The intended chain of a fit, and what extra enforcement on it does.

From a fit: where traffickers mean to go (legs and exits, given not seized) and the share seized at
each node. Extra enforcement lets a share ``s`` through at each visit of a node or crossing of a
leg; traffickers reweight their routes by ``survival ** reaction``. With ``Y[m; e]`` the expected
exit ``e`` of the chain under multipliers ``m``::

    delivered / dispatched = Y[(1 - r) s^(reaction + 1); consumption] / Y[s^reaction; any exit]

All arrays have a leading axis of draws; a fit is one draw.

References
----------
.. [1] Doob (1957), "Conditional Brownian motion and the boundary limits of harmonic functions",
   Bulletin de la SMF 85: the chain under reweighted routes is again a chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from opiateroutes.chokepoints.survival import scaled_value
from opiateroutes.flows.kernel.measure import CONSUMPTION, SEIZURE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.kernel.measure import PathMeasure

__all__ = ["Enforcement", "IntendedChain"]


@dataclass(frozen=True, eq=False)
class Enforcement:
    """Share that extra enforcement lets through, of what comes.

    Parameters
    ----------
    at_nodes
        Shape ``(n,)``: at each visit of a node.
    on_legs
        Shape ``(m,)``: at each crossing of a stage.
    """

    at_nodes: NDArray[np.float64]
    on_legs: NDArray[np.float64]

    @classmethod
    def none(cls, measure: PathMeasure) -> Enforcement:
        """Return no extra enforcement at all."""
        return cls(np.ones(measure.n_nodes), np.ones(len(measure.legs)))

    def to_the(self, power: float) -> Enforcement:
        """Return what is let through, to a power: reaction, or reaction and loss together."""
        return Enforcement(self.at_nodes**power, self.on_legs**power)


@dataclass(frozen=True, eq=False)
class IntendedChain:
    """Intended moves and baseline interception, on the ``n`` nodes and ``m`` stages of a measure.

    Parameters
    ----------
    measure
        The path measure of the fit.
    move
        Shape ``(draws, m)``: probability of taking each stage, given not seized at its start.
    ending
        Shape ``(draws, exits)``: probability of each exit, given not seized there; 0 for seizures.
    stuck
        Shape ``(draws, n)``: 1 where all is seized and nobody's intention is seen: routes are taken
        to end there, in no exit.
    intercepted
        Shape ``(draws, n)``: share seized of what passes each node.
    supply_kg
        Shape ``(draws, sources)``: what starts at each source of the measure.
    """

    measure: PathMeasure
    move: NDArray[np.float64]
    ending: NDArray[np.float64]
    stuck: NDArray[np.float64]
    intercepted: NDArray[np.float64]
    supply_kg: NDArray[np.float64]

    @classmethod
    def of(cls, measure: PathMeasure, arcs_kg: NDArray[np.floating]) -> IntendedChain:
        """Read the chain off flows.

        Parameters
        ----------
        measure
            The measure whose arcs they run on.
        arcs_kg
            Shape ``(arcs,)`` or ``(draws, arcs)``, kilograms.
        """
        arcs = np.atleast_2d(np.asarray(arcs_kg, dtype=np.float64))
        m = len(measure.legs)
        through = (measure.arcs_at_nodes @ arcs.T).T
        seized = np.where(measure.exit_kind == SEIZURE, arcs[:, m:], 0.0)
        other = np.where(measure.exit_kind == SEIZURE, 0.0, arcs[:, m:])
        # Added up, not taken from the whole: where nearly all is seized the difference is noise.
        onward = np.concatenate([arcs[:, :m], other], axis=1)
        passed = (measure.arcs_at_nodes @ onward.T).T
        share = np.divide(1.0, passed, out=np.zeros_like(passed), where=passed > 0)
        at_nodes = (measure.exits_at_nodes @ seized.T).T
        arrived = (measure.legs_into_nodes @ arcs[:, :m].T).T
        return cls(
            measure=measure,
            move=arcs[:, :m] * share[:, measure.tail],
            ending=other * share[:, measure.exit_node],
            stuck=(passed == 0).astype(np.float64),
            intercepted=np.divide(at_nodes, through, out=np.zeros_like(through), where=through > 0),
            supply_kg=np.maximum((through - arrived)[:, measure.sources], 0.0),
        )

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return len(self.move)

    def only(self, draws: NDArray[np.bool_]) -> IntendedChain:
        """Return some of the draws."""
        arrays = (self.move, self.ending, self.stuck, self.intercepted, self.supply_kg)
        return IntendedChain(self.measure, *(array[draws] for array in arrays))

    @cached_property
    def left(self) -> NDArray[np.float64]:
        """Probability of any exit but seizure, given not seized there, ``(draws, n)``."""
        exits: NDArray[np.float64] = (self.measure.exits_at_nodes @ self.ending.T).T
        return exits + self.stuck

    @cached_property
    def eaten(self) -> NDArray[np.float64]:
        """Probability of each exit if it is consumption, else 0, ``(draws, exits)``."""
        return np.where(self.measure.exit_kind == CONSUMPTION, self.ending, 0.0)

    @cached_property
    def consumed(self) -> NDArray[np.float64]:
        """Probability of being consumed at each node, given not seized there, ``(draws, n)``."""
        shares: NDArray[np.float64] = (self.measure.exits_at_nodes @ self.eaten.T).T
        return shares

    def moves(
        self, at_nodes: NDArray[np.float64], on_legs: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """Return the chain under multipliers as dense matrices, shape ``(draws, n, n)``.

        Parameters
        ----------
        at_nodes
            Shape ``(n,)`` or ``(draws, n)``.
        on_legs
            Shape ``(m,)``; 1 by default.
        """
        n = self.measure.n_nodes
        move = self.move if on_legs is None else self.move * on_legs
        cells, joined = self._cells
        dense = np.zeros((self.draws, n * n))
        dense[:, cells] = (joined @ move.T).T
        return np.broadcast_to(at_nodes, (self.draws, n))[:, :, None] * dense.reshape(-1, n, n)

    @cached_property
    def _cells(self) -> tuple[NDArray[np.intp], sp.csr_array]:
        """Cells of a matrix that hold a stage, and which stages fall together in each."""
        place = self.measure.tail * self.measure.n_nodes + self.measure.head
        cells, of = np.unique(place, return_inverse=True)
        ones = (np.ones(len(of)), (of, np.arange(len(of))))
        return cells, sp.coo_array(ones, shape=(len(cells), len(of))).tocsr()

    @property
    def passed(self) -> NDArray[np.float64]:
        """Share not seized of what passes each node, before any extra enforcement."""
        return 1.0 - self.intercepted

    def value(
        self, at_nodes: NDArray[np.float64], on_legs: NDArray[np.float64], ends: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Solve ``v = m (P v + e)``, shape ``(draws, n, k)``.

        Parameters
        ----------
        at_nodes
            ``m``, shape ``(draws, n)``.
        on_legs
            Multipliers of stages, shape ``(m,)``.
        ends
            ``e``, shape ``(draws, n, k)``.
        """
        system = np.eye(self.measure.n_nodes) - self.moves(at_nodes, on_legs)
        value = np.linalg.solve(system, at_nodes[..., None] * ends)
        return value.astype(np.float64, copy=False)

    def delivered_kg(self, enforcement: Enforcement, reaction: float) -> NDArray[np.float64]:
        """Solve for the quantity consumed under extra enforcement, dispatch as before.

        Parameters
        ----------
        enforcement
            What it lets through.
        reaction
            How strongly traffickers go round it; 0 not at all.

        Returns
        -------
        numpy.ndarray
            Shape ``(draws,)``, kilograms; 0 where no route survives.
        """
        at = self.measure.sources
        reached = scaled_value(self, enforcement, reaction + 1.0, self.passed, self.consumed)
        meant = scaled_value(self, enforcement, reaction, np.ones_like(self.passed), self.left)
        total: NDArray[np.float64] = (self.supply_kg * reached.over(meant, at)).sum(axis=1)
        return total

    def flows_kg(self, enforcement: Enforcement, reaction: float) -> NDArray[np.float64]:
        """Flows on all arcs but seizures under extra enforcement.

        Parameters
        ----------
        enforcement
            What it lets through.
        reaction
            How strongly traffickers go round it.

        Returns
        -------
        numpy.ndarray
            Shape ``(draws, arcs)``, kilograms that start on each stage, then that leave through
            each exit; what is seized is left at 0.
        """
        measure = self.measure
        ones = np.ones((self.draws, 1))
        meant = scaled_value(self, enforcement, reaction, np.ones_like(self.passed), self.left)
        value = meant.value
        ahead = np.divide(1.0, value, out=np.zeros_like(value), where=value > 0)
        move = ahead[:, measure.tail] * meant.on_legs * self.move * value[:, measure.head]
        passed = self.passed * enforcement.at_nodes
        # What a leg stops has started on it: the loss comes behind.
        arriving = IntendedChain(
            measure, move * enforcement.on_legs, self.ending, self.stuck, self.intercepted, ones
        ).moves(passed)
        sent = np.zeros_like(passed)
        # Where no route survives nothing is sent.
        at = measure.sources
        sent[:, at] = np.where(value[:, at] > 0, self.supply_kg, 0.0)
        system = np.eye(measure.n_nodes) - arriving.swapaxes(1, 2)
        arrived = np.linalg.solve(system, sent[..., None])[..., 0]
        visits = arrived.astype(np.float64, copy=False) * passed
        end = (ahead * meant.at_ends)[:, measure.exit_node] * self.ending
        flows: NDArray[np.float64] = np.concatenate(
            [visits[:, measure.tail] * move, visits[:, measure.exit_node] * end], axis=1
        )
        return flows
