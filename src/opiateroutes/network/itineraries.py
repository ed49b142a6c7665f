"""Reported itineraries as a network: the countries that seizure records name, joined in order.

A record says where a drug was made, where the consignment left, where it was seized and where it
was meant to go. Put in this order, with what is not known left out, the countries form a chain;
each step of it is a leg.
"""

from __future__ import annotations

import warnings
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from opiateroutes.errors import NetworkWarning
from opiateroutes.network.itinerary_places import place_nodes
from opiateroutes.network.itinerary_records import PLACES, read_records
from opiateroutes.network.route_network import RouteNetwork

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from opiateroutes.network.itinerary_records import Records

__all__ = ["MISCODED", "UNKNOWN", "network_from_itineraries"]

UNKNOWN = ("Unknown", "Other", "Multiple Countries")
"""Words that published records use where no country is known."""

MISCODED: Mapping[str, str] = MappingProxyType({"NAM": "IND"})
"""Producing country that is not meant, and the country whose records have the mistake."""


class _Steps(NamedTuple):
    """One row a step of a chain: row of the records, places as numbers, and the part of it."""

    row: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    part: NDArray[np.int64]


def network_from_itineraries(
    records: pd.DataFrame,
    *,
    unknown: Collection[str] = UNKNOWN,
    miscoded: Mapping[str, str] | None = MISCODED,
) -> RouteNetwork:
    """Join the countries that seizure records name into a network.

    The chain of a record is producing > departure > seizure > destination country. Places that are
    not known are skipped, so that the chain goes on from the last known one; a country that
    follows itself counts once. Each pair of neighbours in a chain is a step, and all equal steps
    are one leg. A case that takes the same step twice counts once for that leg.

    Parameters
    ----------
    records
        Columns ``producing``, ``departure``, ``seized``, ``destination``: ISO 3166-1 codes with
        three letters (any other ids will do, but have no name and no position); missing where not
        known. Optional: ``cases`` (whole numbers; 1 where there is no such column) and
        ``kg_heroin_equivalent`` (missing where not known). Other columns, such as ``year``, are
        ignored.
    unknown
        Words that stand for "not known", whatever their case.
    miscoded
        ``{producing: other}``: where ``producing`` is the producing country of a record in which
        ``other`` is one of the other places, the producing country is taken as not known; the rest
        of the record is kept. By default Namibia in records about India: there "NA", *not
        available*, was read as Namibia's code. None or ``{}`` keeps everything.

    Returns
    -------
    RouteNetwork
        Nodes: all countries of all chains, with ``name``, ``label``, position (that of the shipped
        network of countries, or else a point inside the country) and ``cases`` that name them.
        Legs: mode ``"reported"``, ``cases``, ``kg_heroin_equivalent`` (of the cases whose weight
        is known; missing if there is none) and ``why``. What a leg carries is what was seized on
        records that name it: not a flow.

    Raises
    ------
    NetworkError
        With all failures: columns missing, cases that are no whole numbers, weights that are
        negative or no numbers, names of countries instead of codes.

    Warns
    -----
    NetworkWarning
        If producing countries are set aside as mis-coded, with their number.

    Examples
    --------
    >>> import pandas as pd
    >>> records = pd.DataFrame(
    ...     {
    ...         "producing": ["AFG", "AFG"],
    ...         "departure": ["AFG", None],
    ...         "seized": ["IRN", "PAK"],
    ...         "destination": ["TUR", "Unknown"],
    ...         "cases": [3, 1],
    ...     }
    ... )
    >>> net = network_from_itineraries(records)
    >>> net.legs["cases"].to_dict()
    {'AFG>IRN:reported': 3, 'AFG>PAK:reported': 1, 'IRN>TUR:reported': 3}
    """
    known = read_records(records, unknown)
    codes, set_aside = _without_miscoded(known, dict(miscoded or {}))
    steps = _steps_of(codes)
    nodes = place_nodes(known.labels, _cases_by_place(codes, known))
    legs = _legs_of(steps, known)
    meta = {
        "level": "countries",
        "title": "Reported itineraries",
        "records": len(codes),
        "cases": int(known.cases.sum()),
        "chain": "producing > departure > seizure > destination country, unknown places skipped",
        "miscoded_cases_set_aside": set_aside,
    }
    return RouteNetwork.from_tables(nodes, legs, meta=meta)


def _without_miscoded(known: Records, miscoded: Mapping[str, str]) -> tuple[NDArray[np.int64], int]:
    """Forget producing countries that were not meant; tell of how many cases."""
    number = {label: k for k, label in enumerate(known.labels)}
    codes, cases = known.codes.copy(), 0
    for producing, other in miscoded.items():
        if producing not in number or other not in number:
            continue
        wrong = (codes[:, 0] == number[producing]) & (codes[:, 1:] == number[other]).any(axis=1)
        if not wrong.any():
            continue
        here = int(known.cases[wrong].sum())
        codes[wrong, 0] = -1
        cases += here
        warnings.warn(
            f"the producing country {producing} was set aside in {here} case(s) "
            f"({int(wrong.sum())} record(s)) about {other}: there it is taken for a misread code, "
            "not for a country; the rest of these records is kept. miscoded={} keeps it too",
            NetworkWarning,
            stacklevel=3,
        )
    return codes, cases


def _steps_of(codes: NDArray[np.int64]) -> _Steps:
    """Walk along all chains at once, from each known place to the next different one."""
    last, part = codes[:, 0].copy(), np.zeros(len(codes), dtype=np.int64)
    found: list[_Steps] = []
    for k in range(1, len(PLACES)):
        here = codes[:, k]
        row = np.flatnonzero((here >= 0) & (last >= 0) & (here != last))
        found.append(_Steps(row, last[row], here[row], part[row] * len(PLACES) + k))
        is_known = here >= 0
        last, part = np.where(is_known, here, last), np.where(is_known, k, part)
    return _Steps(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _legs_of(steps: _Steps, known: Records) -> pd.DataFrame:
    frame = pd.DataFrame(steps._asdict()).drop_duplicates(["row", "start", "end"])
    row = frame.pop("row").to_numpy()
    frame["cases"] = known.cases[row]
    frame["kg"] = known.kg[row]
    frame["weighed"] = np.where(np.isnan(known.kg[row]), 0, known.cases[row])
    ends = ["start", "end"]
    legs = frame.groupby(ends)[["cases", "weighed"]].sum()
    legs["kg_heroin_equivalent"] = frame.groupby(ends)["kg"].sum(min_count=1)
    parts = frame.groupby([*ends, "part"])["cases"].sum().reset_index("part")
    said = _part_names(parts["part"]) + " " + parts["cases"].astype("str")
    legs["parts"] = said.groupby(ends).agg(", ".join)
    legs = legs.reset_index()
    labels = np.array(known.labels, dtype=object)
    weighed = "; weight known for " + legs["weighed"].astype("str")
    if np.isnan(known.kg).all():
        weighed = ""
    return pd.DataFrame(
        {
            "from_node": labels[legs["start"].to_numpy(dtype=np.int64)],
            "to_node": labels[legs["end"].to_numpy(dtype=np.int64)],
            "mode": "reported",
            "cases": legs["cases"].astype("int64"),
            "kg_heroin_equivalent": legs["kg_heroin_equivalent"].astype("float64"),
            "why": "cases by part of the itinerary: " + legs["parts"].astype("str") + weighed,
        }
    ).astype({"from_node": "str", "to_node": "str", "why": "str"})


def _part_names(part: pd.Series) -> pd.Series:
    count = len(PLACES)
    names = {
        i * count + k: f"{PLACES[i]} > {PLACES[k]}" for i in range(count) for k in range(count)
    }
    return part.map(names)


def _cases_by_place(codes: NDArray[np.int64], known: Records) -> NDArray[np.int64]:
    """Count the cases that name each place, once a case."""
    total = np.zeros(len(known.labels), dtype=np.int64)
    for k in range(len(PLACES)):
        here = codes[:, k]
        again = (codes[:, :k] == here[:, None]).any(axis=1)
        new = (here >= 0) & ~again
        np.add.at(total, here[new], known.cases[new])
    return total
