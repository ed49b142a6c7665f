"""A coarse network cut into crossings, hubs and inland legs that change nothing about it."""

from __future__ import annotations

import numpy as np
import pandas as pd

import opiateroutes as opr


def refine(net, *, crossings=2, inland_cost=0.0, with_population=True):
    """Give every node of a network sides of crossings and two hubs, all joined inland.

    Each leg becomes several border legs whose weights add up to its own, so that routes from place
    to place keep their weight if moving inland costs nothing.
    """
    nodes, legs = [], []
    for place in net.nodes.index:
        for number, people in ((1, 3.0), (2, 1.0)):
            nodes.append(
                {
                    "node": f"{place}-hub{number}",
                    "iso3": place,
                    "kind": "hub",
                    "population": people if with_population else np.nan,
                }
            )
        legs += [
            {"from": f"{place}-hub1", "to": f"{place}-hub2", "cost": inland_cost, "border": False},
            {"from": f"{place}-hub2", "to": f"{place}-hub1", "cost": inland_cost, "border": False},
        ]
    for leg, row in net.legs.iterrows():
        for k in range(crossings):
            sides = [f"{leg}/{k}@{row['from_node']}", f"{leg}/{k}@{row['to_node']}"]
            for side, place in zip(sides, (row["from_node"], row["to_node"]), strict=True):
                nodes.append({"node": side, "iso3": place, "kind": "crossing"})
                hub = f"{place}-hub{1 + k % 2}"
                legs += [
                    {"from": side, "to": hub, "cost": inland_cost, "border": False},
                    {"from": hub, "to": side, "cost": inland_cost, "border": False},
                ]
            cost = row["cost"] + np.log(crossings)
            legs.append({"from": sides[0], "to": sides[1], "cost": cost, "border": True})
    return opr.RouteNetwork.from_tables(pd.DataFrame(nodes), pd.DataFrame(legs))
