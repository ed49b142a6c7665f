"""The value of a chain as a function of which gates are enforced on.

References
----------
.. [1] Woodbury (1950), "Inverting modified matrices", Memorandum Report 42, Statistical Research
   Group, Princeton: the value after a change of a few rows, from the value before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["GatedValue"]


@dataclass(frozen=True, eq=False)
class GatedValue:
    """``v = m (P v + e)``, where ``m`` is multiplied by a factor at each gate enforced on.

    Parameters
    ----------
    move
        ``P``, shape ``(n, n)``.
    passed
        ``m`` with no gate enforced on, shape ``(n,)``.
    ends
        ``e``, shape ``(n,)``.
    factor
        What enforcement multiplies ``m`` by, 0 to 1.
    gates
        States that enforcement may act on, shape ``(gates,)``.
    """

    move: NDArray[np.float64]
    passed: NDArray[np.float64]
    ends: NDArray[np.float64]
    factor: float
    gates: NDArray[np.intp]

    def solved(self, enforced: NDArray[np.intp]) -> NDArray[np.float64]:
        """Solve with some gates (positions in `gates`) enforced on, shape ``(n,)``."""
        m = self.passed.copy()
        m[self.gates[enforced]] *= self.factor
        found = np.linalg.solve(np.eye(len(m)) - m[:, None] * self.move, m * self.ends)
        value: NDArray[np.float64] = np.maximum(found, 0.0)
        return value

    @cached_property
    def most(self) -> NDArray[np.float64]:
        """The value with nothing enforced on: no set gives more, shape ``(n,)``."""
        return self.solved(np.zeros(0, dtype=np.intp))

    @cached_property
    def least(self) -> NDArray[np.float64]:
        """The value with everything enforced on: no set gives less, shape ``(n,)``."""
        return self.solved(np.arange(len(self.gates)))

    @cached_property
    def visits(self) -> NDArray[np.float64]:
        """How often a route from each state visits each gate, shape ``(n, gates)``."""
        n = len(self.passed)
        inverse = np.linalg.inv(np.eye(n) - self.passed[:, None] * self.move)
        return inverse[:, self.gates].astype(np.float64, copy=False)

    def of_sets(self, sets: NDArray[np.intp], starts: NDArray[np.intp]) -> NDArray[np.float64]:
        """Update the value at some states for many sets at once.

        Parameters
        ----------
        sets
            Shape ``(sets, k)``: positions in `gates`; ``-1`` fills up shorter sets.
        starts
            Shape ``(q,)``: where the value is wanted.

        Returns
        -------
        numpy.ndarray
            Shape ``(sets, q)``.
        """
        base = self.most[starts]
        if sets.shape[1] == 0 or len(self.gates) == 0:
            return np.tile(base, (len(sets), 1))
        there = sets >= 0
        at = np.where(there, sets, 0)
        k, less = sets.shape[1], 1.0 - self.factor
        again = self.visits[self.gates[at][:, :, None], at[:, None, :]] - np.eye(k)
        again *= there[:, :, None] & there[:, None, :]
        worth = self.most[self.gates[at]] * there
        after = np.linalg.solve(np.eye(k) + less * again, worth[..., None])
        met = self.visits[starts][:, at] * there
        value: NDArray[np.float64] = base - less * np.einsum("qsk,sk->sq", met, after[..., 0])
        return np.maximum(value, 0.0)
