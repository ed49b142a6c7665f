"""Whether a ranking rests on one publication: ranks without each, or without each edition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from opiateroutes.chokepoints.criticality import find_chokepoints
from opiateroutes.chokepoints.options import checked_count, checked_effort, checked_reaction
from opiateroutes.errors import UnknownNameError
from opiateroutes.flows.estimate import estimate_flows
from opiateroutes.flows.validation.left_out import PREDICTED, worthless
from opiateroutes.flows.validation.sources import figures_by_publication

if TYPE_CHECKING:
    from opiateroutes.evidence import Evidence
    from opiateroutes.flows import FlowFit
    from opiateroutes.network import RouteNetwork

__all__ = ["rank_flips"]

_COLUMNS = (
    "rows",
    "first",
    "entered",
    "left",
    "rank_correlation",
    "why",
    "moved",
    "moved_share",
)


def rank_flips(
    net: RouteNetwork,
    evidence: Evidence,
    *,
    by: str = "source",
    effort: float = 0.5,
    reaction: float = 2.0,
    elements: str = "nodes",
    top: int = 5,
    **options: Any,
) -> pd.DataFrame:
    """Rank again without the figures of each publication, or of each edition.

    Parameters
    ----------
    net, evidence
        As in `estimate_flows`.
    by
        ``"source"`` (the default) or ``"edition"``. Figures of supply stay, whatever their source:
        without them nothing moves.
    effort, reaction, elements
        As in `find_chokepoints`; one effort and one reaction.
    top
        How many places are compared; 5 by default.
    **options
        Options of `estimate_flows`.

    Returns
    -------
    pandas.DataFrame
        Index ``left_out``, largest changes first: ``rows`` (figures left out), ``first`` (ids of
        the first `top` without them), ``entered`` and ``left`` (ids that came and went),
        ``rank_correlation`` (Spearman [1]_, of all places, with the ranking from all figures;
        missing with fewer than two places),
        ``why`` (the row with the largest figure left out), ``moved`` (of what entered or left, or
        else of the first: the place whose throughput changed most) and ``moved_share`` (by how
        much of it; missing where ranks are not of nodes).

    Raises
    ------
    UnknownNameError
        If ``by`` is neither of the two.
    ValueError
        If no row of the evidence names a publication or an edition, effort, reaction or ``top`` is
        out of range or not one number, or there is nothing to rank: nothing moves, or no route uses
        such elements.

    References
    ----------
    .. [1] Spearman, C. (1904), "The proof and measurement of association between two things",
       American Journal of Psychology 15(1), 72-101.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> flips = opr.rank_flips(opr.load_network(), opr.load_evidence(2008), top=3)
    >>> flips.loc["reuters_2011", "rows"].item()
    1
    """
    parts = _parts(evidence, by)
    if not parts:
        raise ValueError(f"no row of the evidence names its {by}: fill that column")
    top = checked_count(top, "top")
    scan = {
        "effort": checked_effort(effort),
        "reaction": checked_reaction(reaction),
        "elements": elements,
        "top": top,
    }
    full = estimate_flows(net, evidence, **options)
    before = _ranks(full, scan)
    if before.empty:
        raise ValueError(
            f"there is nothing to rank: no route of the estimate uses any of {elements!r}. Look at "
            "the supply and at the elements"
        )
    figures = pd.concat([getattr(evidence, name)["best_kg"] for name in PREDICTED])
    records = {}
    for name, rows in parts.items():
        fit = estimate_flows(net, worthless(evidence, rows), **options)
        after = _ranks(fit, scan)
        common = before.index.intersection(after.index)
        old, new = list(before.index[:top]), list(after.index[:top])
        entered = tuple(place for place in new if place not in old)
        left = tuple(place for place in old if place not in new)
        moved, share = _moved(full, fit, entered + left or tuple(old))
        records[name] = (
            len(rows),
            tuple(new),
            entered,
            left,
            float(before[common].rank().corr(after[common].rank())),
            str(figures[figures.index.isin(rows)].idxmax()),
            moved,
            share,
        )
    frame = pd.DataFrame.from_dict(records, orient="index", columns=list(_COLUMNS))
    order = np.lexsort((frame["rank_correlation"], [-len(e) for e in frame["entered"]]))
    return frame.iloc[order].rename_axis("left_out")


def _parts(evidence: Evidence, by: str) -> dict[str, frozenset[str]]:
    """Return the rows that are left out together, without those of supply."""
    if by == "source":
        parts = figures_by_publication(evidence)
    elif by == "edition":
        found: dict[str, set[str]] = {}
        for name in PREDICTED:
            for row, edition in getattr(evidence, name)["edition"].dropna().items():
                found.setdefault(str(edition).removesuffix(".0"), set()).add(str(row))
        parts = {edition: frozenset(found[edition]) for edition in sorted(found)}
    else:
        raise UnknownNameError(f"nothing to leave out by {by!r}; there are source, edition")
    known = {str(row) for name in PREDICTED for row in getattr(evidence, name).index}
    return {name: rows & known for name, rows in parts.items() if rows & known}


def _ranks(fit: FlowFit, scan: dict[str, Any]) -> pd.Series[int]:
    found = find_chokepoints(fit, **scan)
    return found.table.set_index(found.kind)["rank"]


def _moved(full: FlowFit, fit: FlowFit, places: tuple[str, ...]) -> tuple[str, float]:
    """Return which place's throughput changed most, and by what share of it."""
    before, after = (f.nodes["throughput_kg"].reindex(list(places)) for f in (full, fit))
    change = ((after - before) / before.where(before > 0)).dropna()
    if change.empty:
        return places[0], float("nan")
    most = str(change.abs().idxmax())
    return most, float(change[most])
