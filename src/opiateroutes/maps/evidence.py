"""Evidence rows and sources as the map shows them: numbered, and found by node or by leg."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opiateroutes.maps.values import number, split_ids, text

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class EvidenceRows:
    """Evidence rows of a fit, in table order.

    Attributes
    ----------
    rows : list of dict
        What a popup and the evidence table print; amounts in kg. A row that is no amount has none,
        and ``other`` says its figures in words.
    sources : list of dict
        The publications behind the rows.
    by_node, by_leg : dict
        Positions in ``rows`` by node id and by leg id.
    """

    rows: list[dict[str, Any]]
    sources: list[dict[str, Any]]
    by_node: dict[str, list[int]]
    by_leg: dict[str, list[int]]

    def behind(self, direct: dict[str, list[int]], key: str, rests_on: str) -> list[int]:
        """Find the rows that speak of a place or leg, then those that its estimate rests on.

        Parameters
        ----------
        direct : dict
            ``by_node`` or ``by_leg``.
        key : str
            Node or leg id.
        rests_on : str
            Row ids joined by semicolons; ``model`` names none.

        Returns
        -------
        list of int
            Positions in ``rows``, each once.

        Examples
        --------
        >>> rows = EvidenceRows([{"id": "a"}, {"id": "b"}], [], {"N": [1]}, {})
        >>> rows.behind(rows.by_node, "N", "a; b")
        [1, 0]
        """
        position = {row["id"]: place for place, row in enumerate(self.rows)}
        named = [position[name] for name in split_ids(rests_on) if name in position]
        return list(dict.fromkeys([*direct.get(key, []), *named]))

    @classmethod
    def from_tables(
        cls,
        residuals: pd.DataFrame,
        sources: pd.DataFrame,
        place_of: dict[str, str] | None = None,
    ) -> EvidenceRows:
        """Give numbers to the rows of ``fit.residuals`` and link them to ``fit.sources``.

        Parameters
        ----------
        residuals, sources : pandas.DataFrame
            Tables of a fit; see `opiateroutes.maps.inputs.FitTables`.
        place_of : dict, optional
            Place of each node: figures about a place stand behind all its nodes.

        Returns
        -------
        EvidenceRows
            A source that is not in the list of sources keeps its id as text, so that no row looks
            unsourced.

        Examples
        --------
        >>> import pandas as pd
        >>> EvidenceRows.from_tables(pd.DataFrame(), pd.DataFrame()).rows
        []
        """
        position = {str(key): place for place, key in enumerate(sources.index)}
        nodes_of: dict[str, list[str]] = defaultdict(list)
        for node, group in (place_of or {}).items():
            nodes_of[group].append(node)
        rows: list[dict[str, Any]] = []
        by_node: dict[str, list[int]] = defaultdict(list)
        by_leg: dict[str, list[int]] = defaultdict(list)
        for place, (key, record) in enumerate(
            zip(residuals.index, residuals.to_dict("records"), strict=True)
        ):
            sources_here = split_ids(record.get("source"))
            rows.append(
                {
                    "id": text(key),
                    "kind": text(record.get("kind")),
                    "target": text(record.get("target")),
                    "kg": number(record.get("evidence_kg")),
                    "low": number(record.get("low_kg")),
                    "high": number(record.get("high_kg")),
                    "fit": number(record.get("estimate_kg")),
                    "sigmas": number(record.get("residual_sigmas"), digits=2),
                    "sources": [position.get(source, source) for source in sources_here],
                    "edition": text(record.get("edition")),
                    "confidence": text(record.get("confidence")),
                    "note": text(record.get("note")),
                    **_other(record),
                }
            )
            for node in split_ids(record.get("nodes")):
                for member in [node, *nodes_of.get(node, [])]:
                    by_node[member].append(place)
            for leg in split_ids(record.get("legs")):
                by_leg[leg].append(place)
        return cls(rows, _sources(sources), dict(by_node), dict(by_leg))


def _other(record: dict[str, Any]) -> dict[str, Any]:
    r"""Write figures that are no kilograms: shares in per cent, price gaps as factors.

    Examples
    --------
    >>> _other({"unit": "share", "figure": 0.4, "low": 0.3, "high": 0.5, "estimate": 0.38})
    {'other': {'figure': '40\xa0%', 'low': '30\xa0%', 'high': '50\xa0%', 'fit': '38\xa0%'}}
    >>> _other({"unit": "kg", "figure": 5.0})
    {}
    """
    unit = record.get("unit", "kg")
    if unit == "kg":
        return {}
    columns = {"figure": "figure", "low": "low", "high": "high", "fit": "estimate"}
    values = {name: float(record[column]) for name, column in columns.items()}
    if unit == "log_ratio":
        return {"other": {name: f"{math.exp(value):.3g} times" for name, value in values.items()}}
    return {"other": {name: f"{100 * value:.3g}\u00a0%" for name, value in values.items()}}


def _sources(sources: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "id": text(key),
            "title": text(record.get("title")),
            "publisher": text(record.get("publisher")),
            "year": text(record.get("year")),
            "url": text(record.get("url")),
            "terms": text(record.get("terms")),
        }
        for key, record in zip(sources.index, sources.to_dict("records"), strict=True)
    ]
