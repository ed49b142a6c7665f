"""A report as a workbook: its text on the first sheet, each table on one of its own."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill

from opiateroutes.data.spreadsheet import with_fixed_date, without_formulas
from opiateroutes.reports.characters import printable
from opiateroutes.reports.document import Bullets, Figure, Paragraph, Section
from opiateroutes.reports.wording import wording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opiateroutes.reports.document import Block, Cell, Column, Report, Table

__all__ = ["render"]

_TEXT_WIDTH, _LEAST_WIDTH, _MOST_WIDTH = 110, 11, 44
_PLAIN = 11
_HEAD = PatternFill("solid", fgColor="E8EEF5")


def render(report: Report) -> bytes:
    """Write a report as a workbook.

    Parameters
    ----------
    report
        What to write; pictures are left out, their captions stay.

    Returns
    -------
    bytes
        A workbook in Office Open XML. Numbers are numbers, estimates and the ends of their
        intervals stand in columns of their own; text that would run as a formula gets a leading
        apostrophe.

    Examples
    --------
    >>> from opiateroutes.reports.document import Report
    >>> render(Report("A title", "", "en", (), {}))[:2]
    b'PK'
    """
    book = Workbook()
    book.properties.title = printable(report.title)
    book.properties.creator = str(report.provenance.get("package", "opiateroutes"))
    book.properties.language = report.language
    _write_text(book.active, report)
    for table in report.tables():
        _write_table(book.create_sheet(table.sheet), table)
    written = io.BytesIO()
    book.save(written)
    return with_fixed_date(written)


def _write_text(sheet: Any, report: Report) -> None:
    sheet.title = wording(report.language).say("Report")
    sheet.column_dimensions["A"].width = _TEXT_WIDTH
    lines = [(report.title, 16), (report.subtitle, 11), *_lines(report.sections, 14)]
    safe = without_formulas(pd.DataFrame({"text": [printable(text) for text, _ in lines]}))
    for row, (text, size) in enumerate(zip(safe["text"], (s for _, s in lines), strict=True), 1):
        cell = sheet.cell(row, 1, text)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.font = Font(size=size, bold=size > _PLAIN)
    _print_on_a4(sheet, "portrait")


def _lines(blocks: tuple[Block, ...], size: int) -> Iterator[tuple[str, int]]:
    """Iterate over the text of a report, with the size of each line in points."""
    for block in blocks:
        if isinstance(block, Section):
            yield block.title, size
            yield from _lines(block.blocks, size - 2)
        elif isinstance(block, Paragraph):
            yield block.text, _PLAIN
        elif isinstance(block, Bullets):
            yield from (
                (f"• {item.lead} {item.text}".replace("  ", " "), _PLAIN) for item in block.items
            )
        elif isinstance(block, Figure):
            yield block.caption, _PLAIN
        else:
            yield f"{block.caption} [{block.sheet}]", _PLAIN


def _write_table(sheet: Any, table: Table) -> None:
    """Write heads and rows, then below them what the table shows and how to read it."""
    heads = [head for column in table.columns for head in _heads(column)]
    formats = [column.number_format for column in table.columns for _ in _heads(column)]
    rows = [
        [
            value
            for cell, column in zip(row, table.columns, strict=True)
            for value in _row(cell, column)
        ]
        for row in table.rows
    ]
    for row in [heads, *_safe(rows)]:
        sheet.append(row)
    for k, head in enumerate(heads, 1):
        cell = sheet.cell(1, k)
        cell.font, cell.fill = Font(bold=True), _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        texts = [row[k - 1] for row in rows if isinstance(row[k - 1], str)]
        width = max([_LEAST_WIDTH, len(head) // 2, *map(len, texts)])
        sheet.column_dimensions[cell.column_letter].width = min(width, _MOST_WIDTH)
        for line in range(2, len(rows) + 2):
            below = sheet.cell(line, k)
            below.number_format = formats[k - 1]
            below.alignment = Alignment(wrap_text=isinstance(below.value, str), vertical="top")
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.print_title_rows = "1:1"
    _print_on_a4(sheet, "landscape")
    for text in _safe([[table.caption], [table.note]]):
        sheet.append([])
        sheet.append(text)


def _print_on_a4(sheet: Any, orientation: str) -> None:
    """Have all columns of a sheet on one page when it is printed."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = orientation, sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _heads(column: Column) -> tuple[str, ...]:
    return column.sheet_headings or (column.heading,)


def _row(cell: Cell, column: Column) -> list[Any]:
    """Return what a cell holds, one value for each column of the sheet; the rest is missing."""
    held = cell.numbers or (cell.text,)
    return [*held, *[None] * (len(_heads(column)) - len(held))]


def _safe(rows: list[list[Any]]) -> list[list[Any]]:
    """Make text harmless; numbers stay numbers and what is missing stays empty."""
    if not rows:
        return []
    clean = [[printable(v) if isinstance(v, str) else v for v in row] for row in rows]
    names = [f"column {k}" for k in range(len(clean[0]))]
    frame = pd.DataFrame(clean, columns=names, dtype="object")
    safe: list[list[Any]] = without_formulas(frame).to_numpy().tolist()
    return safe
