"""True flow systems: how things move, by mechanisms that are not the model's.

Each truth takes a world and draws the routes by which its supply moves. What arrives at a node
loses the share that the node seizes; what is left at the end of a route is consumed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.synthetic.worlds import World
    from numpy.typing import NDArray

__all__ = ["SUPPLY_KG", "TRUTHS", "Truth"]

SUPPLY_KG = 400_000.0

Routes = dict[tuple[int, ...], float]
"""What is dispatched by each route (positions of its legs), shares of the supply."""


@dataclass(frozen=True, eq=False)
class Truth:
    """What really moved.

    Parameters
    ----------
    flow_kg
        Shape ``(legs,)``.
    consumed_kg, seized_kg, arrived_kg
        Shape ``(nodes,)``; ``arrived_kg`` is what passes, the supply at the source.
    """

    flow_kg: NDArray[np.float64]
    consumed_kg: NDArray[np.float64]
    seized_kg: NDArray[np.float64]
    arrived_kg: NDArray[np.float64]


def carried(world: World, routes: Routes, rate: NDArray[np.float64] | None = None) -> Truth:
    """Move the supply along routes; every node takes its share of what arrives."""
    rate = world.rate if rate is None else rate
    flow = np.zeros(len(world.tail))
    consumed, seized = np.zeros(world.size), np.zeros(world.size)
    whole = sum(routes.values())
    for route, share in routes.items():
        left = SUPPLY_KG * share / whole
        for leg in route:
            flow[leg] += left
            node = world.head[leg]
            seized[node] += left * rate[node]
            left *= 1.0 - rate[node]
        consumed[world.head[route[-1]]] += left
    return Truth(flow, consumed, seized, _arrived(world, flow))


def _arrived(world: World, flow: NDArray[np.float64]) -> NDArray[np.float64]:
    arrived = np.bincount(world.head, flow, world.size)
    arrived[world.source] += SUPPLY_KG
    return arrived


def congestion(world: World, rng: np.random.Generator) -> Truth:
    """Legs fill up: all take the cheapest way, and each leg is dearer the more it carries.

    A user equilibrium by successive averages (Sheffi 1985), with capacities that differ widely.
    """
    capacity = rng.lognormal(np.log(0.12), 0.8, len(world.tail))
    routes: Routes = defaultdict(float)
    load = np.zeros(len(world.tail))
    for step in range(1, 41):
        effort = world.effort_km * (1.0 + 0.8 * (load / capacity) ** 2)
        now = np.zeros(len(world.tail))
        for kept in routes:
            routes[kept] *= 1.0 - 1.0 / step
        for node, route in enumerate(world.routes(effort)):
            if world.market[node] > 0:
                routes[route] += world.market[node] / step
                now[list(route)] += world.market[node]
        load += (now - load) / step
    return carried(world, routes)


def organisations(world: World, rng: np.random.Generator) -> Truth:
    """Ten organisations of heavy-tailed size, each with fixed routes to the markets it serves.

    An organisation sees every leg with errors of its own, keeps six plans and chooses one for each
    market by random utility; it serves some markets only.
    """
    size = rng.pareto(1.2, 10) + 0.2
    serves = rng.random((10, world.size)) < 0.35  # noqa: PLR2004 - a third of the markets
    serves[int(size.argmax())] |= ~serves.any(axis=0)
    weight = serves * size[:, None]
    weight = weight / np.maximum(weight.sum(axis=0), 1e-12) * world.market
    routes: Routes = defaultdict(float)
    for own in weight:
        seen = world.effort_km * rng.lognormal(0.0, 0.5, len(world.tail))
        plans = [world.routes(seen * rng.lognormal(0.0, 0.3, len(world.tail))) for _ in range(6)]
        for node in np.flatnonzero(own):
            length = np.array([seen[list(plan[node])].sum() for plan in plans])
            utility = -4.0 * length / length.min() + rng.gumbel(size=6)
            routes[plans[int(utility.argmax())][node]] += own[node]
    return carried(world, routes)


def radiation(world: World, rng: np.random.Generator) -> Truth:
    """Wholesalers sell on: a seller at one node sells to others by the radiation law.

    The chance that a load at i is sold on to j falls with the markets that lie between (Simini et
    al. 2012); each sale goes by the cheapest way, outwards only.
    """
    n = world.size
    mass = world.market + 0.2 / n
    away = world.distances(world.source)
    flow = np.zeros(len(world.tail))
    consumed, seized = np.zeros(n), np.zeros(n)
    stock = np.zeros(n)
    stock[world.source] = SUPPLY_KG
    for i in np.argsort(away):
        if not stock[i] > 0:
            continue
        ways, far = world.routes(world.effort_km, int(i)), world.distances(int(i))
        outward = np.flatnonzero((away > away[i]) & np.isfinite(far) & (world.market > 0))
        between = np.array([mass[(far < far[j]) & (far > 0)].sum() for j in outward])
        law = mass[i] * mass[outward] / (mass[i] + between) / (mass[i] + mass[outward] + between)
        kept = 0.0 if i == world.source else rng.beta(2.0, 2.0) if len(outward) else 1.0
        consumed[i] += kept * stock[i]
        sold = (1.0 - kept) * stock[i]
        for j, part in zip(outward, law / law.sum() if len(law) else law, strict=True):
            left = sold * part
            for leg in ways[j]:
                flow[leg] += left
                node = world.head[leg]
                seized[node] += left * world.rate[node]
                left *= 1.0 - world.rate[node]
            stock[j] += left
    return Truth(flow, consumed, seized, _arrived(world, flow))


def hubs(world: World, rng: np.random.Generator) -> Truth:
    """Four hubs: legs on the ways to and between them are cheap, all else is served from there.

    The model knows neither the hubs nor what their legs cost.
    """
    chance = world.market + 0.5 / world.size
    chance[world.source] = 0.0
    chosen = rng.choice(world.size, 4, replace=False, p=chance / chance.sum())
    cheap = world.effort_km.copy()
    for start in (world.source, *chosen):
        ways = world.routes(world.effort_km, int(start))
        for hub in chosen:
            cheap[list(ways[hub])] = 0.25 * world.effort_km[list(ways[hub])]
    trunk = world.routes(cheap)
    spokes = {int(hub): world.routes(world.effort_km, int(hub)) for hub in chosen}
    reach = {hub: world.distances(hub) for hub in spokes}
    direct = world.routes(world.effort_km)
    routes: Routes = defaultdict(float)
    for node in np.flatnonzero(world.market):
        near = sorted(spokes, key=lambda hub: reach[hub][node])[:2]
        for hub, part in zip(near, (0.7, 0.3), strict=True):
            ways = trunk[hub] + spokes[hub][node] if np.isfinite(reach[hub][node]) else ()
            routes[ways or direct[node]] += part * world.market[node]
    return carried(world, routes)


def agents(world: World, rng: np.random.Generator) -> Truth:
    """Two thousand agents over eight years, who leave routes where they lost a load.

    Loads are heavy-tailed. Each agent keeps to its route until a load is seized there, then goes
    round the nodes that seized most last year. Half of the enforcement follows the traffic of the
    year before. The last year is the truth, with seizures of whole loads.
    """
    count, years = 2000, 8
    goal = rng.choice(world.size, count, p=world.market)
    load = rng.pareto(1.5, count) + 0.1
    load *= SUPPLY_KG / load.sum()
    taste = [rng.lognormal(0.0, 0.5, len(world.tail)) for _ in range(20)]
    kind = rng.integers(20, size=count)
    risk, rate = np.zeros(world.size), world.rate
    lost = np.ones(count, dtype=bool)
    route: list[tuple[int, ...]] = [()] * count
    for _ in range(years):
        seen = world.effort_km * (1.0 + 6.0 * risk[world.head])
        ways = [world.routes(seen * one) for one in taste]
        for k in np.flatnonzero(lost):
            route[k] = ways[kind[k]][goal[k]]
        flow = np.zeros(len(world.tail))
        seized, consumed = np.zeros(world.size), np.zeros(world.size)
        lost[:] = False
        for k in range(count):
            for leg, luck in zip(route[k], rng.random(len(route[k])), strict=True):
                flow[leg] += load[k]
                if luck < rate[world.head[leg]]:
                    seized[world.head[leg]] += load[k]
                    lost[k] = True
                    break
            else:
                consumed[goal[k]] += load[k]
        arrived = _arrived(world, flow)
        risk = np.divide(seized, arrived, out=np.zeros(world.size), where=arrived > 0)
        busy = np.sqrt(arrived / arrived.max())
        rate = 0.5 * world.rate + 0.5 * world.rate.mean() * busy / busy.mean()
        rate[world.source] = 0.0
    return Truth(flow, consumed, seized, arrived)


def logit_walk(world: World, rng: np.random.Generator) -> Truth:
    """Walk at random with logit weights: the model's own mechanism, as a control.

    Coefficients of the cost lie within their bounds, each leg has a cost of its own (0.7 nats).
    """
    km = world.net.legs["distance_km"].fillna(1000.0).to_numpy("float64") / 1000.0
    mode = world.net.legs["mode"].to_numpy()
    border, sea, air = rng.triangular([1.6, 2.2, 3.0], [2.2, 3.5, 4.5], [3.2, 5.0, 6.5])
    cost = np.select([mode == "sea", mode == "air"], [sea, air], border)
    cost = cost + rng.triangular(0.2, 0.6, 1.2) * km + rng.normal(0.0, 0.7, len(km))
    cost = np.maximum(cost, 1.0)
    step = np.exp(-cost) * (1.0 - world.rate[world.tail]) * (world.head != world.source)
    pull = np.where(world.market > 0, rng.lognormal(np.log(10.0), 0.7) * world.market, 0.0)
    ends = (1.0 - world.rate) * pull + world.rate
    weight = np.zeros((world.size, world.size))
    np.add.at(weight, (world.tail, world.head), step)
    reach = np.linalg.solve(np.eye(world.size) - weight, ends)
    onward = weight * reach / np.maximum(reach, 1e-300)[:, None]
    start = np.zeros(world.size)
    start[world.source] = SUPPLY_KG
    through = np.linalg.solve(np.eye(world.size) - onward.T, start)
    per_unit = through / np.maximum(reach, 1e-300)
    flow = per_unit[world.tail] * step * reach[world.head]
    consumed = per_unit * (1.0 - world.rate) * pull
    return Truth(flow, consumed, per_unit * world.rate, through)


TRUTHS: Mapping[str, Callable[[World, np.random.Generator], Truth]] = {
    "congestion": congestion,
    "organisations": organisations,
    "radiation": radiation,
    "hubs": hubs,
    "agents": agents,
    "logit walk (control)": logit_walk,
}
"""All truths by name; the last one is the model's own mechanism."""
