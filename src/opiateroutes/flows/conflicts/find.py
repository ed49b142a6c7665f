"""Whether published intervals can hold at once, and which of them stand in the way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy.sparse as sp

from opiateroutes.evidence.parameters import Z90
from opiateroutes.evidence.quantity import KILOGRAMS, RATE, SHARE
from opiateroutes.flows.binding.bind import bind
from opiateroutes.flows.binding.checks import refuse_unknown
from opiateroutes.flows.binding.costs import leg_costs
from opiateroutes.flows.conflicts.conflict import WEIGHTS, conflict_among, table_of
from opiateroutes.flows.conflicts.demands import Demands

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.binding.bind import Bound
    from opiateroutes.flows.conflicts.conflict import Conflict
    from opiateroutes.network import RouteNetwork

__all__ = ["find_conflicts"]

_QUANTITIES = dict.fromkeys(WEIGHTS, KILOGRAMS) | {"shares": SHARE, "interception": RATE}
_TRUST = {"high": 2, "medium": 1}


def find_conflicts(
    net: RouteNetwork,
    evidence: Evidence,
    *,
    cost: str | pd.Series | None = None,
    intervals_hold: bool = True,
) -> pd.DataFrame:
    """Find evidence that cannot hold together on a network, whatever the costs.

    Flows that balance at every node and are nowhere negative are looked for inside of all
    intervals. Where there are none, a minimal set of rows that clash is found by a deletion filter
    [1]_, its least trusted row set aside (the lowest confidence, then the widest interval for its
    size), and the rest looked at again, until it fits.

    Parameters
    ----------
    net
        The network.
    evidence
        The evidence.
    cost
        As in `estimate_flows`; only which legs an infinite cost closes matters. By default all that
        the cost model leaves open.
    intervals_hold
        Whether intervals must hold: from ``low_kg`` to ``high_kg``, or, where none was published,
        90 % of what the standard deviation allows (as in ``fit.residuals``); the supply is then one
        of them. By default they must: figures that were published as bounds should hold together.
        False asks only of figures without spread, with the supply at its best estimate. Shares and
        interception rates count like all others; price gaps say nothing of flows.

    Returns
    -------
    pandas.DataFrame
        One row for each row of a set, empty if all fit: ``conflict`` (number of the set), ``row``,
        ``low_kg``, ``high_kg``, ``clash_kg`` (the least total change that makes the set fit),
        ``rest_fits`` (whether all rows still looked at fit without it), ``least_kg``, ``most_kg``
        (what it could then be), ``set_aside``, ``advice``, ``source``, ``confidence``. A share or
        a rate has no kilograms of its own.

    Raises
    ------
    EvidenceError
        If evidence names nodes that the network lacks.
    UnreachableError
        If evidence sits where no route from the supply leads.

    References
    ----------
    .. [1] Chinneck, J. W. (2008), Feasibility and Infeasibility in Optimization, Springer, ch. 6.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> import pandas as pd
    >>> legs = pd.DataFrame({"from_node": ["a", "b"], "to_node": ["b", "c"], "cost": 2.0})
    >>> net = opr.RouteNetwork.from_tables(pd.DataFrame({"node": ["a", "b", "c"]}), legs)
    >>> bounds = {"low_kg": [90.0], "high_kg": [110.0]}
    >>> evidence = opr.Evidence.from_tables(
    ...     supply=pd.DataFrame({"node": ["a"], "kg": [100.0], **bounds}),
    ...     demand=pd.DataFrame({"node": ["c"], "kg": [150.0], "low_kg": [140.0]}),
    ... )
    >>> opr.find_conflicts(net, evidence)[["row", "clash_kg", "set_aside"]].values.tolist()
    [['supply:a', 30.0, False], ['demand:c', 30.0, True]]
    """
    refuse_unknown(evidence, net)
    figures = _figures(evidence, intervals_hold=intervals_hold)
    if not (figures.loc[evidence.supply.index, "high"] > 0).any():
        return _frame([], evidence)
    demands = _demands(_bound(net, evidence, cost), figures)
    rows = list(range(len(demands.names)))
    found: list[tuple[Conflict, str]] = []
    while (conflict := conflict_among(demands, rows)) is not None:
        trust = {row: _trust(evidence, conflict, row) for row in conflict.rows.index}
        aside = min(trust, key=trust.__getitem__)
        found.append((conflict, aside))
        rows = [row for row in rows if demands.names[row] != aside]
    return _frame(found, evidence)


def _figures(evidence: Evidence, *, intervals_hold: bool) -> pd.DataFrame:
    """Return between what each row must lie, in its own unit: index ``row``, ``low``, ``high``."""
    tables = []
    for name, quantity in _QUANTITIES.items():
        table = getattr(evidence, name)
        best, low, high, sd = (table[column].astype("float64") for column in quantity.columns)
        if intervals_hold:
            low = low.fillna(best - Z90 * sd).clip(lower=quantity.least)
            high = high.fillna(best + Z90 * sd).clip(upper=quantity.most)
        else:
            low = high = best
        held = (sd == 0) | intervals_hold | (name == "supply")
        tables.append(pd.DataFrame({"low": low, "high": high})[held])
    return pd.concat(tables)


def _bound(net: RouteNetwork, evidence: Evidence, cost: str | pd.Series | None) -> Bound:
    """Bind evidence as if none of it had to hold: all rows that can be bound, no refusals."""
    softened = {}
    for name in WEIGHTS:
        table = getattr(evidence, name)
        # A figure of zero with an upper bound may still be more: it needs its exit.
        best = table["best_kg"].where(table["best_kg"] > 0, table["high_kg"].fillna(0.0) / 2)
        softened[name] = table.assign(best_kg=best, sd_kg=1.0)
    for name, quantity in _QUANTITIES.items():
        if name not in WEIGHTS:
            softened[name] = getattr(evidence, name).assign(**{quantity.sd: 1.0})
    costs, _ = leg_costs(net, cost, set())
    return bind(net, replace(evidence, **softened), costs)


def _demands(bound: Bound, figures: pd.DataFrame) -> Demands:
    """Put the rows that must hold on the arcs of a measure."""
    measure, rows = bound.measure, bound.rows
    bound_rows = pd.Index(rows.names)
    in_kg = bound_rows.isin(figures.index) & ~bound_rows.isin(bound.ratios.names)
    held = np.flatnonzero(in_kg)
    between = figures.reindex(rows.names[held])
    supply = figures.reindex([f"supply:{node}" for node in measure.nodes[measure.sources]])
    names, ratios = _ratios(bound, figures)
    zero, most = np.zeros(len(names)), np.full(len(names), np.inf)
    return Demands.of(
        measure,
        supply_kg=(supply["low"].to_numpy(), supply["high"].to_numpy()),
        names=np.concatenate([rows.names[held], names]),
        matrix=sp.vstack([sp.csr_array(rows.matrix()[held]), ratios]).tocsr(),
        between_kg=(
            np.concatenate([between["low"].to_numpy(), zero]),
            np.concatenate([between["high"].to_numpy(), most]),
        ),
    )


def _ratios(bound: Bound, figures: pd.DataFrame) -> tuple[NDArray[np.object_], sp.csr_array]:
    """Return sums that must not be negative: a share lies above its lower end, below its upper."""
    ratios = bound.ratios
    held = np.flatnonzero(ratios.bound & pd.Index(ratios.names).isin(figures.index))
    names, part, whole = ratios.names[held], ratios.part[held], ratios.whole[held]
    low, high = (sp.diags_array(figures[end].reindex(names).to_numpy()) for end in ("low", "high"))
    return np.concatenate([names, names]), sp.vstack([part - low @ whole, high @ whole - part])


def _trust(evidence: Evidence, conflict: Conflict, row: str) -> tuple[int, bool, float, str]:
    """Return what makes a row the one to set aside: the least goes first."""
    confidence = getattr(evidence, table_of(row)).at[row, "confidence"]
    low, high = conflict.rows.loc[row, ["low_kg", "high_kg"]]
    # Of a share nothing is known in kilograms: it goes before weights of the same confidence.
    width = (high - low) / high if high > 0 else 1.0 if high != 0 else 0.0
    # Everything hangs on the supply: it stays as long as others may go.
    return _TRUST.get(confidence, 0), row.startswith("supply:"), -width, row


def _frame(conflicts: list[tuple[Conflict, str]], evidence: Evidence) -> pd.DataFrame:
    """Tabulate conflicts, each with the row that was set aside."""
    numbers = ["low_kg", "high_kg", "clash_kg", "rest_fits", "least_kg", "most_kg"]
    about = ["source", "confidence"]
    parts = []
    for number, (conflict, aside) in enumerate(conflicts, start=1):
        part = conflict.rows.reset_index().assign(conflict=number, clash_kg=conflict.clash_kg)
        part["set_aside"] = part["row"] == aside
        part["advice"] = [conflict.without(row) for row in part["row"]]
        for column in about:
            tables = (getattr(evidence, table_of(row)) for row in part["row"])
            part[column] = [
                table.at[row, column] for table, row in zip(tables, part["row"], strict=True)
            ]
        parts.append(part)
    columns = ["conflict", "row", *numbers, "set_aside", "advice", *about]
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True)[columns]
