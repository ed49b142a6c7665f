"""Hold back what was published or revised later: does an early estimate foresee it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from opiateroutes.evidence import load_evidence
from opiateroutes.flows.estimate import estimate_flows
from opiateroutes.flows.validation.holdout import Holdout
from opiateroutes.flows.validation.left_out import PREDICTED, worthless
from opiateroutes.flows.validation.prediction import predictions, summary_by

if TYPE_CHECKING:
    from opiateroutes.evidence import Evidence
    from opiateroutes.network import RouteNetwork

__all__ = ["vintage_holdout"]

_SAME = 1e-9
"""Figures that differ by less, relative to themselves, were not revised."""


def vintage_holdout(net: RouteNetwork, year: int, *, edition: int, **options: Any) -> Holdout:
    """Estimate a year from what was published up to an edition, and predict what came later.

    Parameters
    ----------
    net
        The network.
    year
        Year of the figures.
    edition
        The last edition that the estimate may read; see `load_evidence`.
    **options
        Of `estimate_flows`: ``cost``, ``n_effective``, ``structural_sd``.

    Returns
    -------
    Holdout
        ``left_out`` is ``new`` (a figure that no edition so old has) or ``revised`` (its early
        value, in the further column ``earlier_kg``, is in the estimate). Figures that stayed what
        they were are not listed; of the supply only a revision is.

    Raises
    ------
    UnknownNameError
        If no supply of the year was published by then.
    ValueError
        If the method gives no intervals.

    Notes
    -----
    That a place seizes at all is taken from the later edition: it has an exit, but no figure.
    Demand made from prevalence and population is the same in both estimates (one edition ships).
    The early and the late value of a revised figure share most of their errors, so that intervals
    made as if they were independent should cover more than 90 %. Scored as in
    `leave_one_source_out`.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> found = opr.vintage_holdout(opr.load_network(), 2008, edition=2009)
    >>> int(found.summary.loc[("new", "flow"), "rows"])
    1
    """
    early, late = load_evidence(year, edition=edition), load_evidence(year)
    known, new = _with_later_rows(early, late)
    fit = estimate_flows(net, worthless(known, new), **options)
    figures = pd.concat([getattr(late, name) for name in ("supply", *PREDICTED)])
    earlier = pd.concat([getattr(early, name)["best_kg"] for name in ("supply", *PREDICTED)])
    earlier = earlier.reindex(figures.index)
    moved = (figures["best_kg"] - earlier).abs() > _SAME * figures["best_kg"].abs()
    found = predictions(fit, figures[moved | earlier.isna()])
    before = earlier.reindex(found.index)
    found.insert(0, "left_out", before.isna().map({True: "new", False: "revised"}))
    found.insert(found.columns.get_loc("figure_kg"), "earlier_kg", before)
    title = f"{year}, as published up to {edition}"
    return Holdout(found, summary_by(found, ["left_out", "kind"]), title)


def _with_later_rows(early: Evidence, late: Evidence) -> tuple[Evidence, set[str]]:
    """Add the rows that only the later evidence has, and return their names."""
    tables: dict[str, Any] = {}
    new: set[str] = set()
    for name in PREDICTED:
        before, after = getattr(early, name), getattr(late, name)
        added = after[~after.index.isin(before.index)]
        new |= {str(row) for row in added.index}
        parts = [part for part in (before, added) if len(part)]
        tables[name] = pd.concat(parts).sort_index() if parts else before
    return replace(early, **tables), new
