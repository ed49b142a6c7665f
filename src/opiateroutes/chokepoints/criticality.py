"""Which places matter when enforcement grows and traffickers go round it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from opiateroutes.chokepoints.chain import IntendedChain
from opiateroutes.chokepoints.closures import CLOSURES, baseline_kg, outcomes
from opiateroutes.chokepoints.draws import chunks, fit_behind
from opiateroutes.chokepoints.elements import KINDS, resolve_elements, several
from opiateroutes.chokepoints.options import checked_count, checked_effort, checked_reaction
from opiateroutes.chokepoints.ranks import (
    RANK_DIGITS,
    stability_columns,
    stability_names,
    without_rounding,
)
from opiateroutes.chokepoints.result import Chokepoints
from opiateroutes.errors import UnknownNameError
from opiateroutes.flows.ensemble.ensemble import FlowEnsemble

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from opiateroutes.chokepoints.elements import Element
    from opiateroutes.flows import FlowFit

__all__ = ["find_chokepoints"]


def find_chokepoints(
    fit: FlowFit | FlowEnsemble,
    *,
    effort: float | Sequence[float] = 0.5,
    reaction: float | Sequence[float] = (0.0, 1.0, 2.0, 4.0),
    elements: str | Mapping[str, Iterable[str]] = "nodes",
    candidates: Iterable[str] | None = None,
    closure: str = "dispatch",
    top: int = 5,
) -> Chokepoints:
    """Rank places by how much less reaches consumers when enforcement there grows.

    Extra enforcement is finite on purpose: at the margin displacement vanishes and every busy node
    looks like a chokepoint. How strongly traffickers react cannot be read off flows, so it is
    scanned; a chokepoint worth the name keeps its rank, over reactions and over the draws of an
    ensemble.

    Parameters
    ----------
    fit
        An estimate, or an ensemble: then the estimate at its best values, which the ranking is of,
        with intervals and the stability of ranks over the draws beside it.
    effort
        Share stopped in addition at each visit of a node or crossing of a leg, 0 to 1 (one or
        several, each once); 0.5 by default. 0 changes nothing, 1 closes the element: what has no
        other way is no longer sent.
    reaction
        Exponent with which traffickers avoid enforcement, at least 0: 0 not at all, 1 in proportion
        to survival, 4 strongly; (0, 1, 2, 4) by default. However strong, it moves only what has
        another way.
    elements
        ``"nodes"`` (the default), ``"legs"``, ``"borders"`` (land borders, both ways), ``"groups"``
        (all nodes of one ``iso3``), ``"routes"`` (the published ones, along their legs), or a
        mapping of a name to ids of nodes, legs and groups.
    candidates
        Elements to rank; by default all that a route uses, but for nodes of supply, which every
        route leaves (and may be named: enforcement where routes start leaves them no choice).
        None of them, ``[]``: an empty table. Named twice, an element counts once.
    closure
        What stays as it was: ``"dispatch"`` (what the source sends; the default), ``"orders"``
        (what is sent towards each destination) or ``"demand"`` (what each destination consumes:
        then the result is the extra quantity that must be dispatched).
    top
        Stability is told as the share of draws in which an element is among so many, a whole number
        of at least 1; 5 by default.

    Returns
    -------
    Chokepoints
        Tidy table, ranking and displacement.

    Raises
    ------
    TypeError
        If it is neither a fit nor an ensemble.
    ValueError
        If an effort is no number between 0 and 1, a reaction no finite one of 0 to 10,000, there is
        none of either, ``top`` is no count, or if the fit is of an origin-destination table with
        several origins.
    UnknownNameError
        If there are no such elements or closure, or a candidate is not on a route of the fit.

    Notes
    -----
    Delivered is what ends in consumption; the unaccounted exit is neither delivered nor seized.
    Where nothing moves the table is empty; where nothing is delivered all drops are 0. A source
    that is closed off sends nothing, the others as before. Elements whose drops differ by rounding
    only rank in the order of their ids.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> fit = opr.estimate_flows(opr.load_network(), opr.load_evidence(2010))
    >>> table = opr.find_chokepoints(fit, effort=0.5, reaction=0).table
    >>> table.nsmallest(2, "rank")["node"].tolist()
    ['PAK', 'IRN']
    """
    ensemble = fit if isinstance(fit, FlowEnsemble) else None
    fit = fit_behind(fit)
    efforts = tuple(dict.fromkeys(checked_effort(e) for e in several(effort)))
    reactions = tuple(dict.fromkeys(checked_reaction(k) for k in several(reaction)))
    if not efforts or not reactions:
        raise ValueError("give at least one effort and one reaction")
    if closure not in CLOSURES:
        raise UnknownNameError(f"no closure {closure!r}; there are {', '.join(CLOSURES)}")
    top = checked_count(top, "top")
    measured, level = ("extra", "dispatched") if closure == "demand" else ("drop", "delivered")
    if fit.measure is None:
        kind = KINDS.get(str(elements), "element")
        columns = [kind, "name", "effort", "reaction", f"{measured}_share", f"{measured}_kg"]
        empty = pd.DataFrame(columns=[*columns, f"{level}_kg", "rank", *stability_names(measured)])
        return Chokepoints(fit, empty, efforts[0], reactions, kind, closure, top)
    kind, chosen = resolve_elements(fit, elements, candidates)
    best = _scan(IntendedChain.of(fit.measure, fit.arcs_kg), chosen, efforts, reactions, closure)
    draws = None
    if ensemble is not None:
        parts = [
            _in_short(_scan(chain, chosen, efforts, reactions, closure).share)
            for chain in chunks(ensemble, len(chosen))
        ]
        draws = np.concatenate(parts, axis=1)
    blocks = []
    pairs = [(e, k) for e in efforts for k in reactions]
    for number, (e, k) in enumerate(pairs):
        block = pd.DataFrame(
            {
                kind: [element.id for element in chosen],
                "name": [element.name for element in chosen],
                "effort": e,
                "reaction": k,
                f"{measured}_share": best.share[number, 0],
                f"{measured}_kg": best.change_kg[number, 0],
                f"{level}_kg": best.level_kg[number, 0],
            }
        )
        over = None if draws is None else draws[number]
        stable = stability_columns(over, len(chosen), top, measured)
        ids = block[kind].to_numpy(dtype=str)
        order = np.lexsort((ids, -np.round(best.share[number, 0], RANK_DIGITS)))
        block = pd.concat([block, stable], axis=1).iloc[order]
        block.insert(block.columns.get_loc(f"{level}_kg") + 1, "rank", np.arange(1, len(block) + 1))
        blocks.append(block)
    table = pd.concat(blocks, ignore_index=True)
    return Chokepoints(
        fit, table, efforts[0], reactions, kind, closure, top, ensemble, tuple(chosen), draws
    )


@dataclass(frozen=True, eq=False)
class _Scan:
    """Outcomes of all pairs of effort and reaction, each ``(pairs, draws, elements)``."""

    level_kg: NDArray[np.float64]
    change_kg: NDArray[np.float64]
    share: NDArray[np.float64]

    @classmethod
    def against(
        cls, level_kg: NDArray[np.float64], before_kg: NDArray[np.float64], sign: float
    ) -> _Scan:
        """Compare with what there was before, shape ``(draws,)``."""
        before = before_kg[:, None]
        change = without_rounding(sign * (level_kg - before), before)
        share = np.divide(change, before, out=np.zeros_like(change), where=before > 0)
        return cls(level_kg, change, share)


def _in_short(share: NDArray[np.float64]) -> NDArray[np.float32]:
    """Keep what ranks look at of the shares of draws; what is too large is infinite."""
    with np.errstate(over="ignore"):
        return np.round(share, RANK_DIGITS).astype(np.float32)


def _scan(
    chain: IntendedChain,
    elements: list[Element],
    efforts: tuple[float, ...],
    reactions: tuple[float, ...],
    closure: str,
) -> _Scan:
    found = [kg for _, _, kg in outcomes(chain, elements, efforts, reactions, closure)]
    level = np.array(found).reshape(len(efforts) * len(reactions), chain.draws, len(elements))
    if closure == "demand":
        sent = chain.supply_kg.sum(axis=1)
        return _Scan.against(level + sent[:, None], sent, 1.0)
    return _Scan.against(level, baseline_kg(chain), -1.0)
