"""Cells of records of seizures: dates, amounts, units and countries, each distinct value read once.

A million records have a few hundred names of countries and of units. What each means is found out
once; the records only say which one they have.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from opiateroutes.evidence.importers.quantities import kilograms, numbers, years

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opiateroutes.evidence.importers.record_countries import CountryCodes
    from opiateroutes.evidence.schema import Failure

__all__ = ["COMMODITIES", "Block", "joined", "texts"]

COMMODITIES = ("heroin", "morphine", "opium", "acetic_anhydride")

_MILLILITRE = {"Millilitre": "ml", "Milliliter": "ml"}
_DAY_FIRST = re.compile(r"^\s*\d{1,2}[./-]\d{1,2}[./-]((?:19|20)\d\d)(?!\d).*$")


class Block(NamedTuple):
    """Consecutive records, or some of them.

    Parameters
    ----------
    file
        Name of the table, for messages.
    rows
        Number of each record in the table.
    batch
        Their cells, by column, as bytes.
    """

    file: str
    rows: np.ndarray
    batch: pa.RecordBatch

    def distinct(self, column: str) -> tuple[pd.Series, np.ndarray]:
        """Return the values in use, by the first row that has each, and which one each has."""
        cells = self.batch.column(column).dictionary_encode()
        inverse: np.ndarray = cells.indices.to_numpy(zero_copy_only=False)
        # Values are numbered in the order in which they are met.
        _, first = np.unique(inverse, return_index=True)
        return pd.Series(texts(cells.dictionary), index=self.rows[first], dtype="object"), inverse

    def kept(self, keep: np.ndarray) -> Block:
        """Return some of the records."""
        return Block(self.file, self.rows[keep], self.batch.filter(pa.array(keep)))

    def years(self, known: dict[str, float], failures: list[Failure]) -> np.ndarray:
        """Return years, NaN where there is no date.

        Dates of earlier blocks are ``known``, new ones are added to them, and those that cannot be
        read to ``failures``.
        """
        cells, inverse = self.distinct("date")
        new = cells[[text not in known for text in cells]]
        if len(new):
            # A day may stand before or behind its month: the year is the same.
            plain = new.map(lambda text: _DAY_FIRST.sub(r"\1", text))
            values, unread = years(plain, file=self.file, column="date")
            known |= dict(zip(new, values.to_numpy("float64", na_value=np.nan), strict=True))
            failures += unread
        found: np.ndarray = np.array([known[text] for text in cells], dtype="float64")[inverse]
        return found

    def amounts(self, failures: list[Failure]) -> np.ndarray:
        """Return amounts, NaN where there is none; cells that cannot be read are added."""
        cells, inverse = self.distinct("amount")
        values = pd.to_numeric(cells, errors="coerce").to_numpy("float64", copy=True)
        # Nearly all amounts are plain numbers; only the others are looked at one by one.
        odd = ~(np.isfinite(values) & (values >= 0))
        read, unread = numbers(cells[odd], file=self.file, column="amount")
        failures += unread
        values[odd] = read.to_numpy("float64", na_value=np.nan)
        amounts: np.ndarray = values[inverse]
        return amounts

    def kilograms_per_unit(self, commodity: np.ndarray) -> np.ndarray:
        """Return how much a unit weighs, NaN for what is no weight, and for no unit."""
        units, inverse = self.distinct("unit")
        pairs = pd.DataFrame(itertools.product(units, COMMODITIES), columns=["unit", "commodity"])
        unit = pairs["unit"].replace(_MILLILITRE)
        factor = kilograms(pd.Series(1.0, index=pairs.index), unit, pairs["commodity"])
        # No unit is no kilogram here: such records count pieces as often as weights.
        known = factor.where(pairs["unit"] != "").to_numpy("float64")
        factors: np.ndarray = known.reshape(-1, len(COMMODITIES))[inverse, commodity]
        return factors

    def units(self) -> np.ndarray:
        """Return the unit of each record as it is written."""
        units, inverse = self.distinct("unit")
        written: np.ndarray = units.to_numpy("object")[inverse]
        return written

    def countries(self, column: str, codes: CountryCodes) -> np.ndarray:
        """Return codes of countries, None where no present country is named."""
        values, inverse = self.distinct(column)
        found: np.ndarray = codes.of(values, file=self.file, column=column)[inverse]
        return found


def joined(blocks: Sequence[Block]) -> Block:
    """Put blocks of one table together."""
    table = pa.Table.from_batches([block.batch for block in blocks]).combine_chunks()
    rows = np.concatenate([block.rows for block in blocks])
    return Block(blocks[0].file, rows, table.to_batches()[0])


def texts(values: pa.Array) -> list[str]:
    """Decode bytes, one by one where needed: files put together by hand may mix encodings."""
    try:
        text = values.cast(pa.string())
    except pa.ArrowInvalid:
        text = pa.array([_text(value) for value in values.to_pylist()], pa.string())
    trimmed: list[str] = pc.utf8_trim_whitespace(text).to_pylist()
    return trimmed


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("cp1252", errors="replace")
