"""Reading numbers, years and weights as published: every cell that cannot be read is collected."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from opiateroutes.evidence.importers.headers import folded
from opiateroutes.units import ACETIC_ANHYDRIDE_KG_PER_LITRE, KG_PER_UNIT, LITRES_PER_UNIT

if TYPE_CHECKING:
    from opiateroutes.evidence.schema import Failure

__all__ = ["MISSING", "Read", "kg_of_unit", "kilograms", "numbers", "year_of", "years"]

MISSING = frozenset({"", "-", "–", "—", "..", "...", "n.a.", "na", "n/a", "nan", ":", "x"})
"""Marks that publications use for "not available"; never 0."""

FIRST_YEAR, LAST_YEAR = 1900, 2100

LARGEST = 1e15
"""No weight, area or price is larger, in any unit; sums of such numbers would overflow."""


class Read(NamedTuple):
    """Values read from cells, and the cells that could not be read."""

    values: pd.Series
    failures: list[Failure]


def numbers(cells: pd.Series, *, file: str, column: str) -> Read:
    """Read cells as numbers; separators, footnote letters and marks for "missing" are known.

    Parameters
    ----------
    cells
        As published; the index tells rows in messages.
    file, column
        For messages.

    Returns
    -------
    Read
        Missing cells are NA; negative, infinite and absurdly large numbers are failures.

    Examples
    --------
    >>> numbers(pd.Series(["1,234.5 a", "..", 7]), file="f", column="kg").values.tolist()
    [1234.5, nan, 7.0]
    """
    values = pd.to_numeric(cells, errors="coerce").astype("float64")
    odd = cells.notna() & (values.isna() | cells.map(lambda c: isinstance(c, (bool, dt.date))))
    read = {cell: _number(cell) for cell in cells[odd].unique()}
    values = values.where(~odd, cells.map(lambda cell: read.get(cell) if _hashable(cell) else None))
    values = pd.to_numeric(values, errors="coerce").astype("float64")
    unread = odd & values.isna() & ~cells.map(_is_missing)
    bad = unread | (values < 0) | (values > LARGEST)
    failures: list[Failure] = [
        (file, row, column, cells[row], "must be a number of at least 0", "")
        for row in cells.index[bad]
    ]
    return Read(values, failures)


def _hashable(cell: object) -> bool:
    return getattr(cell, "__hash__", None) is not None


def _is_missing(cell: object) -> bool:
    return isinstance(cell, str) and cell.strip().casefold() in MISSING


def _number(cell: object) -> float | None:
    """Read one cell that is not a plain number."""
    if not isinstance(cell, str) or _is_missing(cell):
        return None
    text = cell.strip().replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
    text = re.sub(r"[a-z*,;/\\(\\)]+$", "", text, flags=re.IGNORECASE)
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", text):
        text = text.replace(",", "")
    elif re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+,\d+", text):
        text = text.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"[+-]?\d+,\d{1,2}", text):
        # A decimal comma; three digits behind a comma are thousands.
        text = text.replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return None


def year_of(cell: object) -> int | None:
    """Read one cell as a year; None if it is none.

    Examples
    --------
    >>> year_of(2019.0), year_of(dt.date(2020, 6, 30)), year_of("2021*"), year_of("kg")
    (2019, 2020, 2021, None)
    """
    if isinstance(cell, dt.date):
        return cell.year
    if isinstance(cell, str):
        found = re.match(r"\s*((?:19|20)\d\d)(?!\d)", cell)
        return int(found[1]) if found else None
    if isinstance(cell, (int, float)) and float(cell).is_integer():
        return int(cell) if FIRST_YEAR <= cell <= LAST_YEAR else None
    return None


def years(cells: pd.Series, *, file: str, column: str = "year") -> Read:
    """Read cells as years: whole numbers, dates, and text that starts with a year.

    Examples
    --------
    >>> years(pd.Series([2019.0, dt.date(2020, 6, 30), "2021*"]), file="f").values.tolist()
    [2019, 2020, 2021]
    """
    read = cells.map(lambda cell: year_of(cell) or np.nan)
    values = read.astype("float64")
    failures: list[Failure] = [
        (file, row, column, cells[row], "must be a year", "")
        for row in cells.index[values.isna() & cells.notna() & ~cells.map(_is_missing)]
    ]
    return Read(values.astype("Int64"), failures)


def kg_of_unit(units: pd.Series) -> pd.Series:
    """Return the kilograms that a unit of sale weighs; missing where it is no weight, or blank.

    Examples
    --------
    >>> kg_of_unit(pd.Series(["g", "100 g", "per kilogram", "Dose", None])).tolist()
    [0.001, 0.1, 1.0, nan, nan]
    """

    def one(unit: object) -> float:
        found = re.fullmatch(r"(?:per |/)?\s*(\d[\d.,]*)?\s*([^\W\d_]\D*)", str(unit).strip())
        # A blank unit would mean kilograms in tables of weights; of a price it says nothing.
        if found is None or not isinstance(unit, str) or not folded(found[2]):
            return np.nan
        amount = _number(found[1]) if found[1] else 1.0
        return (amount or np.nan) * KG_PER_UNIT.get(folded(found[2]), np.nan)

    return units.map(one).astype("float64")


def kilograms(quantities: pd.Series, units: pd.Series, commodities: pd.Series) -> pd.Series:
    """Convert quantities to kilograms; missing where a unit is no weight (tablets, doses, plants).

    Litres are converted for acetic anhydride only, whose density is known.

    Examples
    --------
    >>> kilograms(
    ...     pd.Series([500.0, 2.0, 9.0]), pd.Series(["g", "l", "tablet"]),
    ...     pd.Series(["heroin", "acetic_anhydride", "heroin"]),
    ... ).tolist()
    [0.5, 2.16, nan]
    """
    unit = units.map(folded)
    factor = unit.map(KG_PER_UNIT).astype("float64")
    litres = unit.map(LITRES_PER_UNIT).astype("float64") * ACETIC_ANHYDRIDE_KG_PER_LITRE
    return quantities * factor.fillna(litres.where(commodities == "acetic_anhydride"))
