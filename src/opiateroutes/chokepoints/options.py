"""Options that several searches share: how much enforcement, and how strong the reaction."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["checked_effort", "checked_reaction"]


def checked_effort(effort: object) -> float:
    """Read an effort.

    Raises
    ------
    ValueError
        If it is no number between 0 and 1.
    """
    number = _number(effort)
    if not 0.0 <= number <= 1.0:
        raise ValueError(f"effort must lie between 0 and 1, not {effort!r}")
    return number


def checked_reaction(reaction: object) -> float:
    """Read a reaction.

    Raises
    ------
    ValueError
        If it is no finite number of at least 0.
    """
    number = _number(reaction)
    if not (np.isfinite(number) and number >= 0.0):
        raise ValueError(f"reaction must be a finite number of at least 0, not {reaction!r}")
    return number


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")
