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
    from opiateroutes.flows.binding.ratios import Ratios
    from opiateroutes.flows.kernel.measure import PathMeasure
    from opiateroutes.network import RouteNetwork

__all__ = ["rows_of"]

_FIGURE = ["best_kg", "sd_kg"]


def rows_of(
    net: RouteNetwork,
    measure: PathMeasure,
    exits: Exits,
    evidence: Evidence,
    *,
    figures: Figures,
    ratios: Ratios,
) -> tuple[Rows, pd.DataFrame]:
    """Write the evidence as rows on the arcs of a measure.

    A figure that one exit meets stays a row on that exit, which the solver eliminates; one that
    several exits meet, and every published flow, share and rate, is a general row. Shares and rates
    are given no spread yet: see `Bound.weighed`.

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
    published = evidence.flows.loc[kept]
    named = [row for row, _ in (*several, *single)]
    at_exits = pd.DataFrame({column: [row[column] for row in named] for column in _FIGURE})
    at_exits.index = pd.Index([row.name for row in named], dtype="str")
    homogeneous = pd.DataFrame(0.0, index=ratios.names[ratios.bound], columns=_FIGURE)
    in_order = pd.concat([published[_FIGURE], homogeneous, at_exits])
    rows = Rows(
        names=in_order.index.to_numpy(object),
        general=sp.csr_matrix(sp.vstack([flows, ratios.rows(), group_rows])),
        n_flows=len(published) + len(homogeneous),
        n_exits=len(measure.exit_node),
        exit_of_row=np.array([exit_ for _, exit_ in single], dtype=np.intp),
        target_kg=in_order["best_kg"].to_numpy(np.float64),
        sd_kg=in_order["sd_kg"].to_numpy(np.float64),
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
