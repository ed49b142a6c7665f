"""Reading covariates: figures about countries and pairs of countries from other publishers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opiateroutes.errors import DataFileError
from opiateroutes.evidence.importers import (
    corruption_index,
    gravity,
    logistics,
    organized_crime,
    world_bank,
)
from opiateroutes.evidence.importers.opening import open_file
from opiateroutes.evidence.importers.reading import USER_SOURCE, with_attrs

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

__all__ = ["COVARIATES", "PAIR_COVARIATES", "read_covariates"]

COVARIATES = (world_bank, corruption_index, logistics, organized_crime)
PAIR_COVARIATES = (gravity,)


def read_covariates(
    path: str | Path, *, year: int | None = None, source: str = USER_SOURCE
) -> pd.DataFrame:
    r"""Read what may explain flows: distances, borders, trade, logistics, corruption, crime.

    Known layouts: CEPII Gravity and GeoDist, World Bank indicators and Logistics Performance Index,
    Corruption Perceptions Index, Global Organized Crime Index.

    Parameters
    ----------
    path
        The file as it was downloaded: ``.xlsx``, ``.csv``, or a CSV file in a ``.zip``.
    year
        Only this year. Where a file does not say its year, this is it. Of CEPII Gravity the latest
        year is read if none is given: all of them are more than fifty million figures.
    source
        Key of the publication.

    Returns
    -------
    pandas.DataFrame
        ``node`` (or ``from_node`` and ``to_node``), ``year`` (missing where a figure does not
        change), ``covariate``, ``value``, ``unit``, ``source``. ``attrs``: ``layout``,
        ``set_aside`` (rows left out, by reason) and ``notes``.

    Raises
    ------
    DataFileError
        If the file is missing, damaged or of no known layout, or does not say its year.
    EvidenceError
        With every country and figure that cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> text = "iso_o,iso_d,contig,dist\nAFG,IRN,1,1611.2\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "dist_cepii.csv")
    ...     _ = file.write_text(text)
    ...     read_covariates(file)[["from_node", "to_node", "covariate", "value"]].values.tolist()
    [['AFG', 'IRN', 'distance_km', 1611.2], ['AFG', 'IRN', 'shared_border', 1.0]]
    """
    file = open_file(path)
    for module in (*PAIR_COVARIATES, *COVARIATES):
        if module.matches(file):
            return with_attrs(module.read(file, source=source, year=year))
    known = "; ".join(module.LAYOUT for module in (*PAIR_COVARIATES, *COVARIATES))
    raise DataFileError(f"{file.name} has none of the layouts of covariates: {known}")
