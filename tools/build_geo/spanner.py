"""Which of all ways between places to keep: a greedy spanner.

Leaving a way out because "another place lies on it" can remove both of two ways that pass each
other's end; the greedy spanner keeps a way unless those kept before already give a route that is
hardly longer, so that every distance survives within the stretch.

References
----------
.. [1] Althöfer, Das, Dobkin, Joseph, Soares (1993), "On sparse spanners of weighted graphs",
   Discrete & Computational Geometry 9: the greedy algorithm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

STRETCH = 1.05


def greedy_spanner(
    lengths: NDArray[np.float64], *, stretch: float = STRETCH
) -> list[tuple[int, int]]:
    """Choose the pairs of a spanner.

    Parameters
    ----------
    lengths : numpy.ndarray
        Symmetric distances, shape ``(n, n)``; infinite where there is no way.
    stretch : float, default 1.05
        Largest ratio of a distance over the chosen pairs to the given one.

    Returns
    -------
    list of (int, int)
        Pairs with the smaller number first, shortest pair first.

    Examples
    --------
    >>> greedy_spanner(np.array([[0.0, 1.0, 2.0], [1.0, 0.0, 1.0], [2.0, 1.0, 0.0]]))
    [(0, 1), (1, 2)]
    """
    first, second = np.triu_indices(len(lengths), k=1)
    order = np.lexsort((second, first, lengths[first, second]))
    chosen: list[tuple[int, int]] = []
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(lengths)))
    for i, j in zip(first[order].tolist(), second[order].tolist(), strict=True):
        length = float(lengths[i, j])
        if not np.isfinite(length):
            break
        reached = nx.single_source_dijkstra_path_length(
            graph, i, cutoff=stretch * length, weight="length"
        )
        if j not in reached:
            graph.add_edge(i, j, length=length)
            chosen.append((i, j))
    return chosen
