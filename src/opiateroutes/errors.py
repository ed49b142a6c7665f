"""Every exception and warning of the library; this module imports nothing of it.

Each error also inherits from the builtin that a caller would expect, so that ``except ValueError``
keeps working in code that does not know this library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ConflictingEvidenceError",
    "ConvergenceError",
    "DataFileError",
    "DivergentRoutesError",
    "EvidenceError",
    "EvidenceWarning",
    "MapError",
    "NetworkError",
    "NetworkWarning",
    "OfflineError",
    "OpiateRoutesError",
    "OutputError",
    "UnknownNameError",
    "UnreachableError",
    "ValidationError",
]


class OpiateRoutesError(Exception):
    """Base of every error that this library raises on purpose."""


class ValidationError(OpiateRoutesError, ValueError):
    """A table breaks its rules; all failures are collected before this is raised.

    Parameters
    ----------
    message
        What is wrong, in one line.
    failures
        One row for each failure, with the columns ``table``, ``row``, ``column``, ``value``,
        ``rule`` and ``hint``.
    """

    def __init__(self, message: str, failures: pd.DataFrame) -> None:
        self.failures = failures
        lines = [
            f"  {f.table}, row {f.row}, column {f.column}: {f.value!r}: {f.rule}"
            + (f" ({f.hint})" if f.hint else "")
            for f in failures.head(5).itertuples()
        ]
        more = len(failures) - len(lines)
        if more > 0:
            lines.append(f"  ... and {more} more in .failures")
        self._message = message
        super().__init__("\n".join([message, *lines]))

    def __reduce__(self) -> tuple[type[ValidationError], tuple[str, pd.DataFrame]]:
        # Errors of a worker process travel to its parent pickled.
        return type(self), (self._message, self.failures)


class NetworkError(ValidationError):
    """Nodes and legs do not form a network."""


class NetworkWarning(UserWarning):
    """The network is usable, under an assumption that the message states."""


class EvidenceError(ValidationError):
    """An evidence table breaks its schema or names what the network does not have."""


class EvidenceWarning(UserWarning):
    """Evidence is usable, under an assumption that the message states."""


class UnknownNameError(OpiateRoutesError, KeyError):
    """A name (country, level, year, table) is not known; the message offers the nearest."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class DataFileError(OpiateRoutesError, FileNotFoundError):
    """A file that should be read is missing or is not what its name says."""


class OutputError(OpiateRoutesError, OSError):
    """A file cannot be written; nothing was left half written."""


class UnreachableError(OpiateRoutesError, ValueError):
    """Evidence sits where no route from a supply leads."""


class DivergentRoutesError(OpiateRoutesError, ValueError):
    """The weights of all routes add up to infinity: going round a cycle costs too little."""


class ConflictingEvidenceError(ValidationError):
    """Evidence that must hold exactly cannot hold together.

    ``failures`` lists a minimal set of rows that clash: the others of the set fit as soon as one of
    them is left out. Where it was worked out, further columns say between what each row should lie
    (``low_kg``, ``high_kg``), the least total change that makes the set fit (``clash_kg``), whether
    all other rows fit without it (``rest_fits``) and what it could then be (``least_kg``,
    ``most_kg``).
    """


class ConvergenceError(OpiateRoutesError, ArithmeticError):
    """The solver stopped before its certificate was good enough."""


class MapError(OpiateRoutesError, ValueError):
    """What should be drawn cannot be drawn."""


class OfflineError(MapError):
    """A page would ask the network for something; it was not written."""
