"""What the words around a table of the Statistical Bulletin say: substance, unit, edition."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from opiateroutes.errors import DataFileError

if TYPE_CHECKING:
    from opiateroutes.evidence.importers.opening import OpenedFile
    from opiateroutes.evidence.importers.text_columns import Grid

__all__ = ["COMMODITIES", "OTHER", "edition_in", "subject_of", "unit_of", "words_around"]

COMMODITIES = {
    "heroin": "heroin",
    "morphine": "morphine",
    "opium": "opium",
    "acetic_anhydride": "acetic anhydride",
}
"""What may be given as ``commodity``, and the word for it in titles."""

_COUNTS = re.compile(r"number of seizures|number of cases|szr\W*0*1\b|szr[-_ ]1[-_ ]")
_UNITS = {
    "kg": r"\bkgs?\b|kilogram|szr[-_ ]*0*2\b|szr[-_ ]2[-_ ]",
    "t": r"\btonnes?\b|\btons?\b",
    "g": r"\bgrams?\b|\(g\)",
    "l": r"\blit(?:re|er)s?\b",
}
_OTHER_SUBSTANCES = re.compile(
    "cocaine|crack|cannabis|hashish|resin|herb|amphetamine|mdma|ecstasy|lsd|methadone|ketamine|"
    "buprenorphine|fentanyl|ghb|khat|mushroom|cathinone"
)
OTHER = "other"
"""A substance that is not read."""


def words_around(file: OpenedFile, grid: Grid) -> list[str]:
    """Return what is written around a table: its title, its sheet, its file."""
    above = " ".join(str(cell) for row in grid.rows[: grid.header] for cell in row if cell)
    return [text.casefold() for text in (above, grid.sheet, file.member or file.path.name)]


def subject_of(file: OpenedFile, grid: Grid) -> str | None:
    """Find the substance that the nearest of title, sheet and file name speaks of."""
    for words in words_around(file, grid):
        text = re.sub(r"[\W_]+", " ", words)
        found = [name for name, word in COMMODITIES.items() if word in text]
        others = _OTHER_SUBSTANCES.search(text)
        if found or others:
            # Several substances in one title: only the reader knows which is meant.
            return OTHER if not found else found[0] if len(found) == 1 and not others else None
    return None


def unit_of(file: OpenedFile, grid: Grid) -> tuple[str, str]:
    """Find the unit of a table; also say so where it is only assumed.

    Raises
    ------
    DataFileError
        If the table counts seizures.
    """
    words = " ".join(words_around(file, grid))
    units = [unit for unit, pattern in _UNITS.items() if re.search(pattern, words)]
    if units:
        return units[0], ""
    if _COUNTS.search(words):
        raise DataFileError(
            f"{file.name} counts seizures and does not weigh them: the quantities are in the "
            "tables SZR-2"
        )
    return "kg", "the table does not state its unit: kilograms are assumed"


def edition_in(file: OpenedFile, found: list[Grid]) -> int | None:
    """Find the year of the bulletin, if a title tells it."""
    titles = " ".join(text for grid in found for text in words_around(file, grid))
    bulletin = re.search(r"bulletin\D{0,5}(20\d\d)", titles)
    return int(bulletin[1]) if bulletin else None
