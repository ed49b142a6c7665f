"""How much line there is in each part of a map: asked for every place of every label."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["line_sums"]


def line_sums(lines: Sequence[Floats], width: float, height: float) -> Floats:
    """Add up the length of line to the left of and below each whole point of the frame.

    Parameters
    ----------
    lines : sequence of array
        Rows of x and y, in points from the lower left corner.
    width, height : float
        Size of the frame in points.

    Returns
    -------
    array
        Four of these sums give the length of line in any box.

    Examples
    --------
    >>> sums = line_sums([np.array([[0.0, 4.5], [10.0, 4.5]])], 20.0, 20.0)
    >>> float(sums[8, 6] - sums[2, 6] - sums[8, 3] + sums[2, 3])
    6.0
    """
    total = np.zeros((int(width) + 2, int(height) + 2))
    edges = [np.stack((line[:-1], line[1:]), axis=1) for line in lines if len(line) > 1]
    if not edges:
        return total
    start, end = np.concatenate(edges).transpose(1, 0, 2)
    length = np.hypot(*(end - start).T)
    count = np.maximum(1, np.ceil(length)).astype(int)
    edge = np.repeat(np.arange(len(count)), count)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count) + 0.5
    places = start[edge] + (end - start)[edge] * (step / count[edge])[:, None]
    cells = np.clip(places.astype(int), 0, np.array(total.shape) - 2) + 1
    np.add.at(total, tuple(cells.T), (length / count)[edge])
    return np.asarray(total.cumsum(axis=0).cumsum(axis=1), dtype=np.float64)
