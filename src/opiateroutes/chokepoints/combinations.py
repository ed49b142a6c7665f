"""Pairs and triples: what several places do together beyond what each does alone."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from opiateroutes.chokepoints.chain import IntendedChain
from opiateroutes.chokepoints.closed_form import (
    Response,
    gates_of,
    response,
    response_of_sets,
)
from opiateroutes.chokepoints.closures import baseline_kg
from opiateroutes.chokepoints.delivered_share import share_delivered
from opiateroutes.chokepoints.draws import fit_behind
from opiateroutes.chokepoints.elements import merged, resolve_elements
from opiateroutes.chokepoints.options import checked_count, checked_effort, checked_reaction
from opiateroutes.chokepoints.ranks import RANK_DIGITS, without_rounding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from opiateroutes.chokepoints.elements import Element
    from opiateroutes.flows import FlowEnsemble, FlowFit

__all__ = ["find_combinations"]

_SIZES = (2, 3)
_SETS_AT_ONCE = 20_000
_COLUMNS = (
    "elements",
    "names",
    "drop_share",
    "alone_share",
    "interaction_share",
    "drop_kg",
    "delivered_kg",
    "rank",
)


def find_combinations(
    fit: FlowFit | FlowEnsemble,
    *,
    size: int = 2,
    effort: float = 0.5,
    reaction: float = 2.0,
    elements: str | Mapping[str, Iterable[str]] = "nodes",
    candidates: Iterable[str] | None = None,
    most: int | None = 100,
) -> pd.DataFrame:
    """Try all pairs or triples, by updates of one inverse, and say what they do together.

    Parameters
    ----------
    fit
        An estimate, or an ensemble: then the estimate at its best values.
    size
        2 (the default) or 3.
    effort, reaction
        As in `find_chokepoints`; one each: 0.5, and 2, the middle of the usual scan.
    elements, candidates
        As in `find_chokepoints`.
    most
        Return no more rows than this, those of the largest drop, a whole number of at least 0; 100
        by default, None for all.

    Returns
    -------
    pandas.DataFrame
        Largest drop first: ``elements`` and ``names`` (tuples), ``drop_share`` of the quantity
        delivered, ``alone_share`` (the sum of the drops of each alone), ``interaction_share`` (the
        first less the second: above 0 where one would receive what the other displaces),
        ``drop_kg``, ``delivered_kg``, ``rank``. No rows where nothing moves or there are fewer
        candidates than ``size``; candidates named twice count once. Where nothing is delivered
        shares are 0.

    Raises
    ------
    TypeError
        If it is neither a fit nor an ensemble.
    ValueError
        If ``size`` is neither 2 nor 3, ``most`` is no count, or effort or reaction is out of range.
    UnknownNameError
        If there are no such elements, or a candidate is not on a route of the fit.

    Notes
    -----
    The drop of a set follows from the values that single elements are made of [1]_; nothing is
    solved again. Where several elements overlap, enforcement acts once.

    References
    ----------
    .. [1] Woodbury (1950), "Inverting modified matrices", Memorandum Report 42, Statistical
       Research Group, Princeton.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
    >>> pairs = opr.find_combinations(fit, candidates=["IRN", "PAK", "TJK"])
    >>> pairs.loc[0, "elements"]
    ('PAK', 'TJK')
    """
    if isinstance(size, float) or size not in _SIZES:
        raise ValueError(f"size must be 2 or 3, not {size!r}")
    if most is not None:
        most = checked_count(most, "most", least=0)
    effort, reaction = checked_effort(effort), checked_reaction(reaction)
    fit = fit_behind(fit)
    if fit.measure is None:
        return pd.DataFrame(columns=list(_COLUMNS))
    _, chosen = resolve_elements(fit, elements, candidates)
    chain = IntendedChain.of(fit.measure, fit.arcs_kg)
    sets = np.array(list(itertools.combinations(range(len(chosen)), size)), dtype=np.intp)
    sets = sets.reshape(-1, size)
    before = float(baseline_kg(chain)[0])
    delivered = _delivered_kg(chain, chosen, sets, effort, reaction)
    one_each = np.arange(len(chosen), dtype=np.intp)[:, None]
    alone = without_rounding(
        before - _delivered_kg(chain, chosen, one_each, effort, reaction), before
    )
    drop = without_rounding(before - delivered, before)
    scale = 1.0 / before if before > 0 else 0.0
    order = np.lexsort((np.arange(len(sets)), -np.round(scale * drop, RANK_DIGITS)))[:most]
    frame = pd.DataFrame(
        {
            "elements": [tuple(chosen[k].id for k in sets[row]) for row in order],
            "names": [tuple(chosen[k].name for k in sets[row]) for row in order],
            "drop_share": scale * drop[order],
            "alone_share": scale * alone[sets[order]].sum(axis=1),
        }
    )
    frame["interaction_share"] = frame["drop_share"] - frame["alone_share"]
    frame["drop_kg"] = drop[order]
    frame["delivered_kg"] = delivered[order]
    frame["rank"] = np.arange(1, len(order) + 1)
    return frame


def _delivered_kg(
    chain: IntendedChain,
    elements: list[Element],
    sets: NDArray[np.intp],
    effort: float,
    reaction: float,
) -> NDArray[np.float64]:
    """Return what is delivered with enforcement on each set, shape ``(sets,)``, kilograms."""
    ones = np.ones_like(chain.passed)
    meant, kept = (1.0 - effort) ** reaction, (1.0 - effort) ** (reaction + 1.0)
    simple = _one_gate_each(chain, elements)
    delivered = np.zeros(len(sets))
    for start in range(0, len(sets), _SETS_AT_ONCE):
        part = sets[start : start + _SETS_AT_ONCE]

        def values(
            at_nodes: NDArray[np.float64],
            ends: NDArray[np.float64],
            factor: float,
            part: NDArray[np.intp] = part,
        ) -> Response:
            if simple:
                return response_of_sets(chain, elements, part, at_nodes, ends, smallest=factor)
            together = [merged([elements[k] for k in members]) for members in part]
            return response(chain, together, at_nodes, ends, smallest=factor)

        reached = values(chain.passed, chain.consumed[..., None], kept)
        sent = values(ones, chain.left[..., None], meant)
        ratio = share_delivered(reached, sent, effort, reaction)[0, :, :, 0]
        delivered[start : start + _SETS_AT_ONCE] = chain.supply_kg[0] @ ratio
    return delivered


def _one_gate_each(chain: IntendedChain, elements: list[Element]) -> bool:
    """Say whether every element acts at one gate of its own."""
    if any(len(gates_of(chain, element).start) != 1 for element in elements):
        return False
    for part in ("nodes", "stages"):
        used = np.concatenate([np.zeros(0, dtype=np.intp), *(getattr(e, part) for e in elements)])
        if len(np.unique(used)) < len(used):
            return False
    return True
