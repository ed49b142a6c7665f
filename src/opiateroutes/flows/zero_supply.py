"""The fit of a supply of zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from opiateroutes.flows.certificate import Certificate
from opiateroutes.flows.fit import FlowFit
from opiateroutes.flows.reading.residuals import RESIDUAL_COLUMNS

if TYPE_CHECKING:
    from opiateroutes.evidence import Evidence
    from opiateroutes.network import RouteNetwork

__all__ = ["nothing_moves"]


def nothing_moves(net: RouteNetwork, evidence: Evidence, provenance: dict[str, Any]) -> FlowFit:
    """Return the fit of a supply of zero: nothing moves, and the tables say so."""
    legs = pd.DataFrame(net.legs[["from_node", "to_node", "mode"]])
    nodes = pd.DataFrame(net.nodes[["name"]])
    note = "supply of zero: nothing moves"
    kilograms = ("supply", "throughput", "throughput_low", "throughput_high")
    exits = ("consumption", "seizure", "unaccounted")
    zero = {f"{name}_kg": 0.0 for name in (*kilograms, *exits)}
    rates = dict.fromkeys(("interception", "interception_low", "interception_high"), np.nan)
    weights = (evidence.demand, evidence.seizures, evidence.flows)
    ratios = (evidence.shares, evidence.interception, evidence.price_gaps)
    figures = pd.concat([table.reindex(columns=["best_kg"]) for table in (*weights, *ratios)])
    return FlowFit(
        network=net,
        evidence=evidence,
        legs=legs.assign(
            flow_kg=0.0, low_kg=0.0, high_kg=0.0, net_kg=0.0, leverage=1.0, basis="evidence"
        ).assign(rests_on=note),
        nodes=nodes.assign(**zero, **rates, leverage=1.0, rests_on=note),
        residuals=pd.DataFrame(columns=RESIDUAL_COLUMNS).rename_axis("row"),
        unused=pd.DataFrame({"why": note, "best_kg": figures["best_kg"]}),
        certificate=Certificate(gap=0.0, balance=0.0, iterations=0),
        provenance={**provenance, "flag": note},
        measure=None,
        arcs_kg=np.zeros(0),
        supply_kg=0.0,
        supply_low_kg=0.0,
        supply_high_kg=0.0,
        spread=None,
        method=provenance["method"],
    )
