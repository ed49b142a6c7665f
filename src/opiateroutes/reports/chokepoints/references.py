"""Publications of a report, each with a number that the text can name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

__all__ = ["ASSUMPTION", "figures_by_source", "figures_left_out", "numbered", "split_ids"]

ASSUMPTION = "assumption"
"""What stands in place of a publication where there is none."""


def split_ids(ids: str) -> list[str]:
    """Split ids of publications that are joined by semicolons.

    Examples
    --------
    >>> split_ids("wdr2011_2; assumption")
    ['wdr2011_2', 'assumption']
    """
    return [part.strip() for part in ids.split(";")]


def figures_by_source(residuals: pd.DataFrame) -> dict[str, int]:
    """Count the figures of an estimate by publication; one figure may rest on several."""
    ids = _sources(residuals).explode()
    return {str(name): int(count) for name, count in ids.value_counts().items()}


def figures_left_out(residuals: pd.DataFrame, kind: str, left_out: str) -> int:
    """Count the figures of an estimate that go when a publication or an edition is left out.

    Parameters
    ----------
    residuals
        As of an estimate: ``kind``, ``source``, ``edition``. Figures of supply always stay.
    kind
        ``"source"`` or ``"edition"``.
    left_out
        Ids of publications joined by semicolons, or an edition.

    Returns
    -------
    int
        Rows; figures of places that are not in the network are not in the estimate and not counted.
    """
    used = residuals[residuals["kind"] != "supply"]
    if kind == "edition":
        editions = used["edition"].dropna().astype("str").str.removesuffix(".0")
        return int((editions == left_out).sum())
    gone = set(split_ids(left_out)) - {ASSUMPTION}
    return int(_sources(used).map(lambda ids: not gone.isdisjoint(ids)).sum())


def _sources(residuals: pd.DataFrame) -> pd.Series[Any]:
    """Return the ids of each figure, each once: several of its factors may share one."""
    named = residuals["source"].dropna().astype("str")
    return named.map(lambda ids: list(dict.fromkeys(split_ids(ids))))


def numbered(sources: pd.DataFrame, named: Iterable[str]) -> dict[str, int]:
    """Give publications numbers, in order of publisher, year and title.

    Parameters
    ----------
    sources
        Index ``source``; ``publisher``, ``year``, ``title``.
    named
        Ids of those that a report names; an id that is no publication gets no number.

    Returns
    -------
    dict of str to int
        Numbers from 1, in order.
    """
    listed = sources[sources.index.isin(set(named) - {ASSUMPTION})]
    if listed.empty:
        return {}
    order = listed.sort_values(["publisher", "year", "title"], kind="stable").index
    return {str(source): number for number, source in enumerate(order, 1)}
