"""What a kilogram is worth at each node of a network, with its spread, or why that is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from opiateroutes.errors import EvidenceError
from opiateroutes.evidence.spread_figures import spread_figures

if TYPE_CHECKING:
    from opiateroutes.network import RouteNetwork

__all__ = ["HEROIN", "node_prices"]

HEROIN = "heroin"
"""What a network without commodities carries, and rows without a commodity are about."""

_PERCENT = 100.0


def node_prices(
    net: RouteNetwork, prices: pd.DataFrame, purities: pd.DataFrame | None
) -> pd.DataFrame:
    """Find the price of each node: its own, else that of the place (``iso3``) it lies in.

    Parameters
    ----------
    net
        The network; in a layered one (columns ``place`` and ``commodity``) a node takes the price
        of its commodity at its place.
    prices
        See `opiateroutes.FlowFit.values`.
    purities
        The same; None leaves prices as sold.

    Returns
    -------
    pandas.DataFrame
        Index ``node``; ``priced_as`` (id of the row used), ``commodity``, ``best`` (USD per kg of
        the commodity, or of the pure one), ``log_sd``, ``note``; missing where nothing is known.

    Raises
    ------
    EvidenceError
        If a table breaks its rules, or no node has a price.
    """
    figures = spread_figures(prices, "prices", "usd_per_kg", commodity=HEROIN)
    frame = _found(net, figures)
    if frame["best"].isna().all():
        failure = [("prices", "", "node", None, "no row is about a node of the network", "")]
        columns = ["table", "row", "column", "value", "rule", "hint"]
        raise EvidenceError("nothing has a price", pd.DataFrame(failure, columns=columns))
    frame["note"] = _said(frame, "price")
    if purities is None:
        return frame
    pure = _found(net, spread_figures(purities, "purities", "percent", commodity=HEROIN))
    share = pure["best"] / _PERCENT
    return frame.assign(
        # A purity of its own makes a price of its own, even where several nodes share the price.
        priced_as=frame["priced_as"] + " at purity of " + pure["priced_as"],
        best=frame["best"] / share,
        log_sd=np.hypot(frame["log_sd"], pure["log_sd"]),
        note=[
            "; ".join(filter(None, pair))
            for pair in zip(frame["note"], _said(pure, "purity"), strict=True)
        ],
    )


def _found(net: RouteNetwork, figures: pd.DataFrame) -> pd.DataFrame:
    """Look figures up for the nodes of a network, the narrowest place first."""
    nodes = pd.DataFrame(net.nodes.drop(columns="geometry"))
    place = nodes["place"] if "place" in nodes else nodes.index.to_series()
    commodity = nodes["commodity"] if "commodity" in nodes else pd.Series(HEROIN, nodes.index)
    known = set(figures.index)
    used = []
    for node, own, group, what in zip(nodes.index, place, nodes["iso3"], commodity, strict=True):
        keys = [(key, what) for key in (node, own, group)]
        used.append(next((key for key in keys if key in known), (pd.NA, what)))
    rows = figures.reindex(pd.MultiIndex.from_tuples(used, names=["node", "commodity"]))
    return pd.DataFrame(
        {
            "priced_as": pd.array([key for key, _ in used], dtype="string"),
            "commodity": commodity.to_numpy(object),
            **{column: rows[column].to_numpy() for column in ("best", "log_sd", "note")},
        },
        index=nodes.index,
    )


def _said(frame: pd.DataFrame, what: str) -> list[str]:
    """Say of each node what is to be known of its figure, or that there is none."""
    return [
        f"no {what} of {row.commodity} at {row.Index}"
        if pd.isna(row.best)
        else f"{row.priced_as}: {row.note}"
        if row.note
        else ""
        for row in frame.itertuples()
    ]
