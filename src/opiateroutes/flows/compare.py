"""Comparing estimates of one network: how far methods are apart, and how far from a known truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from opiateroutes.data import nearest
from opiateroutes.errors import NetworkError, UnknownNameError
from opiateroutes.flows.comparison import Comparison
from opiateroutes.flows.fit import FlowFit
from opiateroutes.network.failures import failure_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opiateroutes.network.failures import Failure

__all__ = ["compare"]

_ENDS = ["from_node", "to_node", "mode"]
_ROUNDING = 1e-9
"""A truth this close to the end of an interval, relative to itself, lies in it."""

_CLASHES_AT_MOST = 20


def compare(
    fits: Mapping[str, FlowFit] | Sequence[FlowFit],
    *,
    truth: pd.Series | FlowFit | None = None,
) -> Comparison:
    """Compare estimates of the flows of one network, with one another or with a known truth.

    Parameters
    ----------
    fits
        Estimates by name; those of a list go by their ``method``.
    truth
        Flows by leg, kg (legs that it does not name are left out of every figure but the totals);
        another estimate; or None (default) for the first of ``fits``.

    Returns
    -------
    Comparison
        For each estimate: ``wape``, the sum of the absolute differences as a share of the sum of
        the truth [1]_ [2]_, defined where single flows are 0; ``rank_correlation`` (Spearman);
        ``coverage``, the share of legs with a truth above 0 and an interval whose 90 % interval
        covers the truth (about 0.9 where intervals are honest; legs without flow would flatter it,
        and it is missing where a method gives no intervals); the total over all legs; the leg that
        is furthest off.

    Raises
    ------
    ValueError
        If there is no estimate, two of a list go by one method, or a true flow is negative.
    TypeError
        If what is compared is no estimate.
    NetworkError
        If the estimates are of different networks.
    UnknownNameError
        If the truth names legs that the network lacks.

    References
    ----------
    .. [1] Kolassa, S., Schuetz, W. (2007), "Advantages of the MAD/Mean ratio over the MAPE",
       Foresight 6, 40-43.
    .. [2] Hyndman, R. J., Koehler, A. B. (2006), "Another look at measures of forecast accuracy",
       International Journal of Forecasting 22(4), 679-688: why not percentage errors.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> net, evidence = opr.load_network(), opr.load_evidence(2010)
    >>> fits = {"ours": opr.estimate_flows(net, evidence)}
    >>> fits["cheapest"] = opr.estimate_flows(net, evidence, method="shortest_path")
    >>> opr.compare(fits).table["wape"].round(1).tolist()[0]
    0.0
    """
    named = _named(fits)
    reference = "the truth given" if truth is not None else next(iter(named))
    if truth is None:
        truth = next(iter(named.values()))
    if isinstance(truth, FlowFit):
        if reference not in named:
            reference = f"the truth given ({truth.method})"
        _refuse_other_networks({**named, reference: truth})
        true_flow = truth.legs["flow_kg"]
    else:
        _refuse_other_networks(named)
        true_flow = _checked_truth(truth, next(iter(named.values())))
    tables = [_tidy(name, fit, true_flow) for name, fit in named.items()]
    rows = [_row(table, fit) for table, fit in zip(tables, named.values(), strict=True)]
    return Comparison(
        table=pd.DataFrame(rows, index=pd.Index(named, name="method")),
        legs=pd.concat(tables, ignore_index=True),
        reference=reference,
    )


def _named(fits: Mapping[str, FlowFit] | Sequence[FlowFit]) -> dict[str, FlowFit]:
    if isinstance(fits, FlowFit):
        raise TypeError("compare takes several estimates: a list, or a dictionary by name")
    given = list(fits.items() if isinstance(fits, Mapping) else ((None, fit) for fit in fits))
    named: dict[str, FlowFit] = {}
    for name, fit in given:
        if not isinstance(fit, FlowFit):
            raise TypeError(f"compare takes estimates (FlowFit), not {type(fit).__name__}")
        key = fit.method if name is None else str(name)
        if key in named:
            raise ValueError(f"two estimates go by {key!r}: give a dictionary with their names")
        named[key] = fit
    if not named:
        raise ValueError("there is no estimate to compare")
    return named


def _refuse_other_networks(fits: Mapping[str, FlowFit]) -> None:
    (first, one), *others = fits.items()
    failures: list[Failure] = []
    for name, fit in others:
        here, there = (fit_.legs[_ENDS].astype("str") for fit_ in (one, fit))
        for leg in here.index.symmetric_difference(there.index):
            has, lacks = (first, name) if leg in here.index else (name, first)
            failures.append(("legs", str(leg), "leg", leg, f"of {has}, but not of {lacks}", ""))
        shared = here.index.intersection(there.index)
        moved = (here.loc[shared] != there.loc[shared]).any(axis=1)
        failures += [
            ("legs", str(leg), "from_node", leg, f"joins other nodes in {name} than in {first}", "")
            for leg in shared[moved]
        ]
    if failures:
        raise NetworkError(
            "these estimates are of different networks; estimate all of them on one",
            failure_table(failures[:_CLASHES_AT_MOST]),
        )


def _checked_truth(truth: pd.Series, fit: FlowFit) -> pd.Series:
    flows = pd.to_numeric(pd.Series(truth), errors="raise").astype("float64").dropna()
    unknown = flows.index[~flows.index.isin(fit.legs.index)]
    if len(unknown):
        hint = nearest(str(unknown[0]), [str(leg) for leg in fit.legs.index])
        raise UnknownNameError(
            f"the truth names {len(unknown)} leg(s) that the network lacks: "
            f"{', '.join(str(leg) for leg in unknown[:5])}{hint}"
        )
    if flows.index.has_duplicates:
        leg = flows.index[flows.index.duplicated()][0]
        raise ValueError(f"the truth names leg {leg} twice")
    bad = flows.index[(flows < 0) | np.isinf(flows)]
    if len(bad):
        raise ValueError(f"a true flow must be a number of at least 0; that of {bad[0]} is not")
    return flows


def _tidy(name: str, fit: FlowFit, truth: pd.Series) -> pd.DataFrame:
    legs = fit.legs
    frame = pd.DataFrame(legs[["flow_kg", "low_kg", "high_kg"]]).assign(
        method=name, truth_kg=truth.reindex(legs.index)
    )
    columns = ["leg", "method", "flow_kg", "low_kg", "high_kg", "truth_kg"]
    return frame.rename_axis("leg").reset_index()[columns]


def _row(legs: pd.DataFrame, fit: FlowFit) -> dict[str, object]:
    known = legs[legs["truth_kg"].notna()]
    flow, true = known["flow_kg"].to_numpy("float64"), known["truth_kg"].to_numpy("float64")
    difference = flow - true
    total = float(true.sum())
    moving = known[(known["truth_kg"] > 0) & known["low_kg"].notna() & known["high_kg"].notna()]
    slack = _ROUNDING * moving["truth_kg"]
    covered = (moving["low_kg"] - slack <= moving["truth_kg"]) & (
        moving["truth_kg"] <= moving["high_kg"] + slack
    )
    worst = int(np.abs(difference).argmax()) if len(known) else -1
    apart = worst >= 0 and difference[worst] != 0
    return {
        "wape": float(np.abs(difference).sum()) / total if total > 0 else np.nan,
        "rank_correlation": _spearman(flow, true),
        "coverage": float(covered.mean()) if len(moving) else np.nan,
        "legs_with_interval": len(moving),
        "total_flow_kg": float(legs["flow_kg"].sum()),
        "supply_kg": fit.supply_kg,
        "largest_difference_leg": str(known["leg"].iloc[worst]) if apart else "",
        "largest_difference_kg": float(difference[worst]) if apart else 0.0,
    }


def _spearman(one: np.ndarray, other: np.ndarray) -> float:
    """Return the correlation of the ranks; missing where one side does not vary."""
    if len(one) < 2 or np.ptp(one) == 0 or np.ptp(other) == 0:  # noqa: PLR2004 - a pair at least
        return float("nan")
    return float(np.corrcoef(rankdata(one), rankdata(other))[0, 1])
