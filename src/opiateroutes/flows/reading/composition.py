"""Where the flow of a leg came from and where it ends: the select link analysis of transport.

Exact, from the chain of the fit: origins by the visits from each source, destinations by the
probability of being absorbed at each exit from where the leg leads.

References
----------
.. [1] Ortuzar, J. de D., Willumsen, L. G. (2011), Modelling Transport, 4th ed., ch. 10: what a link
   of an assignment carries, by origin and destination.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from opiateroutes.flows.reading.fitted_chain import FittedChain
from opiateroutes.flows.reading.selection import Selection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.flows.fit import FlowFit

__all__ = ["composition"]

_SIDES = ("origin", "destination")
_SUPPLY = "supply"


def composition(fit: FlowFit, leg_or_place: str, to_place: str | None) -> pd.DataFrame:
    """Take the flow of a leg apart; see `FlowFit.composition`."""
    selection = Selection.of(fit.network, leg_or_place, to_place)
    parts = [_part((), (), "", np.zeros(0))]
    for measure, arcs_kg in fit.chains:
        chain = FittedChain(measure, arcs_kg)
        passing = selection.passed(measure.trace) * arcs_kg
        supplied = np.full(measure.n_nodes, _SUPPLY, dtype=object)
        origins, endings = chain.origins_kg(passing), chain.endings_kg(passing)
        parts.append(_part(measure.nodes, supplied, _SIDES[0], origins))
        parts.append(_part(measure.exit_place, measure.exit_kind, _SIDES[1], endings))
    keys = ["side", "place", "kind"]
    frame = pd.concat(parts).groupby(keys, as_index=False, sort=True)["flow_kg"].sum()
    total = frame.groupby("side")["flow_kg"].transform("sum")
    frame.insert(3, "share", frame["flow_kg"] / total)
    # Origins first; on each side the largest first, then by id.
    order = np.lexsort(
        [frame["kind"], frame["place"], -frame["flow_kg"], frame["side"] != _SIDES[0]]
    )
    return frame.iloc[order].reset_index(drop=True)


def _part(place: object, kind: object, side: str, kg: NDArray[np.float64]) -> pd.DataFrame:
    frame = pd.DataFrame({"side": side, "place": place, "kind": kind, "flow_kg": kg})
    text = dict.fromkeys(("side", "place", "kind"), "str")
    return frame[frame["flow_kg"] > 0].astype(text | {"flow_kg": "float64"})
