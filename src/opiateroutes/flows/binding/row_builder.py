"""Evidence rows of a problem: which arcs each figure adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy.sparse as sp

from opiateroutes.errors import UnreachableError
from opiateroutes.flows.binding.places import Places, legs_between
from opiateroutes.flows.kernel.measure import CONSUMPTION, SEIZURE
from opiateroutes.flows.kernel.rows import Rows

if TYPE_CHECKING:
    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.binding.exits import Exits, Figures
    from opiateroutes.flows.kernel.measure import PathMeasure
    from opiateroutes.network import RouteNetwork

__all__ = ["rows_of"]


def rows_of(
    net: RouteNetwork, measure: PathMeasure, exits: Exits, evidence: Evidence, figures: Figures
) -> tuple[Rows, pd.DataFrame]:
    """Write the evidence as rows on the arcs of a measure.

    A figure that one exit meets stays a row on that exit, which the solver eliminates; one that
    several exits meet, and every published flow, is a general row.

    Returns
    -------
    rows : Rows
        General rows first.
    unused : pandas.DataFrame
        Published flows on legs that no route uses, with the reason.

    Raises
    ------
    UnreachableError
        For such flows, if ``evidence.outside`` is ``"error"``.
    """
    m = len(measure.legs)
    flows, kept, unused = _flow_rows(net, measure, evidence)
    single: list[tuple[pd.Series, int]] = []
    several: list[tuple[pd.Series, list[int]]] = []
    for kind, table in ((CONSUMPTION, figures.demand), (SEIZURE, figures.seizures)):
        for _, row in table.iterrows():
            own = np.flatnonzero((exits.kind == kind) & (exits.place == row["node"]))
            if len(own) == 1:
                single.append((row, int(own[0])))
            else:
                several.append((row, (m + own).tolist()))
    sums = [(1.0, k, arc) for k, (_, arcs) in enumerate(several) for arc in arcs]
    values, at, columns = zip(*sums, strict=True) if sums else ((), (), ())
    shape = (len(several), measure.n_arcs)
    group_rows = sp.csr_matrix((values, (at, columns)), shape=shape)
    figures_in_order = [
        *(evidence.flows.loc[name] for name in kept),
        *(row for row, _ in several),
        *(row for row, _ in single),
    ]
    rows = Rows(
        names=np.array([row.name for row in figures_in_order], dtype=object),
        general=sp.vstack([flows, group_rows]).tocsr(),
        n_flows=len(kept),
        n_exits=len(measure.exit_node),
        exit_of_row=np.array([exit_ for _, exit_ in single], dtype=np.intp),
        target_kg=np.array([row["best_kg"] for row in figures_in_order], dtype=np.float64),
        sd_kg=np.array([row["sd_kg"] for row in figures_in_order], dtype=np.float64),
    )
    return rows, unused


def _flow_rows(
    net: RouteNetwork, measure: PathMeasure, evidence: Evidence
) -> tuple[sp.csr_matrix, list[str], pd.DataFrame]:
    places, trace = Places.of(net), measure.trace
    position = {leg: k for k, leg in enumerate(trace.legs.tolist())}
    kept: list[str] = []
    unused: dict[str, dict[str, object]] = {}
    rows = []
    for row in evidence.flows.itertuples():
        legs = legs_between(net.legs, places, row.from_nodes, row.to_nodes)
        use = trace.use[[position[leg] for leg in legs]].sum(axis=0)
        if np.any(use):
            rows.append(np.asarray(use, dtype=np.float64))
            kept.append(str(row.Index))
            continue
        why = "no leg joins these nodes" if len(legs) == 0 else "no route uses these legs"
        if evidence.outside == "error":
            raise UnreachableError(
                f"{row.Index} cannot be met: {why} ({row.from_nodes} to {row.to_nodes})"
            )
        unused[str(row.Index)] = {"why": why, "best_kg": row.best_kg}
    matrix = sp.csr_matrix(np.array(rows).reshape(len(kept), measure.n_arcs))
    frame = pd.DataFrame.from_dict(unused, orient="index", columns=["why", "best_kg"])
    return matrix, kept, frame
