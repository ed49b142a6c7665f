"""Mixed integer programs that say nothing: what HiGHS writes would end up among the results."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from scipy.optimize import milp

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["quiet_milp"]

_OUTPUT = 1


def quiet_milp(*arguments: Any, **options: Any) -> Any:
    """Solve as `scipy.optimize.milp` does, with its notes kept off the standard output.

    Some versions of HiGHS write a line of debugging whatever their options say, past Python; a
    table or JSON on the standard output would be spoilt by it.

    Examples
    --------
    >>> quiet_milp([1.0], integrality=[1], bounds=(0.5, 3.0)).x.tolist()
    [1.0]
    """
    with _output_away():
        return milp(*arguments, **options)


@contextmanager
def _output_away() -> Iterator[None]:
    """Point the standard output of the process elsewhere, where there is one."""
    try:
        kept = os.dup(_OUTPUT)
    except OSError:  # a process without a standard output
        yield
        return
    try:
        sys.stdout.flush()
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a device
            os.dup2(nowhere.fileno(), _OUTPUT)
        yield
    finally:
        os.dup2(kept, _OUTPUT)
        os.close(kept)
