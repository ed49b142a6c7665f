"""Adding records up: in memory for a file, out of core for folders and for very large files."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import pyarrow as pa

from opiateroutes.evidence.importers.text_columns import unpacked_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from opiateroutes.evidence.importers.opening import OpenedFile

__all__ = ["add_up", "is_large"]

MOST_BYTES_IN_MEMORY = 256_000_000
"""Text beyond this is added up out of core: two million records, of which the opiates are kept."""


def is_large(files: Sequence[OpenedFile]) -> bool:
    """Tell whether files are better added up out of core.

    Several files always are: nobody knows beforehand how many they are.
    """
    return len(files) > 1 or sum(map(unpacked_bytes, files)) > MOST_BYTES_IN_MEMORY


def add_up(
    batches: Iterator[pa.RecordBatch], schema: pa.Schema, *, out_of_core: bool
) -> pd.DataFrame:
    """Add up the weights of records that are alike in everything else, and count them.

    Parameters
    ----------
    batches
        Records; each is read once.
    schema
        Their columns; ``micrograms`` is what is added up.
    out_of_core
        Stream the records through DuckDB instead of holding them. The result is the same to the
        last bit: whole numbers are added.

    Returns
    -------
    pandas.DataFrame
        The other columns, sorted, then ``micrograms`` and ``cases``.

    Examples
    --------
    >>> schema = pa.schema([("seized", pa.string()), ("micrograms", pa.int64())])
    >>> rows = pa.RecordBatch.from_pylist(
    ...     [{"seized": "IRN", "micrograms": 1}, {"seized": "IRN", "micrograms": 2}], schema
    ... )
    >>> for out_of_core in (False, True):
    ...     add_up(iter([rows]), schema, out_of_core=out_of_core).to_dict("records")
    [{'seized': 'IRN', 'micrograms': 3, 'cases': 2}]
    [{'seized': 'IRN', 'micrograms': 3, 'cases': 2}]
    """
    keys = [name for name in schema.names if name != "micrograms"]
    if out_of_core:
        summed = _through_duckdb(batches, schema, keys)
    else:
        table = pa.Table.from_batches(batches, schema)
        summed = table.group_by(keys).aggregate([("micrograms", "sum"), ("micrograms", "count")])
    summed = summed.rename_columns({"micrograms_sum": "micrograms", "micrograms_count": "cases"})
    frame: pd.DataFrame = summed.select([*keys, "micrograms", "cases"]).to_pandas()
    return frame.sort_values(keys, ignore_index=True)


def _through_duckdb(
    batches: Iterator[pa.RecordBatch], schema: pa.Schema, keys: list[str]
) -> pa.Table:
    import duckdb

    met: list[Exception] = []

    def watched() -> Iterator[pa.RecordBatch]:
        try:
            yield from batches
        except Exception as error:
            met.append(error)
            raise

    reader = pa.RecordBatchReader.from_batches(schema, watched())
    # Nothing is fetched from the internet, and what does not fit goes to a folder that is removed.
    with tempfile.TemporaryDirectory() as spill:
        options: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "temp_directory": spill,
        }
        with duckdb.connect(":memory:", config=options) as connection:
            sums = (
                "sum(micrograms)::BIGINT AS micrograms_sum, count(micrograms) AS micrograms_count"
            )
            try:
                relation = connection.from_arrow(reader)
                summed: pa.Table = relation.aggregate(
                    f"{', '.join(keys)}, {sums}", ", ".join(keys)
                ).to_arrow_table()
            except duckdb.Error:
                # The error of DuckDB only quotes the one that stopped the records.
                if met:
                    raise met[0] from None
                raise
    return summed
