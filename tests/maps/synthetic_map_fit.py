"""A fit that nobody fitted: real positions, invented amounts, the tables that `explore` reads.

Amounts follow one rule (tonnes written here, bounds and leverage by the place in the list), so that
a test can say what it expects without repeating the rule of the code under test.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.geometry import Point

PLACES = {
    "AFG": ("Afghanistan", 33.8, 66.0),
    "IRN": ("Iran (Islamic Republic of)", 32.6, 54.2),
    "PAK": ("Pakistan", 29.3, 68.0),
    "TJK": ("Tajikistan", 38.6, 70.6),
    "UZB": ("Uzbekistan", 41.5, 63.8),
    "TKM": ("Turkmenistan", 39.2, 58.8),
    "KGZ": ("Kyrgyzstan", 41.5, 74.6),
    "KAZ": ("Kazakhstan", 48.3, 67.0),
    "RUS": ("Russian Federation", 55.2, 45.0),
    "UKR": ("Ukraine", 49.0, 31.3),
    "BLR": ("Belarus", 53.5, 28.0),
    "AZE": ("Azerbaijan", 40.4, 47.8),
    "GEO": ("Georgia", 42.1, 43.5),
    "ARM": ("Armenia", 40.2, 44.8),
    "TUR": ("T\u00fcrkiye", 39.0, 34.5),
    "BGR": ("Bulgaria", 42.7, 25.3),
    "ROU": ("Romania", 45.9, 25.0),
    "GRC": ("Greece", 39.4, 22.2),
    "MKD": ("North Macedonia", 41.6, 21.7),
    "ALB": ("Albania", 41.0, 20.0),
    "SRB": ("Serbia", 44.0, 20.9),
    "BIH": ("Bosnia and Herzegovina", 44.2, 17.8),
    "HRV": ("Croatia", 45.5, 16.2),
    "SVN": ("Slovenia", 46.1, 14.7),
    "HUN": ("Hungary", 47.1, 19.4),
    "AUT": ("Austria", 47.5, 14.0),
    "ITA": ("Italy", 42.9, 12.5),
    "DEU": ("Germany", 51.1, 10.3),
    "FRA": ("France", 46.8, 2.4),
    "ESP": ("Spain", 40.2, -3.6),
    "NLD": ("Netherlands", 52.3, 5.6),
    "BEL": ("Belgium", 50.7, 4.6),
    "CHE": ("Switzerland", 46.8, 8.2),
    "GBR": ("United Kingdom of Great Britain and Northern Ireland", 52.8, -1.6),
    "SWE": ("Sweden", 59.8, 15.0),
    "POL": ("Poland", 52.1, 19.3),
    "LTU": ("Lithuania", 55.3, 23.9),
    "IRQ": ("Iraq", 33.0, 43.6),
    "SYR": ("Syrian Arab Republic", 35.0, 38.5),
    "ARE": ("United Arab Emirates", 24.0, 54.2),
    "SAU": ("Saudi Arabia", 24.0, 45.0),
    "KEN": ("Kenya", 0.5, 37.9),
    "TZA": ("United Republic of Tanzania", -6.3, 34.9),
    "ZAF": ("South Africa", -29.0, 24.7),
    "IND": ("India", 22.6, 79.4),
    "CHN": ("China", 35.0, 103.5),
    "MYS": ("Malaysia", 4.2, 102.2),
    "AUS": ("Australia", -26.0, 134.0),
    "USA": ("United States of America", 40.5, -98.0),
}
SHORT = {
    "IRN": "Iran",
    "GBR": "United Kingdom",
    "RUS": "Russia",
    "TZA": "Tanzania",
    "USA": "United States",
    "SYR": "Syria",
    "ARE": "UAE",
}

TONNES = """
AFG-IRN:145 AFG-PAK:150 AFG-TJK:60 AFG-UZB:9 AFG-TKM:10 PAK-IRN:35 IRN-TUR:95 IRN-IRQ:6
IRQ-TUR:2 IRN-AZE:5 IRN-ARM:1.5 ARM-GEO:1 AZE-GEO:4 GEO-UKR:2.5 TUR-BGR:62 TUR-GRC:12
TUR-UKR:1.5 TUR-ITA:2 BGR-ROU:9 BGR-SRB:22 BGR-MKD:9 GRC-ALB:5 GRC-ITA:6 MKD-SRB:6 ALB-ITA:5
SRB-HUN:11 SRB-HRV:8 SRB-BIH:3 BIH-HRV:2.5 HRV-SVN:9 SVN-ITA:3 SVN-AUT:5 HUN-AUT:12 ROU-HUN:7
AUT-DEU:14 ITA-CHE:2 ITA-FRA:6 DEU-NLD:9 NLD-DEU:4 DEU-FRA:3 NLD-GBR:11 NLD-BEL:3 BEL-GBR:3
FRA-ESP:3 FRA-GBR:2 DEU-POL:1 DEU-SWE:.9 TJK-KGZ:40 TJK-UZB:9 KGZ-KAZ:38 UZB-KAZ:14 TKM-KAZ:3
KAZ-RUS:55 TJK-RUS:4 RUS-BLR:2 RUS-UKR:1.5 BLR-POL:1 BLR-LTU:.6 KGZ-CHN:1 TKM-IRN:3 PAK-IND:9
PAK-ARE:8 PAK-KEN:4 PAK-TZA:6 PAK-CHN:6 PAK-MYS:5 PAK-GBR:7 PAK-NLD:2 PAK-USA:.8 IRN-ARE:2
ARE-SAU:2 KEN-TZA:.5 TZA-ZAF:4 ZAF-NLD:1 MYS-AUS:3 IND-USA:.4 IRQ-SYR:1 AUS-USA:.05
"""
BOTH_MODES = {
    ("PAK", "ARE"): "sea",
    ("TUR", "ITA"): "sea",
    ("NLD", "GBR"): "sea",
    ("PAK", "GBR"): "air",
}
ROUTES = (
    ("balkan", "Balkan", "AFG>IRN>TUR>BGR>SRB>HUN>AUT>DEU>NLD>GBR"),
    ("balkan_south", "Balkan", "AFG>IRN>TUR>GRC>ALB>ITA"),
    ("balkan_west", "Balkan", "TUR>BGR>MKD>SRB>HRV>SVN>AUT"),
    ("balkan_north", "Balkan", "BGR>ROU>HUN"),
    ("caucasus", "Caucasus", "AFG>IRN>AZE>GEO>UKR"),
    ("northern", "Northern", "AFG>TJK>KGZ>KAZ>RUS>BLR>LTU"),
    ("northern_uzb", "Northern", "AFG>UZB>KAZ>RUS"),
    ("northern_tjk_uzb", "Northern", "AFG>TJK>UZB>KAZ"),
    ("southern", "Southern", "AFG>PAK>TZA>ZAF"),
    ("southern_gulf", "Southern", "AFG>PAK>ARE"),
    ("southern_asia", "Southern", "AFG>PAK>IND"),
    ("southern_direct", "Southern", "AFG>PAK>GBR"),
    ("southern_africa", "Southern", "AFG>PAK>KEN"),
)
CHOKEPOINTS = ("IRN", "TUR", "PAK", "BGR", "TJK", "KAZ", "KGZ", "SRB", "AUT", "NLD", "HUN", "ITA")


@dataclass
class SyntheticFit:
    """The attributes of a fit; every table may be changed by a test."""

    network: SimpleNamespace
    legs: pd.DataFrame
    nodes: pd.DataFrame
    residuals: pd.DataFrame
    sources: pd.DataFrame
    year: int | None = 2010
    supply_kg: float = 380_000.0
    supply_low_kg: float = 300_000.0
    supply_high_kg: float = 450_000.0
    unit: str = "kg heroin equivalent"
    certificate: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(gap=1e-9, balance=1e-10)
    )
    provenance: dict[str, Any] = field(
        default_factory=lambda: {"opiateroutes": "0", "note": "synthetic values"}
    )


class SyntheticChokepoints:
    """A ranking with a displacement that follows the legs of the fit."""

    effort = 0.5

    def __init__(self, fit: SyntheticFit) -> None:
        self._legs = fit.legs
        rows = []
        for reaction in (0, 1, 2, 4):
            shares = {
                node: round(0.3 * 0.8**place / (1 + 0.4 * reaction * (place % 3)), 4)
                for place, node in enumerate(CHOKEPOINTS)
            }
            order = sorted(shares, key=lambda node: -shares[node])
            rows += [
                {
                    "node": node,
                    "name": PLACES[node][0],
                    "effort": effort,
                    "reaction": reaction,
                    "rank": rank,
                    "drop_share": shares[node] * effort * 2,
                    "drop_kg": shares[node] * 200_000 * effort * 2,
                    "delivered_kg": 200_000 * (1 - shares[node] * effort * 2),
                }
                for effort in (0.25, 0.5)
                for rank, node in enumerate(order, 1)
            ]
        self.table = pd.DataFrame(rows)

    def displacement(
        self, node: str, *, effort: float, reaction: float, intervals: bool
    ) -> pd.DataFrame:
        """Everything through the node loses, what leaves the same sources elsewhere gains."""
        assert not intervals
        legs = self._legs[["from_node", "to_node"]].copy()
        touched = (legs["from_node"] == node) | (legs["to_node"] == node)
        legs["before_kg"] = self._legs["flow_kg"]
        gain = effort * reaction / 10 * legs["before_kg"]
        legs["change_kg"] = gain.where(~touched, -gain)
        legs["after_kg"] = legs["before_kg"] + legs["change_kg"]
        return legs


def synthetic_routes() -> pd.DataFrame:
    """Named routes in the layout of `opiateroutes.data.load_routes`."""
    return pd.DataFrame(
        [
            {"route": key, "family": family, "name": key, "nodes": nodes, "source": "s1"}
            for key, family, nodes in ROUTES
        ]
    )


def synthetic_fit() -> SyntheticFit:
    """About fifty places and eighty legs."""
    nodes = gpd.GeoDataFrame(
        {
            "name": [name for name, _, _ in PLACES.values()],
            "label": [SHORT.get(node, name) for node, (name, _, _) in PLACES.items()],
            "kind": "country",
            "iso3": list(PLACES),
        },
        geometry=[Point(lon, lat) for _, lat, lon in PLACES.values()],
        index=pd.Index(list(PLACES), name="node"),
        crs=4326,
    )
    legs = _legs()
    described = legs[["from_node", "to_node", "mode"]].copy()
    described["distance_km"] = [500.0 + 37 * place for place in range(len(legs))]
    described["crossings"] = [place % 4 for place in range(len(legs))]
    described["why"] = "shared land boundary with a crossing"
    described["source"] = "synthetic"
    geometry = gpd.GeoSeries([None] * len(legs), index=legs.index, crs=4326)
    network = SimpleNamespace(
        nodes=nodes,
        legs=gpd.GeoDataFrame(described, geometry=geometry),
        meta={"title": "Afghan opiate routes"},
    )
    return SyntheticFit(network, legs, _node_table(legs), _residuals(legs), _sources())


def hostile(fit: SyntheticFit, text: str) -> SyntheticFit:
    """Put one hostile text into every text field of a fit."""
    fit.network.nodes["name"] = text
    fit.network.nodes["label"] = text
    fit.network.legs["why"] = text
    fit.network.legs["source"] = text
    fit.legs["rests_on"] = text
    fit.legs["mode"] = text
    fit.nodes["name"] = text
    fit.nodes["rests_on"] = text
    for column in ("kind", "target", "edition", "confidence", "note"):
        fit.residuals[column] = text
    fit.residuals.index = [f"{text}{place}" for place in range(len(fit.residuals))]
    for column in ("title", "publisher", "terms"):
        fit.sources[column] = text
    fit.sources["url"] = "javascript:alert(1)"
    fit.unit = f"kg {text}"
    fit.provenance = {"note": text}
    return fit


def _legs() -> pd.DataFrame:
    rows = []
    for place, item in enumerate(TONNES.split()):
        pair, tonnes = item.split(":")
        start, end = pair.split("-")
        second = BOTH_MODES.get((start, end))
        for mode, share in (("land", 0.7), (second, 0.3)) if second else (("land", 1.0),):
            flow = float(tonnes) * 1000 * share
            evidence = place % 3 == 0 or float(tonnes) > 30
            rows.append(
                {
                    "leg": f"{start}-{end}-{mode}",
                    "from_node": start,
                    "to_node": end,
                    "mode": mode,
                    "flow_kg": flow,
                    "low_kg": flow * 0.6,
                    "high_kg": flow * 1.7,
                    "net_kg": flow * 0.9,
                    "leverage": 0.62 if evidence else 0.04,
                    "basis": "evidence" if evidence else "model",
                    "rests_on": f"seizure_{end}_2010; supply_AFG_2010" if evidence else "model",
                }
            )
    rows.append(
        {
            **rows[-1],
            "leg": "GBR-IRN-air",
            "from_node": "GBR",
            "to_node": "IRN",
            "mode": "air",
            "flow_kg": 0.0,
            "low_kg": 0.0,
            "high_kg": 0.0,
        }
    )
    return pd.DataFrame(rows).set_index("leg")


def _node_table(legs: pd.DataFrame) -> pd.DataFrame:
    into = legs.groupby("to_node")["flow_kg"].sum().reindex(list(PLACES), fill_value=0.0)
    out = legs.groupby("from_node")["flow_kg"].sum().reindex(list(PLACES), fill_value=0.0)
    throughput = pd.concat([into, out], axis=1).max(axis=1)
    table = pd.DataFrame(
        {"name": [name for name, _, _ in PLACES.values()]},
        index=pd.Index(list(PLACES), name="node"),
    )
    table["supply_kg"] = [380_000.0 if node == "AFG" else 0.0 for node in PLACES]
    table["throughput_kg"] = throughput
    table["throughput_low_kg"] = throughput * 0.7
    table["throughput_high_kg"] = throughput * 1.4
    table["consumption_kg"] = (into - out).clip(lower=0) * 0.8
    table["seizure_kg"] = into * 0.1
    table["unaccounted_kg"] = into * 0.02
    table["interception"] = [0.1 if node != "USA" else float("nan") for node in PLACES]
    table["interception_low"] = 0.06
    table["interception_high"] = 0.19
    table["leverage"] = 0.4
    table["rests_on"] = "seizures; demand"
    return table


def _residuals(legs: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for node in (
        "AFG",
        "IRN",
        "TUR",
        "PAK",
        "TJK",
        "KAZ",
        "RUS",
        "BGR",
        "DEU",
        "GBR",
        "ITA",
        "IND",
        "CHN",
    ):
        kind = "supply" if node == "AFG" else "seizure"
        concerned = legs.index[legs["to_node"] == node]
        rows.append(
            {
                "row": f"{kind}_{node}_2010",
                "kind": kind,
                "target": PLACES[node][0],
                "evidence_kg": 12_300.0,
                "low_kg": 9_000.0,
                "high_kg": 15_000.0,
                "estimate_kg": 12_100.0,
                "residual_sigmas": -0.3,
                "nodes": node,
                "legs": ";".join(concerned),
                "source": "s1" if node != "GBR" else "s2",
                "edition": "2012",
                "confidence": "high",
                "note": "synthetic figure",
            }
        )
    return pd.DataFrame(rows).set_index("row")


def _sources() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "source": "s1",
                "title": "Synthetic yearbook of seizures",
                "publisher": "Nobody",
                "year": 2012,
                "url": "https://example.org/yearbook",
                "terms": "none",
            },
            {
                "source": "s2",
                "title": "Synthetic household survey",
                "publisher": "Nobody",
                "year": 2011,
                "url": "",
                "terms": "none",
            },
        ]
    ).set_index("source")
