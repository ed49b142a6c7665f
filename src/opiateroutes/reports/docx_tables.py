"""Tables of a Word document: heads repeat on each page and rows are not torn apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from opiateroutes.reports.characters import printable

if TYPE_CHECKING:
    from docx.document import Document

    from opiateroutes.reports.document import Cell, Column, Table

__all__ = ["add_table"]

_SIZE_PT, _DETAIL_PT, _MANY_COLUMNS = 8.5, 7.0, 7
_WIDTH_MM, _PAD_MM = 174.0, 1.2
_MOST_LETTERS, _HEAD_LETTERS = 40, 16
# Millimetres a letter takes, for each point of its size.
_PLAIN, _BOLD = 0.205, 0.22
_LINES = ("text", "detail")
_KEPT = 20
_QUIET = RGBColor(0x4D, 0x56, 0x61)
_SHADE = "E8EEF5"


def add_table(document: Document, table: Table) -> None:
    """Add a table at the end of a document.

    Parameters
    ----------
    document
        The document; it is changed.
    table
        What to add; its caption and its note are not.
    """
    grid: Any = document.add_table(rows=1, cols=len(table.columns), style="Table Grid")
    grid.alignment = WD_TABLE_ALIGNMENT.LEFT
    size = _SIZE_PT if len(table.columns) < _MANY_COLUMNS else _SIZE_PT - 1
    for cell, column in zip(grid.rows[0].cells, table.columns, strict=True):
        _shade(cell)
        _write(cell, column, column.heading, size, bold=True)
    _mark(grid.rows[0], "w:tblHeader")
    for row in table.rows:
        added = grid.add_row()
        _mark(added, "w:cantSplit")
        for k, (cell, column) in enumerate(zip(added.cells, table.columns, strict=True)):
            _fill(cell, column, row[k], size, bold=k == 0)
    _pad(grid)
    if len(table.rows) <= _KEPT:
        # All but the last row: the table goes to the next page as a whole.
        for line in (p for row in grid.rows[:-1] for cell in row.cells for p in cell.paragraphs):
            line.paragraph_format.keep_with_next = True
    for column, width in zip(grid.columns, _widths_mm(table, size), strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)


def _widths_mm(table: Table, size: float) -> list[float]:
    """Share the width of the page among columns.

    Columns of numbers take what their longest line needs; the others share the rest by their
    longest text, each with room for its longest word.
    """
    least, wanted = [], []
    for k, column in enumerate(table.columns):
        texts, details = ([getattr(row[k], name) for row in table.rows] for name in _LINES)
        words = [word for text in (column.heading, *texts) for word in text.split()]
        longest = max(map(len, words), default=1) * size * _BOLD
        lines = max(*(len(t) * size for t in ("", *texts)), *(len(t) * _DETAIL_PT for t in details))
        whole = max(longest, lines * (_BOLD if k == 0 else _PLAIN))
        least.append(whole if column.align == "end" else longest)
        head = min(len(column.heading), _HEAD_LETTERS) * size * _BOLD
        wanted.append(min(max(whole, head), _MOST_LETTERS * size * _BOLD))
    room = _WIDTH_MM - 2 * _PAD_MM * len(least)
    least = [need * min(1.0, room / sum(least)) for need in least]
    more = [max(0.0, want - need) for want, need in zip(wanted, least, strict=True)]
    spare = (room - sum(least)) / (sum(more) or 1.0)
    share = [need + spare * extra for need, extra in zip(least, more, strict=True)]
    return [2 * _PAD_MM + width for width in share]


def _fill(cell: Any, column: Column, content: Cell, size: float, *, bold: bool) -> None:
    line = _write(cell, column, content.text, size, bold=bold)
    if content.detail:
        line.add_run().add_break()
        run = line.add_run(printable(content.detail))
        run.font.size, run.font.color.rgb = Pt(_DETAIL_PT), _QUIET


def _write(cell: Any, column: Column, text: str, size: float, *, bold: bool) -> Any:
    line = cell.paragraphs[0]
    line.paragraph_format.space_after = Pt(0)
    if column.align == "end":
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    run = line.add_run(printable(text))
    run.bold, run.font.size = bold, Pt(size)
    return line


def _mark(row: Any, name: str) -> None:
    properties = row._tr.get_or_add_trPr()  # noqa: SLF001 - python-docx has no words for it
    properties.append(OxmlElement(name))


def _pad(grid: Any) -> None:
    """Set margins of cells, and widths that hold whatever the text."""
    grid.autofit = False
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(Mm(_PAD_MM).twips))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    look = grid._tbl.tblPr.find(qn("w:tblLook"))  # noqa: SLF001 - python-docx has no margins
    look.addprevious(margins)


def _shade(cell: Any) -> None:
    shade = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", _SHADE)):
        shade.set(qn(f"w:{key}"), value)
    cell._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001 - python-docx has no shading
