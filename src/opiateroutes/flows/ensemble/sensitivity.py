"""What drives the spread: first-order sensitivity indices from draws that are there already.

Inputs are independent standard normal numbers, for which Hermite polynomials are orthonormal. The
share of the variance of a flow that one input explains alone is then the sum of its squared
correlations with the polynomials of that input [1]_, [2]_.

References
----------
.. [1] Sobol, I. M. (1993), "Sensitivity estimates for nonlinear mathematical models", Mathematical
   Modelling and Computational Experiments 1(4).
.. [2] Sudret, B. (2008), "Global sensitivity analysis using polynomial chaos expansions",
   Reliability Engineering and System Safety 93(7).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["first_order"]

_DEGREE = 3
"""Polynomials up to the third: beyond, what draws by the thousand can tell is noise."""


def first_order(numbers: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Estimate first-order indices.

    Parameters
    ----------
    numbers
        Shape ``(draws, inputs)``: independent standard normal numbers.
    values
        Shape ``(draws,)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(inputs,)``: share of the variance, less what chance alone would give; at least 0.

    Examples
    --------
    >>> z = np.random.default_rng(0).standard_normal((4000, 3))
    >>> first_order(z, 3 * z[:, 0] + 4 * z[:, 1]).round(1).tolist()
    [0.4, 0.6, 0.0]
    """
    draws = len(values)
    spread = values.std()
    if spread == 0:
        return np.zeros(numbers.shape[1])
    standard = (values - values.mean()) / spread
    square = numbers**2
    polynomials = (numbers, (square - 1.0) / np.sqrt(2.0), numbers * (square - 3.0) / np.sqrt(6.0))
    index = sum((standard @ polynomial / draws) ** 2 for polynomial in polynomials[:_DEGREE])
    result: NDArray[np.float64] = np.maximum(index - _DEGREE / draws, 0.0)
    return result
