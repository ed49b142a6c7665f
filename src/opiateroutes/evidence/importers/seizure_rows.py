"""From cells that were read to rows of the table of seizures."""

from __future__ import annotations

import pandas as pd

__all__ = ["seizure_rows"]

_KEYS = ["node", "year", "commodity"]


def seizure_rows(
    cells: pd.DataFrame,
    *,
    source: str,
    edition: int | None,
    delay: int,
    place: str | pd.Series,
    confidence: str,
) -> pd.DataFrame:
    """Add up the cells of one country, year and substance, and write their origin beside them.

    Parameters
    ----------
    cells
        ``node``, ``year``, ``commodity``, ``best_kg``; incomplete rows are left out.
    source, place, confidence
        For every row; ``place`` may differ by row of ``cells``, and the first of a cell counts.
    edition
        Year of the edition.
    delay
        How many years after its last figure an edition appears, where it is not known.

    Returns
    -------
    pandas.DataFrame
        Rows of ``seizures``.

    Examples
    --------
    >>> cell = {"node": "TUR", "year": 2017, "commodity": "heroin"}
    >>> cells = pd.DataFrame([{**cell, "best_kg": 17385.0}, {**cell, "best_kg": 367.0}])
    >>> about = {"source": "s", "edition": None, "delay": 2, "place": "p", "confidence": "high"}
    >>> row = seizure_rows(cells, **about).iloc[0]
    >>> float(row["best_kg"]), int(row["edition"]), row["note"]
    (17752.0, 2019, '2 rows added up')
    """
    whole = cells.assign(place=place)
    whole = whole[whole[[*_KEYS, "best_kg"]].notna().all(axis=1)]
    summed = whole.groupby(_KEYS, as_index=False).agg(
        best_kg=("best_kg", "sum"), place=("place", "first"), rows=("best_kg", "size")
    )
    if edition is None and len(summed):
        edition = int(summed["year"].max()) + delay
    frame = summed[[*_KEYS, "best_kg"]].astype(
        {"node": "str", "year": "Int64", "commodity": "str", "best_kg": "float64"}
    )
    text = {"index": frame.index, "dtype": "str"}
    frame["source"] = pd.Series(source, **text)
    frame["edition"] = pd.Series(edition, index=frame.index, dtype="Int64")
    frame["place"] = summed["place"].astype("str")
    frame["confidence"] = pd.Series(confidence, **text)
    frame["note"] = pd.Series(
        [f"{n} rows added up" if n > 1 else None for n in summed["rows"]], **text
    )
    return frame
