"""UNODC individual drug seizures, old and present extract, added up by country, year and substance.

The extract of 2011-2016 is a table of text (often zipped) or a workbook with a sheet a year, and
names countries of production, departure and destination; the present public one does not. What
places within countries they name is not read.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.errors import DataFileError, EvidenceWarning
from opiateroutes.evidence.importers.imported import Imported, checked
from opiateroutes.evidence.importers.individual_records import (
    MICROGRAMS_PER_KG,
    find_records,
    record_batches,
    schema_of,
)
from opiateroutes.evidence.importers.opening import CSV, OpenedFile, open_file
from opiateroutes.evidence.importers.record_sums import add_up, is_large
from opiateroutes.evidence.importers.record_tally import Tally
from opiateroutes.evidence.importers.text_columns import grids
from opiateroutes.evidence.importers.workbook_rows import has_sheet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["LAYOUT", "added_up", "files_in", "kilograms_of", "matches", "read", "read_folder"]

LAYOUT = "UNODC individual drug seizures"

_ENDINGS = frozenset({".csv", ".txt", ".tsv", ".xlsx", ".zip"})

INCOMPLETE = (
    "countries report some of their seizures one by one: totals may lie below the annual figures"
)


def matches(file: OpenedFile) -> bool:
    """Tell whether a file has this layout."""
    if file.kind == CSV:
        return bool(grids(file, find_records, head=True))
    return has_sheet(file, find_records)


def read(file: OpenedFile, *, source: str, edition: int | None) -> Imported:
    """Read the seizures of opiates and acetic anhydride by country and year.

    Parameters
    ----------
    file
        The extract.
    source
        Key of the publication.
    edition
        Year of the edition; the year after the last seizure if not given.

    Returns
    -------
    Imported
        Rows of ``seizures``.

    Raises
    ------
    DataFileError
        If the file is damaged or holds no records.
    EvidenceError
        With every country, date or amount that cannot be read.
    """
    return _read([file], file, source=source, edition=edition)


def read_folder(folder: Path, *, source: str, edition: int | None) -> Imported:
    """Read all extracts in a folder as one, without holding them; see `read`.

    Warns
    -----
    EvidenceWarning
        If several files have seizures of one country and year.
    """
    whole = OpenedFile(folder, "", "folder", "")
    return _read(files_in(folder), whole, source=source, edition=edition)


def files_in(folder: Path) -> list[OpenedFile]:
    """Open all tables in a folder.

    Raises
    ------
    DataFileError
        If there is none, or one is of another layout.
    """
    paths = sorted(
        path
        for path in folder.iterdir()
        if path.suffix.casefold() in _ENDINGS and not path.name.startswith((".", "~$"))
    )
    if not paths:
        raise DataFileError(f"{folder} holds no .csv, .xlsx or .zip file")
    files = [open_file(path) for path in paths]
    for file in files:
        if not matches(file):
            raise DataFileError(
                f"{file.name} is no extract of individual seizures: a folder is read as one, so "
                "take out what does not belong to it"
            )
    return files


def added_up(files: Sequence[OpenedFile], name: str, *, routes: bool) -> tuple[pd.DataFrame, Tally]:
    """Add up the records of files; also return what was left out.

    Raises
    ------
    DataFileError
        If a file is damaged, or there are no records.
    EvidenceError
        With every cell that cannot be read.

    Warns
    -----
    EvidenceWarning
        If several files have seizures of one country and year.
    """
    tally = Tally()
    batches = record_batches(files, tally, routes=routes)
    summed = add_up(batches, schema_of(routes=routes), out_of_core=is_large(files))
    if not tally.records:
        raise DataFileError(f"{name} has a header and no records")
    if tally.in_several_files:
        warnings.warn(
            f"{name}: seizures of {tally.in_several_files} pairs of country and year come from "
            "several files and are added up; make sure that no file repeats another",
            EvidenceWarning,
            stacklevel=3,
        )
    return summed, tally


def kilograms_of(summed: pd.DataFrame) -> pd.Series:
    """Turn whole micrograms into kilograms."""
    return summed["micrograms"].astype("float64") / MICROGRAMS_PER_KG


def _read(
    files: Sequence[OpenedFile], whole: OpenedFile, *, source: str, edition: int | None
) -> Imported:
    summed, tally = added_up(files, whole.name, routes=False)
    if edition is None:
        edition = int(summed["year"].max()) + 1 if len(summed) else None
    frame = pd.DataFrame(
        {
            "node": summed["seized"].astype("str"),
            "year": summed["year"].astype("Int64"),
            "commodity": summed["commodity"].astype("str"),
            "best_kg": kilograms_of(summed),
            "source": pd.Series(source, index=summed.index, dtype="str"),
            "edition": pd.Series(edition, index=summed.index, dtype="Int64"),
            "place": pd.Series("individual seizures", index=summed.index, dtype="str"),
            "confidence": pd.Series("medium", index=summed.index, dtype="str"),
            "note": [f"{n} seizures added up; may be incomplete" for n in summed["cases"]],
        }
    ).astype({"note": "str"})
    return checked(
        "seizures",
        frame,
        layout=LAYOUT,
        file=whole,
        set_aside=dict(tally.set_aside),
        notes=(INCOMPLETE,),
    )
