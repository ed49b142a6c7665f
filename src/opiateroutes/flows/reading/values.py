"""What flows are worth at both ends of each leg, and the gross profit in between.

Values are products of positive quantities that vary on their own: lognormal, their logarithms add
up. A profit is a difference and may be negative; its interval is read off a fixed Sobol sequence
[1]_, which needs no approximation of its distribution and gives the same figures every time. Where
one price stands at both ends (inside one place) it is exactly 0.

References
----------
.. [1] Sobol (1967), "On the distribution of points in a cube and the approximate evaluation of
   integrals", USSR Computational Mathematics and Mathematical Physics 7(4), 86-112.
.. [2] UNODC (2015), Drug Money: the illicit proceeds of opiates trafficked on the Balkan route:
   gross profit from quantities and the difference of prices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scipy.stats import qmc

from opiateroutes.evidence.parameters import Z90
from opiateroutes.flows.reading.node_prices import node_prices

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from opiateroutes.network import RouteNetwork

__all__ = ["leg_values", "log_sd_of_flows"]

_LOG2_POINTS = 11
_BOUNDS = (0.05, 0.95)
_RATIO = "kg_per_heroin_kg"


def leg_values(
    net: RouteNetwork,
    legs: pd.DataFrame,
    prices: pd.DataFrame,
    purities: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Put a value on the flows of a fit; see `opiateroutes.FlowFit.values`.

    Parameters
    ----------
    net
        The network; its nodes may say how many kilograms of their commodity a kilogram of heroin
        equivalent is.
    legs
        Flows by leg: ``from_node``, ``to_node``, ``mode``, ``flow_kg``, ``low_kg``, ``high_kg``.
    prices, purities
        See there.

    Returns
    -------
    pandas.DataFrame
        Index ``leg``.
    """
    priced = node_prices(net, prices, purities)
    start, end = (_at_end(net, priced, legs[column]) for column in ("from_node", "to_node"))
    flow = legs["flow_kg"].to_numpy("float64")
    flow_sd = log_sd_of_flows(legs)
    frame = pd.DataFrame(
        {"flow_kg": flow, "flow_low_kg": legs["low_kg"], "flow_high_kg": legs["high_kg"]},
        index=legs.index,
    )
    for name, side in (("from", start), ("to", end)):
        _quantity(frame, f"price_{name}", "usd_per_kg", side["best"], side["log_sd"])
    for name, side in (("start", start), ("end", end)):
        spread = np.sqrt(flow_sd**2 + side["log_sd"] ** 2 + side["ratio_log_sd"] ** 2)
        _quantity(frame, f"value_at_{name}", "usd", flow * side["ratio"] * side["best"], spread)
    frame["gross_profit_usd"] = frame["value_at_end_usd"] - frame["value_at_start_usd"]
    low, high = _profit_bounds(flow, flow_sd, start, end)
    frame["gross_profit_low_usd"], frame["gross_profit_high_usd"] = low, high
    frame["price_basis"] = "as sold" if purities is None else "pure"
    frame["note"] = [
        "; ".join(dict.fromkeys(filter(None, pair)))
        for pair in zip(start["note"], end["note"], strict=True)
    ]
    ends = ["from_node", "to_node", "mode", *(["commodity"] if "commodity" in legs else [])]
    return pd.concat([legs[ends], frame], axis=1)


def _at_end(net: RouteNetwork, priced: pd.DataFrame, nodes: pd.Series) -> pd.DataFrame:
    """Return price, and kilograms of the commodity for each of heroin, at one end of the legs."""
    table = priced.assign(ratio=1.0, ratio_log_sd=0.0)
    if _RATIO in net.nodes:
        table["ratio"] = net.nodes[_RATIO]
        bounds = (net.nodes[f"{_RATIO}_{side}"] for side in ("high", "low"))
        high, low = (np.log(bound.astype("float64")) for bound in bounds)
        table["ratio_log_sd"] = (high - low) / (2 * Z90)
    return table.loc[nodes].set_index(nodes.index)


def log_sd_of_flows(legs: pd.DataFrame) -> NDArray[np.float64]:
    """Read the spread of lognormal flows off their 90 % interval; 0 where nothing moves."""
    low, high = (legs[bound].to_numpy("float64") for bound in ("low_kg", "high_kg"))
    # A baseline without intervals has none for values either: missing bounds stay missing.
    still = (legs["flow_kg"].to_numpy("float64") == 0) | (low == 0)
    sd: NDArray[np.float64] = np.log(np.where(still, 1.0, high) / np.where(still, 1.0, low))
    return sd / (2 * Z90)


def _quantity(
    frame: pd.DataFrame, name: str, unit: str, best: pd.Series, log_sd: pd.Series
) -> None:
    """Add a lognormal quantity and its 90 % interval to a frame."""
    best, log_sd = best.to_numpy("float64"), log_sd.to_numpy("float64")
    frame[f"{name}_{unit}"] = best
    frame[f"{name}_low_{unit}"] = best * np.exp(-Z90 * log_sd)
    frame[f"{name}_high_{unit}"] = best * np.exp(Z90 * log_sd)


def _profit_bounds(
    flow: NDArray[np.float64],
    flow_sd: NDArray[np.float64],
    start: pd.DataFrame,
    end: pd.DataFrame,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the 90 % interval of the profit of each leg, USD.

    Flow, both prices and both ratios vary on their own, but what the two ends share (the price row
    of a place, the ratio of a commodity) is one and the same at both.
    """
    draws = _normals()
    same_price = (start["priced_as"] == end["priced_as"]).fillna(value=False).to_numpy(bool)
    same_price &= (start["commodity"] == end["commodity"]).to_numpy(bool)
    same_ratio = (start["commodity"] == end["commodity"]).to_numpy(bool)
    low, high = np.full(len(flow), np.nan), np.full(len(flow), np.nan)
    known = (start["best"].notna() & end["best"].notna()).to_numpy(bool)
    for leg in np.flatnonzero(known):
        moved = flow[leg] * np.exp(flow_sd[leg] * draws[0])
        sold = _worth(end.iloc[leg], draws[1], draws[2])
        price, ratio = draws[1] if same_price[leg] else draws[3], draws[4]
        bought = _worth(start.iloc[leg], price, draws[2] if same_ratio[leg] else ratio)
        low[leg], high[leg] = np.quantile(moved * (sold - bought), _BOUNDS)
    return low, high


def _worth(
    row: pd.Series, price: NDArray[np.float64], ratio: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Draw the value of a kilogram of heroin equivalent at one end of a leg."""
    worth: NDArray[np.float64] = (
        row["ratio"] * row["best"] * np.exp(row["log_sd"] * price + row["ratio_log_sd"] * ratio)
    )
    return worth


def _normals() -> NDArray[np.float64]:
    """Return standard normal points that fill five dimensions evenly, always the same."""
    points = qmc.Sobol(5, scramble=False).random_base2(_LOG2_POINTS)
    # The sequence starts at 0: half a step moves it off the edge, where a normal is infinite.
    normals: NDArray[np.float64] = ndtri(points.T + 0.5 / len(points))
    return normals
