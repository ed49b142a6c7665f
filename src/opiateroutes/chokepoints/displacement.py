"""Flows before and after extra enforcement, and who receives what is displaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy.sparse as sp

from opiateroutes.chokepoints.chain import Enforcement, IntendedChain
from opiateroutes.chokepoints.draws import chunks
from opiateroutes.chokepoints.elements import group_names, group_of, resolve_together, several
from opiateroutes.chokepoints.options import checked_effort, checked_reaction
from opiateroutes.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from opiateroutes.chokepoints.result import Chokepoints

__all__ = ["displaced", "received"]

_ENDS = (0.05, 0.95)


def displaced(
    found: Chokepoints,
    node: str | Iterable[str],
    effort: float,
    reaction: float,
    *,
    intervals: bool,
) -> pd.DataFrame:
    """Tabulate flows on legs before and after; see `Chokepoints.displacement`."""
    enforcement, reaction = _enforcement(found, node, effort, reaction)
    measure = found.fit.measure
    assert measure is not None  # noqa: S101 - checked when the enforcement was made
    use = measure.trace.use
    used = np.flatnonzero(np.diff(use.indptr))
    legs = found.fit.legs.loc[measure.trace.legs[used], ["from_node", "to_node", "mode"]].copy()
    changes = _before_and_after(found, enforcement, reaction, use[used], intervals=intervals)
    changes.index = legs.index
    frame = pd.concat([legs, changes], axis=1)
    return frame.sort_values("change_kg", ascending=False, kind="stable").rename_axis("leg")


def received(
    found: Chokepoints, node: str | Iterable[str], effort: float, reaction: float, by: str
) -> pd.DataFrame:
    """Tabulate what arrives at places before and after; see `Chokepoints.receivers`."""
    if by not in ("nodes", "groups"):
        raise UnknownNameError(f"no receivers by {by!r}; there are nodes, groups")
    enforcement, reaction = _enforcement(found, node, effort, reaction)
    fit = found.fit
    measure = fit.measure
    assert measure is not None  # noqa: S101 - checked when the enforcement was made
    states = [str(n) for n in measure.nodes]
    groups = group_of(fit)
    place = [groups.get(n, n) for n in states] if by == "groups" else states
    ids, at = np.unique(np.array(place, dtype=object).astype(str), return_inverse=True)
    tails = at[measure.tail]
    heads = at[measure.head]
    arriving = np.flatnonzero(tails != heads)
    sums = sp.coo_array(
        (np.ones(len(arriving)), (heads[arriving], arriving)), shape=(len(ids), measure.n_arcs)
    ).tocsr()
    changes = _before_and_after(found, enforcement, reaction, sums, intervals=True)
    names = group_names(fit) if by == "groups" else fit.network.nodes["name"].to_dict()
    changes.index = pd.Index(ids, name=by.removesuffix("s"))
    changes.insert(0, "name", [names.get(i, i) for i in ids])
    return changes.sort_values("change_kg", ascending=False, kind="stable")


def _enforcement(
    found: Chokepoints, node: str | Iterable[str], effort: float, reaction: float
) -> tuple[Enforcement, float]:
    effort, reaction = checked_effort(effort), checked_reaction(reaction)
    measure = found.fit.measure
    if measure is None:
        raise ValueError("nothing moves in this fit: there is nothing to displace")
    ranked = {element.id: element for element in found.elements}
    enforcement = Enforcement.none(measure)
    for one in (str(value) for value in several(node)):
        element = ranked[one] if one in ranked else resolve_together(found.fit, one)
        enforcement.at_nodes[element.nodes] = 1.0 - effort
        enforcement.on_legs[element.stages] = 1.0 - effort
    return enforcement, reaction


def _before_and_after(
    found: Chokepoints,
    enforcement: Enforcement,
    reaction: float,
    sums: sp.csr_array,
    *,
    intervals: bool,
) -> pd.DataFrame:
    """Tabulate sums of arcs before and after, with their intervals where there are draws."""
    fit = found.fit
    assert fit.measure is not None  # noqa: S101 - checked when the enforcement was made
    chain = IntendedChain.of(fit.measure, fit.arcs_kg)
    before = sums @ fit.arcs_kg
    after = sums @ chain.flows_kg(enforcement, reaction)[0]
    columns = {"before_kg": before, "after_kg": after, "change_kg": after - before}
    if intervals and found.ensemble is not None:
        ends = [sums @ np.asarray(found.ensemble.arcs_kg, dtype=np.float64).T]
        ends.append(
            np.concatenate(
                [sums @ part.flows_kg(enforcement, reaction).T for part in chunks(found.ensemble)],
                axis=1,
            )
        )
        ends.append(ends[1] - ends[0])
        for name, values in zip(("before", "after", "change"), ends, strict=True):
            low, high = np.quantile(values, _ENDS, axis=1)
            columns |= {f"{name}_low_kg": low, f"{name}_high_kg": high}
    return pd.DataFrame(columns)
