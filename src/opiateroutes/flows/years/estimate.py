"""Estimating several years: the same function, the same parameters, each year's own evidence."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from opiateroutes.errors import OpiateRoutesError, UnknownNameError
from opiateroutes.evidence import load_evidence
from opiateroutes.flows.estimate import estimate_flows
from opiateroutes.flows.years.flow_years import FlowYears
from opiateroutes.flows.years.paired_draws import sample_paired

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Executor

    import numpy as np

    from opiateroutes.evidence import Evidence
    from opiateroutes.flows.ensemble.ensemble import FlowEnsemble
    from opiateroutes.flows.fit import FlowFit
    from opiateroutes.network import RouteNetwork

__all__ = ["estimate_years"]

_YEARS = range(2005, 2024)
"""All years that ship."""


def estimate_years(
    net: RouteNetwork,
    years: Iterable[int] = _YEARS,
    *,
    evidence: Callable[[int], Evidence] | Mapping[int, Evidence] = load_evidence,
    draws: int | None = None,
    rng: int | np.random.Generator | None = 0,
    executor: Executor | None = None,
    progress: bool | None = None,
    **options: Any,
) -> FlowYears:
    """Estimate the flows of several years with the same parameters, so that they can be compared.

    Costs, prior interception rates, weights of exits and what the cost model does not know about a
    leg are the same in every year; supply, demand, seizures and published flows are each year's
    own. With ``draws``, draw ``k`` of all years has the same numbers for what is the same, so that
    its uncertainty cancels in a change (common random numbers), and independent ones for each
    year's figures.

    Parameters
    ----------
    net
        The network.
    years
        The years; 2005 to 2023 by default, all that ship. They are put in order.
    evidence
        What gives the evidence of a year: a function of the year (`load_evidence` by default) or a
        mapping. For evidence with options, ``functools.partial(load_evidence, paths=[...])``.
    draws
        How many draws each year takes, as in `sample_flows` but with independent points. None by
        default: one estimate a year, with intervals to first order. Changes then have intervals
        that are too wide, since what the years share does not cancel.
    rng
        Seed of the draws; 0 by default, so that a result can be had again.
    executor
        Who solves the draws, as in `sample_flows`. None: this process.
    progress
        Show a progress bar. By default where the error stream is a terminal.
    **options
        Those of `estimate_flows` (with draws those of `sample_flows`): ``cost``, ``n_effective``,
        ``structural_sd``, ``commodities``, ...

    Returns
    -------
    FlowYears
        The fits by year, tidy tables over all years, and changes between any two.

    Raises
    ------
    ValueError
        If there is no year, or a year stands twice.
    OpiateRoutesError
        If no year could be estimated: the error of the first. A year that could not, beside others
        that could, is listed in ``skipped`` with the reason.

    Notes
    -----
    Errors of the figures are independent from year to year, unless ``Evidence.shared`` names a
    common cause. Those that are not independent (a prevalence that stands for several years, a
    place that always reports half) are then counted twice in a change, whose interval is too wide
    rather than too narrow. A supply is derived from harvests that overlap from year to year: the
    estimate takes the spread between them for an error of each year.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> years = opr.estimate_years(opr.load_network(), [2021, 2022])
    >>> years.supply["supply_kg"].round(-3).tolist()
    [343000.0, 337000.0]
    """
    wanted = [int(year) for year in years]
    if not wanted or len(set(wanted)) < len(wanted):
        raise ValueError(f"years must be one or more, none of them twice: {wanted}")
    wanted.sort()
    fits: dict[int, FlowFit | FlowEnsemble] = {}
    skipped: dict[int, str] = {}
    errors: list[OpiateRoutesError] = []
    for year in _with_bar(wanted, progress):
        try:
            of_year = _evidence_of(evidence, year)
            if draws is None:
                fits[year] = estimate_flows(net, of_year, **options)
            elif of_year.supply["best_kg"].sum() == 0:
                skipped[year] = "a supply of zero: nothing moves, so there is nothing to sample"
            else:
                ensemble = sample_paired(
                    net,
                    of_year,
                    own=str(year),
                    draws=draws,
                    rng=rng,
                    executor=executor,
                    **options,
                )
                # A generator, or none, gives the first year its seed, and that one the others.
                fits[year], rng = ensemble, ensemble.plan.seed
        except OpiateRoutesError as error:
            skipped[year] = str(error)
            errors.append(error)
    if not fits and errors:
        raise errors[0]
    reasons = pd.DataFrame({"reason": pd.Series(skipped, dtype="str")}).rename_axis("year")
    return FlowYears(fits=fits, skipped=reasons)


def _evidence_of(
    evidence: Callable[[int], Evidence] | Mapping[int, Evidence], year: int
) -> Evidence:
    if not isinstance(evidence, Mapping):
        return evidence(year)
    if year not in evidence:
        raise UnknownNameError(f"no evidence for {year} in the mapping that was given")
    return evidence[year]


def _with_bar(years: list[int], progress: bool | None) -> Iterable[int]:  # noqa: FBT001 - three values
    from tqdm import tqdm

    shown = sys.stderr.isatty() if progress is None else progress
    bar: Iterable[int] = tqdm(years, unit="year", disable=not shown)
    return bar
