"""Names of countries and areas as a printed map writes them, and as people type them."""

from __future__ import annotations

import csv

from opiateroutes.data import data_path

__all__ = ["codes_by_name", "short_names"]


def short_names() -> dict[str, str]:
    """Short English names of countries and areas, by code.

    Examples
    --------
    >>> short_names()["IRN"]
    'Iran'
    """
    return {row["iso3"]: row["short_name"] for row in _rows()}


def codes_by_name() -> dict[str, str]:
    """Codes by name, short or in full, in small letters.

    Examples
    --------
    >>> codes_by_name()["iran (islamic republic of)"], codes_by_name()["türkiye"]
    ('IRN', 'TUR')
    """
    columns = ("name", "short_name")
    return {row[column].casefold(): row["iso3"] for column in columns for row in _rows()}


def _rows() -> list[dict[str, str]]:
    with data_path("geo/country_names.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
