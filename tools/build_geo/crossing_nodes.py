"""The nodes of the crossing network: both sides of a crossing, ports, airports and hub cities."""

from __future__ import annotations

import logging
import re
import unicodedata
from typing import TYPE_CHECKING

import pandas as pd
from tools.build_geo.tables import read_records, write_table

if TYPE_CHECKING:
    from tools.build_geo.workspace import Workspace

log = logging.getLogger(__name__)

COLUMNS = [
    "node",
    "name",
    "label",
    "kind",
    "iso3",
    "lon",
    "lat",
    "precision",
    "population",
    "point",
    "why",
    "source",
]


def build_crossing_nodes(work: Workspace) -> None:
    """Write ``crossing_nodes.csv``.

    A crossing is two nodes at one position, one for each side, so that friction and enforcement can
    sit on the border leg between them and every node lies in one country.

    Parameters
    ----------
    work : Workspace
        Folders of the build; reads ``points.csv`` and ``hubs.csv``.
    """
    points = read_records(work.geo / "points.csv")
    rows = [row for point in points for row in _rows_of_point(point)]
    rows += [_row_of_hub(hub) for hub in read_records(work.geo / "hubs.csv")]
    table = pd.DataFrame(rows, columns=COLUMNS)
    write_table(table, work.geo / "crossing_nodes.csv", sort_by=["node"])
    log.info("nodes of the crossing network: %s", table["kind"].value_counts().to_dict())


def side(point: str, code: str) -> str:
    """Return the node that stands for one side of a crossing.

    Examples
    --------
    >>> side("AFG-IRN-ISLQ", "IRN")
    'AFG-IRN-ISLQ@IRN'
    """
    return f"{point}@{code}"


def plain_label(name: str) -> str:
    """Return a name in letters without marks, as on an English map.

    Examples
    --------
    >>> plain_label("Herāt"), plain_label("Łódź")
    ('Herat', 'Lodz')
    """
    special = str.maketrans({"ł": "l", "Ł": "L", "ı": "i", "ø": "o", "ß": "ss", "đ": "d"})
    parts = unicodedata.normalize("NFKD", name.translate(special))
    plain = "".join(c for c in parts if not unicodedata.combining(c))
    return (
        plain.replace("\u2018", "")
        .replace("\u2019", "")
        .replace("\u02bb", "")
        .replace("\u02bc", "")
    )


def _rows_of_point(point: dict[str, str]) -> list[dict[str, str]]:
    shared = {
        "kind": point["kind"],
        "lon": point["lon"],
        "lat": point["lat"],
        "precision": point["precision_class"],
        "population": "",
        "point": point["point"],
        "source": "points_list",
    }
    if point["kind"] != "crossing":
        own = point["name"]
        return [
            {
                **shared,
                "node": point["point"],
                "name": own,
                "label": _terminal_label(point),
                "iso3": point["iso3_a"],
                "why": f"listed {point['kind']}",
            }
        ]
    return [
        {
            **shared,
            "node": side(point["point"], point[f"iso3_{end}"]),
            "name": point[f"name_{end}"],
            "label": re.sub(r" \([A-Z]{3}\)$", "", plain_label(point[f"name_{end}"])),
            "iso3": point[f"iso3_{end}"],
            "why": f"one side of the official crossing {point['name']}",
        }
        for end in ("a", "b")
    ]


def _terminal_label(point: dict[str, str]) -> str:
    """Return the label of a port or an airport, which tells it from the city of that name."""
    if point["kind"] == "airport":
        return f"{plain_label(point['name_a'])} airport"
    name = plain_label(point["name"])
    return name if "port" in name.casefold() else f"{name} port"


def _row_of_hub(hub: dict[str, str]) -> dict[str, str]:
    return {
        "node": hub["hub"],
        "name": hub["name"],
        "label": plain_label(hub["name"]),
        "kind": "hub",
        "iso3": hub["iso3"],
        "lon": hub["lon"],
        "lat": hub["lat"],
        "precision": "city",
        "population": hub["population"],
        "point": "",
        "why": "hub city",
        "source": "geonames",
    }
