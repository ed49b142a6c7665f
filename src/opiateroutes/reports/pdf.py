"""A report as PDF, from the same page and the same print style as the HTML, by WeasyPrint."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from opiateroutes.errors import OutputError
from opiateroutes.reports.html import page_of

if TYPE_CHECKING:
    from opiateroutes.reports.document import Report

__all__ = ["load_weasyprint", "render"]


def render(report: Report) -> bytes:
    """Write a report as tagged PDF (PDF/UA-1), on A4.

    Parameters
    ----------
    report
        What to write.

    Returns
    -------
    bytes
        The document; it depends on the fonts of the machine, but not on the clock.

    Raises
    ------
    OutputError
        If WeasyPrint, or the library Pango which it needs, cannot be loaded.

    Examples
    --------
    >>> from opiateroutes.reports.document import Report
    >>> render(Report("A title", "", "en", (), {}))[:5]
    b'%PDF-'
    """
    weasyprint, fetcher = load_weasyprint()
    document = weasyprint.HTML(string=page_of(report), url_fetcher=fetcher)
    content: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
    return content


def load_weasyprint() -> tuple[Any, Any]:
    """Load WeasyPrint.

    Returns
    -------
    tuple
        The module, and a fetcher that reads what is in the page and nothing else.

    Raises
    ------
    OutputError
        If it cannot be loaded; the message says what to install, and what works without it.
    """
    try:
        import weasyprint
        from weasyprint.urls import URLFetcher
    # A library of the system that is missing is an OSError.
    except (ImportError, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise OutputError(
            f"cannot write a PDF: WeasyPrint or the library Pango cannot be loaded ({reason}). "
            "Install them (pip install 'opiateroutes[pdf]'; Pango comes with the system), or save "
            "the report as .html and print it from a browser: the layout is the same"
        ) from error
    # It warns of every property that is for screens only.
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    return weasyprint, URLFetcher(allowed_protocols=("data",))
