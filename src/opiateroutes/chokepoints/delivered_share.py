"""What share of a dispatch is delivered, from values prepared for many elements at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.chokepoints.chain import Enforcement
from opiateroutes.chokepoints.survival import scaled_value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.chokepoints.closed_form import Response

__all__ = ["share_delivered"]

_FAINT = 1e-8
"""Below this weight rounding may hide what passes several gates one after another."""


def share_delivered(
    reached: Response, meant: Response, effort: float, reaction: float
) -> NDArray[np.float64]:
    """Divide what reaches consumers by what is meant to go anywhere.

    Parameters
    ----------
    reached
        Of what is consumed, seizures taken off.
    meant
        Of any exit.
    effort, reaction
        How much is stopped at each passage, and how strongly it is avoided.

    Returns
    -------
    numpy.ndarray
        Shape ``(draws, sources, elements, k)``; 0 where no route survives.
    """
    left = 1.0 - effort
    less, weight = left ** (reaction + 1.0), left**reaction
    got, sent = reached.through(less), meant.through(weight)
    number, amount = reached.avoiding + less * got, meant.avoiding + weight * sent
    share: NDArray[np.float64] = np.zeros_like(number)
    np.divide(number, amount, out=share, where=amount > 0)
    if left == 0.0:
        return share
    # Where no route goes round, the weight cancels: a strong reaction must not make both of them
    # too small for a double, as if nothing were left.
    np.divide(left * got, sent, out=share, where=(meant.avoiding == 0.0) & (sent > 0.0))
    if less < _FAINT:
        # A route that passes several gates keeps a power of the weight, less than what rounding
        # leaves of the routes that are taken off: these are solved for.
        doubtful = ((meant.avoiding <= weight) & (meant.base > 0)[:, :, None]).any(axis=(0, 1, 3))
        for k in np.flatnonzero(doubtful & meant.several_gates).tolist():
            share[:, :, k] = _solved(reached, meant, k, left, reaction)
    return share


def _solved(
    reached: Response, meant: Response, k: int, left: float, reaction: float
) -> NDArray[np.float64]:
    """Solve for the share delivered with enforcement on one element, however little is left."""
    chain, element = reached.chain, reached.element(k)
    enforcement = Enforcement.none(chain.measure)
    enforcement.at_nodes[element.nodes] = left
    enforcement.on_legs[element.stages] = left
    columns = []
    for one, whole in zip(
        np.moveaxis(reached.ends, 2, 0), np.moveaxis(meant.ends, 2, 0), strict=True
    ):
        number = scaled_value(chain, enforcement, reaction + 1.0, reached.at_nodes, one)
        amount = scaled_value(chain, enforcement, reaction, meant.at_nodes, whole)
        columns.append(number.over(amount, chain.measure.sources))
    share: NDArray[np.float64] = np.stack(columns, axis=2)
    return share
