"""A report as a Word document: real styles, tables whose heads repeat, pictures with words."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Any

from docx import Document
from docx.shared import Mm, Pt

from opiateroutes.data.spreadsheet import with_fixed_date
from opiateroutes.reports.characters import printable
from opiateroutes.reports.document import Bullets, Figure, Paragraph, Section, Table
from opiateroutes.reports.docx_parts import add_field, describe_picture, dress, start_new_page
from opiateroutes.reports.docx_tables import add_table
from opiateroutes.reports.numbering import Numbering
from opiateroutes.reports.wording import wording

if TYPE_CHECKING:
    from opiateroutes.reports.document import Block, Report
    from opiateroutes.reports.wording import Wording

__all__ = ["render"]

_WIDTH, _HEIGHT = Mm(174), Mm(215)
_DATE = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - what the file format holds


def render(report: Report) -> bytes:
    """Write a report for Word.

    Parameters
    ----------
    report
        What to write.

    Returns
    -------
    bytes
        A document in Office Open XML, A4; the same bytes for the same report.

    Examples
    --------
    >>> from opiateroutes.reports.document import Report
    >>> render(Report("A title", "", "en", (), {}))[:2]
    b'PK'
    """
    writer = _Writer(report)
    written = io.BytesIO()
    writer.document.save(written)
    return with_fixed_date(written)


class _Writer:
    """Adds block after block to a document."""

    def __init__(self, report: Report) -> None:
        self.document: Any = Document()
        self._numbers = Numbering(report)
        self._words: Wording = wording(report.language)
        dress(self.document, title=printable(report.title), language=report.language)
        about = self.document.core_properties
        about.title, about.language = printable(report.title), report.language
        about.author = str(report.provenance.get("package", "opiateroutes"))
        about.comments, about.created, about.modified = "", _DATE, _DATE
        self.document.add_paragraph(printable(report.title), style="Title")
        self.document.add_paragraph(printable(report.subtitle), style="Subtitle")
        for section in report.sections:
            self._add(section, 1)

    def _add(self, block: Block, level: int) -> None:
        if isinstance(block, Section):
            heading = self.document.add_heading(printable(block.title), level)
            if block.new_page:
                start_new_page(heading)
            for inner, after in zip(block.blocks, (*block.blocks[1:], None), strict=True):
                self._add(inner, level + 1)
                if isinstance(inner, Paragraph) and isinstance(after, Table):
                    self.document.paragraphs[-1].paragraph_format.keep_with_next = True
        elif isinstance(block, Paragraph):
            style = {"plain": "Normal", "key": "Intense Quote", "note": "Note"}[block.kind]
            self.document.add_paragraph(printable(block.text), style=style)
        elif isinstance(block, Bullets):
            for item in block.items:
                line = self.document.add_paragraph(style="List Bullet")
                if item.lead:
                    line.add_run(printable(item.lead)).bold = True
                    line.add_run(" ")
                line.add_run(printable(item.text))
        elif isinstance(block, Table):
            caption = self._caption("Table {number}.", block)
            caption.paragraph_format.keep_with_next = True
            add_table(self.document, block)
            note = self.document.add_paragraph(printable(block.note), style="Note")
            note.paragraph_format.space_before = Pt(3)
        else:
            self._add_figure(block)

    def _add_figure(self, figure: Figure) -> None:
        shape = self.document.add_picture(io.BytesIO(figure.png), width=_WIDTH)
        if shape.height > _HEIGHT:
            shape.width, shape.height = int(shape.width * _HEIGHT / shape.height), _HEIGHT
        describe_picture(shape, printable(figure.alt))
        self.document.paragraphs[-1].paragraph_format.keep_with_next = True
        self._caption("Figure {number}.", figure)

    def _caption(self, label: str, block: Table | Figure) -> Any:
        """Add a caption whose number Word counts on."""
        before, _, after = self._words.say(label, number="\0").partition("\0")
        line = self.document.add_paragraph(before, style="Caption")
        kind = type(block).__name__
        add_field(line, f"SEQ {kind} \\* ARABIC", str(self._numbers.number(block)))
        line.add_run(f"{after} {printable(block.caption)}")
        return line
