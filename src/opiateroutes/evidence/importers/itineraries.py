"""Itineraries of individual seizures: made, departed, seized and bound for where."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from opiateroutes.errors import DataFileError, EvidenceWarning
from opiateroutes.evidence.importers.individual_records import ROUTE, find_records
from opiateroutes.evidence.importers.individual_seizures import (
    LAYOUT,
    added_up,
    files_in,
    kilograms_of,
)
from opiateroutes.evidence.importers.opening import CSV, open_file
from opiateroutes.evidence.importers.text_columns import grids
from opiateroutes.evidence.importers.workbook_rows import has_sheet
from opiateroutes.evidence.parameters import load_parameters

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from opiateroutes.evidence.importers.opening import OpenedFile
    from opiateroutes.evidence.importers.text_columns import Find

__all__ = ["read_itineraries"]

PLACES = ("producing", "departure", "seized", "destination")


def read_itineraries(path: str | Path) -> pd.DataFrame:
    r"""Read where reported seizures of opiates came from and were bound for, by country.

    Records are added up by itinerary, year and substance. Heroin and morphine count by weight as
    reported (one to one), opium divided by the parameter ``opium_per_heroin``. Nothing within a
    country is read: no town, border post or address. Records without a weight are left out.

    Parameters
    ----------
    path
        The extract of individual drug seizures with countries of production, departure and
        destination (2011-2016), as a table of text, zipped or not, or a workbook with a sheet a
        year; or a folder of such files, which is streamed and may be larger than memory.

    Returns
    -------
    pandas.DataFrame
        ``producing``, ``departure``, ``seized``, ``destination`` (ISO 3166-1 alpha-3; missing where
        the country is not known, or several are), ``year``, ``commodity``, ``cases`` and
        ``kg_heroin_equivalent``. ``attrs``: ``layout``, ``set_aside`` (records left out, by
        reason) and ``notes`` (assumptions).

    Raises
    ------
    DataFileError
        If a file is missing, damaged, of another layout or without itineraries.
    EvidenceError
        With every country, date or amount that cannot be read.

    Warns
    -----
    EvidenceWarning
        If "Namibia" stands for "not available", or files have a country and year in common.

    Examples
    --------
    >>> import tempfile
    >>> columns = "COUNTRY;SEIZURE_DATE;DRUG_NAME;AMOUNT;DRUG_UNIT;"
    >>> places = "PRODUCING_COUNTRY;DEPARTURE_COUNTRY;DESTINATION_COUNTRY"
    >>> record = "Iran;2014-05-01;Heroin;2.5;Kilogram;Afghanistan;Unknown;Turkey"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "extract.csv")
    ...     _ = file.write_text(f"{columns}{places}\n{record}\n")
    ...     records = read_itineraries(file)
    >>> records[["producing", "departure", "seized", "destination"]].iloc[0].tolist()
    ['AFG', nan, 'IRN', 'TUR']
    >>> float(records.at[0, "kg_heroin_equivalent"])
    2.5
    """
    place = Path(path)
    files = _with_routes(files_in(place) if place.is_dir() else [open_file(place)])
    summed, tally = added_up(files, str(place), routes=True)
    frame = _tidy(summed)
    for note in (miscoded := _miscoded(tally.miscoded)):
        warnings.warn(f"{place}: {note}", EvidenceWarning, stacklevel=2)
    frame.attrs["layout"] = f"{LAYOUT}, with itineraries"
    frame.attrs["set_aside"] = {why: n for why, n in tally.set_aside.items() if n}
    frame.attrs["notes"] = (_conversion(), *miscoded)
    return frame


def _tidy(summed: pd.DataFrame) -> pd.DataFrame:
    """Give the sums their types, and the weight in heroin."""
    opium = load_parameters().get("opium_per_heroin").best
    # Morphine becomes heroin of nearly the same weight; opium weighs several times as much.
    per_kg = summed["commodity"].map({"heroin": 1.0, "morphine": 1.0, "opium": 1.0 / opium})
    frame = summed[[*PLACES, "year", "commodity", "cases"]].astype(
        {**dict.fromkeys([*PLACES, "commodity"], "str"), "year": "Int64", "cases": "Int64"}
    )
    frame["kg_heroin_equivalent"] = kilograms_of(summed) * per_kg.astype("float64")
    return frame


def _miscoded(records: int) -> list[str]:
    if not records:
        return []
    return [
        (
            f"{records} records linked with India name Namibia as country of production: a "
            'mis-read "NA" for "not available"; it is taken as not known'
        )
    ]


def _conversion() -> str:
    ratio = load_parameters().get("opium_per_heroin")
    return (
        f"opium counts as heroin at {ratio.best:g} to 1 ({ratio.low:g} to {ratio.high:g} are "
        f"published, source {ratio.source}), morphine at 1 to 1; purity is not known"
    )


def _with_routes(files: list[OpenedFile]) -> list[OpenedFile]:
    """Refuse files without itineraries, and those of another layout."""
    for file in files:
        if _has(file, _find_routes):
            continue
        if _has(file, find_records):
            raise DataFileError(
                f"{file.name} has no columns for the countries of production, departure and "
                "destination: UNODC left them out of its present extract, the one of 2011-2016 has "
                "them"
            )
        raise DataFileError(f"{file.name} is no extract of individual drug seizures")
    return files


def _has(file: OpenedFile, find: Find) -> bool:
    if file.kind == CSV:
        return bool(grids(file, find, head=True))
    return has_sheet(file, find)


def _find_routes(rows: Sequence[Sequence[object]]) -> tuple[int, dict[str, int]] | None:
    place = find_records(rows)
    return place if place is not None and set(ROUTE) <= set(place[1]) else None
