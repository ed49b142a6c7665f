"""Costs, strengths and choices of legs or nodes: a column, one number, or one for each id."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from opiateroutes.data import nearest
from opiateroutes.errors import NetworkError, UnknownNameError
from opiateroutes.network.failures import failure_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from opiateroutes.chokepoints.structure.leg_graph import ElementTable

__all__ = ["Values", "chosen", "describe", "values_of"]

Values: TypeAlias = "str | float | Mapping[Any, float] | pd.Series | None"
"""A column, one number for all, a number for each id, or None: each counts 1."""


_SMALLEST, _LARGEST = 1e-305, 1e300
"""Sums of finite numbers must stay finite, and parts of them must keep their digits."""


def values_of(
    table: ElementTable, what: Values, *, role: str, infinite: bool = False
) -> NDArray[np.float64]:
    """Read one number of at least 0 for each leg or node.

    Parameters
    ----------
    table
        Legs or nodes.
    what
        Name of a column, a number for all, a series or mapping by id, or None for 1 each.
    role
        What the numbers are, for messages: ``"cost"``, ``"strength"``, ``"cost_to_block"``.
    infinite
        Whether infinity is a value.

    Returns
    -------
    numpy.ndarray
        By position.

    Raises
    ------
    UnknownNameError
        If there is no such column, or a series names no leg or node of the graph.
    NetworkError
        With all values that are missing, no numbers, below 0, infinite where that is no value, or
        so large or small (above 1e300, below 1e-305) that a double could not work with them.

    Examples
    --------
    >>> import networkx as nx
    >>> from opiateroutes.chokepoints.structure.leg_graph import read_graph
    >>> legs = read_graph(nx.DiGraph([("a", "b", {"cost": 2}), ("b", "c", {"cost": 3})])).legs
    >>> values_of(legs, "cost", role="cost").tolist()
    [2.0, 3.0]
    >>> values_of(legs, {("a", "b"): 5, ("b", "c"): 7}, role="cost").tolist()
    [5.0, 7.0]
    """
    raw = _raw(table, what, role)
    numbers = np.array(pd.to_numeric(pd.Series(raw, dtype="object"), errors="coerce"), dtype="f8")
    bad = ~(numbers >= 0.0)
    bad |= (numbers > _LARGEST) & ~(infinite & np.isinf(numbers))
    bad |= (numbers > 0.0) & (numbers < _SMALLEST)
    if bad.any():
        raise _refused(
            table, what, role, [(k, raw[k], numbers[k]) for k in np.flatnonzero(bad).tolist()]
        )
    return numbers


def chosen(table: ElementTable, which: Any, *, role: str) -> NDArray[np.bool_]:
    """Read which legs or nodes are meant.

    Parameters
    ----------
    table
        Legs or nodes.
    which
        None for all, the name of a column of truth values (or 0 and 1), a series of them by id, or
        ids.
    role
        Name of the argument, for messages.

    Returns
    -------
    numpy.ndarray
        Truth values by position.

    Raises
    ------
    UnknownNameError
        If there is no such column or id.
    NetworkError
        If a value is missing or neither true nor false.

    Examples
    --------
    >>> import networkx as nx
    >>> from opiateroutes.chokepoints.structure.leg_graph import read_graph
    >>> legs = read_graph(nx.path_graph(3, create_using=nx.DiGraph)).legs
    >>> chosen(legs, [(1, 2)], role="blockable").tolist()
    [False, True]
    """
    if which is None:
        return np.ones(len(table.ids), dtype=bool)
    if isinstance(which, (str, Mapping, pd.Series)):
        numbers = values_of(table, which, role=role)
        odd = np.flatnonzero(~np.isin(numbers, (0.0, 1.0))).tolist()
        if odd:
            rows = [(table.name, table.ids[k], role, numbers[k], "true or false", "") for k in odd]
            raise NetworkError(f"{role} must be true or false", failure_table(rows))
        return np.asarray(numbers == 1.0)
    if not isinstance(which, Collection):
        raise TypeError(
            f"{role} is a column, a series or ids of {table.name}, not {type(which).__name__}"
        )
    position = {key: k for k, key in enumerate(table.ids)}
    _known(table, which, role)
    mask = np.zeros(len(table.ids), dtype=bool)
    mask[[position[key] for key in which]] = True
    return mask


def describe(what: Values) -> str:
    """Name what numbers were read, for the statement of a projection.

    Examples
    --------
    >>> describe(None), describe("flow_kg"), describe(2)
    ('1 each', 'flow_kg', '2 each')
    """
    if isinstance(what, str):
        return what
    if what is None or isinstance(what, Real):
        return f"{1 if what is None else what:g} each"
    return "the values given"


def _raw(table: ElementTable, what: Any, role: str) -> Sequence[Any]:
    if isinstance(what, bool):
        raise TypeError(f"{role} is a column, a number, or a series or mapping by id, not bool")
    if what is None or isinstance(what, Real):
        return [1.0 if what is None else float(what)] * len(table.ids)
    if isinstance(what, str):
        if what not in table.columns:
            columns = ", ".join(table.columns) or "no columns"
            raise UnknownNameError(
                f"{table.name} have no column {what!r} to use as {role}"
                f"{nearest(what, table.columns)}; there are {columns}"
            )
        return table.read(what)
    if not isinstance(what, (Mapping, pd.Series)):
        raise TypeError(
            f"{role} is a column, a number, or a series or mapping by id, not {type(what).__name__}"
        )
    given = dict(what.items())
    _known(table, given, role)
    return [given.get(key) for key in table.ids]


def _known(table: ElementTable, keys: Collection[Any], role: str) -> None:
    ids = set(table.ids)
    strangers = [key for key in keys if not isinstance(key, Hashable) or key not in ids]
    if strangers:
        first = strangers[0]
        raise UnknownNameError(
            f"{role} names {len(strangers)} {table.name} that the graph does not have: {first!r}"
            f"{nearest(str(first), [str(key) for key in table.ids])}"
        )


def _refused(
    table: ElementTable, what: Values, role: str, bad: list[tuple[Any, Any, float]]
) -> NetworkError:
    def rule(number: float) -> str:
        if math.isnan(number):
            return "a number; missing is not 0"
        if number < 0.0:
            return "at least 0"
        if math.isinf(number):
            return "finite"
        return f"0, or {_SMALLEST:g} to {_LARGEST:g}; take another unit"

    column = what if isinstance(what, str) else role
    rows = [(table.name, table.ids[k], column, value, rule(n), "") for k, value, n in bad]
    return NetworkError(
        f"{column!r} cannot be used as {role}: {len(bad)} of {len(table.ids)} {table.name} have no "
        "usable number in it",
        failure_table(rows),
    )
