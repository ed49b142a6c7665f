"""Reading a published file as it is: find out which layout it has, then read it.

Layouts are tried in a fixed order, the most particular first. A layout is a module with ``LAYOUT``
(its name in words), ``matches(file)`` and ``read(file, source=, edition=)``.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opiateroutes.errors import DataFileError
from opiateroutes.evidence.importers import (
    cultivation_annex,
    euda_tables,
    individual_seizures,
    opioid_prevalence_annex,
    own_seizures,
    portal_seizures,
    precursor_template,
    prevalence_annex,
    price_series_annex,
    prices_annex,
    production_annex,
    purities_annex,
    seizures_annex,
)
from opiateroutes.evidence.importers.opening import open_file

if TYPE_CHECKING:
    import pandas as pd

    from opiateroutes.evidence.importers.imported import Imported

__all__ = ["LAYOUTS", "USER_SOURCE", "read_all", "read_file", "read_seizures", "with_attrs"]

log = logging.getLogger(__name__)

LAYOUTS: dict[str, tuple[Any, ...]] = {
    "seizures": (
        individual_seizures,
        seizures_annex,
        portal_seizures,
        precursor_template,
        euda_tables,
        own_seizures,
    ),
    "prices": (prices_annex, price_series_annex),
    "purities": (purities_annex,),
    "cultivation": (cultivation_annex,),
    "supply": (production_annex,),
    "prevalence": (prevalence_annex,),
    "prevalence_opioids": (opioid_prevalence_annex,),
}
"""Modules by the table that they give, the most particular layout first."""

USER_SOURCE = "user_file"


def read_file(
    path: str | Path,
    *,
    table: str | tuple[str, ...] | None = None,
    source: str = USER_SOURCE,
    edition: int | None = None,
    commodity: str | None = None,
) -> Imported:
    """Read a published file into a table of the project's schema.

    Parameters
    ----------
    path
        The file as it was downloaded: ``.xlsx``, ``.csv``, or a CSV file in a ``.zip``. Or a folder
        of extracts of individual seizures, which is streamed.
    table
        Expect this table, or one of these; by default all layouts are tried.
    source
        Key of the publication for the rows.
    edition
        Year of the edition; read off the file if not given.
    commodity
        What a table is about that names no substance anywhere (EUDA).

    Returns
    -------
    Imported
        Rows, layout, and what was left out and why.

    Raises
    ------
    DataFileError
        If the file is missing, damaged, too large once unpacked, or of no known layout.
    EvidenceError
        If cells cannot be read; nothing is read in part.
    """
    wanted = (table,) if isinstance(table, str) else table or tuple(LAYOUTS)
    if "seizures" in wanted and Path(path).is_dir():
        return individual_seizures.read_folder(Path(path), source=source, edition=edition)
    file = open_file(path)
    options = {"source": source, "edition": edition}
    modules = [module for name in wanted for module in LAYOUTS[name]]
    for module in modules:
        if module.matches(file):
            if commodity is not None:
                if not hasattr(module, "COMMODITIES"):
                    raise DataFileError(f"{file.name} names its substances: leave commodity= out")
                options["commodity"] = commodity
            imported: Imported = module.read(file, **options)
            log.info("%s", imported.summary())
            return imported
    raise DataFileError(
        f"{file.name} has none of the layouts that are known"
        + (f" for {' or '.join(wanted)}" if table else "")
        + f": {'; '.join(module.LAYOUT for module in modules)}"
    )


def read_all(
    path: str | Path, *, source: str = USER_SOURCE, edition: int | None = None
) -> list[Imported]:
    """Read every table that a published file gives: annex 8.1 has prices and purities.

    Parameters
    ----------
    path, source, edition
        See `read_file`.

    Returns
    -------
    list of Imported
        One for each table, at least one.

    Raises
    ------
    DataFileError, EvidenceError
        See `read_file`.
    """
    file = open_file(path)
    found = [t for t, modules in LAYOUTS.items() if any(m.matches(file) for m in modules)]
    wanted: list[str | None] = [*found] or [None]
    return [read_file(path, table=table, source=source, edition=edition) for table in wanted]


def read_seizures(
    path: str | Path,
    *,
    source: str = USER_SOURCE,
    edition: int | None = None,
    commodity: str | None = None,
) -> pd.DataFrame:
    """Read a published file of drug seizures, or a folder of extracts of individual seizures.

    Parameters
    ----------
    path, source, edition, commodity
        See `read_file`.

    Returns
    -------
    pandas.DataFrame
        Rows of the table ``seizures`` (kilograms of heroin, morphine, opium and acetic anhydride by
        country and year); ``attrs["layout"]`` says which layout the file has and
        ``attrs["set_aside"]`` how many rows were left out, by reason.

    Raises
    ------
    DataFileError, EvidenceError
        See `read_file`.
    """
    return with_attrs(
        read_file(path, table="seizures", source=source, edition=edition, commodity=commodity)
    )


def with_attrs(imported: Imported) -> pd.DataFrame:
    """Return the rows of a file; what else is known of it stands in ``attrs``."""
    frame = imported.frame.copy()
    frame.attrs["layout"] = imported.layout
    frame.attrs["notes"] = imported.notes
    frame.attrs["set_aside"] = {str(why): int(n) for why, n in imported.set_aside.items()}
    return frame
