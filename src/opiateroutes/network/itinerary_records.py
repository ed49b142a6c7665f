"""Seizure records as numbers: places by number, cases and weights checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from opiateroutes.data import area_labels
from opiateroutes.errors import NetworkError
from opiateroutes.network.failures import failure_table

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from opiateroutes.network.failures import Failure

__all__ = ["PLACES", "Records", "read_records"]

PLACES = ("producing", "departure", "seized", "destination")
"""Columns of a chain, in its order."""

_EXACT = 2.0**53
"""Beyond this a floating-point number skips whole numbers."""


class Records(NamedTuple):
    """Records in arrays.

    Attributes
    ----------
    labels
        Ids of places, sorted.
    codes
        Shape ``(records, 4)``: positions in ``labels``, -1 where the place is not known.
    cases
        Cases that each record stands for.
    kg
        Their weight, NaN where it is not known.
    """

    labels: list[str]
    codes: NDArray[np.int64]
    cases: NDArray[np.int64]
    kg: NDArray[np.float64]


def read_records(records: pd.DataFrame, unknown: Collection[str]) -> Records:
    """Check records and number their places.

    Parameters
    ----------
    records
        See `opiateroutes.network_from_itineraries`.
    unknown
        Words that stand for "not known".

    Returns
    -------
    Records
        In the order of the table.

    Raises
    ------
    NetworkError
        With all failures.

    Examples
    --------
    >>> table = pd.DataFrame({p: ["PAK", "Unknown"] for p in PLACES}).assign(destination=" irn ")
    >>> read_records(table, ["unknown"]).codes.tolist()
    [[1, 1, 1, 0], [-1, -1, -1, 0]]
    """
    failures: list[Failure] = [
        ("records", "", place, None, "the column is missing", "give it, empty if not known")
        for place in PLACES
        if place not in records
    ]
    _raise(failures)
    words = {word.strip().casefold() for word in unknown} | {""}
    areas = area_labels()
    columns = [_labels(records[place], words, set(areas.index)) for place in PLACES]
    failures += [failure for place in PLACES for failure in _named(records[place], areas)]
    cases, wrong_cases = _numbers(records, "cases")
    kg, wrong_kg = _numbers(records, "kg_heroin_equivalent")
    _raise([*failures, *wrong_cases, *wrong_kg])
    labels = sorted({label for values, _ in columns for label in values if label is not None})
    number = {label: k for k, label in enumerate(labels)}
    codes = np.empty((len(records), len(PLACES)), dtype=np.int64)
    for k, (values, positions) in enumerate(columns):
        # The last entry is what a missing cell, at position -1, points at.
        table = [-1 if label is None else number[label] for label in values] + [-1]
        codes[:, k] = np.array(table, dtype=np.int64)[positions]
    return Records(labels, codes, cases.astype(np.int64), kg)


def _labels(
    column: pd.Series, words: set[str], known: set[str]
) -> tuple[list[str | None], NDArray[np.int64]]:
    """Clean the different values of a column; None for what is not known."""
    positions, values = pd.factorize(column)
    labels: list[str | None] = []
    for value in values:
        text = str(value).strip()
        text = text.upper() if text.upper() in known else text
        labels.append(None if text.casefold() in words else text)
    return labels, positions


def _named(column: pd.Series, areas: pd.DataFrame) -> list[Failure]:
    """Find names of countries where their codes belong."""
    code_of = {
        str(name).casefold(): str(code) for end in areas for code, name in areas[end].items()
    }
    values = [value for value in column.dropna().unique() if str(value).strip() not in areas.index]
    return [
        (
            "records",
            str(np.flatnonzero((column == value).to_numpy(dtype=bool, na_value=False))[0]),
            str(column.name),
            value,
            "a name stands where a code belongs",
            f"write {code_of[str(value).strip().casefold()]}",
        )
        for value in values
        if str(value).strip().casefold() in code_of
    ]


def _numbers(records: pd.DataFrame, column: str) -> tuple[NDArray[np.float64], list[Failure]]:
    """Read cases or weights; what is wrong is handed back."""
    is_cases = column == "cases"
    if column not in records:
        return np.full(len(records), 1.0 if is_cases else np.nan), []
    given = records[column]
    values = pd.to_numeric(given, errors="coerce").astype("float64").to_numpy()
    missing = given.isna().to_numpy()
    if is_cases:
        good = (values >= 1) & (values < _EXACT) & (values == np.floor(values))
        rule, hint = "must be a whole number of at least 1", "remove the column for one case a row"
    else:
        good = missing | (np.isfinite(values) & (values >= 0))
        rule, hint = "must be a number of at least 0", "leave it empty where it is not known"
    wrong = np.flatnonzero(~good)
    failures: list[Failure] = [
        ("records", str(row), column, given.iloc[row], rule, hint) for row in wrong
    ]
    return values, failures


def _raise(failures: list[Failure]) -> None:
    if failures:
        raise NetworkError(
            f"records do not make itineraries, {len(failures)} failure(s)", failure_table(failures)
        )
