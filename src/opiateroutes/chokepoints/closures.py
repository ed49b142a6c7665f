"""What is held fixed while enforcement grows: dispatch, orders of destinations, or demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.chokepoints.chain import Enforcement
from opiateroutes.chokepoints.closed_form import response
from opiateroutes.chokepoints.delivered_share import share_delivered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from opiateroutes.chokepoints.chain import IntendedChain
    from opiateroutes.chokepoints.elements import Element

__all__ = ["CLOSURES", "baseline_kg", "outcomes"]

CLOSURES = ("dispatch", "orders", "demand")


def baseline_kg(chain: IntendedChain) -> NDArray[np.float64]:
    """Return what is consumed without extra enforcement, shape ``(draws,)``, kilograms."""
    return chain.delivered_kg(Enforcement.none(chain.measure), 0.0)


def outcomes(
    chain: IntendedChain,
    elements: list[Element],
    efforts: tuple[float, ...],
    reactions: tuple[float, ...],
    closure: str,
) -> Iterator[tuple[float, float, NDArray[np.float64]]]:
    """Work out each effort and reaction, on each element alone.

    Parameters
    ----------
    chain, elements
        The chain, and what enforcement sits on.
    efforts, reactions
        Of which all pairs are worked out.
    closure
        ``"dispatch"``: the source sends what it sent; ``"orders"``: what is sent towards each
        destination stays too; ``"demand"``: each destination consumes what it consumed.

    Yields
    ------
    effort, reaction : float
        The pair.
    kg : numpy.ndarray
        Shape ``(draws, elements)``: what is delivered; with ``"demand"`` what must be dispatched in
        addition (infinite where a destination can no longer be reached).
    """
    one_end = closure == "dispatch"
    eaten = chain.consumed[..., None] if one_end else _by_destination(chain)
    sent = chain.left[..., None] if one_end else eaten
    least = 1.0 - max(efforts)
    strongest = max(reactions)
    ones = np.ones_like(chain.passed)
    reached = response(chain, elements, chain.passed, eaten, smallest=least ** (strongest + 1.0))
    meant = response(chain, elements, ones, sent, smallest=least**strongest)
    supply = chain.supply_kg[:, :, None, None]
    for effort in efforts:
        for reaction in reactions:
            ratio = share_delivered(reached, meant, effort, reaction)
            if one_end:
                kg = (supply * ratio).sum(axis=(1, 3))
            elif closure == "orders":
                kg = (supply * meant.base[:, :, None] * ratio).sum(axis=(1, 3))
            else:
                kg = _extra(supply, reached.base, meant.base, ratio)
            yield effort, reaction, kg


def _by_destination(chain: IntendedChain) -> NDArray[np.float64]:
    """Return what each node is worth, in one column for each that consumes."""
    ends = np.flatnonzero((chain.consumed > 0).any(axis=0))
    columns = np.zeros((*chain.consumed.shape, len(ends)))
    columns[:, ends, np.arange(len(ends))] = chain.consumed[:, ends]
    return columns


def _extra(
    supply: NDArray[np.float64],
    reached: NDArray[np.float64],
    meant: NDArray[np.float64],
    ratio: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return what must be dispatched in addition so that every destination gets what it got."""
    wanted = np.broadcast_to(supply * reached[:, :, None], ratio.shape)
    needed = np.divide(wanted, ratio, out=np.where(wanted > 0, np.inf, 0.0), where=ratio > 0)
    extra: NDArray[np.float64] = (needed - supply * meant[:, :, None]).sum(axis=(1, 3))
    return extra
