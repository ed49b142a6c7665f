"""The result of a search for the best set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BestSet"]


@dataclass(frozen=True, eq=False, repr=False)
class BestSet:
    """Elements that together lower what is delivered most, within a budget.

    Made by `best_set`.

    Parameters
    ----------
    elements, names
        Ids and names of what was chosen.
    kind
        What they are: node, leg, border, group, route or element.
    drop_share, drop_kg, delivered_kg
        By how much less is delivered than without extra enforcement, and what still is.
    cost, budget
        What the set costs, and what it might have.
    bound_share
        No set within the budget can drop more; missing for greedy and betweenness.
    status
        ``"optimal"``; ``"time limit"`` (the best found, and the bound, when time was out);
        ``"bound"`` (several sources that react and too many sets to try: the best found by
        exchanges, and a bound that need not be reached); ``"heuristic"``.
    method, effort, reaction
        As they were asked for.
    """

    elements: tuple[str, ...]
    names: tuple[str, ...]
    kind: str
    drop_share: float
    drop_kg: float
    delivered_kg: float
    cost: float
    budget: float
    bound_share: float
    status: str
    method: str
    effort: float
    reaction: float
    again: Callable[..., BestSet] | None = None

    @property
    def gap(self) -> float:
        """How much more could be dropped at most, as a share of what was delivered."""
        return max(self.bound_share - self.drop_share, 0.0) if self.known_bound else float("nan")

    @property
    def known_bound(self) -> bool:
        """Whether there is a bound."""
        return self.bound_share == self.bound_share

    def compare(self) -> pd.DataFrame:
        """Set the exact set beside greedy and betweenness.

        Returns
        -------
        pandas.DataFrame
            Index ``method``; ``elements``, ``drop_share``, ``drop_kg``, ``cost``, ``status``.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> from opiateroutes.chokepoints.best_set import best_set
        >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
        >>> best_set(fit, budget=2, reaction=0.0).compare().index.tolist()
        ['exact', 'greedy', 'betweenness']
        """
        rows = []
        for method in ("exact", "greedy", "betweenness"):
            found = (
                self if method == self.method or self.again is None else self.again(method=method)
            )
            rows.append(
                (method, found.elements, found.drop_share, found.drop_kg, found.cost, found.status)
            )
        columns = ["method", "elements", "drop_share", "drop_kg", "cost", "status"]
        return pd.DataFrame(rows, columns=columns).set_index("method")

    def __repr__(self) -> str:
        chosen = ", ".join(self.names) or "nothing"
        return f"<BestSet {chosen}: drop {self.drop_share:.1%}, {self.status}>"
