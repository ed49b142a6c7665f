"""What a reading of records has met so far: what it left out and why, and what it looked up."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from opiateroutes.evidence.importers.record_countries import CountryCodes

if TYPE_CHECKING:
    from opiateroutes.evidence.schema import Failure

__all__ = ["Tally"]


class Tally:
    """Counts and look-ups of one reading, which may go over many files.

    Attributes
    ----------
    records
        Rows read.
    set_aside
        Records left out, by reason.
    failures
        Cells that cannot be read.
    miscoded
        Records whose country of production was a mis-read "NA".
    cells, in_several_files
        Pairs of country and year met in earlier files, and how many of them came again.
    substances, years, countries
        What each distinct value means, looked up once.
    """

    def __init__(self) -> None:
        self.records = 0
        self.set_aside: Counter[str] = Counter()
        self.failures: list[Failure] = []
        self.miscoded = 0
        self.cells: set[tuple[str, int]] = set()
        self.in_several_files = 0
        self.substances: dict[bytes, int] = {}
        self.years: dict[str, float] = {}
        self.countries = CountryCodes(self.failures)
