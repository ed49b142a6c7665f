"""Leave one publication out: is what it says predicted by all the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from opiateroutes.flows.estimate import estimate_flows
from opiateroutes.flows.validation.holdout import Holdout
from opiateroutes.flows.validation.left_out import PREDICTED, worthless
from opiateroutes.flows.validation.prediction import predictions, summary_by

if TYPE_CHECKING:
    from opiateroutes.evidence import Evidence
    from opiateroutes.network import RouteNetwork

__all__ = ["figures_by_publication", "leave_one_source_out"]

_NO_PUBLICATION = ("assumption", "")
_TABLES = (*PREDICTED, "shares", "interception", "price_gaps")


def leave_one_source_out(net: RouteNetwork, evidence: Evidence, **options: Any) -> Holdout:
    """Leave each publication out in turn, and predict what it says from all the others.

    A row belongs to every publication that its ``source`` names (ids joined by ``;``), but not to
    "assumption": without any one of them the row would not stand as it does. Publications to which
    the same rows belong are left out together, and a row with several publications is predicted
    once for each group of them. Rows that name no publication stay, and so does the supply,
    whatever its source: without it nothing moves.

    Parameters
    ----------
    net, evidence
        As in `estimate_flows`.
    **options
        Of `estimate_flows`: ``cost``, ``n_effective``, ``structural_sd``.

    Returns
    -------
    Holdout
        One row a figure and group of publications; the index of ``rows`` may thus repeat. Shares,
        rates and price gaps are left out with their publication, but not predicted.

    Raises
    ------
    ValueError
        If no row names a publication, or the method gives no intervals.

    Notes
    -----
    What is left out keeps its exit: that a place seizes, or uses, heroin is known, not how much. A
    market that is left out pulls like the median of the others. Intervals are to first order. The
    score is strictly proper: no one gains by a wider or a narrower interval than he believes [1]_.

    References
    ----------
    .. [1] Gneiting, T., Raftery, A. E. (2007), "Strictly proper scoring rules, prediction, and
       estimation", Journal of the American Statistical Association 102(477), 359-378.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> found = opr.leave_one_source_out(opr.load_network(), opr.load_evidence(2008))
    >>> "reuters_2011" in found.summary.index.get_level_values("left_out")
    True
    """
    groups = figures_by_publication(evidence)
    if not groups:
        raise ValueError("no row of the evidence names a publication: fill the column source")
    figures = pd.concat([getattr(evidence, name) for name in PREDICTED])
    frames = []
    for publications, rows in groups.items():
        fit = estimate_flows(net, worthless(evidence, rows), **options)
        found = predictions(fit, figures[figures.index.isin(rows)])
        found.insert(0, "left_out", publications)
        frames.append(found)
    everything = pd.concat(frames)
    summary = summary_by(everything, ["left_out", "kind"])
    return Holdout(everything, summary, f"one source left out{_of(evidence)}")


def _of(evidence: Evidence) -> str:
    return f", {evidence.year}" if evidence.year else ""


def figures_by_publication(evidence: Evidence) -> dict[str, frozenset[str]]:
    """Return the rows of each group of publications, by their ids joined by ``;``."""
    rows_of: dict[str, set[str]] = {}
    for name in _TABLES:
        source = getattr(evidence, name)["source"]
        for row, ids in source[source.notna()].astype("str").items():
            for publication in {part.strip() for part in ids.split(";")}:
                if publication not in _NO_PUBLICATION:
                    rows_of.setdefault(publication, set()).add(str(row))
    joined: dict[frozenset[str], list[str]] = {}
    for publication in sorted(rows_of):
        joined.setdefault(frozenset(rows_of[publication]), []).append(publication)
    return {"; ".join(publications): rows for rows, publications in joined.items()}
