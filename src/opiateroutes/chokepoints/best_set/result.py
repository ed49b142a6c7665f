"""The result of a search for the best set."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
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
        By how much less is delivered than without extra enforcement, and what still is; at the best
        values.
    cost, budget
        What the set costs, and what it might have.
    objective_share
        The drop that was made as large as possible: `drop_share`, or over draws the mean drop, or
        its mean over the worst of them.
    bound_share
        No set within the budget can do more for that; missing for greedy and betweenness.
    status
        ``"optimal"``; ``"time limit"`` (the best found, and the bound, when time was out);
        ``"bound"`` (several sources that react, or draws, and too many sets to try: the best found
        by exchanges, and a bound that need not be reached); ``"heuristic"``.
    method, effort, reaction, tail
        As they were asked for.
    interval
        Works out `drop_low` and `drop_high`; None without draws.
    again
        Runs another method on the same problem.
    """

    elements: tuple[str, ...]
    names: tuple[str, ...]
    kind: str
    drop_share: float
    drop_kg: float
    delivered_kg: float
    cost: float
    budget: float
    objective_share: float
    bound_share: float
    status: str
    method: str
    effort: float
    reaction: float
    tail: float | None
    interval: Callable[[], tuple[float, float]] | None = None
    again: Callable[..., BestSet] | None = None

    @cached_property
    def _ends(self) -> tuple[float, float]:
        return (float("nan"), float("nan")) if self.interval is None else self.interval()

    @property
    def drop_low(self) -> float:
        """Lower end of the 90 % interval of the drop over all draws; missing without draws."""
        return self._ends[0]

    @property
    def drop_high(self) -> float:
        """Upper end of the 90 % interval of the drop over all draws; missing without draws."""
        return self._ends[1]

    @property
    def gap(self) -> float:
        """How much larger the objective could be at most, as a share of what was delivered."""
        if not self.known_bound:
            return float("nan")
        return max(self.bound_share - self.objective_share, 0.0)

    @property
    def known_bound(self) -> bool:
        """Whether there is a bound."""
        return self.bound_share == self.bound_share

    def compare(self) -> pd.DataFrame:
        """Set the exact set beside greedy and betweenness.

        Returns
        -------
        pandas.DataFrame
            Index ``method``; ``elements``, ``objective_share``, ``drop_share``, ``drop_kg``,
            ``cost``, ``status``.

        Examples
        --------
        >>> import opiateroutes as opr
        >>> from opiateroutes.chokepoints.best_set import best_set
        >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
        >>> best_set(fit, budget=2, reaction=0.0).compare().index.tolist()
        ['exact', 'greedy', 'betweenness']
        """
        columns = ["elements", "objective_share", "drop_share", "drop_kg", "cost", "status"]
        rows = {}
        for method in ("exact", "greedy", "betweenness"):
            found = (
                self if method == self.method or self.again is None else self.again(method=method)
            )
            rows[method] = [getattr(found, name) for name in columns]
        frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
        return frame.rename_axis("method")

    def __repr__(self) -> str:
        chosen = ", ".join(self.names) or "nothing"
        known = self.drop_low == self.drop_low
        over = f" ({self.drop_low:.1%} to {self.drop_high:.1%})" if known else ""
        return f"<BestSet {chosen}: drop {self.drop_share:.1%}{over}, {self.status}>"
