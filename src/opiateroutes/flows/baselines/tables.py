"""The tables of a baseline: those of the path measure, without what the method does not give."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from opiateroutes.flows.reading.frames import MODEL, FitTables

if TYPE_CHECKING:
    import pandas as pd
    import scipy.sparse as sp
    from numpy.typing import NDArray

    from opiateroutes.flows.kernel.measure import PathMeasure
    from opiateroutes.flows.reading.spread import Spread
    from opiateroutes.network import RouteNetwork

__all__ = ["tables_of"]

_SPREADS = ("low_kg", "high_kg", "throughput_low_kg", "throughput_high_kg")
_OTHERS = ("interception_low", "interception_high", "leverage")


class _Unknown:
    """Stands in for a spread where there is none; what it says is taken out again."""

    def sd_kg(self, sums: sp.csr_array) -> NDArray[np.float64]:
        return np.zeros(sums.shape[0])

    def leverage(self, sums: sp.csr_array) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return np.zeros(sums.shape[0]), np.zeros((1, sums.shape[0]))


def tables_of(
    net: RouteNetwork,
    measure: PathMeasure,
    names: NDArray[np.object_],
    *,
    arcs_kg: NDArray[np.float64],
    spread: Spread | None,
    method: str,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tabulate legs and nodes; see `FlowFit` for the columns.

    Parameters
    ----------
    net, measure
        The network, and the measure whose trace leads back to it.
    names
        Names of the evidence rows.
    arcs_kg
        Shape ``(arcs,)``: flows.
    spread
        Their uncertainty; without it intervals and leverage are missing.
    method
        What numbers rest on that no evidence gives.

    Returns
    -------
    legs, nodes : pandas.DataFrame
        Both with every leg and node of the network.
    """
    stand_in = cast("Spread", _Unknown()) if spread is None else spread
    tables = FitTables(net, measure, names, arcs_kg, stand_in)
    frames = []
    for frame in (tables.legs(), tables.nodes()):
        said = frame["rests_on"].where(frame["rests_on"] != MODEL, method)
        told = frame.assign(rests_on=said)
        if spread is None:
            gone = [column for column in (*_SPREADS, *_OTHERS) if column in told]
            told[gone] = np.nan
        frames.append(told)
    legs, nodes = frames
    return legs, nodes
