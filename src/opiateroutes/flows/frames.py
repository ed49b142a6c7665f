"""From solver arrays back to tables by id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from opiateroutes.evidence.parameters import Z90
from opiateroutes.flows.bind import legs_between
from opiateroutes.flows.measure import CONSUMPTION, SEIZURE, UNACCOUNTED
from opiateroutes.flows.spread import interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.measure import PathMeasure
    from opiateroutes.flows.rows import Rows
    from opiateroutes.flows.spread import Spread
    from opiateroutes.network import RouteNetwork

__all__ = ["EVIDENCE", "MODEL", "leg_frame", "node_frame", "residual_frame"]

EVIDENCE, MODEL = "evidence", "model"
_HALF = 0.5
_WORTH_NAMING = 0.05
_NAMES_AT_MOST = 4


def leg_frame(
    net: RouteNetwork,
    measure: PathMeasure,
    rows: Rows,
    arcs_kg: NDArray[np.float64],
    spread: Spread,
) -> pd.DataFrame:
    """Tabulate the flows on all legs of a network; see `FlowFit`."""
    m = len(measure.legs)
    flow = arcs_kg[:m]
    low, high = interval(flow, spread.arc_sd_kg()[:m])
    rests_on = _rests_on(
        spread.leverage[:m], spread.contribution[:, :m], rows.names, _supply_rows(measure)
    )
    used = pd.DataFrame(
        {
            "flow_kg": flow,
            "low_kg": low,
            "high_kg": high,
            "leverage": spread.leverage[:m],
            "rests_on": rests_on,
        },
        index=pd.Index(measure.legs, name="leg"),
    )
    ends = pd.DataFrame(net.legs[["from_node", "to_node", "mode"]])
    frame = ends.join(used.reindex(ends.index))
    quantities = ["flow_kg", "low_kg", "high_kg", "leverage"]
    frame[quantities] = frame[quantities].fillna(0.0)
    frame["rests_on"] = frame["rests_on"].fillna("model: closed, or on no route to a demand")
    pair = frame.groupby(["from_node", "to_node"])["flow_kg"].sum()
    back = pair.reindex(pd.MultiIndex.from_frame(frame[["to_node", "from_node"]])).fillna(0.0)
    out = pair.reindex(pd.MultiIndex.from_frame(frame[["from_node", "to_node"]]))
    # Parallel legs share what flows back by what they carry, so that the column adds up.
    share = (frame["flow_kg"] / out.to_numpy()).fillna(0.0)
    frame["net_kg"] = frame["flow_kg"] - share * back.to_numpy()
    frame["basis"] = np.where(frame["leverage"] >= _HALF, EVIDENCE, MODEL)
    columns = ["from_node", "to_node", "mode", "flow_kg", "low_kg", "high_kg", "net_kg"]
    return frame[[*columns, "leverage", "basis", "rests_on"]]


def node_frame(
    net: RouteNetwork,
    measure: PathMeasure,
    rows: Rows,
    arcs_kg: NDArray[np.float64],
    spread: Spread,
) -> pd.DataFrame:
    """Tabulate throughput, exits and interception of all nodes; see `FlowFit`."""
    n, m = measure.n_nodes, len(measure.legs)
    leaves = np.zeros((n, measure.n_arcs))
    leaves[measure.arc_tail, np.arange(measure.n_arcs)] = 1.0
    throughput = leaves @ arcs_kg
    low, high = interval(throughput, spread.sd(leaves))
    frame = pd.DataFrame(
        {
            "supply_kg": measure.supply_kg,
            "throughput_kg": throughput,
            "throughput_low_kg": low,
            "throughput_high_kg": high,
        },
        index=pd.Index(measure.nodes, name="node"),
    )
    seized_arcs = np.zeros_like(leaves)
    for kind in (CONSUMPTION, SEIZURE, UNACCOUNTED):
        chosen = np.flatnonzero(measure.exit_kind == kind)
        at = measure.exit_node[chosen]
        frame[f"{kind}_kg"] = np.bincount(at, arcs_kg[m + chosen], n)
        if kind == SEIZURE:
            seized_arcs[at, m + chosen] = 1.0
    rate, rate_low, rate_high = _rates(seized_arcs, leaves, arcs_kg, throughput, spread)
    frame["interception"] = rate
    frame["interception_low"], frame["interception_high"] = rate_low, rate_high
    # A node's leverage is that of what passes through it, weighted by flow.
    weight = leaves * arcs_kg / np.where(throughput > 0, throughput, 1.0)[:, None]
    frame["leverage"] = weight @ spread.leverage
    contribution = spread.contribution @ weight.T
    frame["rests_on"] = _rests_on(
        frame["leverage"].to_numpy(), contribution, rows.names, _supply_rows(measure)
    )
    frame = pd.DataFrame(net.nodes[["name"]]).join(frame)
    kilograms = [c for c in frame.columns if c.endswith("_kg")]
    frame[[*kilograms, "leverage"]] = frame[[*kilograms, "leverage"]].fillna(0.0)
    frame["rests_on"] = frame["rests_on"].fillna("model: on no route to a demand")
    return frame


def _rates(
    seized_arcs: NDArray[np.float64],
    leaves: NDArray[np.float64],
    arcs_kg: NDArray[np.float64],
    throughput: NDArray[np.float64],
    spread: Spread,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Compute interception rates, intervals on the logit scale: they stay between 0 and 1."""
    safe = np.where(throughput > 0, throughput, 1.0)
    rate = (seized_arcs @ arcs_kg) / safe
    sd = spread.sd((seized_arcs - rate[:, None] * leaves) / safe[:, None])
    inside = (rate > 0) & (rate < 1)
    odds = np.where(inside, rate / np.where(inside, 1.0 - rate, 1.0), 1.0)
    width = Z90 * sd / np.where(inside, rate * (1.0 - rate), 1.0)
    low, high = (
        1.0 / (1.0 + np.exp(np.clip(-(np.log(odds) + s * width), -700, 700))) for s in (-1, 1)
    )
    # Where everything is seized the rate is 1 and has no other value to lie between.
    low, high = (np.where(inside, bound, rate) for bound in (low, high))
    known = np.where(seized_arcs.sum(axis=1) > 0, 1.0, np.nan)
    return rate * known, low * known, high * known


def _rests_on(
    leverage: NDArray[np.float64],
    contribution: NDArray[np.float64],
    names: NDArray[np.object_],
    supply: str,
) -> list[str]:
    texts = []
    for k, value in enumerate(leverage):
        if value < _HALF:
            texts.append(MODEL)
            continue
        own = contribution[:, k]
        if not own.any():
            texts.append(supply)
            continue
        order = np.argsort(-own, kind="stable")
        worth = [r for r in order[:_NAMES_AT_MOST] if own[r] >= _WORTH_NAMING * value]
        texts.append("; ".join(str(names[r]) for r in worth or order[:1]))
    return texts


def _supply_rows(measure: PathMeasure) -> str:
    """Name the supply rows, for what they alone determine."""
    nodes = measure.nodes[measure.sources]
    return "; ".join(f"supply:{node}" for node in nodes[:_NAMES_AT_MOST])


def residual_frame(
    net: RouteNetwork,
    evidence: Evidence,
    rows: Rows,
    values_kg: NDArray[np.float64],
    multipliers: NDArray[np.float64],
) -> pd.DataFrame:
    """Tabulate each evidence row beside its estimate; see `FlowFit`."""
    figures = pd.concat([evidence.supply, evidence.demand, evidence.seizures, evidence.flows])
    estimate = pd.Series(values_kg, index=rows.names)
    supply_in = evidence.supply[evidence.supply["node"].isin(net.nodes.index)]
    kept = [*supply_in.index, *rows.names]
    frame = figures.loc[kept].rename(columns={"best_kg": "evidence_kg"})
    frame["estimate_kg"] = estimate.reindex(kept).fillna(frame["evidence_kg"])
    frame["multiplier"] = pd.Series(multipliers, index=rows.names).reindex(kept)
    difference = frame["estimate_kg"] - frame["evidence_kg"]
    frame["residual_sigmas"] = (difference / frame["sd_kg"].where(frame["sd_kg"] > 0)).fillna(0.0)
    frame["kind"] = [str(name).split(":", 1)[0] for name in kept]
    legs = [
        ";".join(legs_between(net, r.from_nodes, r.to_nodes)) if r.kind == "flow" else ""
        for r in frame.itertuples()
    ]
    frame["legs"] = legs
    flow = frame["kind"] == "flow"
    frame["nodes"] = frame["node"].where(~flow, "")
    names = net.nodes["name"]
    frame["target"] = [
        f"flow {_named(r.from_nodes, names)} to {_named(r.to_nodes, names)}"
        if r.kind == "flow"
        else f"{r.kind}, {names[r.node]}"
        for r in frame.itertuples()
    ]
    frame["low_kg"] = frame["low_kg"].fillna(frame["evidence_kg"] - Z90 * frame["sd_kg"]).clip(0)
    frame["high_kg"] = frame["high_kg"].fillna(frame["evidence_kg"] + Z90 * frame["sd_kg"])
    numbers = ["evidence_kg", "low_kg", "high_kg", "estimate_kg", "residual_sigmas", "multiplier"]
    about = ["nodes", "legs", "source", "edition", "confidence", "note"]
    return frame[["kind", "target", *numbers, *about]].rename_axis("row")


def _named(nodes: str, names: pd.Series) -> str:
    if nodes == "*":
        return "anywhere"
    return ", ".join(str(names.get(node, node)) for node in nodes.split(";"))
