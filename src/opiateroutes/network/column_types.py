"""Types of columns, written beside the data in formats that know fewer types than a table does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from opiateroutes.network.route_network import RouteNetwork

__all__ = ["column_types", "restored"]


def column_types(net: RouteNetwork) -> dict[str, dict[str, str]]:
    """Name the type of every column of both tables, geometry apart.

    Examples
    --------
    >>> from opiateroutes import load_network
    >>> column_types(load_network("countries"))["legs"]["distance_km"]
    'float64'
    """
    return {
        table: {str(c): str(t) for c, t in frame.dtypes.items() if c != "geometry"}
        for table, frame in (("nodes", net.nodes), ("legs", net.legs))
    }


def restored(frame: pd.DataFrame, types: dict[str, str]) -> pd.DataFrame:
    """Give columns back their types, and columns that were missing throughout their place.

    Examples
    --------
    >>> restored(pd.DataFrame({"n": [1.0]}), {"n": "Int64", "note": "str"}).dtypes.tolist()
    [Int64Dtype(), <StringDtype(na_value=nan)>]
    """
    frame = frame.drop(columns=[c for c in frame.columns if c not in (*types, "geometry")])
    for column, kind in types.items():
        values = (
            frame[column] if column in frame else pd.Series(None, index=frame.index, dtype="object")
        )
        if kind == "object":
            frame[column] = values.astype("object").where(values.notna(), None)
        else:
            frame[column] = values.astype(kind)
    geometry = ["geometry"] if "geometry" in frame else []
    return frame[[*types, *geometry]]
