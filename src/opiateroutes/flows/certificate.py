"""The certificate of a result: proof that it solves its problem."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Certificate"]


@dataclass(frozen=True)
class Certificate:
    """Proof that a fit solves its problem.

    Parameters
    ----------
    gap
        Primal less dual objective, computed from their definitions, in nats for each unit of
        supply (relative to the objective where that is above 1 nat); at most 1e-10. For a baseline
        that optimises, the relative gap of its own problem; 0 for one in closed form, which
        optimises nothing.
    balance
        Largest imbalance of a node, as a share of the supply; at most 1e-9.
    iterations
        Newton iterations; of a baseline, whatever it iterates.
    """

    gap: float
    balance: float
    iterations: int
