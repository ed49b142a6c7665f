"""Names and positions of countries that records name, as far as they are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from opiateroutes.data import area_labels, data_path
from opiateroutes.network.shipped import load_network

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["place_nodes"]


def place_nodes(labels: Sequence[str], cases: NDArray[np.int64]) -> pd.DataFrame:
    """Tabulate the places that at least one case names.

    Parameters
    ----------
    labels
        Ids of places.
    cases
        Cases that name each.

    Returns
    -------
    pandas.DataFrame
        ``node``, ``name``, ``kind``, ``iso3``, ``label``, ``lon``, ``lat`` (where the country
        stands in the shipped network, or else a point inside it; missing for ids that are no codes
        of countries), ``cases``, ``why``.

    Examples
    --------
    >>> place_nodes(["AFG", "elsewhere"], np.array([5, 1]))["name"].tolist()
    ['Afghanistan', 'elsewhere']
    """
    named = np.flatnonzero(cases > 0)
    index = pd.Index(np.array(labels, dtype=object)[named], name="node", dtype="str")
    areas, positions = area_labels(), _positions()
    code = index.to_series().where(index.isin(areas.index))
    known = areas.reindex(index)
    plain = index.to_series()
    table = pd.DataFrame(
        {
            "name": known["name"].fillna(plain),
            "kind": "country",
            "iso3": code,
            "label": known["short_name"].fillna(plain),
            "lon": positions["lon"].reindex(index),
            "lat": positions["lat"].reindex(index),
            "cases": cases[named],
        },
        index=index,
    )
    table["why"] = "named in " + table["cases"].astype("str") + " reported case(s)"
    return table.reset_index()


def _positions() -> pd.DataFrame:
    """Longitude and latitude by code: the shipped network goes before points inside countries."""
    nodes = load_network("countries").nodes
    areas = gpd.read_parquet(data_path("geo/countries.parquet")).set_index("iso3")
    inside = areas.geometry.representative_point()
    points = pd.concat([nodes.geometry, inside[~inside.index.isin(nodes.index)]])
    return pd.DataFrame({"lon": points.x, "lat": points.y}, index=points.index)
