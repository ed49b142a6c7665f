"""World Drug Report, annex 1.2, sheet Opiates: share of people who used opiates in a year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opiateroutes.evidence.importers.prevalence_table import (
    prevalence_sheets,
    read_prevalence_sheets,
)

if TYPE_CHECKING:
    from opiateroutes.evidence.importers.imported import Imported
    from opiateroutes.evidence.importers.opening import OpenedFile

__all__ = ["LAYOUT", "matches", "read"]

LAYOUT = "UNODC World Drug Report, annex 1.2 (prevalence of opiate use)"


def matches(file: OpenedFile) -> bool:
    """Tell whether a workbook has this layout."""
    return bool(prevalence_sheets(file, "opiates"))


def read(file: OpenedFile, *, source: str, edition: int | None) -> Imported:
    """Read the prevalence of opiate use, of the United Kingdom by territory.

    Parameters
    ----------
    file
        The workbook.
    source
        Key of the publication.
    edition
        Year of the edition; found in the title or the years if not given.

    Returns
    -------
    Imported
        Rows of ``prevalence``.

    Raises
    ------
    EvidenceError
        With every country, year or share that cannot be read.
    """
    return read_prevalence_sheets(
        file, "opiates", layout=LAYOUT, table="prevalence", source=source, edition=edition
    )
