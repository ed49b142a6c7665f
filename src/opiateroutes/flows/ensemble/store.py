"""Where draws are kept: in memory, or in a file that stands for it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from opiateroutes.data import require_writable

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["filled_store"]


def filled_store(
    path: str | Path | None,
    shape: tuple[int, int],
    fill: Callable[[NDArray[np.float32]], None],
) -> NDArray[np.float32]:
    """Make room for draws and have it filled.

    Parameters
    ----------
    path
        File (NumPy format); memory if None. It has its name only once it is complete: what fails
        leaves nothing behind.
    shape
        Draws and arcs.
    fill
        Called with the room, to write all draws.

    Returns
    -------
    numpy.ndarray
        The draws; those of a file are mapped, for reading.

    Raises
    ------
    FileExistsError
        If the file exists: draws are expensive, none is overwritten.
    OutputError
        If the folder does not exist or cannot be written.

    Examples
    --------
    >>> filled_store(None, (1, 2), lambda room: room.fill(3.0)).tolist()
    [[3.0, 3.0]]
    """
    if path is None:
        memory = np.full(shape, np.nan, dtype=np.float32)
        fill(memory)
        return memory
    file = Path(path)
    if file.exists():
        raise FileExistsError(f"{file} exists: choose another file for the draws, or delete it")
    require_writable(file)
    draft = file.with_name(f".{file.name}-{os.getpid()}")
    try:
        fill(np.lib.format.open_memmap(draft, mode="w+", dtype=np.float32, shape=shape))
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    kept: NDArray[np.float32] = np.load(file, mmap_mode="r")
    return kept
