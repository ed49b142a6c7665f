"""The way up to the floor that draws, taken only when something is to be drawn."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["drawing"]


def drawing(module: str, function: str) -> Any:
    """Find a function of `opiateroutes.maps` by name, so that analysis never imports drawing.

    Parameters
    ----------
    module
        Name of a module in ``opiateroutes.maps``.
    function
        Name of a function in it.

    Returns
    -------
    callable
        The function; the first call of all imports what it needs.

    Examples
    --------
    >>> drawing("static", "plot_network").__name__
    'plot_network'
    """
    return getattr(importlib.import_module(f"opiateroutes.maps.{module}"), function)
