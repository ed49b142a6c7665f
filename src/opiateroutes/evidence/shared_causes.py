"""Causes of error that figures share: assumptions that several of them were derived with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from opiateroutes.evidence.by_commodity import COMMODITIES
from opiateroutes.evidence.commodity_ids import split_id
from opiateroutes.evidence.demand import A_USER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from opiateroutes.evidence.parameters import Parameters

__all__ = ["shared_causes"]

_COLUMNS = ["row", "cause", "relative_sd"]


def shared_causes(
    demand: pd.DataFrame,
    seizures: pd.DataFrame,
    from_surveys: Collection[str],
    parameters: Parameters,
) -> pd.DataFrame:
    """List the spread that demand and seizures owe to values which serve several of them.

    What a user takes is one value for all demand that was derived from surveys; the share of users
    who use heroin, and that of heroin of Afghan origin, are one value for each scope.

    Parameters
    ----------
    demand, seizures
        Rows of evidence: index ``row``, columns ``node`` and ``best_kg``.
    from_surveys
        Nodes whose demand for heroin was derived from the number of users.
    parameters
        The shipped parameters.

    Returns
    -------
    pandas.DataFrame
        ``row``, ``cause``, ``relative_sd``: part of the spread of each row, never more than it. A
        cause of a single row is one that it shares with those of other years.

    Examples
    --------
    >>> from opiateroutes.evidence.parameters import load_parameters
    >>> demand = pd.DataFrame({"node": ["DEU", "FRA"], "best_kg": 1.0})
    >>> demand.index = "demand:" + demand["node"]
    >>> causes = shared_causes(demand, demand.iloc[:0], ["DEU", "FRA"], load_parameters())
    >>> causes["cause"].unique().tolist()[:2]
    ['heroin a user', 'of them use heroin: *']
    """
    found = [
        (row, cause, spread)
        for table in (demand, seizures)
        for row, name in table.loc[table["best_kg"] > 0, "node"].items()
        for cause, spread in _causes(name, table is demand, from_surveys, parameters)
        if spread > 0
    ]
    return pd.DataFrame(found, columns=_COLUMNS)


def _causes(
    name: str,
    is_demand: bool,  # noqa: FBT001 - one of two tables
    from_surveys: Collection[str],
    parameters: Parameters,
) -> Iterator[tuple[str, float]]:
    node, commodity = split_id(name, COMMODITIES)
    if is_demand and node in from_surveys and commodity in (None, "heroin"):
        yield A_USER, parameters.get("heroin_g_per_user").relative_sd
        scope = parameters.scope("heroin_users_share", node)
        yield f"of them use heroin: {scope}", parameters.get("heroin_users_share", node).relative_sd
    scope = parameters.scope("afghan_share", node)
    yield f"of Afghan origin: {scope}", parameters.get("afghan_share", node).relative_sd
