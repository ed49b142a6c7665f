"""What an importer hands back: a table in the project's schema, and what it left out and why."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.errors import EvidenceError
from opiateroutes.evidence.schema import check_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opiateroutes.evidence.importers.opening import OpenedFile

__all__ = ["Imported", "checked", "file_sha256", "refuse"]


@dataclass(frozen=True, eq=False, repr=False)
class Imported:
    """A published file, read.

    Parameters
    ----------
    table
        Name of the table of the project's schema that the rows belong to.
    frame
        The rows, with the columns and types of that table.
    layout
        Which layout the file has, in words.
    file
        Name of the file.
    set_aside
        Rows of the file that did not enter, by reason; index ``reason``, column ``rows``.
    notes
        Assumptions that a reader must know.
    """

    table: str
    frame: pd.DataFrame
    layout: str
    file: str
    set_aside: pd.Series = field(default_factory=lambda: pd.Series(dtype="int64"))
    notes: tuple[str, ...] = ()

    def summary(self) -> str:
        """Say in a few lines what was read and what was left out."""
        lines = [f"{self.file}: {self.layout}", f"{len(self.frame):,} rows of {self.table}"]
        lines += [f"left out: {rows:,} rows, {why}" for why, rows in self.set_aside.items()]
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    def __repr__(self) -> str:
        return f"<Imported {self.table}: {len(self.frame)} rows, {self.layout}>"

    def _repr_html_(self) -> str:
        lines = "<br>".join(escape(line) for line in self.summary().splitlines())
        return f"<div>{lines}</div>{self.frame.head(5).to_html(border=0)}"


def checked(
    table: str,
    frame: pd.DataFrame,
    *,
    layout: str,
    file: OpenedFile,
    set_aside: Mapping[str, int] | None = None,
    notes: tuple[str, ...] = (),
) -> Imported:
    """Check rows against the schema of their table and wrap them.

    Raises
    ------
    EvidenceError
        With every failure.
    """
    left = {why: rows for why, rows in (set_aside or {}).items() if rows}
    counts = pd.Series(left, dtype="int64", name="rows").rename_axis("reason")
    rows = check_table(frame.reset_index(drop=True), table)
    return Imported(table, rows, layout, file.name, counts, notes)


def refuse(failures: list[tuple[str, object, str, object, str, str]], message: str) -> None:
    """Raise one `EvidenceError` with all failures of a file; do nothing when there is none."""
    if failures:
        columns = ["table", "row", "column", "value", "rule", "hint"]
        raise EvidenceError(message, pd.DataFrame(failures, columns=columns))


def file_sha256(file: OpenedFile) -> str:
    """Return the checksum of the file as it lies on disk."""
    with file.path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
