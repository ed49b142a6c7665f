"""Opening a file that an agency published: what it really is, and its sheets, within bounds.

The ending of a name is not believed. Everything is decided by the content, and whatever cannot be a
table (a web page saved as a spreadsheet, a password, an archive that would unpack to gigabytes) is
refused before anything is read into memory.
"""

from __future__ import annotations

import codecs
import io
import zipfile
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any, cast

from opiateroutes.errors import DataFileError
from opiateroutes.evidence.importers.sheet_extent import refuse_vast_sheets

__all__ = ["CSV", "XLSX", "OpenedFile", "open_file"]

CSV, XLSX = "csv", "xlsx"

MOST_UNPACKED_BYTES = 2_000_000_000
"""Largest size that an archive may unpack to: a million seizure records take a tenth of it."""

MOST_TIMES_PACKED = 250
"""Largest ratio of unpacked to packed size; published tables stay below 50, bombs pass 1,000."""

MOST_MEMBERS = 5_000

_HEAD_BYTES = 65_536
_ZIP, _OLE2, _PDF = (b"PK\x03\x04", b"PK\x05\x06"), b"\xd0\xcf\x11\xe0", b"%PDF"
_HTML = (b"<!doctype html", b"<html", b"<head", b"<?xml")
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError)
"""What reading an archive raises when it is cut off, altered or of an exotic kind."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class OpenedFile:
    """One table file, perhaps inside an archive.

    Parameters
    ----------
    path
        The file on disk.
    member
        Name inside an archive; empty for a plain file.
    kind
        ``csv`` or ``xlsx``.
    encoding
        Of a CSV file.
    """

    path: Path
    member: str
    kind: str
    encoding: str

    @property
    def name(self) -> str:
        """How messages call the file."""
        return f"{self.path} ({self.member})" if self.member else str(self.path)

    def open(self) -> IO[bytes]:
        """Open the bytes of the table; the caller closes them."""
        if not self.member:
            return self.path.open("rb")
        with zipfile.ZipFile(self.path) as archive:
            return io.BufferedReader(cast("io.RawIOBase", archive.open(self.member)))

    @cached_property
    def sheets(self) -> dict[str, list[list[object]]]:
        """Rows of every sheet of a workbook; empty for CSV, which is read as a stream."""
        if self.kind == CSV:
            return {}
        from python_calamine import CalamineError, CalamineWorkbook

        try:
            with self.open() as stream:
                content = io.BytesIO(stream.read())
            book = CalamineWorkbook.from_filelike(content)
            sheets: dict[str, Any] = {n: book.get_sheet_by_name(n) for n in book.sheet_names}
            # Cells keep their numbers: empty rows and columns before the table count.
            return {n: sheet.to_python(skip_empty_area=False) for n, sheet in sheets.items()}
        except DataFileError:
            raise
        except (CalamineError, ValueError, *_DAMAGE) as error:
            raise DataFileError(f"{self.name} is a damaged workbook: {error}") from error

    def head(self) -> str:
        """Return the beginning of a CSV file as text."""
        try:
            with self.open() as stream:
                return _decoded(stream.read(_HEAD_BYTES), self.encoding, cut=True)
        except (UnicodeDecodeError, *_DAMAGE) as error:
            raise DataFileError(f"{self.name} cannot be read as text: {error}") from error


def open_file(path: str | Path) -> OpenedFile:
    """Find out what a file is.

    Parameters
    ----------
    path
        A workbook (``.xlsx``), a CSV file, or an archive that holds exactly one CSV file.

    Returns
    -------
    OpenedFile
        It has been looked through, but no table has been read.

    Raises
    ------
    DataFileError
        If there is no such file, or it is empty, damaged, protected, too large once unpacked, or
        not a table.
    """
    file = Path(path)
    if not file.exists():
        raise DataFileError(f"there is no file {file}")
    if file.is_dir():
        raise DataFileError(f"{file} is a folder: name one file in it")
    try:
        with file.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError as error:
        raise DataFileError(f"cannot read {file}: {error.strerror or error}") from error
    if head.startswith(_ZIP):
        return _of_archive(file)
    return OpenedFile(file, "", CSV, _encoding_of_text(head, str(file)))


def _of_archive(file: Path) -> OpenedFile:
    """Look into an archive: a workbook is one, and so is a zipped table."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            _refuse_bombs(file, members)
            names = [member.filename for member in members]
            if "xl/workbook.xml" in names:
                refuse_vast_sheets(archive, str(file))
                return OpenedFile(file, "", XLSX, "")
            table = _one_table(file, members)
            with archive.open(table) as stream:
                head = stream.read(_HEAD_BYTES)
    except DataFileError:
        raise
    except _DAMAGE as error:
        raise DataFileError(
            f"{file} is a damaged or cut-off archive ({error}): download it again"
        ) from error
    member = table.filename
    return OpenedFile(file, member, CSV, _encoding_of_text(head, f"{file} ({member})"))


def _one_table(file: Path, members: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    """Return the one CSV file of an archive."""
    inner = [m for m in members if not m.is_dir() and not _is_clutter(m.filename)]
    tables = [m for m in inner if m.filename.casefold().endswith((".csv", ".txt", ".tsv"))]
    if len(tables) != 1:
        listed = ", ".join(sorted(m.filename for m in inner)[:5]) or "nothing"
        raise DataFileError(
            f"{file} is no .xlsx workbook but an archive with {len(tables)} CSV tables, where one "
            f"is expected ({listed}): unpack it and name the one to read"
        )
    if tables[0].flag_bits & 1:
        raise DataFileError(f"{file} is protected by a password: save it without one")
    return tables[0]


def _refuse_bombs(file: Path, members: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    if (
        len(members) > MOST_MEMBERS
        or unpacked > MOST_UNPACKED_BYTES
        or (unpacked > 10 * _HEAD_BYTES and unpacked / packed > MOST_TIMES_PACKED)
    ):
        raise DataFileError(
            f"{file} would unpack to {unpacked / 1e6:,.0f} MB ({unpacked / packed:,.0f} times its "
            "size): this is no published table, and it was not opened"
        )


def _is_clutter(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith(".")


def _encoding_of_text(head: bytes, name: str) -> str:
    """Return the encoding of a text file, or say what the file is instead."""
    if not head.strip(b"\x00\r\n\t "):
        raise DataFileError(f"{name} is empty")
    if head.startswith(_OLE2):
        raise DataFileError(
            f"{name} is a workbook with a password, or of the old format .xls: open it and save it "
            "as .xlsx without a password"
        )
    if head.startswith(_PDF):
        raise DataFileError(f"{name} is a PDF: a table is needed, as .xlsx or .csv")
    marked = next((pair for pair in _BOMS if head.startswith(pair[0])), None)
    # Pages start with a byte order mark, too; taking out zeros makes UTF-16 readable enough.
    page = head.removeprefix(marked[0]).replace(b"\x00", b"") if marked else head
    if page.lstrip().lower().startswith(_HTML):
        raise DataFileError(
            f"{name} is a web page and not a table: the download was probably refused; open the "
            "address in a browser and save the file itself"
        )
    if marked:
        return marked[1]
    if b"\x00" in head:
        raise DataFileError(f"{name} is neither text nor a workbook: it holds binary data")
    try:
        _decoded(head, "utf-8", cut=len(head) == _HEAD_BYTES)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _decoded(data: bytes, encoding: str, *, cut: bool) -> str:
    """Decode text of which the last character may be cut in two."""
    return codecs.getincrementaldecoder(encoding)(
        "strict" if encoding != "cp1252" else "replace"
    ).decode(data, final=not cut)
