"""Networks on which a truth can happen: parts of the shipped one, and random geometric ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pyproj import Geod
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Delaunay

import opiateroutes as opr

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["World", "geometric_world", "shipped_world"]

_GEOD = Geod(ellps="WGS84")
_PRODUCER = "AFG"


@dataclass(frozen=True, eq=False)
class World:
    """A network with what exists on it before anybody moves anything.

    Parameters
    ----------
    net
        The network, as the model sees it.
    source
        Position of the node that supplies.
    tail, head
        Shape ``(legs,)``: positions of the ends of each leg.
    effort_km
        Shape ``(legs,)``: what a leg costs those who move things, in kilometres that cost as much;
        the model does not see it.
    market
        Shape ``(nodes,)``: share of each node in what is wanted; 0 at the source.
    rate
        Shape ``(nodes,)``: true interception, share seized of what arrives; 0 at the source.
    """

    net: opr.RouteNetwork
    source: int
    tail: NDArray[np.intp]
    head: NDArray[np.intp]
    effort_km: NDArray[np.float64]
    market: NDArray[np.float64]
    rate: NDArray[np.float64]

    @property
    def size(self) -> int:
        """Number of nodes."""
        return len(self.market)

    def routes(
        self, effort_km: NDArray[np.float64], start: int | None = None
    ) -> list[tuple[int, ...]]:
        """Return the cheapest route, as positions of legs, from a node to each; empty if none."""
        start = self.source if start is None else start
        order = np.lexsort((effort_km, self.head, self.tail))
        pair = self.tail[order] * self.size + self.head[order]
        first = order[np.concatenate([[True], pair[1:] != pair[:-1]])]
        shape = (self.size, self.size)
        graph = coo_array((effort_km[first], (self.tail[first], self.head[first])), shape=shape)
        _, before = dijkstra(graph.tocsr(), indices=start, return_predecessors=True)
        leg = {(int(self.tail[k]), int(self.head[k])): int(k) for k in first}
        found: list[tuple[int, ...]] = []
        for node in range(self.size):
            route: list[int] = []
            while before[node] >= 0:
                route.append(leg[int(before[node]), node])
                node = int(before[node])  # noqa: PLW2901 - walked back
            found.append(tuple(reversed(route)))
        return found

    def distances(self, start: int) -> NDArray[np.float64]:
        """Return the effort from a node to each, km."""
        found = self.routes(self.effort_km, start)
        lengths = [self.effort_km[list(route)].sum() if route else np.inf for route in found]
        lengths[start] = 0.0
        return np.array(lengths)


def shipped_world(rng: np.random.Generator, size: int) -> World:
    """Grow a part of the shipped network from the country of supply, leg by leg."""
    whole = opr.load_network()
    legs = whole.legs
    chosen = {_PRODUCER}
    by_land = (legs["mode"] == "land").to_numpy()
    while len(chosen) < size:
        leads_out = legs["from_node"].isin(chosen) & ~legs["to_node"].isin(chosen)
        at = np.flatnonzero(leads_out)
        weight = np.where(by_land[at], 1.0, 0.15)
        chosen.add(str(legs["to_node"].iloc[rng.choice(at, p=weight / weight.sum())]))
    nodes = whole.nodes[whole.nodes.index.isin(chosen)]
    inside = legs["from_node"].isin(chosen) & legs["to_node"].isin(chosen)
    net = opr.RouteNetwork.from_tables(nodes.reset_index(), legs[inside].reset_index())
    people = net.nodes["population"].fillna(net.nodes["population"].median()).to_numpy("float64")
    return _world(rng, net, _PRODUCER, np.sqrt(people))


def geometric_world(rng: np.random.Generator, size: int) -> World:
    """Scatter nodes, join neighbours by land, some coasts by sea and some large nodes by air."""
    lon, lat = rng.uniform(20.0, 85.0, size), rng.uniform(20.0, 55.0, size)
    names = np.array([f"n{k:02d}" for k in range(size)])
    triangles = Delaunay(np.column_stack([lon, lat]))
    ends = {(int(t[i]), int(t[j])) for t in triangles.simplices for i in range(3) for j in range(3)}
    land = np.array(sorted(pair for pair in ends if pair[0] < pair[1]))
    km = _km(lon, lat, land)
    land = land[km <= np.quantile(km, 0.9)]
    people = rng.lognormal(0.0, 1.0, size)
    coast = np.unique(triangles.convex_hull)
    sea = _pairs(rng, coast, size // 5)
    air = _pairs(rng, np.argsort(people)[-max(4, size // 6) :], size // 8)
    pairs = np.concatenate([land, sea, air])
    mode = np.repeat(["land", "sea", "air"], [len(land), len(sea), len(air)])
    both = np.concatenate([pairs, pairs[:, ::-1]])
    table = pd.DataFrame(
        {
            "from_node": names[both[:, 0]],
            "to_node": names[both[:, 1]],
            "mode": np.tile(mode, 2),
            "distance_km": 1.2 * np.tile(_km(lon, lat, pairs), 2),
        }
    )
    places = pd.DataFrame({"node": names, "lon": lon, "lat": lat})
    net = opr.RouteNetwork.from_tables(places, table.drop_duplicates(table.columns[:3].tolist()))
    return _world(rng, net, str(names[rng.integers(size)]), people)


def _km(
    lon: NDArray[np.float64], lat: NDArray[np.float64], pairs: NDArray[np.intp]
) -> NDArray[np.float64]:
    i, j = pairs.T
    metres: NDArray[np.float64] = _GEOD.inv(lon[i], lat[i], lon[j], lat[j])[2]
    return metres / 1000.0


def _pairs(rng: np.random.Generator, among: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    drawn = np.sort(rng.choice(among, (count, 2)), axis=1)
    return np.unique(drawn[drawn[:, 0] < drawn[:, 1]], axis=0)


def _world(
    rng: np.random.Generator, net: opr.RouteNetwork, source: str, people: NDArray[np.float64]
) -> World:
    """Draw effort, markets and interception: a world knows more than its network says."""
    at = pd.Series(np.arange(len(net.nodes)), index=net.nodes.index)
    tail, head = (net.legs[end].map(at).to_numpy("intp") for end in ("from_node", "to_node"))
    km = net.legs["distance_km"].fillna(1000.0).to_numpy("float64")
    mode = net.legs["mode"].to_numpy()
    entry = np.select([mode == "sea", mode == "air"], [2000.0, 3500.0], 800.0)
    slope = np.select([mode == "sea", mode == "air"], [0.3, 0.2], 1.0)
    effort = (entry + slope * km) * rng.lognormal(0.0, 0.4, len(km))
    start = int(at[source])
    effort[head == start] = np.inf
    market = people * rng.lognormal(0.0, 0.8, len(people))
    market[start] = 0.0
    rate = np.clip(0.08 * rng.lognormal(0.0, 0.7, len(people)), 0.003, 0.35)
    rate[start] = 0.0
    world = World(net, start, tail, head, effort, market, rate)
    market[[not route for route in world.routes(effort)]] = 0.0
    return World(net, start, tail, head, effort, market / market.sum(), rate)
