"""Each evidence row beside its estimate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.evidence.parameters import Z90
from opiateroutes.flows.binding.places import ANYWHERE, Places, legs_between

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.kernel.rows import Rows
    from opiateroutes.network import RouteNetwork

__all__ = ["residual_frame"]


def residual_frame(
    net: RouteNetwork,
    evidence: Evidence,
    rows: Rows,
    values_kg: NDArray[np.float64],
    multipliers: NDArray[np.float64],
) -> pd.DataFrame:
    """Tabulate each evidence row beside its estimate; see `FlowFit`."""
    places = Places.of(net)
    figures = pd.concat([evidence.supply, evidence.demand, evidence.seizures, evidence.flows])
    estimate = pd.Series(values_kg, index=rows.names)
    supply_in = evidence.supply[evidence.supply["node"].map(places.known).astype("bool")]
    kept = [*supply_in.index, *rows.names]
    frame = figures.loc[kept].rename(columns={"best_kg": "evidence_kg"})
    frame["estimate_kg"] = estimate.reindex(kept).fillna(frame["evidence_kg"])
    frame["multiplier"] = pd.Series(multipliers, index=rows.names).reindex(kept)
    difference = frame["estimate_kg"] - frame["evidence_kg"]
    frame["residual_sigmas"] = (difference / frame["sd_kg"].where(frame["sd_kg"] > 0)).fillna(0.0)
    frame["kind"] = [str(name).split(":", 1)[0] for name in kept]
    frame["legs"] = [
        ";".join(legs_between(net.legs, places, r.from_nodes, r.to_nodes))
        if r.kind == "flow"
        else ""
        for r in frame.itertuples()
    ]
    frame["nodes"] = frame["node"].where(frame["kind"] != "flow", "")
    frame["target"] = [
        f"flow {_named(r.from_nodes, places)} to {_named(r.to_nodes, places)}"
        if r.kind == "flow"
        else f"{r.kind}, {places.name(r.node)}"
        for r in frame.itertuples()
    ]
    frame["low_kg"] = frame["low_kg"].fillna(frame["evidence_kg"] - Z90 * frame["sd_kg"]).clip(0)
    frame["high_kg"] = frame["high_kg"].fillna(frame["evidence_kg"] + Z90 * frame["sd_kg"])
    numbers = ["evidence_kg", "low_kg", "high_kg", "estimate_kg", "residual_sigmas", "multiplier"]
    about = ["nodes", "legs", "source", "edition", "confidence", "note"]
    return frame[["kind", "target", *numbers, *about]].rename_axis("row")


def _named(ids: str, places: Places) -> str:
    if ids == ANYWHERE:
        return "anywhere"
    return ", ".join(places.name(place) for place in places.parts(ids))
