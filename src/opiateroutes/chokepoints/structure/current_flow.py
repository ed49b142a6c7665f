"""Betweenness of currents: routes spread over a network as electricity does.

References
----------
.. [1] Newman, M. E. J. (2005), "A measure of betweenness centrality based on random walks", Social
   Networks 27(1), 39-54.
.. [2] Brandes, U., Fleischer, D. (2005), "Centrality measures based on current flow", Proceedings
   of STACS 2005, 533-544: the sums over all pairs by sorting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from opiateroutes.errors import ConvergenceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["current_through", "joined"]

_CONDITION = 1e10
"""Of the equations for potentials; what is beyond would leave fewer than six digits."""


def joined(
    n_nodes: int, ends: tuple[NDArray[np.intp], NDArray[np.intp]], strength: NDArray[np.float64]
) -> sp.coo_array:
    """Add up the strengths of all legs between two nodes, whatever the direction.

    Parameters
    ----------
    n_nodes
        Number of nodes.
    ends, strength
        Of each leg. Legs from a node to itself, and those of strength 0, carry no current.

    Returns
    -------
    scipy.sparse.coo_array
        Above the diagonal only.

    Examples
    --------
    >>> pairs = joined(2, (np.array([0, 1]), np.array([1, 0])), np.array([1.0, 2.0]))
    >>> pairs.row.tolist(), pairs.col.tolist(), pairs.data.tolist()
    ([0], [1], [3.0])
    """
    kept = (ends[0] != ends[1]) & (strength > 0.0)
    tail, head = (end[kept] for end in ends)
    matrix = sp.coo_array(
        (strength[kept], (np.minimum(tail, head), np.maximum(tail, head))),
        shape=(n_nodes, n_nodes),
    )
    matrix.sum_duplicates()
    return matrix


def current_through(
    pairs: sp.coo_array, sources: NDArray[np.bool_], targets: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Add up what passes each node when a unit of current flows from each source to each target.

    Each component is taken by itself: between components no current flows. What enters or leaves
    at an end is not counted at that end.

    Parameters
    ----------
    pairs
        Conductance of each pair of nodes, see `joined`.
    sources, targets
        Masks of nodes.

    Returns
    -------
    through : numpy.ndarray
        Shape ``(nodes,)``: current summed over ordered pairs of a source and a target.
    component_nodes : numpy.ndarray
        Shape ``(nodes,)``: size of the component of each node.

    Examples
    --------
    >>> pairs = joined(3, (np.array([0, 1]), np.array([1, 2])), np.ones(2))
    >>> everywhere = np.ones(3, dtype=bool)
    >>> current_through(pairs, everywhere, everywhere)[0].round(9).tolist()
    [0.0, 2.0, 0.0]
    """
    _, label = connected_components(pairs, directed=False)
    size = np.bincount(label)[label]
    through = np.zeros(len(label))
    of_pair = label[pairs.row]
    for part in np.unique(of_pair).tolist():
        members = np.flatnonzero(label == part)
        inside = of_pair == part
        row, col = (np.searchsorted(members, end[inside]) for end in (pairs.row, pairs.col))
        through[members] = _through_component(
            len(members), (row, col), pairs.data[inside], sources[members], targets[members]
        )
    return through, size


def _through_component(
    count: int,
    ends: tuple[NDArray[np.intp], NDArray[np.intp]],
    strength: NDArray[np.float64],
    sources: NDArray[np.bool_],
    targets: NDArray[np.bool_],
) -> NDArray[np.float64]:
    # With one node earthed the rest of the Laplacian can be inverted; potentials differ by a
    # constant only, which no current sees.
    tail, head = ends
    strength = strength / strength.max()
    laplacian = np.zeros((count, count))
    laplacian[tail, head] = laplacian[head, tail] = -strength
    np.fill_diagonal(laplacian, -laplacian.sum(axis=1))
    potential = np.zeros((count, count))
    potential[1:, 1:] = _inverse(laplacian[1:, 1:])
    through = np.zeros(count)
    for a, b, conductance in zip(tail.tolist(), head.tolist(), strength.tolist(), strict=True):
        # Current on this pair from s to t is drop[s] - drop[t].
        drop = conductance * (potential[a] - potential[b])
        to_targets, from_sources = _distances(drop, drop[targets]), _distances(drop, drop[sources])
        total = to_targets[sources].sum()
        for end in (a, b):
            own = sources[end] * to_targets[end] + targets[end] * from_sources[end]
            through[end] += (total - own) / 2.0
    # What is nothing may come out a rounding below it.
    return np.maximum(through, 0.0)


def _inverse(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Invert a positive matrix, with its diagonal scaled to 1: a weak leg by itself is no harm."""
    size = np.sqrt(matrix.diagonal())
    scaled = matrix / size[:, None] / size
    try:
        inverse = np.linalg.inv(scaled)
    except np.linalg.LinAlgError:
        inverse = np.full_like(scaled, np.inf)
    if not np.abs(scaled).sum(axis=0).max() * np.abs(inverse).sum(axis=0).max() < _CONDITION:
        raise ConvergenceError(
            "the strengths lie too far apart for currents to be worked out: strong parts hang "
            "together by legs many millions of times weaker. Give the weakest strength 0, or lower "
            "the strongest"
        )
    found: NDArray[np.float64] = inverse / size[:, None] / size
    return found


def _distances(values: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of the distances of each value from all others, by sorting."""
    ordered = np.sort(others)
    below = np.concatenate([[0.0], np.cumsum(ordered)])
    rank = np.searchsorted(ordered, values)
    above = below[-1] - below[rank]
    result: NDArray[np.float64] = values * (2 * rank - len(ordered)) - below[rank] + above
    return result
