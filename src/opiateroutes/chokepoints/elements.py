"""What enforcement can sit on: nodes, legs, border pairs, groups, routes, or any list of these."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from opiateroutes.data import load_routes, nearest
from opiateroutes.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from opiateroutes.flows import FlowFit
    from opiateroutes.flows.kernel.measure import PathMeasure

__all__ = [
    "KINDS",
    "Element",
    "group_names",
    "group_of",
    "merged",
    "resolve_elements",
    "resolve_together",
    "several",
]

KINDS = {
    "nodes": "node",
    "legs": "leg",
    "borders": "border",
    "groups": "group",
    "routes": "route",
}
"""What can be ranked, and the name of its column."""

_NOT_BORDERS = ("sea", "air")


@dataclass(frozen=True, eq=False)
class Element:
    """One thing to enforce on.

    Parameters
    ----------
    id, name
        What it is called.
    nodes
        Indices of nodes of the measure: enforcement acts at each visit.
    stages
        Indices of stages of the measure: enforcement acts at each crossing.
    """

    id: str
    name: str
    nodes: NDArray[np.intp]
    stages: NDArray[np.intp]


def resolve_elements(
    fit: FlowFit,
    elements: str | Mapping[str, Iterable[str]] = "nodes",
    candidates: Iterable[str] | None = None,
) -> tuple[str, list[Element]]:
    """Find the elements of a kind in a fit.

    Parameters
    ----------
    fit
        A fit with a measure.
    elements
        ``"nodes"`` (where routes arrive), ``"legs"`` (those that end a stage: border legs, sea and
        air), ``"borders"`` (all land legs between two groups, both ways), ``"groups"`` (all nodes
        of one ``iso3``), ``"routes"`` (the published routes, by their legs), or a mapping of a name
        to ids of nodes, legs and groups.
    candidates
        Only these; by default all but nodes of supply, which every route leaves.

    Returns
    -------
    str
        Name of the kind, as its column is called; ``"element"`` for a mapping.
    list of Element
        In the order of the candidates, or sorted by id.

    Raises
    ------
    UnknownNameError
        If there is no such kind, or no route of the fit uses a candidate.
    """
    if isinstance(elements, Mapping):
        found = {
            str(name): resolve_together(fit, ids, name=str(name)) for name, ids in elements.items()
        }
        kind = "element"
    elif isinstance(elements, str) and elements in KINDS:
        kind = KINDS[elements]
        found = {e.id: e for e in _OF_KIND[elements](fit)}
    else:
        raise UnknownNameError(
            f"no elements {elements!r}; there are {', '.join(KINDS)}, or a mapping of a name to ids"
        )
    if candidates is None:
        return kind, list(found.values())
    chosen: dict[str, Element] = {}
    for name in dict.fromkeys(str(value) for value in several(candidates)):
        if name in found:
            chosen[name] = found[name]
        elif kind == "node":
            chosen |= {e.id: e for e in _states_at(fit, name)}
        else:
            raise UnknownNameError(
                f"no route of the fit uses the {kind} {name!r}{nearest(name, found)}"
            )
    return kind, list(chosen.values())


def resolve_together(fit: FlowFit, ids: str | Iterable[str], *, name: str = "") -> Element:
    """Take nodes, legs and groups together as one element.

    Raises
    ------
    UnknownNameError
        If no route of the fit uses one of them.
    """
    measure = _measure(fit)
    wanted = [str(value) for value in several(ids)]
    nodes: list[NDArray[np.intp]] = []
    stages: list[NDArray[np.intp]] = []
    borders: dict[str, Element] | None = None
    for one in wanted:
        crossed = np.flatnonzero(measure.legs == one)
        if len(crossed):
            stages.append(crossed)
            continue
        if " - " in one:
            borders = {e.id: e for e in _borders(fit)} if borders is None else borders
            if one in borders:
                stages.append(borders[one].stages)
                continue
        if one in fit.network.legs.index:
            raise UnknownNameError(
                f"leg {one!r} ends no stage of the fit: enforcement sits on legs that routes cross "
                "between groups (borders, sea and air), not on inland ones, which a haul may leave "
                "for the next best"
            )
        nodes += [e.nodes for e in _states_at(fit, one)]
    label = name or ", ".join(wanted)
    return Element(label, label, _joined(nodes), _joined(stages))


def merged(elements: Iterable[Element]) -> Element:
    """Take elements together: enforcement acts once where they overlap."""
    parts = list(elements)
    return Element(
        " + ".join(part.id for part in parts),
        " + ".join(part.name for part in parts),
        _joined([part.nodes for part in parts]),
        _joined([part.stages for part in parts]),
    )


def several(values: Any) -> list[object]:
    """Read one value or several."""
    if isinstance(values, np.ndarray) and values.ndim == 0:
        return [values.item()]
    many = isinstance(values, Iterable) and not isinstance(values, str)
    return list(values) if many else [values]


def _joined(parts: list[NDArray[np.intp]]) -> NDArray[np.intp]:
    return np.unique(np.concatenate([np.zeros(0, dtype=np.intp), *parts]))


def _measure(fit: FlowFit) -> PathMeasure:
    if fit.measure is None:
        raise ValueError("nothing moves in this fit: there is nothing to enforce on")
    return fit.measure


def _name(fit: FlowFit, node: str) -> str:
    names = fit.network.nodes["name"]
    return str(names[node]) if node in names.index else node


def _nodes(fit: FlowFit) -> list[Element]:
    measure = _measure(fit)
    none = np.zeros(0, dtype=np.intp)
    return [
        Element(str(measure.nodes[k]), _name(fit, measure.nodes[k]), np.array([k]), none)
        for k in np.flatnonzero(measure.supply_kg == 0)
    ]


def _states_at(fit: FlowFit, name: str) -> list[Element]:
    """Find where routes of a fit arrive at a node, or at any node of the group of that ``iso3``."""
    measure = _measure(fit)
    none = np.zeros(0, dtype=np.intp)
    position = {node: k for k, node in enumerate(measure.nodes.tolist())}
    if name in position:
        return [Element(name, _name(fit, name), np.array([position[name]]), none)]
    group = fit.network.nodes["iso3"].reindex(list(position))
    members = [str(node) for node, code in group.items() if code == name]
    if members:
        return [Element(m, _name(fit, m), np.array([position[m]]), none) for m in members]
    if name in fit.network.nodes.index:
        raise UnknownNameError(
            f"no route of the fit arrives at {name!r}: enforcement sits where routes arrive, on "
            f"the far side of a crossing, in a port or an airport{nearest(name, position)}"
        )
    raise UnknownNameError(f"no route of the fit uses {name!r}{nearest(name, position)}")


def _legs(fit: FlowFit) -> list[Element]:
    measure = _measure(fit)
    none = np.zeros(0, dtype=np.intp)
    legs = fit.network.legs
    found = []
    for leg in sorted(set(measure.legs.tolist())):
        ends = [_name(fit, str(legs.at[leg, end])) for end in ("from_node", "to_node")]
        name = f"{ends[0]} to {ends[1]} ({legs.at[leg, 'mode']})"
        found.append(Element(leg, name, none, np.flatnonzero(measure.legs == leg)))
    return found


def group_of(fit: FlowFit) -> dict[str, str]:
    """Return the group of each node; a node without one is its own."""
    codes = fit.network.nodes["iso3"]
    known = codes.notna()
    return {
        str(node): str(code) if there else str(node)
        for (node, code), there in zip(codes.items(), known, strict=True)
    }


def group_names(fit: FlowFit) -> dict[str, str]:
    """Return the names of groups that are nodes themselves."""
    nodes = fit.network.nodes
    return {code: _name(fit, code) for code in set(group_of(fit).values()) if code in nodes.index}


def _borders(fit: FlowFit) -> list[Element]:
    measure, group, names = _measure(fit), group_of(fit), group_names(fit)
    legs = fit.network.legs
    stages: dict[tuple[str, str], list[int]] = {}
    for k, leg in enumerate(measure.legs.tolist()):
        if legs.at[leg, "mode"] in _NOT_BORDERS:
            continue
        ends = [group[str(legs.at[leg, end])] for end in ("from_node", "to_node")]
        if ends[0] != ends[1]:
            stages.setdefault((min(ends), max(ends)), []).append(k)
    none = np.zeros(0, dtype=np.intp)
    return [
        Element(" - ".join(pair), " - ".join(names.get(g, g) for g in pair), none, np.array(found))
        for pair, found in sorted(stages.items())
    ]


def _groups(fit: FlowFit) -> list[Element]:
    measure, group, names = _measure(fit), group_of(fit), group_names(fit)
    none = np.zeros(0, dtype=np.intp)
    members: dict[str, list[int]] = {}
    for k in np.flatnonzero(measure.supply_kg == 0).tolist():
        node = str(measure.nodes[k])
        members.setdefault(group.get(node, node), []).append(k)
    return [
        Element(code, names.get(code, code), np.array(found), none)
        for code, found in sorted(members.items())
    ]


def _routes(fit: FlowFit) -> list[Element]:
    """Find published routes by the legs between the groups that they name, where there are any."""
    measure, group = _measure(fit), group_of(fit)
    legs = fit.network.legs
    between: dict[tuple[str, str], list[int]] = {}
    for k, leg in enumerate(measure.legs.tolist()):
        ends = [group[str(legs.at[leg, end])] for end in ("from_node", "to_node")]
        between.setdefault((ends[0], ends[1]), []).append(k)
    found = []
    for row in load_routes().itertuples():
        stops = str(row.nodes).split(">")
        stages = [
            np.array(between.get(pair, []), dtype=np.intp) for pair in itertools.pairwise(stops)
        ]
        if any(len(part) for part in stages):
            none = np.zeros(0, dtype=np.intp)
            found.append(Element(str(row.route), str(row.name), none, _joined(stages)))
    return found


_OF_KIND: dict[str, Callable[[FlowFit], list[Element]]] = {
    "nodes": _nodes,
    "legs": _legs,
    "borders": _borders,
    "groups": _groups,
    "routes": _routes,
}
