"""What each importer requires, and from whom: shares of imports turned into flows between places.

With consumption C, seizures K and the share b_ij of what j imports that comes from i, what passes a
place is ``M = (I - B)^-1 (C + K)`` and what moves from i to j is ``b_ij M_j``. What a place needs
and does not import is its supply.

References
----------
.. [1] UNODC (2015), Drug money: the illicit proceeds of opiates trafficked on the Balkan route.
.. [2] Berlusconi, G., Aziani, A., Giommoni, L. (2017), "The determinants of heroin flows in Europe:
   A latent space approach", Social Networks 51, 104-117.
.. [3] Giommoni, L., Berlusconi, G., Aziani, A. (2021), "Interdicting international drug
   trafficking: a network approach for coupling supply and demand", European Journal on Criminal
   Policy and Research.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd

from opiateroutes.errors import DivergentRoutesError, EvidenceError
from opiateroutes.flows.baselines.import_share_rows import import_share_rows
from opiateroutes.network.failures import failure_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.binding.places import Places
    from opiateroutes.network.failures import Failure

__all__ = ["Requirements", "requirements_of"]

_ROUNDING = 1e-6
"""How far the shares of an importer may be from 1 and still be taken for 1."""


@dataclass(frozen=True, eq=False)
class Requirements:
    """Flows between places, and the supply that they take.

    Parameters
    ----------
    places
        Ids of the places that shares and figures are about; no two overlap.
    passing_kg
        Shape ``(places,)``: what passes each.
    flows_kg
        Flow of each pair of positions that trades.
    supply_kg
        Index as the rows of the evidence's supply: what each is asked for.
    notes
        Supplies that nobody draws on.
    """

    places: tuple[str, ...]
    passing_kg: NDArray[np.float64]
    flows_kg: dict[tuple[int, int], float]
    supply_kg: pd.Series
    notes: tuple[str, ...]

    def place_of(self, place: str, known: Places) -> int:
        """Return the position of the place that an id lies in; negative where there is none."""
        return _position(self.places, place, known)


def requirements_of(evidence: Evidence, known: Places) -> Requirements:
    """Solve for what passes each place.

    Import shares are the rows of ``evidence.shares`` with one id at both ends that are shares of
    all that enters their ``to_nodes``. A place with a supply of its own may import less than all:
    its shares then add up to less than 1, and the rest is its own.

    Parameters
    ----------
    evidence
        The evidence.
    known
        Nodes and groups of the network.

    Returns
    -------
    Requirements
        For places in the order of their ids.

    Raises
    ------
    EvidenceError
        If there are no import shares, if those of an importer do not add up to 1, if a place has a
        requirement but neither shares nor a supply, or if shares overlap.
    DivergentRoutesError
        If importers draw on one another in a cycle that leads back to no supply.
    """
    shares = import_share_rows(evidence, known)
    figures = pd.concat([evidence.demand, evidence.seizures])
    figures = figures[(figures["best_kg"] > 0) & figures["node"].map(known.known).astype("bool")]
    supply = evidence.supply[evidence.supply["node"].map(known.known).astype("bool")]
    supply = supply[supply["best_kg"] > 0]
    traders = sorted({*shares["from_nodes"], *shares["to_nodes"]})
    others = [p for p in (*supply["node"], *figures["node"]) if _position(traders, p, known) < 0]
    places = tuple(sorted({*traders, *others}))
    at = {place: k for k, place in enumerate(places)}
    home, own = _sums(supply, places, known)
    _, wanted = _sums(figures, places, known)
    b = np.zeros((len(places), len(places)))
    ends = (shares[end].map(at).to_numpy("intp") for end in ("from_nodes", "to_nodes"))
    np.add.at(b, tuple(ends), shares["best_share"].to_numpy("float64"))
    b = _completed(b, places, own > 0)
    _refuse_cycles(b, places)
    passing = np.maximum(np.linalg.solve(np.eye(len(places)) - b, wanted), 0.0)
    needed = (1.0 - b.sum(axis=0)).clip(0.0) * passing
    needed[b.sum(axis=0) > 1.0 - _ROUNDING] = 0.0
    _refuse_unsupplied(needed, own, places)
    part = supply["best_kg"] / own[home] * needed[home]
    idle = part.index[part == 0].tolist()
    note = (f"no import shares draw on {', '.join(idle[:5])}",) if idle else ()
    return Requirements(
        places=places,
        passing_kg=passing,
        flows_kg={
            (int(i), int(j)): float(b[i, j] * passing[j])
            for i, j in np.argwhere(b > 0)
            if passing[j] > 0
        },
        supply_kg=part.reindex(evidence.supply.index).fillna(0.0),
        notes=note,
    )


def _sums(
    table: pd.DataFrame, places: tuple[str, ...], known: Places
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the place of each row, and the sum of the rows of each place, kg."""
    home = np.array([_position(places, place, known) for place in table["node"]], dtype=np.intp)
    sums = np.zeros(len(places))
    np.add.at(sums, home, table["best_kg"].to_numpy("float64"))
    return home, sums


def _position(places: tuple[str, ...] | list[str], place: str, known: Places) -> int:
    """Return which of some places an id is or lies in."""
    if place in places:
        return places.index(place)
    members = set(known.members(place))
    holds = (
        k for k, other in enumerate(places) if members and members <= set(known.members(other))
    )
    return next(holds, -1)


def _completed(
    b: NDArray[np.float64], places: tuple[str, ...], supplied: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Take out rounding from shares that add up to 1; refuse others unless a supply is the rest."""
    total = b.sum(axis=0)
    failures: list[Failure] = []
    for k in np.flatnonzero(total > 0):
        if abs(total[k] - 1.0) <= _ROUNDING:
            b[:, k] /= total[k]
        elif total[k] > 1.0 or not supplied[k]:
            rule = f"the shares of its imports add up to {total[k]:.6g}, not 1"
            hint = "add the exporters that are missing, or divide the shares by their sum"
            failures.append(("shares", places[k], "best_share", float(total[k]), rule, hint))
    if failures:
        raise EvidenceError(
            f"import shares of {len(failures)} importer(s) do not add up", failure_table(failures)
        )
    return b


def _refuse_cycles(b: NDArray[np.float64], places: tuple[str, ...]) -> None:
    """Refuse importers whose imports lead back to no place that has anything of its own."""
    graph = nx.DiGraph([(int(i), int(j)) for i, j in np.argwhere(b > 0)])
    graph.add_nodes_from(range(len(places)))
    begun = {int(k) for k in np.flatnonzero(b.sum(axis=0) < 1.0 - _ROUNDING)}
    fed = begun.union(*(nx.descendants(graph, k) for k in begun))
    closed = sorted(set(graph) - fed)
    if not closed:
        return
    node, seen = closed[0], []
    while node not in seen:
        seen.append(node)
        node = int(b[:, node].argmax())
    cycle = [node, *reversed(seen[seen.index(node) :])]
    radius = float(np.abs(np.linalg.eigvals(b)).max())
    raise DivergentRoutesError(
        f"the imports round the cycle {' > '.join(places[k] for k in cycle)} lead back to no "
        f"supply (spectral radius {radius:.6g}, must be below 1): let one of them import a part "
        "from outside of the cycle, or give it a supply and shares that leave a part to it"
    )


def _refuse_unsupplied(
    needed: NDArray[np.float64], own: NDArray[np.float64], places: tuple[str, ...]
) -> None:
    failures: list[Failure] = [
        (
            "shares",
            places[k],
            "to_nodes",
            places[k],
            f"requires {needed[k]:,.6g} kg but has neither import shares nor a supply",
            "add shares with this to_node, add a supply, or leave its figures out",
        )
        for k in np.flatnonzero((needed > 0) & (own == 0))
    ]
    if failures:
        names = ", ".join(str(failure[1]) for failure in failures[:5])
        raise EvidenceError(f"nothing says where {names} imports from", failure_table(failures))
