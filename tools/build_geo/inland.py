"""Ways between the listed places of one country, along its roads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from tools.build_geo.road_graph import RoadGraph, parts_of, subgraph
from tools.build_geo.snapping import Access, access_to_roads
from tools.build_geo.spanner import greedy_spanner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from tools.build_geo.points import Place

ABROAD_COST = 1.15
"""A road that leaves the country costs more, so that a way stays inside; its length stays true."""

SMALLEST_PART_KM = 30.0
SMALLEST_PART_SHARE = 0.01
"""Parts of a country's roads shorter than both are stubs of roads abroad: they would capture a
border point and strand it."""

SIMPLIFY_DEGREES = 0.01


@dataclass(frozen=True)
class Way:
    """A way between two places.

    Attributes
    ----------
    first, second : str
        The places.
    km : float
        True length.
    line : shapely.LineString
        Straight from junction to junction: schematic.
    """

    first: str
    second: str
    km: float
    line: shapely.LineString


def roads_of(
    graph: RoadGraph, land: NDArray[np.object_], code: str
) -> tuple[RoadGraph, NDArray[np.float64]]:
    """Return the roads that touch a country, without stubs, and what each edge costs.

    Parameters
    ----------
    graph : RoadGraph
        All roads.
    land : numpy.ndarray
        Country of each junction.
    code : str
        The country.

    Returns
    -------
    roads : RoadGraph
        Its roads.
    cost : numpy.ndarray
        Length times `ABROAD_COST` where an end lies abroad.
    """
    inside = land[graph.ends] == code
    chosen = inside.any(axis=1)
    cost = graph.km * np.where(inside.all(axis=1), 1.0, ABROAD_COST)
    roads = subgraph(graph, chosen)
    if len(roads.ends) == 0:
        return roads, cost[chosen]
    part = parts_of(roads)[roads.ends[:, 0]]
    total = np.bincount(part, roads.km)
    large = total[part] >= max(SMALLEST_PART_KM, SMALLEST_PART_SHARE * total.max())
    return subgraph(roads, large), cost[chosen][large]


def ways_between(
    places: Mapping[str, Place],
    leaves: Mapping[str, Place],
    roads: RoadGraph,
    cost: NDArray[np.float64],
) -> list[Way]:
    """Return the ways of a spanner between places, and one way from each leaf to its nearest place.

    Parameters
    ----------
    places : mapping of str to (float, float)
        Places that ways may pass.
    leaves : mapping of str to (float, float)
        Places where ways only end (airports).
    roads, cost
        From `roads_of`.

    Returns
    -------
    list of Way
        Places that no road reaches have none.
    """
    routing = _routing({**places, **leaves}, roads, cost)
    if routing is None:
        return []
    names = routing.names
    main = [k for k, name in enumerate(names) if name in places]
    pairs = greedy_spanner(routing.costs[np.ix_(main, main)])
    chosen = [(main[i], main[j]) for i, j in pairs]
    for k, name in enumerate(names):
        if name in leaves and main:
            nearest = min(main, key=lambda other, k=k: (routing.costs[k, other], names[other]))
            if np.isfinite(routing.costs[k, nearest]):
                chosen.append((nearest, k))
    return [routing.way(first, second) for first, second in chosen]


def distances_between(
    places: Mapping[str, Place], roads: RoadGraph, cost: NDArray[np.float64]
) -> dict[frozenset[str], float]:
    """Return the length between every two places that are joined, km."""
    routing = _routing(places, roads, cost)
    if routing is None:
        return {}
    return {
        frozenset((routing.names[i], routing.names[j])): float(routing.costs[i, j])
        for i, j in zip(*np.triu_indices(len(routing.names), k=1), strict=True)
        if np.isfinite(routing.costs[i, j])
    }


def _routing(
    places: Mapping[str, Place], roads: RoadGraph, cost: NDArray[np.float64]
) -> _Routing | None:
    """Join places to roads and route between them; None if no place is joined."""
    if len(roads.ends) == 0:
        return None
    tree = shapely.STRtree(roads.lines())
    found = {name: access_to_roads(place, roads, tree=tree) for name, place in places.items()}
    joined = {name: access for name, access in found.items() if access is not None}
    return _Routing(roads, cost, places, joined) if joined else None


class _Routing:
    """Cheapest ways between joined places; a way ends at a place and never passes through one."""

    def __init__(
        self,
        roads: RoadGraph,
        cost: NDArray[np.float64],
        places: Mapping[str, Place],
        joined: Mapping[str, Access],
    ) -> None:
        self.names = list(joined)
        self._junctions = len(roads.positions)
        self._roads = roads
        own = np.array([places[name] for name in self.names])
        self._positions = np.concatenate([roads.positions, own, own])
        steps = self._steps(roads, cost, list(joined.values()))
        count = self._junctions + 2 * len(self.names)
        tail, head, price, km = steps
        order = np.lexsort((km, price, head, tail))
        tail, head, price, km = (column[order] for column in steps)
        first = np.ones(len(tail), dtype=bool)
        first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
        tail, head, price, km = (column[first] for column in (tail, head, price, km))
        self._km = coo_array((km, (tail, head)), shape=(count, count)).tocsr()
        graph = coo_array((price, (tail, head)), shape=(count, count)).tocsr()
        starts = self._junctions + np.arange(len(self.names))
        distances, self._before = dijkstra(graph, indices=starts, return_predecessors=True)
        costs = distances[:, starts + len(self.names)]
        # Rounding may make the two directions differ in the last place.
        self.costs: NDArray[np.float64] = np.minimum(costs, costs.T)

    def _steps(
        self, roads: RoadGraph, cost: NDArray[np.float64], joined: list[Access]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """Return tail, head, cost and length of every step, in both directions."""
        tails, heads, prices, kms = (
            [roads.ends[:, 0], roads.ends[:, 1]],
            [roads.ends[:, 1], roads.ends[:, 0]],
            [cost, cost],
            [roads.km, roads.km],
        )
        for k, access in enumerate(joined):
            start = np.full(len(access.edges), self._junctions + k)
            end = start + len(joined)
            for side, share in ((0, access.shares), (1, 1.0 - access.shares)):
                junction = roads.ends[access.edges, side]
                km = access.km + share * roads.km[access.edges]
                price = access.km + share * cost[access.edges]
                tails += [start, junction]
                heads += [junction, end]
                prices += [price, price]
                kms += [km, km]
        tail, head, length = _along_one_edge(joined, roads.km, self._junctions)
        tails.append(tail)
        heads.append(head)
        prices.append(length)
        kms.append(length)
        return (
            np.concatenate(tails),
            np.concatenate(heads),
            np.maximum(np.concatenate(prices), 1e-6),
            np.maximum(np.concatenate(kms), 1e-6),
        )

    def way(self, first: int, second: int) -> Way:
        """Trace the way between two joined places."""
        start, end = self._junctions + first, self._junctions + len(self.names) + second
        path = [end]
        while path[-1] != start:
            path.append(int(self._before[first, path[-1]]))
        path.reverse()
        km = float(np.asarray(self._km[path[:-1], path[1:]]).sum())
        line = shapely.simplify(shapely.LineString(self._positions[path]), SIMPLIFY_DEGREES)
        return Way(self.names[first], self.names[second], km, line)


def _along_one_edge(
    joined: list[Access], km: NDArray[np.float64], junctions: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return the steps between places on one edge: they need not go by way of its ends."""
    on_edge: dict[int, list[tuple[int, float, float]]] = {}
    for k, access in enumerate(joined):
        for edge, share, way in zip(access.edges, access.shares, access.km, strict=True):
            on_edge.setdefault(int(edge), []).append((k, float(share), float(way)))
    steps = [
        (junctions + i, junctions + len(joined) + j, way + other + abs(share - end) * km[edge])
        for edge, here in on_edge.items()
        for i, share, way in here
        for j, end, other in here
        if i != j
    ]
    tail, head, length = np.array(steps, dtype=np.float64).reshape(-1, 3).T
    return tail.astype(np.int64), head.astype(np.int64), length
