"""What ships with the library: a catalogue of the data files and plain readers for them."""

from __future__ import annotations

import csv
import difflib
import functools
import json
from typing import TYPE_CHECKING, Any

from opiateroutes.data.resolver import data_path
from opiateroutes.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

__all__ = [
    "EVIDENCE_TABLES",
    "boundary_notice",
    "catalogue",
    "describe",
    "dictionary",
    "load_routes",
    "load_sources",
    "nearest",
    "read_evidence_table",
]

EVIDENCE_TABLES: dict[str, str] = {
    "consumption": "published consumption of heroin and opium, kg a year",
    "costs": "prior coefficients of the generalised cost of a leg",
    "flows": "published flows between countries and regions, kg a year",
    "groups": "members of the regions that published flows name",
    "itineraries": "reported seizure itineraries 2011-2016, aggregated to country pairs",
    "parameters": "conversions and assumptions, each with low, best, high and a source",
    "population": "population aged 15-64",
    "prevalence": "opiate use in the past year, percent of an age group",
    "regions": "region and subregion of each country",
    "routes": "named trafficking routes as sequences of countries",
    "seizures": "heroin, morphine and opium seized, kg a year, all editions",
    "sources": "publications: title, publisher, year, terms, how obtained",
    "supply": "opium and heroin production and exports of Afghanistan, kg a year",
}
"""Evidence tables that ship, with what each holds."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Phrase a suggestion for a name that is not known; empty if nothing is close.

    Examples
    --------
    >>> nearest("seizure", ["seizures", "supply"])
    "; did you mean 'seizures'?"
    """
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


@functools.cache
def _dictionary_rows() -> tuple[dict[str, str], ...]:
    path = data_path("evidence/dictionary.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    shared = {row["column"]: row for row in rows if row["table"] == "*"}
    return tuple(
        row if row["type"] else {**shared[row["column"]], "table": row["table"]}
        for row in rows
        if row["table"] != "*"
    )


def dictionary(table: str) -> list[dict[str, str]]:
    """Return the data dictionary of one evidence table.

    Parameters
    ----------
    table
        Name of the table, one of `EVIDENCE_TABLES`.

    Returns
    -------
    list of dict
        One entry a column: ``column``, ``type``, ``unit``, ``required``, ``meaning``.

    Raises
    ------
    UnknownNameError
        If there is no such table.

    Examples
    --------
    >>> dictionary("population")[2]["unit"]
    'persons'
    """
    if table not in EVIDENCE_TABLES:
        raise UnknownNameError(
            f"no evidence table {table!r}{nearest(table, EVIDENCE_TABLES)}; "
            f"there are {', '.join(EVIDENCE_TABLES)}"
        )
    return [dict(row) for row in _dictionary_rows() if row["table"] == table]


def read_evidence_table(table: str) -> pd.DataFrame:
    """Read one shipped evidence table with the types of the data dictionary.

    An empty cell is missing (NA), never 0.

    Parameters
    ----------
    table
        Name of the table, one of `EVIDENCE_TABLES`.

    Returns
    -------
    pandas.DataFrame
        The table, in the order of the file.

    Raises
    ------
    UnknownNameError
        If there is no such table.

    Examples
    --------
    >>> read_evidence_table("groups").columns.tolist()
    ['group', 'node', 'source']
    """
    import pandas as pd

    types = {"text": "str", "integer": "Int64", "number": "float64"}
    columns = {row["column"]: types[row["type"]] for row in dictionary(table)}
    # "NA" is a code and "None" a name somewhere: only an empty cell is missing.
    return pd.read_csv(
        data_path(f"evidence/{table}.csv"), dtype=columns, keep_default_na=False, na_values=[""]
    )


def load_sources() -> pd.DataFrame:
    """Return the publications behind the figures.

    Returns
    -------
    pandas.DataFrame
        Index ``source``; columns ``title``, ``publisher``, ``year``, ``url``, ``terms``,
        ``obtained``.

    Examples
    --------
    >>> load_sources().loc["wdr2025_7_1", "publisher"]
    'UNODC'
    """
    return read_evidence_table("sources").set_index("source")


def load_routes() -> pd.DataFrame:
    """Return the named routes as published sequences of countries.

    Returns
    -------
    pandas.DataFrame
        One row a route: ``route``, ``family`` (Balkan, Northern, Southern, Caucasus), ``name``,
        ``nodes`` (ids joined by ``>``), ``main_destinations``, ``source``, ``confidence``,
        ``note``.

    Examples
    --------
    >>> sorted(load_routes()["family"].unique())
    ['Balkan', 'Caucasus', 'Northern', 'Southern']
    """
    return read_evidence_table("routes")


def boundary_notice() -> str:
    """Return the notice on boundaries and names that stands on every map.

    Examples
    --------
    >>> "United Nations" in boundary_notice()
    True
    """
    return data_path("geo/boundary_notice.txt").read_text(encoding="utf-8").strip()


def _geo_files() -> dict[str, Any]:
    manifest = json.loads(data_path("geo/manifest.json").read_text(encoding="utf-8"))
    files: dict[str, Any] = manifest["files"]
    return files


def catalogue() -> pd.DataFrame:
    """List the data files that ship.

    Returns
    -------
    pandas.DataFrame
        Index ``name`` (``evidence/...`` or ``geo/...``); columns ``rows``, ``what``, ``licence``.

    Examples
    --------
    >>> int(catalogue().loc["evidence/seizures", "rows"]) > 4000
    True
    """
    import pandas as pd

    rows = [
        {
            "name": f"evidence/{table}",
            "rows": len(read_evidence_table(table)),
            "what": what,
            "licence": "figures: terms of each source, see evidence/sources",
        }
        for table, what in EVIDENCE_TABLES.items()
    ]
    rows += [
        {
            "name": f"geo/{name}",
            "rows": entry.get("rows"),
            "what": entry.get("what", ""),
            "licence": entry["licence"],
        }
        for name, entry in _geo_files().items()
    ]
    return pd.DataFrame(rows).astype({"rows": "Int64"}).set_index("name")


def describe(name: str) -> dict[str, Any]:
    """Describe one shipped file: columns with unit and meaning, or the entry of the manifest.

    Parameters
    ----------
    name
        A name of `catalogue`; ``evidence/`` may be left out.

    Returns
    -------
    dict
        ``name``, ``what``, ``licence``, ``rows`` and, for evidence, ``columns`` and ``sources``.

    Raises
    ------
    UnknownNameError
        If nothing of that name ships.

    Examples
    --------
    >>> describe("seizures")["what"]
    'heroin, morphine and opium seized, kg a year, all editions'
    """
    table = catalogue()
    full = name if name in table.index else f"evidence/{name}"
    if full not in table.index:
        short = nearest(name, EVIDENCE_TABLES)
        hint = nearest(full if short else name, table.index)
        raise UnknownNameError(f"no data {name!r}{hint}; 'opiateroutes data list' shows all")
    row = table.loc[full]
    entry: dict[str, Any] = {
        "name": full,
        "what": row["what"],
        "licence": row["licence"],
        "rows": None if row.isna()["rows"] else int(row["rows"]),
    }
    if full.startswith("evidence/"):
        short = full.removeprefix("evidence/")
        keys = ("column", "type", "unit", "required", "meaning")
        entry["columns"] = [{key: row[key] for key in keys} for row in dictionary(short)]
        frame = read_evidence_table(short)
        if "source" in frame and short != "sources":
            ids = frame["source"].dropna().str.split("; ").explode()
            entry["sources"] = {key: int(n) for key, n in ids.value_counts().sort_index().items()}
    else:
        entry.update(_geo_files()[full.removeprefix("geo/")])
    return entry
