"""What python-docx has no words for: fields, languages, styles, texts of pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

if TYPE_CHECKING:
    from docx.document import Document

__all__ = ["add_field", "describe_picture", "dress", "start_new_page"]

_INK, _ACCENT, _QUIET = (
    RGBColor(0x1B, 0x1F, 0x24),
    RGBColor(0x00, 0x53, 0x8F),
    RGBColor(0x4D, 0x56, 0x61),
)
_FONT = "Arial"
_SIZES_PT = {
    "Normal": 10,
    "List Bullet": 10,
    "Title": 22,
    "Subtitle": 11,
    "Heading 1": 15,
    "Heading 2": 12,
    "Caption": 9,
    "Intense Quote": 10,
}


def dress(document: Document, *, title: str, language: str) -> None:
    """Set paper, language, styles and footer of a new document.

    Parameters
    ----------
    document
        The document; it is changed.
    title
        What stands at the foot of each page, with the number of the page.
    language
        Language of the text, for spelling and for screen readers.
    """
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(18)
    page.top_margin, page.bottom_margin = Mm(18), Mm(20)
    styles: Any = document.styles
    styles.add_style("Note", WD_STYLE_TYPE.PARAGRAPH).base_style = styles["Normal"]
    for name, size in {**_SIZES_PT, "Note": 8.5}.items():
        _set_font(styles[name], size)
    for name in ("Title", "Heading 1", "Heading 2"):
        styles[name].font.color.rgb = _ACCENT
    for name in ("Subtitle", "Note"):
        styles[name].font.color.rgb = _QUIET
    for name in ("Subtitle", "Intense Quote"):
        styles[name].font.italic = False
    styles["Intense Quote"].font.bold = False
    styles["Intense Quote"].paragraph_format.left_indent = Mm(4)
    defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    spelling = defaults.find(qn("w:lang"))
    spelling.set(qn("w:val"), language)
    foot = page.footer.paragraphs[0]
    foot.style = styles["Note"]
    foot.add_run(f"{title}  |  ")
    add_field(foot, "PAGE", "1")
    foot.add_run(" / ")
    add_field(foot, "NUMPAGES", "1")


def add_field(paragraph: Any, code: str, shown: str) -> None:
    """Add a field that Word works out, and what it shows until then."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = shown
    run.append(text)
    field.append(run)
    paragraph._p.append(field)  # noqa: SLF001 - python-docx has no fields


def describe_picture(shape: Any, alt: str) -> None:
    """Give a picture the text that a screen reader reads."""
    shape._inline.docPr.set("descr", alt)  # noqa: SLF001 - python-docx has no text for pictures


def start_new_page(heading: Any) -> None:
    """Have a heading begin a page."""
    heading.paragraph_format.page_break_before = True


def _set_font(style: Any, size: float) -> None:
    style.font.name, style.font.size, style.font.color.rgb = _FONT, Pt(size), _INK
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    # Fonts of the theme would go before the name that is set.
    for attribute in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(attribute), None)
