"""Where draws are kept: in memory, or in a file that stands for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["empty_store"]


def empty_store(path: str | Path | None, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Make room for draws, all missing until they are written.

    Parameters
    ----------
    path
        File (NumPy format); memory if None.
    shape
        Draws and arcs.

    Raises
    ------
    FileExistsError
        If the file exists: draws are expensive, none is overwritten.
    """
    if path is None:
        return np.full(shape, np.nan, dtype=np.float32)
    file = Path(path)
    if file.exists():
        raise FileExistsError(f"{file} exists: choose another file for the draws, or delete it")
    store: NDArray[np.float32] = np.lib.format.open_memmap(
        file, mode="w+", dtype=np.float32, shape=shape
    )
    return store
