"""Reading the annexes of the World Drug Report into tables, each by a function of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from opiateroutes.errors import UnknownNameError
from opiateroutes.evidence.importers.reading import USER_SOURCE, read_file, with_attrs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

__all__ = ["read_cultivation", "read_prevalence", "read_prices"]


def read_prices(
    path: str | Path,
    *,
    kind: Literal["price", "purity"] = "price",
    source: str = USER_SOURCE,
    edition: int | None = None,
) -> pd.DataFrame:
    """Read a published file of drug prices, or of purities.

    Parameters
    ----------
    path, source, edition
        See `read_file`.
    kind
        What is read: annex 8.1 has both, and they are different tables.

    Returns
    -------
    pandas.DataFrame
        Rows of the table ``prices`` (US dollars per kilogram, purity as sold) or ``purities`` (per
        cent), each level of sale and each row of the file apart; ``attrs`` as in `read_seizures`.

    Raises
    ------
    DataFileError, EvidenceError
        See `read_file`.
    """
    table = _choice("kind", kind, {"price": "prices", "purity": "purities"})
    return with_attrs(read_file(path, table=table, source=source, edition=edition))


def read_cultivation(
    path: str | Path, *, source: str = USER_SOURCE, edition: int | None = None
) -> pd.DataFrame:
    """Read a published file of opium poppy cultivation, or of opium production.

    Parameters
    ----------
    path, source, edition
        See `read_file`.

    Returns
    -------
    pandas.DataFrame
        Rows of the table ``cultivation`` (hectares; annex 6.2.1) or, if the file has production, of
        ``supply`` (kilograms; annex 6.2.2); ``attrs`` as in `read_seizures`.

    Raises
    ------
    DataFileError, EvidenceError
        See `read_file`.

    Warns
    -----
    EvidenceWarning
        With every best estimate that cannot be right and was left out.
    """
    tables = ("cultivation", "supply")
    return with_attrs(read_file(path, table=tables, source=source, edition=edition))


def read_prevalence(
    path: str | Path,
    *,
    substance: Literal["opiates", "opioids"] = "opiates",
    source: str = USER_SOURCE,
    edition: int | None = None,
) -> pd.DataFrame:
    """Read a published file of the prevalence of drug use.

    Parameters
    ----------
    path, source, edition
        See `read_file`.
    substance
        Opioids include pharmaceutical ones: another quantity, and another table.

    Returns
    -------
    pandas.DataFrame
        Rows of the table ``prevalence`` or ``prevalence_opioids`` (per cent of an age group);
        ``attrs`` as in `read_seizures`.

    Raises
    ------
    DataFileError, EvidenceError
        See `read_file`.
    """
    tables = {"opiates": "prevalence", "opioids": "prevalence_opioids"}
    table = _choice("substance", substance, tables)
    return with_attrs(read_file(path, table=table, source=source, edition=edition))


def _choice(option: str, given: str, tables: Mapping[str, str]) -> str:
    if given not in tables:
        raise UnknownNameError(f"{option}={given!r} is not known: use {' or '.join(tables)}")
    return tables[given]
