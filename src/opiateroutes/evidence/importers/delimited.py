"""Rows of a table of text, as those of a sheet: the sign between the columns is found out."""

from __future__ import annotations

import csv
import io
import itertools
import zipfile
import zlib
from typing import TYPE_CHECKING

from opiateroutes.errors import DataFileError
from opiateroutes.evidence.importers.opening import CSV
from opiateroutes.evidence.importers.text_columns import DELIMITERS, MOST_BYTES_HELD, unpacked_bytes

if TYPE_CHECKING:
    from opiateroutes.evidence.importers.opening import OpenedFile

__all__ = ["all_rows", "csv_rows"]

_LINES_LOOKED_AT = 40


def csv_rows(file: OpenedFile, *, most: int | None = None) -> list[list[object]]:
    """Return the rows of a CSV file.

    Parameters
    ----------
    file
        The file.
    most
        Return no more rows than this.

    Returns
    -------
    list of list
        Cells as text; rows may differ in length.

    Raises
    ------
    DataFileError
        If the file is no text of rows, is cut off, or is too large to be held.
    """
    size = unpacked_bytes(file)
    if most is None and size > MOST_BYTES_HELD:
        raise DataFileError(
            f"{file.name} has {size / 1e6:,.0f} MB, more than a table of this layout can have "
            f"({MOST_BYTES_HELD / 1e6:.0f} MB): save the part that is needed"
        )
    try:
        delimiter = _delimiter(file.head())
        with (
            file.open() as stream,
            io.TextIOWrapper(stream, file.encoding, errors="replace", newline="") as text,
        ):
            reader = csv.reader(text, delimiter=delimiter)
            return [list(row) for row in itertools.islice(reader, most)]
    except (csv.Error, zipfile.BadZipFile, zlib.error, EOFError, OSError, UnicodeError) as error:
        if isinstance(error, DataFileError):
            raise
        raise DataFileError(f"{file.name} cannot be read as rows of text: {error}") from error


def all_rows(file: OpenedFile) -> dict[str, list[list[object]]]:
    """Return the rows of every sheet of a workbook, or those of a CSV file under an empty name."""
    return {"": csv_rows(file)} if file.kind == CSV else file.sheets


def _delimiter(head: str) -> str:
    r"""Find the sign that splits one of the first lines into the most cells.

    Examples
    --------
    >>> _delimiter('Seizures, by country;;\nCountry;Year;kg\n')
    ';'
    """
    lines = head.splitlines()[:_LINES_LOOKED_AT]

    def cells(delimiter: str) -> int:
        return max((len(row) for row in csv.reader(lines, delimiter=delimiter)), default=0)

    return max(DELIMITERS, key=cells)
