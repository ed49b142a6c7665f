"""What decides the order of a ranking: the inputs behind the difference of two drops."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import ndtri

from opiateroutes.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from opiateroutes.chokepoints.result import Chokepoints

__all__ = ["chance_level", "explained", "rank_drivers"]

_COLUMNS = {
    "ahead": "str",
    "behind": "str",
    "reversed_share": "float64",
    "input": "str",
    "share": "float64",
}
_ERROR = 0.05
"""Probability that any input is named for a pair of neighbours on which none has an influence."""

_FEWEST = 3
"""Two points lie on a line whatever they are."""


def rank_drivers(found: Chokepoints, effort: float, reaction: float) -> pd.DataFrame:
    """Tabulate neighbours in a ranking; see `Chokepoints.drivers`."""
    ensemble = found.ensemble
    if ensemble is None or ensemble.plan.points != "independent":
        raise ValueError(
            "what decides a rank is read off independent draws: find chokepoints of "
            "sample_flows(..., points='independent')"
        )
    table = found.table
    if table.empty:
        return _table([])
    efforts = table["effort"].drop_duplicates().tolist()
    if effort not in efforts or reaction not in found.reactions:
        raise UnknownNameError(
            f"effort {effort!r} and reaction {reaction!r} were not scanned; there are efforts "
            f"{', '.join(f'{e:g}' for e in efforts)} and reactions "
            f"{', '.join(f'{k:g}' for k in found.reactions)}"
        )
    assert found.draws is not None  # noqa: S101 - an ensemble and a table that is not empty
    number = efforts.index(effort) * len(found.reactions) + found.reactions.index(reaction)
    share = np.asarray(found.draws[number], dtype=np.float64)
    at = (table["effort"] == effort) & (table["reaction"] == reaction)
    first = table.loc[at, found.kind].head(found.top + 1).tolist()
    column = {element.id: k for k, element in enumerate(found.elements)}
    names = list(ensemble.plan.inputs.names)
    level = chance_level(len(share), len(names))
    rows = []
    for ahead, behind in itertools.pairwise(first):
        one, other = share[:, column[ahead]], share[:, column[behind]]
        # Two that need endless quantities are level; infinity less infinity would be no number.
        lead = np.subtract(one, other, out=np.zeros_like(one), where=one != other)
        index = explained(ensemble.numbers(), lead)
        most = int(np.argmax(index))
        named = bool(index[most] > level)
        rows.append(
            (
                ahead,
                behind,
                float((lead < 0).mean()),
                names[most] if named else None,
                float(index[most]) if named else np.nan,
            )
        )
    return _table(rows)


def chance_level(draws: int, inputs: int) -> float:
    """Return the squared correlation that chance alone lets the largest of all inputs exceed.

    Of ``n`` independent draws the squared correlation of a normal input with anything that does not
    depend on it is distributed as Beta(1/2, (n - 2) / 2), exactly [1]_. That the largest of ``p``
    exceeds a level has at most ``p`` times the probability that one does [2]_: the level is that
    which one exceeds with probability 0.05 / p.

    Parameters
    ----------
    draws, inputs
        How many; with fewer than three draws nothing can be told, and the level is infinite.

    References
    ----------
    .. [1] Fisher, R. A. (1915), "Frequency distribution of the values of the correlation
       coefficient in samples from an indefinitely large population", Biometrika 10(4), 507-521.
    .. [2] Dunn, O. J. (1961), "Multiple comparisons among means", Journal of the American
       Statistical Association 56, 52-64: the inequality of Bonferroni as a rule for tests.

    Examples
    --------
    >>> round(chance_level(1024, 400), 4)
    0.0143
    """
    if draws < _FEWEST:
        return float("inf")
    return float(stats.beta.isf(_ERROR / inputs, 0.5, (draws - 2) / 2))


def explained(
    numbers: Iterable[NDArray[np.float64]], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what share of the spread of values each input explains in a straight line.

    It is the squared correlation with the normal scores [1]_ of the values: a few extreme draws
    would otherwise single out whatever input was large in them.

    Parameters
    ----------
    numbers
        Independent standard normal numbers, block by block, each ``(draws, inputs)``.
    values
        Shape ``(draws,)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(inputs,)``, 0 to 1; 0 where the values do not vary.

    References
    ----------
    .. [1] van der Waerden, B. L. (1952), "Order tests for the two-sample problem and their power",
       Indagationes Mathematicae 14, 453-458.

    Examples
    --------
    >>> z = np.random.default_rng(0).standard_normal((4000, 3))
    >>> explained([z], 3 * z[:, 0] + 4 * z[:, 1]).round(1).tolist()
    [0.4, 0.6, 0.0]
    """
    scores = ndtri(stats.rankdata(values) / (len(values) + 1.0))
    scores = scores - scores.mean()
    sums, squares, products, seen = 0.0, 0.0, 0.0, 0
    for block in numbers:
        part = scores[seen : seen + len(block)]
        seen += len(block)
        sums = sums + block.sum(axis=0)
        squares = squares + (block**2).sum(axis=0)
        products = products + part @ block
    spread = (squares - np.square(sums) / seen) * (scores @ scores)
    share: NDArray[np.float64] = np.divide(
        np.square(products), spread, out=np.zeros_like(spread), where=spread > 0
    )
    return np.minimum(share, 1.0)


def _table(rows: list[tuple[str, str, float, str | None, float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)
