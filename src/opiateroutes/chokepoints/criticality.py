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
from opiateroutes.chokepoints.options import checked_effort, checked_reaction
from opiateroutes.chokepoints.ranks import stability_columns, stability_names
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
        several); 0.5 by default.
    reaction
        Exponent with which traffickers avoid enforcement, at least 0: 0 not at all, 1 in proportion
        to survival, 4 strongly; (0, 1, 2, 4) by default.
    elements
        ``"nodes"`` (the default), ``"legs"``, ``"borders"`` (land borders, both ways), ``"groups"``
        (all nodes of one ``iso3``), ``"routes"`` (the published ones, along their legs), or a
        mapping of a name to ids of nodes, legs and groups.
    candidates
        Elements to rank; by default all that a route uses, but for nodes of supply, which every
        route leaves.
    closure
        What stays as it was: ``"dispatch"`` (what the source sends; the default), ``"orders"``
        (what is sent towards each destination) or ``"demand"`` (what each destination consumes:
        then the result is the extra quantity that must be dispatched).
    top
        Stability is told as the share of draws in which an element is among so many; 5 by default.

    Returns
    -------
    Chokepoints
        Tidy table, ranking and displacement.

    Raises
    ------
    ValueError
        If an effort lies outside 0 to 1 or a reaction below 0, or if the fit is of an
        origin-destination table with several origins.
    UnknownNameError
        If there are no such elements or closure, or a candidate is not on a route of the fit.

    Notes
    -----
    Delivered is what ends in consumption; the unaccounted exit is neither delivered nor seized.

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
    efforts = tuple(checked_effort(e) for e in several(effort))
    reactions = tuple(checked_reaction(k) for k in several(reaction))
    if not efforts or not reactions:
        raise ValueError("give at least one effort and one reaction")
    if closure not in CLOSURES:
        raise UnknownNameError(f"no closure {closure!r}; there are {', '.join(CLOSURES)}")
    if not top >= 1:
        raise ValueError(f"top must be at least 1, not {top!r}")
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
            _scan(chain, chosen, efforts, reactions, closure).share.astype(np.float32)
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
        order = block.sort_values([f"{measured}_share", kind], ascending=[False, True]).index
        block = pd.concat([block, stable], axis=1).loc[order]
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
        change = sign * (level_kg - before)
        share = np.divide(change, before, out=np.zeros_like(change), where=before > 0)
        return cls(level_kg, change, share)


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
