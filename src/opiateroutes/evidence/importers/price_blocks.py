"""Blocks of prices stacked in one sheet: headings, a row of years, then a row for each country."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from opiateroutes.errors import DataFileError
from opiateroutes.evidence.importers.editions import text_of
from opiateroutes.evidence.importers.quantities import year_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Block", "Row", "has_blocks", "price_rows"]

_FEWEST_YEARS = 10
_LONGEST_HEADING = 200

_RETAIL = re.compile(r"retail|street", re.IGNORECASE)
_WHOLESALE = re.compile(r"wholesale", re.IGNORECASE)
_ADJUSTED = re.compile(r"inflation|adjusted|constant\s+(us|usd|dollar|price)", re.IGNORECASE)
_OTHER_CURRENCY = re.compile(r"\beuros?\b|€|\bEUR\b")
_DOLLARS = re.compile(r"us\s?\$|\busd\b|dollar", re.IGNORECASE)
_KILOGRAM = re.compile(r"kilogram|\bkgs?\b", re.IGNORECASE)
_GRAM = re.compile(r"\bgram|\bg\b", re.IGNORECASE)
_REMARK = re.compile(r"\s*(sources?\b|notes?\b|\*|\(?[a-z]\))", re.IGNORECASE)


class Block(NamedTuple):
    """What the prices of a block are."""

    level: str
    unit: str
    aside: str | None
    assumed: str | None


class Row(NamedTuple):
    """A row of prices: year and price by column, counted from 1."""

    number: int
    label: str
    prices: Mapping[int, tuple[int, object]]
    block: Block


def has_blocks(rows: Sequence[Sequence[object]]) -> bool:
    """Tell whether a sheet has a row of years."""
    return any(_years(row) for row in rows)


def price_rows(rows: Sequence[Sequence[object]]) -> list[Row]:
    """List the rows of prices of a sheet, each with its block.

    Parameters
    ----------
    rows
        Rows of the sheet; the label is in the first column.

    Raises
    ------
    DataFileError
        If a block says neither retail nor wholesale.

    Examples
    --------
    >>> rows = [["Retail price, US$ per gram"], ["", *range(2000, 2010)], ["Italy", *range(50, 60)]]
    >>> row = price_rows(rows)[0]
    >>> row.label, row.prices[2], row.block.level, row.block.unit
    ('Italy', (2000, 50), 'retail', 'g')
    """
    found: list[Row] = []
    headings: list[str] = []
    years: dict[int, int] = {}
    block: Block | None = None
    for number, row in enumerate(rows, start=1):
        label = row[0].strip() if row and isinstance(row[0], str) else ""
        of_header = _years(row)
        if of_header:
            years, block = of_header, _block([*headings, label], number)
            headings = []
            continue
        cells = {
            column: (year, row[column - 1])
            for column, year in years.items()
            if column <= len(row) and row[column - 1] not in ("", None)
        }
        if block is not None and cells:
            found.append(Row(number, label, cells, block))
            headings = []
        elif text := text_of([row]):
            headings.append(text)
    return found


def _years(row: Sequence[object]) -> dict[int, int]:
    """Return the years of a header by column; empty if the row is none."""
    found = {n: year for n, cell in enumerate(row[1:], start=2) if (year := year_of(cell))}
    rising = list(found.values()) == sorted(set(found.values()))
    return found if len(found) >= _FEWEST_YEARS and rising else {}


def _block(headings: list[str], number: int) -> Block:
    """Read what a block is off the headings above it, the nearest one first."""
    lines = [text for text in headings if len(text) <= _LONGEST_HEADING and not _REMARK.match(text)]
    # The title of a sheet speaks of all its blocks.
    lines = [text for text in lines if not (_RETAIL.search(text) and _WHOLESALE.search(text))]
    naming = [text for text in lines if _RETAIL.search(text) or _WHOLESALE.search(text)]
    said = " ".join(lines)
    aside = None
    if _ADJUSTED.search(said):
        aside = "prices adjusted for inflation or purity"
    elif _OTHER_CURRENCY.search(said) and not _DOLLARS.search(said):
        aside = "prices in another currency"
    if not naming and aside is None:
        raise DataFileError(
            f"the block of prices below row {number} says neither retail nor wholesale: "
            f"its heading is {said!r}"
        )
    level = "retail" if naming and _RETAIL.search(naming[-1]) else "wholesale"
    if _KILOGRAM.search(said):
        return Block(level, "kg", aside, None)
    if _GRAM.search(said):
        return Block(level, "g", aside, None)
    unit = "g" if level == "retail" else "kg"
    return Block(level, unit, aside, f"{level} prices state no weight and were read as per {unit}")
