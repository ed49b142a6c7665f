"""Covariates in long form: one figure a row, of a country or of a pair of countries.

The tables of `COVARIATE_TABLES` do not ship; the data dictionary describes their columns.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.errors import DataFileError
from opiateroutes.evidence.importers.former_names import present_names
from opiateroutes.evidence.importers.imported import Imported, refuse
from opiateroutes.evidence.importers.quantities import MISSING, Read, numbers
from opiateroutes.evidence.place_names import find_place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opiateroutes.evidence.importers.opening import OpenedFile
    from opiateroutes.evidence.schema import Failure

__all__ = [
    "COVARIATE_TABLES",
    "codes_of",
    "figures",
    "imported_covariates",
    "signed_numbers",
    "snake",
]

COVARIATE_TABLES = ("covariates", "pair_covariates")
"""Tables of the data dictionary that importers give and of which none ships."""

_NEGATIVE = re.compile(r"^\s*[-−]\s*(?=[\d.])")


def snake(name: object) -> str:
    """Write a published column name as the name of a covariate.

    Examples
    --------
    >>> snake("Logistics Competence and Quality Score"), snake("Criminality avg,")
    ('logistics_competence_and_quality_score', 'criminality_avg')
    """
    return re.sub(r"[^0-9a-z]+", "_", str(name).casefold()).strip("_")


def signed_numbers(cells: pd.Series, *, file: str, column: str) -> Read:
    """Read cells as numbers that may be negative; see `numbers`.

    Examples
    --------
    >>> signed_numbers(pd.Series(["-1.5", 2, ".."]), file="f", column="x").values.tolist()
    [-1.5, 2.0, nan]
    """

    def is_negative(cell: object) -> bool:
        if isinstance(cell, str):
            return _NEGATIVE.match(cell) is not None and cell.strip() not in MISSING
        return isinstance(cell, (int, float)) and not isinstance(cell, bool) and cell < 0

    negative = cells.map(is_negative).astype("bool")
    plain = cells.astype("object").where(
        ~negative,
        cells.map(lambda c: _NEGATIVE.sub("", c) if isinstance(c, str) else _without_sign(c)),
    )
    sizes, failures = numbers(plain, file=file, column=column)
    return Read(sizes.where(~negative, -sizes), failures)


def _without_sign(cell: object) -> object:
    return abs(cell) if isinstance(cell, (int, float)) else cell


def codes_of(cells: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Read codes of countries; files of covariates also hold groups of countries.

    Returns
    -------
    codes : pandas.Series
        Missing where there is no such country.
    left : pandas.Series
        True where a cell names something else: a group, or a state that no longer exists.

    Examples
    --------
    >>> codes, left = codes_of(pd.Series(["DEU", "KSV", "WLD", None]))
    >>> codes.tolist(), left.tolist()
    (['DEU', 'XKX', None, None], [False, False, True, False])
    """
    present, _ = present_names(cells)
    known: dict[str, str | None] = {}
    for name in {str(cell) for cell in present.dropna()}:
        code, guess = find_place(name)
        # A code is right or wrong, never nearly right.
        known[name] = code if guess is None else None
    codes = present.map(lambda cell: None if cell is None else known.get(str(cell)))
    codes = codes.astype("object").where(codes.notna(), None)
    return codes, codes.isna() & cells.notna()


def figures(
    table: pd.DataFrame,
    keys: list[str],
    columns: Mapping[str, tuple[str, str]],
    *,
    file: str,
    most: float | None = None,
) -> pd.DataFrame:
    """Turn columns of figures into rows.

    Parameters
    ----------
    table
        One row a country (or pair) and perhaps year; the index tells rows in messages.
    keys
        Columns that are kept.
    columns
        Covariate and unit of each column of figures.
    file
        For messages.
    most
        Largest figure that the scale allows.

    Returns
    -------
    pandas.DataFrame
        ``keys``, ``covariate``, ``value``, ``unit``; cells without a figure give no row.

    Raises
    ------
    EvidenceError
        With every cell that cannot be read.
    """
    failures: list[Failure] = []
    parts = [table.iloc[:0][keys].assign(covariate="", value=0.0, unit="")]
    for column, (covariate, unit) in columns.items():
        value, unread = signed_numbers(table[column], file=file, column=covariate)
        failures += unread
        if most is not None:
            off = (value < 0) | (value > most)
            failures += [
                (file, row, covariate, table.at[row, column], f"must lie in 0 to {most:g}", "")
                for row in table.index[off]
            ]
        part = table[keys].assign(covariate=covariate, value=value, unit=unit)
        parts.append(part[part["value"].notna()])
    refuse(failures, f"{file} cannot be read")
    return pd.concat(parts, ignore_index=True)


def imported_covariates(
    table: str,
    rows: pd.DataFrame,
    *,
    layout: str,
    file: OpenedFile,
    source: str,
    set_aside: Mapping[str, int] | None = None,
    notes: tuple[str, ...] = (),
) -> Imported:
    """Give rows their source and types, refuse contradictions, and wrap them.

    Raises
    ------
    DataFileError
        If there is no figure.
    EvidenceError
        If one figure is given twice with different values.
    """
    places = ["from_node", "to_node"] if table == "pair_covariates" else ["node"]
    keys = [*places, "year", "covariate"]
    types = {**dict.fromkeys([*places, "covariate", "unit"], "str"), "year": "Int64"}
    frame = rows[[*keys, "value", "unit"]].drop_duplicates().astype(types)
    if frame.empty:
        raise DataFileError(f"{file.name} has the header of {layout} and no figures")
    twice = frame.duplicated(keys, keep=False)
    refuse(
        [
            (file.name, row, str(c["covariate"]), c["value"], "is given twice and differs", "")
            for row, c in frame[twice].head(1_000).iterrows()
        ],
        f"{file.name} contradicts itself",
    )
    frame = frame.sort_values(keys, ignore_index=True)
    frame["value"] = frame["value"].astype("float64")
    frame["source"] = pd.Series(source, index=frame.index, dtype="str")
    left = {why: n for why, n in (set_aside or {}).items() if n}
    counts = pd.Series(left, dtype="int64", name="rows").rename_axis("reason")
    return Imported(table, frame, layout, file.name, counts, notes)
