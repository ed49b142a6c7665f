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
    "GEO_FILES",
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
    "cultivation": "area under opium poppy, hectares, Afghanistan and context countries",
    "finance": "illicit financial flows and profits of the opiate trade",
    "flows": "published flows between countries and regions, kg a year",
    "groups": "members of the regions that published flows name",
    "itineraries": "reported seizure itineraries 2011-2016, aggregated to country pairs",
    "parameters": "conversions and assumptions, each with low, best, high and a source",
    "policy": "Paris Pact partners and pillars, members of regional bodies",
    "place_names": "names and codes that publications use for countries, beside the official ones",
    "population": "population aged 15-64",
    "precursors": "acetic anhydride needed, made lawfully and stopped, kg a year",
    "prevalence": "opiate use in the past year, percent of an age group",
    "prevalence_opioids": "opioid use in the past year, prescription opioids included, percent",
    "prices": "heroin, morphine and opium prices, USD per kg, all editions",
    "purities": "retail purity of heroin, percent",
    "regions": "region and subregion of each country",
    "routes": "named trafficking routes as sequences of countries",
    "seizures": "heroin, morphine, opium and acetic anhydride seized, kg a year, all editions",
    "shares": "published shares of flows, consumption and seizures, percent",
    "sources": "publications: title, publisher, year, terms, how obtained",
    "supply": "opium and heroin production and exports of Afghanistan, kg a year",
    "use_per_user": "heroin used by one user, grams a year",
    "users": "users of heroin, opiates and opioids, persons",
    "yields": "opium yield in Afghanistan, kg per hectare",
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


GEO_FILES: dict[str, str] = {
    "boundaries.parquet": "land boundaries by pair of countries, with status",
    "boundary_notice.txt": "the notice on boundaries and names of every map",
    "countries.parquet": "countries and areas of the world",
    "country_legs.csv": "legs of the country network, each with the reason it exists",
    "country_names.csv": "short names of countries in English",
    "country_names_languages.csv": "names of countries in nine languages",
    "country_nodes.csv": "countries of the network, each at one of its cities",
    "crossing_legs.parquet": "legs of the crossing network: borders, roads, lanes, flights",
    "crossing_nodes.csv": "sides of crossings, ports, airports and cities of the crossing network",
    "disputed_lines.parquet": "lines that are not international boundaries, with status",
    "hubs.csv": "hub cities of the study area",
    "points.csv": "official crossings, ports and airports, with precision",
    "provinces.parquet": "provinces of Afghanistan, its neighbours, Kazakhstan and Kyrgyzstan",
    "sea_links.csv": "pairs of ports with a shipping lane or ferry",
}
"""Geodata files that ship, with what each holds."""


def _manifest() -> dict[str, Any]:
    text = data_path("geo/manifest.json").read_text(encoding="utf-8")
    manifest: dict[str, Any] = json.loads(text)
    return manifest


def _column_names(file: str) -> list[str]:
    path = data_path(f"geo/{file}")
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as stream:
            return next(csv.reader(stream))
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        return [str(name) for name in pq.read_schema(path).names]
    return []


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
            "what": GEO_FILES[name],
            "licence": entry["licence"],
        }
        for name, entry in _manifest()["files"].items()
    ]
    return pd.DataFrame(rows).astype({"rows": "Int64"}).set_index("name")


def describe(name: str) -> dict[str, Any]:
    """Describe one shipped file: what it holds, its columns, its sources and its licence.

    Parameters
    ----------
    name
        A name of `catalogue`; the folder and the ending may be left out.

    Returns
    -------
    dict
        ``name``, ``what``, ``licence``, ``rows``, ``columns`` and ``sources``: for evidence with
        type, unit and meaning, and rows by source; for geodata names, and origin by source.

    Raises
    ------
    UnknownNameError
        If nothing of that name ships.

    Examples
    --------
    >>> describe("seizures")["what"]
    'heroin, morphine, opium and acetic anhydride seized, kg a year, all editions'
    """
    table = catalogue()
    meant = (name, f"evidence/{name}", *(f"geo/{name}{end}" for end in ("", ".csv", ".parquet")))
    full = next((candidate for candidate in meant if candidate in table.index), None)
    if full is None:
        shorts = {str(key).split("/")[1].split(".")[0]: str(key) for key in table.index}
        plain = name.rsplit("/", 1)[-1].split(".", maxsplit=1)[0]
        close = difflib.get_close_matches(plain, shorts, n=1, cutoff=0.6)
        hint = f"; did you mean {shorts[close[0]]!r}?" if close else ""
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
        short = full.removeprefix("geo/")
        manifest = _manifest()
        origins = {source["source"]: source["origin"] for source in manifest["sources"]}
        entry["sha256"] = manifest["files"][short]["sha256"]
        entry["columns"] = [{"column": column} for column in _column_names(short)]
        entry["sources"] = {key: origins[key] for key in manifest["files"][short]["sources"]}
    return entry
