"""How much more a larger budget buys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from opiateroutes.chokepoints.best_set.search import best_set
from opiateroutes.chokepoints.options import checked_budget

if TYPE_CHECKING:
    from opiateroutes.flows import FlowEnsemble, FlowFit

__all__ = ["best_sets"]


def best_sets(
    result: FlowFit | FlowEnsemble, *, budgets: Iterable[float] = (1, 2, 3, 4, 5), **options: Any
) -> pd.DataFrame:
    """Find the best set for each of several budgets: the Pareto curve of cost and drop.

    Parameters
    ----------
    result
        As in `best_set`.
    budgets
        1 to 5 by default; one given twice is worked out once.
    **options
        Everything else of `best_set`; the time limit is for each budget.

    Returns
    -------
    pandas.DataFrame
        Index ``budget``; ``elements``, ``names``, ``cost``, ``drop_share``, ``drop_kg``,
        ``delivered_kg``, ``drop_low``, ``drop_high``, ``objective_share``, ``bound_share``,
        ``gap``, ``status``, and ``gain_share``: by how much the objective exceeds that of the row
        before (the first: exceeds no extra enforcement).

    Raises
    ------
    TypeError
        If the budgets are one number or text.
    ValueError, UnknownNameError
        As in `best_set`.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> from opiateroutes.chokepoints.best_set import best_sets
    >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
    >>> curve = best_sets(fit, budgets=(1, 2), reaction=0.0)
    >>> curve["status"].tolist()
    ['optimal', 'optimal']
    """
    columns = ["elements", "names", "cost", "drop_share", "drop_kg", "delivered_kg"]
    columns += ["drop_low", "drop_high", "objective_share", "bound_share", "gap", "status"]
    rows = []
    for budget in _each_once(budgets):
        found = best_set(result, budget=budget, **options)
        rows.append([float(budget), *(getattr(found, name) for name in columns)])
    frame = pd.DataFrame(rows, columns=["budget", *columns]).set_index("budget")
    frame["gain_share"] = frame["objective_share"].diff().fillna(frame["objective_share"])
    return frame


def _each_once(budgets: Any) -> list[float]:
    """Read budgets in their order; one that is given twice is worked out once."""
    if isinstance(budgets, str) or not isinstance(budgets, Iterable):
        raise TypeError(f"budgets must be several numbers of at least 0, not {budgets!r}")
    return list(dict.fromkeys(checked_budget(budget) for budget in budgets))
