"""What must hold at once: rows on flows in balance, each between two values, as linear programs.

Flows balance at every node and none is negative. A set of rows holds together if some such flows
meet them all; how far they are from it is the least total change of their figures that makes them
fit (an elastic program [1]_), and what the others leave for one row is the range of its value.

References
----------
.. [1] Chinneck, J. W. (2008), Feasibility and Infeasibility in Optimization, Springer, ch. 6:
   elastic programs.
.. [2] Huangfu, Hall (2018), "Parallelizing the dual revised simplex method", Mathematical
   Programming Computation 10(1): HiGHS.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.optimize import linprog

from opiateroutes.errors import ConvergenceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from opiateroutes.flows.kernel.measure import PathMeasure

__all__ = ["Demands"]

_ROUNDING = 1e-9
"""Figures that differ by less than this share of the largest are equal."""

_TOLERANCE = 1e-10
"""Of the linear programs, in shares of the largest figure: the finest that HiGHS offers."""

_UNBOUNDED = 3


@dataclass(frozen=True, eq=False)
class Demands:
    """Rows that should hold at once.

    The supply is a row like any other: what starts at a source may be anything unless it is held.

    Parameters
    ----------
    names
        Shape ``(K,)``: rows, those on the supply first.
    matrix
        Shape ``(L, arcs + sources)``: sums of flows, at least one for each row.
    row_of
        Shape ``(L,)``: position of the row that each sum belongs to.
    low_kg, high_kg
        Shape ``(L,)``: between what each sum must lie; equal for an exact figure.
    balance
        Shape ``(nodes, arcs + sources)``: what leaves each node less what arrives or starts.

    Examples
    --------
    Two exact figures for what starts at one node:

    >>> start = Demands(
    ...     names=np.array(["one", "two"], dtype=object),
    ...     matrix=sp.csr_array([[0.0, 1.0], [1.0, 0.0]]),
    ...     row_of=np.array([0, 1]),
    ...     low_kg=np.array([100.0, 20.0]),
    ...     high_kg=np.array([100.0, 20.0]),
    ...     balance=sp.csr_array([[1.0, -1.0]]),
    ... )
    >>> start.clash_kg([0, 1]), start.range_kg(1, [0])
    (80.0, (100.0, 100.0))
    """

    names: NDArray[np.object_]
    matrix: sp.csr_array
    row_of: NDArray[np.intp]
    low_kg: NDArray[np.float64]
    high_kg: NDArray[np.float64]
    balance: sp.csr_array

    @classmethod
    def of(
        cls,
        measure: PathMeasure,
        *,
        supply_kg: tuple[NDArray[np.float64], NDArray[np.float64]],
        names: NDArray[np.object_],
        matrix: sp.csr_array,
        between_kg: tuple[NDArray[np.float64], NDArray[np.float64]],
    ) -> Demands:
        """Put rows on the arcs of a measure together with its supply.

        Parameters
        ----------
        measure
            Its graph; weights do not matter.
        supply_kg
            Lowest and highest supply of each source, shape ``(sources,)`` each.
        names, matrix, between_kg
            Sums, shape ``(sums, arcs)``, and between what each must lie. Those of one name make one
            row: it holds if they all do.
        """
        sources, n, m = measure.sources, measure.n_nodes, len(measure.legs)
        q, count = len(sources), measure.n_arcs
        nodes = np.concatenate([measure.arc_tail, measure.head, sources])
        columns = np.concatenate([np.arange(count), np.arange(m), count + np.arange(q)])
        signs = np.concatenate([np.ones(count), -np.ones(m + q)])
        held = sp.hstack([sp.csr_array((q, count)), sp.eye_array(q)])
        wide = sp.hstack([sp.csr_array(matrix), sp.csr_array((matrix.shape[0], q))])
        at_source = [f"supply:{node}" for node in measure.nodes[sources]]
        row_of, unique = pd.factorize(np.array([*at_source, *names], dtype=object))
        return cls(
            names=unique,
            matrix=sp.vstack([held, wide]).tocsr(),
            row_of=row_of.astype(np.intp),
            low_kg=np.concatenate([supply_kg[0], between_kg[0]]),
            high_kg=np.concatenate([supply_kg[1], between_kg[1]]),
            balance=sp.coo_array((signs, (nodes, columns)), shape=(n, count + q)).tocsr(),
        )

    @property
    def scale_kg(self) -> float:
        """Largest figure: all programs are in shares of it."""
        figures = np.concatenate([self.low_kg, self.high_kg])
        largest = float(figures[np.isfinite(figures)].max(initial=0.0))
        return largest if largest > 0 else 1.0

    def along(self, open_arcs: NDArray[np.bool_]) -> Demands:
        """Return the same rows where only some arcs may carry flow."""
        kept = np.flatnonzero(
            np.concatenate([open_arcs, np.ones(self.matrix.shape[1] - len(open_arcs), dtype=bool)])
        )
        return replace(self, matrix=self.matrix[:, kept], balance=self.balance[:, kept])

    def bounds_kg(self, row: int) -> tuple[float, float]:
        """Return between what a row of one sum must lie, kg."""
        (own,) = self._sums([row])
        return float(self.low_kg[own]), float(self.high_kg[own])

    def fit(self, rows: Sequence[int]) -> bool:
        """Tell whether rows can hold at once, within rounding."""
        return self.clash_kg(rows) == 0.0

    def clash_kg(self, rows: Sequence[int]) -> float:
        """Return the least total change of figures that makes rows fit, kg; 0 within rounding.

        Parameters
        ----------
        rows
            Positions of the rows; no other row is held.
        """
        if not len(rows):
            return 0.0
        chosen = self._sums(rows)
        k = len(chosen)
        change = sp.hstack([sp.eye_array(k), -sp.eye_array(k)])
        cost = np.concatenate([np.zeros(self.balance.shape[1]), np.ones(2 * k)])
        result = self._solve(cost, chosen, extra=change)
        if result is None:
            # No change at all is too little only by rounding: balanced flows of zero always fit.
            raise ConvergenceError(f"no linear program told whether {k} rows can hold together")
        return result * self.scale_kg if result > _ROUNDING else 0.0

    def range_kg(self, row: int, others: Sequence[int]) -> tuple[float, float]:
        """Return the least and the most that a row can be while others hold, kg.

        Parameters
        ----------
        row
            Position of the row, which has one sum and is not held.
        others
            Positions of the rows that are.
        """
        chosen = self._sums(others)
        count = self.matrix[self._sums([row])].toarray()[0]
        ends = []
        for sign in (1.0, -1.0):
            end = self._solve(sign * count, chosen)
            if end is None:
                # Figures that fit within rounding only.
                end = self._solve(sign * count, chosen, slack=_ROUNDING)
            if end is None:
                raise ConvergenceError(f"no linear program told what {self.names[row]} could be")
            ends.append(sign * end)
        rounding = 10 * _ROUNDING
        if ends[1] - ends[0] <= rounding:
            ends = [sum(ends) / 2.0] * 2
        least, most = (0.0 if abs(end) <= rounding else end * self.scale_kg for end in ends)
        return least, most

    def _sums(self, rows: Sequence[int]) -> NDArray[np.intp]:
        sums: NDArray[np.intp] = np.flatnonzero(np.isin(self.row_of, rows))
        return sums

    def _solve(
        self,
        cost: NDArray[np.float64],
        sums: NDArray[np.intp],
        *,
        extra: sp.sparray | None = None,
        slack: float = 0.0,
    ) -> float | None:
        """Minimise a cost while sums hold; minus infinity if unbounded, None if nothing fits."""
        k, scale = len(sums), self.scale_kg
        low, high = self.low_kg[sums] / scale - slack, self.high_kg[sums] / scale + slack
        extra = sp.csr_array((k, 0)) if extra is None else extra
        # Each sum equals its lower end and what it lies above it.
        held = sp.hstack([self.matrix[sums], extra, -sp.eye_array(k)])
        others = sp.csr_array((self.balance.shape[0], held.shape[1] - self.balance.shape[1]))
        equal = sp.vstack([sp.hstack([self.balance, others]), held]).tocsr()
        upper = np.full(equal.shape[1], np.inf)
        upper[equal.shape[1] - k :] = high - low
        result = linprog(
            np.concatenate([cost, np.zeros(k)]),
            A_eq=equal,
            b_eq=np.concatenate([np.zeros(self.balance.shape[0]), low]),
            bounds=np.stack([np.zeros_like(upper), upper], axis=1),
            method="highs",
            options={
                "primal_feasibility_tolerance": _TOLERANCE,
                "dual_feasibility_tolerance": _TOLERANCE,
            },
        )
        if result.status == _UNBOUNDED:
            return -np.inf
        return float(result.fun) if result.status == 0 else None
