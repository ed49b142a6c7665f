"""Sampling flows: the estimate again and again, with inputs, evidence and costs drawn anew."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits

from opiateroutes.errors import UnknownNameError
from opiateroutes.flows.ensemble.draws import Draws, reference_legs
from opiateroutes.flows.ensemble.ensemble import FlowEnsemble
from opiateroutes.flows.ensemble.executing import solved
from opiateroutes.flows.ensemble.inputs import Inputs
from opiateroutes.flows.ensemble.store import filled_store
from opiateroutes.flows.estimate import estimate_flows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from opiateroutes.evidence import Evidence
    from opiateroutes.network import RouteNetwork

__all__ = ["sample_flows"]

_POINTS = ("sobol", "independent")

_FEWEST = 2

_LONGER = 3.0
"""How many times longer than at the best estimates the routes of a draw may be, on average, before
the evidence."""


def sample_flows(  # noqa: PLR0913 - what is drawn, how, and the options of an estimate
    net: RouteNetwork,
    evidence: Evidence,
    *,
    draws: int = 1024,
    rng: int | np.random.Generator | None = 0,
    points: str = "sobol",
    executor: Executor | None = None,
    progress: bool | None = None,
    keep: str | Path | None = None,
    cost: str | pd.Series | None = None,
    n_effective: float = 30.0,
    structural_sd: float = 0.7,
    commodities: Sequence[str] | None = None,
    conversions: pd.DataFrame | None = None,
) -> FlowEnsemble:
    """Sample the flows: how sure an estimate is, from draws that are each solved anew.

    One draw takes a supply, figures, cost coefficients, prior interception rates and weights of
    exits from their distributions, and a cost of its own for every leg (what the model does not
    know), and conditions the path measure on them: randomise, then optimise [1]_. Figures that
    share a cause of error (``Evidence.shared``) move together. Every draw reaches the certificate
    of an estimate. Draws in which routes go in circles (they add up without end, or an average
    route has, before the evidence, more than three times the legs that it has at the best
    estimates) are taken again, and counted: such costs are ruled out beforehand.

    Parameters
    ----------
    net, evidence
        As in `estimate_flows`.
    draws
        How many. 1,024 by default: with scrambled Sobol points means are then as exact as with many
        more independent draws. A power of 2 is best; draw ``k`` is the same however many are
        taken.
    rng
        Seed, or a generator that one is taken from; ``None`` for a new one each time. 0 by default,
        so that a result can be had again.
    points
        ``"sobol"`` (scrambled, for means and quantiles) or ``"independent"`` (for sensitivity: in
        hundreds of dimensions Sobol points tie inputs together).
    executor
        Any ``concurrent.futures.Executor`` whose workers can import the library, for example a
        ``ProcessPoolExecutor`` or ``Client.get_executor()`` of Dask. ``None``: this process.
        The draws do not depend on it, to the last byte.
    progress
        Show a progress bar. By default where the error stream is a terminal.
    keep
        File for the draws (single precision, NumPy format), instead of memory: for more draws than
        memory holds. It must not exist.
    cost, n_effective, structural_sd, commodities, conversions
        As in `estimate_flows`.

    Returns
    -------
    FlowEnsemble
        Quantiles of legs, nodes and routes; all draws.

    Raises
    ------
    ValueError
        If ``draws`` is not a whole number of at least 2, ``rng`` is no seed, or nothing moves.
    UnknownNameError
        If there are no such points.
    FileExistsError
        If ``keep`` exists.
    OutputError
        If its folder does not exist.
    ConflictingEvidenceError
        If figures must hold exactly that do not fit a supply which is drawn.
    ConvergenceError
        If a draw does not reach its certificate, with what to do.
    DivergentRoutesError
        If the structural noise is too large for the costs.

    References
    ----------
    .. [1] Bardsley, Solonen, Haario, Laine (2014), "Randomize-then-optimize: a method for sampling
       from posterior distributions in nonlinear inverse problems", SIAM Journal on Scientific
       Computing 36(4), A1895-A1910.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> net, evidence = opr.load_network(), opr.load_evidence(2008)
    >>> ens = opr.sample_flows(net, evidence, draws=64, rng=7)
    >>> ens.draws, bool((ens.legs["low_kg"] <= ens.legs["high_kg"]).all())
    (64, True)
    """
    count = _whole(draws, _FEWEST)
    if count is None:
        raise ValueError(f"draws must be a whole number of at least {_FEWEST}, not {draws!r}")
    if points not in _POINTS:
        raise UnknownNameError(f"no points {points!r}; there are {', '.join(_POINTS)}")
    seed = _seed(rng)
    fit = estimate_flows(
        net,
        evidence,
        cost=cost,
        n_effective=n_effective,
        structural_sd=structural_sd,
        commodities=commodities,
        conversions=conversions,
    )
    if fit.conditioned is None:
        raise ValueError("a supply of zero: nothing moves, so there is nothing to sample")
    conditioned = fit.conditioned
    plan = Draws(
        Inputs.of(conditioned, fit.evidence),
        conditioned.solution.multipliers,
        seed=seed,
        points=points,
        legs_at_most=_LONGER * float(reference_legs(conditioned.problem)[0]),
    )
    supply, attempts = np.zeros(count), np.zeros(count, dtype=np.uint8)
    gap = balance = 0.0

    def fill(store: NDArray[np.float32]) -> None:
        nonlocal gap, balance
        # The limit holds here for all threads: each setting its own would undo those of others.
        with (
            threadpool_limits(1),
            _bar(count, progress) as bar,
            closing(solved(plan, count, executor)) as chunks,
        ):
            for chunk in chunks:
                stop = chunk.start + len(chunk.supply_kg)
                store[chunk.start : stop] = chunk.arcs_kg
                supply[chunk.start : stop] = chunk.supply_kg
                attempts[chunk.start : stop] = chunk.attempts
                gap, balance = max(gap, chunk.gap), max(balance, chunk.balance)
                bar.update(len(chunk.supply_kg))

    store = filled_store(keep, (count, conditioned.bound.measure.n_arcs), fill)
    return FlowEnsemble(
        fit=fit,
        arcs_kg=store,
        supply_kg=supply,
        attempts=attempts,
        certificate=replace(fit.certificate, gap=gap, balance=balance),
        plan=plan,
    )


def _whole(value: Any, least: int) -> int | None:
    """Read a whole number of at least some other; None for anything else."""
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    fine = not isinstance(value, bool | np.bool_) and number == value and number >= least
    return number if fine else None


def _seed(rng: int | np.random.Generator | None) -> int:
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(2**32))
    if rng is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    seed = _whole(rng, 0)
    if seed is None:
        raise ValueError(
            f"rng must be a whole number of at least 0, a Generator or None, not {rng!r}"
        )
    return seed


def _bar(total: int, progress: bool | None) -> Any:  # noqa: FBT001 - three values
    from tqdm import tqdm

    shown = sys.stderr.isatty() if progress is None else progress
    return tqdm(total=total, unit="draw", disable=not shown)
