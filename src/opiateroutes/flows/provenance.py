"""Where a result comes from: version, options and a hash of every input."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from opiateroutes.evidence import Evidence
    from opiateroutes.network import RouteNetwork

__all__ = ["provenance_of", "sha256_of"]


def provenance_of(
    net: RouteNetwork, evidence: Evidence, costs: pd.Series, options: dict[str, Any]
) -> dict[str, Any]:
    """Collect version, year, options and hashes of the tables and costs of an estimate."""
    from importlib.metadata import version

    tables = {
        "nodes": net.nodes.drop(columns="geometry"),
        "legs": net.legs.drop(columns="geometry"),
        "costs": costs,
        "supply": evidence.supply,
        "demand": evidence.demand,
        "seizures": evidence.seizures,
        "flows": evidence.flows,
        "shares": evidence.shares,
        "interception": evidence.interception,
        "price_gaps": evidence.price_gaps,
        "priors": evidence.priors,
    }
    hashes = {name: sha256_of(table) for name, table in tables.items()}
    return {
        "package": f"opiateroutes {version('opiateroutes')}",
        "year": evidence.year,
        **options,
        "inputs_sha256": hashes,
    }


def sha256_of(table: pd.DataFrame | pd.Series) -> str:
    """Return the first 16 digits of the hash of a table as text."""
    return hashlib.sha256(table.to_csv(lineterminator="\n").encode()).hexdigest()[:16]
