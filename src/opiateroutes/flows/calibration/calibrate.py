"""Calibrating the cost model: its coefficients from the evidence, as far as that speaks of them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from opiateroutes.evidence import Evidence
from opiateroutes.flows.calibration.calibration import Calibration
from opiateroutes.flows.calibration.coefficients import coefficients_of
from opiateroutes.flows.calibration.descent import descend
from opiateroutes.flows.calibration.years import Year

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opiateroutes.network import RouteNetwork

__all__ = ["calibrate_costs"]


def calibrate_costs(
    net: RouteNetwork,
    evidence: Evidence | Sequence[Evidence],
    *,
    n_effective: float = 30.0,
) -> Calibration:
    """Calibrate the coefficients of the cost model and the weights of exits on evidence.

    The coefficients that are likeliest after the evidence (maximum a posteriori, jointly with the
    flows) minimise, with ``N = n_effective``::

        N mean_years [KL(estimate || normalised reference) + misfit / 2N] + prior

    ``misfit`` is the sum of squared residuals, in standard deviations, of the estimate that
    `estimate_flows` makes with these coefficients. The measure is normalised, as in the likelihood
    of a recursive logit [1]_: a cheaper leg raises the reference flow of routes that the evidence
    denies as well. The gradient is ``N`` times features of (estimate less reference flows), by the
    envelope theorem [2]_. Intervals are Laplace's: normal, with the curvature there [3]_.

    Parameters
    ----------
    net
        The network, at any resolution; its legs must not have a column ``cost``.
    evidence
        Evidence of one year or of several, which share the coefficients. The objective is their
        mean: figures of two years are nearly the same figures, and should not count twice.
    n_effective
        Number of independent shipments that the prior of the flows is worth, as in
        `estimate_flows`. 30 by default, as there; compare 10 and 100. The more, the more a
        divergence from the reference says about the coefficients.

    Returns
    -------
    Calibration
        Coefficients with their priors and 90 % intervals; costs and evidence for estimates.

    Raises
    ------
    NetworkError
        If the network gives the costs of its legs: there is nothing to calibrate.
    EvidenceError, UnreachableError, ConflictingEvidenceError
        As in `estimate_flows`.
    DivergentRoutesError
        If routes diverge at the priors already.
    ConvergenceError
        If the search does not settle.
    ValueError
        If ``n_effective`` is not a finite number above 0, there is no evidence or nothing is
        supplied.

    Warns
    -----
    EvidenceWarning
        If there are price gaps: they are left out, as they move costs afterwards.

    Notes
    -----
    Priors are the bounds of ``evidence/costs`` and of the weights in ``evidence.priors``, read as
    90 % intervals of lognormal quantities. Coefficients without a spread, and prior interception
    rates, stay what they are. Structural noise of the legs has no part in this: what a leg is
    dearer than its features say is left to the residuals. The density ends where routes diverge, so
    that intervals near that edge are too wide.

    References
    ----------
    .. [1] Fosgerau, M., Frejinger, E., Karlstrom, A. (2013), "A link based network route choice
       model with unrestricted choice set", Transportation Research B 56, 70-80.
    .. [2] Akamatsu, T. (1997), "Decomposition of path choice entropy in general transport
       networks", Transportation Science 31(4), 349-362.
    .. [3] Tierney, L., Kadane, J. B. (1986), "Accurate approximations for posterior moments and
       marginal densities", Journal of the American Statistical Association 81(393), 82-86.

    Examples
    --------
    >>> import opiateroutes as opr
    >>> net, evidence = opr.load_network(), opr.load_evidence(2010)
    >>> found = opr.calibrate_costs(net, evidence)
    >>> found.table.loc["distance", ["prior_best", "best"]].round(1).tolist()
    [0.6, 0.2]
    >>> fit = opr.estimate_flows(
    ...     net, found.evidence(evidence), cost=found.costs(net, evidence)
    ... )
    >>> bool(fit.certificate.gap <= 1e-10)
    True
    """
    try:
        number = float(n_effective)
    except (TypeError, ValueError):
        number = np.nan
    if not (np.isfinite(number) and number > 0):
        raise ValueError(f"n_effective must be a finite number above 0, not {n_effective!r}")
    given = [evidence] if isinstance(evidence, Evidence) else list(evidence)
    if not given:
        raise ValueError("there is no evidence to calibrate on")
    years = [Year.of(net, one) for one in given]
    coefficients = coefficients_of([year.evidence for year in years])
    found = descend(years, coefficients, n_effective=number)
    return Calibration.of(coefficients, found, _provenance(years, number))


def _provenance(years: list[Year], n_effective: float) -> dict[str, Any]:
    from importlib.metadata import version

    tables = {"legs": years[0].net.legs.drop(columns="geometry")}
    for number, year in enumerate(years):
        named = ("supply", "demand", "seizures", "flows", "shares", "interception", "priors")
        tables |= {f"{name}:{number}": getattr(year.evidence, name) for name in named}
    return {
        "package": f"opiateroutes {version('opiateroutes')}",
        "years": [year.evidence.year for year in years],
        "n_effective": n_effective,
        "inputs_sha256": {
            name: hashlib.sha256(table.to_csv(lineterminator="\n").encode()).hexdigest()[:16]
            for name, table in tables.items()
        },
    }
