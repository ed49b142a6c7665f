"""Countries of records: each distinct name is resolved once, however many records have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from opiateroutes.errors import EvidenceError
from opiateroutes.evidence.importers.former_names import present_names
from opiateroutes.evidence.place_names import resolve_places

if TYPE_CHECKING:
    from opiateroutes.evidence.schema import Failure

__all__ = ["CountryCodes"]

_OVERSEAS = frozenset({"GLP", "GUF", "MTQ", "MYT", "REU"})


class CountryCodes:
    """Codes by name as published.

    Parameters
    ----------
    failures
        Names that are not known are added here.

    Examples
    --------
    >>> codes = CountryCodes([])
    >>> names = pd.Series(["Turkey", "Unknown", "Netherlands Antilles"])
    >>> codes.of(names, file="a.csv", column="country").tolist()
    ['TUR', None, None]
    """

    def __init__(self, failures: list[Failure]) -> None:
        self._failures = failures
        self._codes: dict[str, str | None] = {}

    def of(self, names: pd.Series, *, file: str, column: str) -> np.ndarray:
        """Return codes; None where no present country is named."""
        new = names[[name not in self._codes for name in names]]
        if len(new):
            self._codes |= self._resolve(new, file, column)
        return np.array([self._codes[name] for name in names], dtype="object")

    def _resolve(self, names: pd.Series, file: str, column: str) -> dict[str, str | None]:
        present, _ = present_names(names)
        overseas = present.isin(_OVERSEAS)
        plain = present.where(~overseas, None)
        try:
            codes = resolve_places(plain, file=file, column=column)
        except EvidenceError as error:
            # All files are read to the end, so that all names are reported at once.
            self._failures += error.failures.itertuples(index=False, name=None)
            return dict.fromkeys(names)
        found = codes.astype("object").where(~overseas, present)
        return {n: None if pd.isna(c) else str(c) for n, c in zip(names, found, strict=True)}
