"""Solving all draws, here or by an executor; what is under way at any time stays small."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator
    from concurrent.futures import Executor, Future

    from opiateroutes.flows.ensemble.draws import Chunk, Draws

__all__ = ["solved"]

_TASKS = 64
"""Tasks that an executor has at any time: each carries the problem with it."""

_CHUNKS_AT_MOST = 16
"""Chunks of a task: its result waits in memory until it is fetched."""


def solved(plan: Draws, draws: int, executor: Executor | None) -> Generator[Chunk, None, None]:
    """Solve all draws, in whatever order they come.

    Where one fails, tasks that have not begun are cancelled and the others awaited; so they are
    when this iterator is closed.

    Parameters
    ----------
    plan
        How to make and solve a draw.
    draws
        How many.
    executor
        Who solves them; None for this process.

    Yields
    ------
    Chunk
        Each once.
    """
    width = plan.width
    if executor is None:
        for start in range(0, draws, width):
            yield from plan.solve(start, min(start + width, draws))
        return
    from concurrent.futures import FIRST_COMPLETED, wait

    chunks = -(-draws // width)
    size = width * min(max(1, -(-chunks // _TASKS)), _CHUNKS_AT_MOST)
    starts = iter(range(0, draws, size))
    waiting: set[Future[list[Chunk]]] = set()
    try:
        while True:
            for start in islice(starts, _TASKS - len(waiting)):
                waiting.add(executor.submit(plan.solve, start, min(start + size, draws)))
            if not waiting:
                return
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            while done:
                # Popped: a result that was handed on is not kept.
                yield from done.pop().result()
    finally:
        wait([task for task in waiting if not task.cancel()])
