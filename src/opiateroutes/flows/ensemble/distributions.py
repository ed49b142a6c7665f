"""Distributions of what is published as a best estimate between bounds.

Bounds are read as a 90 % interval, as everywhere in the library. Every distribution is a
function of a standard normal number, tabulated once: draws then cost an interpolation.

References
----------
.. [1] Malcolm, Roseboom, Clark, Fazar (1959), "Application of a technique for research and
   development program evaluation", Operations Research 7(5): PERT.
.. [2] Johnson, Kotz, Balakrishnan (1995), Continuous Univariate Distributions, vol. 2: Beta.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr
from scipy.stats import beta

from opiateroutes.evidence.parameters import Z90

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Curve", "beta_between", "lognormal_between", "pert_between"]

_GRID = np.linspace(-6.0, 6.0, 1201)
_PERT_SHAPE = 4.0
"""Weight of the best estimate in the mean of a PERT distribution (Malcolm et al. 1959)."""

_SMALLEST = 1e-12
_MANY_CASES = 1e6


@dataclass(frozen=True, eq=False)
class Curve:
    """A quantity as a function of a standard normal number.

    Parameters
    ----------
    values
        Shape ``(1201,)``: at normal numbers from -6 to 6; beyond, the ends hold.
    """

    values: NDArray[np.float64]

    def __call__(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the quantity at normal numbers of any shape."""
        return np.interp(z, _GRID, self.values)


def pert_between(low: float, best: float, high: float) -> Curve:
    """Return a PERT distribution with its mode at the best estimate.

    Its range reaches beyond the bounds so far that 90 % of it lies between them: on each side by
    the same share of the distance to the best estimate, found by bisection.

    Parameters
    ----------
    low, best, high
        In this order; equal ones make a constant.

    Examples
    --------
    >>> pert_between(1.0, 2.0, 3.0)(np.array([0.0])).round(6).tolist()
    [2.0]
    """
    if not low < high:
        return Curve(np.full(len(_GRID), float(best)))
    best = min(max(best, low), high)

    def frozen(reach: float) -> tuple[float, float, float, float]:
        start = best - reach * (best - low)
        width = reach * (high - low)
        a = 1.0 + _PERT_SHAPE * (best - start) / width
        return a, 2.0 + _PERT_SHAPE - a, start, width

    def excess(reach: float) -> float:
        a, b, start, width = frozen(reach)
        inside = beta.cdf([low, high], a, b, loc=start, scale=width)
        return float(inside[1] - inside[0] - 0.9)

    a, b, start, width = frozen(brentq(excess, 1.0, 20.0))
    return Curve(beta.ppf(ndtr(_GRID), a, b, loc=start, scale=width))


def lognormal_between(low: float, best: float, high: float) -> Curve:
    """Return a lognormal distribution with the best estimate as median, wider on one side if need.

    Parameters
    ----------
    low, best, high
        Above 0.

    Examples
    --------
    >>> curve = lognormal_between(2.0, 10.0, 50.0)
    >>> curve(np.array([-1.645, 0.0, 1.645])).round(1).tolist()
    [2.0, 10.0, 50.0]
    """
    low, best, high = (max(float(value), _SMALLEST) for value in (low, best, high))
    below, above = float(np.log(best / low)) / Z90, float(np.log(high / best)) / Z90
    return Curve(best * np.exp(np.where(_GRID < 0, below, above) * _GRID))


def beta_between(low: float, best: float, high: float) -> Curve:
    """Return a Beta distribution of a rate: its mean at the best estimate, bounded by the width.

    The width of its 90 % interval is that between the bounds, or as near to it as a distribution
    comes that is worth at least one case of the rarer kind: below that, most of it piles up at 0.
    Where it is worth a million cases it is the normal distribution.

    Parameters
    ----------
    low, best, high
        Between 0 and 1.

    Examples
    --------
    >>> rates = beta_between(0.02, 0.05, 0.10)(np.array([-1.645, 1.645]))
    >>> bool(0.01 < rates[0] < 0.03 and 0.08 < rates[1] < 0.12)
    True
    """
    if not low < high:
        return Curve(np.full(len(_GRID), float(best)))
    best = min(max(best, _SMALLEST), 1.0 - _SMALLEST)
    rarer = min(best, 1.0 - best)
    sd = (high - low) / (2 * Z90)
    if rarer * best * (1.0 - best) > _MANY_CASES * sd**2:
        return Curve(np.clip(best + sd * _GRID, _SMALLEST, 1.0 - _SMALLEST))

    def excess(log_size: float) -> float:
        size = np.exp(log_size)
        ends = beta.ppf([0.05, 0.95], best * size, (1.0 - best) * size)
        return float(ends[1] - ends[0] - (high - low))

    least = -np.log(rarer)
    log_size = least if excess(least) <= 0 else brentq(excess, least, least + 30.0)
    size = np.exp(log_size)
    rates = beta.ppf(ndtr(_GRID), best * size, (1.0 - best) * size)
    return Curve(np.clip(rates, _SMALLEST, 1.0 - _SMALLEST))
