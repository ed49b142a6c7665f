"""Hauls: the cheapest ways over inland legs, between the places where a route crosses a border.

Left to itself, the measure would wander over a dense net of roads: the number of ways grows faster
than their weight falls, and how finely a map shows the roads of a region would decide how much
moves there. So what happens between two border legs is one choice, not many: from where a route has
arrived, the cheapest way to where it leaves. The idea is that of the connectors of hub networks in
transport assignment, which are built once by shortest path.

References
----------
.. [1] Sheffi, Y. (1985), Urban Transportation Networks, ch. 1 and 11: centroids, connectors and why
   overlapping routes must not be counted as independent ones.
.. [2] Ben-Akiva, Bierlaire (1999), "Discrete choice methods and their applications to short term
   travel decisions", Handbook of Transportation Science: overlap of routes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.special import logsumexp

from opiateroutes.errors import NetworkError
from opiateroutes.network.failures import failure_table

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["Hauls", "Shares", "Way"]

Shares = dict[int, float]
"""Positions (of nodes or legs) with a share."""

Way = tuple[float, Shares, Shares]
"""Cost of a choice of hauls in nats, where they end, and which legs they pass."""

_SMALLEST_COST = 1e-12
"""A sparse graph takes a cost of 0 for no leg."""


@dataclass(frozen=True, eq=False)
class Hauls:
    """Cheapest inland ways from some nodes to all, and who lives at their ends.

    Parameters
    ----------
    row
        Row of each node where hauls start.
    cost
        Shape ``(rows, nodes)``, nats; infinite where there is no inland way, 0 from a node to
        itself.
    before
        Shape ``(rows, nodes)``: the node before on the way; negative at its start.
    leg_at
        Position (among all legs) of the cheapest inland leg between two adjacent nodes.
    population
        Shape ``(nodes,)``; 0 where none is known.
    gates
        Shape ``(nodes,)``: whether an open border leg starts there.

    Notes
    -----
    Of inland ways that cost exactly the same one is taken, by the order of ids: add a detail to the
    costs where both should carry.
    """

    row: dict[int, int]
    cost: NDArray[np.float64]
    before: NDArray[np.int32]
    leg_at: dict[tuple[int, int], int]
    population: NDArray[np.float64]
    gates: NDArray[np.bool_]

    @classmethod
    def over(
        cls,
        ends: tuple[NDArray[np.intp], NDArray[np.intp]],
        inland: pd.Series,
        population: NDArray[np.float64],
        gates: NDArray[np.bool_],
        origins: NDArray[np.intp],
    ) -> Hauls:
        """Find the hauls from some nodes.

        Parameters
        ----------
        ends
            Node positions at the start and at the end of all legs.
        inland
            Index ``leg``: cost of each leg in nats; infinite for legs that are not inland.
        population, gates
            Shape ``(nodes,)``.
        origins
            Where hauls start.

        Raises
        ------
        NetworkError
            If an inland leg has a negative cost: there would be no cheapest way.
        """
        tail, head = ends
        cost = inland.to_numpy("float64")
        _refuse_negative(inland[cost < 0])
        usable = np.flatnonzero(np.isfinite(cost) & (tail != head))
        # The cheapest of parallel legs is written last and stays.
        order = usable[np.argsort(-cost[usable], kind="stable")]
        leg_at = {(int(tail[k]), int(head[k])): int(k) for k in order}
        chosen = np.array(list(leg_at.values()), dtype=np.intp)
        price = np.maximum(cost[chosen], _SMALLEST_COST)
        shape = (len(population), len(population))
        graph = coo_array((price, (tail[chosen], head[chosen])), shape=shape).tocsr()
        away, before = dijkstra(graph, indices=origins, return_predecessors=True)
        row = {int(node): k for k, node in enumerate(origins)}
        return cls(row, np.atleast_2d(away), np.atleast_2d(before), leg_at, population, gates)

    def costs(self, start: int, ends: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the cost of the hauls from a node to others, nats."""
        costs: NDArray[np.float64] = self.cost[self.row[start], ends]
        return costs

    def legs(self, start: int, end: int) -> list[int]:
        """Return the positions of the legs on a haul, last leg first."""
        found = []
        row = self.row[start]
        while end != start:
            previous = int(self.before[row, end])
            found.append(self.leg_at[previous, end])
            end = previous
        return found

    def beginnings(self, members: list[int]) -> list[int]:
        """Return the members of a group where its supply begins: those with a population.

        Where none has one, those at its borders: how finely its inland is cut then does not matter.
        """
        populated = [node for node in members if self.population[node] > 0]
        return populated or [node for node in members if self.gates[node]] or members

    def markets(self, members: list[int]) -> Shares:
        """Return the members of a group where routes end, with their share of its population."""
        populated = [node for node in members if self.population[node] > 0]
        if not populated:
            return {members[0]: 1.0} if len(members) == 1 else {}
        total = self.population[populated].sum()
        return {node: float(self.population[node] / total) for node in populated}

    def to_markets(self, start: int, markets: Shares) -> Way | None:
        """Choose among the hauls from a node to markets; None where there is none.

        A market draws by its share and its nearness: with cost ``c_k`` and share ``p_k`` the choice
        costs ``-ln sum p_k exp(-c_k)``.
        """
        nodes = np.array(list(markets), dtype=np.intp)
        if len(nodes) == 0:
            return None
        log = np.log(list(markets.values())) - self.costs(start, nodes)
        if not np.isfinite(log).any():
            return None
        total = float(logsumexp(log))
        ends = {
            int(node): float(share)
            for node, share in zip(nodes, np.exp(log - total), strict=True)
            if share > 0
        }
        use: Shares = {}
        for node, share in ends.items():
            for leg in self.legs(start, node):
                use[leg] = use.get(leg, 0.0) + share
        return -total, ends, use


def _refuse_negative(costs: pd.Series) -> None:
    if len(costs):
        rule = "inland legs need a cost of at least 0"
        rows = [("legs", str(leg), "cost", value, rule, "") for leg, value in costs.items()]
        raise NetworkError(
            f"{len(costs)} inland leg(s) have a negative cost: going round them would gain without "
            "end",
            failure_table(rows),
        )
