"""From flows on stages and exits back to the legs and nodes of the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Trace", "sparse"]


@dataclass(frozen=True, eq=False)
class Trace:
    """Where on the network the arcs (stages, then exits) of a measure run.

    Parameters
    ----------
    legs, nodes
        Ids of the legs and nodes of the network.
    use
        Shape ``(legs, arcs)``: share of each arc's flow that passes each leg.
    begin
        Shape ``(nodes, arcs)``: share of each arc's flow that begins its route at each node.
    end
        Shape ``(nodes, arcs)``: share of each exit's flow that ends at each node.
    out
        Shape ``(nodes, legs)``: 1 where a leg leaves a node.
    """

    legs: NDArray[np.object_]
    nodes: NDArray[np.object_]
    use: sp.csr_array
    begin: sp.csr_array
    end: sp.csr_array
    out: sp.csr_array

    @classmethod
    def nowhere(cls, n_arcs: int) -> Trace:
        """Return the trace of arcs on no network: for those who only solve."""
        none, empty = np.zeros(0, dtype=object), sp.csr_array((0, n_arcs))
        return cls(none, none, empty, empty, empty, sp.csr_array((0, 0)))

    def leaving(self) -> sp.csr_array:
        """Return the arcs that leave each node by a leg or an exit, shape ``(nodes, arcs)``."""
        return (self.out @ self.use + self.end).tocsr()


def sparse(
    rows: list[int] | NDArray[np.intp],
    columns: list[int] | NDArray[np.intp],
    values: list[float] | NDArray[np.float64],
    shape: tuple[int, int],
) -> sp.csr_array:
    """Build a sparse matrix; entries that fall together add up.

    Examples
    --------
    >>> sparse([0, 0], [1, 1], [0.25, 0.5], (1, 2)).toarray().tolist()
    [[0.0, 0.75]]
    """
    entries = (np.asarray(values, dtype=np.float64), (rows, columns))
    return sp.coo_array(entries, shape=shape).tocsr()
