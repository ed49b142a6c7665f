"""Records of individual seizures, read as a stream of which only what is counted is kept.

A record says where and when something was seized, and often names a town, a border post, a street.
Only countries, years, substances and weights are read. Records of other substances are dropped
block by block; the rest are whole numbers of micrograms, so that the sum over any number of files
does not depend on the order of adding.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from opiateroutes.evidence.importers.headers import find_header
from opiateroutes.evidence.importers.imported import refuse
from opiateroutes.evidence.importers.opening import CSV
from opiateroutes.evidence.importers.record_cells import COMMODITIES, Block, joined, texts
from opiateroutes.evidence.importers.substances import commodity_of
from opiateroutes.evidence.importers.text_columns import column_batches, grids
from opiateroutes.evidence.importers.workbook_rows import sheet_batches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from opiateroutes.evidence.importers.headers import Columns
    from opiateroutes.evidence.importers.opening import OpenedFile
    from opiateroutes.evidence.importers.record_tally import Tally
    from opiateroutes.evidence.importers.text_columns import Grid

__all__ = ["MICROGRAMS_PER_KG", "ROUTE", "find_records", "record_batches", "schema_of"]

COLUMNS: Columns = {
    "country": ("country", "countryterritoryofseizure", "countryofseizure", "countryterritory"),
    "date": ("seizuredate", "dateofseizure", "date"),
    "substance": ("drugname", "drugsubstance", "drug", "substance"),
    "amount": ("amount", "quantityseized", "quantity", "amountseized"),
    "unit": ("drugunit", "measurementunit", "unit", "unitofmeasurement"),
    "code": ("iso3", "iso3code", "mscode"),
    "producing": ("producingcountry", "countryofproduction", "productioncountry"),
    "departure": ("departurecountry", "countryofdeparture"),
    "destination": ("destinationcountry", "countryofdestination"),
}
"""Administrative divisions, towns, border posts and hiding places are not among them."""

ROUTE = ("producing", "departure", "destination")

MOST_KG = 1e6
"""Largest seizure that is believed: the largest ever published are a tenth of it."""

MICROGRAMS_PER_KG = 1e9

_MOST_FAILURES = 1_000
_RECORDS_AT_A_TIME = 50_000
_NO_EQUIVALENT = "acetic anhydride, which has no heroin equivalent"


def find_records(rows: Sequence[Sequence[object]]) -> tuple[int, dict[str, int]] | None:
    """Find the header of records of seizures.

    Examples
    --------
    >>> find_records([["Country", "Seizure date", "Drug name", "Amount", "Drug unit", "Place"]])
    (0, {'country': 0, 'date': 1, 'substance': 2, 'amount': 3, 'unit': 4})
    """
    return find_header(rows, COLUMNS, optional=("code", *ROUTE))


def schema_of(*, routes: bool) -> pa.Schema:
    """Return the columns of the batches that `record_batches` gives."""
    places = ("seized", *ROUTE) if routes else ("seized",)
    return pa.schema(
        [
            *((name, pa.string()) for name in places),
            ("year", pa.int64()),
            ("commodity", pa.string()),
            ("micrograms", pa.int64()),
        ]
    )


def record_batches(
    files: Sequence[OpenedFile], tally: Tally, *, routes: bool
) -> Iterator[pa.RecordBatch]:
    """Read the records of opiates in files, one block after the other.

    Parameters
    ----------
    files
        Extracts of individual drug seizures.
    tally
        Counts what is left out; updated while reading.
    routes
        Also give the countries of production, departure and destination.

    Yields
    ------
    pyarrow.RecordBatch
        Columns of `schema_of`.

    Raises
    ------
    DataFileError
        If a file is damaged.
    EvidenceError
        If cells cannot be read; the failures show the first row that has each value.
    """
    for file in files:
        seen: set[tuple[str, int]] = set()
        for block, commodity in _opiates(_blocks(file, routes=routes), tally, routes=routes):
            records = _records(block, commodity, tally, routes=routes)
            if len(tally.failures) > _MOST_FAILURES:
                refuse(tally.failures, f"{file.name} cannot be read")
            if len(files) > 1:
                pairs = records[["seized", "year"]].drop_duplicates()
                seen |= set(zip(pairs["seized"], pairs["year"], strict=True))
            yield pa.RecordBatch.from_pandas(
                records, schema=schema_of(routes=routes), preserve_index=False
            )
        tally.in_several_files += len(seen & tally.cells)
        tally.cells |= seen
    refuse(tally.failures, "records of seizures cannot be read")


def _blocks(file: OpenedFile, *, routes: bool) -> Iterator[Block]:
    """Read the columns that are wanted, block by block."""
    names = [name for name in COLUMNS if routes or name not in ROUTE]
    if file.kind != CSV:
        for name, row, batch in sheet_batches(file, find_records, names):
            yield Block(name, np.arange(row, row + batch.num_rows), batch)
        return
    grid: Grid = grids(file, find_records, head=True)[0]
    for row, batch in column_batches(file, grid, [name for name in names if name in grid.at]):
        yield Block(file.name, np.arange(row, row + batch.num_rows), batch)


def _opiates(
    blocks: Iterator[Block], tally: Tally, *, routes: bool
) -> Iterator[tuple[Block, np.ndarray]]:
    """Keep the records of opiates, enough of them at a time; also tell which each is of."""
    kept: list[tuple[Block, np.ndarray]] = []
    for block in blocks:
        if kept and kept[0][0].file != block.file:
            yield joined([part for part, _ in kept]), np.concatenate([c for _, c in kept])
            kept = []
        tally.records += len(block.rows)
        commodity = _commodities(block, tally)
        keep = commodity >= 0
        if routes:
            precursor = commodity == COMMODITIES.index("acetic_anhydride")
            tally.set_aside[_NO_EQUIVALENT] += int(precursor.sum())
            keep &= ~precursor
        if keep.any():
            kept.append((block.kept(keep), commodity[keep]))
        if sum(len(codes) for _, codes in kept) >= _RECORDS_AT_A_TIME:
            yield joined([part for part, _ in kept]), np.concatenate([c for _, c in kept])
            kept = []
    if kept:
        yield joined([part for part, _ in kept]), np.concatenate([c for _, c in kept])


def _commodities(block: Block, tally: Tally) -> np.ndarray:
    """Return the number of each substance, -1 for those that are not wanted."""
    cells = block.batch.column("substance").dictionary_encode()
    written = cells.dictionary.to_pylist()
    new = [name for name in written if name not in tally.substances]
    if new:
        found = commodity_of(pd.Series(texts(pa.array(new, pa.binary())), dtype="object"))
        for name, commodity in zip(new, found, strict=True):
            known = commodity in COMMODITIES
            tally.substances[name] = COMMODITIES.index(commodity) if known else -1
    code = np.array([tally.substances[name] for name in written], dtype="int64")
    numbered: np.ndarray = code[cells.indices.to_numpy(zero_copy_only=False)]
    other = pa.array(numbered < 0)
    # Rows without a country and a substance are no records.
    lengths = [pc.binary_length(block.batch.column(name)) for name in ("country", "substance")]
    named = pc.greater(pc.add(*lengths), 0)
    tally.set_aside["other substances"] += pc.sum(pc.and_(other, named)).as_py() or 0
    return numbered


def _records(block: Block, commodity: np.ndarray, tally: Tally, *, routes: bool) -> pd.DataFrame:
    """Turn cells into codes, years and weights; leave out records that lack one of them."""
    year = block.years(tally.years, tally.failures)
    amount = block.amounts(tally.failures)
    weight = amount * block.kilograms_per_unit(commodity)
    for at in np.flatnonzero(weight > MOST_KG)[:_MOST_FAILURES]:
        rule = "must be at most a thousand tonnes in one seizure"
        tally.failures.append(
            (block.file, block.rows[at], "amount", amount[at], rule, "check the unit")
        )
    places = {"seized": _seized(block, tally)}
    if routes:
        places |= {name: block.countries(name, tally.countries) for name in ROUTE}
    lacks = {
        "no country": pd.isna(places["seized"]),
        "no year": np.isnan(year),
        "no amount": np.isnan(amount),
    }
    whole = np.ones(len(year), dtype="bool")
    for reason, lacking in lacks.items():
        tally.set_aside[reason] += int((whole & lacking).sum())
        whole &= ~lacking
    for unit, number in Counter(block.units()[whole & np.isnan(weight)]).items():
        tally.set_aside[f"no weight: {unit or 'no unit'}"] += number
    usable = whole & (weight <= MOST_KG)
    if routes:
        _forget_miscoded(places, usable, tally)
    return pd.DataFrame(
        {
            **{name: codes[usable] for name, codes in places.items()},
            "year": year[usable].astype("int64"),
            "commodity": np.array(COMMODITIES, dtype="object")[commodity[usable]],
            "micrograms": np.floor(weight[usable] * MICROGRAMS_PER_KG + 0.5).astype("int64"),
        }
    )


def _seized(block: Block, tally: Tally) -> np.ndarray:
    """Return the country of each seizure: by its code where one is given, else by its name."""
    codes = block.countries("country", tally.countries)
    if "code" in block.batch.schema.names:
        by_code = block.countries("code", tally.countries)
        codes = np.where(pd.isna(by_code), codes, by_code)
    return codes


def _forget_miscoded(places: dict[str, np.ndarray], usable: np.ndarray, tally: Tally) -> None:
    """Forget Namibia as the producer of what is linked with India: it stood for "NA"."""
    others = [places[name] == "IND" for name in ("seized", "departure", "destination")]
    miscoded = (places["producing"] == "NAM") & np.logical_or.reduce(others)
    places["producing"][miscoded] = None
    tally.miscoded += int((miscoded & usable).sum())
