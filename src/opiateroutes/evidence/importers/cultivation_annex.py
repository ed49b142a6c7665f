"""World Drug Report, annex 6.2.1: area under opium poppy by country and year, in hectares."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.evidence.importers.crop_estimates import crop_estimates
from opiateroutes.evidence.importers.crop_table import crop_sheets
from opiateroutes.evidence.importers.imported import Imported, checked

if TYPE_CHECKING:
    from opiateroutes.evidence.importers.crop_table import CropSheet
    from opiateroutes.evidence.importers.opening import OpenedFile

__all__ = ["LAYOUT", "matches", "read"]

LAYOUT = "UNODC World Drug Report, annex 6.2.1 (cultivation of opium poppy)"

_CROP = re.compile(r"opium|poppy", re.IGNORECASE)
_MEASURE = re.compile(r"cultivation", re.IGNORECASE)
_UNIT = re.compile(r"hectare|\bha\b", re.IGNORECASE)
_OTHER = re.compile(r"eradicat|yield|per hectare|/\s*ha\b", re.IGNORECASE)


def matches(file: OpenedFile) -> bool:
    """Tell whether a workbook has this layout."""
    return bool(_sheets(file))


def _sheets(file: OpenedFile) -> list[CropSheet]:
    found = []
    for sheet in crop_sheets(file):
        said = f"{sheet.name} {sheet.title}"
        wanted = all(word.search(said) for word in (_CROP, _MEASURE, _UNIT))
        if wanted and not _OTHER.search(said):
            found.append(sheet)
    return found


def read(file: OpenedFile, *, source: str, edition: int | None) -> Imported:
    """Read the cultivation of opium poppy by country.

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
        Rows of ``cultivation``; see `opiateroutes.evidence.importers.crop_table` for what is not
        used and why.

    Raises
    ------
    EvidenceError
        With every country or area that cannot be read.

    Warns
    -----
    EvidenceWarning
        With every estimate that was refused.
    """
    rows, counts, edition_found = crop_estimates(file, _sheets(file), edition=edition)
    frame = pd.DataFrame(
        {
            "node": rows["node"].astype("str"),
            "year": rows["year"].astype("Int64"),
            **{f"{b}_ha": rows[b].astype("float64") for b in ("low", "best", "high")},
            "source": pd.Series(source, index=rows.index, dtype="str"),
            "edition": pd.Series(edition_found, index=rows.index, dtype="Int64"),
            "place": pd.Series("annex 6.2.1", index=rows.index, dtype="str"),
            "confidence": rows["confidence"].astype("str"),
            "note": rows["note"].replace({"": None}).astype("str"),
        }
    )
    return checked("cultivation", frame, layout=LAYOUT, file=file, set_aside=counts)
