"""A report as plain data: sections of paragraphs, lists, tables and figures, before any format."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from opiateroutes.reports.saving import save_report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = [
    "Block",
    "Bullets",
    "Cell",
    "Column",
    "Figure",
    "Item",
    "Paragraph",
    "Report",
    "Section",
    "Table",
]


@dataclass(frozen=True)
class Paragraph:
    """Running text.

    Parameters
    ----------
    text
        Plain text; every format escapes it.
    kind
        ``"plain"`` (default), ``"key"`` for what must not be missed, ``"note"`` for small print.
    """

    text: str
    kind: Literal["plain", "key", "note"] = "plain"


@dataclass(frozen=True)
class Item:
    """One entry of a list.

    Parameters
    ----------
    text
        Plain text.
    lead
        Words before it, set in bold; none by default.
    """

    text: str
    lead: str = ""


@dataclass(frozen=True)
class Bullets:
    """A list.

    Parameters
    ----------
    items
        Its entries, in order.
    """

    items: tuple[Item, ...]


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    heading
        What stands above it, with the unit.
    align
        ``"start"`` for text (default), ``"end"`` for numbers.
    sheet_headings
        Headings in a workbook, where an estimate and its interval stand in columns of their own;
        the heading alone by default.
    number_format
        Format of its numbers in a workbook; ``"General"`` by default.
    """

    heading: str
    align: Literal["start", "end"] = "start"
    sheet_headings: tuple[str, ...] = ()
    number_format: str = "General"


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Parameters
    ----------
    text
        What a reader sees.
    detail
        A second, smaller line: as a rule the interval.
    numbers
        What a workbook holds, one for each of the ``sheet_headings`` of the column; None is
        missing. The text alone by default.
    """

    text: str
    detail: str = ""
    numbers: tuple[float | int | str | None, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table; the first cell of a row is its heading.

    Parameters
    ----------
    caption
        What it shows, with year, unit and conditions.
    columns
        Its columns.
    rows
        Its rows, each with one cell a column.
    sheet
        Name of its sheet in a workbook, at most 31 characters.
    note
        How to read it; none by default.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    sheet: str
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """A picture, in a form for screens and paper and in one for Word.

    Parameters
    ----------
    caption
        What it shows.
    alt
        What somebody learns from it who cannot see it.
    svg
        The picture as a drawing.
    png
        The same picture as pixels.
    """

    caption: str
    alt: str
    svg: bytes = field(repr=False)
    png: bytes = field(repr=False)


@dataclass(frozen=True)
class Section:
    """A part of a report.

    Parameters
    ----------
    title
        Its heading.
    blocks
        What stands in it; a section in a section is a subsection.
    new_page
        Whether it begins on a page of its own where there are pages; False by default.
    """

    title: str
    blocks: tuple[Block, ...]
    new_page: bool = False


Block = Paragraph | Bullets | Table | Figure | Section


@dataclass(frozen=True, repr=False)
class Report:
    """A report, to be saved as a page, a PDF, a Word document or a workbook.

    Parameters
    ----------
    title, subtitle
        What stands at its top.
    language
        Language of its text, such as ``"en"``.
    sections
        Its parts, in order.
    provenance
        Version, hashes of the inputs, options and seed of what it reports.
    """

    title: str
    subtitle: str
    language: str
    sections: tuple[Section, ...]
    provenance: Mapping[str, Any]

    def save(self, path: str | Path) -> Path:
        """Write the report; the ending chooses the format.

        Parameters
        ----------
        path
            ``*.html`` (one file that needs no network and prints on A4), ``*.pdf`` (needs the
            extra ``pdf``), ``*.docx`` or ``*.xlsx`` (each table on a sheet of its own).

        Returns
        -------
        pathlib.Path
            The path written: the same bytes for the same report.

        Raises
        ------
        OutputError
            If the ending is not known or the place cannot be written; nothing is half written.
        OutputError
            If a PDF is asked for and WeasyPrint or a library that it needs is not installed.

        Examples
        --------
        >>> import tempfile
        >>> report = Report("A title", "", "en", (Section("One", (Paragraph("Text."),)),), {})
        >>> report.save(tempfile.mkdtemp() + "/report.html").name
        'report.html'
        """
        return save_report(self, path)

    def tables(self) -> Iterator[Table]:
        """Iterate over all tables, in order.

        Examples
        --------
        >>> list(Report("A title", "", "en", (), {}).tables())
        []
        """
        return _tables(self.sections)

    def __repr__(self) -> str:
        return f"<Report {self.title!r}, {len(self.sections)} sections, {self.language}>"


def _tables(blocks: tuple[Block, ...]) -> Iterator[Table]:
    for block in blocks:
        if isinstance(block, Table):
            yield block
        elif isinstance(block, Section):
            yield from _tables(block.blocks)
