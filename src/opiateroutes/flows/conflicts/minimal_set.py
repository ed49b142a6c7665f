"""A minimal set of rows that cannot hold together: leaving out any one of them makes the rest fit.

The deletion filter [1]_ leaves rows out one after the other as long as the rest still clashes. What
fits stays so with fewer rows, so the longest run of rows that may go is found by bisection [2]_:
the same set, with one program for each doubling instead of one for each row.

References
----------
.. [1] Chinneck, J. W. (2008), Feasibility and Infeasibility in Optimization, Springer, ch. 6:
   irreducible infeasible sets.
.. [2] Junker, U. (2004), "QuickXplain: preferred explanations and relaxations for over-constrained
   problems", AAAI 2004, 167-172.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["minimal_set"]


def minimal_set(rows: Sequence[int], fit: Callable[[Sequence[int]], bool]) -> list[int]:
    """Filter rows that cannot hold together down to a minimal set of the kind.

    Parameters
    ----------
    rows
        Rows, in the order in which to try to leave them out: the last are the likeliest to stay.
    fit
        Tells whether rows can hold at once.

    Returns
    -------
    list of int
        In the order of ``rows``; empty if all of them fit.

    Examples
    --------
    Numbers that may not add up to more than 10:

    >>> minimal_set([1, 7, 2, 9, 4], lambda rows: sum(rows) <= 10)
    [9, 4]
    """
    kept: list[int] = []
    rest = list(rows)
    if fit(rest):
        return kept
    while fit(kept):
        # Without `needed` the rest clashes no more; all that stands before it may go.
        first, last = 0, len(rest) - 1
        while first < last:
            middle = (first + last) // 2
            if fit([*kept, *rest[middle + 1 :]]):
                last = middle
            else:
                first = middle + 1
        kept.append(rest[first])
        rest = rest[first + 1 :]
    return kept
