"""From solver arrays back to tables by id."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy.sparse as sp

from opiateroutes.evidence.parameters import Z90
from opiateroutes.flows.kernel.measure import CONSUMPTION, SEIZURE, UNACCOUNTED
from opiateroutes.flows.kernel.trace import sparse
from opiateroutes.flows.reading.spread import interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.kernel.measure import PathMeasure
    from opiateroutes.flows.reading.spread import Spread
    from opiateroutes.network import RouteNetwork

__all__ = ["EVIDENCE", "MODEL", "FitTables"]

EVIDENCE, MODEL = "evidence", "model"
_HALF = 0.5
_WORTH_NAMING = 0.05
_NAMES_AT_MOST = 4


@dataclass(frozen=True, eq=False)
class FitTables:
    """What a fit says of the legs and nodes of a network; see `FlowFit` for the columns.

    Parameters
    ----------
    net
        The network.
    measure
        The measure; its trace leads back to the network.
    names
        Names of the evidence rows.
    arcs_kg
        Shape ``(arcs,)``: fitted flows.
    spread
        Their uncertainty.
    """

    net: RouteNetwork
    measure: PathMeasure
    names: NDArray[np.object_]
    arcs_kg: NDArray[np.float64]
    spread: Spread

    @cached_property
    def _used(self) -> NDArray[np.intp]:
        """Positions of the legs that some route uses."""
        return np.flatnonzero(np.diff(self.measure.trace.use.indptr))

    @cached_property
    def _leg_leverage(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return self.spread.leverage(self.measure.trace.use[self._used])

    @cached_property
    def _exits(self) -> sp.csr_array:
        """Each exit as a sum of arcs, shape ``(E, arcs)``."""
        m, count = len(self.measure.legs), len(self.measure.exit_node)
        rows = np.arange(count)
        return sparse(rows, m + rows, np.ones(count), (count, self.measure.n_arcs))

    def legs(self) -> pd.DataFrame:
        """Tabulate the flows on all legs."""
        use = self.measure.trace.use[self._used]
        flow = use @ self.arcs_kg
        low, high = interval(flow, self.spread.sd_kg(use))
        leverage, contribution = self._leg_leverage
        ids = pd.Index(self.measure.trace.legs[self._used], name="leg")
        used = pd.DataFrame(
            {
                "flow_kg": flow,
                "low_kg": low,
                "high_kg": high,
                "leverage": leverage,
                "rests_on": pd.array(self._rests_on(leverage, contribution), dtype="str"),
            },
            index=ids,
        )
        ends = pd.DataFrame(self.net.legs[["from_node", "to_node", "mode"]])
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

    def nodes(self) -> pd.DataFrame:
        """Tabulate throughput, exits and interception of all nodes."""
        measure, trace = self.measure, self.measure.trace
        leaving = trace.leaving()
        used = np.flatnonzero(np.diff(leaving.indptr))
        leaving = leaving[used]
        throughput = leaving @ self.arcs_kg
        low, high = interval(throughput, self.spread.sd_kg(leaving))
        frame = pd.DataFrame(
            {
                "supply_kg": self._supply_kg()[used],
                "throughput_kg": throughput,
                "throughput_low_kg": low,
                "throughput_high_kg": high,
            },
            index=pd.Index(trace.nodes[used], name="node"),
        )
        ends = trace.end[used]
        m = len(measure.legs)
        kinds = np.concatenate([np.full(m, "", dtype=object), measure.exit_kind])
        for kind in (CONSUMPTION, SEIZURE, UNACCOUNTED):
            frame[f"{kind}_kg"] = ends @ np.where(kinds == kind, self.arcs_kg, 0.0)
        seized = ends @ sp.diags_array((kinds == SEIZURE).astype("float64"))
        rates = self._rates(seized.tocsr(), leaving, throughput)
        for column, rate in zip(
            ("interception", "interception_low", "interception_high"), rates, strict=True
        ):
            frame[column] = rate
        frame["leverage"], contribution = self._node_leverage(used, throughput)
        frame["rests_on"] = self._rests_on(frame["leverage"].to_numpy(), contribution)
        frame = pd.DataFrame(self.net.nodes[["name"]]).join(frame)
        kilograms = [c for c in frame.columns if c.endswith("_kg")]
        frame[[*kilograms, "leverage"]] = frame[[*kilograms, "leverage"]].fillna(0.0)
        frame["rests_on"] = frame["rests_on"].fillna("model: on no route to a demand")
        return frame

    def _supply_kg(self) -> NDArray[np.float64]:
        """Return what begins at each node: what a node supplies, or its part of a group's."""
        measure, begin = self.measure, self.measure.trace.begin
        own = pd.Series(measure.supply_kg, index=measure.nodes)
        own.iloc[measure.arc_tail[begin.indices]] = 0.0
        at_nodes = own.reindex(measure.trace.nodes).fillna(0.0).to_numpy("float64")
        begun: NDArray[np.float64] = at_nodes + begin @ self.arcs_kg
        return begun

    def _node_leverage(
        self, used: NDArray[np.intp], throughput: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the leverage of what leaves each node, weighted by flow."""
        trace, m = self.measure.trace, len(self.measure.legs)
        by_exit, of_exits = self.spread.leverage(self._exits)
        by_leg, of_legs = self._leg_leverage
        flow = np.concatenate([trace.use[self._used] @ self.arcs_kg, self.arcs_kg[m:]])
        leaves = sp.hstack([trace.out[used][:, self._used], trace.end[used][:, m:]])
        safe = np.where(throughput > 0, throughput, 1.0)
        weight = sp.csr_array(sp.diags_array(1.0 / safe) @ leaves @ sp.diags_array(flow))
        contribution = (weight @ np.concatenate([of_legs, of_exits], axis=1).T).T
        return weight @ np.concatenate([by_leg, by_exit]), contribution

    def _rates(
        self, seized: sp.csr_array, leaving: sp.csr_array, throughput: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Compute interception rates, intervals on the logit scale: they stay between 0 and 1."""
        safe = np.where(throughput > 0, throughput, 1.0)
        rate = (seized @ self.arcs_kg) / safe
        shift = sp.diags_array(1.0 / safe) @ (seized - sp.diags_array(rate) @ leaving)
        sd = self.spread.sd_kg(sp.csr_array(shift))
        inside = (rate > 0) & (rate < 1)
        odds = np.where(inside, rate / np.where(inside, 1.0 - rate, 1.0), 1.0)
        width = Z90 * sd / np.where(inside, rate * (1.0 - rate), 1.0)
        low, high = (
            1.0 / (1.0 + np.exp(np.clip(-(np.log(odds) + s * width), -700, 700))) for s in (-1, 1)
        )
        # Where everything is seized the rate is 1 and has no other value to lie between.
        low, high = (np.where(inside, bound, rate) for bound in (low, high))
        known = np.where(np.diff(seized.indptr) > 0, 1.0, np.nan)
        return rate * known, low * known, high * known

    def _rests_on(
        self, leverage: NDArray[np.float64], contribution: NDArray[np.float64]
    ) -> list[str]:
        """Name the evidence rows that a number rests on, or say "model"."""
        sources = self.measure.nodes[self.measure.sources]
        supply = "; ".join(f"supply:{node}" for node in sources[:_NAMES_AT_MOST])
        texts = []
        for k, value in enumerate(leverage):
            own = contribution[:, k]
            if value < _HALF:
                texts.append(MODEL)
            elif not own.any():
                texts.append(supply)
            else:
                order = np.argsort(-own, kind="stable")[:_NAMES_AT_MOST]
                worth = [r for r in order if own[r] >= _WORTH_NAMING * value]
                texts.append("; ".join(str(self.names[r]) for r in worth or order[:1]))
        return texts
