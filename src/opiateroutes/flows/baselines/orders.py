"""Orders: how much leaves at each place, for the methods that serve figures one by one.

Figures are served as they are. What the supply has beyond them goes out unaccounted, in proportion
to demand (to seizures where there is no demand); where figures exceed the supply, those that need
not hold exactly are scaled down alike, and a note says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy.sparse as sp

from opiateroutes.errors import ConflictingEvidenceError
from opiateroutes.flows.kernel.measure import UNACCOUNTED
from opiateroutes.flows.kernel.trace import sparse
from opiateroutes.network.failures import failure_table
from opiateroutes.units import format_kg

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.binding.bind import Bound

__all__ = ["Orders", "figure_rows", "orders_of", "unmet_exactly"]

_ROUNDING = 1e-9
"""Totals that differ by less than this share of the supply are equal."""


@dataclass(frozen=True, eq=False)
class Orders:
    """What leaves where; the amounts add up to the supply.

    Parameters
    ----------
    names
        Shape ``(K,)``: names of evidence rows, then ``unaccounted:<place>``.
    exits
        Shape ``(K, E)``: 1 where an exit serves an order; an exit serves one order at most.
    amount
        Shape ``(K,)``, shares of the supply, all above 0.
    hard
        Shape ``(K,)``: orders that must hold exactly.
    notes
        What had to be assumed.
    """

    names: NDArray[np.object_]
    exits: sp.csr_array
    amount: NDArray[np.float64]
    hard: NDArray[np.bool_]
    notes: tuple[str, ...]


def unmet_exactly(orders: Orders, unmet: NDArray[np.bool_]) -> ConflictingEvidenceError:
    """Describe orders that must hold exactly and cannot."""
    names = [str(name) for name in orders.names[orders.hard & unmet]]
    rule = "must hold exactly, but these supplies do not reach it as they would have to"
    return ConflictingEvidenceError(
        f"no flows meet {len(names)} row(s) that must hold exactly",
        failure_table([("evidence", n, "best_kg", "", rule, "give it an interval") for n in names]),
    )


def figure_rows(bound: Bound) -> NDArray[np.intp]:
    """Return which rows of a bound problem are demand and seizures."""
    kinds = [str(name).partition(":")[0] for name in bound.rows.names]
    return np.flatnonzero(np.isin(kinds, ["demand", "seizure"]))


def orders_of(bound: Bound, evidence: Evidence) -> Orders:
    """Read the orders off a bound problem.

    Parameters
    ----------
    bound
        The problem.
    evidence
        Its evidence.

    Returns
    -------
    Orders
        Figures in the order of the rows, then what is unaccounted for by place.
    """
    measure, rows = bound.measure, bound.rows
    kept = figure_rows(bound)
    exits = sp.csr_array(rows.matrix()[kept][:, len(measure.legs) :])
    total = float(measure.supply_kg.sum())
    amount, hard = rows.target_kg[kept] / total, rows.sd_kg[kept] == 0
    names = rows.names[kept]
    spare = _unaccounted(bound, evidence, names, exits)
    left = 1.0 - float(amount.sum())
    notes: tuple[str, ...] = ()
    if abs(left) <= _ROUNDING or (left < 0 or not len(spare)):
        if abs(left) > _ROUNDING:
            notes = (_scaling_note(left, total, to_soft=bool(hard.any())),)
        held = float(amount[hard].sum())
        soft = float(amount[~hard].sum())
        amount = np.where(hard, amount, amount * (1.0 - held) / (soft or 1.0))
        return Orders(names, exits, amount / amount.sum(), hard, notes)
    wanted = spare["wanted"].to_numpy("float64")
    ways = sparse(
        [k for k, own in enumerate(spare["exits"]) for _ in own],
        [exit_ for own in spare["exits"] for exit_ in own],
        [1.0 for own in spare["exits"] for _ in own],
        (len(spare), len(measure.exit_node)),
    )
    return Orders(
        names=np.concatenate([names, spare.index.to_numpy(object)]),
        exits=sp.csr_array(sp.vstack([exits, ways])),
        amount=np.concatenate([amount, left * wanted / wanted.sum()]),
        hard=np.concatenate([hard, np.zeros(len(spare), dtype=bool)]),
        notes=notes,
    )


def _scaling_note(left: float, total: float, *, to_soft: bool) -> str:
    whose = "figures that need not hold exactly are" if to_soft else "all figures are"
    side = "exceed the supply" if left < 0 else "leave a part of the supply with no way out"
    way = "down" if left < 0 else "up"
    return f"demand and seizures {side} by {format_kg(abs(left) * total)}: {whose} scaled {way}"


def _unaccounted(
    bound: Bound, evidence: Evidence, names: NDArray[np.object_], exits: sp.csr_array
) -> pd.DataFrame:
    """Find the unaccounted exits of each place: they follow its own, state by state."""
    measure = bound.measure
    free = np.flatnonzero(measure.exit_kind == UNACCOUNTED)
    figures = pd.concat([evidence.demand, evidence.seizures])
    markets = [k for k, name in enumerate(names) if str(name).startswith("demand:")]
    rows = {str(figures.at[names[k], "node"]): k for k in markets or range(len(names))}
    weight = evidence.priors["unaccounted_weight"]
    found: dict[str, tuple[float, list[int]]] = {}
    at = 0
    for place in sorted(rows) if len(free) else []:
        own = weight.get(place, np.nan)
        if (weight.get("*", np.nan) if np.isnan(own) else own) > 0:
            row = rows[place]
            count = int(exits.indptr[row + 1] - exits.indptr[row])
            wanted = float(figures.at[names[row], "best_kg"])
            found[f"unaccounted:{place}"] = (wanted, free[at : at + count].tolist())
            at += count
    return pd.DataFrame.from_dict(found, orient="index", columns=["wanted", "exits"])
