"""A user's own evidence: a folder of tables in the project's schema, beside the shipped ones.

One file a table, and ``sources.csv`` that says where every row comes from. Importing the same file
again replaces its rows and changes nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.data import EVIDENCE_TABLES, dictionary, write_atomically
from opiateroutes.errors import DataFileError, OutputError
from opiateroutes.evidence.doubts import check_doubts
from opiateroutes.evidence.importers.imported import file_sha256
from opiateroutes.evidence.importers.opening import open_file
from opiateroutes.evidence.schema import check_table, raise_failures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opiateroutes.evidence.importers.imported import Imported
    from opiateroutes.evidence.schema import Failure

__all__ = ["EvidenceFolder", "import_into", "read_folder", "source_id"]

_SOURCES = "sources"
_ENDINGS = (".csv", ".parquet")


@dataclass(frozen=True, eq=False)
class EvidenceFolder:
    """Tables of one folder.

    Parameters
    ----------
    path
        The folder.
    tables
        Frames by the name of their table.
    sources
        Index ``source``.
    """

    path: Path
    tables: Mapping[str, pd.DataFrame]
    sources: pd.DataFrame


def source_id(name: str) -> str:
    """Make a key for a publication from a file name.

    Examples
    --------
    >>> source_id("7.1_Drug_seizures_2019-2023.xlsx")
    '7_1_drug_seizures_2019_2023'
    """
    return re.sub(r"[^0-9a-z]+", "_", Path(name).stem.casefold()).strip("_") or "user_file"


def read_folder(path: str | Path, *, strict: bool = False) -> EvidenceFolder:
    """Read a folder of evidence; every table is checked, and every failure is reported at once.

    Parameters
    ----------
    path
        Folder with ``<table>.csv`` or ``<table>.parquet`` files and ``sources.csv``.
    strict
        Turn warnings about doubtful figures into errors.

    Returns
    -------
    EvidenceFolder
        All tables that the folder has.

    Raises
    ------
    DataFileError
        If there is no such folder, or it holds no evidence table.
    EvidenceError
        If a table breaks its rules, or a row names a source that ``sources`` lacks.

    Warns
    -----
    EvidenceWarning
        If a figure is doubtful: see `opiateroutes.evidence.doubts`.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise DataFileError(f"there is no evidence folder {folder}")
    frames = {}
    for table in EVIDENCE_TABLES:
        found = [folder / f"{table}{ending}" for ending in _ENDINGS]
        files = [file for file in found if file.is_file()]
        if len(files) > 1:
            raise DataFileError(f"{folder} has {files[0].name} and {files[1].name}: keep one")
        if files:
            frames[table] = check_table(_read(files[0], table), table)
    if set(frames) <= {_SOURCES}:
        raise DataFileError(
            f"{folder} holds no evidence table; tables are called "
            f"{', '.join(f'{table}.csv' for table in EVIDENCE_TABLES)}"
        )
    sources = frames.pop(_SOURCES, pd.DataFrame({"source": pd.Series(dtype="str")}))
    sources = sources.set_index("source")
    raise_failures(
        [f for table, frame in frames.items() for f in _unsourced(table, frame, sources, folder)],
        f"rows of {folder} name sources that its sources table lacks",
    )
    for table, frame in frames.items():
        check_doubts(frame, table, strict=strict)
    return EvidenceFolder(folder, frames, sources)


def import_into(
    folder: str | Path,
    imported: Imported,
    *,
    path: str | Path,
    title: str | None = None,
    publisher: str = "not stated",
    url: str = "",
    terms: str = "not stated",
) -> list[Path]:
    """Put an imported file into an evidence folder, which is made if it is not there.

    Parameters
    ----------
    folder
        The folder.
    imported
        What was read.
    path
        The file that it was read from; its name and checksum go into ``sources``.
    title, publisher, url, terms
        About the publication, as far as known.

    Returns
    -------
    list of pathlib.Path
        The files written. Rows of an earlier import of the same source are replaced.

    Raises
    ------
    OutputError
        If the folder cannot be written; each file is replaced in one step.
    """
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the folder {target}: {error.strerror or error}") from error
    file = open_file(path)
    source = str(imported.frame["source"].iloc[0]) if len(imported.frame) else source_id(file.name)
    editions = imported.frame.get("edition", pd.Series(dtype="Int64")).dropna()
    about = pd.DataFrame(
        {
            "source": [source],
            "title": [title or f"{imported.layout}, file {file.path.name}"],
            "publisher": [publisher],
            "year": pd.array([int(editions.max()) if len(editions) else None], dtype="Int64"),
            "url": [url or None],
            "terms": [terms],
            "obtained": [f"imported from {file.path.name}, sha256 {file_sha256(file)[:16]}"],
        }
    )
    return [
        _replace_rows(target, imported.table, imported.frame, source),
        _replace_rows(target, _SOURCES, about, source),
    ]


def _replace_rows(folder: Path, table: str, rows: pd.DataFrame, source: str) -> Path:
    """Write a table with the rows of one source replaced."""
    file = next((f for e in _ENDINGS if (f := folder / f"{table}{e}").is_file()), None)
    old = None if file is None else _read(file, table)
    file = file or folder / f"{table}.csv"
    kept = [] if old is None else [old[old["source"] != source]]
    columns = [row["column"] for row in dictionary(table)]
    frame = pd.concat([*kept, rows.reindex(columns=columns)], ignore_index=True)
    frame = frame.sort_values([c for c in columns if c != "note"], kind="stable")
    if file.suffix == ".parquet":
        return write_atomically(file, lambda draft: frame.to_parquet(draft, index=False))
    return write_atomically(
        file,
        lambda draft: frame.to_csv(draft, index=False, lineterminator="\n", encoding="utf-8"),
    )


def _read(file: Path, table: str) -> pd.DataFrame:
    rules = {row["column"]: row["type"] for row in dictionary(table)}
    try:
        if file.suffix == ".parquet":
            frame = pd.read_parquet(file)
        else:
            # As text first: what is no number is then a failure with its row, not a crash.
            frame = pd.read_csv(file, dtype="str", keep_default_na=False, na_values=[""])
    except (ValueError, OSError, UnicodeDecodeError) as error:
        raise DataFileError(f"{file} cannot be read as a table: {error}") from error
    for column, kind in rules.items():
        if column in frame and kind != "text":
            read = pd.to_numeric(frame[column], errors="coerce").astype("float64")
            if not (frame[column].notna() & read.isna()).any():
                whole = kind == "integer" and bool((read.dropna() % 1 == 0).all())
                frame[column] = read.astype("Int64") if whole else read
        elif column in frame:
            frame[column] = frame[column].astype("str")
    return frame


def _unsourced(
    table: str, frame: pd.DataFrame, sources: pd.DataFrame, folder: Path
) -> list[Failure]:
    if "source" not in frame:
        return []
    named = frame["source"].str.split("; ").explode()
    missing = named[~named.isin(sources.index)]
    return [
        (f"{folder.name}/{table}", row, "source", name, "is not in sources", "add it there")
        for row, name in missing.items()
    ]
