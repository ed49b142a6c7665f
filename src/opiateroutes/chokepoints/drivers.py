"""What decides the order of a ranking: the inputs behind the difference of two drops."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scipy.stats import rankdata

from opiateroutes.errors import UnknownNameError
from opiateroutes.flows.ensemble.sensitivity import first_order

if TYPE_CHECKING:
    from opiateroutes.chokepoints.result import Chokepoints

__all__ = ["rank_drivers"]

_COLUMNS = ("ahead", "behind", "reversed_share", "input", "share")


def rank_drivers(found: Chokepoints, effort: float, reaction: float) -> pd.DataFrame:
    """Tabulate neighbours in a ranking; see `Chokepoints.drivers`.

    The share is a first-order index [1]_ of the difference of the two drops, taken of its normal
    scores [2]_: a few extreme draws would otherwise single out whatever input was large in them.

    References
    ----------
    .. [1] Sobol', I. M. (2001), "Global sensitivity indices for nonlinear mathematical models and
       their Monte Carlo estimates", Mathematics and Computers in Simulation 55, 271-280.
    .. [2] van der Waerden, B. L. (1952), "Order tests for the two-sample problem and their power",
       Indagationes Mathematicae 14, 453-458.
    """
    ensemble = found.ensemble
    if ensemble is None or found.draws is None or ensemble.plan.points != "independent":
        raise ValueError(
            "what decides a rank is read off independent draws: find chokepoints of "
            "sample_flows(..., points='independent')"
        )
    efforts = found.table["effort"].drop_duplicates().tolist()
    if effort not in efforts or reaction not in found.reactions:
        raise UnknownNameError(
            f"effort {effort!r} and reaction {reaction!r} were not scanned; there are efforts "
            f"{', '.join(f'{e:g}' for e in efforts)} and reactions "
            f"{', '.join(f'{k:g}' for k in found.reactions)}"
        )
    number = efforts.index(effort) * len(found.reactions) + found.reactions.index(reaction)
    share = np.asarray(found.draws[number], dtype=np.float64)
    table = found.table
    at = (table["effort"] == effort) & (table["reaction"] == reaction)
    first = table.loc[at, found.kind].head(found.top + 1).tolist()
    column = {element.id: k for k, element in enumerate(found.elements)}
    names = list(ensemble.plan.inputs.names)
    rows = []
    for ahead, behind in itertools.pairwise(first):
        lead = share[:, column[ahead]] - share[:, column[behind]]
        index = first_order(ensemble.numbers(), ndtri(rankdata(lead) / (len(lead) + 1.0)))
        most = int(np.argmax(index))
        rows.append((ahead, behind, float((lead < 0).mean()), names[most], float(index[most])))
    return pd.DataFrame(rows, columns=list(_COLUMNS))
