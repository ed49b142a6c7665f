"""Numbers of sections, tables and figures, in the order of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opiateroutes.reports.document import Section

if TYPE_CHECKING:
    from opiateroutes.reports.document import Block, Report

__all__ = ["Numbering"]


class Numbering:
    """Counts the blocks of a report, each kind on its own, from 1.

    Parameters
    ----------
    report
        The report; a block is found again as the very object that stands in it.

    Examples
    --------
    >>> from opiateroutes.reports.document import Report
    >>> parts = (Section("One", ()), Section("Two", ()))
    >>> Numbering(Report("A title", "", "en", parts, {})).anchor(parts[1])
    'section-2'
    """

    def __init__(self, report: Report) -> None:
        self._number: dict[int, int] = {}
        self._count: dict[str, int] = {}
        self._visit(report.sections)

    def number(self, item: Block) -> int:
        """Return the number of a block."""
        return self._number[id(item)]

    def anchor(self, item: Block) -> str:
        """Return the name by which a link finds a block."""
        return f"{type(item).__name__.lower()}-{self.number(item)}"

    def _visit(self, blocks: tuple[Block, ...]) -> None:
        for item in blocks:
            kind = type(item).__name__
            self._count[kind] = self._number[id(item)] = self._count.get(kind, 0) + 1
            if isinstance(item, Section):
                self._visit(item.blocks)
