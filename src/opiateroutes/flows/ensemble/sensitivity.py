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
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = ["first_order"]

_DEGREE = 3
"""Polynomials up to the third: beyond, what draws by the thousand can tell is noise."""


def first_order(
    numbers: Iterable[NDArray[np.float64]], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Estimate first-order indices.

    Parameters
    ----------
    numbers
        Independent standard normal numbers, block by block: each of shape ``(draws, inputs)``, the
        draws in the order of ``values``.
    values
        Shape ``(draws,)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(inputs,)``: share of the variance, less what chance alone would give; at least 0.

    Examples
    --------
    >>> z = np.random.default_rng(0).standard_normal((4000, 3))
    >>> first_order([z], 3 * z[:, 0] + 4 * z[:, 1]).round(1).tolist()
    [0.4, 0.6, 0.0]
    """
    draws, spread = len(values), values.std()
    standard = (values - values.mean()) / (spread if spread > 0 else 1.0)
    products, seen = np.zeros(0), 0
    for block in numbers:
        part = standard[seen : seen + len(block)]
        seen += len(block)
        square = block**2
        first, second, third = (
            block,
            (square - 1.0) / np.sqrt(2.0),
            block * (square - 3.0) / np.sqrt(6.0),
        )
        found = np.array([part @ polynomial for polynomial in (first, second, third)])
        products = found if products.size == 0 else products + found
    index = ((products / draws) ** 2).sum(axis=0)
    result: NDArray[np.float64] = np.maximum(index - _DEGREE / draws, 0.0)
    return result
