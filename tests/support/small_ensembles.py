"""Networks small enough that the distribution of their draws is known on paper."""

from __future__ import annotations

import numpy as np
import pandas as pd

import opiateroutes as opr
from opiateroutes.evidence.priors import shipped_priors


def network(*legs):
    """A network of legs ``(from, to, cost)``."""
    frame = pd.DataFrame(legs, columns=["from_node", "to_node", "cost"])
    nodes = sorted({*frame["from_node"], *frame["to_node"]})
    return opr.RouteNetwork.from_tables(pd.DataFrame({"node": nodes}), frame)


def two_routes(gap=0.0):
    """Two ways from ``s`` to ``d``; the one over ``b`` costs ``gap`` more than that over ``a``."""
    costs = {"sa": 2.0, "ad": 2.0, "sb": 2.0 + gap, "bd": 2.0}
    return network(*((ends[0], ends[1], cost) for ends, cost in costs.items()))


def figures(**kg):
    """A table of nodes: ``node=best`` or ``node=(best, sd)``."""
    rows = [
        (node, *(value if isinstance(value, tuple) else (value, 0.0))) for node, value in kg.items()
    ]
    return pd.DataFrame(rows, columns=["node", "best_kg", "sd_kg"])


def fixed_priors(**values):
    """Priors without bounds, so that no draw changes them."""
    row = {"interception": 0.05, "consumption_weight": 10.0, "unaccounted_weight": 1.0, **values}
    bounds = {
        f"{name}_{end}": row[name]
        for name in list(row)
        for end in ("low", "high")
        if f"{name}_{end}" not in row and name in shipped_priors()
    }
    return pd.DataFrame([{"node": "*", **bounds, **row}])


def all_of_it_arrives(*, flows=None):
    """A supply of 100 kg at ``s`` that ends at ``d``, both exact."""
    return opr.Evidence.from_tables(
        supply=figures(s=100.0), demand=figures(d=100.0), flows=flows, priors=fixed_priors()
    )


def inputs_of(net, evidence, **options):
    """The fit, and what its draws vary."""
    ens = opr.sample_flows(net, evidence, draws=2, progress=False, **options)
    return ens.fit, ens.plan.inputs


def moved(inputs, **numbers):
    """The problem (and supply) with some inputs at given numbers and all others at 0."""
    z = np.zeros((len(inputs), 1))
    for name, number in numbers.items():
        z[inputs.names.index(name)] = number
    return inputs.problem(z)
