"""Options that several searches share: effort, reaction, counts, budgets, seconds."""

from __future__ import annotations

from numbers import Integral, Real

import numpy as np

__all__ = [
    "checked_budget",
    "checked_count",
    "checked_effort",
    "checked_reaction",
    "checked_seconds",
    "is_number",
]


_STRONGEST = 1e4
"""Beyond, hardly any route is left but the one that enforcement touches least."""


def checked_effort(effort: object) -> float:
    """Read an effort.

    Raises
    ------
    ValueError
        If it is no number between 0 and 1; text and truth values are no numbers.
    """
    number = _number(effort)
    if not 0.0 <= number <= 1.0:
        raise ValueError(
            f"effort must be a number between 0 and 1, not {effort!r}: it is the share of what "
            "passes that is stopped in addition"
        )
    return number


def checked_reaction(reaction: object) -> float:
    """Read a reaction.

    Raises
    ------
    ValueError
        If it is no number from 0 to 10,000; text and truth values are no numbers.
    """
    number = _number(reaction)
    if not 0.0 <= number <= _STRONGEST:
        raise ValueError(
            f"reaction must be a finite number of at least 0 and at most {_STRONGEST:,.0f}, not "
            f"{reaction!r}: with 0 nobody goes round enforcement, with 4 nearly all who can"
        )
    return number


def checked_budget(budget: object) -> float:
    """Read a budget; infinite is allowed.

    Raises
    ------
    ValueError
        If it is no number of at least 0; text and truth values are no numbers.
    """
    number = _number(budget)
    if not number >= 0.0:
        raise ValueError(f"budget must be a number of at least 0, not {budget!r}")
    return number


def checked_seconds(time_limit: object) -> float | None:
    """Read a time limit; none, and infinite, are no limit.

    Raises
    ------
    ValueError
        If it is no number of at least 0.
    """
    if time_limit is None:
        return None
    number = _number(time_limit)
    if not number >= 0.0:
        raise ValueError(
            f"time_limit must be at least 0 seconds, or None for no limit, not {time_limit!r}"
        )
    return number if np.isfinite(number) else None


def checked_count(value: object, name: str, *, least: int = 1) -> int:
    """Read a whole number.

    Raises
    ------
    ValueError
        If it is no whole number, or below the least.

    Examples
    --------
    >>> checked_count(np.int64(3), "top")
    3
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, not {value!r}")
    return int(value)


def is_number(value: object) -> bool:
    """Say whether a value is a number: an answer of yes is not an effort of 1, nor is text one.

    Examples
    --------
    >>> is_number(0.5), is_number(True), is_number("0.5")
    (True, False, False)
    """
    return isinstance(value, Real) and not isinstance(value, bool)


def _number(value: object) -> float:
    return float(value) if is_number(value) else float("nan")  # type: ignore[arg-type]
