"""Saving a report: the ending of the file name chooses the format."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opiateroutes.data import require_writable, write_atomically

if TYPE_CHECKING:
    from opiateroutes.reports.document import Report

__all__ = ["REPORT_FORMATS", "require_saveable", "save_report"]

_WRITERS = {".html": "html", ".pdf": "pdf", ".docx": "docx", ".xlsx": "xlsx"}

REPORT_FORMATS: tuple[str, ...] = tuple(_WRITERS)
"""Endings that a report can be saved with."""


def require_saveable(path: str | Path) -> None:
    """Refuse a place or a format that cannot be written, before any long work is done for it.

    Parameters
    ----------
    path
        Where a report is to be saved.

    Raises
    ------
    OutputError
        If the ending is not known, the place cannot be written, or what a PDF needs is missing.

    Examples
    --------
    >>> import tempfile
    >>> require_saveable(tempfile.gettempdir() + "/report.html")
    """
    require_writable(path, REPORT_FORMATS)
    if Path(path).suffix.lower() == ".pdf":
        _writer(".pdf").load_weasyprint()


def save_report(report: Report, path: str | Path) -> Path:
    """Write a report; see `Report.save`.

    Examples
    --------
    >>> import tempfile
    >>> from opiateroutes.reports.document import Report
    >>> save_report(Report("A title", "", "en", (), {}), tempfile.mkdtemp() + "/a.docx").name
    'a.docx'
    """
    require_saveable(path)
    content: bytes = _writer(Path(path).suffix.lower()).render(report)
    return write_atomically(path, lambda draft: draft.write_bytes(content))


def _writer(ending: str) -> Any:
    """Import the module of a format; the others need not be installed."""
    return importlib.import_module(f"opiateroutes.reports.{_WRITERS[ending]}")
