"""A report as one HTML file that loads nothing, runs nothing and prints well on A4."""

from __future__ import annotations

import base64
import functools
import hashlib
from importlib import resources
from typing import TYPE_CHECKING
from urllib.parse import quote

from jinja2 import Environment
from markupsafe import Markup

from opiateroutes.reports.characters import printable
from opiateroutes.reports.document import Bullets, Figure, Paragraph, Section, Table
from opiateroutes.reports.numbering import Numbering
from opiateroutes.reports.wording import wording

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Template

    from opiateroutes.reports.document import Report

__all__ = ["page_of", "render"]

_KINDS = {
    "bullets": Bullets,
    "figure": Figure,
    "paragraph": Paragraph,
    "section": Section,
    "table": Table,
}


_AS_IT_IS = " /:=;,.()+!$*@?"


def render(report: Report) -> bytes:
    """Write a report as HTML.

    Parameters
    ----------
    report
        What to write; all of its text is escaped.

    Returns
    -------
    bytes
        One page in UTF-8, with its style and its pictures; a policy in it forbids to load or to
        run anything.

    Examples
    --------
    >>> from opiateroutes.reports.document import Report
    >>> b"&lt;b&gt;" in render(Report("<b>", "", "en", (), {}))
    True
    """
    return page_of(report).encode()


def page_of(report: Report) -> str:
    """Return the page of a report as text.

    Examples
    --------
    >>> from opiateroutes.reports.document import Report
    >>> page_of(Report("A title", "", "fr", (), {})).splitlines()[1]
    '<html lang="fr" dir="ltr">'
    """
    words = wording(report.language)
    order = Numbering(report)
    style = _asset("report.css").replace('"FOOTER"', _css_text(report.title))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page = _template().render(
        report=report,
        direction=words.direction,
        say=words.say,
        style=Markup(style),  # noqa: S704 - our own file, and a title written as a CSS string
        policy=(
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
            "form-action 'none'"
        ),
        generator=str(report.provenance.get("package", "opiateroutes")),
        anchor=order.anchor,
        number=order.number,
        picture=_picture,
    )
    return printable(page)


@functools.cache
def _template() -> Template:
    # Everything is escaped, whatever the name of the template.
    pages = Environment(autoescape=True, keep_trailing_newline=True)
    for name, kind in _KINDS.items():
        pages.tests[name] = _is_a(kind)
    return pages.from_string(_asset("report.html.jinja"))


def _is_a(kind: type) -> Callable[[object], bool]:
    return lambda item: isinstance(item, kind)


@functools.cache
def _asset(name: str) -> str:
    text = (resources.files("opiateroutes.reports") / "templates" / name).read_text("utf-8")
    # Browsers turn CR LF into LF before they hash a style; the page has to hold what they hash.
    return text.replace("\r\n", "\n")


def _picture(figure: Figure) -> str:
    # An image, not markup of the page: names in one drawing cannot clash with those in another.
    return f"data:image/svg+xml,{quote(figure.svg.decode(), safe=_AS_IT_IS)}"


def _css_text(text: str) -> str:
    """Write text as a CSS string that can hold no markup."""
    safe = "".join(c if c.isalnum() or c in " ,.:;%()-" else f"\\{ord(c):x} " for c in text)
    return f'"{safe}"'
